//! Who may do what: every act by every kind of officer in every status, and every route without its right.
//!
//! What is expected is computed from the command table and from the words of the design, never from the code under test.

use domain::{
    act::Act,
    command_rules::{By, RULES, Rule},
    officer::Tag,
    status::Status,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::{Account, claims, sign_in_through_another_client},
    http::{Answer, Call, fresh_key},
    life::{self, Report, by, declared, photo},
    officers::{self, sign_in},
    operator::{items_of, items_of_kind},
    stack::stack,
    threads::in_parallel,
};

/// Every kind of officer there is, as seen from the unit that holds a report.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Who {
    TicketDesk,
    Unit,
    ParentUnit,
    OtherUnit,
    Validator,
    Verifier,
    Administrator,
    Clerk,
    Conflicted,
}

impl Who {
    const ALL: &[Self] = &[
        Self::TicketDesk,
        Self::Unit,
        Self::ParentUnit,
        Self::OtherUnit,
        Self::Validator,
        Self::Verifier,
        Self::Administrator,
        Self::Clerk,
        Self::Conflicted,
    ];

    fn username(self) -> &'static str {
        match self {
            Self::TicketDesk => officers::TIKET,
            Self::Unit => officers::UNIT,
            Self::ParentUnit => officers::PARENT_UNIT,
            Self::OtherUnit => officers::OTHER_UNIT,
            Self::Validator => officers::VALIDASI,
            Self::Verifier => officers::VERIFIKASI,
            Self::Administrator => officers::ADMINISTRATOR,
            Self::Clerk => officers::CLERK,
            Self::Conflicted => officers::CONFLICTED,
        }
    }

    /// The right; the conflicted has two tags and so none.
    fn tag(self) -> Option<Tag> {
        match self {
            Self::TicketDesk => Some(Tag::AdminTiket),
            Self::Unit | Self::ParentUnit | Self::OtherUnit => Some(Tag::PetugasOpd),
            Self::Validator => Some(Tag::PetugasValidasi),
            Self::Verifier => Some(Tag::PetugasVerifikasi),
            Self::Administrator => Some(Tag::Administrator),
            Self::Clerk => Some(Tag::PetugasKanal),
            Self::Conflicted => None,
        }
    }

    fn unit(self) -> Option<&'static str> {
        match self {
            Self::Unit => Some(officers::UNIT_CODE),
            Self::ParentUnit => Some(officers::PARENT_UNIT_CODE),
            Self::OtherUnit => Some(officers::OTHER_UNIT_CODE),
            Self::TicketDesk
            | Self::Validator
            | Self::Verifier
            | Self::Administrator
            | Self::Clerk
            | Self::Conflicted => None,
        }
    }
}

/// A report in a status, and what the way there implies.
#[derive(Clone, Copy, Debug)]
struct Scene {
    status: Status,
    /// The unit that holds it, or held it last.
    unit: Option<&'static str>,
}

impl Scene {
    /// Every status that a report can have, and `koordinasi` also at a unit that has children.
    fn all() -> Vec<Self> {
        let mut scenes: Vec<Self> = Status::ALL
            .iter()
            .map(|&status| {
                let no_unit = matches!(
                    status,
                    Status::Menunggu | Status::Ditolak | Status::Duplikat | Status::Dibatalkan
                );
                Self { status, unit: (!no_unit).then_some(officers::UNIT_CODE) }
            })
            .collect();
        scenes.push(Self { status: Status::Koordinasi, unit: Some(officers::PARENT_UNIT_CODE) });
        scenes
    }

    fn report(self) -> Report {
        if self.unit != Some(officers::PARENT_UNIT_CODE) {
            return life::in_status(self.status, &life::body());
        }
        let (report, _) = life::submit(&life::body());
        let assign = json!({"action": "assign", "unit": officers::PARENT_UNIT_CODE});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
        report
    }

