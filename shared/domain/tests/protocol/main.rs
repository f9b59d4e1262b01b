//! The protocol around `decide` as a model, walked through state by state, with the rules that never break.
//!
//! `docs/MODEL.md` says what is modelled and what is not.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod bug;
#[path = "../clock/mod.rs"]
mod clock;
#[path = "../kept/mod.rs"]
mod kept;
mod model;
#[path = "../received/mod.rs"]
mod received;
mod requests;
mod rules;
mod scenarios;
mod sending;
mod state;
#[path = "../walking/mod.rs"]
mod walking;
mod world;

use bug::Bug;
use model::Protocol;
use state::Scenario;

#[test]
fn no_rule_breaks_in_any_state() {
    for scenario in scenarios::all() {
        let (name, rules) = (scenario.name, rules::ALWAYS.iter().map(|(rule, _)| *rule));
        let reaches = [scenario.reaches, &[rules::QUIET]].concat();
        walking::holds(name, Protocol::new(scenario, Bug::None), rules, &reaches);
    }
}

/// A bug, the scenario in which it shows, and the rule that it breaks there.
type Planted = (Bug, fn() -> Scenario, &'static str);

const PLANTED: [Planted; 32] = [
    (Bug::AnswerFirst, scenarios::verdicts, rules::STORED_ONCE),
    (Bug::FreshId, scenarios::photos, rules::STORED_ONCE),
    (Bug::LooksOnce, scenarios::verdicts, rules::REFUSED_TRULY),
    (Bug::IdentityApart, scenarios::submission, rules::WHOLE),
    (Bug::AnnouncedApart, scenarios::photos, rules::ANNOUNCED),
    (Bug::NotifyForgets, scenarios::poison, rules::PUBLISHED),
    (Bug::FreshIdAnnounced, scenarios::verdicts, rules::STABLE),
    (Bug::ReleaseUnguarded, scenarios::verdicts, rules::STABLE),
    (Bug::ReleaseUnguarded, scenarios::recall, rules::UNHEARD),
    (Bug::Unguarded, scenarios::plans, rules::PLANNED),
    (Bug::AnnouncedApart, scenarios::plans, rules::PLANNED),
    (Bug::Unguarded, scenarios::verdicts, rules::ONE_WINS),
    (Bug::LoserIsDone, scenarios::verdicts, rules::ONE_WINS),
    (Bug::PoisonStops, scenarios::poison, rules::NOT_STOPPED),
    (Bug::PoisonForgotten, scenarios::poison, rules::NOT_STOPPED),
    (Bug::QueueForgets, scenarios::delivery, rules::NOT_FORGOTTEN),
    (Bug::ErasedApart, scenarios::withdrawal, rules::GONE),
    (Bug::RowRevived, scenarios::delivery, rules::GONE),
    (Bug::ToldAtOnce, scenarios::withdrawal, rules::ONE_A_SLOT),
    (Bug::NoMark, scenarios::delivery, rules::TOLD_ONCE),
    (Bug::AnyOrder, scenarios::delivery, rules::FORWARDS),
    (Bug::EventApart, scenarios::photos, rules::NO_GAPS),
    (Bug::EventApart, scenarios::verdicts, rules::FOLD),
    (Bug::ReleaseUnguarded, scenarios::withdrawal, rules::FOLD),
    (Bug::MarkForgotten, scenarios::acceptance, rules::MARKED_ONCE),
    (Bug::ReleaseUnguarded, scenarios::acceptance, rules::MARKED_ONCE),
    (Bug::Unguarded, scenarios::late_triage, rules::MARKED_ONCE),
    (Bug::MarkTaken, scenarios::late_triage, rules::MARKED),
    (Bug::WithdrawalEndsStep, scenarios::late_triage, rules::MARKED),
    (Bug::StaysWithClosed, scenarios::closed_unit, rules::CLOSED),
    (Bug::StepGoesOn, scenarios::acceptance, rules::IN_TIME),
    (Bug::FreshIdAnnounced, scenarios::reminders, rules::MARK_TOLD),
];

#[test]
fn the_model_finds_each_planted_bug() {
    for (bug, scenario, rule) in PLANTED {
        let scenario = scenario();
        walking::breaks(scenario.name, Protocol::new(scenario, bug), bug, rule);
    }
}

#[test]
fn each_rule_has_a_planted_bug_that_breaks_it() {
    for (rule, _) in rules::ALWAYS {
        assert!(PLANTED.iter().any(|(_, _, broken)| *broken == rule), "no bug breaks \"{rule}\"");
    }
}
