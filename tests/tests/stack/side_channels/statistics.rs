//! Statistical tests: whether an order or a difference in time is more than chance. With exact answers, so that no test here
//! fails by accident once in a lifetime, and none lets a real order pass.

use super::random::Random;
use std::collections::BTreeMap;

/// How rarely one comparison may raise a false alarm. A run makes some hundreds, so a run does in less than one in a million.
const FALSE_ALARM: f64 = 1e-9;

/// How many pairs stand in another order than that of their places.
fn inversions<T: Ord>(values: &[T]) -> usize {
    let after = |(at, value)| values[at + 1..].iter().filter(|later| *later < value).count();
    values.iter().enumerate().map(after).sum()
}

/// Of all orders of `n` things, the share with at most `most` inversions (Mahonian numbers): exact, no approximation.
fn share_with_at_most(n: usize, most: usize) -> f64 {
    let mut counts: Vec<u128> = vec![1];
    for things in 2..=n {
        let mut next = vec![0_u128; counts.len() + things - 1];
        for (k, slot) in next.iter_mut().enumerate() {
            *slot = (k.saturating_sub(things - 1)..=k).filter_map(|from| counts.get(from)).sum();
        }
        counts = next;
    }
    let (few, all): (u128, u128) = (counts.iter().take(most + 1).sum(), counts.iter().sum());
    #[expect(clippy::cast_precision_loss, reason = "15 digits are plenty")]
    let share = few as f64 / all as f64;
    share
}

/// Whether the values go up, or down, with their places more than chance allows (Kendall's τ, exact two-sided test).
///
/// Equal values are set in an order by chance: that leaves the test exact.
fn goes_with_its_place<T: Ord>(values: &[T], chance: &mut Random) -> bool {
    let mut ties: Vec<usize> = (0..values.len()).collect();
    chance.shuffle(&mut ties);
    let keyed: Vec<(&T, usize)> = values.iter().zip(ties).collect();
    let n = values.len();
    let up = inversions(&keyed);
    let fewest = up.min(n * (n - 1) / 2 - up);
    2.0 * share_with_at_most(n, fewest) < FALSE_ALARM
}

/// Fails if ids, in the order in which their reports were sent, tell anything of that order: as texts, as numbers (which is
/// the same where all have one length), or at any one place of theirs.
#[track_caller]
pub(super) fn assert_no_order(what: &str, ids: &[Vec<u8>]) {
    if let Some(found) = order_in(ids) {
        panic!("{what}: {found}");
    }
}

fn order_in(ids: &[Vec<u8>]) -> Option<String> {
    let mut chance = Random::from_seed(20);
    assert!(ids.len() >= 19, "too few to tell an order from chance");
    let length = ids[0].len();
    if ids.iter().any(|id| id.len() != length) {
        return Some("they have several lengths".to_owned());
    }
    if goes_with_its_place(ids, &mut chance) {
        return Some("as a whole they are in the order of sending".to_owned());
    }
    let reversed: Vec<Vec<u8>> = ids.iter().map(|id| id.iter().rev().copied().collect()).collect();
    if goes_with_its_place(&reversed, &mut chance) {
        return Some("read backwards they are in the order of sending".to_owned());
    }
    for place in 0..length {
        let column: Vec<u8> = ids.iter().map(|id| id[place]).collect();
        if goes_with_its_place(&column, &mut chance) {
            return Some(format!("place {place} goes with the order of sending"));
        }
        let most = column.iter().map(|one| column.iter().filter(|other| *other == one).count()).max();
        // By chance: 32 symbols and 20 ids; one symbol 16 times or more has a probability below 10^-19.
        if most.unwrap_or_default() >= 16 {
            return Some(format!("place {place} hardly ever changes, as the beginning of a date does"));
        }
    }
    None
}

/// Fails if all of a group, such as one channel's, have a symbol in common at some place.
#[track_caller]
pub(super) fn assert_no_mark(what: &str, ids: &[Vec<u8>], group_of: impl Fn(usize) -> usize) {
    if let Some(found) = mark_in(ids, group_of) {
        panic!("{what}: {found}");
    }
}

