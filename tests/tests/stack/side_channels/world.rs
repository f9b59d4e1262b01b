//! All that a unit's officer and a verifier can reach, walked value by value: no date, no time, no contact, no number of a
//! telephone.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use domain::{personal_data, status::Status};
use jiff::{Timestamp, civil::Date, fmt::rfc2822};
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    canary,
    http::{Answer, Call, eventually, fresh_key},
    inbox::{Inbox, Message},
    life::{self, Report, by, declared, fresh_photo, photo, upload},
    officers,
};

/// A number that the reporter wrote into the text, in a way that nobody else does.
const NUMBER: &str = "0812-9000-4711";
/// The same as it might be written elsewhere.
const ITS_FORMS: &[&str] =
    &["0812-9000-4711", "081290004711", "6281290004711", "81290004711", "9000-4711", "90004711"];

#[expect(clippy::disallowed_methods, reason = "what is looked for is the time of this run")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// What somebody got to see, and by which call.
pub(crate) type Seen = (String, Answer);

/// The answer of a system that has time for one: 503 asks to call again, whatever the call is about, and a busy machine gives it.
pub(super) fn served(call: &Call) -> Answer {
    eventually("an answer other than 503", || Some(call.send()).filter(|answer| answer.status != 503))
}

/// Every answer about a report that an officer can get without changing it, in both languages.
pub(crate) fn looks(officer: &str, report: &Report, unit: &str) -> Vec<Seen> {
    let mut seen = Vec::new();
    for language in ["id", "en"] {
        let mut look = |path: &str| {
            let answer = served(&by(officer, "GET", path).header("Accept-Language", language));
            seen.push((format!("GET {path} in {language}"), answer.clone()));
            answer
        };
        for query in [
            "",
            "?limit=1",
            "?limit=100",
            &format!("?desk=unit:{unit}"),
            "?desk=verifikasi",
            "?limit=100&category=jalan-berlubang",
            "?limit=100&urgency=longgar",
            "?limit=100&area=31.71",
            "?limit=100&area=31.71&category=jalan-berlubang&below=true",
            "?limit=0",
            "?x=1",
        ] {
            let page = look(&format!("/v1/desk{query}"));
            if page.status == 200
                && let Some(next) = page.json()["next"].as_str()
            {
                look(&format!("/v1/desk?limit=1&cursor={next}"));
            }
        }
        let body = look(&report.path(""));
        look(&report.path("accesses"));
        look(&report.path("photos/0123456789ABCDEF"));
        if body.status == 200 {
            for entry in body.json()["photos"].as_array().into_iter().flatten() {
                look(&report.path(&format!("photos/{}", entry["photo"].as_str().expect("an id"))));
            }
        }
    }
    seen
}

/// A report whose reporter wrote [`NUMBER`] everywhere, with public photos.
fn telling() -> (Report, Value) {
    let mut body = life::body();
    body["privacy"] = json!("public");
    body["description"] = json!(format!("Jalan berlubang sekali, hubungi {NUMBER} bila perlu"));
    body["location"]["address"] = json!(format!("Jl. Melati, telepon {NUMBER}"));
    body["reporter"]["phone"] = json!("+6281290004711");
    body["photos"] = json!([declared(&photo(41))]);
    let (report, told) = life::submit(&body);
    upload(&told.json()["uploads"][0], &photo(41)).expect(200);
    (report, body)
}

/// The officers' part of a life at a unit: what each command answered, and what was seen after it.
struct Walk {
    unit: OwnUnit,
    officer: String,
    verifier: String,
    inbox: Inbox,
    report: Report,
    by_unit: Vec<Seen>,
    by_verifier: Vec<Seen>,
}

impl Walk {
    fn new() -> Self {
        let unit = OwnUnit::new(None);
        let officer = unit.officer().username;
        let verifier = Account::new(&["petugas-verifikasi"], None).username;
        let inbox = Inbox::on(&[&format!("unit-{}", unit.code), "desk-verifikasi"]);
        let (report, _) = telling();
        Self { unit, officer, verifier, inbox, report, by_unit: Vec::new(), by_verifier: Vec::new() }
    }

