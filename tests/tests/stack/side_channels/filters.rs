//! No parameter of a query does anything but those of the contract, and a hidden field is as unknown as one that is not.

use serde_json::json;
use tests::{
    accounts::{Account, OwnUnit},
    life::{self, by},
    officers,
};

/// Fields that a unit or a verifier may not see, by the names that they have, and ways to ask for order, search and counts.
const HIDDEN: &[&str] = &[
    "submitted_at=2026-11-23",
    "at=2026-11-23",
    "due_on=2026-11-23",
    "channel=jaki",
    "reporter=x",
    "phone=%2B6281299887766",
    "secret_digest=x",
    "rating=1",
    "privacy=private",
    "sort=submitted_at",
    "order=desc",
    "q=berlubang",
    "search=berlubang",
    "count=true",
    "total=1",
    "fields=submitted_at",
    "updated_after=2026-11-23T00:00:00Z",
    "tidak_ada=1",
];

#[test]
fn no_officer_can_filter_sort_search_or_count_by_what_they_may_not_see() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let verifier = Account::new(&["petugas-verifikasi"], None).username;
    let (report, _) = life::submit(&life::body());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let routes = [
        (&officer, "GET", "/v1/desk".to_owned()),
        (&officer, "GET", report.path("")),
        (&officer, "GET", report.path("photos/0123456789ABCDEF")),
        (&officer, "POST", report.path("assignment")),
        (&verifier, "GET", "/v1/desk".to_owned()),
        (&verifier, "GET", report.path("")),
        (&verifier, "POST", report.path("verification")),
    ];
    for (who, method, path) in routes {
        let ask = |query: &str| {
            let call = by(who, method, &format!("{path}?{query}"));
            let call = if method == "POST" { call.json(&json!({"action": "accept"})) } else { call };
            let answer = call.send();
            (answer.status, String::from_utf8_lossy(&answer.bytes).into_owned())
        };
        let unknown = ask("apa_saja=1");
        assert!(matches!(unknown.0, 400 | 404), "{method} {path}: {unknown:?}");
        for query in HIDDEN {
            assert_eq!(ask(query), unknown, "{method} {path}?{query}");
        }
    }
    assert_eq!(report.status(), "koordinasi", "nothing was done");
}
