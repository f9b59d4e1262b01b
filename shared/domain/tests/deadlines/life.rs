//! A report with all that was stored and said of it, and the people who meet it.

use crate::{
    random::Random,
    received::{merge_into, received},
};
use domain::{
    announcement::{Announcement, Audience},
    category::Terms,
    clock::Clock,
    command::{Command, Verdict},
    decide::decide,
    decision::{Decision, Refusal, Stamp},
    desk::{Desk, order},
    event::Event,
    ids::{EventId, PhotoId, Version},
    language::Language,
    location::Point,
    new_report::submit,
    officer::{Officer, Role, Tag},
    pending::ReporterAction,
    photo::PhotoKind,
    release::{DueStamp, Effects, due_now},
    report::Report,
    reporter_actions::{self, ActionStamp},
    status::Status,
    ticket::Ticket,
    triage::Correction,
    unit::{Code, Unit},
    unit_change::UnitChange,
    urgency::day,
    view::{DeskItem, Heading, Reader, Whole, officer_view, shown_status, viewer},
};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

pub(crate) fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// The first is the unit, the others those above it.
pub(crate) fn unit(path: &[&str]) -> Unit {
    Unit { code: code(path[0]), path: path.iter().map(|text| code(text)).collect() }
}

fn bureau(tag: Tag) -> Officer {
    let role = Role::of([tag.as_str()], None).unwrap();
    Officer { id: format!("subject-of-{}", tag.as_str()), name: tag.as_str().into(), role }
}

pub(crate) fn ticket_desk() -> Officer {
    bureau(Tag::AdminTiket)
}

pub(crate) fn validator() -> Officer {
    bureau(Tag::PetugasValidasi)
}

pub(crate) fn verifier() -> Officer {
    bureau(Tag::PetugasVerifikasi)
}

pub(crate) fn administrator() -> Officer {
    bureau(Tag::Administrator)
}

pub(crate) fn officer_of(unit: &str) -> Officer {
    let role = Role::of([Tag::PetugasOpd.as_str()], Some(unit)).unwrap();
    Officer { id: format!("subject-of-{unit}"), name: unit.into(), role }
}

/// A report with all that was stored and said of it.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) report: Report,
    pub(crate) events: Vec<Event>,
    pub(crate) told: Vec<(Timestamp, Announcement)>,
    /// When ids were drawn for a command last, and how many in that second.
    drawn: (Timestamp, u64),
}

/// What is submitted.
pub(crate) struct Submitted {
    /// Tells this report's ticket, and which of two slots it takes.
    pub(crate) number: u8,
    pub(crate) category: Code,
    pub(crate) terms: Terms,
    /// Where the map sends it; to the ticket desk where this is none.
    pub(crate) unit: Option<Unit>,
}

impl Life {
    pub(crate) fn begin(submitted: Submitted, now: Timestamp, clock: Clock<'_>) -> Self {
        let Submitted { number, category, terms, unit } = submitted;
        let mut received = received(terms.slots, unit);
        received.ticket = Ticket::from_mac(&[number; 32]);
        received.digests.secret = format!("{number:02x}").repeat(32);
        received.submission.category = category;
        received.terms = terms;
        let Decision { report, event, announcements, .. } = submit(received, stamp(1, now), clock);
        let told = announcements.into_iter().map(|said| (now, said)).collect();
        Self { report, events: vec![event], told, drawn: (now, 0) }
    }

    /// What is drawn is the same in each life in which the same is done in the same second, whatever happened before.
    fn draw(&mut self, now: Timestamp) -> u64 {
        self.drawn = if self.drawn.0 == now { (now, self.drawn.1 + 1) } else { (now, 0) };
        of_second(now, self.drawn.1)
    }

    /// What the officer asks for, or why it is refused.
    pub(crate) fn does(
        &mut self,
        (officer, command): &(Officer, Command),
        now: Timestamp,
        clock: Clock<'_>,
    ) -> Result<(), Refusal> {
        let stamp = stamp(self.draw(now), now);
        let made = decide(&self.report, command.clone(), officer, stamp, clock)?;
        self.report = made.report;
        self.takes(Effects { events: vec![made.event], announcements: made.announcements }, now);
        Ok(())
    }

