//! Lists of a desk under filters, and of the desks below.

use crate::desk::{items, looked_at, page};
use domain::urgency::Urgency;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::{Account, OwnUnit},
    life::{self, Report},
    officers,
    threads::in_parallel,
};

/// Places in three kelurahan of the demonstration's map, the first two of one kecamatan; and one in the bay, which is in no area.
const CIDENG: (f64, f64) = (-6.178, 106.808);
const PETOJO_UTARA: (f64, f64) = (-6.162, 106.815);
const KARET: (f64, f64) = (-6.2144, 106.821);
const BAY: (f64, f64) = (-6.05, 106.85);

/// The lines of every page.
pub(crate) fn lines(officer: &str, query: &str) -> Vec<Value> {
    let (mut lines, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(officer, &format!("{query}&cursor={cursor}")).expect(200).json();
        lines.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next"].as_str() else { return lines };
        cursor = next.to_owned();
    }
}

fn tickets(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| line["ticket"].as_str().expect("a ticket").to_owned()).collect()
}

/// A report that the ticket desk assigns to a unit: its position is too inaccurate for the map.
fn assigned(unit: &str, category: &str, (lat, lon): (f64, f64)) -> Report {
    let mut body = life::body();
    body["category"] = json!(category);
    body["location"] = json!({"lat": lat, "lon": lon, "accuracy_m": 5000});
    let (report, _) = life::submit(&body);
    report.command(officers::TIKET, "assignment", &json!({"action": "assign", "unit": unit})).expect(200);
    report
}

fn place_in_order(line: &Value) -> (usize, String) {
    let urgency = Urgency::parse(line["urgency"].as_str().unwrap()).unwrap();
    let place = Urgency::ALL.iter().position(|known| *known == urgency).unwrap();
    (place, line["ticket"].as_str().unwrap().to_owned())
}

#[test]
fn a_filter_lists_exactly_the_lines_of_the_desk_that_pass_it() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let sent: Vec<_> = ["trotoar-rusak", "banjir", "sampah"]
        .into_iter()
        .flat_map(|category| [CIDENG, KARET, BAY].map(|place| (category, place)))
        .collect();
    in_parallel(sent, |(category, place)| {
        let report = assigned(&unit.code, category, place);
        // To be finished in ten days; the others to be accepted in four hours, and in a day: never as urgent, whatever time it is.
        if category == "trotoar-rusak" {
            report.command(&officer, "assignment", &json!({"action": "accept"})).expect(200);
        }
    });
    let all = lines(&officer, "limit=100");
    assert_eq!(all.len(), 9);
    let values = |field: &str| -> Vec<String> {
        let found: BTreeSet<_> = all.iter().filter_map(|line| line.get(field)?.as_str()).collect();
        std::iter::once(String::new()).chain(found.into_iter().map(ToOwned::to_owned)).collect()
    };
    let (categories, areas, urgencies) = (values("category"), values("area"), values("urgency"));
    assert_eq!((categories.len(), areas.len()), (4, 3));
    assert!(urgencies.len() >= 3, "{urgencies:?}");
    for category in &categories {
        for area in &areas {
            for urgency in &urgencies {
                let filters = [("category", category), ("area", area), ("urgency", urgency)];
                let filters = filters.into_iter().filter(|(_, value)| !value.is_empty());
                let passes = |line: &&Value| {
                    filters.clone().all(|(name, value)| line.get(name) == Some(&json!(value)))
                };
                let expected: Vec<Value> = all.iter().filter(passes).cloned().collect();
                let query: Vec<String> =
                    filters.clone().map(|(name, value)| format!("{name}={value}")).collect();
                for limit in [2, 100] {
                    let found = lines(&officer, &format!("limit={limit}&{}", query.join("&")));
                    assert_eq!(found, expected, "{query:?}");
                }
            }
        }
    }
    for nothing in ["category=tidak-ada", "area=99.99", "urgency=terlambat"] {
        assert_eq!(page(&officer, nothing).expect(200).bytes, br#"{"items":[],"next":null}"#);
    }
}

