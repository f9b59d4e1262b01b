//! The people of the city, and what they do to one report by the crate's own functions.

use crate::{bug::Bug, clock, jakarta, kept::Kept, received::received};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command::{Command, Verdict},
    decide::decide,
    decision::{Decision, Stamp},
    event::Event,
    followers::{FollowStamp, LastUpdate, Lead, follow_lead},
    ids::{EventId, PhotoId, Version},
    location::Point,
    new_report::{Digests, Received, submit},
    officer::{Officer, Role, Tag},
    pending::ReporterAction,
    photo::PhotoKind,
    release::Effects,
    report::Report,
    reporter_actions::{ActionStamp, dispute, withdraw},
    slots::{SlotClass, Slots},
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    urgency::day,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
};

/// Broken by what one report becomes; the other rules are in `rules`.
pub(crate) const TWIN: &str = "a root is what it would be if nobody followed it";
pub(crate) const SLOT: &str =
    "what a root has its followers do changes when its reporter is told, and not sooner";
pub(crate) const IN_TIME: &str = "what a root has its followers do puts off no update that waits";
pub(crate) const HEARD: &str = "nobody disputes what they have not heard of";

/// What somebody does to a report, or what is due of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Op {
    Assign,
    Reject,
    Recall,
    Accept,
    Return,
    Plan,
    PostTl,
    Validate { accepts: bool },
    Verify { conforms: bool },
    Withdraw { draw: u8 },
    Dispute { draw: u8 },
    Due,
}

/// What a reporter was told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Said {
    pub(crate) id: EventId,
    pub(crate) status: Status,
    pub(crate) follows: Option<Status>,
    pub(crate) plan: Option<Date>,
}

/// What a transaction makes of one report.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) report: Kept<Report>,
    pub(crate) said: Vec<Said>,
    /// What was done.
    pub(crate) acts: Vec<Act>,
    /// Whether a fan-out comes with it.
    pub(crate) fans_out: bool,
    /// The rules that it breaks.
    pub(crate) wrong: Vec<&'static str>,
}

/// What a root has its followers do, with the report that they go on to.
pub(crate) type Led = Kept<(Lead, Option<Kept<Report>>)>;

/// By which slots reports go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pace {
    /// All by those of most categories.
    Usual,
    /// Every second report by those of `peka`.
    Mixed,
    /// Nothing waits for a slot.
    AtOnce,
}

/// The city, with a planted bug or none. What becomes of the same report by the same act at the same moment is decided once.
pub(crate) struct City {
    pub(crate) bug: Bug,
    pace: Pace,
    slots: Slots,
    made: Mutex<HashMap<u64, Option<Arc<Change>>>>,
}

type Made = Option<(Report, Effects)>;

impl City {
    pub(crate) fn new(bug: Bug, pace: Pace) -> Self {
        let of_city = jakarta::slots();
        let slots = if pace == Pace::AtOnce { Slots::at_once(of_city.zone) } else { of_city };
        Self { bug, pace, slots, made: Mutex::default() }
    }

    /// The report with this number, as it was sent in the first night.
    pub(crate) fn sent(&self, number: u16) -> Report {
        let ticket = ticket(number);
        let secret = format!("{:064x}", u64::from(number / 2));
        let is_peka = self.pace == Pace::Mixed && number % 2 == 1;
        let received = received(if is_peka { SlotClass::Peka } else { SlotClass::Biasa }, None);
        let digests = Digests { secret, ..received.digests };
        let stamp = stamp(&ticket, 0, at("03:00"), "submit");
        submit(Received { ticket, digests, ..received }, stamp, clock::by(&self.slots)).report
    }

    /// What `op` makes of a report; `None` where it is refused or nothing is due.
    pub(crate) fn change(&self, report: &Kept<Report>, op: Op, now: Timestamp) -> Option<Arc<Change>> {
        self.once((report, op, now), || self.made(report, |report| self.does(report, op, now), op == Op::Due))
    }

    /// What a merge makes of a report.
    pub(crate) fn merge(
        &self,
        report: &Kept<Report>,
        root: &Kept<Report>,
        now: Timestamp,
    ) -> Option<Arc<Change>> {
        let command = || Command::Merge { root: Box::new((**root).clone()) };
        let act = |report: &Report| self.commands(report, Tag::AdminTiket, [command()], now);
        self.once((report, root, now), || self.made(report, act, false))
    }

    /// What becomes of a follower of `root`.
    pub(crate) fn follow(
        &self,
        report: &Kept<Report>,
        root: &Ticket,
        led: &Led,
        now: Timestamp,
    ) -> Option<Arc<Change>> {
        self.once((report, root, led, now), || {
            self.made(report, |report| self.follows(report, root, &led.0, now), true)
        })
    }

    fn once(&self, key: impl Hash, make: impl FnOnce() -> Option<Change>) -> Option<Arc<Change>> {
        let key = digest(key);
        let known = self.made.lock().expect("no panic before").get(&key).cloned();
        known.unwrap_or_else(|| {
            let made = make().map(Arc::new);
            self.made.lock().expect("no panic before").insert(key, made.clone());
            made
        })
    }

