//! A row of the access log as the bytes that a seal covers.
//!
//! The bytes are made of the whole item, so that no attribute of it can be changed, added or removed unseen, whether
//! or not this version of the program knows it.

use super::Hour;
use crate::{Failure, dynamodb_items::Item};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;

/// A row of the access log, with only what sealing needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The random end of its sort key.
    pub id: String,
    /// The hour that the row is indexed by, if it has one.
    pub hour: Option<Hour>,
    /// The time that the row gives for the look.
    pub at: Option<Timestamp>,
    /// The whole item, in the one form that [`Entry::of`] describes.
    pub bytes: Vec<u8>,
}

impl Entry {
    /// Makes the entry of a row.
    ///
    /// Its bytes are a map's. Every value begins with a letter for its type. A text, a number and a binary value follow
    /// as their length in eight bytes, most significant first, and their bytes; a Boolean and null are two letters and one.
    /// A list is the number of its values and the values in their order; a map the number of its attributes and, in the order
    /// of their names' bytes, each name as a text and its value; a set the number of its members and, in the order of their
    /// bytes, each with its length. Hence two items have the same bytes only when they are the same item.
    ///
    /// # Errors
    /// When the row has no key, or a value of a type that DynamoDB did not have yet.
    pub fn of(item: &Item) -> Result<Self, Failure> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let mut bytes = Vec::new();
        map(item, &mut bytes)?;
        Ok(Self {
            id: text("sk")
                .and_then(|sk| sk.rsplit('#').next())
                .ok_or(Failure::Bug("access without an id"))?
                .to_owned(),
            hour: text("hour").and_then(|key| Hour::of_index_key(key)),
            at: text("at").and_then(|at| at.parse().ok()),
            bytes,
        })
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's enum may grow, and its own unknown variant is private"
)]
fn value(value: &AttributeValue, to: &mut Vec<u8>) -> Result<(), Failure> {
    match value {
        AttributeValue::S(text) => sized(b's', text.as_bytes(), to),
        AttributeValue::N(number) => sized(b'n', number.as_bytes(), to),
        AttributeValue::B(blob) => sized(b'b', blob.as_ref(), to),
        AttributeValue::Bool(yes) => to.push(if *yes { b't' } else { b'f' }),
        AttributeValue::Null(_) => to.push(b'0'),
        AttributeValue::L(values) => {
            to.push(b'l');
            length(values.len(), to);
            for one in values {
                self::value(one, to)?;
            }
        }
        AttributeValue::M(attributes) => map(attributes, to)?,
        AttributeValue::Ss(texts) => set(b'S', texts.iter().map(String::as_bytes), to),
        AttributeValue::Ns(numbers) => set(b'N', numbers.iter().map(String::as_bytes), to),
        AttributeValue::Bs(blobs) => set(b'B', blobs.iter().map(AsRef::as_ref), to),
        // The enum may grow. What cannot be told apart must not be sealed.
        _ => return Err(Failure::Bug("value of an unknown type")),
    }
    Ok(())
}

fn map(attributes: &HashMap<String, AttributeValue>, to: &mut Vec<u8>) -> Result<(), Failure> {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| name.as_bytes());
    to.push(b'm');
    length(sorted.len(), to);
    for (name, one) in sorted {
        sized(b's', name.as_bytes(), to);
        value(one, to)?;
    }
    Ok(())
}

fn set<'a>(letter: u8, members: impl Iterator<Item = &'a [u8]>, to: &mut Vec<u8>) {
    let mut sorted: Vec<&[u8]> = members.collect();
    sorted.sort_unstable();
    to.push(letter);
    length(sorted.len(), to);
    for member in sorted {
        length(member.len(), to);
        to.extend_from_slice(member);
    }
}

fn sized(letter: u8, bytes: &[u8], to: &mut Vec<u8>) {
    to.push(letter);
    length(bytes.len(), to);
    to.extend_from_slice(bytes);
}

