//! Trees of codes, each of which names the one above it.

use std::collections::{BTreeMap, BTreeSet};

/// The codes that stand above themselves; `parents` has the code above each that has one.
pub(crate) fn circles<C: Ord>(parents: &BTreeMap<C, C>) -> BTreeSet<&C> {
    let (mut seen, mut circles) = (BTreeSet::new(), BTreeSet::new());
    for start in parents.keys() {
        let (mut at, mut walk) = (start, Vec::new());
        // What an earlier walk has seen leads to no circle that it did not find.
        while seen.insert(at) {
            walk.push(at);
            match parents.get(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        // Where this walk comes back to itself, all from there on is a circle.
        let circle = walk.iter().position(|code| *code == at).filter(|_| parents.contains_key(at));
        circles.extend(walk.iter().skip(circle.unwrap_or(walk.len())).copied());
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_above_itself_is_on_a_circle() {
        let circles = |pairs: &[(char, char)]| {
            let parents = pairs.iter().copied().collect();
            circles(&parents).into_iter().copied().collect::<String>()
        };
        assert_eq!(circles(&[('a', 'b'), ('b', 'c'), ('x', 'c')]), "");
        assert_eq!(circles(&[('a', 'a'), ('b', 'a')]), "a");
        // Two that lead into a circle, one of them looked at before it and one behind it; and another circle.
        assert_eq!(
            circles(&[('a', 'c'), ('c', 'd'), ('d', 'c'), ('e', 'd'), ('x', 'y'), ('y', 'x')]),
            "cdxy"
        );
    }
}
