//! The rules that never break, as properties.
//!
//! Every run is finite: tries, faults and the clock are used up. So whatever holds whenever nothing more happens by itself
//! comes to hold at last, whatever befell before. Those rules are checked in the quiet states; all others in every state.

use crate::{
    model::Protocol,
    requests::times_stored,
    state::{Answer, Ask, Phase, Record, Request, State, Wrong},
};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command_rules::RULES,
    deadlines::Mark,
    desk::Desk,
    event::Event,
    report::Report,
    slots::SlotClass,
    status::Status,
    unit::Code,
};
use jiff::Timestamp;
use stateright::Property;
use std::{collections::BTreeSet, ops::Range};

pub(crate) const STORED_ONCE: &str = "1: what was acknowledged is stored exactly once, and nothing twice";
pub(crate) const REFUSED_TRULY: &str = "1: who is told of a conflict has left nothing";
pub(crate) const WHOLE: &str = "1: an identity is there exactly as long as its report and its will";
pub(crate) const ANNOUNCED: &str = "2: every change of status is announced when it is released";
pub(crate) const PUBLISHED: &str = "2: every announcement is published, or lies in a dead-letter queue";
pub(crate) const STABLE: &str = "2: an announcement bears the id of a stored event, and is made once";
pub(crate) const UNHEARD: &str = "2: what was recalled is announced to nobody";
pub(crate) const PLANNED: &str =
    "2: every plan is announced to the reporter, and every question to the ticket desk";
pub(crate) const ONE_WINS: &str = "3: of two who decide at once one wins and the other is told so";
pub(crate) const NOT_STOPPED: &str = "4: a poison record stops nothing, and is kept";
pub(crate) const NOT_FORGOTTEN: &str =
    "4: an update is sent, overtaken, kept as a dead letter, or its reporter gone";
pub(crate) const GONE: &str = "an erased identity is gone, and never told afterwards";
pub(crate) const ONE_A_SLOT: &str = "at most one update for a reporter in a slot";
pub(crate) const TOLD_ONCE: &str = "an update is sent twice only where its sending was cut off or doubled";
pub(crate) const FORWARDS: &str = "no older update is applied after a newer one";
pub(crate) const NO_GAPS: &str = "the numbers of a history have no gaps";
pub(crate) const FOLD: &str = "the snapshot is what its events lead to";

pub(crate) const LOSES: &str = "somebody is told of a conflict";
pub(crate) const REPLAYS: &str = "a repeated request is answered from what is stored";
pub(crate) const LOST_RACE: &str = "a command is decided anew";
pub(crate) const DEAD_LETTER: &str = "an announcement lies in a dead-letter queue";
pub(crate) const UNTOLD: &str = "an update lies in a dead-letter queue";
pub(crate) const TOLD: &str = "a reporter is told";
pub(crate) const TOLD_TWICE: &str = "a reporter is told twice";
pub(crate) const TOLD_WHILE_ERASED: &str = "a sending that began before an erasure ends after it";
pub(crate) const TOLD_LATE: &str = "a sending goes on although a newer update has been applied";
pub(crate) const OUTLIVES: &str =
    "an identity does not expire, for the update that closes its report is a dead letter";
pub(crate) const ERASED: &str = "an identity is erased";
pub(crate) const DISPUTED: &str = "a dispute has been applied";
pub(crate) const RECALLED: &str = "an assignment has been recalled";
pub(crate) const NEAR: &str = "a deadline is near";
pub(crate) const OVER: &str = "a deadline is over";
pub(crate) const ESCALATED: &str = "a deadline is escalated";
pub(crate) const BOTH: &str = "a late run sends two marks";
pub(crate) const MARKED_ANEW: &str = "a mark is of a deadline that began in the run";
pub(crate) const FOLLOWS: &str = "a request lets a report follow its closed unit";
pub(crate) const QUIET: &str = "all comes to rest";

pub(crate) const MARKED_ONCE: &str = "each mark of a deadline is stored once";
pub(crate) const MARKED: &str = "a mark is stored by the next run, unless its step is over";
pub(crate) const IN_TIME: &str = "a mark is of the present step, and in its time";
pub(crate) const MARK_TOLD: &str = "2: a mark is announced to its desk and to those above, by its event's id";
pub(crate) const CLOSED: &str = "no open report comes to the desk of a closed unit";

type Rule = fn(&Protocol, &State) -> bool;

