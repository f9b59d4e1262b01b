//! Whatever a reporter does, in whatever order: before the next slot officers may lose photos of theirs and gain none, and
//! nothing else changes. Once they have withdrawn, nobody gets to see what they had not seen.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clock;
mod received;

use domain::{
    decision::Stamp,
    desk::Desk,
    event::Event,
    ids::{EventId, PhotoId, Version},
    language::Language,
    new_report::submit,
    officer::{Officer, Role},
    pending::Rating,
    photo::{Photo, PhotoKind, PhotoState},
    presigned_urls::url_until,
    privacy::Privacy,
    release::Effects,
    report::Report,
    reporter_actions::{self, ActionStamp},
    slots::{Schedule, SlotClass, Slots},
    status::Status,
    unit::{Code, Unit},
    view::{Reader, Viewer, Whole, may_see_photo, officer_view},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use proptest::prelude::*;
use received::received;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const VIEWERS: [Viewer; 5] =
    [Viewer::Unit, Viewer::FormerUnit, Viewer::Field, Viewer::Bureau, Viewer::Administrator];

/// What the reporter does next, and what happens meanwhile.
#[derive(Clone, Debug)]
struct Step {
    /// How long after the step before; mostly less than the half hour between two slots.
    seconds: i64,
    /// Whether the release function has run since.
    released: bool,
    act: Action,
    draw: u8,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Privacy(Privacy),
    Dispute,
    Rate(u8),
    /// Declares a photo.
    Declare,
    /// Sends the declared photo of this place, if it has not come.
    Upload(usize),
    Withdraw,
}

fn step() -> impl Strategy<Value = Step> {
    let seconds = prop_oneof![Just(0_i64), 1..90_i64, 90..1800_i64, 1800..90_000_i64];
    let action = prop_oneof![
        3 => Just(Action::Privacy(Privacy::Private)),
        3 => Just(Action::Privacy(Privacy::Public)),
        1 => Just(Action::Dispute),
        1 => (1..6_u8).prop_map(Action::Rate),
        2 => Just(Action::Declare),
        4 => (0..6_usize).prop_map(Action::Upload),
        2 => Just(Action::Withdraw),
    ];
    (seconds, any::<bool>(), action, any::<u8>()).prop_map(|(seconds, released, act, draw)| Step {
        seconds,
        released,
        act,
        draw,
    })
}

/// Where the report is when the reporter begins.
#[derive(Clone, Copy, Debug)]
struct Start {
    privacy: Privacy,
    class: SlotClass,
    status: Status,
    /// How many photos it was sent with, and how many of these have come.
    photos: usize,
    come: usize,
}

fn start() -> impl Strategy<Value = Start> {
    let privacy = prop_oneof![Just(Privacy::Public), Just(Privacy::Private)];
    let class = prop_oneof![Just(SlotClass::Segera), Just(SlotClass::Biasa), Just(SlotClass::Peka)];
    let status = prop::sample::select(Status::ALL.to_vec());
    (privacy, class, status, 0..4_usize, 0..4_usize)
        .prop_map(|(privacy, class, status, photos, come)| Start { privacy, class, status, photos, come })
}

struct World {
    slots: Slots,
    now: Timestamp,
    drawn: u64,
    report: Report,
    events: Vec<Event>,
    photos: Vec<Photo>,
    /// Which pictures each viewer has had before them.
    seen: BTreeMap<Viewer, BTreeSet<PhotoId>>,
}

/// What a viewer gets, and the reporter's photos in it.
#[derive(Clone, PartialEq, Debug)]
struct Sight {
    rest: Value,
    photos: BTreeSet<PhotoId>,
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

impl World {
    fn new(start: Start) -> Self {
        let slots = Slots {
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            segera: Schedule::parse("every:30").unwrap(),
            biasa: Schedule::parse("07:00,10:00,13:00,16:00").unwrap(),
            peka: Schedule::parse("07:00").unwrap(),
        };
        let now: Timestamp = "2026-01-10T01:23:45Z".parse().unwrap();
        let mut received = received(start.class, None);
        received.submission.privacy = start.privacy;
        received.submission.language = Language::En;
        let mut world = Self {
            report: submit(received, stamp(0, now), clock::by(&slots)).report,
            slots,
            now,
            drawn: 1,
            events: Vec::new(),
            photos: Vec::new(),
            seen: BTreeMap::new(),
        };
        world.report.visible.photos_from = Some(world.slots.after_upload(start.class, false, now));
        for _ in 0..start.photos {
            let photo = world.photo(world.report.visible.photos_from);
            world.photos.push(photo);
        }
        world.report.reporter.photos = start.photos as u8;
        for place in 0..start.come {
            world.upload(place);
        }
        // It has gone through hands, and lies where its status says, known to every desk.
        world.now += (48).hours();
        let dinas = Unit { code: code("dinas-a"), path: vec![code("dinas-a")] };
        world.report.visible.reached.extend([
            Desk::Tiket,
            Desk::Unit(dinas.code.clone()),
            Desk::Validasi,
            Desk::Verifikasi,
        ]);
        world.report.unit = Some(dinas);
        world.report.status = start.status;
        world.report.reporter.disputable_until = Some(world.now + (10 * 24).hours());
        world.report.reporter.update = None;
        world.report.visible.release = None;
        world.report.visible.shown.status = start.status;
        world
    }

    fn stamp(&mut self) -> Stamp {
        self.drawn += 1;
        stamp(self.drawn, self.now)
    }

    fn photo(&mut self, shown_from: Option<Timestamp>) -> Photo {
        self.drawn += 1;
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.drawn.to_be_bytes());
        Photo {
            photo: PhotoId::from_bytes(&bytes),
            ticket: self.report.ticket.clone(),
            kind: PhotoKind::Reporter,
            state: PhotoState::Pending,
            reason: None,
            damaged: false,
            locked: self.report.locks(PhotoKind::Reporter),
            sha256: None,
            at: self.now,
            place: 0,
            url_until: Some(url_until(self.now)),
            shown_from,
            slots: Some(self.report.terms.slots),
            unit: None,
            camera: None,
            used_by: None,
            test_until: None,
            digests: Vec::new(),
        }
    }

    /// As the function `photo` does it.
    fn upload(&mut self, place: usize) {
        let Some(photo) = self.photos.get_mut(place) else { return };
        if photo.state == PhotoState::Pending {
            photo.state = PhotoState::Ready;
            photo.shown_from =
                photo.shown_from.map(|from| self.slots.after_coming(self.report.terms.slots, from, self.now));
        }
    }

    fn sights(&self) -> BTreeMap<Viewer, Sight> {
        let whole = Whole { report: &self.report, events: &self.events, photos: &self.photos };
        let officer = officer();
        let reader = Reader { language: Language::Id, now: self.now, slots: &self.slots, officer: &officer };
        let sight = |viewer| {
            let mut rest = serde_json::to_value(officer_view(whole, viewer, reader)).unwrap();
            let listed = rest.as_object_mut().unwrap().remove("photos");
            let listed: BTreeSet<PhotoId> = listed
                .iter()
                .flat_map(|photos| photos.as_array().unwrap())
                .map(|entry| PhotoId::parse(entry["photo"].as_str().unwrap()).unwrap())
                .collect();
            let may_be_seen = self
                .photos
                .iter()
                .filter(|photo| may_see_photo(viewer, &officer, &self.report, photo, self.now));
            assert_eq!(listed, may_be_seen.map(|photo| photo.photo.clone()).collect());
            Sight { rest, photos: listed }
        };
        VIEWERS.into_iter().map(|viewer| (viewer, sight(viewer))).collect()
    }

    /// The pictures, not the declarations, that somebody has before them now.
    fn pictures(&self, viewer: Viewer) -> BTreeSet<PhotoId> {
        let pictures = self.photos.iter().filter(|photo| {
            photo.state == PhotoState::Ready
                && may_see_photo(viewer, &officer(), &self.report, photo, self.now)
        });
        pictures.map(|photo| photo.photo.clone()).collect()
    }

    /// Keeps what has been seen, and looks that whoever has withdrawn is shown no further.
    fn look(&mut self) {
        for viewer in VIEWERS {
            let now = self.pictures(viewer);
            let seen = self.seen.entry(viewer).or_default();
            if self.report.reporter.erased {
                assert!(now.is_subset(seen), "{viewer:?} gets a picture after its reporter has gone");
            }
            seen.extend(now);
        }
    }

    fn release(&mut self) {
        let Effects { events, .. } = clock::due(&mut self.report, self.now, &self.slots);
        self.events.extend(events);
    }

    fn act(&mut self, act: Action, draw: u8) {
        let action_stamp = ActionStamp { stamp: self.stamp(), draw };
        let done = match act {
            Action::Privacy(privacy) if privacy == self.report.requested_privacy() => return,
            Action::Privacy(privacy) => {
                for photo in &mut self.photos {
                    photo.locked = privacy == Privacy::Private;
                }
                Ok(reporter_actions::change_privacy(
                    &self.report,
                    privacy,
                    action_stamp,
                    clock::by(&self.slots),
                ))
            }
            Action::Dispute => reporter_actions::dispute(
                &self.report,
                "Masih rusak".into(),
                action_stamp,
                clock::by(&self.slots),
            ),
            Action::Rate(stars) => reporter_actions::rate(
                &self.report,
                Rating { stars, comment: None },
                action_stamp,
                clock::by(&self.slots),
            ),
            Action::Declare => {
                let slot = self.slots.one_of_four(self.report.terms.slots, draw, self.now);
                let from = self
                    .slots
                    .after_upload(self.report.terms.slots, self.report.takes_second_slot(), self.now)
                    .max(slot);
                let photo = self.photo(Some(from));
                reporter_actions::add_photos(&self.report, 1).map(|report| {
                    self.photos.push(photo);
                    (report, Effects::default())
                })
            }
            Action::Upload(place) => {
                self.upload(place);
                return;
            }
            Action::Withdraw => {
                let taken: Vec<PhotoId> =
                    reporter_actions::taken_back(&self.report, &self.photos, self.now).cloned().collect();
                for photo in self.photos.iter_mut().filter(|photo| taken.contains(&photo.photo)) {
                    photo.state = PhotoState::Rejected;
                }
                if self.report.reporter.erased {
                    return;
                }
                Ok(reporter_actions::withdraw(&self.report, action_stamp, clock::by(&self.slots)))
            }
        };
        let Ok((report, effects)) = done else { return };
        assert_eq!(effects, Effects::default(), "nothing happens before a slot");
        self.report = report;
    }

    fn step(&mut self, step: &Step) {
        let (then, before) = (self.now, self.sights());
        self.now += step.seconds.seconds();
        // A slot that has passed may have been waiting for the release function until now.
        let a_slot_came = self.slots.next(self.report.terms.slots, false, then) <= self.now
            || self.report.reporter.pending.iter().any(|waiting| waiting.at <= self.now);
        if step.released {
            self.release();
        }
        let after = self.sights();
        for viewer in VIEWERS.into_iter().filter(|_| !a_slot_came) {
            assert!(
                after[&viewer].photos.is_subset(&before[&viewer].photos),
                "{viewer:?} gains a photo by waiting"
            );
        }
        self.look();
        let before = self.sights();
        self.act(step.act, step.draw);
        let after = self.sights();
        for viewer in VIEWERS {
            let (before, after) = (&before[&viewer], &after[&viewer]);
            assert!(after.photos.is_subset(&before.photos), "{viewer:?} gains a photo by {:?}", step.act);
            assert_eq!(after.rest, before.rest, "{viewer:?} can tell of {:?}", step.act);
        }
        self.look();
    }
}

/// An officer of the unit, whatever kind of viewer is looked at.
fn officer() -> Officer {
    let role = Role::of(["petugas-opd"], Some("dinas-a")).unwrap();
    Officer { id: "budi".into(), name: "Budi".into(), role }
}

fn stamp(drawn: u64, now: Timestamp) -> Stamp {
    let mut bytes = [0; 17];
    bytes[..8].copy_from_slice(&drawn.to_be_bytes());
    let version = std::array::from_fn(|n| bytes[n]);
    Stamp {
        now,
        version: Version::from_bytes(&version),
        event: EventId::from_bytes(&bytes),
        body_digest: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn before_the_next_slot_officers_may_lose_photos_and_gain_none(
        start in start(), steps in prop::collection::vec(step(), 1..24)
    ) {
        let mut world = World::new(start);
        world.look();
        for step in &steps {
            world.step(step);
        }
    }
}
