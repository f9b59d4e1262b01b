//! JSON of which no object repeats a name.
//!
//! What a repeated name means depends on the reader: one takes the first value, another the last. Whoever sends `private` and
//! `public` at once would be understood differently by a channel, by a log and here, so it is no JSON that we take.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a text as JSON; `None` when it is none, or repeats a name anywhere.
///
/// serde_json refuses nesting deeper than 128, so that no text can exhaust the stack.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().map(|Unique(value)| value)
}

/// A value that is built while it is parsed: names are compared as they are meant, whatever escapes they are written with.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Builder).map(Self)
    }
}

struct Builder;

impl<'de> Visitor<'de> for Builder {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some((name, Unique(value))) = object.next_entry::<String, Unique>()? {
            if values.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"privacy":"private","privacy":"public"}"#)]
    #[case(r#"{"privacy":"private","privacy":"private"}"#)]
    #[case(r#"{"privacy":"private","\u0070rivacy":"public"}"#)]
    #[case(r#"{"privacy":"private","a":[{}],"p\u0072ivac\u0079":null}"#)]
    #[case(r#"{"":1,"":2}"#)]
    #[case(r#"{"\ud83d\ude00":1,"😀":2}"#)]
    #[case(r#"{"location":{"lat":1,"lon":2,"lat":3}}"#)]
    #[case(r#"{"photos":[{"size":1},{"size":1,"size":2}]}"#)]
    #[case(r#"[[[{"a":[{"b":0,"b":{}}]}]]]"#)]
    fn a_name_that_an_object_repeats_is_no_json_of_ours(#[case] text: &str) {
        assert!(serde_json::from_str::<Value>(text).is_ok());
        assert_eq!(read(text.as_bytes()), None);
    }

    #[rstest]
    #[case(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#)]
    #[case(r#"{"privacy":"private","Privacy":"public"}"#)]
    fn the_same_name_in_another_object_repeats_none(#[case] text: &str) {
        assert_eq!(read(text.as_bytes()), serde_json::from_str(text).ok());
    }

    /// Any text that is nearly JSON.
    fn texts() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"\\u0061\"",
            "1",
            "-0",
            "1.5e300",
            "1e999",
            "null",
            "true",
            " ",
            "9007199254740993",
            "18446744073709551616",
            "\"\\ud800\"",
        ]);
        prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
    }

    /// Values of few names, so that they meet.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e300..1e300_f64).prop_map(Value::from),
            "[ab\"\\\\\u{1f600}]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[ab]{0,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn other_json_is_read_as_serde_json_reads_it(value in values(), text in texts()) {
            let value = value.to_string();
            prop_assert_eq!(read(value.as_bytes()), serde_json::from_str(&value).ok());
            // What is read has the value that serde_json gives it, and what serde_json refuses is refused.
            if let Some(found) = read(text.as_bytes()) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(found));
            }
        }
    }
}
