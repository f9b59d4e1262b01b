//! Walks a model state by state, and says what it finds.
#![expect(clippy::print_stdout, reason = "the counts and the ways are what a run is asked for")]

use stateright::{Checker, HasDiscoveries, Model, Path};
use std::{fmt::Debug, hash::Hash};

/// Looks at every state: no rule breaks, and what the walk is there for comes to pass.
#[track_caller]
pub(crate) fn holds<M>(
    name: &str,
    model: M,
    rules: impl Iterator<Item = &'static str>,
    reaches: &[&'static str],
) where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + PartialEq + Hash + Send + Sync,
    M::Action: Clone + Debug + PartialEq,
{
    let checker = model.checker().threads(2).spawn_bfs().join();
    println!(
        "{name:<17} {:>9} states, {:>9} generated, {:>3} deep",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth()
    );
    for rule in rules {
        let broken = checker.discovery(rule).map(Path::into_actions);
        assert_eq!(broken, None, "{name} breaks \"{rule}\"");
    }
    for reached in reaches {
        assert!(checker.discovery(reached).is_some(), "{name} never comes to \"{reached}\"");
    }
}

/// Walks until the rule breaks, as it does with this bug.
#[track_caller]
pub(crate) fn breaks<M>(name: &str, model: M, bug: impl Debug, rule: &'static str)
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + PartialEq + Hash + Send + Sync,
    M::Action: Clone + Debug + PartialEq,
{
    let until = HasDiscoveries::AnyOf([rule].into());
    let checker = model.checker().threads(2).finish_when(until).spawn_bfs().join();
    let steps = checker.discovery(rule).map(Path::into_actions);
    assert!(steps.is_some(), "{bug:?} does not break \"{rule}\" in {name}");
    println!("{bug:?} breaks \"{rule}\" in {name}: {steps:?}");
}
