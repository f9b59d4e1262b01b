//! Making a picture smaller while it is decoded: only the rows that the filter sees are held.

use resize::FilterType;

use crate::clean::Rejected;

/// How many samples of the source are held, unless the rows that a single row needs have more.
const HELD: usize = 8 * 1024 * 1024;

/// How far the filter reaches, in pixels of the smaller picture.
const REACH: f64 = 3.0;

/// Takes rows of one size and makes a picture of another.
pub(crate) struct Shrinking {
    channels: usize,
    from: (u32, u32),
    to: (u32, u32),
    /// Rows of the source for one of the target.
    ratio: f64,
    /// Rows that are made at once.
    step: u32,
    /// Rows of the source, and the number of the first.
    rows: Vec<u8>,
    first: u32,
    /// Rows of the target that are made.
    made: u32,
    samples: Vec<u8>,
}

impl Shrinking {
    /// From one width and height to another, of pixels with one sample or three.
    pub(crate) fn new(channels: usize, from: (u32, u32), to: (u32, u32)) -> Self {
        let ratio = f64::from(from.1) / f64::from(to.1);
        let row = from.0 as usize * channels;
        let step = (HELD as f64 / (row as f64 * ratio) - 2.0 * REACH).clamp(1.0, f64::from(to.1)) as u32;
        let length = to.0 as usize * to.1 as usize * channels;
        Self {
            channels,
            from,
            to,
            ratio,
            step,
            rows: Vec::new(),
            first: 0,
            made: 0,
            samples: Vec::with_capacity(length),
        }
    }

    /// The next row.
    pub(crate) fn push(&mut self, row: &[u8]) -> Result<(), Rejected> {
        if self.from == self.to {
            self.samples.extend_from_slice(row);
            return Ok(());
        }
        self.rows.extend_from_slice(row);
        let held = self.first + self.held();
        let until = (self.made + self.step).min(self.to.1);
        let needed = (f64::from(until) + REACH) * self.ratio + 1.0;
        if until < self.to.1 && f64::from(held) >= needed {
            self.make(until)?;
        }
        Ok(())
    }

    fn held(&self) -> u32 {
        (self.rows.len() / self.channels / self.from.0 as usize) as u32
    }

    /// Makes the rows up to that one.
    fn make(&mut self, until: u32) -> Result<(), Rejected> {
        let from = (self.from.0, self.held());
        let top = f64::from(self.made) * self.ratio - f64::from(self.first);
        let high = (f64::from(until - self.made) * self.ratio).min(f64::from(from.1) - top);
        let to = (self.to.0, until - self.made);
        let made = match self.channels {
            1 => resize::grey(&self.rows, from, (top, high), to, FilterType::Lanczos3),
            _ => resize::rgb(&self.rows, from, (top, high), to, FilterType::Lanczos3),
        };
        self.samples.extend_from_slice(&made.map_err(|_| Rejected::Damaged)?);
        self.made = until;
        let next = ((f64::from(until) - REACH) * self.ratio - 1.0).max(0.0) as u32;
        let passed = next.saturating_sub(self.first).min(from.1);
        self.rows.drain(..passed as usize * self.from.0 as usize * self.channels);
        self.first += passed;
        Ok(())
    }

    /// The samples of the smaller picture, when all rows have been given.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Rejected> {
        if self.from != self.to {
            if self.first + self.held() != self.from.1 {
                return Err(Rejected::Damaged);
            }
            self.make(self.to.1)?;
        }
        let length = self.to.0 as usize * self.to.1 as usize * self.channels;
        if self.samples.len() == length { Ok(self.samples) } else { Err(Rejected::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_made_in_steps_is_the_one_that_is_made_at_once() {
        for (channels, from, to) in [
            (1, (61, 97), (20, 31)),
            (3, (640, 480), (100, 75)),
            (3, (40, 700), (39, 683)),
            (1, (9, 900), (9, 2)),
        ] {
            let row = from.0 as usize * channels;
            let samples: Vec<u8> =
                (0..row * from.1 as usize).map(|at| (at * at / 7 + at * 3) as u8).collect();
            let shrunk = |step: u32| {
                let mut shrinking = Shrinking::new(channels, from, to);
                shrinking.step = step;
                samples.chunks_exact(row).for_each(|row| shrinking.push(row).unwrap());
                shrinking.finish().unwrap()
            };
            let whole = shrunk(to.1);
            for step in [1, 2, 7, 30] {
                let most = shrunk(step).iter().zip(&whole).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(most <= Some(1), "{from:?} {step}: {most:?}");
            }
        }
    }

    #[test]
    fn a_picture_that_ends_early_is_damaged() {
        let mut shrinking = Shrinking::new(1, (8, 8), (4, 4));
        for _ in 0..7 {
            shrinking.push(&[1; 8]).unwrap();
        }
        assert_eq!(shrinking.finish(), Err(Rejected::Damaged));
    }
}