fn length(length: usize, to: &mut Vec<u8>) {
    // A usize has at most 64 bits.
    to.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::primitives::Blob;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    fn bytes(value: &AttributeValue) -> Vec<u8> {
        let mut bytes = Vec::new();
        super::value(value, &mut bytes).unwrap();
        bytes
    }

    /// The form is fixed: with another, no entry that was ever sealed could be proved again.
    #[test]
    fn the_form_is_what_it_always_was() {
        let item = Item::from([
            ("sk".to_owned(), text("B")),
            ("list".to_owned(), AttributeValue::L(vec![AttributeValue::N("7".into()), text("é")])),
            ("flags".to_owned(), AttributeValue::Ss(vec!["y".into(), "x".into()])),
            ("no".to_owned(), AttributeValue::Bool(false)),
            ("none".to_owned(), AttributeValue::Null(true)),
            ("blob".to_owned(), AttributeValue::B(Blob::new([0, 255]))),
        ]);
        let expected = [
            "6d0000000000000006",
            "730000000000000004626c6f62",   // blob
            "62000000000000000200ff",       // 00 ff
            "730000000000000005666c616773", // flags
            "530000000000000002000000000000000178000000000000000179",
            "7300000000000000046c697374", // list
            "6c00000000000000026e000000000000000137730000000000000002c3a9",
            "7300000000000000026e6f66",     // no: false
            "7300000000000000046e6f6e6530", // none: null
            "730000000000000002736b",       // sk
            "73000000000000000142",
        ];
        assert_eq!(HEXLOWER.encode(&Entry::of(&item).unwrap().bytes), expected.concat());
    }

    #[test]
    fn a_row_without_a_sound_hour_or_time_is_an_entry_all_the_same() {
        let mut item = Item::from([("pk".to_owned(), text("P")), ("sk".to_owned(), text("S"))]);
        assert_eq!(Entry::of(&item).unwrap().hour, None);
        item.insert("hour".into(), text("2026-11-23T21#S"));
        item.insert("at".into(), text("2026-11-23T21:22:23Z"));
        let entry = Entry::of(&item).unwrap();
        assert_eq!((entry.hour, entry.at.map(Hour::of)), (Hour::parse("2026-11-23T21"), entry.hour));
        item.insert("hour".into(), AttributeValue::N("3".into()));
        item.insert("at".into(), text("yesterday"));
        let entry = Entry::of(&item).unwrap();
        assert_eq!((entry.hour, entry.at, entry.id.as_str()), (None, None, "S"));
        item.remove("sk");
        assert!(matches!(Entry::of(&item), Err(Failure::Bug(_))));
    }

    /// Any value, with texts of few letters so that ambiguities would meet.
    fn values() -> impl Strategy<Value = AttributeValue> {
        let word = "[smnl0\0\u{1}]{0,3}";
        let leaf = prop_oneof![
            word.prop_map(AttributeValue::S),
            word.prop_map(AttributeValue::N),
            word.prop_map(|text| AttributeValue::B(Blob::new(text))),
            any::<bool>().prop_map(AttributeValue::Bool),
            Just(AttributeValue::Null(true)),
            proptest::collection::btree_set(word, 1..3)
                .prop_map(|set| AttributeValue::Ss(set.into_iter().collect())),
            proptest::collection::btree_set(word, 1..3)
                .prop_map(|set| AttributeValue::Ns(set.into_iter().collect())),
        ];
        leaf.prop_recursive(3, 12, 3, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
                proptest::collection::hash_map(word, inner, 0..3).prop_map(AttributeValue::M),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn two_values_have_the_same_bytes_only_when_they_are_the_same(one in values(), other in values()) {
            prop_assert_eq!(one == other, bytes(&one) == bytes(&other));
            prop_assert_eq!(bytes(&one), bytes(&one.clone()));
        }
    }
}
