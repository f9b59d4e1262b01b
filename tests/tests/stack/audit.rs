//! The access log against its seals: what an operator with every right does to a sealed hour is found and named.

use access_log_seals::findings::{Finding, Tampering, What};
use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    types::{AttributeValue, ReturnValue},
};
use data_encoding::BASE32_NOPAD;
use domain::{
    access_log::Looked,
    ids::{EventId, PhotoId, ViewCode},
    officer::Named,
    ticket::Ticket,
    unit::Code,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::access_log::{Access, Hour, row};
use tests::{
    http::fresh_key,
    life::{self, Report, by},
    officers,
    operator::{self, Item, config, wait},
    seals::{alone, audit, audited, bucket, clear, findings, lock, objects, remove, run_seal, s3, versions},
    stack::stack,
    threads::at_once,
};

const OFFICER: &str = "Petugas Teraudit";

#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn dynamodb() -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&config())
}

fn table() -> &'static str {
    stack().output("AccessesTable")
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Draws random bytes.
fn random<const N: usize>() -> [u8; N] {
    let key = fresh_key();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    digest.as_ref()[..N].try_into().unwrap()
}

/// A look some hours ago, as `read` and `view` write it.
pub(crate) struct Look {
    access: Access,
    item: Item,
}

impl Look {
    fn new(ticket: &str, hours_ago: i64, looked_at: Looked) -> Self {
        let is_photo = looked_at == Looked::Photo;
        let access = Access {
            id: EventId::from_bytes(&random()),
            at: now() - SignedDuration::from_hours(hours_ago),
            officer: Named {
                id: "subject".into(),
                name: OFFICER.into(),
                unit: Some(Code::parse(officers::UNIT_CODE).unwrap()),
            },
            looked_at,
            photo: is_photo.then(|| PhotoId::from_bytes(&random())),
            code: is_photo.then(|| ViewCode::from_bytes(&random())),
            tickets: Vec::new(),
        };
        let item = row(Ticket::parse(ticket).unwrap().as_str().to_owned(), &access).unwrap();
        Self { access, item }
    }

    /// As it would have been written then; or as it was before somebody changed it.
    fn put(&self) {
        put(self.item.clone());
    }

    fn key(&self) -> Item {
        let key = ["pk", "sk"].map(|name| (name.to_owned(), self.item[name].clone()));
        Item::from(key)
    }

    /// The first half of its id, by which a finding names it.
    fn name(&self) -> &str {
        &self.access.id.as_str()[..13]
    }

    fn hour(&self) -> Hour {
        Hour::of(self.access.at)
    }

    fn finding(&self, tampering: Tampering) -> Finding {
        let what = What::Entry { id: self.name().to_owned(), tampering };
        Finding { hour: Some(self.hour()), what }
    }
}

fn put(item: Item) {
    wait(dynamodb().put_item().table_name(table()).set_item(Some(item)).send()).expect("a row");
}

fn delete(key: Item) {
    let gone = dynamodb().delete_item().table_name(table()).set_key(Some(key));
    let old = wait(gone.return_values(ReturnValue::AllOld).send()).expect("a deletion").attributes;
    assert!(old.is_some(), "there was nothing to delete");
}

/// A bucket without seals, and a log with looks at this report in three hours of the past, all of them sealed.
pub(crate) fn sealed(report: &Report) -> Vec<Look> {
    lock();
    clear("");
    let kinds = [(5, Looked::Report), (5, Looked::Photo), (3, Looked::Report), (2, Looked::Photo)];
    let looks: Vec<Look> = kinds.map(|(ago, kind)| Look::new(&report.ticket, ago, kind)).into();
    looks.iter().for_each(Look::put);
    run_seal();
    looks
}

/// The code of the copy that was looked at; `None` of a look at a report.
pub(crate) fn with_code(look: &Look) -> Option<String> {
    Some(look.access.code.as_ref()?.as_str().to_owned())
}

