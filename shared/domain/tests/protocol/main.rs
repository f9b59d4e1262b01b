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
mod world;

use bug::Bug;
use model::Protocol;
use state::Scenario;
use stateright::{Checker, HasDiscoveries, Model};

/// Every state of a scenario is looked at: no rule breaks, and what the scenario is there for comes to pass.
fn holds(scenario: Scenario) {
    let (name, reaches) = (scenario.name, scenario.reaches);
    let checker = Protocol::new(scenario, Bug::None).checker().threads(2).spawn_bfs().join();
    #[expect(clippy::print_stdout, reason = "the counts are what the run is asked for")]
    {
        println!(
            "{name:<17} {:>9} states, {:>9} generated, {:>3} deep",
            checker.unique_state_count(),
            checker.state_count(),
            checker.max_depth()
        );
    }
    for (rule, _) in rules::ALWAYS {
        let broken = checker.discovery(rule).map(stateright::Path::into_actions);
        assert_eq!(broken, None, "{name} breaks \"{rule}\"");
    }
    for reached in reaches.iter().chain([&rules::QUIET]) {
        assert!(checker.discovery(reached).is_some(), "{name} never comes to \"{reached}\"");
    }
}

#[test]
fn no_rule_breaks_in_any_state() {
    for scenario in scenarios::all() {
        holds(scenario);
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
        let name = scenario.name;
        let until = HasDiscoveries::AnyOf([rule].into());
        let checker = Protocol::new(scenario, bug).checker().threads(2).finish_when(until).spawn_bfs().join();
        let steps = checker.discovery(rule).map(stateright::Path::into_actions);
        let steps = steps.unwrap_or_else(|| panic!("{bug:?} does not break \"{rule}\" in {name}"));
        #[expect(clippy::print_stdout, reason = "the way to the breach is what the run is asked for")]
        {
            println!("{bug:?} breaks \"{rule}\" in {name}: {steps:?}");
        }
    }
}

#[test]
fn each_rule_has_a_planted_bug_that_breaks_it() {
    for (rule, _) in rules::ALWAYS {
        assert!(PLANTED.iter().any(|(_, _, broken)| *broken == rule), "no bug breaks \"{rule}\"");
    }
}
