//! Huffman codes (ITU-T T.81, annex C and F.2.2), looked up ten bits at a time.

use crate::bits::Bits;

/// How many bits are looked up at once.
const LOOKED_UP: u32 = 10;

/// A code that no table has, or a run beyond the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadCode;

/// The code that ten bits begin with.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entry {
    /// The number behind the code, where it ends within the ten bits.
    pub(crate) value: i16,
    /// The symbol: a run of zeros and the size of the number behind.
    pub(crate) symbol: u8,
    /// Bits of the code, with the number's where [`Entry::WHOLE`]; 0 where the code is longer than ten bits.
    length: u8,
}

impl Entry {
    const WHOLE: u8 = 0x80;
}

/// A Huffman table in the form for decoding.
pub(crate) struct Table {
    fast: Box<[Entry; 1 << LOOKED_UP]>,
    /// For each length the codes below this, aligned to 16 bits, are no longer than it.
    below: [u32; 17],
    /// For each length what to add to a code for the place of its symbol.
    offset: [i32; 17],
    symbols: [u8; 256],
}

impl Table {
    /// From the sixteen counts and the symbols of a DHT segment (B.2.4.2).
    pub(crate) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            fast: Box::new([Entry::default(); 1 << LOOKED_UP]),
            below: [0; 17],
            offset: [0; 17],
            symbols: [0; 256],
        };
        table.symbols.get_mut(..symbols.len())?.copy_from_slice(symbols);
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            let count = usize::from(*count);
            table.offset[length as usize] = place as i32 - code as i32;
            for symbol in symbols.get(place..place + count)? {
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOKED_UP {
                    table.look_up(code, length, *symbol);
                }
                code += 1;
            }
            place += count;
            table.below[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    fn look_up(&mut self, code: u32, length: u32, symbol: u8) {
        let rest = LOOKED_UP - length;
        let size = u32::from(symbol & 15);
        for behind in 0..1_u32 << rest {
            let entry = &mut self.fast[(code << rest | behind) as usize];
            *entry = if size <= rest {
                let value = if size == 0 { 0 } else { extend(behind >> (rest - size), size) };
                Entry { value: value as i16, symbol, length: (length + size) as u8 | Entry::WHOLE }
            } else {
                Entry { value: 0, symbol, length: length as u8 }
            };
        }
    }

    /// The next symbol, with the number of its low four bits behind it.
    #[inline(always)]
    pub(crate) fn number(&self, bits: &mut Bits<'_>) -> Result<(u8, i32), BadCode> {
        bits.fill();
        let entry = self.fast[bits.peek(LOOKED_UP) as usize];
        if entry.length & Entry::WHOLE != 0 {
            bits.skip(u32::from(entry.length ^ Entry::WHOLE));
            return Ok((entry.symbol, i32::from(entry.value)));
        }
        self.long_number(entry, bits)
    }

    #[inline(never)]
    fn long_number(&self, entry: Entry, bits: &mut Bits<'_>) -> Result<(u8, i32), BadCode> {
        let symbol = if entry.length != 0 {
            bits.skip(u32::from(entry.length));
            entry.symbol
        } else {
            self.long_symbol(bits)?
        };
        let size = u32::from(symbol & 15);
        // A code and its number have up to 31 bits, which are there.
        let value = if size == 0 { 0 } else { extend(bits.peek(size), size) };
        bits.skip(size);
        Ok((symbol, value))
    }

    /// The next symbol alone. What stands behind it is of another kind than its low four bits say.
    #[inline(always)]
    pub(crate) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, BadCode> {
        bits.fill();
        let entry = self.fast[bits.peek(LOOKED_UP) as usize];
        let whole = entry.length & Entry::WHOLE != 0;
        let length = entry.length & !Entry::WHOLE;
        if length == 0 {
            return self.long_symbol(bits);
        }
        bits.skip(u32::from(length) - if whole { u32::from(entry.symbol & 15) } else { 0 });
        Ok(entry.symbol)
    }

    #[cold]
    fn long_symbol(&self, bits: &mut Bits<'_>) -> Result<u8, BadCode> {
        let ahead = bits.peek(16);
        let length = (1..=16_u32).find(|length| ahead < self.below[*length as usize]).ok_or(BadCode)?;
        bits.skip(length);
        let place = (ahead >> (16 - length)) as i32 + self.offset[length as usize];
        usize::try_from(place).ok().and_then(|place| self.symbols.get(place)).copied().ok_or(BadCode)
    }
}

