//! Desks: their order, their pages, whose they are, and who looked.

use crate::slots::snapshot;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    status::Status,
    urgency::{Urgency, bucket},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::{Account, OwnUnit},
    http::Answer,
    life::{self, Report, by, photo, upload},
    officers,
    operator::{Item, config, wait},
    stack::stack,
    threads::in_parallel,
};

/// A page of a desk as an officer asks for it.
pub(crate) fn page(officer: &str, query: &str) -> Answer {
    by(officer, "GET", &format!("/v1/desk{}{query}", if query.is_empty() { "" } else { "?" })).send()
}

pub(crate) fn items(answer: &Answer) -> Vec<Value> {
    answer.json()["items"].as_array().expect("items").clone()
}

fn tickets(answer: &Answer) -> Vec<String> {
    items(answer).iter().map(|item| item["ticket"].as_str().expect("a ticket").to_owned()).collect()
}

fn next(answer: &Answer) -> Option<String> {
    answer.json()["next"].as_str().map(ToOwned::to_owned)
}

/// Every page of a desk, from the first on.
fn pages(officer: &str, query: &str) -> Vec<Answer> {
    let mut all = vec![page(officer, query).expect(200)];
    while let Some(cursor) = next(all.last().expect("a page")) {
        all.push(page(officer, &format!("{query}&cursor={cursor}")).expect(200));
    }
    all
}

/// Reports of these categories, assigned to a unit.
fn assigned_to(unit: &OwnUnit, categories: &[&str]) -> Vec<Report> {
    in_parallel(categories.to_vec(), |category| {
        let mut body = life::body();
        body["category"] = json!(category);
        let (report, _) = life::submit(&body);
        let assign = json!({"action": "assign", "unit": unit.code});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
        report
    })
}

/// Categories with one to ten days until they are to be finished, not in order.
const CATEGORIES: &[&str] = &[
    "jalan-berlubang",
    "banjir",
    "taman",
    "pohon-tumbang",
    "sampah",
    "trotoar-rusak",
    "parkir-liar",
    "saluran-tersumbat",
    "jalan-amblas",
];

/// What the access log holds of a partition.
fn accesses(partition: &str) -> Vec<Item> {
    let found = aws_sdk_dynamodb::Client::new(&config())
        .query()
        .table_name(stack().output("AccessesTable"))
        .consistent_read(true)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()));
    wait(found.send()).expect("a query").items.unwrap_or_default()
}

/// The tickets that each look at a desk showed, without hyphens, in order of their text.
pub(crate) fn looked_at(desk: &str) -> Vec<Vec<String>> {
    let tickets = |item: &Item| -> Vec<String> {
        let tickets = item.get("tickets").and_then(|tickets| tickets.as_l().ok());
        tickets.into_iter().flatten().map(|ticket| ticket.as_s().expect("a text").clone()).collect()
    };
    let mut looks: Vec<Vec<String>> = accesses(&format!("desk#{desk}")).iter().map(tickets).collect();
    looks.sort_unstable();
    looks
}

#[test]
fn a_desk_is_ordered_by_urgency_then_ticket_and_its_pages_hold_each_report_once() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let reports = assigned_to(&unit, CATEGORIES);
    // To be finished in ten working days; `banjir` is to be accepted in four hours: never as urgent, whatever time it is.
    let accepted = CATEGORIES.iter().position(|category| *category == "trotoar-rusak").expect("a category");
    reports[accepted].command(&officer, "assignment", &json!({"action": "accept"})).expect(200);
    let whole = page(&officer, "").expect(200);
    assert_eq!(next(&whole), None);
    let order: Vec<(usize, String)> = items(&whole)
        .iter()
        .map(|item| {
            let urgency = Urgency::parse(item["urgency"].as_str().expect("an urgency")).expect("an urgency");
            let place = Urgency::ALL.iter().position(|known| *known == urgency).expect("a place");
            (place, item["ticket"].as_str().expect("a ticket").to_owned())
        })
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert!(
        order.iter().map(|(place, _)| place).collect::<BTreeSet<_>>().len() > 1,
        "one bucket proves no order"
    );
    let sent: BTreeSet<String> = reports.iter().map(|report| report.ticket.clone()).collect();
    assert_eq!(tickets(&whole).into_iter().collect::<BTreeSet<_>>(), sent);

    for limit in [1, 2, 4, 9, 100] {
        let pages = pages(&officer, &format!("limit={limit}"));
        let paged: Vec<String> = pages.iter().flat_map(tickets).collect();
        assert_eq!(paged, tickets(&whole), "limit {limit}");
        assert!(pages.iter().all(|page| tickets(page).len() <= limit));
    }
}