    fn made(&self, read: &Report, act: impl Fn(&Report) -> Made, may_lead: bool) -> Option<Change> {
        let (after, effects) = act(read)?;
        let mut wrong = Vec::new();
        let as_twin = twin(read);
        // Of an erased reporter's report nothing may be due where the followers' is: it stays as it is then.
        let (other, other_effects) = act(&as_twin).unwrap_or((as_twin, Effects::default()));
        if twin(&other) != twin(&after) || other_effects != effects {
            wrong.push(TWIN);
        }
        if !may_lead && self.pace != Pace::AtOnce && self.lead_of(read) != self.lead_of(&after) {
            wrong.push(SLOT);
        }
        let waits = |report: &Report| report.reporter.update.as_ref().map(|due| due.at);
        if may_lead && waits(read).is_some_and(|at| waits(&after).is_some_and(|later| later > at)) {
            wrong.push(IN_TIME);
        }
        let is_disputed = |event: &Event| event.act == Act::Dispute;
        if read.triage.recall.is_some() && effects.events.iter().any(is_disputed) {
            wrong.push(HEARD);
        }
        let told = effects.announcements.iter().filter(|said| said.audience == Audience::Reporter);
        let said = told.map(said).collect();
        let acts = effects.events.iter().map(|event| event.act).collect();
        let fans_out = after.is_followed && self.is_told_anew(read, &after);
        let report = Kept::new(Report { revision: read.revision + 1, ..after });
        Some(Change { report, said, acts, fans_out, wrong })
    }

    /// Whether a transaction puts a fan-out.
    fn is_told_anew(&self, before: &Report, after: &Report) -> bool {
        if self.bug == Bug::LeadsBySnapshot {
            return before.status != after.status;
        }
        before.reporter.told != after.reporter.told
    }

    pub(crate) fn lead_of(&self, report: &Report) -> Result<Lead, Ticket> {
        if self.bug == Bug::LeadsBySnapshot {
            let mut report = report.clone();
            report.reporter.told = Some(LastUpdate { status: report.status, plan: None });
            return report.lead();
        }
        report.lead()
    }

    fn does(&self, report: &Report, op: Op, now: Timestamp) -> Made {
        let reason = || "Menurut laporan di lapangan".to_owned();
        match op {
            Op::Assign => {
                let summary = report.needs_summary().then(reason);
                self.commands(report, Tag::AdminTiket, [Command::Assign { unit: dinas(), summary }], now)
            }
            Op::Reject => self.commands(report, Tag::AdminTiket, [Command::Reject { reason: reason() }], now),
            Op::Recall => self.commands(report, Tag::AdminTiket, [Command::Recall], now),
            Op::Accept => self.commands(report, Tag::PetugasOpd, [Command::Accept], now),
            Op::Return => self.commands(report, Tag::PetugasOpd, [Command::Return { reason: reason() }], now),
            Op::Plan => {
                let on = day(now, &self.slots.zone).saturating_add(9.days());
                self.commands(report, Tag::PetugasOpd, [Command::Plan { on, reason: reason() }], now)
            }
            Op::PostTl => {
                let photos = [(photo(report, 0), PhotoKind::Before), (photo(report, 1), PhotoKind::After)];
                let ids = photos.iter().map(|(photo, _)| photo.clone()).collect();
                let declares = Command::AddPhotos { photos: photos.into(), never_ready: Vec::new() };
                let narrative = "Sudah ditambal".to_owned();
                let posts = Command::PostTl { narrative, photos: ids, location: None };
                self.commands(report, Tag::PetugasOpd, [declares, posts], now)
            }
            Op::Validate { accepts } => {
                let verdict = if accepts { Verdict::Accept } else { Verdict::Reject };
                let command = Command::Validate { verdict, reason: Some(reason()) };
                self.commands(report, Tag::PetugasValidasi, [command], now)
            }
            Op::Verify { conforms } => {
                let photos = vec![photo(report, 0)];
                let declared = photos.iter().map(|photo| (photo.clone(), PhotoKind::Field)).collect();
                let declares = Command::AddPhotos { photos: declared, never_ready: Vec::new() };
                let location = Point { lat: -6.175, lon: 106.827, accuracy_m: None }.into();
                let verifies = Command::Verify { conforms, finding: reason(), photos, location };
                self.commands(report, Tag::PetugasVerifikasi, [declares, verifies], now)
            }
            Op::Withdraw { draw } => {
                if report.reporter.erased {
                    return None;
                }
                let stamp = stamp(&report.ticket, report.events, now, "withdraw");
                let (mut after, effects) =
                    withdraw(report, ActionStamp { stamp, draw }, clock::by(&self.slots));
                if self.bug == Bug::WithdrawalDropsUpdate {
                    after.reporter.update = None;
                }
                Some((after, effects))
            }
            Op::Dispute { draw } => {
                let stamp = stamp(&report.ticket, report.events, now, "dispute");
                dispute(report, reason(), ActionStamp { stamp, draw }, clock::by(&self.slots)).ok()
            }
            Op::Due => {
                let mut report = report.clone();
                is_due(&report, now).then(|| {
                    let effects = clock::due(&mut report, now, &self.slots);
                    if self.bug == Bug::ShowsFollowers && report.is_followed {
                        report.version = Version::from_bytes(&[1; Version::BYTES]);
                    }
                    (report, effects)
                })
            }
        }
    }