    fn look(&mut self) {
        self.by_unit.extend(looks(&self.officer, &self.report, &self.unit.code));
        self.by_verifier.extend(looks(&self.verifier, &self.report, &self.unit.code));
    }

    fn act(&mut self, officer: &str, route: &str, body: &Value, status: u16) -> Answer {
        let call = by(officer, "POST", &self.report.path(route)).key(&fresh_key()).json(body);
        let (done, again) = (call.send().expect(status), call.send());
        let seen = if officer == self.officer { &mut self.by_unit } else { &mut self.by_verifier };
        seen.push((format!("POST {route} {body}"), done.clone()));
        seen.push((format!("POST {route} {body} again"), again));
        done
    }

    fn photos(&mut self, officer: &str, kinds: &[&str]) -> Vec<Value> {
        let pictures: Vec<Vec<u8>> = kinds.iter().map(|_| fresh_photo()).collect();
        let entries: Vec<Value> = kinds
            .iter()
            .zip(&pictures)
            .map(|(kind, bytes)| {
                let mut entry = declared(bytes);
                entry["kind"] = json!(kind);
                entry
            })
            .collect();
        let uploads = self.act(officer, "photos", &json!({"photos": entries}), 201).json()["uploads"].clone();
        let uploads = uploads.as_array().expect("uploads");
        for (entry, bytes) in uploads.iter().zip(&pictures) {
            upload(entry, bytes).expect(200);
            self.report.await_cleaning(officer, entry["photo"].as_str().expect("an id"));
        }
        uploads.iter().map(|entry| entry["photo"].clone()).collect()
    }

    /// From the assignment to the end, with everything on the way that a unit and a verifier can do.
    fn go(&mut self) {
        let (officer, verifier) = (self.officer.clone(), self.verifier.clone());
        let reason = format!("Bukan kami, telepon pelapor {NUMBER} dahulu");
        let assign = json!({"action": "assign", "unit": self.unit.code});
        self.report.command(officers::TIKET, "assignment", &assign).expect(200);
        self.look();
        self.act(&officer, "assignment", &json!({"action": "return", "reason": reason}), 200);
        self.look();
        self.report.command(officers::TIKET, "assignment", &assign).expect(200);
        self.act(&officer, "assignment", &json!({"action": "accept"}), 200);
        self.act(&officer, "assignment", &json!({"action": "accept"}), 409);
        self.act(&officer, "assignment", &json!({"action": "forward"}), 422);
        let photos = self.photos(&officer, &["before", "after"]);
        self.look();
        self.act(&officer, "tl", &json!({"narrative": "Lubang sudah ditambal rapi", "photos": photos}), 200);
        self.look();
        let decision = json!({"decision": "field_check", "reason": format!("Tanya ke {NUMBER}")});
        self.report.command(officers::VALIDASI, "validation", &decision).expect(200);
        self.look();
        let photos = self.photos(&verifier, &["field"]);
        let place = json!({"lat": -6.0588, "lon": 106.8456});
        let note = format!("Warga {NUMBER} berkata sudah baik");
        let verdict = json!({"conforms": false, "finding": note, "photos": photos, "location": place});
        self.act(&verifier, "verification", &verdict, 200);
        self.look();
        assert_eq!(self.report.status(), Status::TlDitolak.as_str());
    }

    fn messages(&self) -> Vec<Message> {
        self.inbox.catch_up();
        let about = self.inbox.about(&self.report);
        about.into_iter().filter(|message| message.topic != "desk-tiket").collect()
    }
}

/// Every text and number in a body, with where it stands.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                leaves(value).into_iter().map(move |(path, leaf)| (format!("{name}.{path}"), leaf))
            })
            .collect(),
        Value::Array(entries) => entries.iter().flat_map(leaves).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            vec![(String::new(), value.clone())]
        }
    }
}

