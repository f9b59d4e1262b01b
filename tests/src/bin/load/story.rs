//! A life of a report, call by call, as a channel, officers and a reporter make them.

use crate::{
    chance::SeededRandom,
    clock::{now, pause},
    log::{Act, Answered, End, Known, Lived},
    people::{Cast, City, SMALL_CHANNEL},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{
    http::{Answer, Call, fresh_key},
    life, officers,
};

/// How often a call is sent when the API is busy or no answer comes.
const TRIES: u32 = 8;
/// A `Retry-After` beyond this is a quota's: the client gives up for now.
const PATIENCE: Duration = Duration::from_secs(5);
/// When a photo is asked for again that is not cleaned yet: first, and at most, after twice as long each time.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(400), Duration::from_secs(5));
/// How many of a hundred acts are sent once more, as if their answer had been lost.
const LOST_ANSWERS: u64 = 8;

/// The course of a life.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    /// From the submission to Selesai.
    Whole,
    /// A submission without photos, as thousands send it in the hour of a flood; one in ten by a channel with a small quota.
    Submission,
}

/// Lives one life, which was due at a moment and ends by another, and notes it.
pub(crate) fn live(city: &City, story: Story, number: u64, due: Instant, until: Instant) {
    let mut chance = SeededRandom::of(number);
    let cast = Cast::of(&mut chance);
    let mut life = Life { city, chance, cast, due: Some(due), until, known: Known::default() };
    let ended = match story {
        Story::Whole => life.whole(),
        Story::Submission => life.submission(),
    };
    let lived = Lived { due, at: now(), end: ended.err().unwrap_or(End::Whole), known: life.known };
    city.log.note().lived.push(lived);
}

struct Life<'a> {
    city: &'a City,
    chance: SeededRandom,
    cast: Cast,
    /// When the first call was due; taken by it.
    due: Option<Instant>,
    until: Instant,
    known: Known,
}

type Step<T = ()> = Result<T, End>;

impl<'a> Life<'a> {
    fn whole(&mut self) -> Step {
        self.submit(self.cast.channel, true)?;
        if self.chance.of_hundred(50) {
            self.track()?;
        }
        self.look(officers::TIKET)?;
        let assign = json!({"action": "assign", "unit": officers::UNIT_CODE});
        self.command("assign", officers::TIKET, "assignment", assign, &[])?;
        self.look(self.cast.unit)?;
        self.command("accept", self.cast.unit, "assignment", json!({"action": "accept"}), &[])?;
        self.tl()?;
        match self.chance.draw() % 100 {
            0..60 => {}
            60..80 => {
                self.validate("reject")?;
                self.tl()?;
            }
            _ => {
                self.validate("field_check")?;
                self.verify()?;
                return self.close();
            }
        }
        self.validate("accept")?;
        self.close()
    }

    fn submission(&mut self) -> Step {
        let channel = if self.chance.of_hundred(10) { SMALL_CHANNEL } else { self.cast.channel };
        self.submit(channel, false)
    }

    fn submit(&mut self, channel: &str, with_photo: bool) -> Step {
        let mut body = life::body();
        body["privacy"] = json!(if self.chance.of_hundred(25) { "public" } else { "private" });
        let picture = self.picture();
        if with_photo {
            body["photos"] = json!([life::declared(picture)]);
        }
        let call = life::submission(channel, &fresh_key(), &body);
        let answer = self.act("submit", &call, &["desk-tiket"], |answer| answer["ticket"].clone())?;
        answer["secret"].as_str().expect("a secret").clone_into(&mut self.known.secret);
        self.upload(&answer, &[picture]).map(drop)
    }

    /// A page of the officer's desk, and the report.
    fn look(&mut self, officer: &str) -> Step {
        self.by("desk", officer, "GET", "/v1/desk")?;
        self.seen("report", officer).map(drop)
    }

    fn seen(&mut self, kind: &'static str, officer: &str) -> Step<Value> {
        Ok(self.by(kind, officer, "GET", &self.path(""))?.json())
    }

    /// The unit's photos of before and after, and its TL.
    fn tl(&mut self) -> Step {
        let unit = self.cast.unit;
        let photos = self.photos(unit, "add_work_photos", &["before", "after"])?;
        let body = json!({"narrative": "Lubang sudah ditambal dan diratakan", "photos": photos});
        self.command("post_tl", unit, "tl", body, &["desk-validasi"])
    }