#[test]
fn a_report_that_comes_or_goes_between_pages_makes_no_other_appear_twice_or_never() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    assigned_to(&unit, CATEGORIES);
    let before = tickets(&page(&officer, "").expect(200));
    let first = page(&officer, "limit=3").expect(200);
    let go_back = json!({"action": "return", "reason": "Bukan wewenang kami"});
    // One leaves from either side of the cursor, also the very one that the cursor stands on.
    for ticket in [&before[2], &before[5]] {
        by(&officer, "POST", &format!("/v1/reports/{ticket}/assignment")).json(&go_back).send().expect(200);
    }
    let mut paged = tickets(&first);
    let mut cursor = next(&first);
    while let Some(at) = cursor {
        let page = page(&officer, &format!("limit=3&cursor={at}")).expect(200);
        paged.extend(tickets(&page));
        cursor = next(&page);
    }
    let expected: Vec<String> = before.iter().filter(|ticket| **ticket != before[5]).cloned().collect();
    assert_eq!(paged, expected);
}

#[test]
fn a_cursor_is_opaque_of_one_length_and_good_for_its_officer_and_desk_only() {
    let parent = OwnUnit::new(None);
    let unit = OwnUnit::new(Some(&parent));
    let (officer, colleague, above) =
        (unit.officer().username, unit.officer().username, parent.officer().username);
    let reports = assigned_to(&unit, &CATEGORIES[..4]);
    assigned_to(&parent, &CATEGORIES[..2]);

    let desk = format!("desk=unit:{}", unit.code);
    let cursor = next(&page(&officer, "limit=1").expect(200)).expect("a cursor");
    page(&officer, &format!("limit=1&cursor={cursor}")).expect(200);
    page(&officer, &format!("limit=3&{desk}&cursor={cursor}")).expect(200);
    let above_own = next(&page(&above, "limit=1").expect(200)).expect("a cursor");
    let changed = format!("{}{}", if cursor.starts_with('A') { 'B' } else { 'A' }, &cursor[1..]);
    for (who, query, cursor) in [
        (&colleague, "limit=1".to_owned(), &cursor),
        (&above, desk.clone(), &cursor),
        (&above, desk, &above_own),
        (&officer, "limit=1".to_owned(), &above_own),
        (&officer, "limit=1".to_owned(), &changed),
        (&officer, "limit=1".to_owned(), &cursor[1..].to_owned()),
        (&officer, "limit=1".to_owned(), &format!("{cursor}A")),
    ] {
        let answer = page(who, &format!("{query}&cursor={cursor}")).expect(422);
        assert_eq!(answer.errors(), ["cursor invalid_format"]);
    }

    let of_tiket = next(&page(officers::TIKET, "limit=1").expect(200));
    let cursors = pages(&officer, "limit=1").iter().filter_map(next).chain(of_tiket).collect::<Vec<_>>();
    assert!(cursors.len() >= reports.len() - 1);
    assert!(cursors.iter().all(|one| one.len() == cursor.len()), "{cursors:?}");
    // The same place is another cursor each time, and no ticket stands in it.
    assert_ne!(next(&page(&officer, "limit=1").expect(200)), next(&page(&officer, "limit=1").expect(200)));
    for cursor in &cursors {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(cursor.as_bytes()).expect("base64url");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(reports.iter().all(|report| !text.contains(&report.ticket.replace('-', ""))));
    }
}

