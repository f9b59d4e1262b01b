//! All that the tests had the stack store is kept as a stored form, so that a later version is seen to read it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use stored_forms::{NEW_DIRECTORY, json_of, kind_of, not_kept};
use tests::{operator::tables, stack::stack};

#[test]
fn every_attribute_in_every_table_is_in_the_newest_stored_forms() {
    let mut by_kind: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (table, items) in tables() {
        let table = table.trim_start_matches(&format!("{}-", stack().name));
        for item in items {
            by_kind.entry(kind_of(table, &item)).or_default().push(json_of(&item));
        }
    }
    assert!(by_kind.len() >= 15, "only {:?} are stored", by_kind.keys());
    let missing = by_kind.iter().map(|(kind, items)| (kind, not_kept(kind, items)));
    let missing: BTreeMap<&String, BTreeSet<String>> =
        missing.filter(|(_, paths)| !paths.is_empty()).collect();
    assert!(missing.is_empty(), "{missing:#?}\n{NEW_DIRECTORY}");
}
