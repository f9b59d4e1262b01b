//! Scans of whole blocks (ITU-T T.81, F.2), and the picture that one such scan of all components gives as it is read.

use crate::bits::Bits;
use crate::colours::Colours;
use crate::frame::Frame;
use crate::huffman::{BadCode, Passing, Table};
use crate::idct::{ZIGZAG, draw, last_needed, level};
use crate::restarts::{Mcu, Restarts, stands_at};
use crate::rows::Rows;
use crate::segments::{Scan, Segments, Selected, Tables};
use crate::{Error, Lost};

/// The tables of a component in a scan of whole blocks.
pub(crate) struct Coded<'a> {
    dc: &'a Table,
    ac: &'a Table,
    /// The quick way past what a scale does not need.
    passing: Option<Passing>,
}

impl<'a> Coded<'a> {
    pub(crate) fn of(tables: &'a Tables, selected: Selected) -> Result<Self, Error> {
        let (dc, ac) = (tables.dc[selected.dc].as_ref(), tables.ac[selected.ac].as_ref());
        dc.zip(ac).map(|(dc, ac)| Self { dc, ac, passing: None }).ok_or(Error::Damaged)
    }

    /// The same, for blocks whose last coefficients are passed over.
    fn passing(self) -> Self {
        Self { passing: Some(Passing::of(self.ac)), ..self }
    }

    /// Reads a block: its coefficients up to `last`, in the order of the file, times their quantisers into rows of eight.
    /// Tells the last that was there.
    #[inline(always)]
    pub(crate) fn block(
        &self,
        bits: &mut Bits<'_>,
        prediction: &mut i32,
        quantisers: &[i32; 64],
        last: usize,
        into: &mut [i32; 64],
    ) -> Result<usize, BadCode> {
        *prediction = prediction.wrapping_add(difference(self.dc, bits)?);
        into[0] = prediction.wrapping_mul(quantisers[0]);
        let (mut place, mut top) = (1, 0);
        while place <= 63 {
            if place > last
                && let Some(passing) = &self.passing
                && let Some(next) = passing.pass(bits, place)
            {
                place = next;
                continue;
            }
            let (symbol, value) = self.ac.number(bits)?;
            let run = usize::from(symbol >> 4);
            if symbol & 15 == 0 {
                if run != 15 {
                    break;
                }
                place += 16;
                continue;
            }
            place += run;
            if place > 63 {
                return Err(BadCode);
            }
            if place <= last {
                into[usize::from(ZIGZAG[place] & 63)] = value.wrapping_mul(quantisers[place]);
                top = place;
            }
            place += 1;
        }
        Ok(top)
    }

    /// Skips the bits of a block without decoding it.
    pub(crate) fn pass(&self, bits: &mut Bits<'_>) -> Result<(), BadCode> {
        self.block(bits, &mut 0, &[0; 64], 0, &mut [0; 64]).map(|_| ())
    }
}

/// How much the first coefficient of a block differs from that of the block before (F.2.2.1).
#[inline(always)]
pub(crate) fn difference(table: &Table, bits: &mut Bits<'_>) -> Result<i32, BadCode> {
    let (size, difference) = table.number(bits)?;
    if size > 15 { Err(BadCode) } else { Ok(difference) }
}

/// A component while its only scan is read.
struct Component<'a> {
    coded: Coded<'a>,
    quantisers: [i32; 64],
    number: usize,
    across: usize,
    down: usize,
    columns: usize,
    rows: usize,
    size: usize,
    last: usize,
    prediction: i32,
}

/// Reads the picture of a single scan and draws it on the way.
pub(crate) fn draw_scan(
    segments: &Segments<'_>,
    scan: &Scan,
    frame: &Frame,
    bytes: &[u8],
    colours: Colours,
    size: usize,
    take: &mut impl FnMut(&[u8]),
) -> Result<Lost, Error> {
    let mut rows = Rows::new(frame, colours, size);
    let mut components = Vec::with_capacity(scan.selected.len());
    for selected in &scan.selected {
        let one = &frame.components[selected.number];
        let quantisers = segments.tables.quantisers[one.quantisers].ok_or(Error::Damaged)?;
        let size = rows.size(selected.number);
        let coded = Coded::of(&segments.tables, *selected)?;
        components.push(Component {
            coded: if size < 8 { coded.passing() } else { coded },
            quantisers: quantisers.map(i32::from),
            number: selected.number,
            across: one.across,
            down: one.down,
            columns: one.columns,
            rows: one.rows,
            size,
            last: last_needed(size),
            prediction: 0,
        });
    }
    let mut lost = Lost { blocks: 0, of: frame.blocks() };
    let mut bits = Bits::new(bytes, segments.at);
    let mut restarts = Restarts::new(segments.tables.interval);
    let tables: Vec<(Coded<'_>, usize)> = scan
        .selected
        .iter()
        .map(|selected| {
            let one = &frame.components[selected.number];
            Ok((Coded::of(&segments.tables, *selected)?, one.across * one.down))
        })
        .collect::<Result<_, Error>>()?;
    let fits = |mut bits: Bits<'_>, mcus: usize, marker: u8| {
        for _ in 0..mcus {
            for (coded, blocks) in &tables {
                for _ in 0..*blocks {
                    if coded.pass(&mut bits).is_err() || bits.ran_out() {
                        return false;
                    }
                }
            }
        }
        stands_at(bits, marker)
    };
    for mcu_row in 0..frame.mcus_down {
        for mcu in 0..frame.mcus_across {
            let mut fate = restarts.mcu(&mut bits, fits);
            if fate == Mcu::First {
                components.iter_mut().for_each(|one| one.prediction = 0);
            }
            for one in &mut components {
                for row in 0..one.down {
                    for column in 0..one.across {
                        let mut block = [0; 64];
                        let column = mcu * one.across + column;
                        let mut read = Err(BadCode);
                        if fate != Mcu::Lost {
                            let before = one.prediction;
                            read = one.coded.block(
                                &mut bits,
                                &mut one.prediction,
                                &one.quantisers,
                                one.last,
                                &mut block,
                            );
                            if read.is_err() || bits.ran_out() {
                                (read, fate, one.prediction) = (Err(BadCode), Mcu::Lost, before);
                                restarts.lose();
                            }
                        }
                        let (out, stride) = rows.place(one.number, mcu_row, row, column);
                        match read {
                            Ok(top) => draw(&block, top, one.size, out, stride),
                            Err(BadCode) => {
                                // As light as the block before.
                                let level = level(one.prediction.wrapping_mul(one.quantisers[0]));
                                out.chunks_mut(stride)
                                    .take(one.size)
                                    .for_each(|row| row[..one.size].fill(level));
                                let in_picture = column < one.columns && mcu_row * one.down + row < one.rows;
                                lost.add(u64::from(in_picture))?;
                            }
                        }
                    }
                }
            }
        }
        rows.drawn(mcu_row, take);
    }
    Ok(lost)
}