#[test]
fn a_unit_sees_its_desk_and_its_childrens_and_a_foreign_desk_looks_like_an_empty_one() {
    let grandparent = OwnUnit::new(None);
    let parent = OwnUnit::new(Some(&grandparent));
    let (child, stranger) = (OwnUnit::new(Some(&parent)), OwnUnit::new(None));
    let reports = assigned_to(&child, &CATEGORIES[..3]);
    let of_child = format!("desk=unit:{}", child.code);
    let sent: BTreeSet<String> = reports.iter().map(|report| report.ticket.clone()).collect();
    let (own, above, foreign) =
        (child.officer().username, parent.officer().username, stranger.officer().username);

    for query in ["", &of_child] {
        assert_eq!(tickets(&page(&own, query).expect(200)).into_iter().collect::<BTreeSet<_>>(), sent);
    }
    assert_eq!(tickets(&page(&above, &of_child).expect(200)).into_iter().collect::<BTreeSet<_>>(), sent);
    assert_eq!(tickets(&page(officers::ADMINISTRATOR, &of_child).expect(200)).len(), 3);
    // A child's reports do not lie on the desk above it.
    assert_eq!(tickets(&page(&above, "").expect(200)), [""; 0]);

    let empty = page(&foreign, "").expect(200);
    assert_eq!(empty.bytes, br#"{"items":[],"next":null}"#);
    let nowhere = page(&foreign, "desk=unit:tidak-ada").expect(200);
    let of_parent = format!("desk=unit:{}", parent.code);
    for query in [of_child.clone(), format!("{of_child}&limit=1"), format!("{of_child}&limit=2"), of_parent] {
        let hidden = page(&foreign, &query).expect(200);
        assert_eq!(hidden.bytes, empty.bytes, "{query}");
        let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&hidden), names(&nowhere), "{query}");
    }
    // Downwards a unit looks like any other.
    assert_eq!(page(&own, &format!("desk=unit:{}", parent.code)).expect(200).bytes, empty.bytes);
    assert!(looked_at(&format!("unit:{}", child.code)).iter().filter(|look| look.is_empty()).count() >= 3);
}

#[test]
fn each_kind_of_officer_opens_the_desks_of_their_own_kind_only() {
    let kinds = [
        (officers::TIKET, "tiket"),
        (officers::UNIT, "unit:sudin-bina-marga-jaksel"),
        (officers::VALIDASI, "validasi"),
        (officers::VERIFIKASI, "verifikasi"),
    ];
    for (officer, own) in kinds {
        for (_, desk) in kinds {
            let status = if desk == own { 200 } else { 403 };
            for query in [format!("desk={desk}&limit=1"), format!("desk={desk}")] {
                assert_eq!(page(officer, &query).status, status, "{officer} {desk}");
            }
            page(officers::ADMINISTRATOR, &format!("desk={desk}&limit=1")).expect(200);
        }
    }
}

