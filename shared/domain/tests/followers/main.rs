//! Reports that follow others, in a city where anything comes between any two steps: the rules that never break.
//!
//! `docs/MODEL.md` says what is modelled and what is not.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod again;
mod bug;
mod city;
#[path = "../clock/mod.rs"]
mod clock;
mod decoys;
mod former_units;
#[path = "../jakarta/mod.rs"]
mod jakarta;
#[path = "../kept/mod.rs"]
mod kept;
mod many;
mod model;
#[path = "../received/mod.rs"]
mod received;
mod rules;
mod scenarios;
mod store;
mod walks;
mod world;

use bug::Bug;
use model::{Followers, Scenario};
use stateright::{Checker, HasDiscoveries, Model};

/// Every state of a scenario is looked at: no rule breaks, and what the scenario is there for comes to pass.
fn holds(scenario: Scenario) {
    let (name, reaches) = (scenario.name, scenario.reaches);
    let checker = Followers::new(scenario, Bug::None).checker().threads(2).spawn_bfs().join();
    #[expect(clippy::print_stdout, reason = "the counts are what the run is asked for")]
    {
        println!(
            "{name:<7} {:>7} states, {:>8} generated, {:>2} deep",
            checker.unique_state_count(),
            checker.state_count(),
            checker.max_depth()
        );
    }
    for (rule, _) in rules::ALWAYS {
        let broken = checker.discovery(rule).map(stateright::Path::into_actions);
        assert_eq!(broken, None, "{name} breaks \"{rule}\"");
    }
    for reached in reaches {
        assert!(checker.discovery(reached).is_some(), "{name} never comes to \"{reached}\"");
    }
}

#[test]
fn no_rule_breaks_in_any_order_of_steps() {
    for scenario in scenarios::all() {
        holds(scenario);
    }
}

/// A bug, the scenario in which it shows, and the rule that it breaks there.
type Planted = (Bug, fn() -> Scenario, &'static str);

const PLANTED: [Planted; 19] = [
    (Bug::MergeUnbound, scenarios::merged, rules::ENDS),
    (Bug::MergeUnbound, scenarios::merged, rules::LED),
    (Bug::MergeUnlisted, scenarios::merged, rules::LED),
    (Bug::MergeUnnoted, scenarios::merged, rules::LED),
    (Bug::FollowersUnbound, scenarios::ended, rules::ERASED),
    (Bug::FanOutUnbound, scenarios::overlapping, rules::TOLD),
    (Bug::TargetUnbound, scenarios::moved, rules::LED),
    (Bug::CursorStays, scenarios::solved, rules::TOLD),
    (Bug::LeadsBySnapshot, scenarios::solved, rules::TOLD),
    (Bug::LeadsBySnapshot, scenarios::ended, city::SLOT),
    (Bug::WithdrawalDropsUpdate, scenarios::solved, rules::PASSED_ON),
    (Bug::ErasedStays, scenarios::ended, rules::ERASED),
    (Bug::StaysTold, scenarios::returned, city::SLOT),
    (Bug::StaysTold, scenarios::returned, rules::LED),
    (Bug::DisputeStays, scenarios::disputed, city::HEARD),
    (Bug::KeepsFollows, scenarios::ended, rules::DUPLICATE),
    (Bug::ShowsFollowers, scenarios::ended, city::TWIN),
    (Bug::PutsOff, scenarios::solved, city::IN_TIME),
    (Bug::TellsAgain, scenarios::assigned, rules::AGAIN),
];

#[test]
fn the_model_finds_each_planted_bug() {
    for (bug, scenario, rule) in PLANTED {
        let scenario = scenario();
        let name = scenario.name;
        let until = HasDiscoveries::AnyOf([rule].into());
        let checker =
            Followers::new(scenario, bug).checker().threads(2).finish_when(until).spawn_bfs().join();
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