/// The rules that hold in every state.
pub(crate) const ALWAYS: [(&str, Rule); 22] = [
    (STORED_ONCE, stored_once),
    (REFUSED_TRULY, refused_truly),
    (WHOLE, whole),
    (ANNOUNCED, |protocol, state| !protocol.is_quiet(state) || announced(protocol, state)),
    (PUBLISHED, |protocol, state| !protocol.is_quiet(state) || published(state)),
    (STABLE, stable),
    (UNHEARD, unheard),
    (PLANNED, |protocol, state| !protocol.is_quiet(state) || planned(state)),
    (ONE_WINS, one_wins),
    (NOT_STOPPED, |protocol, state| !protocol.is_quiet(state) || not_stopped(state)),
    (NOT_FORGOTTEN, |protocol, state| !protocol.is_quiet(state) || not_forgotten(state)),
    (GONE, gone),
    (ONE_A_SLOT, one_a_slot),
    (TOLD_ONCE, |_, state| state.told.iter().zip(&state.cut).all(|(told, cut)| *told <= 1 + cut)),
    (FORWARDS, |_, state| !state.wrong.contains(&Wrong::Backwards)),
    (NO_GAPS, |_, state| state.events.iter().zip(1..).all(|(event, number)| event.number == number)),
    (FOLD, fold),
    (MARKED_ONCE, marked_once),
    (MARKED, marked),
    (IN_TIME, in_time),
    (MARK_TOLD, mark_told),
    (CLOSED, closed),
];

/// What must be possible; which of it, a scenario says.
const SOMETIMES: [(&str, Rule); 20] = [
    (LOSES, |_, state| state.clients.iter().any(|client| client.answer == Some(Answer::Conflict))),
    (REPLAYS, |_, state| state.clients.iter().any(|client| client.answer == Some(Answer::Replayed))),
    (LOST_RACE, |_, state| state.has_a_loser()),
    (DEAD_LETTER, |_, state| (0..state.stream.len()).any(|n| state.dead.has(n))),
    (UNTOLD, |_, state| (0..state.stream.len()).any(|n| state.untold.has(n))),
    (TOLD, |_, state| state.told.contains(&1)),
    (TOLD_TWICE, |_, state| state.told.contains(&2)),
    (TOLD_WHILE_ERASED, |_, state| state.sends_while_erased()),
    (TOLD_LATE, |_, state| state.sends_late()),
    (OUTLIVES, outlives),
    (ERASED, |_, state| state.is_erased()),
    (DISPUTED, |_, state| state.events.iter().any(|event| event.act == Act::Dispute)),
    (RECALLED, |_, state| state.events.iter().any(|event| event.recalls.is_some())),
    (NEAR, |_, state| marks(state).any(|(_, mark, _)| mark == Mark::Near)),
    (OVER, |_, state| marks(state).any(|(_, mark, _)| mark == Mark::Over)),
    (ESCALATED, |_, state| marks(state).any(|(_, mark, _)| mark == Mark::Escalated)),
    (BOTH, |_, state| {
        let sent_at =
            |wanted| marks(state).find(|(_, mark, _)| *mark == wanted).map(|(_, _, event)| event.at);
        sent_at(Mark::Over).is_some_and(|at| sent_at(Mark::Escalated) == Some(at))
    }),
    (MARKED_ANEW, |protocol, state| marks(state).any(|(begun, _, _)| is_new(protocol, begun))),
    (FOLLOWS, |_, state| {
        state.instances.iter().any(|instance| matches!(instance.phase, Phase::Follows { .. }))
    }),
    (QUIET, Protocol::is_quiet),
];

pub(crate) fn all() -> Vec<Property<Protocol>> {
    let always = ALWAYS.iter().map(|(name, rule)| Property::always(name, *rule));
    always.chain(SOMETIMES.iter().map(|(name, rule)| Property::sometimes(name, *rule))).collect()
}

fn requests<'a>(
    protocol: &'a Protocol,
    state: &'a State,
) -> impl Iterator<Item = (&'a Request, Option<Answer>)> {
    protocol.scenario.requests.iter().zip(state.clients.iter().map(|client| client.answer))
}

fn stored_once(protocol: &Protocol, state: &State) -> bool {
    requests(protocol, state).all(|(request, answer)| {
        let times = times_stored(protocol, state, request);
        // A dispute goes with the report that is withdrawn.
        let dropped = matches!(request.ask, Ask::Dispute) && state.is_erased();
        match answer {
            Some(Answer::Done | Answer::Replayed) => times == 1 || (times == 0 && dropped),
            Some(Answer::Conflict) | None => times <= 1,
        }
    })
}