#[test]
fn whatever_is_done_to_a_sealed_hour_is_named_and_what_is_put_right_passes() {
    let _alone = alone();
    let (report, _) = life::submit(&life::body());
    let looks = sealed(&report);
    assert_eq!(findings(), []);
    assert!(audit(&["verify"]).0);

    let tampered = [
        ("an officer's name", 0, "SET officer.#name = :value", Some("Petugas Lain")),
        ("the time", 1, "SET #at = :value", Some("2026-01-01T00:00:00Z")),
        ("the hour", 2, "SET #hour = :value", Some("2199-01-01T00")),
        ("no hour", 3, "REMOVE #hour", None),
        ("no code", 1, "REMOVE #code", None),
        ("something more", 0, "SET remark = :value", Some("")),
    ];
    for (what, n, change, value) in tampered {
        let look = &looks[n];
        let mut update =
            dynamodb().update_item().table_name(table()).set_key(Some(look.key())).update_expression(change);
        for name in ["name", "at", "hour", "code"] {
            if change.contains(&format!("#{name}")) {
                update = update.expression_attribute_names(format!("#{name}"), name);
            }
        }
        update = update
            .set_expression_attribute_values(value.map(|value| [(":value".into(), text(value))].into()));
        wait(update.send()).expect("a change");
        assert_eq!(findings(), [look.finding(Tampering::Edited)], "{what}");
        look.put();
    }

    delete(looks[2].key());
    assert_eq!(findings(), [looks[2].finding(Tampering::Deleted)]);
    let (passed, said) = audit(&["verify"]);
    assert!(!passed);
    let named = format!("The first broken entry: {}  entry {} was deleted", looks[2].hour(), looks[2].name());
    assert!(said.contains(&named), "{said}");
    let told: Value = serde_json::from_str(&audit(&["verify", "--json"]).1).expect("JSON");
    let hour = looks[2].hour().to_string();
    let what = format!("entry {} was deleted", looks[2].name());
    assert_eq!(told["findings"], json!([{"hour": hour, "what": what}]));
    assert_eq!(told["sealed"], audited().sealed);
    looks[2].put();

    let inserted = Look::new(&report.ticket, 3, Looked::Report);
    inserted.put();
    assert_eq!(findings(), [inserted.finding(Tampering::Inserted)]);
    delete(inserted.key());

    let mut swapped = [looks[0].item.clone(), looks[2].item.clone()];
    for (n, other) in [(0, &looks[2]), (1, &looks[0])] {
        swapped[n].insert("at".into(), other.item["at"].clone());
        swapped[n].insert("hour".into(), other.item["hour"].clone());
        put(swapped[n].clone());
    }
    assert_eq!(findings(), [looks[0].finding(Tampering::Edited), looks[2].finding(Tampering::Edited)]);
    looks.iter().for_each(Look::put);

    let (passed, said) = audit(&["verify"]);
    assert!(passed, "{said}");
    // Everybody who looked is still told, in the order of time.
    let told = by(officers::ADMINISTRATOR, "GET", &report.path("accesses")).send().expect(200).json();
    // Reading the list is a look of its own, the last.
    let told = told["items"].as_array().unwrap().iter().filter(|item| item["looked_at"] != "accesses");
    let told: Vec<&str> = told.map(|item| item["at"].as_str().unwrap()).collect();
    let mut times: Vec<Timestamp> = looks.iter().map(|look| look.access.at).collect();
    times.sort_unstable();
    let times: Vec<String> =
        times.into_iter().map(|at| at.strftime("%Y-%m-%dT%H:%M:00Z").to_string()).collect();
    assert_eq!(told, times);
}

#[test]
fn a_seal_tells_nothing_but_how_much_was_looked_at_in_an_hour() {
    let _alone = alone();
    let (report, _) = life::submit(&life::body());
    let looks = sealed(&report);
    let objects = objects();
    let last = Hour::last_complete(now(), SignedDuration::from_mins(10));
    let first = objects.keys().next().unwrap();
    let mut expected: BTreeSet<String> = BTreeSet::new();
    let mut hour = access_log_seals::sealed_hour::hour_of(first).unwrap();
    while hour <= last {
        expected.insert(format!("hours/{hour}.json"));
        hour = hour.next();
    }
    assert_eq!(objects.keys().cloned().collect::<BTreeSet<_>>(), expected, "every hour, without a gap");
    for look in &looks {
        let object = String::from_utf8(objects[&format!("hours/{}.json", look.hour())].clone()).unwrap();
        assert!(object.contains(look.name()));
        let time = look.access.at.to_string();
        let minute = &time[..16];
        let ticket = look.item["pk"].as_s().unwrap();
        let other_half = &look.access.id.as_str()[13..];
        let mut hidden = vec![
            other_half,
            ticket.as_str(),
            OFFICER,
            minute,
            officers::UNIT_CODE,
            "subject",
            "report",
            "photo",
        ];
        hidden.extend(look.access.code.iter().map(ViewCode::as_str));
        for word in hidden {
            assert!(!object.contains(word), "{word}");
        }
    }
}

