//! Queries: what an index gives, and where a page ends.

use super::{Asked, is_invalid, key, on_desk, sized, sorts, with};
use crate::tables::{Item, s};
use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::Select};
use tests::operator::wait;

pub(super) fn order(asked: &Asked) -> bool {
    // By UTF-16 the last two would change places.
    let ordered = ["#", "0", "A", "Z", "a", "~", "é", "\u{ff5e}", "\u{10000}"];
    for sort in ordered.into_iter().rev() {
        asked.put(key(sort)).unwrap();
    }
    sorts(&wait(asked.all().send()).unwrap()) == ordered
}

pub(super) fn consistent_index(asked: &Asked) -> bool {
    is_invalid(&wait(asked.desk().consistent_read(true).send()))
}

pub(super) fn not_carried(asked: &Asked) -> bool {
    asked.put(with(on_desk('A'), "description", s("hidden"))).unwrap();
    let found =
        |query: QueryFluentBuilder| wait(query.send()).ok().map(|page| page.items.unwrap_or_default());
    let hidden = |items: Vec<Item>| items.iter().any(|item| item.contains_key("description"));
    // Asked for by name it may be refused too.
    let named = found(asked.desk().projection_expression("description"));
    let all = found(asked.desk()).unwrap();
    all.len() == 1 && !hidden(all) && !named.is_some_and(hidden)
}

pub(super) fn whole_items(asked: &Asked) -> bool {
    asked.fill_desk(1);
    is_invalid(&wait(asked.desk().select(Select::AllAttributes).send()))
}

pub(super) fn nothing_projected(asked: &Asked) -> bool {
    asked.put(key("s")).unwrap();
    let page = wait(asked.all().projection_expression("nothing").send()).unwrap();
    (page.count, page.items().len()) == (1, 1)
}

pub(super) fn limit_and_filter(asked: &Asked) -> bool {
    asked.fill_desk(4);
    let page = asked.desk().limit(2).filter_expression("category = :none");
    let page = wait(page.expression_attribute_values(":none", s("none")).send()).unwrap();
    (page.count, page.scanned_count, page.items().len()) == (0, 2, 0) && page.last_evaluated_key.is_some()
}

pub(super) fn start_key(asked: &Asked) -> bool {
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

pub(super) fn start_behind_nothing(asked: &Asked) -> bool {
    asked.fill_desk(2);
    asked.put(on_desk('E')).unwrap();
    let page = wait(asked.desk().set_exclusive_start_key(Some(behind('C'))).send()).unwrap();
    sorts(&page) == ["E"]
}

pub(super) fn start_elsewhere(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let elsewhere = with(behind('A'), "desk", s("E"));
    is_invalid(&wait(asked.desk().set_exclusive_start_key(Some(elsewhere)).send()))
}

pub(super) fn start_at_no_key(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let refused = |start: Item| is_invalid(&wait(asked.desk().set_exclusive_start_key(Some(start)).send()));
    let mut of_index = behind('A');
    of_index.retain(|name, _| name.starts_with("desk"));
    refused(key("A")) && refused(of_index)
}

pub(super) fn start_with_more(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let start = with(behind('A'), "category", s("c"));
    is_invalid(&wait(asked.desk().set_exclusive_start_key(Some(start)).send()))
}

pub(super) fn page_size(asked: &Asked) -> bool {
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

pub(super) fn out_of_index(asked: &Asked) -> bool {
    asked.fill_desk(2);
    let update = asked.client.update_item().table_name(asked.name()).set_key(Some(key("A")));
    wait(update.update_expression("REMOVE desk").send()).unwrap();
    sorts(&wait(asked.desk().send()).unwrap()) == ["B"]
}