fn refused_truly(protocol: &Protocol, state: &State) -> bool {
    // Without a key nobody can know a repetition.
    requests(protocol, state).filter(|(request, _)| request.keyed).all(|(request, answer)| {
        answer != Some(Answer::Conflict) || times_stored(protocol, state, request) == 0
    })
}

fn whole(_: &Protocol, state: &State) -> bool {
    state.row.is_some() == state.report.as_ref().is_some_and(|report| !report.reporter.erased)
}

/// The number of the event that an announcement is about; 0 if there is none.
fn about(state: &State, said: &Announcement) -> u32 {
    let event = state.events.iter().find(|event| event.id == said.event_id);
    event.map_or(0, |event| event.number)
}

fn announcements(state: &State) -> impl Iterator<Item = &Announcement> {
    state.stream.iter().filter_map(|record| match record {
        Record::Announcement(said) => Some(&**said),
        Record::Unreadable | Record::Crashing => None,
    })
}

/// The last change of status that was not recalled reached everybody whom it concerns, by its own announcement or by that of what came
/// after it. What still waits has a slot to come: `release` would have taken it otherwise.
fn announced(protocol: &Protocol, state: &State) -> bool {
    let Some(report) = &state.report else { return true };
    // A note has the status in which it was written, which may have been taken back.
    let counts = |event: &&Event| event.act != Act::Note && !is_recalled(state, event);
    let events: Vec<&Event> = state.events.iter().map(|event| &**event).filter(counts).collect();
    let status_before = |n: usize| n.checked_sub(1).and_then(|n| events.get(n)).map(|event| event.status);
    let last = (0..events.len()).rev().find(|n| Some(events[*n].status) != status_before(*n));
    let Some(last) = last.map(|n| events[n]) else { return true };
    let reached = |audience: &Audience| {
        let tells = |said: &Announcement| said.audience == *audience && said.mark.is_none();
        announcements(state).any(|said| tells(said) && about(state, said) >= last.number)
    };
    let unit = report.unit.as_ref().map(|unit| Desk::Unit(unit.code.clone()));
    let desk = report.desk().or(unit.filter(|desk| report.visible.reached.contains(desk)));
    let desk_knows = desk.is_none_or(|desk| reached(&Audience::Desk(desk)));
    let reporter_knows = report.reporter.erased || reached(&Audience::Reporter);
    let (desk_was_told, reporter_was_told) = match &protocol.scenario.life {
        // What was announced before the run is not on its stream.
        Some(life) if last.number as usize <= life.events.len() => {
            let waits = life.report.visible.release.as_ref().is_some_and(|due| due.event == last.id);
            let told = life.told.as_ref().map(|(_, event)| event);
            let told = events.iter().find(|event| Some(&event.id) == told).map(|event| event.number);
            (!waits, told >= Some(last.number))
        }
        Some(_) | None => (false, false),
    };
    // What was decided when the clock had nearly run out has a slot that the run does not reach.
    let desk = report.visible.release.is_some()
        || report.visible.shown.status == report.status && (desk_was_told || desk_knows);
    desk && (report.reporter.update.is_some() || reporter_was_told || reporter_knows)
}

/// Whether the event was taken back, or takes one back.
fn is_recalled(state: &State, event: &Event) -> bool {
    let takes_back = |by: &Event| by.recalls.is_some_and(|first| (first..=by.number).contains(&event.number));
    event.act != Act::Note && state.events.iter().any(|by| takes_back(by))
}

fn unheard(_: &Protocol, state: &State) -> bool {
    let is_recalled = |said: &Announcement| {
        state.events.iter().any(|event| event.id == said.event_id && is_recalled(state, event))
    };
    !announcements(state).any(is_recalled)
}

/// A plan is told with what came after it, if that came before its slot.
fn planned(state: &State) -> bool {
    let said = |audience: &Audience, from: u32| {
        announcements(state).any(|said| said.audience == *audience && about(state, said) >= from)
    };
    let waits = state.report.as_ref().is_some_and(|report| report.reporter.update.is_some());
    state.events.iter().all(|event| {
        let is_told = event.act != Act::Plan || waits || said(&Audience::Reporter, event.number);
        is_told && (!event.asks_ticket_desk || said(&Audience::Desk(Desk::Tiket), event.number))
    })
}

/// Whether a deadline begins with the event. A recall resumes the one before what it takes back.
fn begins_a_deadline(state: &State, event: &Event) -> bool {
    let keeps = event.mark.is_some() || matches!(event.act, Act::Note | Act::AddWorkPhotos);
    !keeps && !is_recalled(state, event)
}