    fn commands<const N: usize>(
        &self,
        report: &Report,
        by: Tag,
        commands: [Command; N],
        now: Timestamp,
    ) -> Made {
        let officer = officer(by);
        let (mut report, mut effects) = (report.clone(), Effects::default());
        for command in commands {
            let stamp = stamp(&report.ticket, report.events, now, command.act());
            let made = decide(&report, command, &officer, stamp, clock::by(&self.slots)).ok()?;
            let Decision { report: after, event, announcements, .. } = made;
            report = after;
            effects.events.push(event);
            effects.announcements.extend(announcements);
        }
        Some((report, effects))
    }

    fn follows(&self, report: &Report, root: &Ticket, lead: &Lead, now: Timestamp) -> Made {
        let mut after = report.clone();
        let drawn = stamp(&report.ticket, report.revision, now, "follow");
        let withdrawal =
            ActionStamp { stamp: stamp(&report.ticket, report.revision, now, "withdrawal"), draw: 1 };
        let stamp = FollowStamp { now, version: drawn.version, event: drawn.event, withdrawal };
        let clock = clock::by(&self.slots);
        if self.bug == Bug::PutsOff {
            after.reporter.update = None;
        }
        if let (Bug::TellsAgain, Lead::Follow { .. }) = (self.bug, lead) {
            after.follows = Some(LastUpdate { status: Status::Ditolak, plan: None });
        }
        let effects = follow_lead(&mut after, root, lead, stamp, clock)?;
        if self.bug == Bug::ErasedStays {
            after.reporter.pending.retain(|waiting| !matches!(waiting.action, ReporterAction::Withdraw));
        }
        if self.bug == Bug::KeepsFollows {
            after.follows = report.follows;
        }
        if self.bug == Bug::StaysTold {
            after.reporter.told = report.reporter.told;
        }
        if self.bug == Bug::DisputeStays {
            after.reporter.pending.clone_from(&report.reporter.pending);
        }
        Some((after, effects))
    }
}

/// The report as it would be if nobody followed it: it does not know that it is followed, and where its reporter is erased nothing waits to be
/// told. How often it was written nobody sees.
fn twin(report: &Report) -> Report {
    let mut twin = report.clone();
    twin.is_followed = false;
    if twin.reporter.erased {
        twin.reporter.update = None;
        twin.reporter.told = None;
        if let Some(before) = &mut twin.triage.recall {
            before.update = None;
        }
    }
    twin
}

fn said(announcement: &Announcement) -> Said {
    let Announcement { event_id, status, follows, plan, .. } = announcement;
    Said { id: event_id.clone(), status: *status, follows: *follows, plan: *plan }
}

/// Whether anything but the urgency is due of a report.
pub(crate) fn is_due(report: &Report, now: Timestamp) -> bool {
    let waiting = [&report.visible.release, &report.reporter.update].into_iter().flatten().map(|due| due.at);
    let pending = report.reporter.pending.iter().map(|action| action.at);
    let mark = report.step.as_ref().and_then(|step| step.next);
    waiting.chain(pending).chain(mark).any(|at| at <= now)
}

/// A moment in the city's zone: a time of the first day, or a day of the month and a time.
pub(crate) fn at(moment: &str) -> Timestamp {
    let (day, time) = moment.split_once(' ').unwrap_or(("10", moment));
    format!("2026-01-{day}T{time}+07").parse().expect("a moment")
}

/// Tickets have the order of their numbers.
pub(crate) fn ticket(number: u16) -> Ticket {
    let [high, low] = number.to_be_bytes();
    let mut mac = [7; 32];
    (mac[0], mac[1]) = (high, low);
    Ticket::from_mac(&mac)
}

fn dinas() -> Unit {
    let code = Code::parse("dinas-a").expect("a code");
    Unit { code: code.clone(), path: vec![code] }
}

fn officer(tag: Tag) -> Officer {
    let unit = (tag == Tag::PetugasOpd).then_some("dinas-a");
    let role = Role::of([tag.as_str()], unit).expect("a role");
    Officer { id: tag.as_str().into(), name: tag.as_str().into(), role }
}

fn photo(report: &Report, number: u8) -> PhotoId {
    PhotoId::from_bytes(&bytes(("photo", &report.ticket, report.events, number)))
}

fn stamp(ticket: &Ticket, count: u32, now: Timestamp, what: impl Hash) -> Stamp {
    let of = |kind: &str| (kind.to_owned(), ticket, count, now, digest(&what));
    Stamp {
        now,
        version: Version::from_bytes(&bytes(of("version"))),
        event: EventId::from_bytes(&bytes(of("event"))),
        body_digest: None,
    }
}

pub(crate) fn digest(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

fn bytes<const N: usize>(parts: impl Hash) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&digest(parts).to_be_bytes().repeat(3)[..N]);
    bytes
}
