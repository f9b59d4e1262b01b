//! What a page costs an officer whose line is slow: bytes and round trips, counted of a page as it is sent and of all that it names. How
//! long something takes no test says; it follows from these (docs/PERFORMANCE.md).
//!
//! `fixtures` has what the API answers to an officer of a unit of the demonstration's city: a desk of fifty lines, and a report with a
//! long history. `tests/bench` measures with the same.

use crate::{
    api::{
        areas::{Area, AreaNames},
        city::City,
        desk::DeskPage,
        report::Report,
    },
    cognito::Tokens,
    compression,
    context::{Context, SignedIn},
    cookie_key::Keys,
    counter,
    desk::{self, Answered, List},
    report::{self, Beside, Opened},
    session::Session,
    static_files,
};
use data_encoding::BASE64URL_NOPAD;
use domain::{act::Act, area_lines::MOST_CORNERS, location::Point, secret_text::SecretText};
use http::header;
use jiff::{Timestamp, tz::TimeZone};
use lambda_http::{Body, Request, RequestExt, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The first page after signing in, with all that it loads.
const FIRST_PAGE: usize = 60 * 1024;
/// A report's page with all that it loads, the map among it.
const PAGE_WITH_MAP: usize = 120 * 1024;
/// A clerk's form with all that it loads, the map's script among it, beside outlines.
const COUNTER: usize = 80 * 1024;
/// A report's page as it is worked with in the street, with all that it loads, beside the outlines of its map.
const FIELD_PAGE: usize = 80 * 1024;
/// What a line of 400 kbit/s carries in a second.
const BYTES_A_SECOND: usize = 50_000;
/// A round trip on that line.
const ROUND_TRIP_MS: usize = 400;
/// What either side may send before it has heard anything of the other (RFC 6928).
const FIRST_WINDOW: usize = 14_600;
/// The headers of a request or of an answer, without cookies.
const HEADERS: usize = 1200;
/// How soon a desk is to be usable there, on a connection that is open. What the function itself needs is measured by the bench.
const USABLE_MS: usize = 1500;

const DESK: &str = "desk=unit%3Asudin-bina-marga-jaksel";

/// A page as it is sent.
struct Sent {
    body: Vec<u8>,
    /// The session's cookies, which come with each page, and go along with each request after it.
    cookies: usize,
}

/// The page that an officer of a unit gets.
fn sent(
    path: &str,
    query: &str,
    make: impl FnOnce(&SignedIn<'_>, &Context, &Request) -> Response<Body>,
) -> Sent {
    let now: Timestamp = "2026-01-12T02:00:00Z".parse().unwrap();
    let event = json!({
        "rawQueryString": query,
        "headers": { "accept-encoding": "gzip, deflate, br", "sec-fetch-site": "same-origin" },
        "pathParameters": { "halaman": path },
        "requestContext": { "routeKey": "GET /petugas/{halaman+}", "stage": "$default", "http": { "method": "GET" } },
    });
    let request = runtime::gateway::request(event).unwrap();
    let claims = json!({
        "sub": "6f1c2d3e-0000-4000-8000-000000000001", "cognito:username": "marga.budi", "name": "Budi Santoso",
        "cognito:groups": ["petugas-opd"], "custom:unit": "sudin-bina-marga-jaksel", "exp": now.as_second() + 900,
    });
    // As long as Cognito's.
    let id = format!("h.{}.", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
    let tokens = Tokens {
        id: SecretText::new(format!("{id:s<1150}")),
        access: SecretText::new("a".repeat(1080)),
        refresh: Some(SecretText::new("r".repeat(1790))),
    };
    let keys = Keys::new(&"k".repeat(64)).unwrap();
    let who = SignedIn { session: Box::new(Session::begin(tokens, now).unwrap()), keys: &keys };
    let mut response = make(&who, &Context::of(&request, now), &request);
    compression::compress(&request, &mut response);
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    let cookies = who.session.cookies(&keys).unwrap().iter().map(|cookie| cookie.len()).sum();
    Sent { body: response.body().to_vec(), cookies }
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn city() -> City {
    parsed(include_str!("../fixtures/city.json"))
}

/// The page of a desk with fifty lines.
fn desk() -> Sent {
    let found: DeskPage = parsed(include_str!("../fixtures/desk.json"));
    assert_eq!(found.items.len(), 50);
    let areas: Value = parsed(include_str!("../fixtures/areas.json"));
    let areas: Vec<Area> = serde_json::from_value(areas["areas"].clone()).unwrap();
    sent("meja", DESK, |who, context, request| {
        let names = AreaNames::default();
        let answered =
            Answered { city: &city(), found, errors: Vec::new(), below: areas, names: &names, tiles: None };
        desk::show(who, context, &request.query_string_parameters(), answered)
    })
}

/// The page of a report with a long history and a map.
fn report() -> Sent {
    page_of(parsed(include_str!("../fixtures/report.json")))
}

/// The same once its unit is at work: with the forms of a TL, of photos and of a note.
fn report_at_work() -> Sent {
    let mut report: Report = parsed(include_str!("../fixtures/report.json"));
    report.actions = vec![Act::Return, Act::Plan, Act::AddWorkPhotos, Act::PostTl, Act::Note];
    page_of(report)
}

fn page_of(report: Report) -> Sent {
    let opened = Opened { dari: List::of_query(DESK), next: "CSK6-CSK6-CSK6C".to_owned(), done: None };
    sent(&format!("laporan/{}", report.heading.ticket), "", |who, context, _| {
        let beside =
            Beside { city: &city(), zone: &TimeZone::UTC, areas: &AreaNames::default(), tiles: None };
        report::render(who, context, &beside, &report, &opened, None)
    })
}

/// The form of the counter.
fn counter() -> Sent {
    sent("loket", "", |who, context, _| {
        let middle = Point { lat: -6.1754, lon: 106.8272, accuracy_m: None };
        counter::empty(who, context, &counter::Around { city: &city(), middle, tiles: None })
    })
}

fn unpacked(page: &Sent) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(page.body.as_slice()), &mut text)
        .unwrap();
    text
}

/// The files that a text names, by their hashed names.
fn named_in(text: &str, before: &str) -> BTreeSet<String> {
    let end = |symbol: char| !(symbol.is_ascii_alphanumeric() || matches!(symbol, '-' | '.' | '_'));
    text.split(before).skip(1).map(|rest| rest.split(end).next().unwrap().to_owned()).collect()
}

/// A file as a browser gets it that knows gzip alone: no other form is longer.
fn file(name: &str) -> usize {
    static_files::serve(name, "gzip").unwrap_or_else(|| panic!("no file {name}")).body().len()
}

fn plain(name: &str) -> String {
    String::from_utf8(static_files::serve(name, "").unwrap().body().to_vec()).unwrap()
}

/// All files that a page loads: those that it names, and those that they name.
fn files(page: &Sent) -> BTreeSet<String> {
    let mut all = named_in(&unpacked(page), "/petugas/aset/");
    let scripts: Vec<String> =
        all.iter().filter(|name| name.ends_with(".js")).map(|name| plain(name)).collect();
    for script in scripts {
        all.extend(named_in(&script, "\"./"));
    }
    // What asks the device where it is comes with a button for that.
    let asks = ["data-measure ", "data-nearest "].iter().any(|button| unpacked(page).contains(button));
    all.retain(|name| asks || !name.starts_with("where-"));
    all
}

#[test]
fn the_first_page_with_all_that_it_loads_is_at_most_60_kib() {
    let page = desk();
    assert!(unpacked(&page).matches("class=\"ticket\"").count() == 50);
    // The scripts of maps and cameras are loaded where there are some.
    let loaded =
        files(&page).into_iter().filter(|name| !name.starts_with("map-") && !name.starts_with("camera-"));
    let bytes = page.body.len() + loaded.map(|name| file(&name)).sum::<usize>();
    assert!(bytes <= FIRST_PAGE, "{bytes}");
}

#[test]
fn a_page_with_a_map_is_at_most_120_kib() {
    let page = report();
    assert!(!unpacked(&page).contains("data-camera"));
    let mut loaded = files(&page);
    loaded.retain(|name| !name.starts_with("camera-"));
    assert_eq!(loaded.iter().filter(|name| name.starts_with("map-")).count(), 2, "{loaded:?}");
    // What the map is drawn on comes as it is: at most so many corners, and the areas that they are of.
    let outlines = MOST_CORNERS * "[106.82720,-6.17530],".len() + 4096;
    let bytes = page.body.len() + loaded.iter().map(|name| file(name)).sum::<usize>() + outlines;
    assert!(bytes <= PAGE_WITH_MAP, "{bytes}");
}

#[test]
fn the_counters_form_is_at_most_80_kib_beside_outlines() {
    let page = counter();
    let loaded = files(&page);
    assert_eq!(loaded.iter().filter(|name| name.starts_with("map-")).count(), 2, "{loaded:?}");
    let bytes = page.body.len() + loaded.iter().map(|name| file(name)).sum::<usize>();
    assert!(bytes <= COUNTER, "{bytes}");
}

#[test]
fn a_page_to_work_with_in_the_street_is_at_most_80_kib_beside_its_outlines() {
    let page = report_at_work();
    assert!(unpacked(&page).contains("data-photo-cards") && unpacked(&page).contains("data-outbox"));
    assert!(files(&page).iter().any(|name| name.starts_with("where-")));
    assert!(files(&page).iter().any(|name| name.starts_with("camera-")));
    let bytes = page.body.len() + files(&page).iter().map(|name| file(name)).sum::<usize>();
    assert!(bytes <= FIELD_PAGE, "{bytes}");
}

#[test]
fn no_font_is_loaded() {
    for name in ["style.css", "map.css"] {
        let path = static_files::path(name);
        let style = plain(path.rsplit('/').next().unwrap()).to_ascii_lowercase();
        assert!(style.len() > 1000);
        for word in ["@font-face", "@import", "url(", "woff", "ttf"] {
            assert!(!style.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn a_desk_is_usable_on_a_slow_line_within_a_second_and_a_half() {
    let page = desk();
    let named = named_in(&unpacked(&page), "/petugas/aset/");
    // The head names one style, and that alone is waited for: scripts of modules are not, and wait for no other script. The style of the
    // map comes with the map, once somebody opens it.
    let waited_for: Vec<String> =
        named_in(&unpacked(&page), "<link rel=\"stylesheet\" href=\"/petugas/aset/").into_iter().collect();
    assert_eq!(waited_for.len(), 1);
    assert!(waited_for[0].starts_with("style-"), "{waited_for:?}");
    for name in named.iter().filter(|name| name.ends_with(".js")) {
        assert!(unpacked(&page).contains(&format!("<script type=\"module\" src=\"/petugas/aset/{name}\">")));
        let script = plain(name);
        assert!(!script.contains("from\"./") && !script.contains("import\"./"), "{name} waits for another");
    }
    let request = HEADERS + page.cookies;
    let answer = HEADERS + page.cookies + page.body.len();
    let style = HEADERS + file(&waited_for[0]);
    for message in [request, answer, style] {
        // Else it would take another round trip.
        assert!(message <= FIRST_WINDOW, "{message}");
    }
    let milliseconds = |bytes: usize| ROUND_TRIP_MS + bytes * 1000 / BYTES_A_SECOND;
    let kept = milliseconds(request + answer);
    let first = kept + milliseconds(request + style);
    assert!(first <= USABLE_MS, "{first}");
    assert!(kept <= USABLE_MS * 2 / 3, "{kept}");
}