/// The marks that are stored, each with the event by which its deadline began, and its own.
fn marks(state: &State) -> impl Iterator<Item = (&Event, Mark, &Event)> {
    state.events.iter().enumerate().filter_map(|(n, event)| {
        let mark = event.mark?;
        let begun = state.events[..n].iter().rfind(|event| begins_a_deadline(state, event))?;
        Some((&**begun, mark, &**event))
    })
}

fn is_new(protocol: &Protocol, event: &Event) -> bool {
    protocol.scenario.life.as_ref().is_none_or(|life| event.number as usize > life.events.len())
}

fn marked_once(_: &Protocol, state: &State) -> bool {
    let mut stored = BTreeSet::new();
    marks(state).all(|(begun, mark, _)| stored.insert((begun.number, mark)))
}

/// Where no run of `release` will come before the clock moves on, all is stored that is to be sent now. Of a deadline that began in the
/// run nothing must be: how much of it is left out depends on when it began.
fn marked(protocol: &Protocol, state: &State) -> bool {
    let will_run = |report: &Report| protocol.is_due(report, protocol.now(state));
    if protocol.marks.is_empty() || state.report.as_ref().is_none_or(|report| will_run(report)) {
        return true;
    }
    let begun = state.events.iter().rfind(|event| begins_a_deadline(state, event));
    let Some(begun) = begun.filter(|event| !is_new(protocol, event)) else { return true };
    let now = protocol.now(state);
    let is_stored = |wanted: Mark| marks(state).any(|(_, mark, _)| mark == wanted);
    let is_due = |of: Act, time: &Range<Timestamp>| of == begun.act && time.contains(&now);
    protocol.marks.iter().all(|(of, mark, time)| !is_due(*of, time) || is_stored(*mark))
}

fn in_time(protocol: &Protocol, state: &State) -> bool {
    marks(state).all(|(begun, mark, event)| {
        let mut times = protocol.marks.iter().filter(|(of, due, _)| *of == begun.act && *due == mark);
        times.any(|(_, _, time)| time.contains(&event.at))
    })
}

fn mark_told(_: &Protocol, state: &State) -> bool {
    let of_marks = || announcements(state).filter(|said| said.mark.is_some());
    let all_told = marks(state).all(|(_, mark, event)| {
        let hears = |audience: &Audience| {
            let tells = |said: &Announcement| {
                said.event_id == event.id && said.mark == Some(mark) && said.audience == *audience
            };
            of_marks().any(tells)
        };
        told_of(mark, event.status).iter().all(hears)
    });
    all_told && of_marks().count() == 2 * marks(state).count()
}

/// Who is told of a mark of a report in this status, in a city in which `sudin-a` lies below `dinas-a`.
fn told_of(mark: Mark, status: Status) -> [Audience; 2] {
    let (desk, above) = match status {
        Status::Menunggu => (Audience::Desk(Desk::Tiket), Audience::Administrator),
        Status::MenungguValidasi => (Audience::Desk(Desk::Validasi), Audience::Administrator),
        Status::MenungguVerifikasi => (Audience::Desk(Desk::Verifikasi), Audience::Administrator),
        Status::Koordinasi
        | Status::Disposisi
        | Status::Proses
        | Status::TlDitolak
        | Status::Selesai
        | Status::Ditolak
        | Status::Duplikat
        | Status::Dibatalkan => (of_unit("sudin-a"), of_unit("dinas-a")),
    };
    if mark == Mark::Escalated { [Audience::Desk(Desk::Tiket), above] } else { [desk, above] }
}

fn closed(protocol: &Protocol, state: &State) -> bool {
    let Some(from) = protocol.closed_from else { return true };
    let is_after =
        |said: &Announcement| state.events.iter().any(|event| event.id == said.event_id && event.at >= from);
    let mut to_it =
        announcements(state).filter(|said| said.status.is_open() && said.audience == of_unit("sudin-a"));
    !to_it.any(is_after)
}

fn of_unit(code: &str) -> Audience {
    Audience::Desk(Desk::Unit(Code::parse(code).expect("a code")))
}

fn published(state: &State) -> bool {
    (0..state.stream.len()).all(|n| state.published.has(n) || state.dead.has(n))
}

fn stable(_: &Protocol, state: &State) -> bool {
    let all_about_events = announcements(state).all(|said| about(state, said) > 0);
    all_about_events && !state.wrong.contains(&Wrong::AnnouncedAgain)
}

