//! Transactions: how much, how often, and what cancels them.

use super::{Asked, MOST, code, invalid, key, sized, sorts, with};
use crate::tables::{n, s};
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    primitives::Blob,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};
use tests::{http::fresh_key, operator::wait, threads};

pub(super) fn item_size_in_transaction(asked: &Asked) -> bool {
    asked.transact(vec![asked.to_put(sized("fits", MOST))]) == Ok(())
        && asked.transact(vec![asked.to_put(sized("large", MOST + 1))]) == invalid()
}

pub(super) fn items_of_transaction(asked: &Asked) -> bool {
    let items = |count: usize| (0..count).map(|n| asked.to_put(key(n.to_string()))).collect();
    asked.transact(items(100)) == Ok(()) && asked.transact(items(101)) == invalid()
}

/// Ten items of 360 KB: 3.6 MB, of text, of quotation marks that JSON escapes, and of bytes that it writes by three for four.
pub(super) fn transaction_size(asked: &Asked) -> bool {
    let kinds =
        [s("x".repeat(360_000)), s("\"".repeat(360_000)), AttributeValue::B(Blob::new(vec![7; 360_000]))];
    kinds.into_iter().all(|value| {
        let items = (0..10).map(|n| asked.to_put(with(key(n.to_string()), "a", value.clone())));
        asked.transact(items.collect()) == Ok(())
    })
}

pub(super) fn transaction_too_large(asked: &Asked) -> bool {
    let items = (0..11).map(|n| asked.to_put(with(key(n.to_string()), "a", s("x".repeat(400_000)))));
    asked.transact(items.collect()) == invalid()
}

pub(super) fn twice_in_transaction(asked: &Asked) -> bool {
    let check = ConditionCheck::builder().table_name(asked.name()).set_key(Some(key("s")));
    let check = check.condition_expression("attribute_not_exists(pk)").build().unwrap();
    let check = TransactWriteItem::builder().condition_check(check).build();
    [check, asked.add_one("s"), asked.to_put(key("s"))]
        .into_iter()
        .all(|second| asked.transact(vec![asked.to_put(key("s")), second]) == invalid())
        && asked.get(key("s")).is_none()
}

/// What a transaction was cancelled by, one item after the other.
fn cancelled(asked: &Asked, items: Vec<TransactWriteItem>) -> Vec<CancellationReason> {
    let sent = asked.client.transact_write_items().set_transact_items(Some(items)).send();
    let error = wait(sent).unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("{:?}", error.code())
    };
    cancelled.cancellation_reasons.unwrap_or_default()
}

pub(super) fn reasons(asked: &Asked) -> bool {
    let old = with(key("old"), "a", s("was"));
    asked.put(old.clone()).unwrap();
    let put = |sort: &str, returned: Option<ReturnValuesOnConditionCheckFailure>| {
        let put = Put::builder().table_name(asked.name()).set_item(Some(key(sort)));
        let put = put.condition_expression("attribute_not_exists(pk)");
        let put = put.set_return_values_on_condition_check_failure(returned).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let check = ConditionCheck::builder().table_name(asked.name()).set_key(Some(key("none")));
    let check = check.condition_expression("a = :a").expression_attribute_values(":a", s("x"));
    let returned = ReturnValuesOnConditionCheckFailure::AllOld;
    let check = check.return_values_on_condition_check_failure(returned.clone()).build().unwrap();
    let check = TransactWriteItem::builder().condition_check(check).build();
    let asked_for = cancelled(asked, vec![put("new", None), put("old", Some(returned)), check]);
    let not_asked_for = cancelled(asked, vec![put("old", None)]);
    let said: Vec<_> = asked_for.iter().map(|reason| (reason.code(), reason.item())).collect();
    let failed = Some("ConditionalCheckFailed");
    said == [(Some("None"), None), (failed, Some(&old)), (failed, None)]
        && not_asked_for.iter().map(|reason| (reason.code(), reason.item())).eq([(failed, None)])
}

pub(super) fn all_or_nothing(asked: &Asked) -> bool {
    asked.put(key("deleted")).unwrap();
    let delete = Delete::builder().table_name(asked.name()).set_key(Some(key("deleted"))).build().unwrap();
    let update = Update::builder().table_name(asked.name()).set_key(Some(key("none")));
    let update = update.update_expression("SET a = :a").condition_expression("attribute_exists(pk)");
    let update = update.expression_attribute_values(":a", s("x")).build().unwrap();
    let items = vec![
        TransactWriteItem::builder().delete(delete).build(),
        asked.to_put(key("put")),
        asked.add_one("counted"),
        TransactWriteItem::builder().update(update).build(),
    ];
    let codes: Vec<_> = cancelled(asked, items).iter().map(|reason| reason.code.clone().unwrap()).collect();
    codes == ["None", "None", "None", "ConditionalCheckFailed"]
        && sorts(&wait(asked.all().send()).unwrap()) == ["deleted"]
}

pub(super) fn delete_nothing(asked: &Asked) -> bool {
    let delete = Delete::builder().table_name(asked.name()).set_key(Some(key("none"))).build().unwrap();
    asked.transact(vec![TransactWriteItem::builder().delete(delete).build()]) == Ok(())
}

pub(super) fn token(asked: &Asked) -> bool {
    let token = fresh_key()[..36].to_owned();
    let done = (0..3).all(|_| {
        let sent = asked.client.transact_write_items().client_request_token(&token);
        wait(sent.transact_items(asked.add_one("s")).send()).is_ok()
    });
    done && asked.get(key("s")).unwrap()["n"] == n(1)
}

pub(super) fn other_token(asked: &Asked) -> bool {
    let token = fresh_key()[..36].to_owned();
    let sent = |sort: &str| {
        let sent = asked.client.transact_write_items().client_request_token(&token);
        wait(sent.transact_items(asked.add_one(sort)).send()).map_err(|error| code(&error))
    };
    sent("s").is_ok()
        && sent("t").is_err_and(|code| code == "IdempotentParameterMismatchException")
        && asked.get(key("t")).is_none()
}

/// Adds one to a counter in twenty transactions at once: how many were done, and how many cancelled by another.
fn count_at_once(asked: &Asked, sort: &str) -> (usize, usize) {
    let ended = threads::at_once(vec![(); 20], |()| {
        let sent = asked.client.transact_write_items().transact_items(asked.add_one(sort)).send();
        match wait(sent).map_err(SdkError::into_service_error) {
            Ok(_) => true,
            Err(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let by = cancelled.cancellation_reasons().first().and_then(CancellationReason::code);
                assert_eq!(by, Some("TransactionConflict"));
                false
            }
            Err(other) => panic!("{:?}", other.code()),
        }
    });
    let done = ended.iter().filter(|done| **done).count();
    (done, ended.len() - done)
}

pub(super) fn done_or_cancelled(asked: &Asked) -> bool {
    let (done, _) = count_at_once(asked, "s");
    done > 0 && asked.get(key("s")).unwrap()["n"] == n(done)
}

pub(super) fn collide(asked: &Asked) -> bool {
    // Where they can, it is chance, and of so many some do.
    (0..10).any(|round| count_at_once(asked, &round.to_string()).1 > 0)
}