    /// Design, section 3: whose desk the report lies on, or has lain on.
    fn is_visible_for(self, who: Who) -> bool {
        match who {
            Who::TicketDesk | Who::Administrator => true,
            Who::Unit => self.unit == Some(officers::UNIT_CODE),
            // Its own desk, or its child's.
            Who::ParentUnit => self.unit.is_some(),
            Who::OtherUnit | Who::Clerk | Who::Conflicted => false,
            Who::Validator => matches!(
                self.status,
                Status::MenungguValidasi | Status::MenungguVerifikasi | Status::TlDitolak | Status::Selesai
            ),
            Who::Verifier => self.status == Status::MenungguVerifikasi,
        }
    }

    fn lies_with_a_unit(self) -> bool {
        matches!(self.status, Status::Koordinasi | Status::Disposisi | Status::Proses | Status::TlDitolak)
    }

    /// The status of the answer that the contract asks for. 403 for an account without a right comes before all else.
    fn expected(self, rule: &Rule, who: Who) -> u16 {
        let holds = match rule.by {
            By::Tag(tag) => who.tag() == Some(tag) && (tag != Tag::PetugasOpd || who.unit() == self.unit),
            // A unit that the report has left reads it no longer.
            By::Readers => who.unit().is_none() || self.lies_with_a_unit(),
        };
        if matches!(who, Who::Clerk | Who::Conflicted) {
            403
        } else if !self.is_visible_for(who) {
            404
        } else if !holds {
            403
        } else if !rule.from.contains(&self.status) || rule.act == Act::Recall {
            // With slots at once nothing waits that could be recalled.
            409
        } else if rule.act == Act::Delegate && who == Who::Unit {
            // This unit has no child to pass it to.
            422
        } else if matches!(rule.act, Act::AddWorkPhotos | Act::AddFieldPhotos) {
            201
        } else {
            200
        }
    }
}

/// The status that the act leads to, where it leads anywhere: design, section 2.
fn leads_to(act: Act, from: Status) -> Status {
    match act {
        Act::Submit | Act::Return | Act::Recall => Status::Menunggu,
        Act::Assign | Act::Forward => Status::Koordinasi,
        Act::Reject => Status::Ditolak,
        Act::Merge => Status::Duplikat,
        Act::Accept => Status::Proses,
        Act::Delegate => Status::Disposisi,
        Act::AddWorkPhotos | Act::AddFieldPhotos | Act::Correct | Act::Claim | Act::Plan | Act::Note => from,
        Act::Dispute
        | Act::Withdraw
        | Act::ChangePrivacy
        | Act::CloseUnit
        | Act::Follow
        | Act::Unmerge
        | Act::Remind
        | Act::Escalate => panic!("no officer's"),
        Act::PostTl | Act::CouldNotLook => Status::MenungguValidasi,
        Act::Validate | Act::Verify => Status::Selesai,
    }
}

