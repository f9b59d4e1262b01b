//! What an officer is told before they act holds once they have acted: who reads their text, and when; the status and the desk; what the
//! reporter is told.

use super::{OFFICERS, Step, UNITS, World, class, code, officer, stamp, step, unit, version};
use crate::{clock, received::merge_into};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command::{Command, Verdict},
    command_rules::RULES,
    decide::{claim, decide},
    decision::Decision,
    desk::Desk,
    event::Event,
    ids::PhotoId,
    language::Language,
    location::{Place, Point},
    note::{Note, NoteAudience},
    officer::{Officer, Role, Tag},
    photo::PhotoKind,
    photos_at_hand::Owner,
    report::{Due, Report, ReporterSide},
    slots::SlotClass,
    sms_and_email_text::update,
    status::Status,
    ticket::Ticket,
    triage::Correction,
    urgency::day,
    view::{
        Beside, Choice, Consequence, OfficerView, ReadsText, Viewer, When, Whole, officer_view,
        reporter_view, shown_status, viewer,
    },
};
use jiff::ToSpan;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the officer types: a word that is seen whatever is masked, and a number that is masked.
const WORD: &str = "Kapuk";
const PHONE: &str = "0812-9999-7777";

fn typed() -> String {
    format!("{WORD}, hubungi {PHONE}")
}

/// What the officer's view says of each act.
fn foretold(view: &OfficerView) -> (&[Act], &[Consequence]) {
    match view {
        OfficerView::Unit(view) => (&view.actions, &view.consequences),
        OfficerView::Field(view) => (&view.actions, &view.consequences),
        OfficerView::Bureau(view) => (&view.actions, &view.consequences),
        OfficerView::Administrator(view) => (&view.bureau.actions, &view.bureau.consequences),
        OfficerView::FormerUnit(_) => (&[], &[]),
    }
}

/// Whether somebody reads the text: `None`, or whether it is masked.
fn reading(seen: &Value) -> Option<bool> {
    let seen = seen.to_string();
    seen.contains(WORD).then(|| !seen.contains(PHONE))
}

/// The desk of the bureau whose officers read so.
fn desk_of(who: ReadsText) -> Option<(Tag, Option<Desk>)> {
    match who {
        ReadsText::Tiket => Some((Tag::AdminTiket, Some(Desk::Tiket))),
        ReadsText::Validasi => Some((Tag::PetugasValidasi, Some(Desk::Validasi))),
        ReadsText::Verifikasi => Some((Tag::PetugasVerifikasi, Some(Desk::Verifikasi))),
        ReadsText::Administrator => Some((Tag::Administrator, None)),
        ReadsText::OwnUnit | ReadsText::Unit | ReadsText::Reporter => None,
    }
}

/// A report at one moment after an act, with all its events.
struct Moment<'a> {
    world: &'a World,
    report: &'a Report,
    events: &'a [Event],
    /// Who reads by now what they are said to read at once, at a slot, later.
    by: When,
}

