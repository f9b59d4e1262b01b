//! Many reports live through half a year of a city in which much happens, and a second implementation says what must be sent of their
//! deadlines: in which run, of which mark, to whom, and nothing else.

use crate::{
    city::{CATEGORIES, City, HALF_YEAR, Peculiar},
    life::{Life, Submitted, code},
    random::Random,
    second_opinion::{Deadline, Length, Place, Sent},
};
use domain::{
    act::Act,
    category::Terms,
    command::Command,
    deadlines::Mark,
    desk::Desk,
    location::Place as PlaceOfReport,
    officer::Officer,
    pending::ReporterAction,
    privacy::Privacy,
    release::Effects,
    status::Status,
    triage::Correction,
    unit_change::{UnitChange, follows},
};
use jiff::civil::{Weekday, date};
use std::collections::BTreeMap;

/// What has happened to all reports, counted: what never happens the comparison does not show.
type Tally = BTreeMap<String, usize>;

fn count(tally: &mut Tally, what: impl Into<String>) {
    *tally.entry(what.into()).or_default() += 1;
}

/// One report, with what the second implementation knows of it.
struct Watched<'a> {
    city: &'a City,
    life: Life,
    now: usize,
    /// When the store's index says that something is due.
    due: Option<usize>,
    deadline: Option<Deadline>,
    /// The deadline that a recall would bring back.
    before_recall: Option<Deadline>,
    diary: Vec<String>,
    tally: Tally,
}

impl<'a> Watched<'a> {
    fn begin(city: &'a City, random: &mut Random, number: u8, now: usize) -> Self {
        let category = code(random.one_of(&CATEGORIES).0);
        let terms = city.terms(&category, now);
        let unit = random.in_a_hundred(20).then(|| random.one_of(&city.units(now)).clone());
        let submitted = Submitted { number, category, terms, unit };
        let life = Life::begin(submitted, city.almanac.moment_of(now), city.clock_at(now));
        let (diary, tally) = (Vec::new(), Tally::new());
        let mut watched =
            Self { city, life, now, due: None, deadline: None, before_recall: None, diary, tally };
        watched.begin_deadline();
        watched.store();
        watched
    }

    fn write(&mut self, what: String) {
        let at = self.city.almanac.moment_of(self.now).to_zoned_datetime(self.city.slots.zone.clone());
        self.diary.push(format!("{} {what}", at.strftime("%a %F %H:%M")));
    }

    fn told(&self) -> String {
        let report = &self.life.report;
        let path = report.unit.as_ref().map(|unit| unit.path.clone());
        format!("{} of {}, last at {path:?}:\n{}", report.ticket, report.category, self.diary.join("\n"))
    }

    /// Where the report lies, once it is released there.
    fn place(&self) -> Option<Place> {
        let report = &self.life.report;
        let desk = report.listed_on()?;
        let parent = match &desk {
            Desk::Unit(_) => report.unit.as_ref().unwrap().path.get(1).map(|unit| unit.as_str().to_owned()),
            Desk::Tiket | Desk::Validasi | Desk::Verifikasi => None,
        };
        Some(Place { desk: desk.to_string(), parent, is_slot: City::is_slot(report.terms.slots) })
    }

    /// The report has come to the desk where it lies, if it lies on any.
    fn begin_deadline(&mut self) {
        self.end_deadline();
        self.deadline = self.place().map(|_| self.deadline_from(self.now));
    }

    fn deadline_from(&self, begins: usize) -> Deadline {
        let report = &self.life.report;
        let Terms { deadlines, counts, .. } = self.city.terms(&report.category, self.now);
        let days = |days: u16| Length::Days(days.into());
        let (step, length) = match report.status.as_str() {
            "proses" => ("finish", days(deadlines.finish_days)),
            "tl_ditolak" => ("finish", days(deadlines.finish_days / 2 + deadlines.finish_days % 2)),
            "menunggu_validasi" => ("validate", days(deadlines.validate_days)),
            "menunggu_verifikasi" => ("verify", days(deadlines.verify_days)),
            _ => ("coordinate", Length::Hours(deadlines.coordinate_hours.into())),
        };
        let deadline = |length| Deadline::new(step, begins, length, counts);
        let mut anew = deadline(length);
        let planned = report.work.plan.filter(|on| {
            let today = self.city.almanac.moment_of(begins).to_zoned_datetime(self.city.slots.zone.clone());
            report.status == Status::TlDitolak && *on >= today.date()
        });
        let over = |deadline: &mut Deadline| deadline.moments(self.city, self.now).over;
        let Some(mut planned) = planned.map(|on| deadline(Length::Until(on))) else { return anew };
        if over(&mut planned) > over(&mut anew) { planned } else { anew }
    }