    /// What the function `release` does of one report.
    pub(crate) fn release_runs(
        &mut self,
        change: Option<UnitChange>,
        now: Timestamp,
        clock: Clock<'_>,
    ) -> Effects {
        let stamps = [13, 14, 15].map(|place| stamp(of_second(now, place), now));
        let version = stamps[0].version.clone();
        let stamp = DueStamp { now, version, events: stamps.map(|stamp| stamp.event) };
        let effects = due_now(&mut self.report, change, stamp, clock);
        self.takes(effects.clone(), now);
        effects
    }

    /// What the reporter does, if they may. Ids and version are drawn apart, so that what comes after has those that it would have without.
    pub(crate) fn reporter_does(
        &mut self,
        action: &ReporterAction,
        draw: u8,
        now: Timestamp,
        clock: Clock<'_>,
    ) -> bool {
        let stamp = ActionStamp { stamp: stamp(of_second(now, 12), now), draw };
        let report = &self.report;
        let done = match action.clone() {
            ReporterAction::Dispute { reason } => reporter_actions::dispute(report, reason, stamp, clock),
            ReporterAction::Rate { rating } => reporter_actions::rate(report, rating, stamp, clock),
            ReporterAction::Withdraw => Ok(reporter_actions::withdraw(report, stamp, clock)),
            ReporterAction::ChangePrivacy { privacy } => {
                Ok(reporter_actions::change_privacy(report, privacy, stamp, clock))
            }
        };
        let Ok((report, effects)) = done else { return false };
        self.report = report;
        self.takes(effects, now);
        true
    }

    fn takes(&mut self, effects: Effects, now: Timestamp) {
        self.events.extend(effects.events);
        self.told.extend(effects.announcements.into_iter().map(|said| (now, said)));
    }

    /// Everything that this officer gets of the report at this moment: the answer to a look at it, its line and place on the desk, and what was
    /// said to the officer's desk until then, with the moment of each.
    pub(crate) fn got_by(&self, officer: &Officer, now: Timestamp, clock: Clock<'_>) -> Value {
        let seen_by = viewer(&self.report, officer);
        let reader = Reader { language: Language::Id, now, slots: clock.slots, officer };
        let whole = Whole { report: &self.report, events: &self.events, photos: &[] };
        let view = seen_by.map(|seen_by| officer_view(whole, seen_by, reader));
        let desks = desks_of(officer);
        let listed_on = self.report.listed_on();
        let line = seen_by.filter(|_| listed_on.is_some_and(|desk| is_listed_for(&desk, officer)));
        let line = line.map(|seen_by| {
            let report = &self.report;
            let status = shown_status(report, seen_by);
            let heading =
                Heading::new(&report.ticket, &report.category, status, report.privacy, reader.language);
            let item = DeskItem::new(heading, report.into(), officer.role.has(Tag::AdminTiket), reader);
            (order(item.urgency, &report.ticket), item)
        });
        let told: Vec<_> = self.told.iter().filter(|(_, said)| desks.contains(&said.audience)).collect();
        json!({"view": view, "line": line, "told": told})
    }

    /// The photos that whoever acts now has to declare first: the command is that one.
    pub(crate) fn photos(&self, kinds: &[PhotoKind]) -> (Vec<PhotoId>, Command) {
        let id = |place: usize| {
            let mut bytes = [0; PhotoId::BYTES];
            bytes[..8].copy_from_slice(&self.events.len().to_be_bytes());
            bytes[8] = u8::try_from(place).unwrap();
            PhotoId::from_bytes(&bytes)
        };
        let new: Vec<_> = kinds.iter().enumerate().map(|(place, kind)| (id(place), *kind)).collect();
        let ids = new.iter().map(|(photo, _)| photo.clone()).collect();
        (ids, Command::AddPhotos { photos: new, never_ready: Vec::new() })
    }

