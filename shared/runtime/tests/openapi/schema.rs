//! As much of JSON Schema as the document uses.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The schema itself, where it is a reference.
pub(crate) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => match schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([one, null]) if is(null, "null") => resolved(document, one),
            _ => schema,
        },
    }
}

/// Whether a value may be of this type.
pub(crate) fn is(schema: &Value, name: &str) -> bool {
    schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.contains(&name.into()))
}

/// Whether the value is what the schema says and has no field that it does not name.
pub(crate) fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    part_fits(document, schema, value)?;
    Ok(())
}

/// The fields that the schema names, where the value fits.
fn part_fits<'a>(document: &'a Value, schema: &'a Value, value: &Value) -> Result<BTreeSet<&'a str>, String> {
    let known = loose_fit(document, schema, value)?;
    if let Some(fields) = value.as_object()
        && !known.contains("*")
        && let Some(unknown) = fields.keys().find(|field| !known.contains(field.as_str()))
    {
        return Err(format!("{unknown} is in no schema"));
    }
    Ok(known)
}

fn loose_fit<'a>(document: &'a Value, schema: &'a Value, value: &Value) -> Result<BTreeSet<&'a str>, String> {
    let schema = resolved(document, schema);
    let mut known = BTreeSet::new();
    let list = |name: &str| schema.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for part in list("allOf") {
        known.extend(loose_fit(document, part, value)?);
    }
    for of in ["oneOf", "anyOf"] {
        if !list(of).is_empty() {
            let fitting = list(of).iter().find_map(|part| part_fits(document, part, value).ok());
            known.extend(fitting.ok_or_else(|| format!("{value} fits none"))?);
        }
    }
    let one = schema.get("type").and_then(Value::as_str);
    let types: Vec<&str> = one.into_iter().chain(list("type").iter().filter_map(Value::as_str)).collect();
    let is = |name: &&str| match *name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    if !types.is_empty() && !types.iter().any(is) {
        return Err(format!("{value} is not {types:?}"));
    }
    if !list("enum").is_empty() && !list("enum").contains(value) {
        return Err(format!("{value} is not listed"));
    }
    for field in list("required").iter().filter_map(Value::as_str) {
        if value.get(field).is_none() {
            return Err(format!("{field} is missing"));
        }
    }
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        known.insert(name);
        if let Some(value) = value.get(name) {
            part_fits(document, property, value).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    if let Some(rest) = schema.get("additionalProperties").filter(|rest| rest.is_object()) {
        known.insert("*");
        let others =
            value.as_object().into_iter().flatten().filter(|(name, _)| !properties.contains_key(*name));
        for (_, value) in others {
            part_fits(document, rest, value)?;
        }
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for value in values {
            part_fits(document, items, value)?;
        }
    }
    Ok(known)
}