    fn validate(&mut self, decision: &str) -> Step {
        let validasi = self.cast.validasi;
        self.look(validasi)?;
        if let Some(photo) = self.known.ready.last().cloned() {
            self.view(validasi, &photo)?;
        }
        let mut body = json!({"decision": decision});
        if decision != "accept" {
            body["reason"] = json!("Perlu dilihat lagi");
        }
        let more: &[&str] = if decision == "field_check" { &["desk-verifikasi"] } else { &[] };
        self.command("validate", validasi, "validation", body, more)
    }

    fn verify(&mut self) -> Step {
        self.look(officers::VERIFIKASI)?;
        let photos = self.photos(officers::VERIFIKASI, "add_field_photos", &["field"])?;
        let body = json!({
            "conforms": true,
            "finding": "Dilihat di lapangan",
            "photos": photos,
            "location": {"lat": -6.0588, "lon": 106.8456},
        });
        self.command("verify", officers::VERIFIKASI, "verification", body, &[])
    }

    /// The reporter hears of it, and perhaps rates it.
    fn close(&mut self) -> Step {
        let seen = self.track()?;
        if seen["status"] != self.known.status.as_str() {
            self.city.log.note().odd.push(format!("the reporter is told {}", seen["status"]));
        }
        if self.chance.of_hundred(50) {
            let call = self.reporter("PUT", "/rating").json(&json!({"stars": 4}));
            self.call("rating", &call)?;
        }
        Ok(())
    }

    fn track(&mut self) -> Step<Value> {
        let call = self.reporter("GET", "");
        Ok(self.call("track", &call)?.json())
    }

    fn reporter(&self, method: &str, route: &str) -> Call {
        let path = format!("/v1/track/{}{route}", self.known.ticket);
        Call::api(method, &path).header("Report-Secret", &self.known.secret)
    }

    /// A copy of a photo for an officer, who then looks at it.
    fn view(&mut self, officer: &str, photo: &str) -> Step {
        let answer = self.by("view", officer, "GET", &self.path(&format!("/photos/{photo}")))?.json();
        let url = answer["url"].as_str().expect("a URL");
        self.call("picture", &Call::url("GET", url)).map(drop)
    }

    /// Declares photos, uploads them and waits until they are ready. Their ids.
    fn photos(&mut self, officer: &str, act: &'static str, kinds: &[&str]) -> Step<Vec<String>> {
        let pictures: Vec<Vec<u8>> = kinds.iter().map(|_| City::other_picture(self.picture())).collect();
        let pictures: Vec<&[u8]> = pictures.iter().map(Vec::as_slice).collect();
        let declared: Vec<Value> = kinds
            .iter()
            .zip(&pictures)
            .map(|(kind, picture)| {
                let mut entry = life::declared(picture);
                entry["kind"] = json!(kind);
                entry
            })
            .collect();
        let call = self.officer(officer, "POST", &self.path("/photos")).key(&fresh_key());
        let call = call.json(&json!({"photos": declared}));
        let answer = self.act(act, &call, &[], |answer| answer["uploads"][0]["photo"].clone())?;
        let photos = self.upload(&answer, &pictures)?;
        let mut wait = LOOK_AGAIN.0;
        loop {
            let seen = self.seen("report, waiting for a photo", officer)?;
            let states: Vec<&str> = photos.iter().map(|photo| state(&seen, photo)).collect();
            if states.contains(&"rejected") {
                self.city.log.note().odd.push("a photo is rejected".to_owned());
                return Err(End::Odd);
            }
            if states.iter().all(|state| *state == "ready") {
                self.known.ready.extend(photos.iter().cloned());
                return Ok(photos);
            }
            pause(wait);
            wait = LOOK_AGAIN.1.min(wait * 2);
        }
    }

    fn upload(&mut self, answer: &Value, pictures: &[&[u8]]) -> Step<Vec<String>> {
        let mut ids = Vec::new();
        for (entry, picture) in answer["uploads"].as_array().into_iter().flatten().zip(pictures) {
            let text = |name: &str| entry[name].as_str().expect("a text");
            ids.push(text("photo").to_owned());
            self.known.photos.push(text("photo").to_owned());
            let mut call = Call::url(text("method"), text("url")).bytes(picture.to_vec());
            for (name, value) in entry["headers"].as_object().expect("headers") {
                call = call.header(name, value.as_str().expect("a header"));
            }
            self.call("upload", &call)?;
        }
        Ok(ids)
    }

