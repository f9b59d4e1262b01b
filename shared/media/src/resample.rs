//! A picture at another size, made while its rows come in: nothing of the source is held but sums of its rows.
//!
//! Separable. Each row of the source is added, weighed, to the rows of the target that see it; of the rows that are complete a
//! band is made as wide as the target. Both inner loops run along samples that lie side by side, which compilers make vector
//! instructions of.

use std::collections::VecDeque;
use std::f64::consts::PI;
use std::mem;

use crate::rejected::Rejected;

/// How samples of the source are weighed for one of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Lanczos with three lobes: sharp.
    Lanczos3,
    /// Linear: without ringing, for what is made larger.
    Triangle,
}

impl Filter {
    /// How far it reaches, in samples of the smaller picture.
    fn reach(self) -> f64 {
        match self {
            Self::Lanczos3 => 3.0,
            Self::Triangle => 1.0,
        }
    }

    fn weight(self, distance: f64) -> f64 {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        match self {
            _ if distance.abs() >= self.reach() => 0.0,
            Self::Lanczos3 => sinc(distance) * sinc(distance / 3.0),
            Self::Triangle => 1.0 - distance.abs(),
        }
    }
}

/// Which samples of a source are seen by one of the target: the first, and the weights from there on, which make one together.
struct Seen {
    first: usize,
    weights: Vec<f32>,
}

/// Adds weighed samples to sums.
fn add(sums: &mut [f32], weight: f32, samples: &[f32]) {
    for (sum, sample) in sums.iter_mut().zip(samples) {
        *sum += weight * sample;
    }
}

/// What each of `to` samples sees of `from`.
fn seen(from: u32, to: u32, filter: Filter) -> Vec<Seen> {
    let ratio = f64::from(from) / f64::from(to);
    let stretch = ratio.max(1.0);
    let reach = filter.reach() * stretch;
    let of = |number: u32| {
        let middle = (f64::from(number) + 0.5) * ratio;
        let first = ((middle - reach) as usize).min(from as usize - 1);
        let end = ((middle + reach).ceil() as usize).clamp(first + 1, from as usize);
        let exact: Vec<f64> =
            (first..end).map(|at| filter.weight((at as f64 + 0.5 - middle) / stretch)).collect();
        let sum: f64 = exact.iter().sum();
        Seen { first, weights: exact.iter().map(|weight| (weight / sum) as f32).collect() }
    };
    (0..to).map(of).collect()
}

/// How many rows of the target are made at once.
const BAND: usize = 16;

/// Takes rows of one size and makes a picture of another.
pub(crate) struct Resampling {
    channels: usize,
    from: (u32, u32),
    to: (u32, u32),
    rows: Vec<Seen>,
    columns: Vec<Seen>,
    /// Rows of the source that have come.
    come: usize,
    /// The source row that came last.
    row: Vec<f32>,
    /// Rows of the target that are complete.
    complete: usize,
    /// The sums of those that follow, as wide as the source.
    sums: VecDeque<Vec<f32>>,
    /// The complete rows that are not in `samples` yet: sample by sample, those of a column together.
    band: Vec<f32>,
    samples: Vec<u8>,
}

impl Resampling {
    /// From one width and height to another, none of them zero, of pixels with one sample or three.
    pub(crate) fn new(channels: usize, from: (u32, u32), to: (u32, u32), filter: Filter) -> Self {
        let same = from == to;
        let seen = |from, to| if same { Vec::new() } else { seen(from, to, filter) };
        let wide = from.0 as usize * channels;
        Self {
            channels,
            from,
            to,
            rows: seen(from.1, to.1),
            columns: seen(from.0, to.0),
            come: 0,
            row: Vec::with_capacity(wide),
            complete: 0,
            sums: VecDeque::new(),
            band: vec![0.0; if same { 0 } else { wide * BAND }],
            samples: vec![0; to.0 as usize * to.1 as usize * channels],
        }
    }

    /// The next row; one too many, or of another length, is passed over.
    pub(crate) fn push(&mut self, row: &[u8]) {
        let wide = self.from.0 as usize * self.channels;
        if self.come == self.from.1 as usize || row.len() != wide {
            return;
        }
        if self.from == self.to {
            self.samples[self.come * wide..][..wide].copy_from_slice(row);
            self.come += 1;
            return;
        }
        self.row.clear();
        self.row.extend(row.iter().map(|level| f32::from(*level)));
        for (waiting, seen) in self.rows[self.complete..].iter().enumerate() {
            let Some(at) = self.come.checked_sub(seen.first) else { break };
            if waiting == self.sums.len() {
                self.sums.push_back(vec![0.0; wide]);
            }
            if let (Some(weight), Some(sums)) = (seen.weights.get(at), self.sums.get_mut(waiting)) {
                add(sums, *weight, &self.row);
            }
        }
        self.come += 1;
        while let Some(seen) = self.rows.get(self.complete)
            && seen.first + seen.weights.len() <= self.come
            && let Some(sums) = self.sums.pop_front()
        {
            self.put_into_band(&sums);
        }
    }

