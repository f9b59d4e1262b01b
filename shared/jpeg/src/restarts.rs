//! Restart intervals (ITU-T T.81, E.1.4 and F.1.1.5): how a scan goes on where one of their markers is lost.

use crate::bits::Bits;

/// What is to be done with an MCU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mcu {
    /// The MCU is coded at this place.
    Here,
    /// The MCU is coded at this place, as the first of an interval: predictions start again.
    First,
    /// The MCU is lost.
    Lost,
}

/// Goes through the MCUs of a scan.
pub(crate) struct Restarts {
    /// MCUs of an interval; all of them where the scan has no restarts.
    length: usize,
    /// MCUs until the next restart marker.
    left: usize,
    /// The number of the marker that comes next, modulo 8.
    next: u8,
    /// Intervals that are lost before the one whose marker was found.
    gone: u8,
    here: bool,
    ended: bool,
    /// MCUs that were tried where a marker is missing, and that were not there.
    tried: u64,
}

impl Restarts {
    pub(crate) fn new(interval: usize) -> Self {
        let length = if interval == 0 { usize::MAX } else { interval };
        Self { length, left: length, next: 0, gone: 0, here: true, ended: false, tried: 0 }
    }

    /// The next MCU. `fits` tells whether so many MCUs are coded from there on, up to the next marker and no further.
    #[inline(always)]
    pub(crate) fn mcu(&mut self, bits: &mut Bits<'_>, fits: impl Fn(Bits<'_>, usize, u8) -> bool) -> Mcu {
        if self.left == 0 {
            self.begin(bits, fits);
            self.left = self.length - 1;
            return if self.here { Mcu::First } else { Mcu::Lost };
        }
        self.left -= 1;
        if self.here { Mcu::Here } else { Mcu::Lost }
    }

    /// The rest of the interval cannot be read.
    pub(crate) fn lose(&mut self) {
        self.here = false;
    }

    /// Whether nothing can be read any more.
    pub(crate) fn ended(&self) -> bool {
        self.ended || (!self.here && self.length == usize::MAX)
    }

    /// How many MCUs were tried in vain, which is work too.
    pub(crate) fn tried(&self) -> u64 {
        self.tried
    }

    /// How many MCUs, counted from here and no more than `most`, have the same fate as the last.
    pub(crate) fn alike(&self, most: usize) -> usize {
        self.left.min(most)
    }

    /// So many MCUs have the same fate as the last.
    pub(crate) fn pass(&mut self, mcus: usize) {
        self.left -= mcus;
    }

    #[cold]
    fn begin(&mut self, bits: &mut Bits<'_>, fits: impl Fn(Bits<'_>, usize, u8) -> bool) {
        let expected = self.next;
        self.next = (self.next + 1) % 8;
        self.here = false;
        if self.ended {
            return;
        }
        if self.gone > 0 {
            self.gone -= 1;
            return;
        }
        bits.align();
        if bits.marker() != Some(0xD0 + expected) && bits.marker().is_none_or(|marker| marker < 0xC0) {
            // The marker was cut out, or overwritten: what it stood before may still be there.
            for bytes in 0..=2 {
                let from = bits.further(bytes);
                if fits(from.clone(), self.length, 0xD0 + self.next) {
                    *bits = from;
                    self.here = true;
                    return;
                }
                self.tried += self.length as u64;
            }
        }
        while let Some(marker) = bits.seek_marker() {
            match marker {
                0xD0..=0xD7 => match (marker - 0xD0).wrapping_sub(expected) % 8 {
                    0 => {
                        bits.pass_marker();
                        self.here = true;
                        return;
                    }
                    // One that comes later: it waits.
                    intervals @ 1..=4 => {
                        self.gone = intervals - 1;
                        return;
                    }
                    // One that came earlier.
                    _ => bits.pass_marker(),
                },
                // Such markers do not exist: a damaged byte.
                0x01..=0xBF => bits.pass_marker(),
                _ => break,
            }
        }
        self.ended = true;
    }
}

/// Whether a reader that has come to the end of an interval stands where it should: at that marker, or at the end of the scan.
pub(crate) fn stands_at(mut bits: Bits<'_>, marker: u8) -> bool {
    if bits.ran_out() {
        return false;
    }
    bits.align();
    bits.marker().is_some_and(|found| found == marker || !matches!(found, 0..0xC0 | 0xD0..=0xD7))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of eight intervals of one MCU, each of one byte.
    fn fates(data: &[u8]) -> String {
        let mut bits = Bits::new(data, 0);
        let mut restarts = Restarts::new(1);
        let fits = |mut bits: Bits<'_>, mcus: usize, marker| {
            bits.skip_many(8 * mcus as u32);
            stands_at(bits, marker)
        };
        (0..8)
            .map(|_| match restarts.mcu(&mut bits, fits) {
                Mcu::Lost => '-',
                Mcu::Here | Mcu::First => {
                    let read = bits.take(8) as u8;
                    if bits.ran_out() { '-' } else { char::from(read) }
                }
            })
            .collect()
    }

    #[test]
    fn only_what_lies_between_is_lost() {
        let whole = b"a\xFF\xD0b\xFF\xD1c\xFF\xD2d\xFF\xD3e\xFF\xD4f\xFF\xD5g\xFF\xD6h\xFF\xD9";
        assert_eq!(fates(whole), "abcdefgh");
        let without = |from: usize, to: usize| [&whole[..from], &whole[to..]].concat();
        // A marker.
        assert_eq!(fates(&without(7, 9)), "abcdefgh");
        // A marker and what it stood before; two; four.
        assert_eq!(fates(&without(7, 10)), "abc-efgh");
        assert_eq!(fates(&without(7, 13)), "abc--fgh");
        assert_eq!(fates(&without(1, 13)), "a----fgh");
        assert_eq!(fates(&whole[..9]), "abc-----");
        // A marker that became something else.
        let mut other = whole.to_vec();
        other[7..9].copy_from_slice(b"xy");
        assert_eq!(fates(&other), "abcdefgh");
        other[7..9].copy_from_slice(b"\xFF\x42");
        assert_eq!(fates(&other), "abcdefgh");
        // One that comes twice.
        assert_eq!(fates(&[&whole[..6], &whole[1..]].concat()), "ab-defgh");
    }
}