/// How many bits are looked up at once where nothing but the end of a block is of interest.
const PASSED: u32 = 12;

/// What twelve bits of a block hold, so that several coefficients are passed over at once.
pub(crate) struct Passing(Box<[Passed; 1 << PASSED]>);

/// Coefficients with their zeros that are coded in so many bits, and whether the block ends behind them.
#[derive(Clone, Copy, Default)]
struct Passed {
    bits: u8,
    places: u8,
    ends: bool,
}

impl Passing {
    pub(crate) fn of(table: &Table) -> Self {
        let mut all = Box::new([Passed::default(); 1 << PASSED]);
        for (ahead, passed) in (0_u32..).zip(all.iter_mut()) {
            while !passed.ends {
                let left = PASSED - u32::from(passed.bits);
                // Zeros stand for what is not known: they are not used, because the length is checked.
                let ahead = ahead << u32::from(passed.bits) & ((1 << PASSED) - 1);
                let entry = table.fast[(ahead >> (PASSED - LOOKED_UP)) as usize];
                let length = entry.length & !Entry::WHOLE;
                if entry.length & Entry::WHOLE == 0 || u32::from(length) > left {
                    break;
                }
                passed.bits += length;
                match (entry.symbol >> 4, entry.symbol & 15) {
                    (15, 0) => passed.places += 16,
                    (_, 0) => passed.ends = true,
                    (run, _) => passed.places += run + 1,
                }
            }
        }
        Self(all)
    }

    /// Passes over coefficients from that place of a block on. Tells the next place, 64 at the block's end; `None` where the
    /// next bits must be read one symbol at a time.
    #[inline(always)]
    pub(crate) fn pass(&self, bits: &mut Bits<'_>, place: usize) -> Option<usize> {
        bits.fill();
        let passed = self.0[bits.peek(PASSED) as usize];
        let next = place + usize::from(passed.places);
        // A block may end without a code for it; what follows then is another block's.
        if passed.bits == 0 || next > 64 || (next == 64 && passed.ends) {
            return None;
        }
        bits.skip(u32::from(passed.bits));
        Some(if passed.ends { 64 } else { next })
    }
}

/// A number of so many bits, whose highest is its sign turned round (F.2.2.1, figure F.12).
#[inline(always)]
pub(crate) fn extend(bits: u32, size: u32) -> i32 {
    let bits = bits as i32;
    if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_codes_are_read_with_their_numbers() {
        // 0 → 0x01, 10 → 0x13, and 1111111111110 (13 bits) → 0x02.
        let mut counts = [0; 16];
        counts[0] = 1;
        counts[1] = 1;
        counts[12] = 1;
        let table = Table::new(&counts, &[0x01, 0x13, 0x02]).unwrap();
        // 0 1 | 10 011 | 1100000000000 10: the first code of 13 bits follows those below.
        let mut bits = Bits::new(&[0b0110_0111, 0b1000_0000, 0b0000_1000], 0);
        assert_eq!(table.number(&mut bits), Ok((0x01, 1)));
        assert_eq!(table.number(&mut bits), Ok((0x13, -4)));
        assert_eq!(table.number(&mut bits), Ok((0x02, 2)));
        let mut bits = Bits::new(&[0xF1, 0x80], 0);
        assert_eq!(table.symbol(&mut bits), Err(BadCode));
    }

    #[test]
    fn tables_with_more_codes_than_bits_are_none() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Table::new(&counts, &[1, 2, 3]).is_none());
        assert!(Table::new(&counts, &[1]).is_none());
    }

    #[test]
    fn numbers_have_the_sign_that_the_standard_gives() {
        assert_eq!(
            [extend(0, 1), extend(1, 1), extend(0, 3), extend(3, 3), extend(4, 3)],
            [-1, 1, -7, -4, 4]
        );
    }
}