impl Moment<'_> {
    fn whole(&self) -> Whole<'_> {
        Whole { report: self.report, events: self.events, photos: &[] }
    }

    /// Whoever is said to read the text reads it, masked as said, and nobody else does.
    fn check(&self, said: &Consequence, author: &Officer) {
        for who in 0..OFFICERS.len() {
            let officer = officer(who);
            let seen_by = viewer(self.report, &officer);
            let read = seen_by.and_then(|seen_by| {
                reading(&json!(officer_view(self.whole(), seen_by, self.world.reader(&officer))))
            });
            let expected = seen_by.and_then(|seen_by| self.expected(said, author, &officer, seen_by));
            assert_eq!(read, expected, "{officer:?} by {:?}: {said:?} of {author:?}", self.by);
        }
        let seen = reporter_view(self.whole(), Beside::default(), self.world.now, Language::Id);
        let by = said.read_by.iter().find(|by| by.who == ReadsText::Reporter);
        let expected = by.filter(|by| by.when <= self.by).map(|by| by.masked);
        assert_eq!(reading(&json!(seen)), expected, "the reporter by {:?}: {said:?}", self.by);
    }

    fn expected(
        &self,
        said: &Consequence,
        author: &Officer,
        officer: &Officer,
        seen_by: Viewer,
    ) -> Option<bool> {
        let reads = |who: ReadsText| {
            let by = said.read_by.iter().find(|by| by.who == who)?;
            // It may have come to them already, unknown to the author.
            (by.when <= self.by || by.when == When::Later).then_some(by.masked)
        };
        match &officer.role {
            Role::Unit(_) => {
                let of_unit = if seen_by == Viewer::Unit { reads(ReadsText::Unit) } else { None };
                let is_own = officer.role == author.role;
                of_unit.or_else(|| if is_own { reads(ReadsText::OwnUnit) } else { None })
            }
            Role::Bureau(tags) => {
                let has_come = |desk: &Option<Desk>| {
                    desk.as_ref().is_none_or(|desk| self.report.visible.reached.contains(desk))
                };
                let is_theirs = |who: &ReadsText| {
                    desk_of(*who).is_some_and(|(tag, desk)| tags.contains(&tag) && has_come(&desk))
                };
                ReadsText::ALL.iter().copied().filter(is_theirs).find_map(reads)
            }
        }
    }
}

impl World {
    /// Looks whether one of the consequences that one officer is told of comes true.
    fn check_consequence(&self) {
        let turn = self.drawn as usize;
        let who = (0..OFFICERS.len()).map(|who| officer((turn + who) % OFFICERS.len()));
        let whole = Whole { report: &self.report, events: &self.events, photos: &[] };
        for officer in who {
            let Some(seen_by) = viewer(&self.report, &officer) else { continue };
            let view = officer_view(whole, seen_by, self.reader(&officer));
            let (actions, said) = foretold(&view);
            let mut acts: Vec<Act> = said.iter().map(|said| said.act).collect();
            acts.dedup();
            let mut expected = actions.to_vec();
            // What waits for photos alone is said too.
            for (add, act) in [(Act::AddWorkPhotos, Act::PostTl), (Act::AddFieldPhotos, Act::Verify)] {
                if actions.contains(&add) && !expected.contains(&act) {
                    expected.push(act);
                }
            }
            expected.sort_unstable();
            acts.sort_unstable();
            assert_eq!(acts, expected, "each act has its consequences, and no other");
            // Notes are possible most often.
            let others = said.iter().filter(|said| said.act != Act::Note).count();
            let among = if others > 0 && !turn.is_multiple_of(3) { others } else { said.len() };
            if let Some(said) = said.get(turn / 3 % among.max(1)) {
                return self.comes_true(said, &officer, seen_by);
            }
        }
    }

    /// A report that differs only in what officers may not know has the same consequences; for units and verifiers also one that has come to the
    /// ticket desk by an escalation, or by a question that they do not read.
    fn check_hidden(&self) {
        let mut everybodys = self.report.clone();
        everybodys.is_followed = !everybodys.is_followed;
        everybodys.submitted.language = Language::Id;
        everybodys.submitted.description = "Lain".into();
        everybodys.reporter = ReporterSide {
            // Another last digit, by which it takes the other slot.
            secret_digest: if self.report.takes_second_slot() { "0".into() } else { "1".into() },
            photos: 7,
            pending: Vec::new(),
            update: None,
            told: Some(self.report.told()),
            disputable_until: None,
            disputes: self.report.reporter.disputes + 1,
            disputed_refusals: 1,
            rating: None,
            erased: !self.report.reporter.erased,
        };
        let mut theirs = everybodys.clone();
        theirs.submitted.at += 3.hours();
        theirs.visible.photos_from = None;
        theirs.visible.reached.insert(Desk::Tiket);
        theirs.triage.asked_by = Some(Desk::Tiket);
        for who in 0..OFFICERS.len() {
            let officer = officer(who);
            let Some(seen_by) = viewer(&self.report, &officer) else { continue };
            let knows_desks = officer.role.has(Tag::AdminTiket) || seen_by >= Viewer::Bureau;
            let twin = if knows_desks { &everybodys } else { &theirs };
            let view = |report: &Report| {
                let whole = Whole { report, events: &self.events, photos: &[] };
                officer_view(whole, seen_by, self.reader(&officer))
            };
            let (known, hidden) = (view(&self.report), view(twin));
            assert_eq!(foretold(&known), foretold(&hidden), "{officer:?}");
        }
    }