#[test]
fn a_look_is_sealed_in_its_hour_and_not_before_it_is_over() {
    let _alone = alone();
    let (report, _) = life::submit(&life::body());
    sealed(&report);
    report.seen_by(officers::ADMINISTRATOR).expect(200);
    let found = dynamodb()
        .query()
        .table_name(table())
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text(&report.ticket.replace('-', "")));
    let rows = wait(found.send()).expect("a query").items.unwrap();
    let looks = rows.iter().filter(|row| row["officer"].as_m().unwrap()["name"] != text(OFFICER));
    let hours: Vec<String> = looks
        .map(|row| {
            let at: Timestamp = row["at"].as_s().unwrap().parse().unwrap();
            assert_eq!(row["hour"], text(&Hour::of(at).index_key(row["id"].as_s().unwrap())));
            row["hour"].as_s().unwrap().clone()
        })
        .collect();
    assert!(!hours.is_empty());
    run_seal();
    let report = audited();
    assert_eq!(report.findings, []);
    assert!(report.waiting >= hours.len());
    let objects = objects();
    assert!(hours.iter().all(|hour| !objects.contains_key(&format!("hours/{hour}.json"))));
}

#[test]
fn seal_is_idempotent_for_repeated_and_concurrent_runs() {
    let _alone = alone();
    let (report, _) = life::submit(&life::body());
    sealed(&report);
    let before = objects();
    run_seal();
    assert_eq!(objects(), before);
    // An outage: the newest seals are missing, and two runs make them good together.
    let newest: Vec<_> = versions("hours/").into_iter().rev().take(2).collect();
    for (key, version) in &newest {
        remove(key, version);
    }
    at_once(vec![(); 2], |()| run_seal());
    assert_eq!(objects(), before, "the same seals");
    assert_eq!(versions("hours/").len(), before.len(), "each was put once");
    assert_eq!(findings(), []);
    // Somebody puts an object of an hour that is yet to come: it is named, and sealing goes on.
    let future = Hour::parse("2199-01-01T00").unwrap();
    let (key, version) = versions("hours/").pop().unwrap();
    remove(&key, &version);
    let forged = format!("hours/{future}.json");
    wait(s3().put_object().bucket(bucket()).key(&forged).body(b"{}".to_vec().into()).send())
        .expect("an object");
    run_seal();
    assert_eq!(findings(), [Finding { hour: Some(future), what: What::Early }]);
    clear(&forged);
    assert_eq!(objects(), before);
    assert_eq!(findings(), []);
}

#[test]
fn seal_cannot_change_what_it_has_sealed() {
    let _alone = alone();
    let (report, _) = life::submit(&life::body());
    let looks = sealed(&report);
    let key = format!("hours/{}.json", looks[0].hour());
    let version = versions(&key).remove(0).1;
    let sts = aws_sdk_sts::Client::new(&config());
    let role = sts.assume_role().role_arn(stack().output("SealRoleArn")).role_session_name("audit");
    let given = wait(role.send()).expect("credentials").credentials.unwrap();
    let credentials = aws_credential_types::Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        None,
        "a role",
    );
    let seal = aws_sdk_s3::Client::new(&operator::with_credentials(credentials));
    let again = seal.put_object().bucket(bucket()).key(&key).if_none_match("*").body(b"{}".to_vec().into());
    assert_eq!(wait(again.send()).unwrap_err().code(), Some("PreconditionFailed"));
    let gone = seal.delete_object().bucket(bucket()).key(&key);
    assert_eq!(wait(gone.send()).unwrap_err().code(), Some("AccessDenied"));
    let gone = seal.delete_object().bucket(bucket()).key(&key).version_id(&version);
    assert_eq!(wait(gone.bypass_governance_retention(true).send()).unwrap_err().code(), Some("AccessDenied"));
    // Nor does the lock let the account itself remove a version that it does not say it wants past the lock.
    let gone = s3().delete_object().bucket(bucket()).key(&key).version_id(&version);
    assert_eq!(wait(gone.send()).unwrap_err().code(), Some("AccessDenied"));
    assert_eq!(findings(), []);

    // What the account can do with an object is to hide it. The version that was put first counts.
    let put = s3().put_object().bucket(bucket()).key(&key).body(b"{}".to_vec().into());
    wait(put.send()).expect("a second version");
    let found = |what| Finding { hour: Some(looks[0].hour()), what };
    assert_eq!(findings(), [found(What::Replaced(2))]);
    wait(s3().delete_object().bucket(bucket()).key(&key).send()).expect("a delete marker");
    assert_eq!(findings(), [found(What::Deleted), found(What::Replaced(2))]);
    for (_, later) in versions(&key).into_iter().filter(|(_, found)| *found != version) {
        remove(&key, &later);
    }
    assert_eq!(findings(), []);
    remove(&key, &version);
    assert!(!findings().is_empty());
    clear("");
}