#[test]
fn a_unit_lists_by_status_and_by_who_accepted_and_lines_say_who_that_is() {
    let unit = OwnUnit::new(None);
    let [officer, colleague] = [(); 2].map(|()| unit.officer().username);
    let reports = in_parallel(vec![Some(&officer), Some(&officer), Some(&colleague), None], |by| {
        let report = assigned(&unit.code, "banjir", BAY);
        if let Some(by) = by {
            report.command(by, "assignment", &json!({"action": "accept"})).expect(200);
        }
        report.ticket
    });
    let listed = |officer: &str, query: &str| -> BTreeSet<String> {
        let [one_by_one, at_once] = [1, 100].map(|limit| lines(officer, &format!("limit={limit}&{query}")));
        assert_eq!(one_by_one, at_once, "{query}");
        tickets(&at_once).into_iter().collect()
    };
    let of = |tickets: &[String]| tickets.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(listed(&officer, "mine=true"), of(&reports[..2]));
    assert_eq!(listed(&colleague, "mine=true"), of(&reports[2..3]));
    assert_eq!(listed(&officer, "mine=false"), of(&reports));
    assert_eq!(listed(&officer, "status=proses"), of(&reports[..3]));
    assert_eq!(listed(&officer, "status=koordinasi&category=banjir"), of(&reports[3..]));
    assert_eq!(listed(&officer, "status=proses&mine=true&category=banjir&urgency=3_hari"), of(&reports[..2]));
    for nothing in ["status=selesai", "status=koordinasi&mine=true"] {
        assert_eq!(page(&officer, nothing).expect(200).bytes, br#"{"items":[],"next":null}"#);
    }
    let who = |ticket: &String| {
        let lines = lines(&officer, "limit=100");
        lines.iter().find(|line| line["ticket"] == ticket.as_str()).expect("a line")["officer"].clone()
    };
    assert_eq!(who(&reports[0]), json!({"name": "Petugas Uji", "unit": unit.code}));
    assert_eq!(who(&reports[3]), Value::Null);
    for (wrong, error) in [("status=baru", "status not_listed"), ("mine=ya", "mine not_listed")] {
        assert_eq!(page(&officer, wrong).expect(422).errors(), [error]);
    }
    for (wrong, status) in [("desk=tiket&kind=questions", 403), ("kind=questions", 422), ("kind=semua", 422)]
    {
        page(&officer, wrong).expect(status);
    }
}

#[test]
fn the_area_of_a_filter_holds_the_areas_below_it() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let places = vec![CIDENG, PETOJO_UTARA, KARET, BAY];
    let reports = in_parallel(places, |place| assigned(&unit.code, "sampah", place).ticket);
    let [in_cideng, in_petojo, in_karet, _] = &reports[..] else { panic!("four reports") };
    let in_area = |area: &str| {
        tickets(&lines(&officer, &format!("limit=1&area={area}"))).into_iter().collect::<BTreeSet<_>>()
    };
    let of = |tickets: &[&String]| tickets.iter().map(|ticket| (*ticket).clone()).collect::<BTreeSet<_>>();
    // A kelurahan, its kecamatan, and their kota; the code of each begins with the one above.
    assert_eq!(in_area("31.71.01.1002"), of(&[in_cideng]));
    assert_eq!(in_area("31.71.01.1003"), of(&[in_petojo]));
    for above in ["31.71.01", "31.71"] {
        assert_eq!(in_area(above), of(&[in_cideng, in_petojo]), "{above}");
    }
    assert_eq!(in_area("31.74"), of(&[in_karet]));
    assert_eq!(in_area("31.72"), of(&[]));
    assert_eq!(in_area("31"), of(&[]), "no area of the map, although codes begin with it");
}

#[test]
fn a_list_with_the_desks_below_holds_the_reports_of_unit_and_children_in_one_order() {
    let (parent, child) = (officers::PARENT_UNIT_CODE, officers::UNIT_CODE);
    let sent: Vec<&str> = vec![parent, child, child, "sudin-bina-marga-jakpus", parent, child];
    let reports = in_parallel(sent.iter().enumerate().collect(), |(n, unit)| {
        assigned(unit, ["sampah", "banjir"][n % 2], BAY)
    });
    let ours = |lines: &[Value]| -> Vec<String> {
        let is_ours = |ticket: &String| reports.iter().any(|report| report.ticket == *ticket);
        tickets(lines).into_iter().filter(is_ours).collect()
    };
    let mut all: Vec<String> = reports.iter().map(|report| report.ticket.clone()).collect();
    all.sort_unstable();
    for limit in [9, 100] {
        let found = lines(officers::PARENT_UNIT, &format!("below=true&limit={limit}"));
        let mut found_ours = ours(&found);
        found_ours.sort_unstable();
        assert_eq!(found_ours, all, "each once");
        // Others come and go on these desks meanwhile; ours do not.
        let in_order: Vec<_> =
            found.iter().filter(|line| all.contains(&line["ticket"].as_str().unwrap().to_owned())).collect();
        assert!(in_order.into_iter().map(place_in_order).is_sorted());
    }
    let floods = lines(officers::PARENT_UNIT, "below=true&category=banjir&limit=100");
    assert!(floods.iter().all(|line| line["category"] == "banjir"));
    assert_eq!(ours(&floods).len(), 3);
    let own = ours(&lines(officers::PARENT_UNIT, "below=false&limit=100"));
    assert_eq!(own.len(), 2, "without it the own desk alone");
    // Below the child stands nobody, and what stands above it is not the child's.
    assert_eq!(ours(&lines(officers::UNIT, "below=true&limit=100")).len(), 3);
}