    fn end_deadline(&mut self) {
        let Some(deadline) = self.deadline.take() else { return };
        let escalated = deadline.sent.contains(&"escalated");
        let left_out = if deadline.near_was_left_out { ", near left out" } else { "" };
        let course = if escalated { "whole course" } else { "cut short" };
        count(&mut self.tally, format!("{} {course}{left_out}", deadline.step));
        if escalated {
            assert_eq!(
                deadline.sent.len(),
                if deadline.near_was_left_out { 2 } else { 3 },
                "{}",
                self.told()
            );
        }
    }

    fn store(&mut self) {
        let now = self.city.almanac.moment_of(self.now);
        let due = self.life.report.next_due(now, &self.city.slots.zone);
        self.due = due.map(|due| self.city.almanac.minute_of(due));
    }

    /// Takes up what the registry says of the category now, as each function does before it decides.
    fn look_up(&mut self) {
        let Terms { deadlines, counts, .. } = self.city.terms(&self.life.report.category, self.now);
        self.life.report.terms.deadlines = deadlines;
        self.life.report.terms.counts = counts;
    }

    /// The function `release` comes to this report.
    fn run(&mut self) {
        let (city, now) = (self.city, self.city.almanac.moment_of(self.now));
        let was_listed = self.life.report.listed_on();
        self.look_up();
        let held = self.life.report.unit.as_ref();
        let change = held.and_then(|unit| {
            let change = city.change_of(unit, self.now)?;
            follows(self.life.report.status, unit, &change).then_some(change)
        });
        if matches!(change, Some(UnitChange::Moved(_))) {
            count(&mut self.tally, "follows a moved unit");
        }
        let effects = self.life.release_runs(change, now, city.clock_at(self.now));
        self.store();
        for event in &effects.events {
            count(&mut self.tally, event.act.as_str());
        }
        let listed_on = self.life.report.listed_on();
        if was_listed != listed_on {
            self.write(format!("run: {was_listed:?} -> {listed_on:?}"));
            self.begin_deadline();
        }
        self.compare(&effects);
    }

    /// No run reaches the report in this minute.
    fn no_run(&mut self) {
        self.compare(&Effects::default());
    }

    /// Both implementations say the same of this run.
    fn compare(&mut self, effects: &Effects) {
        let actual = sent_by(effects);
        let expected = match (self.place(), &mut self.deadline) {
            (Some(place), Some(deadline)) => deadline.run(&place, self.city, self.now),
            _ => Vec::new(),
        };
        if !actual.is_empty() || !expected.is_empty() {
            self.write(format!("sent {actual:?}"));
        }
        assert_eq!(actual, expected, "left: what was sent, right: what was to be. {}", self.told());
        for sent in &expected {
            count(&mut self.tally, format!("{} {}", sent.step, sent.mark));
        }
        let ends =
            self.life.report.step.as_ref().map(|step| step.ends).filter(|_| !effects.events.is_empty());
        if let (Some(ends), Some(deadline)) = (ends, &mut self.deadline) {
            let over = deadline.moments(self.city, self.now).over;
            assert_eq!(ends, self.city.almanac.moment_of(over), "the end as it is shown. {}", self.told());
        }
    }

    fn command(&mut self, command: &(Officer, Command)) {
        let (city, now) = (self.city, self.city.almanac.moment_of(self.now));
        let unit = self.life.report.unit.clone();
        let status = self.life.report.status;
        let has_to_follow = unit.is_some_and(|unit| {
            city.change_of(&unit, self.now).is_some_and(|change| follows(status, &unit, &change))
        });
        if has_to_follow {
            self.run();
        }
        let told = self.life.told.len();
        self.look_up();
        if let Err(refusal) = self.life.does(command, now, city.clock_at(self.now)) {
            assert!(has_to_follow, "{refusal:?}: {command:?}. {}", self.told());
            return;
        }
        self.store();
        assert!(self.life.told[told..].iter().all(|(_, said)| said.mark.is_none()), "{}", self.told());
        let act = command.1.act();
        count(&mut self.tally, act.as_str());
        self.write(format!("{} -> {:?}", act.as_str(), self.life.report.status));
        match (&command.1, act) {
            (Command::Recall, _) => self.deadline = self.before_recall.take(),
            (Command::Correct(Correction { category: None, .. }), _) => {}
            (Command::Correct(_), _) => {
                let begins = self.deadline.as_ref().unwrap().begins;
                self.end_deadline();
                self.deadline = Some(self.deadline_from(begins));
            }
            (Command::Plan { on, .. }, _) => {
                self.begin_deadline();
                let length = Length::Until(*on);
                self.deadline = self
                    .deadline
                    .take()
                    .map(|made| Deadline::new(made.step, made.begins, length, made.counts));
            }
            (_, Act::AddWorkPhotos | Act::AddFieldPhotos | Act::Note) => {}
            (_, Act::Assign | Act::Reject | Act::Merge) => self.before_recall = self.deadline.take(),
            _ => self.begin_deadline(),
        }
    }