    /// What the officers who have the report would do with it next: one or two commands, none where nobody has it. `correction` is what the ticket
    /// desk could correct, `units` are those to which it can go.
    pub(crate) fn next_commands(
        &self,
        random: &mut Random,
        units: &[Unit],
        correction: Correction,
        now: Timestamp,
        clock: Clock<'_>,
    ) -> Vec<(Officer, Command)> {
        let report = &self.report;
        let reason = || "Alasan petugas".to_owned();
        let of_unit = || officer_of(report.unit.as_ref().unwrap().code.as_str());
        let chance = random.between(0, 99);
        if report.listed_on().is_none() {
            let is_recalled = report.triage.recall.is_some() && chance < 35;
            return if is_recalled { vec![(ticket_desk(), Command::Recall)] } else { Vec::new() };
        }
        let to = random.one_of(units).clone();
        let back = || vec![(of_unit(), Command::Return { reason: reason() })];
        let accept = || vec![(of_unit(), Command::Accept)];
        match report.status {
            Status::Menunggu => {
                let into = Ticket::from_mac(&[255; 32]);
                let command = match chance {
                    0..12 => Command::Correct(correction),
                    12..18 => Command::Reject { reason: reason() },
                    18..22 => merge_into(into, true),
                    _ => Command::Assign { unit: to, summary: Some("Ringkasan petugas".into()) },
                };
                vec![(ticket_desk(), command)]
            }
            Status::Koordinasi => {
                let here = report.unit.as_ref().unwrap();
                let below = units.iter().find(|unit| unit.is_child_of(&here.code));
                match (chance, below) {
                    (0..15, _) if to.code != here.code => {
                        vec![(of_unit(), Command::Forward { unit: to, reason: reason() })]
                    }
                    (15..40, Some(below)) => vec![(of_unit(), Command::Delegate { unit: below.clone() })],
                    (40..48, _) => back(),
                    _ => accept(),
                }
            }
            Status::Disposisi => {
                if chance < 10 {
                    back()
                } else {
                    accept()
                }
            }
            Status::Proses | Status::TlDitolak => {
                let on = day(now, &clock.calendar.zone).saturating_add(random.between(0, 25).days());
                let (photos, declare) = self.photos(&[PhotoKind::Before, PhotoKind::After]);
                let tl = Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None };
                match chance {
                    0..25 if report.work.plans < 3 => {
                        vec![(of_unit(), Command::Plan { on, reason: reason() })]
                    }
                    25..30 => back(),
                    _ => vec![(of_unit(), declare), (of_unit(), tl)],
                }
            }
            Status::MenungguValidasi => {
                let verdict = match chance {
                    0..35 => Verdict::Accept,
                    35..65 => Verdict::Reject,
                    _ => Verdict::FieldCheck,
                };
                vec![(validator(), Command::Validate { verdict, reason: Some(reason()) })]
            }
            Status::MenungguVerifikasi => {
                let (photos, declare) = self.photos(&[PhotoKind::Field]);
                let (conforms, finding) = (chance < 50, "Sudah dilihat".into());
                let verify = Command::Verify {
                    conforms,
                    finding,
                    photos,
                    location: Point { lat: -6.2, lon: 106.8, accuracy_m: None }.into(),
                };
                if chance % 5 == 0 {
                    vec![(verifier(), Command::CouldNotLook { reason: reason() })]
                } else {
                    vec![(verifier(), declare), (verifier(), verify)]
                }
            }
            Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan => Vec::new(),
        }
    }
}

/// To whom it has to be said so that this officer hears it.
fn desks_of(officer: &Officer) -> Vec<Audience> {
    match &officer.role {
        Role::Unit(code) => vec![Audience::Desk(Desk::Unit(code.clone()))],
        Role::Bureau(tags) => tags
            .iter()
            .filter_map(|tag| match tag {
                Tag::AdminTiket => Some(Audience::Desk(Desk::Tiket)),
                Tag::PetugasValidasi => Some(Audience::Desk(Desk::Validasi)),
                Tag::PetugasVerifikasi => Some(Audience::Desk(Desk::Verifikasi)),
                Tag::Administrator => Some(Audience::Administrator),
                Tag::PetugasOpd | Tag::PetugasKanal => None,
            })
            .collect(),
    }
}

/// Whether the officer can list the desk: those of their tags, of units all that are theirs to see.
fn is_listed_for(desk: &Desk, officer: &Officer) -> bool {
    match desk {
        Desk::Unit(_) => officer.role.unit().is_some() || officer.role.has(Tag::Administrator),
        Desk::Tiket | Desk::Validasi | Desk::Verifikasi => {
            desks_of(officer).contains(&Audience::Desk(desk.clone())) || officer.role.has(Tag::Administrator)
        }
    }
}

/// A number for each of what happens in a second.
fn of_second(now: Timestamp, place: u64) -> u64 {
    u64::try_from(now.as_second()).unwrap() * 16 + place
}

fn stamp(number: u64, now: Timestamp) -> Stamp {
    let mut bytes = [0; EventId::BYTES];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let mut of_version = [0; Version::BYTES];
    of_version.copy_from_slice(&bytes[..Version::BYTES]);
    let event = EventId::from_bytes(&bytes);
    Stamp { now, version: Version::from_bytes(&of_version), event, body_digest: None }
}