/// Route and body of an act, without an error of its own. `other` is an open report.
fn request(act: Act, other: &Report, photos: &[String]) -> (&'static str, Value) {
    let reason = "Bukan wewenang kami";
    let one_photo = |kind: &str| {
        let mut entry = declared(&photo(1));
        entry["kind"] = json!(kind);
        json!({"photos": [entry]})
    };
    match act {
        Act::Submit
        | Act::Dispute
        | Act::Withdraw
        | Act::ChangePrivacy
        | Act::CloseUnit
        | Act::Follow
        | Act::Unmerge
        | Act::Remind
        | Act::Escalate => {
            panic!("no officer's route")
        }
        Act::Correct => (
            "correction",
            json!({"location": {"address": format!("Jl. Contoh {}", fresh_key())}, "reason": "Alamat kurang jelas"}),
        ),
        Act::Claim => ("claim", json!({})),
        Act::Recall => ("assignment", json!({"action": "recall"})),
        Act::Plan => ("plan", json!({"on": life::today(), "reason": "Menunggu bahan"})),
        Act::CouldNotLook => ("verification", json!({"looked": false, "reason": "Gerbang terkunci"})),
        Act::Note => ("notes", json!({"text": "Sudah dihubungi"})),
        Act::Assign => ("assignment", json!({"action": "assign", "unit": officers::UNIT_CODE})),
        Act::Reject => ("assignment", json!({"action": "reject", "reason": reason})),
        Act::Merge => ("assignment", json!({"action": "merge", "into": other.ticket})),
        Act::Accept => ("assignment", json!({"action": "accept"})),
        Act::Forward => {
            ("assignment", json!({"action": "forward", "unit": officers::OTHER_UNIT_CODE, "reason": reason}))
        }
        Act::Delegate => ("assignment", json!({"action": "delegate", "unit": officers::UNIT_CODE})),
        Act::Return => ("assignment", json!({"action": "return", "reason": reason})),
        Act::AddWorkPhotos => ("photos", one_photo("before")),
        Act::AddFieldPhotos => ("photos", one_photo("field")),
        Act::PostTl => ("tl", json!({"narrative": "Lubang sudah ditambal", "photos": photos})),
        Act::Validate => ("validation", json!({"decision": "accept"})),
        Act::Verify => {
            let place = json!({"lat": -6.0588, "lon": 106.8456});
            (
                "verification",
                json!({"conforms": true, "finding": "Sesuai", "photos": photos, "location": place}),
            )
        }
    }
}

#[test]
fn a_refused_act_gets_the_code_of_the_contract_and_changes_nothing() {
    let (other, _) = life::submit(&life::body());
    let made_up = ["0000000000000000".to_owned(), "0000000000000001".to_owned()];
    let wrong: Vec<String> = in_parallel(Scene::all(), |scene| {
        let report = scene.report();
        let before = items_of(&report.ticket);
        let mut wrong = Vec::new();
        let mut check = |who: Who, what: &str, expected: u16, answer: &Answer| {
            if answer.status != expected {
                wrong.push(format!("{scene:?}: {who:?} {what}: {} instead of {expected}", answer.status));
            }
        };
        for &who in Who::ALL {
            let seen = match (who, scene.is_visible_for(who)) {
                (Who::Clerk | Who::Conflicted, _) => 403,
                (_, true) => 200,
                (_, false) => 404,
            };
            check(who, "GET", seen, &report.seen_by(who.username()));
            for rule in RULES {
                let expected = scene.expected(rule, who);
                if expected < 300 {
                    continue;
                }
                let (route, body) = request(rule.act, &other, &made_up);
                let answer = report.command(who.username(), route, &body);
                check(who, rule.act.as_str(), expected, &answer);
            }
        }
        if items_of(&report.ticket) != before {
            wrong.push(format!("{scene:?}: something has changed"));
        }
        wrong
    })
    .concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(items_of_kind(&other.ticket, "event").len(), 1);
}

/// What an officer may do by the view that they get, if they get one that says it.
fn actions(report: &Report, who: &str) -> BTreeSet<String> {
    let seen = report.seen_by(who).expect(200).json();
    let actions = seen["actions"].as_array().cloned().unwrap_or_default();
    actions.iter().map(|act| act.as_str().expect("an act").to_owned()).collect()
}