    fn comes_true(&self, said: &Consequence, author: &Officer, seen_by: Viewer) {
        if said.act == Act::Claim {
            let claimed = claim(&self.report, author, self.now).unwrap();
            assert_eq!((claimed.status, claimed.desk()), (said.status, said.desk.clone()));
            assert!(said.read_by.is_empty() && said.reporter.is_none());
            return;
        }
        let stamp = stamp(u64::MAX, self.now);
        let (mut report, mut events) = self.with_photos_for(said.act, author);
        let command = self.foretold_command(&report, said, author);
        // What the reporter does is another matter.
        report.reporter.pending.clear();
        let decided = decide(&report, command.clone(), author, stamp, clock::by(&self.slots));
        let Decision { report, event, announcements, .. } = decided.unwrap_or_else(|refusal| {
            panic!("{said:?} of {author:?} is refused: {refusal:?}");
        });
        self.check_place(said, &command, &report, &event, seen_by);
        events.push(event.clone());
        Moment { world: self, report: &report, events: &events, by: When::Now }.check(said, author);

        let mut released = report.clone();
        let waits = [&report.visible.release, &report.reporter.update].into_iter().flatten();
        let at = waits.map(|due| due.at).fold(self.now, Ord::max);
        let effects = clock::due(&mut released, at, &self.slots);
        events.extend(effects.events);
        Moment { world: self, report: &released, events: &events, by: When::Slot }.check(said, author);
        self.check_told(said, &command, &event, (&announcements, &effects.announcements));

        // It comes to everybody who has not had it, and to another unit if it is with none.
        released.visible.reached.extend([Desk::Tiket, Desk::Validasi, Desk::Verifikasi]);
        if !matches!(released.listed_on(), Some(Desk::Unit(_))) {
            released.status = Status::Koordinasi;
            released.unit = Some(unit(said.read_by.len()));
            released.visible.release = Some(Due { at, event: event.id, act: Act::Assign });
            events.extend(clock::due(&mut released, at, &self.slots).events);
        }
        Moment { world: self, report: &released, events: &events, by: When::Later }.check(said, author);
    }

    /// The report and its events once its officer has declared the photos that an act lacks.
    fn with_photos_for(&self, act: Act, author: &Officer) -> (Report, Vec<Event>) {
        let of_tl: &[PhotoKind] =
            if act == Act::PostTl { &[PhotoKind::Before, PhotoKind::After] } else { &[] };
        let kinds = if act == Act::Verify { &[PhotoKind::Field] } else { of_tl };
        let owner = Owner::of(author);
        let is_there = |kind| self.report.work.at_hand.of(&owner).any(|(_, of)| of == kind);
        let (report, mut events) = (self.report.clone(), self.events.clone());
        if kinds.iter().all(|kind| is_there(*kind)) {
            return (report, events);
        }
        let photos = (251..).zip(kinds).map(|(n, kind)| (PhotoId::from_bytes(&[n; 10]), *kind)).collect();
        let declare = Command::AddPhotos { photos, never_ready: Vec::new() };
        let stamp = stamp(u64::MAX - 1, self.now);
        let Decision { report, event, .. } =
            decide(&report, declare, author, stamp, clock::by(&self.slots)).unwrap();
        events.push(event);
        (report, events)
    }

    /// The status and the desk, as the author knows them.
    fn check_place(
        &self,
        said: &Consequence,
        command: &Command,
        report: &Report,
        event: &Event,
        seen_by: Viewer,
    ) {
        assert_eq!((said.status, said.status_text), (event.status, event.status.text(Language::Id)));
        let is_chosen =
            matches!(command, Command::Assign { .. } | Command::Forward { .. } | Command::Delegate { .. });
        let known = Report { status: event.status, ..report.clone() };
        let desk = known.desk().filter(|desk| !(is_chosen && matches!(desk, Desk::Unit(_))));
        assert_eq!(said.desk, desk, "{said:?}");
        if let Command::Note { .. } = command {
            assert_eq!(said.status, shown_status(&self.report, seen_by));
        }
    }

