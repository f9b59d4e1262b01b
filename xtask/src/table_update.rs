//! What CloudFormation refuses to do to a table when it updates a stack to another template. The local engine does all of it.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use yaml_serde::Value;

/// The changes of tables between two templates that an update in place cannot make, each as a sentence.
///
/// A table's name and key cannot be changed, and neither can an index; an update creates or deletes one index of a table at most
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>).
pub(crate) fn refused(before: &str, after: &str) -> Result<Vec<String>> {
    let (before, after) = (tables(before)?, tables(after)?);
    let mut refused = Vec::new();
    for (name, earlier) in &before {
        let Some(table) = after.get(name) else {
            refused.push(format!("{name}: the table stays, and the stack forgets it"));
            continue;
        };
        for property in ["TableName", "KeySchema"] {
            if table[property] != earlier[property] {
                refused.push(format!("{name}: {property} of a table cannot be changed"));
            }
        }
        let (earlier, indexes) = (indexes(earlier), indexes(table));
        for (index, form) in &indexes {
            if earlier.get(index).is_some_and(|earlier| earlier != form) {
                refused
                    .push(format!("{name}: the index {index} cannot be changed; make one of another name"));
            }
        }
        let made = indexes.keys().filter(|index| !earlier.contains_key(*index));
        let deleted = earlier.keys().filter(|index| !indexes.contains_key(*index));
        let changed: Vec<_> = made.chain(deleted).map(String::as_str).collect();
        if changed.len() > 1 {
            let changed = changed.join(", ");
            refused
                .push(format!("{name}: an update makes or deletes one index, and these are more: {changed}"));
        }
    }
    Ok(refused)
}

/// The indexes that an update makes, each with its table. CloudFormation does not wait until they are built.
pub(crate) fn made(before: &str, after: &str) -> Result<Vec<String>> {
    let (before, after) = (tables(before)?, tables(after)?);
    let mut made = Vec::new();
    for (name, table) in &after {
        let Some(earlier) = before.get(name).map(indexes) else { continue };
        let of_table = indexes(table).into_keys().filter(|index| !earlier.contains_key(index));
        made.extend(of_table.map(|index| format!("{index} of {name}")));
    }
    Ok(made)
}

/// The properties of every table of a template, by its name there.
fn tables(template: &str) -> Result<BTreeMap<String, Value>> {
    let template: Value = yaml_serde::from_str(template).context("the template is no YAML")?;
    let resources = template["Resources"].as_mapping().context("the template has no resources")?;
    let tables = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::DynamoDB::Table");
    Ok(tables
        .filter_map(|(name, table)| Some((name.as_str()?.to_owned(), table["Properties"].clone())))
        .collect())
}

fn indexes(table: &Value) -> BTreeMap<String, &Value> {
    let indexes = table["GlobalSecondaryIndexes"].as_sequence().into_iter().flatten();
    indexes.filter_map(|index| Some((index["IndexName"].as_str()?.to_owned(), index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(key: &str, indexes: &[(&str, &str)]) -> String {
        let index =
            |(name, projection): &(&str, &str)| format!("{{IndexName: {name}, Projection: {projection}}}");
        let indexes: Vec<_> = indexes.iter().map(index).collect();
        format!(
            "Resources: {{T: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: !Sub x, KeySchema: {key}, \
             GlobalSecondaryIndexes: [{}]}}}}}}",
            indexes.join(", ")
        )
    }

    #[test]
    fn an_update_may_make_or_delete_one_index_of_a_table() {
        let one = template("a", &[("desk", "ALL")]);
        for other in [one.clone(), template("a", &[]), template("a", &[("desk", "ALL"), ("near", "ALL")])] {
            assert_eq!(refused(&one, &other).unwrap(), [""; 0]);
        }
        assert_eq!(refused("Resources: {}", &template("a", &[("b", "ALL"), ("c", "ALL")])).unwrap(), [""; 0]);
        let two = template("a", &[("desk", "ALL"), ("near", "ALL")]);
        assert_eq!(made(&one, &two).unwrap(), ["near of T"]);
        // A table that is new is there when its functions are.
        assert_eq!(
            (made(&two, &one).unwrap(), made("Resources: {}", &two).unwrap()),
            (Vec::new(), Vec::new())
        );
    }

    #[test]
    fn what_no_update_can_do_is_named() {
        let before = template("a", &[("desk", "ALL")]);
        let named = |after: String| refused(&before, &after).unwrap().join("\n");
        assert_eq!(named(template("b", &[("desk", "ALL")])), "T: KeySchema of a table cannot be changed");
        let changed = named(template("a", &[("desk", "KEYS_ONLY")]));
        assert_eq!(changed, "T: the index desk cannot be changed; make one of another name");
        let many = named(template("a", &[("near", "ALL")]));
        assert_eq!(many, "T: an update makes or deletes one index, and these are more: near, desk");
        let gone = named("Resources: {}".to_owned());
        assert_eq!(gone, "T: the table stays, and the stack forgets it");
    }
}
