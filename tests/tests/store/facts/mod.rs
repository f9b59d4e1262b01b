//! What the store takes for granted of DynamoDB, asked of the engine itself.
//!
//! AWS's documentation is the truth. Where an engine does otherwise it stands in [`DEVIATIONS`], and the test fails as soon as it
//! does no longer. What each means for Tuntas is in docs/adr/0013.

mod items;
mod pages;
mod transactions;

use crate::{
    endpoint::{Engine, client, engine},
    tables::{Item, Table, n, s},
};
use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    operation::query::{QueryOutput, builders::QueryFluentBuilder},
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use tests::{operator::wait, threads};

/// A rule that AWS documents, and what tells whether it holds here.
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
    Fact { says: "a reserved word in an expression is refused", holds: items::reserved_words },
    Fact { says: "names and values that no expression uses are refused", holds: items::unused },
    Fact { says: "a text may be empty, a key may not", holds: items::empty_texts },
    Fact { says: "an empty set is refused", holds: items::empty_sets },
    Fact { says: "a key of an index has its type", holds: items::index_key_types },
    Fact { says: "an item may have 400 KB, its names counted, and no byte more", holds: items::item_size },
    Fact {
        says: "an item of a transaction may have 400 KB and no byte more",
        holds: transactions::item_size_in_transaction,
    },
    Fact { says: "a sort key may have 1,024 bytes and no more", holds: items::sort_key_size },
    Fact { says: "a value may lie 32 levels deep and no deeper", holds: items::nesting },
    Fact { says: "a transaction may have 100 items and no more", holds: transactions::items_of_transaction },
    Fact {
        says: "a transaction may have 4 MB of items, however they are written",
        holds: transactions::transaction_size,
    },
    Fact { says: "a transaction of more than 4 MB is refused", holds: transactions::transaction_too_large },
    Fact {
        says: "two operations of a transaction on one item are refused",
        holds: transactions::twice_in_transaction,
    },
    Fact {
        says: "a cancelled transaction has a reason for each item, with the old one where it was asked for",
        holds: transactions::reasons,
    },
    Fact {
        says: "a condition of a deletion or an update that fails leaves the rest undone",
        holds: transactions::all_or_nothing,
    },
    Fact { says: "a transaction may delete what is not there", holds: transactions::delete_nothing },
    Fact { says: "a transaction under the token of an earlier one is done once", holds: transactions::token },
    Fact { says: "another transaction under the same token is refused", holds: transactions::other_token },
    Fact {
        says: "a failed condition of a single write gives the old item where it was asked for",
        holds: items::old_item,
    },
    Fact { says: "a number is kept by its value and written plainly", holds: items::numbers },
    Fact {
        says: "a number of more than 38 digits, or out of range, is refused",
        holds: items::refused_numbers,
    },
    Fact { says: "texts are in the order of their UTF-8 bytes", holds: pages::order },
    Fact { says: "a consistent read of an index is refused", holds: pages::consistent_index },
    Fact { says: "an index gives nothing that it does not carry", holds: pages::not_carried },
    Fact {
        says: "an index refuses to be asked for whole items that it does not carry",
        holds: pages::whole_items,
    },
    Fact {
        says: "an item of which nothing is projected counts all the same",
        holds: pages::nothing_projected,
    },
    Fact { says: "a limit counts what is read, not what a filter leaves", holds: pages::limit_and_filter },
    Fact {
        says: "a page ends by a key of table and index, behind which the next one begins",
        holds: pages::start_key,
    },
    Fact { says: "a page may begin behind an item that is gone", holds: pages::start_behind_nothing },
    Fact { says: "a page does not begin in another partition", holds: pages::start_elsewhere },
    Fact { says: "a start that is no key of the index is refused", holds: pages::start_at_no_key },
    Fact { says: "a start that is more than a key is refused", holds: pages::start_with_more },
    Fact { says: "a page holds 1 MB of what is read, whatever is projected", holds: pages::page_size },
    Fact { says: "an update gives the attributes that it changed", holds: items::updated },
    Fact {
        says: "an update that takes an index key away takes the item out of the index",
        holds: pages::out_of_index,
    },
    Fact {
        says: "transactions on one item at once are each done, or cancelled by another",
        holds: transactions::done_or_cancelled,
    },
    Fact { says: "transactions on one item at once collide", holds: transactions::collide },
    Fact { says: "expiry is switched on once", holds: items::expiry },
    Fact { says: "a call says what it consumed, a transaction twice as much", holds: items::consumed },
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
    let record = include_str!("../../../../docs/adr/0013-second-opinion.md");
    for (engine, says) in DEVIATIONS {
        assert!(FACTS.iter().any(|fact| fact.says == *says), "{says}");
        let stands = record.lines().any(|line| line.contains(says) && line.contains(&format!("{engine:?}")));
        assert!(stands, "the record has no line of {engine:?} and: {says}");
    }
}

/// A table for one question.
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

/// An item of exactly so many bytes: `pk`, `p`, `sk`, its sort key, `a` and its text.
fn sized(sort: &str, bytes: usize) -> Item {
    with(key(sort), "a", s("x".repeat(bytes - 2 - 1 - 2 - sort.len() - 1)))
}

const MOST: usize = 400 * 1024;