    /// Somebody does what is theirs to do, or the reporter does something.
    fn somebody_acts(&mut self, random: &mut Random) {
        let (city, now) = (self.city, self.city.almanac.moment_of(self.now));
        let clock = city.clock_at(self.now);
        let draw = u8::try_from(random.between(0, 255)).unwrap();
        let privacy = *random.one_of(Privacy::ALL);
        let action = match random.between(0, 99) {
            0..2 => Some(ReporterAction::Withdraw),
            2..9 => Some(ReporterAction::ChangePrivacy { privacy }),
            _ if self.life.report.status.is_open() => None,
            _ => Some(ReporterAction::Dispute { reason: "Masih rusak".into() }),
        };
        if let Some(action) = action {
            self.look_up();
            if self.life.reporter_does(&action, draw, now, clock) {
                self.store();
                self.write(format!("the reporter: {action:?}"));
            }
            return;
        }
        let category = code(random.one_of(&CATEGORIES).0);
        let terms = city.terms(&category, self.now);
        let is_other = category != self.life.report.category;
        let place = PlaceOfReport { point: None, address: Some(format!("Jl. Contoh {}", self.now)) };
        let correction = Correction {
            category: is_other.then_some((category, terms)),
            place: (!is_other).then_some(place),
            area: None,
            suggested_unit: None,
            reason: "Salah pilih".into(),
        };
        let units = city.units(self.now);
        for command in self.life.next_commands(random, &units, correction, now, clock) {
            self.command(&command);
        }
    }

    fn live(&mut self, random: &mut Random, last: usize) {
        let mut acts_at = self.now + patience(random);
        let mut looked_at = None;
        loop {
            let city = self.city;
            let now = self.now;
            let run_after = |minute: usize| city.run_at_or_after(minute.max(now + 1));
            let due = self.due.map(run_after);
            let expected = match (self.place(), &mut self.deadline) {
                (Some(place), Some(deadline)) => deadline.next(&place, city, self.now),
                _ => None,
            };
            let expected = expected.map(run_after);
            // `tuntas city apply` asks for a look at each report of a unit that has changed; others are asked for now and then.
            let asks = city.unit_changes.iter().map(|(at, ..)| city.run_at_or_after(*at));
            let asks = asks.filter(|run| *run > now).min();
            let asked = [asks, looked_at].into_iter().flatten().filter(|at| *at > self.now).min();
            let run = [due, expected, asked].into_iter().flatten().min();
            let at = run.unwrap_or(usize::MAX).min(acts_at);
            if at >= last {
                break;
            }
            self.now = at;
            // In the same minute now the one, now the other comes first.
            if at == acts_at && (run != Some(at) || random.in_a_hundred(50)) {
                self.somebody_acts(random);
                let patience = patience(random);
                acts_at = self.now
                    + if self.life.report.triage.recall.is_some() { patience % 300 + 1 } else { patience };
                looked_at =
                    random.in_a_hundred(20).then(|| city.run_at_or_after(self.now + patience / 3 + 1));
            } else if asked == Some(at) || self.due.is_some_and(|due| due <= at) {
                self.run();
                if random.in_a_hundred(20) {
                    count(&mut self.tally, "a run twice");
                    self.run();
                }
            } else {
                self.no_run();
            }
        }
        self.end_deadline();
    }
}

/// The minutes until somebody does something about the report: often more than it should be.
fn patience(random: &mut Random) -> usize {
    let day = 24 * 60;
    let minutes = match random.between(0, 99) {
        0..30 => random.between(1, 10 * 60),
        30..60 => random.between(10 * 60, 5 * day),
        _ => random.between(5 * day, 25 * day),
    };
    usize::try_from(minutes).unwrap()
}

