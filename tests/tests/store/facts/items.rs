//! Items: what may be in one, and what a single write does.

use super::{Asked, MOST, code, invalid, is_invalid, key, sized, with};
use crate::tables::{n, s};
use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    operation::update_item::UpdateItemError,
    types::{
        AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
        TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use tests::operator::wait;

pub(super) fn reserved_words(asked: &Asked) -> bool {
    // Those of the store's attributes that are.
    ["count", "state", "open", "hour", "unit", "Status"].into_iter().all(|word| {
        let get = asked.client.get_item().table_name(asked.name()).set_key(Some(key("s")));
        let plain = wait(get.clone().projection_expression(word).send());
        let named = get.projection_expression("#word").expression_attribute_names("#word", word);
        is_invalid(&plain) && wait(named.send()).is_ok()
    })
}

pub(super) fn unused(asked: &Asked) -> bool {
    let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key("s")));
    let update = update.update_expression("SET a = :a").expression_attribute_values(":a", s("x"));
    let value = wait(update.clone().expression_attribute_values(":b", s("x")).send());
    let name = wait(update.clone().expression_attribute_names("#b", "b").send());
    is_invalid(&value) && is_invalid(&name) && wait(update.send()).is_ok()
}

pub(super) fn empty_texts(asked: &Asked) -> bool {
    let kept = asked.put(with(key("s"), "a", s(""))) == Ok(()) && asked.get(key("s")).unwrap()["a"] == s("");
    let on_no_desk = with(with(key("i"), "desk", s("")), "desk_order", s("x"));
    kept && asked.put(key("")) == invalid() && asked.put(on_no_desk) == invalid()
}

pub(super) fn empty_sets(asked: &Asked) -> bool {
    asked.put(with(key("s"), "a", AttributeValue::Ss(Vec::new()))) == invalid()
}

pub(super) fn index_key_types(asked: &Asked) -> bool {
    asked.put(with(with(key("s"), "desk", n(1)), "desk_order", s("x"))) == invalid()
}

pub(super) fn item_size(asked: &Asked) -> bool {
    asked.put(sized("fits", MOST)) == Ok(()) && asked.put(sized("large", MOST + 1)) == invalid()
}

pub(super) fn sort_key_size(asked: &Asked) -> bool {
    asked.put(key("x".repeat(1024))) == Ok(()) && asked.put(key("x".repeat(1025))) == invalid()
}

pub(super) fn nesting(asked: &Asked) -> bool {
    let deep = |levels: usize| {
        (1..levels).fold(s("x"), |inner, _| AttributeValue::M([("a".to_owned(), inner)].into()))
    };
    asked.put(with(key("s"), "a", deep(32))) == Ok(())
        && asked.put(with(key("t"), "a", deep(34))) == invalid()
}

pub(super) fn old_item(asked: &Asked) -> bool {
    let old = with(key("s"), "a", s("was"));
    asked.put(old.clone()).unwrap();
    let failed = |sort: &str, returned| {
        let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key(sort)));
        let update = update.update_expression("SET a = :a").condition_expression("a = :a");
        let update = update.expression_attribute_values(":a", s("x"));
        let sent = wait(update.set_return_values_on_condition_check_failure(returned).send());
        let error = sent.unwrap_err().into_service_error();
        let UpdateItemError::ConditionalCheckFailedException(failed) = error else {
            panic!("{:?}", error.code())
        };
        failed.item
    };
    let returned = Some(ReturnValuesOnConditionCheckFailure::AllOld);
    failed("s", returned.clone()) == Some(old)
        && failed("s", None).is_none()
        && failed("none", returned).is_none()
        && asked.get(key("none")).is_none()
}

pub(super) fn numbers(asked: &Asked) -> bool {
    [
        ("-6.0", "-6"),
        ("1e2", "100"),
        ("0.10", "0.1"),
        ("-0.0", "0"),
        ("007", "7"),
        ("106.8271536", "106.8271536"),
        ("1E-7", "0.0000001"),
        ("-6.1753924e0", "-6.1753924"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    ]
    .into_iter()
    .all(|(given, kept)| {
        asked.put(with(key("s"), "n", n(given))) == Ok(()) && asked.get(key("s")).unwrap()["n"] == n(kept)
    })
}

pub(super) fn refused_numbers(asked: &Asked) -> bool {
    let refused = ["123456789012345678901234567890123456789", "1E126", "1E-131", "1e-300", "NaN", "0x1", ""];
    let taken = ["9.9999999999999999999999999999999999999E+125", "1E-130"];
    refused.into_iter().all(|number| asked.put(with(key("s"), "n", n(number))) == invalid())
        && taken.into_iter().all(|number| asked.put(with(key("s"), "n", n(number))) == Ok(()))
}

pub(super) fn updated(asked: &Asked) -> bool {
    asked.put(with(key("s"), "other", s("x"))).unwrap();
    let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key("s")));
    let update = update.update_expression("ADD #count :one SET expires_at = :at");
    let update =
        update.expression_attribute_names("#count", "count").expression_attribute_values(":one", n(1));
    let update = update.expression_attribute_values(":at", n(5)).return_values(ReturnValue::UpdatedNew);
    let given = wait(update.send()).unwrap().attributes;
    given == Some([("count".to_owned(), n(1)), ("expires_at".to_owned(), n(5))].into())
}

pub(super) fn expiry(asked: &Asked) -> bool {
    let on = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build().unwrap();
    let switch = || {
        let switched = asked.client.update_time_to_live().table_name(asked.name());
        wait(switched.time_to_live_specification(on.clone()).send()).map(drop).map_err(|error| code(&error))
    };
    let first = switch();
    let found = wait(asked.client.describe_time_to_live().table_name(asked.name()).send()).unwrap();
    let found = found.time_to_live_description.unwrap();
    let states = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling].map(Some);
    let is_on = states.contains(&found.time_to_live_status);
    let again = switch();
    first == Ok(()) && is_on && found.attribute_name() == Some("expires_at") && again == invalid()
}

pub(super) fn consumed(asked: &Asked) -> bool {
    let total = ReturnConsumedCapacity::Total;
    let put = asked.client.put_item().table_name(asked.name()).set_item(Some(sized("s", 1500)));
    let put = wait(put.return_consumed_capacity(total.clone()).send()).unwrap();
    let transaction = asked.client.transact_write_items().transact_items(asked.to_put(sized("t", 1500)));
    let transaction = wait(transaction.return_consumed_capacity(total.clone()).send()).unwrap();
    let get = |consistent| {
        let get = asked.client.get_item().table_name(asked.name()).set_key(Some(key("s")));
        let got = wait(get.consistent_read(consistent).return_consumed_capacity(total.clone()).send());
        got.unwrap().consumed_capacity.and_then(|consumed| consumed.capacity_units)
    };
    let put = put.consumed_capacity.and_then(|consumed| consumed.capacity_units);
    let transaction = transaction.consumed_capacity().first().and_then(|consumed| consumed.capacity_units);
    (put, transaction) == (Some(2.0), Some(4.0)) && (get(true), get(false)) == (Some(1.0), Some(0.5))
}