/// Whether a number of seconds, milliseconds, microseconds or nanoseconds since 1970 names a moment of these days.
fn names_a_moment(number: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "seconds are enough")]
    let now = now().as_second() as f64;
    [1.0, 1e3, 1e6, 1e9].iter().any(|unit| (number / unit - now).abs() < 30.0 * 86_400.0)
}

/// The moment hidden at the beginning of an id, as a ULID, a UUIDv7, an ObjectId or a Snowflake has it: within hours of now,
/// so that chance does not find one.
fn hides_a_moment(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| *c != '-').collect();
    let crockford = |symbols: usize| {
        let head = plain.get(..symbols)?;
        head.chars().try_fold(0_u128, |sum, c| Some((sum << 5) | u128::from(domain::crockford::value(c)?)))
    };
    let mut found: Vec<u128> = crockford(10).into_iter().collect();
    for bytes in [BASE64URL_NOPAD.decode(plain.as_bytes()), HEXLOWER_PERMISSIVE.decode(plain.as_bytes())]
        .into_iter()
        .flatten()
    {
        let number = |from: usize, count: usize| {
            let part = bytes.get(from..from + count)?;
            Some(part.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte)))
        };
        let last = bytes.len().saturating_sub(6);
        found.extend((0..=last).filter_map(|from| number(from, 6)));
    }
    let now = u128::try_from(now().as_millisecond()).expect("after 1970");
    found.iter().any(|number| number.abs_diff(now) < 2 * 3_600_000)
}

/// The first thing in a text that reads as a date or as a time of day.
fn date_in(text: &str) -> Option<&str> {
    let parses = |part: &str| {
        part.parse::<Timestamp>().is_ok()
            || part.parse::<Date>().is_ok()
            || rfc2822::parse(part).is_ok()
            || part.parse().is_ok_and(names_a_moment)
    };
    let is_clock = |part: &str| {
        let digits = |part: &str, most: u32| part.len() == 2 && part.parse().is_ok_and(|n: u32| n < most);
        let mut parts = part.splitn(3, ':');
        parts.next().is_some_and(|hour| digits(hour, 24))
            && parts.next().is_some_and(|minute| digits(minute, 60))
    };
    let words = text.split(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '&' | '=' | '?' | '/' | ',' | ';' | '(' | ')')
    });
    std::iter::once(text).chain(words).find(|part| parses(part) || is_clock(part))
}

/// The moment that a signed URL names: that of the call, which the caller knows.
fn without_its_own_time(url: &str) -> String {
    let pairs = url
        .split(['?', '&'])
        .filter(|pair| !pair.starts_with("X-Amz-Date=") && !pair.starts_with("X-Amz-Credential="));
    pairs.collect::<Vec<_>>().join("&")
}

/// The first value that names a moment, and where it stands.
fn moment_in(value: &Value) -> Option<String> {
    leaves(value).into_iter().find_map(|(path, leaf)| {
        let names = match &leaf {
            Value::String(text) => {
                let text = if path.ends_with("url.") { without_its_own_time(text) } else { text.clone() };
                date_in(&text).is_some() || hides_a_moment(&text)
            }
            Value::Number(number) => names_a_moment(number.as_f64().expect("a number")),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
        };
        names.then(|| format!("{path} {leaf}"))
    })
}

#[track_caller]
fn assert_answer_timeless((what, answer): &Seen) {
    let mut json = answer.json();
    // Of their own step verifiers see the deadline: the end of a day in Jakarta, which no unit sees.
    if json["status"] == "menunggu_verifikasi"
        && json["deadline"].as_str().is_some_and(|deadline| deadline.ends_with("T17:00:00Z"))
        && let Some(fields) = json.as_object_mut()
    {
        fields.remove("deadline");
    }
    assert_eq!(moment_in(&json), None, "{what}");
    for (name, value) in answer.headers.iter().filter(|(name, _)| *name != "date") {
        assert_eq!(date_in(value), None, "{what}: {name}");
    }
    let told: Vec<&String> =
        ["last-modified", "age", "expires"].iter().filter_map(|name| answer.headers.get(*name)).collect();
    assert!(told.is_empty(), "{what}: {told:?}");
}