/// Which of them are carried out or refused is what the two tests beside this one try.
#[test]
fn the_actions_that_a_view_lists_are_the_acts_that_would_not_be_refused() {
    let wrong: Vec<String> = in_parallel(Scene::all(), |scene| {
        let report = scene.report();
        let mut wrong = Vec::new();
        let officers = Who::ALL.iter().filter(|who| !matches!(who, Who::Clerk | Who::Conflicted));
        for &who in officers.filter(|who| scene.is_visible_for(**who)) {
            // A unit without children could not name one; and there are no photos to put forward.
            let is_possible = |rule: &&Rule| matches!(scene.expected(rule, who), 200 | 201 | 422);
            let acts = RULES.iter().filter(is_possible).map(|rule| rule.act);
            let acts = acts.filter(|act| !matches!(act, Act::PostTl | Act::Verify));
            let expected: BTreeSet<String> = acts.map(|act| act.as_str().to_owned()).collect();
            let listed = actions(&report, who.username());
            if listed != expected {
                wrong.push(format!("{scene:?}: {who:?} {listed:?} instead of {expected:?}"));
            }
        }
        wrong
    })
    .concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_tl_and_a_verification_are_listed_when_their_photos_are_at_hand_and_not_to_whoever_may_not_judge() {
    let author = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let report = life::in_status(Status::Proses, &life::body());
    let lists = |who: &str, act: &str| actions(&report, who).contains(act);
    let before = report.add_photos(&author.username, &["before"]);
    assert!(!lists(&author.username, "post_tl"), "none of the after");
    let after = report.add_photos(officers::UNIT, &["after"]);
    assert!(lists(&author.username, "post_tl") && lists(officers::UNIT, "post_tl"), "they are the unit's");
    assert!(!lists(officers::TIKET, "post_tl"));
    let photos = [before, after].concat();
    let tl = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    report.command(&author.username, "tl", &tl).expect(200);

    make_judge(&author);
    assert!(lists(officers::VALIDASI, "validate"));
    assert_eq!(actions(&report, &author.username), BTreeSet::new());
    report.command(&author.username, "notes", &json!({"text": "TL saya baik"})).expect(403);
    report.validate("field_check");
    report.add_photos(officers::VERIFIKASI, &["field"]);
    assert!(lists(officers::VERIFIKASI, "verify"));
    let second = Account::new(&["petugas-verifikasi"], None);
    assert!(!lists(&second.username, "verify"), "a photo is the verifier's own");
    assert_eq!(actions(&report, &author.username), BTreeSet::new());
}

#[test]
fn the_actions_of_a_reporter_are_what_would_not_be_refused_to_them() {
    let tries = [
        ("add_photos", "POST", "photos", json!({"photos": [declared(&photo(1))]})),
        ("rate", "PUT", "rating", json!({"stars": 4})),
        ("change_privacy", "PUT", "privacy", json!({"privacy": "public"})),
        ("dispute", "POST", "dispute", json!({"reason": "Masih berlubang"})),
        ("withdraw", "DELETE", "", Value::Null),
    ];
    let wrong: Vec<String> = in_parallel(Status::ALL.to_vec(), |status| {
        let report = life::in_status(status, &life::body());
        let seen = report.tracked().expect(200).json();
        let listed = seen["actions"].as_array().expect("acts").clone();
        let (may, may_not): (Vec<_>, Vec<_>) =
            tries.iter().partition(|(act, ..)| listed.contains(&json!(act)));
        let before = items_of(&report.ticket);
        let mut wrong = Vec::new();
        for (act, method, route, body) in may_not {
            let answer = report.track(method, route, body);
            if answer.status < 400 && !answer.headers.contains_key("idempotency-replayed") {
                wrong.push(format!("{status:?}: {act} is not listed, and {}", answer.status));
            }
        }
        if items_of(&report.ticket) != before {
            wrong.push(format!("{status:?}: something has changed"));
        }
        for (act, method, route, body) in may {
            let answer = report.track(method, route, body);
            if answer.status >= 300 {
                wrong.push(format!("{status:?}: {act} is listed, and {}", answer.status));
            }
        }
        wrong
    })
    .concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_allowed_act_succeeds_for_its_officer_and_leaves_one_event() {
    let cases: Vec<(Scene, &Rule, Who)> = Scene::all()
        .into_iter()
        .flat_map(|scene| RULES.iter().map(move |rule| (scene, rule)))
        .flat_map(|(scene, rule)| Who::ALL.iter().map(move |&who| (scene, rule, who)))
        .filter(|(scene, rule, who)| scene.expected(rule, *who) < 300)
        .collect();
    let acts: BTreeSet<Act> = cases.iter().map(|(_, rule, _)| rule.act).collect();
    let never: Vec<Act> = RULES.iter().map(|rule| rule.act).filter(|act| !acts.contains(act)).collect();
    assert_eq!(never, [Act::Recall], "acts that nobody may ever do");
    let (other, _) = life::submit(&life::body());
    in_parallel(cases, |(scene, rule, who)| {
        let report = scene.report();
        let photos = if rule.act == Act::PostTl {
            report.add_photos(who.username(), &["before", "after"])
        } else if rule.act == Act::Verify {
            report.add_photos(who.username(), &["field"])
        } else {
            Vec::new()
        };
        let events = || items_of_kind(&report.ticket, "event");
        let before = events().len();
        let (route, body) = request(rule.act, &other, &photos);
        let answer = report.command(who.username(), route, &body);
        assert_eq!(answer.status, scene.expected(rule, who), "{scene:?} {who:?} {:?}", rule.act);
        let after = events();
        let last = |name: &str| {
            let number =
                |item: &tests::operator::Item| item["number"].as_n().unwrap().parse::<u32>().unwrap();
            after.iter().max_by_key(|item| number(item)).unwrap()[name].as_s().unwrap().clone()
        };
        if rule.act == Act::Claim {
            assert_eq!(after.len(), before, "a claim leaves no event");
            return;
        }
        assert_eq!(after.len(), before + 1, "{scene:?} {who:?} {:?}", rule.act);
        assert_eq!(last("act"), rule.act.as_str());
        assert_eq!(
            last("status"),
            leads_to(rule.act, scene.status).as_str(),
            "{scene:?} {who:?} {:?}",
            rule.act
        );
        assert_eq!(report.status(), leads_to(rule.act, scene.status).as_str());
    });
}

#[test]
fn a_unit_adds_no_field_photo_and_a_verifier_none_of_the_work() {
    let entry = |kind: &str| {
        let mut entry = declared(&photo(1));
        entry["kind"] = json!(kind);
        entry
    };
    let proses = life::in_status(Status::Proses, &life::body());
    let verifying = life::in_status(Status::MenungguVerifikasi, &life::body());
    for (report, officer, kinds) in [
        (&proses, officers::UNIT, &["field"] as &[_]),
        (&proses, officers::UNIT, &["before", "field"]),
        (&verifying, officers::VERIFIKASI, &["after"]),
        (&verifying, officers::VERIFIKASI, &["field", "before"]),
    ] {
        let before = items_of(&report.ticket);
        let body = json!({"photos": kinds.iter().map(|kind| entry(kind)).collect::<Vec<_>>()});
        report.command(officer, "photos", &body).expect(403);
        assert!(items_of(&report.ticket) == before, "{officer} {kinds:?}");
    }
}

/// Moves an officer of a unit to the bureau, with every tag of those who judge.
fn make_judge(officer: &Account) {
    officer.take("petugas-opd");
    officer.give("petugas-validasi");
    officer.give("petugas-verifikasi");
    officer.sign_in();
}

#[test]
fn whoever_posted_a_tl_has_no_part_in_judging_that_report_with_whatever_tags() {
    let author = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let report = life::in_status(Status::Proses, &life::body());
    let photos = report.add_photos(&author.username, &["before", "after"]);
    let tl = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    report.command(&author.username, "tl", &tl).expect(200);

    make_judge(&author);
    let own = |route: &str, body: &Value| {
        let before = items_of(&report.ticket);
        let refused = report.command(&author.username, route, body).expect(403);
        assert_eq!(refused.json()["type"], "/problems/own-tl");
        assert!(items_of(&report.ticket) == before);
    };
    report.seen_by(&author.username).expect(200);
    for decision in ["accept", "reject", "field_check"] {
        own("validation", &json!({"decision": decision, "reason": "Menilai sendiri"}));
    }
    report.validate("field_check");
    let place = json!({"lat": -6.0588, "lon": 106.8456});
    let made_up = ["0000000000000000"];
    own(
        "verification",
        &json!({"conforms": true, "finding": "Sesuai", "photos": made_up, "location": place}),
    );
    let field = |bytes: &[u8]| {
        let mut entry = declared(bytes);
        entry["kind"] = json!("field");
        entry
    };
    let entries: Vec<Value> = (0..10).map(|n| field(&photo(n))).collect();
    own("photos", &json!({"photos": entries}));

    // What another verifier adds takes no place of theirs, and serves nobody else.
    let second = Account::new(&["petugas-verifikasi"], None);
    report.command(&second.username, "photos", &json!({"photos": entries})).expect(201);
    let third = Account::new(&["petugas-verifikasi"], None);
    let theirs = report.add_photos(&third.username, &["field"]);
    let others = json!({"conforms": true, "finding": "Sesuai", "photos": theirs, "location": place});
    let refused = report.command(officers::VERIFIKASI, "verification", &others).expect(422);
    assert_eq!(refused.errors(), ["photos[0] no_such_photo", "photos field_missing"]);
    report.verify(false);

    // A later TL by somebody else does not make the first one's author a judge.
    report.post_tl();
    own("validation", &json!({"decision": "accept"}));

    // Of another report they may judge.
    let another = life::in_status(Status::MenungguValidasi, &life::body());
    another.command(&author.username, "validation", &json!({"decision": "accept"})).expect(200);
}

#[test]
fn an_account_that_loses_its_tag_or_never_had_one_may_do_nothing() {
    let report = life::in_status(Status::Koordinasi, &life::body());
    let account = Account::new(&[], Some(officers::UNIT_CODE));
    report.seen_by(&account.username).expect(403);
    account.give("petugas-opd");
    account.sign_in();
    report.seen_by(&account.username).expect(200);
    account.take("petugas-opd");
    account.sign_in();
    report.seen_by(&account.username).expect(403);
    report.command(&account.username, "assignment", &json!({"action": "accept"})).expect(403);
}

/// The credential that opens a route.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Opens {
    Everybody,
    ChannelKey,
    IdToken,
    ReportSecret,
    /// A page of the portal, which looks for the session in its cookies (tests/tests/browser).
    Session,
}

/// The authorization case of every route. A route that is not here fails the build of whoever adds it.
const ROUTES: &[(&str, Opens)] = &[
    ("POST /v1/reports", Opens::ChannelKey),
    ("POST /v1/assignments", Opens::IdToken),
    ("POST /v1/reports/{ticket}/correction", Opens::IdToken),
    ("POST /v1/reports/{ticket}/notes", Opens::IdToken),
    ("POST /v1/reports/{ticket}/claim", Opens::IdToken),
    ("POST /v1/reports/{ticket}/plan", Opens::IdToken),
    ("POST /v1/counter/reports", Opens::IdToken),
    ("POST /v1/reports/{ticket}/assignment", Opens::IdToken),
    ("POST /v1/reports/{ticket}/photos", Opens::IdToken),
    ("POST /v1/reports/{ticket}/camera", Opens::IdToken),
    ("POST /v1/reports/{ticket}/tl", Opens::IdToken),
    ("POST /v1/reports/{ticket}/validation", Opens::IdToken),
    ("POST /v1/reports/{ticket}/verification", Opens::IdToken),
    ("GET /v1/city", Opens::Everybody),
    ("GET /v1/desk", Opens::IdToken),
    ("GET /v1/reports/{ticket}", Opens::IdToken),
    ("GET /v1/reports/{ticket}/accesses", Opens::IdToken),
    ("GET /v1/reports/{ticket}/similar", Opens::IdToken),
    ("GET /v1/reports/{ticket}/photos/{photo}", Opens::IdToken),
    ("GET /v1/track/{ticket}", Opens::ReportSecret),
    ("POST /v1/track/{ticket}/photos", Opens::ReportSecret),
    ("POST /v1/track/{ticket}/dispute", Opens::ReportSecret),
    ("PUT /v1/track/{ticket}/rating", Opens::ReportSecret),
    ("PUT /v1/track/{ticket}/privacy", Opens::ReportSecret),
    ("DELETE /v1/track/{ticket}", Opens::ReportSecret),
    ("GET /masuk", Opens::Everybody),
    ("POST /masuk", Opens::Everybody),
    ("POST /keluar", Opens::Session),
    ("GET /petugas", Opens::Session),
    ("GET /petugas/{halaman+}", Opens::Session),
    ("POST /petugas/{halaman+}", Opens::Session),
];

/// The calls to all routes of officers who handle reports, about one report, without a token.
pub(crate) fn calls_of_officers(ticket: &str) -> Vec<(&'static str, Call)> {
    let mut calls = calls(Opens::IdToken, ticket);
    calls.retain(|(route, _)| *route != "POST /v1/counter/reports");
    calls
}

/// The calls to all routes that this opens, about one report, with nothing that opens them.
fn calls(opens: Opens, ticket: &str) -> Vec<(&'static str, Call)> {
    ROUTES
        .iter()
        .filter(|(_, by)| *by == opens)
        .map(|(route, _)| {
            let (method, path) = route.split_once(' ').expect("a method");
            let path = path.replace("{ticket}", ticket).replace("{photo}", "0000000000000000");
            let call = Call::api(method, &path);
            (*route, if method == "GET" { call } else { call.json(&json!({})) })
        })
        .collect()
}

#[test]
fn every_route_of_the_template_has_an_authorization_case() {
    let template = include_str!("../../../infra/template.yaml");
    let keys = template.lines().filter_map(|line| line.trim().strip_prefix("RouteKey:"));
    let routes: Vec<&str> = keys.map(|key| key.trim().trim_matches(['"', '\''])).collect();
    let deployed: BTreeSet<&str> = routes.iter().copied().collect();
    let covered: BTreeSet<&str> = ROUTES.iter().map(|(route, _)| *route).collect();
    assert_eq!(deployed, covered);
    assert_eq!(routes.len(), ROUTES.len(), "a route twice");
}

#[test]
fn an_officer_route_opens_to_nothing_but_an_id_token_of_the_officers_client() {
    let (report, _) = life::submit(&life::body());
    let before = items_of(&report.ticket);
    let administrator = sign_in(officers::ADMINISTRATOR);
    let of_another_client = sign_in_through_another_client(officers::ADMINISTRATOR);
    assert_ne!(claims(&of_another_client.id)["aud"], claims(&administrator.id)["aud"]);
    let channel = stack().channel_key("jaki");
    let authorizations = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer sampah".to_owned()),
        Some("Bearer a.b.c".to_owned()),
        Some(format!("Basic {}", administrator.id)),
        Some(format!("Bearer {channel}")),
        Some(format!("Bearer {}", administrator.access)),
        Some(format!("Bearer {}", of_another_client.id)),
        Some(format!("Bearer {}", of_another_client.access)),
    ];
    for (route, call) in calls(Opens::IdToken, &report.ticket) {
        for authorization in &authorizations {
            let call = call.clone();
            let call = match authorization {
                None => call,
                Some(value) => call.header("Authorization", value),
            };
            let kind = authorization.as_deref().map(|value| value.split_at(value.len().min(12)).0);
            assert_eq!(call.send().status, 401, "{route} with {kind:?}");
        }
        let conflicted = call.clone().bearer(&sign_in(officers::CONFLICTED).id).send();
        assert_eq!(conflicted.status, 403, "{route}");
        let opened = call.bearer(&administrator.id).send();
        assert_ne!(opened.status, 401, "{route}: else these cases say nothing");
    }
    assert!(items_of(&report.ticket) == before);
}

