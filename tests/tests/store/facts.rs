//! What the store takes for granted of DynamoDB, asked of the engine itself.
//!
//! AWS's documentation is the truth. Where an engine does otherwise it stands in [`DEVIATIONS`], and the test fails as soon as it
//! does no longer. What each means for Tuntas is in docs/adr/0013.

use crate::{
    endpoint::{Engine, client, engine},
    tables::{Item, Table, n, s},
};
use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        query::{QueryOutput, builders::QueryFluentBuilder},
        transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    primitives::Blob,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValue,
        ReturnValuesOnConditionCheckFailure, Select, TimeToLiveSpecification, TimeToLiveStatus,
        TransactWriteItem, Update,
    },
};
use tests::{http::fresh_key, operator::wait, threads};

/// A rule that AWS documents, and whether it holds here.
struct Fact {
    says: &'static str,
    holds: fn(&Asked) -> bool,
}

/// Which rules an engine is known not to keep.
const DEVIATIONS: &[(Engine, &str)] = &[
    (Engine::MiniStack, "a transaction may have 4 MB of items, however they are written"),
    (Engine::MiniStack, "an index refuses to be asked for whole items that it does not carry"),
    (Engine::MiniStack, "a start that is more than a key is refused"),
    (Engine::MiniStack, "transactions on one item at once collide"),
    (Engine::Dynoxide, "transactions on one item at once collide"),
    (Engine::MiniStack, "expiry is switched on once"),
    (Engine::Dynoxide, "expiry is switched on once"),
];

const FACTS: &[Fact] = &[
    Fact { says: "a reserved word in an expression is refused", holds: reserved_words },
    Fact { says: "names and values that no expression uses are refused", holds: unused },
    Fact { says: "a text may be empty, a key may not", holds: empty_texts },
    Fact { says: "an empty set is refused", holds: empty_sets },
    Fact { says: "a key of an index has its type", holds: index_key_types },
    Fact { says: "an item may have 400 KB, its names counted, and no byte more", holds: item_size },
    Fact {
        says: "an item of a transaction may have 400 KB and no byte more",
        holds: item_size_in_transaction,
    },
    Fact { says: "a sort key may have 1,024 bytes and no more", holds: sort_key_size },
    Fact { says: "a value may lie 32 levels deep and no deeper", holds: nesting },
    Fact { says: "a transaction may have 100 items and no more", holds: items_of_transaction },
    Fact { says: "a transaction may have 4 MB of items, however they are written", holds: transaction_size },
    Fact { says: "a transaction of more than 4 MB is refused", holds: transaction_too_large },
    Fact { says: "two operations of a transaction on one item are refused", holds: twice_in_transaction },
    Fact {
        says: "a cancelled transaction has a reason for each item, with the old one where it was asked for",
        holds: reasons,
    },
    Fact {
        says: "a condition of a deletion or an update that fails leaves the rest undone",
        holds: all_or_nothing,
    },
    Fact { says: "a transaction may delete what is not there", holds: delete_nothing },
    Fact { says: "a transaction under the token of an earlier one is done once", holds: token },
    Fact { says: "another transaction under the same token is refused", holds: other_token },
    Fact {
        says: "a failed condition of a single write gives the old item where it was asked for",
        holds: old_item,
    },
    Fact { says: "a number is kept by its value and written plainly", holds: numbers },
    Fact { says: "a number of more than 38 digits, or out of range, is refused", holds: refused_numbers },
    Fact { says: "texts are in the order of their UTF-8 bytes", holds: order },
    Fact { says: "a consistent read of an index is refused", holds: consistent_index },
    Fact { says: "an index gives nothing that it does not carry", holds: not_carried },
    Fact { says: "an index refuses to be asked for whole items that it does not carry", holds: whole_items },
    Fact { says: "an item of which nothing is projected counts all the same", holds: nothing_projected },
    Fact { says: "a limit counts what is read, not what a filter leaves", holds: limit_and_filter },
    Fact {
        says: "a page ends by a key of table and index, behind which the next one begins",
        holds: start_key,
    },
    Fact { says: "a page may begin behind an item that is gone", holds: start_behind_nothing },
    Fact { says: "a page does not begin in another partition", holds: start_elsewhere },
    Fact { says: "a start that is no key of the index is refused", holds: start_at_no_key },
    Fact { says: "a start that is more than a key is refused", holds: start_with_more },
    Fact { says: "a page holds 1 MB of what is read, whatever is projected", holds: page_size },
    Fact { says: "an update gives the attributes that it changed", holds: updated },
    Fact {
        says: "an update that takes an index key away takes the item out of the index",
        holds: out_of_index,
    },
    Fact {
        says: "transactions on one item at once are each done, or cancelled by another",
        holds: done_or_cancelled,
    },
    Fact { says: "transactions on one item at once collide", holds: collide },
    Fact { says: "expiry is switched on once", holds: expiry },
    Fact { says: "a call says what it consumed, a transaction twice as much", holds: consumed },
];