#[test]
fn an_item_of_a_desk_has_exactly_the_fields_of_the_contract() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let mut body = life::body();
    body["description"] = json!("Hubungi 081234567890 tentang jalan berlubang");
    let (report, _) = life::submit(&body);
    report
        .command(officers::TIKET, "assignment", &json!({"action": "assign", "unit": unit.code}))
        .expect(200);
    let label = "Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun";
    // A day of working hours is left, which may lie behind a weekend.
    let due_on = snapshot(&report)["due_on"].as_s().unwrap().parse().unwrap();
    let urgency = bucket(due_on, life::today().parse().unwrap());
    let expected = |status: &str, text: &str, place: Value| {
        json!({
            "ticket": report.ticket,
            "category": "jalan-berlubang",
            "status": status,
            "status_text": text,
            "urgency": urgency,
            "label": label,
            "place": place,
        })
    };
    // On every desk: whoever wants to know more opens the report, and is found from it.
    let coarse = json!({"lat": -6.0588, "lon": 106.8456});
    assert_eq!(
        items(&page(&officer, "").expect(200)),
        [expected("koordinasi", "Koordinasi", coarse.clone())]
    );

    report.command(&officer, "assignment", &json!({"action": "return", "reason": "Bukan kami"})).expect(200);
    assert_eq!(page(&officer, "").expect(200).bytes, br#"{"items":[],"next":null}"#);
    let found = pages(officers::TIKET, "limit=100")
        .iter()
        .flat_map(items)
        .find(|item| item["ticket"] == report.ticket)
        .expect("on the ticket desk");
    assert_eq!(found, expected("menunggu", "Menunggu", coarse));
}

#[test]
fn a_sensitive_report_reaches_no_desk_of_a_unit_before_its_slot() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let listed = assigned_to(&unit, &["sampah"]);
    let mut body = life::body();
    body["category"] = json!("pungutan-liar");
    let (sensitive, _) = life::submit(&body);
    let assign = json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY});
    sensitive.command(officers::TIKET, "assignment", &assign).expect(200);
    assert_eq!(tickets(&page(&officer, "").expect(200)), [listed[0].ticket.clone()]);
    sensitive.seen_by(&officer).expect(404);
    sensitive.command(&officer, "assignment", &json!({"action": "accept"})).expect(404);
}

#[test]
fn every_page_of_a_desk_leaves_one_look_with_the_tickets_it_showed() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let desk = format!("unit:{}", unit.code);
    assigned_to(&unit, &CATEGORIES[..5]);
    assert_eq!(looked_at(&desk), [[""; 0]; 0]);
    let mut shown: Vec<Vec<String>> = pages(&officer, "limit=2")
        .iter()
        .map(|page| tickets(page).iter().map(|ticket| ticket.replace('-', "")).collect())
        .collect();
    assert_eq!(shown.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    shown.sort_unstable();
    assert_eq!(looked_at(&desk), shown);
    // What was refused showed nothing, and the administrator's own look stands beside the officer's.
    page(&officer, "limit=0").expect(422);
    page(&officer, "limit=2&cursor=sampah").expect(422);
    page(officers::VALIDASI, &format!("desk={desk}")).expect(403);
    page(officers::ADMINISTRATOR, &format!("desk={desk}&limit=1")).expect(200);
    assert_eq!(looked_at(&desk).len(), 4);
    let name =
        |item: &Item| item["officer"].as_m().expect("an officer")["name"].as_s().expect("a name").clone();
    let names: Vec<String> = accesses(&format!("desk#{desk}")).iter().map(name).collect();
    let administrator = stack().officers.iter().find(|officer| officer.username == officers::ADMINISTRATOR);
    let administrator = &administrator.expect("the administrator").name;
    assert_eq!(names.iter().filter(|name| *name == administrator).count(), 1);
}