#[test]
fn the_code_in_a_picture_leads_to_its_viewer() {
    let _alone = alone();
    let (report, _) = life::submit(&life::body());
    let looks = sealed(&report);
    let look = &looks[1];
    let code = look.access.code.as_ref().unwrap().as_str();
    // As somebody may read it off the picture.
    let read = format!("{}-{}", &code[..4], &code[4..]).to_lowercase().replace('0', "O").replace('1', "l");
    let (found, said) = audit(&["trace", &read]);
    assert!(found, "{said}");
    let photo = look.access.photo.as_ref().unwrap().as_str();
    let at = look.access.at.to_string();
    for told in [
        OFFICER,
        officers::UNIT_CODE,
        &report.ticket,
        photo,
        &at,
        look.access.id.as_str(),
        "as it was sealed",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }

    let (found, said) = audit(&["trace", &read, "--json"]);
    let told: Value = serde_json::from_str(&said).expect("JSON");
    assert!(found, "{said}");
    let expected = json!({
        "entry": look.access.id.as_str(), "proof": "untouched", "report": report.ticket,
        "look": {"at": at, "officer": OFFICER, "unit": officers::UNIT_CODE, "account": "subject", "photo": photo},
    });
    assert_eq!(told["copies"], json!([expected]));
    assert_eq!(ViewCode::parse(told["code"].as_str().unwrap()), look.access.code);

    // What somebody was at proves nothing, until it is as it was.
    let key = format!("hours/{}.json", look.hour());
    let first = versions(&key).remove(0).1;
    let sealed_object = objects()[&key].clone();
    let meddled = || {
        let (_, said) = audit(&["trace", code]);
        said.contains("NOT as it was sealed")
    };
    wait(s3().put_object().bucket(bucket()).key(&key).body(sealed_object.into()).send())
        .expect("a second version");
    assert!(meddled(), "a second version, also the very same");
    wait(s3().delete_object().bucket(bucket()).key(&key).send()).expect("a delete marker");
    assert!(meddled(), "a delete marker");
    for (_, later) in versions(&key).into_iter().filter(|(_, found)| *found != first) {
        remove(&key, &later);
    }
    assert!(!meddled());
    let other_hour = Item::from([("at".to_owned(), text(&look.hour().next().start().to_string()))]);
    put(look.item.clone().into_iter().chain(other_hour).collect());
    assert!(meddled(), "a time outside of its hour");
    look.put();

    // The same code in another picture: both are told. It is not sealed yet.
    let mut second = Look::new(&report.ticket, 0, Looked::Photo);
    second.item.insert("code".into(), text(code));
    second.put();
    let (found, said) = audit(&["trace", code]);
    assert!(found && said.contains("not sealed yet") && said.contains(second.access.id.as_str()), "{said}");
    delete(second.key());

    let unknown = BASE32_NOPAD.encode(&random::<5>()).replace(['L', 'I', 'O', 'U'], "7");
    let (found, said) = audit(&["trace", &unknown]);
    assert!(!found && said.contains("Nobody") && said.contains("audit verify"), "{said}");
}
