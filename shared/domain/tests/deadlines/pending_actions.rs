//! What a reporter does changes nothing of what officers see and are sent before its slot, reminders and escalations included.

use crate::{
    life::{Life, Submitted, administrator, code, officer_of, ticket_desk, unit, validator, verifier},
    random::Random,
    submission_times::City,
};
use domain::{
    command::Command,
    officer::Officer,
    pending::{Rating, ReporterAction},
    privacy::Privacy,
    slots::SlotClass,
    status::Status,
};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;

fn everybody() -> Vec<Officer> {
    let units = ["dinas-a", "sudin-a1", "dinas-b"].map(officer_of);
    units.into_iter().chain([ticket_desk(), validator(), verifier(), administrator()]).collect()
}

/// A report after some weeks of a random life, at a moment at which the reporter may do this; the moment.
fn weeks_later(
    city: &City,
    random: &mut Random,
    number: u8,
    action: &ReporterAction,
) -> Option<(Life, Timestamp)> {
    let class = *random.one_of(SlotClass::ALL);
    let units = [unit(&["dinas-a"]), unit(&["sudin-a1", "dinas-a"]), unit(&["dinas-b"])];
    let terms = City::any_terms(random, class);
    let routed = random.in_a_hundred(30).then(|| random.one_of(&units).clone());
    let submitted = Submitted { number, category: code("jalan"), terms, unit: routed };
    let mut now = City::any_moment(random);
    let mut life = Life::begin(submitted, now, city.clock());
    let wants = random.between(1, 12);
    for _ in 0..40 {
        let until = now + random.between(10, 6 * 24 * 60).minutes();
        city.runs_until(&mut life, now, until);
        now = until;
        let is_disputable = matches!(life.report.status, Status::Selesai | Status::Ditolak);
        let has_to_be_closed = matches!(action, ReporterAction::Dispute { .. } | ReporterAction::Rate { .. });
        let may = life.clone().reporter_does(action, 3, now, city.clock());
        if may && is_disputable == has_to_be_closed && i64::try_from(life.events.len()).unwrap() > wants {
            // Often shortly before something is to be sent of a deadline.
            let next = life.report.step.as_ref().and_then(|step| step.next);
            let before = next.map(|next| next - random.between(1, 12 * 60).minutes());
            if let Some(before) = before.filter(|before| *before > now) {
                city.runs_until(&mut life, now, before);
                now = before;
            }
            return Some((life, now));
        }
        for command in life.next_commands(random, &units, City::correction(now), now, city.clock()) {
            life.does(&command, now, city.clock()).unwrap();
        }
    }
    None
}

#[test]
fn until_its_slot_a_reporters_action_changes_nothing_that_officers_see_or_are_sent() {
    let city = City::new();
    let mut random = Random::from_seed(5);
    let rating = Rating { stars: 1, comment: Some("Lama sekali".into()) };
    let actions = [
        ReporterAction::Withdraw,
        ReporterAction::Dispute { reason: "Masih rusak".into() },
        ReporterAction::ChangePrivacy { privacy: Privacy::Public },
        ReporterAction::Rate { rating },
    ];
    let mut marks = BTreeMap::<(usize, &str), usize>::new();
    for (which, action) in actions.iter().enumerate() {
        for number in 0..if *action == actions[0] || *action == actions[2] { 120 } else { 40 } {
            let Some((without, begin)) = weeks_later(&city, &mut random, number, action) else { continue };
            let mut with = without.clone();
            let draw = u8::try_from(random.between(0, 255)).unwrap();
            assert!(with.reporter_does(action, draw, begin, city.clock()));
            let slot = with.report.reporter.pending.iter().map(|waiting| waiting.at).min().unwrap();
            let mut pair = [with, without];
            let mut now = begin;
            let said_before = pair[1].told.len();
            let acts_at = begin + random.between(1, 48 * 60).minutes();
            let mut runs = [None; 2];
            while now < slot {
                for (life, run) in pair.iter_mut().zip(runs) {
                    if run == Some(now) {
                        life.release_runs(None, now, city.clock());
                    }
                }
                if now == acts_at {
                    let units = [unit(&["dinas-b"])];
                    let commands =
                        pair[1].next_commands(&mut random, &units, City::correction(now), now, city.clock());
                    for command in commands.into_iter().filter(|(_, command)| is_possible_in_both(command)) {
                        let done = pair.each_mut().map(|life| life.does(&command, now, city.clock()));
                        assert_eq!(done[0], done[1], "an officer is answered otherwise");
                    }
                }
                for officer in everybody() {
                    let [one, other] =
                        pair.each_ref().map(|life| life.got_by(&officer, now, city.clock()).to_string());
                    assert_eq!(one, other, "{} can tell of {action:?}", officer.name);
                }
                runs = pair.each_ref().map(|life| city.next_run(life, now));
                let acts = (acts_at > now).then_some(acts_at);
                let looks = [Some(now + 5.hours()), Some(slot), acts];
                now = runs.into_iter().chain(looks).flatten().min().unwrap();
            }
            for (_, said) in &pair[1].told[said_before..] {
                if let Some(mark) = said.mark {
                    *marks.entry((which, mark.as_str())).or_default() += 1;
                }
            }
        }
    }
    for which in [0, 2] {
        for mark in ["near", "over", "escalated"] {
            let times = marks.get(&(which, mark)).copied().unwrap_or_default();
            assert!(times >= 5, "{mark} while {:?} waited: {times}", actions[which]);
        }
    }
}

/// Of a report whose reporter is told nothing any more the ticket desk can recall a little longer.
fn is_possible_in_both(command: &Command) -> bool {
    !matches!(command, Command::Recall)
}