#[test]
fn the_administrator_alone_learns_who_looked_at_a_report() {
    let body = {
        let mut body = life::body();
        body["privacy"] = json!("public");
        body["photos"] = json!([life::declared(&photo(1))]);
        body
    };
    let (report, answer) = life::submit(&body);
    upload(&answer.json()["uploads"][0], &photo(1)).expect(200);
    let picture = answer.json()["uploads"][0]["photo"].as_str().expect("an id").to_owned();
    assert_eq!(report.await_cleaning(officers::ADMINISTRATOR, &picture), "ready");
    let looks = || -> Vec<Value> {
        let found = by(officers::ADMINISTRATOR, "GET", &report.path("accesses")).send().expect(200).json();
        found["items"].as_array().expect("items").clone()
    };
    let before = looks().len();

    report.assign();
    report.seen_by(officers::TIKET).expect(200);
    report.seen_by(officers::UNIT).expect(200);
    by(officers::UNIT, "GET", &report.path(&format!("photos/{picture}"))).send().expect(200);
    // Who saw nothing did not look.
    report.seen_by(officers::OTHER_UNIT).expect(404);
    report.seen_by(officers::VALIDASI).expect(404);
    by(officers::OTHER_UNIT, "GET", &report.path(&format!("photos/{picture}"))).send().expect(404);
    report.seen_by(officers::CONFLICTED).expect(403);

    let after = looks();
    let name = |username: &str| {
        let officer = stack().officers.iter().find(|officer| officer.username == username);
        officer.expect("an officer").name.clone()
    };
    let seen: Vec<Value> = after[before..]
        .iter()
        .map(|look| {
            let mut look = look.clone();
            let at = look.as_object_mut().expect("an object").remove("at").expect("a time");
            assert!(at.as_str().expect("a text").ends_with('Z'), "{at}");
            look
        })
        .collect();
    let unit = json!({"name": name(officers::UNIT), "unit": officers::UNIT_CODE});
    assert_eq!(
        seen,
        [
            json!({"officer": {"name": name(officers::TIKET)}, "looked_at": "report"}),
            json!({"officer": unit, "looked_at": "report"}),
            json!({"officer": unit, "looked_at": "photo", "photo": picture}),
            json!({"officer": {"name": name(officers::ADMINISTRATOR)}, "looked_at": "accesses"}),
        ]
    );
    // Reading the list is a look too, and the reporter counts it.
    let bureau = || {
        let looks = report.tracked().expect(200).json()["looks"].as_array().expect("looks").clone();
        let found = looks.iter().find(|look| look.get("unit").is_none()).expect("the bureau's");
        found["count"].as_u64().expect("a count")
    };
    let counted = bureau();
    assert_eq!(looks().len(), after.len() + 1);
    assert_eq!(bureau(), counted + 1);

    for (officer, status) in [
        (officers::TIKET, 403),
        (officers::UNIT, 403),
        (officers::PARENT_UNIT, 403),
        (officers::OTHER_UNIT, 404),
        (officers::VALIDASI, 404),
        (officers::VERIFIKASI, 404),
        (officers::CONFLICTED, 403),
    ] {
        by(officer, "GET", &report.path("accesses")).send().expect(status);
    }
    by(officers::ADMINISTRATOR, "GET", &format!("/v1/reports/{}/accesses", life::unknown_ticket()))
        .send()
        .expect(404);
}

#[test]
fn a_report_is_on_the_desk_of_its_status_and_on_no_other() {
    let several = Account::new(&["petugas-validasi", "petugas-verifikasi", "admin-tiket"], None).username;
    for status in Status::ALL {
        let report = life::in_status(*status, &life::body());
        let desk = match status {
            Status::Menunggu => Some((several.as_str(), "tiket".to_owned())),
            Status::MenungguValidasi => Some((several.as_str(), "validasi".to_owned())),
            Status::MenungguVerifikasi => Some((several.as_str(), "verifikasi".to_owned())),
            Status::Koordinasi | Status::Disposisi | Status::Proses | Status::TlDitolak => {
                Some((officers::UNIT, format!("unit:{}", officers::UNIT_CODE)))
            }
            Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan => None,
        };
        let snapshot = tests::operator::items_of_kind(&report.ticket, "report");
        let indexed = snapshot[0].get("desk").and_then(|desk| desk.as_s().ok()).cloned();
        assert_eq!(indexed, desk.as_ref().map(|(_, desk)| desk.clone()), "{status:?}");
        if let Some((officer, desk)) = desk {
            let on_it = pages(officer, &format!("limit=100&desk={desk}"))
                .iter()
                .flat_map(items)
                .any(|item| item["ticket"] == report.ticket && item["status"] == status.as_str());
            assert!(on_it, "{status:?}");
        }
    }
}
