//! Items as DynamoDB writes them in JSON.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::collections::HashMap;

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// An item in JSON, its numbers as the table keeps them: `-6.0` comes back as `-6`.
#[must_use]
pub fn json_of(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), value_in_json(value))).collect())
}

fn value_in_json(value: &AttributeValue) -> Value {
    if let AttributeValue::N(number) = value {
        let whole = number.strip_suffix(".0").unwrap_or(number);
        return json!({"N": if whole == "-0" { "0" } else { whole }});
    }
    if let AttributeValue::M(fields) = value {
        return json!({"M": json_of(fields)});
    }
    if let AttributeValue::L(values) = value {
        return json!({"L": values.iter().map(value_in_json).collect::<Vec<_>>()});
    }
    if let AttributeValue::B(bytes) = value {
        return json!({"B": BASE64.encode(bytes.as_ref())});
    }
    if let AttributeValue::Bool(yes) = value {
        return json!({"BOOL": yes});
    }
    if value.is_null() {
        return json!({"NULL": true});
    }
    json!({"S": value.as_s().expect("sets are not stored")})
}

/// The item that stands in the JSON.
#[must_use]
pub fn item_of(json: &Value) -> Item {
    let fields = json.as_object().expect("an item");
    fields.iter().map(|(name, value)| (name.clone(), value_of(value))).collect()
}

fn value_of(json: &Value) -> AttributeValue {
    let (name, value) = json.as_object().and_then(|value| value.iter().next()).expect("a type and a value");
    let text = || value.as_str().expect("a text").to_owned();
    match name.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "B" => AttributeValue::B(Blob::new(BASE64.decode(text().as_bytes()).expect("base64"))),
        "BOOL" => AttributeValue::Bool(value.as_bool().expect("true or false")),
        "M" => AttributeValue::M(item_of(value)),
        "L" => AttributeValue::L(value.as_array().expect("a list").iter().map(value_of).collect()),
        other => panic!("nothing is stored as {other}"),
    }
}