    /// An officer's command, of which the unit hears, and `more` topics.
    fn command(&mut self, act: &'static str, officer: &str, route: &str, body: Value, more: &[&str]) -> Step {
        let call =
            self.officer(officer, "POST", &self.path(&format!("/{route}"))).key(&fresh_key()).json(&body);
        let unit = format!("unit-{}", officers::UNIT_CODE);
        let topics: Vec<&str> = more.iter().copied().chain([unit.as_str()]).collect();
        self.act(act, &call, &topics, |answer| answer["version"].clone()).map(drop)
    }

    /// Something that leaves an event and must be done exactly once. `topics` and the reporter hear of it, if anybody does.
    ///
    /// Some are sent again as after a lost answer: then the same must be answered. `mark` is what tells this act from others.
    fn act(
        &mut self,
        act: &'static str,
        call: &Call,
        topics: &[&str],
        mark: impl Fn(&Value) -> Value,
    ) -> Step<Value> {
        let answer = self.call(act, call)?;
        let at = now();
        let said = answer.json();
        if act == "submit" {
            said["ticket"].as_str().expect("a ticket").clone_into(&mut self.known.ticket);
        }
        if let Some(status) = said["status"].as_str() {
            status.clone_into(&mut self.known.status);
        }
        let silent = topics.is_empty();
        let topics = topics.iter().copied().chain((!silent).then_some("reporter"));
        self.known.acts.push(Act {
            act,
            version: said["version"].as_str().map(ToOwned::to_owned),
            at,
            topics: topics.map(ToOwned::to_owned).collect(),
        });
        if self.chance.of_hundred(LOST_ANSWERS) {
            let again = self.call("the same again", call)?;
            let mut notes = self.city.log.note();
            notes.repeated += 1;
            let replayed = again.replayed();
            if !replayed || mark(&again.json()) != mark(&said) {
                notes.odd.push(format!("{act} sent again is done again"));
            }
        }
        Ok(said)
    }

    fn by(&mut self, kind: &'static str, officer: &str, method: &str, path: &str) -> Step<Answer> {
        let call = self.officer(officer, method, path);
        self.call(kind, &call)
    }

    fn officer(&self, officer: &str, method: &str, path: &str) -> Call {
        Call::api(method, path).bearer(self.city.token(officer))
    }

    fn path(&self, route: &str) -> String {
        format!("/v1/reports/{}{route}", self.known.ticket)
    }

    /// Sends a call until it is done: the very same again while the API is busy or no answer comes.
    fn call(&mut self, kind: &'static str, call: &Call) -> Step<Answer> {
        let log = &self.city.log;
        let due = self.due.take().unwrap_or_else(now);
        let mut uncertain = false;
        let mut end = End::Refused;
        for attempt in 0..TRIES {
            if now() >= self.until {
                end = End::Late;
                break;
            }
            log.note().retries += u64::from(attempt > 0);
            let answer = call.try_send();
            let status = answer.as_ref().map_or(0, |answer| answer.status);
            if let (200..300, Ok(answer)) = (status, &answer) {
                log.note().answered.push(Answered { kind, due, at: now() });
                return Ok(answer.clone());
            }
            *log.note().refused.entry(status).or_default() += 1;
            // A refusal changes nothing; of all else nobody knows.
            uncertain |= status == 0 || status >= 500;
            let asked = match answer {
                Ok(answer) if matches!(status, 429 | 503) => retry_after(&answer),
                Ok(answer) => {
                    let said = String::from_utf8_lossy(&answer.bytes).chars().take(200).collect::<String>();
                    log.note().odd.push(format!("{kind}: {status} {said}"));
                    end = End::Odd;
                    break;
                }
                Err(_) => Duration::ZERO,
            };
            if asked > PATIENCE {
                break;
            }
            let spread = Duration::from_millis(self.chance.draw() % 200);
            pause(asked.max(Duration::from_millis(100 << attempt.min(4))) + spread);
        }
        self.known.uncertain += usize::from(uncertain);
        Err(end)
    }

    fn picture(&mut self) -> &'a [u8] {
        let pictures = &self.city.pictures;
        // The remainder fits: there are few.
        &pictures[(self.chance.draw() % pictures.len() as u64) as usize]
    }
}

fn retry_after(answer: &Answer) -> Duration {
    let seconds = answer.headers.get("retry-after").and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}

fn state<'a>(seen: &'a Value, photo: &str) -> &'a str {
    let photos = seen["photos"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = photos.iter().find(|entry| entry["photo"] == photo);
    found.and_then(|entry| entry["state"].as_str()).unwrap_or("pending")
}
