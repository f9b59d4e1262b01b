//! The coded bits of a scan (ITU-T T.81, F.2.2.5): the first is the highest of a byte, and 0xFF is followed by a zero.

/// Reads bits from a place of the file on, up to the next marker. Behind that it gives zeros, and says that it did.
#[derive(Clone)]
pub(crate) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, from the highest on. Below `count` of them are zeros, or bits of the byte at `at`, which come again.
    held: u64,
    count: u32,
    /// How many of the bits that were ever held stand in no file.
    made_up: u64,
}

impl<'a> Bits<'a> {
    /// Longer requests than this are not served from what [`Self::fill`] has brought.
    const FILLED: u32 = 32;

    pub(crate) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, held: 0, count: 0, made_up: 0 }
    }

    /// Loads bytes until there are at least 32 bits.
    #[inline(always)]
    pub(crate) fn fill(&mut self) {
        if self.count < Self::FILLED {
            self.refill();
        }
    }

    #[inline(always)]
    fn refill(&mut self) {
        if let Some(bytes) = self.data.get(self.at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_be_bytes(*bytes);
            if !has_ff(word) {
                self.held |= word >> self.count;
                let taken = (63 - self.count) / 8;
                self.at += taken as usize;
                self.count += taken * 8;
                return;
            }
        }
        self.refill_bytewise();
    }

    #[cold]
    #[inline(never)]
    fn refill_bytewise(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..) {
                Some([0xFF, 0xFF, ..]) => {
                    self.at += 1;
                    continue;
                }
                Some([0xFF, 0, ..]) => {
                    self.at += 2;
                    0xFF
                }
                Some([byte, ..]) if *byte != 0xFF => {
                    self.at += 1;
                    *byte
                }
                _ => {
                    self.made_up += u64::from(64 - self.count);
                    self.count = 64;
                    return;
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next bits without going on; at most 32, which must be there.
    #[inline(always)]
    pub(crate) fn peek(&self, count: u32) -> u32 {
        debug_assert!((1..=Self::FILLED).contains(&count));
        (self.held >> (64 - count)) as u32
    }

    #[inline(always)]
    pub(crate) fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count -= count;
    }

    /// The next bits; at most 16.
    #[inline(always)]
    pub(crate) fn take(&mut self, count: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        self.fill();
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// Passes over any number of bits.
    pub(crate) fn skip_many(&mut self, mut count: u32) {
        while count > 0 {
            self.fill();
            let now = count.min(Self::FILLED);
            self.skip(now);
            count -= now;
        }
    }

    /// Whether bits were taken that stand in no file.
    #[inline(always)]
    pub(crate) fn ran_out(&self) -> bool {
        self.made_up > u64::from(self.count)
    }

    /// Goes to the byte behind the last that was taken from.
    pub(crate) fn align(&mut self) {
        let whole = u64::from(self.count).saturating_sub(self.made_up) / 8;
        for _ in 0..whole {
            let stuffed = self.data.get(..self.at).is_some_and(|passed| passed.ends_with(&[0xFF, 0]));
            self.at -= if stuffed { 2 } else { 1 };
        }
        *self = Self::new(self.data, self.at);
    }

    /// Where the next byte stands. Only after [`Self::align`].
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The marker that stands here, behind fill bytes. Only after [`Self::align`].
    pub(crate) fn marker(&self) -> Option<u8> {
        let rest = self.data.get(self.at..)?;
        let fill = rest.iter().position(|byte| *byte != 0xFF)?;
        (fill > 0 && rest[fill] != 0).then(|| rest[fill])
    }

    /// Goes to the next marker and tells it. Only after [`Self::align`].
    pub(crate) fn seek_marker(&mut self) -> Option<u8> {
        loop {
            self.at += self.data.get(self.at..)?.iter().position(|byte| *byte == 0xFF)?;
            if let Some(marker) = self.marker() {
                return Some(marker);
            }
            self.pass_marker();
        }
    }

    /// Goes behind the marker, or the stuffed byte, that stands here.
    pub(crate) fn pass_marker(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| *byte != 0xFF).map_or(rest.len(), |fill| fill + 1);
    }

    /// The same from some bytes further on. Only after [`Self::align`].
    pub(crate) fn further(&self, bytes: usize) -> Self {
        Self::new(self.data, (self.at + bytes).min(self.data.len()))
    }
}

/// Whether one of eight bytes is 0xFF.
#[inline(always)]
fn has_ff(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    (!word).wrapping_sub(ONES) & word & HIGHEST != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_bytes_are_read_and_markers_are_not() {
        let data = [0x12, 0xFF, 0, 0x34, 0xFF, 0xFF, 0, 0xFF, 0xD9, 0x56];
        let mut bits = Bits::new(&data, 0);
        assert_eq!([bits.take(8), bits.take(8), bits.take(4), bits.take(12)], [0x12, 0xFF, 3, 0x4FF]);
        assert!(!bits.ran_out());
        assert_eq!(bits.take(1), 0);
        assert!(bits.ran_out());
        bits.align();
        assert_eq!((bits.at(), bits.marker()), (7, Some(0xD9)));
    }

    #[test]
    fn going_back_to_a_whole_byte_counts_stuffed_ones() {
        let data = [0xAB, 0xFF, 0, 0xCD, 0xFF, 0, 0xFF, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        for (taken, at) in [(0, 0), (3, 1), (8, 1), (9, 3), (16, 3), (17, 4), (24, 4), (25, 6), (33, 8)] {
            let mut bits = Bits::new(&data, 0);
            bits.fill();
            bits.skip_many(taken);
            bits.align();
            assert_eq!(bits.at(), at, "{taken}");
        }
    }

    #[test]
    fn a_byte_of_ones_is_found_wherever_it_stands() {
        for place in 0..8 {
            for other in [0, 1, 0x7F, 0x80, 0xFE] {
                let mut bytes = [other; 8];
                assert!(!has_ff(u64::from_be_bytes(bytes)));
                bytes[place] = 0xFF;
                assert!(has_ff(u64::from_be_bytes(bytes)));
            }
        }
    }
}
