//! Random numbers that are the same in every run, and arrival times drawn with them.

use std::time::Duration;

/// SplitMix64, seeded with the number of a life.
pub(crate) struct SeededRandom(u64);

impl SeededRandom {
    /// A generator seeded with this number.
    pub(crate) fn of(number: u64) -> Self {
        Self(number.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ 0x5DEE_CE66_D1CE_4E5B)
    }

    /// The next random number.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Whether an event happens that happens in `cases` of a hundred.
    pub(crate) fn of_hundred(&mut self, cases: u64) -> bool {
        self.draw() % 100 < cases
    }

    /// A random number from 0 to 1, never 1.
    fn share(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (self.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }
}

/// When something arrives that arrives at a mean rate, whatever became of what arrived before: a Poisson process, the same one
/// for the same number. At most `most`.
pub(crate) fn arrivals(number: u64, rate: f64, during: Duration, most: usize) -> Vec<Duration> {
    let mut chance = SeededRandom::of(number);
    let mut moments = Vec::new();
    let mut at = 0.0;
    while moments.len() < most && rate > 0.0 {
        at -= (1.0 - chance.share()).ln() / rate;
        if at >= during.as_secs_f64() {
            break;
        }
        moments.push(Duration::from_secs_f64(at));
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_come_at_their_rate_in_order_and_the_same_each_time() {
        let hour = Duration::from_secs(3600);
        let moments = arrivals(7, 2.0, hour, usize::MAX);
        // 7200 are to be expected, and four standard deviations are 340.
        assert!((6860..7540).contains(&moments.len()), "{}", moments.len());
        assert!(moments.is_sorted() && moments.iter().all(|moment| *moment < hour));
        assert_eq!(moments, arrivals(7, 2.0, hour, usize::MAX));
        assert_ne!(moments, arrivals(8, 2.0, hour, usize::MAX));
        // Not even: some come close upon each other.
        assert!(moments.windows(2).any(|two| two[1] - two[0] < Duration::from_millis(10)));
    }

    #[test]
    fn arrivals_are_bounded() {
        assert_eq!(arrivals(7, 1e6, Duration::from_secs(3600), 5).len(), 5);
        assert!(arrivals(7, 0.0, Duration::from_secs(3600), 5).is_empty());
    }

    #[test]
    fn what_happens_to_some_of_a_hundred_happens_to_about_so_many() {
        let happened = (0..10_000).filter(|number| SeededRandom::of(*number).of_hundred(12)).count();
        assert!((1000..1400).contains(&happened), "{happened}");
    }
}