fn one_wins(protocol: &Protocol, state: &State) -> bool {
    if !protocol.scenario.rivals {
        return true;
    }
    let rivals: Vec<_> =
        requests(protocol, state).filter(|(request, _)| matches!(request.ask, Ask::Command(..))).collect();
    let stored: usize = rivals.iter().map(|(request, _)| times_stored(protocol, state, request)).sum();
    let wins = rivals.iter().filter(|(_, answer)| matches!(answer, Some(Answer::Done | Answer::Replayed)));
    // A withdrawal may have come before both of them.
    let withdrawn = state.events.iter().any(|event| event.act == Act::Withdraw);
    let wins = wins.count();
    let all_answered = rivals.iter().all(|(_, answer)| answer.is_some());
    stored <= 1 && wins <= 1 && (!all_answered || wins == 1 || withdrawn)
}

fn not_stopped(state: &State) -> bool {
    let kept = |n: usize| !state.stream[n].is_poison() || state.dead.has(n);
    usize::from(state.checkpoint) == state.stream.len() && (0..state.stream.len()).all(kept)
}

fn not_forgotten(state: &State) -> bool {
    let Some(row) = &state.row else { return true };
    (0..state.stream.len()).all(|n| {
        let Some(update) = state.stream[n].update() else { return true };
        let overtaken = row.newest > update.released_at;
        !state.published.has(n) || state.told[n] > 0 || state.untold.has(n) || overtaken
    })
}

fn gone(_: &Protocol, state: &State) -> bool {
    let told = state.wrong.contains(&Wrong::ToldErased) || state.wrong.contains(&Wrong::AnnouncedErased);
    let is_left = state.is_erased() && state.row.is_some();
    !told && !is_left
}

fn outlives(protocol: &Protocol, state: &State) -> bool {
    let closed = state.report.as_ref().is_some_and(|report| !report.status.is_open());
    let stays = state.row.as_ref().is_some_and(|row| !row.expires);
    closed && stays && protocol.is_quiet(state)
}

fn one_a_slot(protocol: &Protocol, state: &State) -> bool {
    let mut slots = BTreeSet::new();
    let updates = state.stream.iter().filter_map(Record::update).filter_map(|update| update.released_at);
    let slot = |at| protocol.slots.next(SlotClass::Biasa, false, at);
    updates.map(slot).all(|slot| slots.insert(slot))
}

fn fold(_: &Protocol, state: &State) -> bool {
    let Some(report) = &state.report else { return state.events.is_empty() };
    let mut status = None;
    for event in &state.events {
        if !leads(status, event) {
            return false;
        }
        status = Some(event.status);
    }
    // A unit's note for the bureau bears the version that units know.
    let is_last = |event: &Event| {
        let bears_units = event.act == Act::Note && matches!(event.desk, Some(Desk::Unit(_)));
        bears_units || event.version == report.version
    };
    status == Some(report.status)
        && state.events.last().is_some_and(|event| is_last(event))
        && state.events.len() == report.events as usize
}

/// Whether the event may happen in this status.
fn leads(from: Option<Status>, event: &Event) -> bool {
    let Some(from) = from else { return event.act == Act::Submit };
    match event.act {
        Act::Dispute => matches!(
            (from, event.status),
            (Status::Selesai, Status::MenungguVerifikasi) | (Status::Ditolak, Status::Menunggu)
        ),
        Act::Withdraw => from.is_open() && event.status == Status::Dibatalkan,
        Act::ChangePrivacy => from == event.status,
        Act::Remind | Act::Escalate => from.is_open() && from == event.status,
        // The model has one report, which nothing is merged into.
        Act::Follow | Act::Unmerge => false,
        // A claim leaves no event.
        Act::Claim => false,
        Act::Correct | Act::Plan | Act::Note => {
            from == event.status
                && RULES.iter().any(|rule| rule.act == event.act && rule.from.contains(&from))
        }
        Act::CloseUnit if from.is_judging() => from == event.status,
        Act::CloseUnit => {
            from.is_open()
                && from != Status::Menunggu
                && matches!(event.status, Status::Koordinasi | Status::Menunggu)
        }
        Act::Submit
        | Act::Assign
        | Act::Reject
        | Act::Merge
        | Act::Accept
        | Act::Forward
        | Act::Delegate
        | Act::Return
        | Act::Recall
        | Act::AddWorkPhotos
        | Act::AddFieldPhotos
        | Act::PostTl
        | Act::Validate
        | Act::Verify
        | Act::CouldNotLook => RULES.iter().any(|rule| rule.act == event.act && rule.from.contains(&from)),
    }
}