fn holds(answer: &Answer, word: &str) -> bool {
    let text = String::from_utf8_lossy(&answer.bytes).to_lowercase();
    let headers = answer.headers.values().any(|value| value.to_lowercase().contains(&word.to_lowercase()));
    headers || text.contains(&word.to_lowercase())
}

#[test]
fn nothing_that_a_unit_or_a_verifier_can_reach_names_a_moment_or_a_reporter() {
    let mut walk = Walk::new();
    walk.go();
    let messages = walk.messages();
    assert!(messages.len() >= 5, "{}", messages.len());
    assert!(walk.by_unit.len() > 100 && walk.by_verifier.len() > 100);
    let visible = |seen: &[Seen]| seen.iter().filter(|(_, answer)| answer.status < 300).count();
    assert!(
        visible(&walk.by_unit) > 50 && visible(&walk.by_verifier) > 20,
        "there is something to look through"
    );

    for seen in walk.by_unit.iter().chain(&walk.by_verifier) {
        assert_answer_timeless(seen);
        for word in [canary::NAME, canary::EMAIL, canary::CHANNEL_REF, "+6281290004711", &walk.report.secret]
        {
            assert!(!holds(&seen.1, word), "{} says {word}", seen.0);
        }
    }
    for message in &messages {
        let attributes: serde_json::Map<String, Value> =
            message.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        for said in [&message.body, &Value::from(attributes), &json!(message.subject)] {
            assert_eq!(moment_in(said), None, "a message");
        }
    }

    // The number is in the text: whoever may read the text finds it there, a unit does not find it anywhere.
    let bureau = walk.report.seen_by(officers::VALIDASI).expect(200);
    assert!(holds(&bureau, NUMBER), "else the search says nothing");
    let told = messages.iter().map(|message| format!("{message:?}")).collect::<Vec<_>>().join(" ");
    for form in ITS_FORMS {
        for (what, answer) in &walk.by_unit {
            assert!(!holds(answer, form), "{what} says {form}");
        }
        assert!(!told.contains(form), "a message says {form}");
    }
    assert!(
        !personal_data::pieces(&format!("hubungi {NUMBER} bila perlu")).is_empty(),
        "the planted number is one"
    );
}

#[test]
fn a_moment_is_found_in_whatever_form_it_hides() {
    let now = now();
    let (seconds, milliseconds) = (now.as_second(), now.as_millisecond());
    for leak in [
        json!({"at": now.to_string()}),
        json!({"items": [{"due": now.to_string()[..10]}]}),
        json!({"text": format!("diterima {} oleh kami", &now.to_string()[..10])}),
        json!({"text": "pukul 07:30"}),
        json!({"n": seconds - 86_400}),
        json!({"n": milliseconds}),
        json!({"n": seconds.to_string()}),
        json!({"modified": "Mon, 23 Nov 2026 22:38:00 GMT"}),
        json!({"url": format!("https://contoh.id/a?at={seconds}&X-Amz-Date=20261123T000000Z")}),
        json!({"id": BASE64URL_NOPAD.encode(&[&[7][..], &milliseconds.to_be_bytes()[2..], &[9; 9]].concat())}),
        json!({"id": format!("{:012x}-7abc-8def0123", milliseconds).replacen('-', "", 1)}),
        json!({"id": domain::crockford::encode(&(u64::try_from(milliseconds).unwrap() << 14).to_be_bytes(), 13)}),
    ] {
        assert!(moment_in(&leak).is_some(), "{leak}");
    }
    for harmless in [
        json!({"ticket": "0123-4567-89ABC", "lat": -6.0588, "lon": 106.8456, "urgency": "3_hari", "expires_in": 60}),
        json!({"url": "https://contoh.id/views/0123456789ABCDEFGHJKMNPQRS.jpg?X-Amz-Date=20261123T000000Z&X-Amz-Expires=60"}),
    ] {
        assert_eq!(moment_in(&harmless), None);
    }
}