fn mark_in(ids: &[Vec<u8>], group_of: impl Fn(usize) -> usize) -> Option<String> {
    let mut groups: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
    for (at, id) in ids.iter().enumerate() {
        groups.entry(group_of(at)).or_default().push(id);
    }
    for (group, members) in &groups {
        assert!(members.len() >= 10, "too few to tell a mark from chance");
        for place in 0..members[0].len() {
            let same = |one: &&&[u8]| members.iter().filter(|other| other[place] == one[place]).count();
            // One of ten may differ: 32 symbols, so this has a probability below 10^-11 by chance.
            if members.iter().map(|one| same(&one)).max() >= Some(members.len() - 1) {
                return Some(format!("all of group {group} have the same at place {place}"));
            }
        }
    }
    None
}

/// The median.
fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    let middle = times.len() / 2;
    *times.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// What was measured of three runs whose calls alternated: two that are alike, and one that may differ.
pub(super) struct Interleaved {
    /// Times of requests for what does not exist.
    pub(super) one: Vec<f64>,
    /// A second series of the same kind.
    pub(super) same: Vec<f64>,
    /// Times of requests for what exists and is hidden.
    pub(super) other: Vec<f64>,
}

/// The result of comparing the series.
#[derive(Debug)]
pub(super) struct Comparison {
    /// Between the medians of the two runs that are alike.
    pub(super) noise: f64,
    /// Between the medians of the first and the other.
    pub(super) difference: f64,
    /// The most that two medians differ when the labels are dealt anew, in 20,000 deals.
    pub(super) most_by_chance: f64,
    /// How far the other's ranks lie from where chance puts them, in standard deviations.
    pub(super) ranks: f64,
}

impl Comparison {
    /// Whether the other can be told apart. By chance this happens once in 20,000 comparisons.
    pub(super) fn is_told_apart(&self) -> bool {
        self.difference > self.most_by_chance.max(self.noise) || self.ranks.abs() > 5.0
    }
}

impl Interleaved {
    pub(super) fn compare(&self) -> Comparison {
        let all: Vec<f64> = [&self.one[..], &self.same, &self.other].concat();
        let (one, other) = (self.one.len(), self.other.len());
        let mut chance = Random::from_seed(500);
        let mut dealt = all.clone();
        let most_by_chance = (0..20_000)
            .map(|_| {
                chance.shuffle(&mut dealt);
                (median(&dealt[..one]) - median(&dealt[one..one + other])).abs()
            })
            .fold(0.0, f64::max);
        Comparison {
            noise: (median(&self.one) - median(&self.same)).abs(),
            difference: (median(&self.one) - median(&self.other)).abs(),
            most_by_chance,
            ranks: rank_sum(&[&self.one[..], &self.same].concat(), &self.other),
        }
    }
}

