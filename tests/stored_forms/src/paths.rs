//! The paths of a stored form, and what kind of form an item is.

use crate::Item;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Each value of a form with the path that leads to it: `visible.M.release.M.at.S`. Of what is empty, the path to it.
pub(crate) fn leaves(form: &Value) -> BTreeMap<String, Value> {
    let inner: Vec<(String, &Value)> = match form {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(values) => {
            values.iter().enumerate().map(|(place, value)| (format!("[{place}]"), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    if inner.is_empty() {
        return BTreeMap::from([(String::new(), form.clone())]);
    }
    let below = |(name, value): (String, &Value)| {
        let join = move |(path, value): (String, Value)| {
            (if path.is_empty() { name.clone() } else { format!("{name}.{path}") }, value)
        };
        leaves(value).into_iter().map(join)
    };
    inner.into_iter().flat_map(below).collect()
}

/// Groups in which each name is a unit or a desk.
const BY_UNIT: [&str; 2] = ["left_as", "notes"];

/// A path without what differs from one form to the next: places in lists, units and desks, and names that are ids. These have no small
/// letters, and are longer than the names of DynamoDB's types.
pub(crate) fn general(path: &str) -> String {
    let is_id = |name: &str| name.len() > 4 && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let names: Vec<&str> = path.split('.').collect();
    let part = |(place, name): (usize, &&str)| match (*name, names.get(..place)) {
        (_, Some([.., group, "M"])) if BY_UNIT.contains(group) => "*".to_owned(),
        (name, _) if name.starts_with('[') => "[]".to_owned(),
        (name, _) if is_id(name) => "*".to_owned(),
        (name, _) => name.to_owned(),
    };
    names.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
}

/// The general paths of all parts of a form, of groups too.
pub(crate) fn nodes(form: &Value) -> BTreeSet<String> {
    let with_those_above = |path: String| {
        let path = general(&path);
        let ends: Vec<usize> = path.match_indices('.').map(|(end, _)| end).chain([path.len()]).collect();
        ends.into_iter().map(move |end| path[..end].to_owned())
    };
    leaves(form).into_keys().flat_map(with_those_above).collect()
}

/// The kind of an item: its table, without the stack's name, and what its key says of it.
#[must_use]
pub fn kind_of(table: &str, item: &Item) -> String {
    let key = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
    let parts: Vec<&str> = key("pk").split('#').collect();
    let kind = match (table, &parts[..]) {
        ("reports", _) => key("sk").split('#').next().unwrap_or_default(),
        ("registry", ["city", whole]) => whole,
        ("registry" | "city", [kind, ..]) => kind,
        ("map", ["current"]) => "current",
        ("map", [_, "below", _]) => "below",
        ("map", [_, column, _]) if column.parse::<i32>().is_ok() => "cell",
        ("map", _) => "file",
        ("accesses", _) => "look",
        ("quotas", _) => "count",
        ("vault", _) => "row",
        _ => "unknown",
    };
    format!("{table}/{kind}")
}