fn deviates(engine: Engine, says: &str) -> bool {
    DEVIATIONS.contains(&(engine, says))
}

#[test]
fn the_engine_does_as_aws_documents_but_where_it_is_known_not_to() {
    let mut surprises = Vec::new();
    let answers = threads::in_parallel(FACTS.iter().collect(), |fact| (fact.holds)(&Asked::make()));
    for (fact, holds) in FACTS.iter().zip(answers) {
        if holds == deviates(engine(), fact.says) {
            surprises.push(format!(
                "{:?} {}: {}",
                engine(),
                if holds { "keeps" } else { "breaks" },
                fact.says
            ));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}

#[test]
fn every_deviation_is_of_a_fact_and_stands_in_the_record() {
    let record = include_str!("../../../docs/adr/0013-second-opinion.md");
    for (engine, says) in DEVIATIONS {
        assert!(FACTS.iter().any(|fact| fact.says == *says), "{says}");
        let stands = record.lines().any(|line| line.contains(says) && line.contains(&format!("{engine:?}")));
        assert!(stands, "the record has no line of {engine:?} and: {says}");
    }
}

/// A table to ask.
struct Asked {
    client: Client,
    table: Table,
}

impl Asked {
    fn make() -> Self {
        Self { client: client(), table: Table::make("ReportsTable") }
    }

    fn name(&self) -> &str {
        &self.table.name
    }

    /// Puts an item; the code of a refusal.
    fn put(&self, item: Item) -> Result<(), String> {
        let put = self.client.put_item().table_name(self.name()).set_item(Some(item));
        wait(put.send()).map(drop).map_err(|error| code(&error))
    }

    fn get(&self, key: Item) -> Option<Item> {
        let get = self.client.get_item().table_name(self.name()).set_key(Some(key)).consistent_read(true);
        wait(get.send()).unwrap().item
    }

    /// Runs a transaction; the code of a refusal.
    fn transact(&self, items: Vec<TransactWriteItem>) -> Result<(), String> {
        let sent = self.client.transact_write_items().set_transact_items(Some(items)).send();
        wait(sent).map(drop).map_err(|error| code(&error))
    }

    /// Adds one to a counter, as an item of a transaction.
    fn add_one(&self, sort: &str) -> TransactWriteItem {
        let update = Update::builder().table_name(self.name()).set_key(Some(key(sort)));
        let update = update.update_expression("ADD n :one").expression_attribute_values(":one", n(1));
        TransactWriteItem::builder().update(update.build().unwrap()).build()
    }

    fn to_put(&self, item: Item) -> TransactWriteItem {
        let put = Put::builder().table_name(self.name()).set_item(Some(item)).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    }

    /// Puts so many items on a desk, `0#A`, `0#B` and so on.
    fn fill_desk(&self, items: u8) {
        for number in 0..items {
            self.put(on_desk(char::from(b'A' + number))).unwrap();
        }
    }

    /// A question to the desk's index.
    fn desk(&self) -> QueryFluentBuilder {
        let query = self.client.query().table_name(self.name()).index_name("desk");
        query.key_condition_expression("desk = :desk").expression_attribute_values(":desk", s("D"))
    }

    /// A question for everything under the key.
    fn all(&self) -> QueryFluentBuilder {
        let query = self.client.query().table_name(self.name()).consistent_read(true);
        query.key_condition_expression("pk = :pk").expression_attribute_values(":pk", s("p"))
    }
}

fn code(error: &impl ProvideErrorMetadata) -> String {
    error.code().unwrap_or_default().to_owned()
}

/// Whether it was refused as no valid request.
fn is_invalid<T, E: ProvideErrorMetadata>(answer: &Result<T, E>) -> bool {
    answer.as_ref().is_err_and(|error| error.code() == Some("ValidationException"))
}

fn invalid() -> Result<(), String> {
    Err("ValidationException".to_owned())
}

fn key(sort: impl Into<String>) -> Item {
    [("pk".to_owned(), s("p")), ("sk".to_owned(), s(sort))].into()
}

fn with(mut item: Item, name: &str, value: AttributeValue) -> Item {
    item.insert(name.to_owned(), value);
    item
}

fn on_desk(name: char) -> Item {
    with(with(with(key(name), "desk", s("D")), "desk_order", s(format!("0#{name}"))), "category", s("c"))
}

fn sorts(page: &QueryOutput) -> Vec<String> {
    page.items().iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
}

fn reserved_words(asked: &Asked) -> bool {
    // Those of the store's attributes that are.
    ["count", "state", "open", "hour", "unit", "Status"].into_iter().all(|word| {
        let get = asked.client.get_item().table_name(asked.name()).set_key(Some(key("s")));
        let plain = wait(get.clone().projection_expression(word).send());
        let named = get.projection_expression("#word").expression_attribute_names("#word", word);
        is_invalid(&plain) && wait(named.send()).is_ok()
    })
}

fn unused(asked: &Asked) -> bool {
    let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key("s")));
    let update = update.update_expression("SET a = :a").expression_attribute_values(":a", s("x"));
    let value = wait(update.clone().expression_attribute_values(":b", s("x")).send());
    let name = wait(update.clone().expression_attribute_names("#b", "b").send());
    is_invalid(&value) && is_invalid(&name) && wait(update.send()).is_ok()
}