/// Wilcoxon's rank sum of `these` among both, in standard deviations from its mean.
#[expect(clippy::cast_precision_loss, reason = "some hundreds of measurements")]
fn rank_sum(those: &[f64], these: &[f64]) -> f64 {
    let larger: f64 = these
        .iter()
        .flat_map(|this| those.iter().map(move |that| this.total_cmp(that)))
        .map(|order| f64::from(order as i8 + 1) / 2.0)
        .sum();
    let (n, m) = (those.len() as f64, these.len() as f64);
    (larger - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    fn random(chance: &mut Random, length: usize) -> Vec<u8> {
        (0..length).map(|_| SYMBOLS[chance.below(32)]).collect()
    }

    fn number(value: u64, symbols: usize) -> Vec<u8> {
        (0..symbols)
            .rev()
            .map(|place| SYMBOLS[usize::try_from((value >> (5 * place)) & 31).unwrap()])
            .collect()
    }

    /// A ULID: 48 bits of milliseconds, 80 of chance.
    fn ulid(chance: &mut Random, at: u64) -> Vec<u8> {
        [number(at, 10), random(chance, 16)].concat()
    }

    fn ids(mut make: impl FnMut(&mut Random, u64) -> Vec<u8>) -> Vec<Vec<u8>> {
        let mut chance = Random::from_seed(7);
        (0..20).map(|n| make(&mut chance, n)).collect()
    }

    #[test]
    fn the_distribution_of_inversions_is_exact() {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for most in 0..=3 {
            let few = orders.iter().filter(|order| inversions(*order) <= most).count();
            let share = f64::from(u32::try_from(few).unwrap()) / 6.0;
            assert!((share_with_at_most(3, most) - share).abs() < 1e-12);
        }
        assert!((share_with_at_most(20, 190) - 1.0).abs() < 1e-12);
        assert!(share_with_at_most(20, 0) < 1e-18);
    }

    #[test]
    fn an_order_is_found_wherever_it_hides() {
        let start = 1_795_000_000_000;
        assert!(order_in(&ids(|chance, n| ulid(chance, start + 180 * n))).is_some(), "ULIDs");
        assert!(order_in(&ids(|chance, n| ulid(chance, start - 180 * n))).is_some(), "ULIDs backwards");
        assert!(order_in(&ids(|_, n| number(1_000_000 + n, 13))).is_some(), "a counter");
        let counter_behind = |chance: &mut Random, n| [random(chance, 12), number(n, 1)].concat();
        assert!(order_in(&ids(counter_behind)).is_some(), "a counter behind chance");
        let in_the_middle =
            |chance: &mut Random, n| [random(chance, 6), number(8 * n, 2), random(chance, 6)].concat();
        assert!(order_in(&ids(in_the_middle)).is_some(), "a counter between chance");
        assert!(
            order_in(&ids(|chance, _| [b"25".to_vec(), random(chance, 11)].concat())).is_some(),
            "a year"
        );
        // Two neighbours changed places now and then: still an order.
        let mut swapped = ids(|chance, n| ulid(chance, start + 180 * n));
        for at in [2, 7, 11, 15, 18] {
            swapped.swap(at, at - 1);
        }
        let tails: Vec<Vec<u8>> = swapped.iter().map(|id| id[6..].to_vec()).collect();
        assert!(order_in(&tails).is_some(), "ULIDs, nearly in order");
    }

    #[test]
    fn a_byte_that_tells_the_channel_is_found_in_ids() {
        let marked = ids(|chance, n| {
            let mut id = random(chance, 13);
            id[4] = if n % 2 == 0 { b'J' } else { b'Q' };
            id
        });
        assert!(mark_in(&marked, |at| at % 2).is_some());
        assert!(
            mark_in(&marked, |at| usize::from(at >= 10)).is_none(),
            "of another grouping it says nothing"
        );
    }

    #[test]
    fn random_ids_show_neither_order_nor_marks() {
        let mut chance = Random::from_seed(1);
        for _ in 0..500 {
            let ids: Vec<Vec<u8>> = (0..20).map(|_| random(&mut chance, 16)).collect();
            assert_eq!(order_in(&ids), None);
            assert_eq!(mark_in(&ids, |at| at % 2), None);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    fn times(chance: &mut Random, count: usize, typical: f64) -> Vec<f64> {
        (0..count).map(|_| typical + chance.below(1000) as f64 / 1000.0).collect()
    }

    #[test]
    fn a_difference_in_time_is_found_and_noise_is_none() {
        let mut chance = Random::from_seed(3);
        let mut three = |other| Interleaved {
            one: times(&mut chance, 168, 100.0),
            same: times(&mut chance, 168, 100.0),
            other: times(&mut chance, 168, other),
        };
        assert!(three(100.5).compare().is_told_apart(), "half of the noise");
        assert!(three(104.0).compare().is_told_apart());
        for _ in 0..4 {
            let compared = three(100.0).compare();
            assert!(!compared.is_told_apart(), "{compared:?}");
        }
    }
}