#[test]
fn a_list_of_several_desks_tells_a_unit_nothing_of_those_that_are_not_its_own() {
    let (parent, child) = (officers::PARENT_UNIT_CODE, officers::UNIT_CODE);
    let ours = in_parallel(vec![child, parent, "sudin-bina-marga-jakpus", parent, child], |unit| {
        (unit == child, assigned(unit, "sampah", BAY).ticket)
    });
    // What lies on its sisters' desks and on the one above leaves no gap between its own lines.
    for filter in ["", "&category=sampah"] {
        let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
        loop {
            let query = format!("desk=unit:{parent}&below=true&limit=1{filter}&cursor={cursor}");
            let page = page(officers::UNIT, &query).expect(200).json();
            seen.extend(tickets(page["items"].as_array().expect("items")));
            let Some(next) = page["next"].as_str() else { break };
            assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{query}");
            cursor = next.to_owned();
        }
        for (is_theirs, ticket) in &ours {
            assert_eq!(seen.contains(ticket), *is_theirs, "{filter}");
        }
    }
    let stranger = Account::new(&["petugas-opd"], Some(officers::OTHER_UNIT_CODE)).username;
    for query in ["", "&limit=1", "&category=sampah", "&area=31.71", "&category=sampah&area=31.71"] {
        let foreign = page(&stranger, &format!("desk=unit:{parent}&below=true{query}")).expect(200);
        assert_eq!(foreign.bytes, br#"{"items":[],"next":null}"#, "{query}");
    }
}

#[test]
fn a_look_at_a_filtered_page_is_recorded_with_the_tickets_that_it_showed() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    in_parallel(vec!["sampah", "banjir", "sampah", "sampah"], |category| assigned(&unit.code, category, BAY));
    let shown = tickets(&items(&page(&officer, "category=sampah&limit=2").expect(200)));
    assert_eq!(shown.len(), 2);
    let mut shown: Vec<String> = shown.iter().map(|ticket| ticket.replace('-', "")).collect();
    shown.sort_unstable();
    assert_eq!(looked_at(&format!("unit:{}", unit.code)), [shown]);
}

#[test]
fn a_cursor_is_good_for_the_filters_that_it_came_with_only() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    in_parallel(vec![(); 4], |()| assigned(&unit.code, "sampah", CIDENG));
    let area = lines(&officer, "")[0]["area"].as_str().unwrap().to_owned();
    let filters = [
        String::new(),
        "category=sampah".into(),
        format!("area={area}"),
        "urgency=3_hari".into(),
        "below=true".into(),
    ];
    let cursors: Vec<String> = filters
        .iter()
        .map(|filter| {
            page(&officer, &format!("limit=1&{filter}")).expect(200).json()["next"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(cursors.iter().all(|cursor| cursor.len() == cursors[0].len()), "they are of one length");
    for (n, filter) in filters.iter().enumerate() {
        for (m, cursor) in cursors.iter().enumerate() {
            let answer = page(&officer, &format!("limit=1&{filter}&cursor={cursor}"));
            assert_eq!(answer.status, if n == m { 200 } else { 422 }, "{filter} after {}", filters[m]);
        }
    }
}

#[test]
fn a_filter_that_no_line_could_pass_is_named_with_every_other_error() {
    let cases: [(&str, &[&str]); 9] = [
        ("category=Jalan+Berlubang", &["category invalid_format"]),
        ("category=", &["category invalid_format"]),
        ("urgency=besok", &["urgency not_listed"]),
        ("area=31/71", &["area invalid_format"]),
        ("below=1", &["below not_listed"]),
        ("below=", &["below not_listed"]),
        (
            "limit=0&urgency=x&area=%C3%A9",
            &["urgency not_listed", "area invalid_format", "limit out_of_range"],
        ),
        ("desk=unit%3A&below=true", &["desk invalid_format"]),
        ("category=sampah&cursor=sampah", &["cursor invalid_format"]),
    ];
    for (query, errors) in cases {
        assert_eq!(page(officers::UNIT, query).expect(422).errors(), errors, "{query}");
    }
    // Below a desk of the bureau there is none.
    assert_eq!(page(officers::TIKET, "below=true").expect(422).errors(), ["below not_listed"]);
    assert_eq!(page(officers::TIKET, "below=false&limit=1").expect(200).status, 200);
    for twice in ["category=sampah&category=banjir", "area=31&area=31"] {
        page(officers::UNIT, twice).expect(400);
    }
}
