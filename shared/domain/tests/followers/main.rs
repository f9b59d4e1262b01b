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
#[path = "../walking/mod.rs"]
mod walking;
mod walks;
mod world;

use bug::Bug;
use model::{Followers, Scenario};

#[test]
fn no_rule_breaks_in_any_order_of_steps() {
    for scenario in scenarios::all() {
        let (name, rules) = (scenario.name, rules::ALWAYS.iter().map(|(rule, _)| *rule));
        let reaches = scenario.reaches;
        walking::holds(name, Followers::new(scenario, Bug::None), rules, reaches);
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
        walking::breaks(scenario.name, Followers::new(scenario, bug), bug, rule);
    }
}

#[test]
fn each_rule_has_a_planted_bug_that_breaks_it() {
    for (rule, _) in rules::ALWAYS {
        assert!(PLANTED.iter().any(|(_, _, broken)| *broken == rule), "no bug breaks \"{rule}\"");
    }
}