#[test]
fn the_channel_route_opens_to_nothing_but_a_channels_own_key() {
    let jaki = stack().channel_key("jaki");
    let random = jaki.rsplit_once("tk_jaki_").expect("a key").1;
    let first = random.chars().next().expect("a character");
    let flipped = format!("tk_jaki_{}{}", if first == 'A' { 'B' } else { 'A' }, &random[1..]);
    let submit = |authorization: Option<&str>| {
        let call = Call::api("POST", "/v1/reports").key(&fresh_key()).json(&life::body());
        match authorization {
            None => call.send(),
            Some(value) => call.header("Authorization", value).send(),
        }
    };
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some(jaki.to_owned()),
        Some(format!("Basic {jaki}")),
        Some(format!("Bearer {flipped}")),
        Some(format!("Bearer {jaki}x")),
        Some(format!("Bearer {}", &jaki[..jaki.len() - 1])),
        Some(format!("Bearer {}", jaki.to_uppercase())),
        Some(format!("Bearer tk_facebook_{random}")),
        Some(format!("Bearer tk_tidak-ada_{random}")),
        Some(format!("Bearer tk_{random}")),
        Some(format!("Bearer {}", sign_in(officers::ADMINISTRATOR).id)),
        Some(format!("Bearer {}", sign_in(officers::CLERK).id)),
    ];
    let refused: Vec<Answer> = in_parallel(wrong.to_vec(), |authorization| submit(authorization.as_deref()));
    for (authorization, answer) in wrong.iter().zip(&refused) {
        assert_eq!(answer.status, 401, "{:?}", authorization.as_ref().map(String::len));
        assert_eq!(answer.bytes, refused[0].bytes, "all refusals are the same");
    }
    submit(Some(&format!("Bearer {jaki}"))).expect(201);
}