    /// The reporter is told what the author was told, unless they have withdrawn.
    fn check_told(
        &self,
        said: &Consequence,
        command: &Command,
        event: &Event,
        (at_once, later): (&[Announcement], &[Announcement]),
    ) {
        let told = |announced: &[Announcement]| {
            let is_own =
                |said: &&Announcement| said.audience == Audience::Reporter && said.event_id == event.id;
            let said = announced.iter().find(is_own)?;
            Some(update(&said.ticket, said.status, said.follows, said.plan, Language::Id))
        };
        let told = told(at_once).map(|text| (text, When::Now)).or_else(|| Some((told(later)?, When::Slot)));
        if self.report.reporter.erased {
            assert_eq!(told, None);
            return;
        }
        let chosen = if let Command::Plan { on, .. } = command {
            on.strftime("%d-%m-%Y").to_string()
        } else if let Command::Merge { root } = command {
            root.told().status.text(Language::Id).to_owned()
        } else {
            String::new()
        };
        let said = said.reporter.as_ref().map(|said| (said.text.replace('…', &chosen), said.when));
        assert_eq!(told, said, "{command:?}");
    }

    /// The command of which a consequence speaks, with a text of the author's.
    fn foretold_command(&self, report: &Report, said: &Consequence, author: &Officer) -> Command {
        let at_hand = |kinds: &[PhotoKind]| {
            let owner = Owner::of(author);
            let own = report.work.at_hand.of(&owner).filter(|(_, kind)| kinds.contains(kind));
            own.map(|(photo, _)| photo.clone()).collect::<Vec<_>>()
        };
        let declare = |kind| Command::AddPhotos {
            photos: vec![(PhotoId::from_bytes(&[250; 10]), kind)],
            never_ready: Vec::new(),
        };
        let holder = self.report.unit.as_ref().map(|unit| &unit.code);
        let others = (0..UNITS.len()).map(|n| unit(n + self.drawn as usize));
        let other = others.clone().find(|unit| Some(&unit.code) != holder).unwrap();
        let child = others.clone().find(|unit| holder.is_some_and(|holder| unit.is_child_of(holder)));
        match said.act {
            Act::Correct => Command::Correct(Correction {
                category: Some((code("lain"), self.report.terms.clone())),
                place: Some(Place { point: None, address: None }),
                area: None,
                suggested_unit: None,
                reason: typed(),
            }),
            Act::Assign => Command::Assign { unit: unit(self.drawn as usize), summary: Some(typed()) },
            Act::Reject => Command::Reject { reason: typed() },
            Act::Merge => merge_into(Ticket::from_mac(&[9; 32]), true),
            Act::Recall => Command::Recall,
            Act::Accept => Command::Accept,
            Act::Forward => Command::Forward { unit: other, reason: typed() },
            Act::Delegate => {
                let under = |path: &[domain::unit::Code]| domain::unit::Unit {
                    code: code("anak"),
                    path: [code("anak")].into_iter().chain(path.iter().cloned()).collect(),
                };
                let path = self.report.unit.as_ref().map_or(&[][..], |unit| &unit.path);
                Command::Delegate { unit: child.unwrap_or_else(|| under(path)) }
            }
            Act::Return => Command::Return { reason: typed() },
            Act::AddWorkPhotos => declare(PhotoKind::After),
            Act::AddFieldPhotos => declare(PhotoKind::Field),
            Act::Plan => Command::Plan { on: day(self.now, &self.slots.zone), reason: typed() },
            Act::PostTl => {
                let photos = at_hand(&[PhotoKind::Before, PhotoKind::After]);
                Command::PostTl { narrative: typed(), photos, location: None }
            }
            Act::Validate => {
                let verdict = Verdict::parse(said.choice.unwrap().as_str()).unwrap();
                Command::Validate { verdict, reason: Some(typed()) }
            }
            Act::Verify => Command::Verify {
                conforms: said.choice == Some(Choice::Conforms),
                finding: typed(),
                photos: at_hand(&[PhotoKind::Field]),
                location: Point { lat: -6.2, lon: 106.8, accuracy_m: None }.into(),
            },
            Act::CouldNotLook => Command::CouldNotLook { reason: typed() },
            Act::Note => {
                let choice = said.choice.unwrap();
                let (audience, asks_ticket_desk) = match choice.as_str().strip_suffix("_to_tiket") {
                    Some(audience) => (audience, true),
                    None => (choice.as_str(), false),
                };
                let audience = NoteAudience::parse(audience).unwrap();
                let note = Note { text: typed(), audience, asks_ticket_desk };
                Command::Note { note, shown_version: version(u64::MAX - 1) }
            }
            Act::Submit
            | Act::Claim
            | Act::CloseUnit
            | Act::Follow
            | Act::Unmerge
            | Act::Remind
            | Act::Escalate
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy => panic!("no command is a {:?}", said.act),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_an_officer_is_told_of_an_act_comes_true(
        at_once in prop::bool::weighted(0.2),
        class in class(),
        routed in prop::option::weighted(0.3, 0..UNITS.len()),
        steps in prop::collection::vec(step(), 1..50),
    ) {
        let mut world = World::new(at_once, class, routed);
        world.check_consequence();
        for step in &steps {
            world.step(step);
            world.check_consequence();
            if world.drawn.is_multiple_of(4) {
                world.check_hidden();
            }
        }
    }
}

/// What the walks never meet the property does not hold for.
#[test]
fn the_walks_are_told_of_every_act_and_of_every_reader_at_each_time() {
    let mut runner = TestRunner::deterministic();
    let (mut acts, mut readers, mut told) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for round in 0..30 {
        let steps = prop::collection::vec(step(), 60).new_tree(&mut runner).unwrap().current();
        let mut world = World::new(false, SlotClass::Segera, (round % 3 == 0).then_some(1));
        for step in steps {
            // A withdrawal ends a walk too early to show the rest.
            world.step(&Step { reporter: step.reporter.filter(|what| *what > 0), ..step });
            let whole = Whole { report: &world.report, events: &world.events, photos: &[] };
            for who in 0..OFFICERS.len() {
                let officer = officer(who);
                let Some(seen_by) = viewer(&world.report, &officer) else { continue };
                let view = officer_view(whole, seen_by, world.reader(&officer));
                for said in foretold(&view).1 {
                    acts.insert((said.act.as_str(), said.choice.map(Choice::as_str)));
                    readers.extend(said.read_by.iter().map(|by| (by.who, by.when)));
                    told.extend(said.reporter.iter().map(|told| told.when));
                }
            }
        }
    }
    let choices = |act| match act {
        "validate" => &Choice::ALL[..3],
        "verify" => &Choice::ALL[3..5],
        "note" => &Choice::ALL[5..],
        _ => &[],
    };
    let of_rules = RULES.iter().flat_map(|rule| {
        let act = rule.act.as_str();
        let only = choices(act).is_empty().then_some((act, None));
        choices(act).iter().map(move |choice| (act, Some(choice.as_str()))).chain(only)
    });
    assert_eq!(acts, of_rules.collect());
    let all = ReadsText::ALL.iter().flat_map(|who| When::ALL.iter().map(move |when| (*who, *when)));
    let never: Vec<_> = all.filter(|reads| !readers.contains(reads)).collect();
    // For validators and the ticket desk nothing waits. Who writes reads it at once, and so does the administrator.
    assert_eq!(
        never,
        [
            (ReadsText::OwnUnit, When::Slot),
            (ReadsText::OwnUnit, When::Later),
            (ReadsText::Tiket, When::Slot),
            (ReadsText::Validasi, When::Slot),
            (ReadsText::Administrator, When::Slot),
            (ReadsText::Administrator, When::Later),
            (ReadsText::Reporter, When::Later),
        ]
    );
    assert_eq!(told, [When::Slot].into());
}
