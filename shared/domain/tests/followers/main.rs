//! Reports that follow others, in a city where anything comes between any two steps: the rules that never break.
//!
//! `docs/MODEL.md` says what is modelled and what is not.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod bug;
mod city;
#[path = "../clock/mod.rs"]
mod clock;
#[path = "../jakarta/mod.rs"]
mod jakarta;
#[path = "../kept/mod.rs"]
mod kept;
mod model;
#[path = "../received/mod.rs"]
mod received;
mod rules;
mod scenarios;
mod store;
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