fn sent_by(effects: &Effects) -> Vec<Sent> {
    let of_clock = |act: Act| matches!(act, Act::Remind | Act::Escalate);
    let marked = effects.announcements.iter().filter(|said| said.mark.is_some()).count();
    let announced = effects.announcements.iter().filter(|said| of_clock(said.event)).count();
    assert_eq!(marked, announced, "what is announced of a deadline says what it is");
    let sent = effects.events.iter().filter(|event| of_clock(event.act)).map(|event| {
        let mark = event.mark.unwrap();
        assert_eq!(event.act == Act::Escalate, mark == Mark::Escalated);
        let said = effects.announcements.iter().filter(|said| said.event_id == event.id);
        let audiences: Vec<String> = said
            .map(|said| {
                assert_eq!((said.mark, said.event, said.status), (Some(mark), event.act, event.status));
                String::from(said.audience.clone())
            })
            .collect();
        let once = audiences.iter().cloned().collect();
        let sent =
            Sent { step: event.step.unwrap().as_str().into(), mark: mark.as_str().into(), audiences: once };
        assert_eq!(sent.audiences.len(), audiences.len(), "nobody is told twice");
        sent
    });
    let sent: Vec<Sent> = sent.collect();
    let to: usize = sent.iter().map(|sent| sent.audiences.len()).sum();
    assert_eq!(to, announced, "each announcement is of an event of the same run");
    sent
}

/// Reports live their half-year; what happened to them is counted.
fn half_year(peculiar: Peculiar, reports: usize, seed: u64) -> Tally {
    let mut random = Random::from_seed(seed);
    let first = peculiar.first;
    let city = City::new(peculiar, &mut random);
    let first = city.almanac.minute_of(first);
    let last = first + usize::try_from(HALF_YEAR).unwrap() * 24 * 60;
    let mut tally = Tally::new();
    for number in 0..reports {
        let submitted = first + usize::try_from(random.between(0, 120 * 24 * 60)).unwrap();
        let number = u8::try_from(number % 256).unwrap();
        let mut watched = Watched::begin(&city, &mut random, number, submitted);
        watched.live(&mut random, last);
        for (what, times) in watched.tally {
            *tally.entry(what).or_default() += times;
        }
    }
    tally
}

fn jakarta() -> Peculiar {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    Peculiar {
        zone: "Asia/Jakarta",
        first: "2026-01-05T00:00+07".parse().unwrap(),
        weekdays: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
        opens: (7, 30),
        closes: (16, 0),
        holidays: vec![
            date(2026, 1, 16),
            date(2026, 2, 17),
            date(2026, 3, 18),
            date(2026, 3, 19),
            date(2026, 3, 20),
            date(2026, 3, 23),
            date(2026, 3, 24),
            date(2026, 4, 3),
            date(2026, 5, 1),
            date(2026, 5, 14),
            date(2026, 5, 27),
            date(2026, 6, 1),
        ],
        at_short_notice: vec![
            ("2026-02-10T15:10+07".parse().unwrap(), date(2026, 2, 11)),
            ("2026-04-13T09:00+07".parse().unwrap(), date(2026, 4, 15)),
        ],
        grain: 1,
    }
}

/// Open from early morning to late evening, six days a week: hours end before the first slot and after the last, and the half-year has the
/// change to summer time.
fn berlin() -> Peculiar {
    use Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    Peculiar {
        zone: "Europe/Berlin",
        first: "2026-01-12T00:00+01".parse().unwrap(),
        weekdays: vec![Monday, Tuesday, Wednesday, Thursday, Friday, Saturday],
        opens: (5, 0),
        closes: (21, 45),
        holidays: vec![
            date(2026, 4, 3),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 14),
            date(2026, 5, 25),
        ],
        at_short_notice: vec![("2026-03-27T22:00+01".parse().unwrap(), date(2026, 3, 28))],
        grain: 15,
    }
}

#[test]
fn in_half_a_year_each_mark_is_sent_once_in_its_run_and_to_its_audiences() {
    let mut tally = half_year(jakarta(), 600, 1);
    for (what, times) in half_year(berlin(), 400, 2) {
        *tally.entry(what).or_default() += times;
    }
    let times = |what: &str| tally.get(what).copied().unwrap_or_default();
    for step in ["coordinate", "finish", "validate", "verify"] {
        for what in ["near", "over", "escalated", "whole course", "cut short", "whole course, near left out"]
        {
            let what = format!("{step} {what}");
            assert!(times(&what) >= 10, "{what}: {}", times(&what));
        }
    }
    let happens = ["plan", "recall", "correct", "forward", "delegate", "return", "could_not_look"];
    let by_others = [
        "dispute",
        "withdraw",
        "change_privacy",
        "close_unit",
        "a run twice",
        "reject",
        "merge",
        "follows a moved unit",
    ];
    for what in happens.iter().chain(&by_others) {
        assert!(times(what) >= 10, "{what}: {}", times(what));
    }
}