    fn put_into_band(&mut self, sums: &[f32]) {
        let line = self.complete % BAND;
        let stride = self.channels * BAND;
        for (column, pixel) in self.band.chunks_exact_mut(stride).zip(sums.chunks_exact(self.channels)) {
            for (to, sum) in column[line * self.channels..].iter_mut().zip(pixel) {
                *to = *sum;
            }
        }
        self.complete += 1;
        if self.complete.is_multiple_of(BAND) || self.complete == self.rows.len() {
            self.make(line + 1);
        }
    }

    /// Makes so many rows of the target of the band.
    fn make(&mut self, high: usize) {
        let stride = self.channels * BAND;
        let wide = self.to.0 as usize * self.channels;
        let first = (self.complete - high) * wide;
        let mut sums = [0.0; 3 * BAND];
        let sums = &mut sums[..stride];
        for (number, seen) in self.columns.iter().enumerate() {
            sums.fill(0.0);
            let columns = self.band[seen.first * stride..].chunks_exact(stride);
            for (column, weight) in columns.zip(&seen.weights) {
                add(sums, *weight, column);
            }
            let lines = self.samples[first..].chunks_exact_mut(wide).take(high);
            for (line, pixel) in lines.zip(sums.chunks_exact(self.channels)) {
                for (to, sum) in line[number * self.channels..].iter_mut().zip(pixel) {
                    // Rounds, and ends at black and white.
                    *to = (sum + 0.5) as u8;
                }
            }
        }
    }

    /// The samples of the picture, when all rows of the source have been given.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Rejected> {
        if self.come != self.from.1 as usize {
            return Err(Rejected::Damaged);
        }
        Ok(mem::take(&mut self.samples))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resampled(
        channels: usize,
        from: (u32, u32),
        to: (u32, u32),
        filter: Filter,
        samples: &[u8],
    ) -> Vec<u8> {
        let mut resampling = Resampling::new(channels, from, to, filter);
        samples.chunks_exact(from.0 as usize * channels).for_each(|row| resampling.push(row));
        resampling.finish().unwrap()
    }

    /// The same in double precision, sample by sample.
    fn exact(channels: usize, from: (u32, u32), to: (u32, u32), filter: Filter, samples: &[u8]) -> Vec<f64> {
        let weights = |from: u32, to: u32, number: usize| -> Vec<f64> {
            let ratio = f64::from(from) / f64::from(to);
            let middle = (number as f64 + 0.5) * ratio;
            let at = |at: u32| filter.weight((f64::from(at) + 0.5 - middle) / ratio.max(1.0));
            let weights: Vec<f64> = (0..from).map(at).collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| weight / sum).collect()
        };
        let mut made = Vec::new();
        for y in 0..to.1 as usize {
            let down = weights(from.1, to.1, y);
            for x in 0..to.0 as usize {
                let across = weights(from.0, to.0, x);
                for channel in 0..channels {
                    let row = |row: usize| -> f64 {
                        let at = |column: usize| (row * from.0 as usize + column) * channels + channel;
                        across.iter().enumerate().map(|(x, weight)| weight * f64::from(samples[at(x)])).sum()
                    };
                    made.push(down.iter().enumerate().map(|(y, weight)| weight * row(y)).sum());
                }
            }
        }
        made
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(next).collect()
    }

    #[test]
    fn a_resampled_picture_is_the_exact_one_rounded() {
        for (channels, from, to, filter) in [
            (1, (61, 97), (20, 31), Filter::Lanczos3),
            (3, (64, 48), (33, 17), Filter::Lanczos3),
            (3, (40, 70), (39, 69), Filter::Lanczos3),
            (1, (9, 300), (9, 2), Filter::Lanczos3),
            (3, (50, 40), (50, 20), Filter::Lanczos3),
            (3, (7, 5), (30, 41), Filter::Triangle),
            (1, (1, 1), (9, 4), Filter::Triangle),
        ] {
            let samples = noise(from.0 as usize * from.1 as usize * channels);
            let made = resampled(channels, from, to, filter, &samples);
            let exact = exact(channels, from, to, filter, &samples);
            assert_eq!(made.len(), exact.len());
            for (made, exact) in made.iter().zip(exact) {
                // Beyond black and white both end there.
                let off = f64::from(*made) - exact.clamp(0.0, 255.0);
                assert!(off.abs() < 0.51, "{from:?} {to:?}: {made} for {exact}");
            }
        }
    }

    #[test]
    fn a_plane_of_one_colour_stays_that_colour() {
        for level in [0, 1, 100, 127, 200, 254, 255] {
            for (from, to) in
                [((90, 130), (31, 47)), ((3, 700), (2, 5)), ((5, 4), (33, 21)), ((6, 6), (6, 6))]
            {
                let plane = vec![level; from.0 as usize * from.1 as usize * 3];
                let made = resampled(3, from, to, Filter::Lanczos3, &plane);
                assert!(made.iter().all(|made| *made == level), "{level} {from:?} {to:?}");
            }
        }
    }

    #[test]
    fn a_picture_that_ends_early_is_damaged() {
        for to in [(4, 4), (8, 8)] {
            let mut resampling = Resampling::new(1, (8, 8), to, Filter::Lanczos3);
            (0..7).for_each(|_| resampling.push(&[1; 8]));
            assert_eq!(resampling.finish(), Err(Rejected::Damaged));
        }
    }
}