fn empty_texts(asked: &Asked) -> bool {
    let kept = asked.put(with(key("s"), "a", s(""))) == Ok(()) && asked.get(key("s")).unwrap()["a"] == s("");
    let on_no_desk = with(with(key("i"), "desk", s("")), "desk_order", s("x"));
    kept && asked.put(key("")) == invalid() && asked.put(on_no_desk) == invalid()
}

fn empty_sets(asked: &Asked) -> bool {
    asked.put(with(key("s"), "a", AttributeValue::Ss(Vec::new()))) == invalid()
}

fn index_key_types(asked: &Asked) -> bool {
    asked.put(with(with(key("s"), "desk", n(1)), "desk_order", s("x"))) == invalid()
}

/// An item of exactly so many bytes: `pk`, `p`, `sk`, its sort key, `a` and its text.
fn sized(sort: &str, bytes: usize) -> Item {
    with(key(sort), "a", s("x".repeat(bytes - 2 - 1 - 2 - sort.len() - 1)))
}

const MOST: usize = 400 * 1024;

fn item_size(asked: &Asked) -> bool {
    asked.put(sized("fits", MOST)) == Ok(()) && asked.put(sized("large", MOST + 1)) == invalid()
}

fn item_size_in_transaction(asked: &Asked) -> bool {
    asked.transact(vec![asked.to_put(sized("fits", MOST))]) == Ok(())
        && asked.transact(vec![asked.to_put(sized("large", MOST + 1))]) == invalid()
}

fn sort_key_size(asked: &Asked) -> bool {
    asked.put(key("x".repeat(1024))) == Ok(()) && asked.put(key("x".repeat(1025))) == invalid()
}

fn nesting(asked: &Asked) -> bool {
    let deep = |levels: usize| {
        (1..levels).fold(s("x"), |inner, _| AttributeValue::M([("a".to_owned(), inner)].into()))
    };
    asked.put(with(key("s"), "a", deep(32))) == Ok(())
        && asked.put(with(key("t"), "a", deep(34))) == invalid()
}

fn items_of_transaction(asked: &Asked) -> bool {
    let items = |count: usize| (0..count).map(|n| asked.to_put(key(n.to_string()))).collect();
    asked.transact(items(100)) == Ok(()) && asked.transact(items(101)) == invalid()
}