#[test]
fn a_reporters_route_answers_every_wrong_or_missing_secret_as_if_there_were_no_report() {
    let (report, _) = life::submit(&life::body());
    let (other, _) = life::submit(&life::body());
    let token = sign_in(officers::ADMINISTRATOR).id;
    let of_other = other.secret.as_str();
    let shorter = &report.secret[1..];
    for (route, call) in calls(Opens::ReportSecret, &report.ticket) {
        let unknown =
            calls(Opens::ReportSecret, &life::unknown_ticket()).into_iter().find(|(name, _)| *name == route);
        let unknown = unknown.expect("the same route").1.header("Report-Secret", of_other).send().expect(404);
        let wrong = [
            ("none", call.clone()),
            ("empty", call.clone().header("Report-Secret", "")),
            ("garbage", call.clone().header("Report-Secret", "sampah")),
            ("another report's", call.clone().header("Report-Secret", of_other)),
            ("too short", call.clone().header("Report-Secret", shorter)),
            ("twice", call.clone().header("Report-Secret", &report.secret).header("Report-Secret", of_other)),
            ("as a token", call.clone().bearer(&report.secret)),
            ("an officer's token", call.clone().bearer(&token)),
        ];
        for (what, call) in wrong {
            let answer = call.send();
            assert_eq!(answer.status, 404, "{route}: {what}");
            assert_eq!(answer.bytes, unknown.bytes, "{route}: {what}");
        }
        let opened = call.header("Report-Secret", &report.secret).send();
        assert_ne!(opened.status, 404, "{route}: else these cases say nothing");
    }
}

#[test]
fn a_ticket_that_never_was_and_a_hidden_report_look_the_same_to_an_officer() {
    let hidden = life::in_status(Status::Proses, &life::body());
    let unknown = life::unknown_ticket();
    for officer in [officers::OTHER_UNIT, officers::VALIDASI, officers::VERIFIKASI] {
        for (route, _) in
            ROUTES.iter().filter(|(route, opens)| *opens == Opens::IdToken && route.contains("{ticket}"))
        {
            let (method, path) = route.split_once(' ').expect("a method");
            let answer = |ticket: &str| {
                let path = path.replace("{ticket}", ticket).replace("{photo}", "0000000000000000");
                let answer = by(officer, method, &path).json(&json!({})).send();
                (answer.status, answer.bytes)
            };
            let seen = answer(&hidden.ticket);
            assert_eq!(seen.0, 404, "{officer} {route}");
            // A ticket that never was, one that cannot be, and none at all.
            for unknown in [unknown.as_str(), "0000-0000-00001", "tiket"] {
                assert_eq!(seen, answer(unknown), "{officer} {route} {unknown}");
            }
        }
    }
}