/// Ten items of 360 KB: 3.6 MB, of text, of quotation marks that JSON escapes, and of bytes that it writes by three for four.
fn transaction_size(asked: &Asked) -> bool {
    let kinds =
        [s("x".repeat(360_000)), s("\"".repeat(360_000)), AttributeValue::B(Blob::new(vec![7; 360_000]))];
    kinds.into_iter().all(|value| {
        let items = (0..10).map(|n| asked.to_put(with(key(n.to_string()), "a", value.clone())));
        asked.transact(items.collect()) == Ok(())
    })
}

fn transaction_too_large(asked: &Asked) -> bool {
    let items = (0..11).map(|n| asked.to_put(with(key(n.to_string()), "a", s("x".repeat(400_000)))));
    asked.transact(items.collect()) == invalid()
}

fn twice_in_transaction(asked: &Asked) -> bool {
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

fn reasons(asked: &Asked) -> bool {
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

fn all_or_nothing(asked: &Asked) -> bool {
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

fn delete_nothing(asked: &Asked) -> bool {
    let delete = Delete::builder().table_name(asked.name()).set_key(Some(key("none"))).build().unwrap();
    asked.transact(vec![TransactWriteItem::builder().delete(delete).build()]) == Ok(())
}

fn token(asked: &Asked) -> bool {
    let token = fresh_key()[..36].to_owned();
    let done = (0..3).all(|_| {
        let sent = asked.client.transact_write_items().client_request_token(&token);
        wait(sent.transact_items(asked.add_one("s")).send()).is_ok()
    });
    done && asked.get(key("s")).unwrap()["n"] == n(1)
}

fn other_token(asked: &Asked) -> bool {
    let token = fresh_key()[..36].to_owned();
    let sent = |sort: &str| {
        let sent = asked.client.transact_write_items().client_request_token(&token);
        wait(sent.transact_items(asked.add_one(sort)).send()).map_err(|error| code(&error))
    };
    sent("s").is_ok()
        && sent("t").is_err_and(|code| code == "IdempotentParameterMismatchException")
        && asked.get(key("t")).is_none()
}

fn old_item(asked: &Asked) -> bool {
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

fn numbers(asked: &Asked) -> bool {
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

fn refused_numbers(asked: &Asked) -> bool {
    let refused = ["123456789012345678901234567890123456789", "1E126", "1E-131", "1e-300", "NaN", "0x1", ""];
    let taken = ["9.9999999999999999999999999999999999999E+125", "1E-130"];
    refused.into_iter().all(|number| asked.put(with(key("s"), "n", n(number))) == invalid())
        && taken.into_iter().all(|number| asked.put(with(key("s"), "n", n(number))) == Ok(()))
}

fn order(asked: &Asked) -> bool {
    // By UTF-16 the last two would change places.
    let ordered = ["#", "0", "A", "Z", "a", "~", "é", "\u{ff5e}", "\u{10000}"];
    for sort in ordered.into_iter().rev() {
        asked.put(key(sort)).unwrap();
    }
    sorts(&wait(asked.all().send()).unwrap()) == ordered
}

fn consistent_index(asked: &Asked) -> bool {
    is_invalid(&wait(asked.desk().consistent_read(true).send()))
}

fn not_carried(asked: &Asked) -> bool {
    asked.put(with(on_desk('A'), "description", s("hidden"))).unwrap();
    let found =
        |query: QueryFluentBuilder| wait(query.send()).ok().map(|page| page.items.unwrap_or_default());
    let hidden = |items: Vec<Item>| items.iter().any(|item| item.contains_key("description"));
    // Asked for by name it may be refused too.
    let named = found(asked.desk().projection_expression("description"));
    let all = found(asked.desk()).unwrap();
    all.len() == 1 && !hidden(all) && !named.is_some_and(hidden)
}

fn whole_items(asked: &Asked) -> bool {
    asked.fill_desk(1);
    is_invalid(&wait(asked.desk().select(Select::AllAttributes).send()))
}

fn nothing_projected(asked: &Asked) -> bool {
    asked.put(key("s")).unwrap();
    let page = wait(asked.all().projection_expression("nothing").send()).unwrap();
    (page.count, page.items().len()) == (1, 1)
}

fn limit_and_filter(asked: &Asked) -> bool {
    asked.fill_desk(4);
    let page = asked.desk().limit(2).filter_expression("category = :none");
    let page = wait(page.expression_attribute_values(":none", s("none")).send()).unwrap();
    (page.count, page.scanned_count, page.items().len()) == (0, 2, 0) && page.last_evaluated_key.is_some()
}

fn start_key(asked: &Asked) -> bool {
    asked.fill_desk(5);
    let first = wait(asked.desk().limit(2).send()).unwrap();
    let end = first.last_evaluated_key.clone().unwrap();
    let mut expected = on_desk('B');
    expected.remove("category");
    let second = wait(asked.desk().set_exclusive_start_key(Some(end.clone())).send()).unwrap();
    end == expected
        && (sorts(&first), sorts(&second))
            == (vec!["A".into(), "B".into()], vec!["C".into(), "D".into(), "E".into()])
        && second.last_evaluated_key.is_none()
}

/// The place on the desk behind this item.
fn behind(name: char) -> Item {
    let mut place = on_desk(name);
    place.remove("category");
    place
}

fn start_behind_nothing(asked: &Asked) -> bool {
    asked.fill_desk(2);
    asked.put(on_desk('E')).unwrap();
    let page = wait(asked.desk().set_exclusive_start_key(Some(behind('C'))).send()).unwrap();
    sorts(&page) == ["E"]
}

fn start_elsewhere(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let elsewhere = with(behind('A'), "desk", s("E"));
    is_invalid(&wait(asked.desk().set_exclusive_start_key(Some(elsewhere)).send()))
}

fn start_at_no_key(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let refused = |start: Item| is_invalid(&wait(asked.desk().set_exclusive_start_key(Some(start)).send()));
    let mut of_index = behind('A');
    of_index.retain(|name, _| name.starts_with("desk"));
    refused(key("A")) && refused(of_index)
}

fn start_with_more(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let start = with(behind('A'), "category", s("c"));
    is_invalid(&wait(asked.desk().set_exclusive_start_key(Some(start)).send()))
}

fn page_size(asked: &Asked) -> bool {
    for sort in 0..6 {
        asked.put(sized(&sort.to_string(), 300_000)).unwrap();
    }
    // The third one ends at 900 KB, and the fourth would be beyond 1 MB.
    let full = wait(asked.all().send()).unwrap();
    let projected = wait(asked.all().projection_expression("sk").send()).unwrap();
    let counted = wait(asked.all().select(Select::Count).send()).unwrap();
    [&full, &projected, &counted].into_iter().all(|page| {
        let end = page.last_evaluated_key.as_ref().map(|end| end["sk"].clone());
        [(3, Some(s("2"))), (4, Some(s("3")))].contains(&(page.count, end))
    })
}

fn updated(asked: &Asked) -> bool {
    asked.put(with(key("s"), "other", s("x"))).unwrap();
    let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key("s")));
    let update = update.update_expression("ADD #count :one SET expires_at = :at");
    let update =
        update.expression_attribute_names("#count", "count").expression_attribute_values(":one", n(1));
    let update = update.expression_attribute_values(":at", n(5)).return_values(ReturnValue::UpdatedNew);
    let given = wait(update.send()).unwrap().attributes;
    given == Some([("count".to_owned(), n(1)), ("expires_at".to_owned(), n(5))].into())
}

fn out_of_index(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key("A")));
    wait(update.update_expression("REMOVE desk").send()).unwrap();
    sorts(&wait(asked.desk().send()).unwrap()) == ["B"]
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

fn done_or_cancelled(asked: &Asked) -> bool {
    let (done, _) = count_at_once(asked, "s");
    done > 0 && asked.get(key("s")).unwrap()["n"] == n(done)
}

fn collide(asked: &Asked) -> bool {
    // Where they can, it is chance, and of so many some do.
    (0..10).any(|round| count_at_once(asked, &round.to_string()).1 > 0)
}

fn expiry(asked: &Asked) -> bool {
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

fn consumed(asked: &Asked) -> bool {
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
