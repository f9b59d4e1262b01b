//! Pictures of several scans (ITU-T T.81, G.2, and F.2 where each component has its own): coefficients are kept until the last.
//!
//! Only those that the wanted size needs. Of the others a bit each is kept, whether they are zero, because the coded bits of
//! a scan that makes them more precise depend on it; so every scan is read to its end at every size, and what is lost is known.

use crate::bits::Bits;
use crate::colours::Colours;
use crate::frame::Frame;
use crate::huffman::{BadCode, Table};
use crate::idct::{ZIGZAG, draw};
use crate::restarts::{Mcu, Restarts, stands_at};
use crate::rows::Rows;
use crate::segments::{Scan, Segments, Selected, Tables};
use crate::sequential::{Coded, difference};
use crate::{Error, Lost};

/// The most blocks that all scans may pass over. The ten usual scans over 200 megapixels pass over 30 million with halved chroma
/// and 50 million without. An empty scan costs a few bytes in the file and nearly as much work as a full one.
const MAX_VISITS: u64 = 100_000_000;

/// What a scan takes at least, in blocks.
const LEAST_VISITS: u64 = 500;

/// No scan has brought anything of a coefficient.
const NOTHING: u32 = u32::MAX;

/// Some scan lost the block: in `filled`, in the place of the first coefficient, which is drawn whether it is zero or not.
const LOST: u64 = 1;

/// The coefficients of a component.
struct Store {
    /// Blocks of a row, with those that only fill up.
    stride: usize,
    across: usize,
    down: usize,
    /// Blocks of a scan of this component alone.
    columns: usize,
    rows: usize,
    /// The side of a block that is drawn.
    size: usize,
    /// Where a coefficient, in the order of the file, stands in its block's part of `values`.
    places: [Option<u8>; 64],
    /// Which coefficients are kept, a bit each.
    kept: u64,
    values: Vec<i16>,
    /// Which coefficients of a block are not zero, a bit each from the second on, and [`LOST`].
    filled: Vec<u64>,
    /// How many bits each coefficient lacks.
    lacks: [u32; 64],
    quantisers: Option<[u16; 64]>,
}

/// Bytes that are held for a picture of several scans, at that size of blocks.
pub(crate) fn memory(frame: &Frame, size: usize) -> u64 {
    let of = |one| {
        let (columns, rows) = frame.stored(one);
        (columns as u64 * rows as u64) * (8 + 2 * frame.block(one, size).pow(2) as u64)
    };
    frame.components.iter().map(of).sum()
}

impl Store {
    fn new(frame: &Frame, number: usize, size: usize) -> Self {
        let one = &frame.components[number];
        let size = frame.block(one, size);
        let (stride, rows) = frame.stored(one);
        let mut places = [None; 64];
        let inside = |place: &u8| usize::from(place / 8) < size && usize::from(place % 8) < size;
        let kept = (0..64).filter(|k| inside(&ZIGZAG[*k]));
        for (rank, k) in kept.clone().enumerate() {
            places[k] = u8::try_from(rank).ok();
        }
        Self {
            stride,
            across: one.across,
            down: one.down,
            columns: one.columns,
            rows: one.rows,
            size,
            places,
            kept: kept.fold(0, |mask, k| mask | 1 << k),
            values: vec![0; stride * rows * size * size],
            filled: vec![0; stride * rows],
            lacks: [NOTHING; 64],
            quantisers: None,
        }
    }

    /// A single block to try with what may come; its coefficients go nowhere.
    fn trial() -> Self {
        Self {
            stride: 1,
            across: 1,
            down: 1,
            columns: 1,
            rows: 1,
            size: 0,
            places: [None; 64],
            kept: 0,
            values: Vec::new(),
            filled: vec![0],
            lacks: [NOTHING; 64],
            quantisers: None,
        }
    }

    /// Changes a coefficient that is kept.
    #[inline(always)]
    fn change(&mut self, block: usize, place: usize, change: impl FnOnce(i16) -> i16) {
        if let Some(rank) = self.places[place & 63] {
            let value = &mut self.values[block * self.size * self.size + usize::from(rank)];
            *value = change(*value);
        }
    }

    /// Blocks whose coefficients are not all there. One counts once, however many scans lost it.
    fn missing(&self) -> u64 {
        if self.lacks.iter().any(|lacks| *lacks != 0) {
            return self.columns as u64 * self.rows as u64;
        }
        let rows = self.filled.chunks_exact(self.stride).take(self.rows);
        rows.flat_map(|row| &row[..self.columns]).map(|filled| filled & LOST).sum()
    }
}

/// Reads all scans and draws the picture.
pub(crate) fn draw_scans(
    mut segments: Segments<'_>,
    first: Scan,
    frame: &Frame,
    bytes: &[u8],
    colours: Colours,
    size: usize,
    take: &mut impl FnMut(&[u8]),
) -> Result<Lost, Error> {
    let mut stores: Vec<Store> =
        (0..frame.components.len()).map(|number| Store::new(frame, number, size)).collect();
    let mut visits = 0;
    let mut next = Some(first);
    while let Some(scan) = next {
        visits += LEAST_VISITS;
        for selected in &scan.selected {
            let store = &mut stores[selected.number];
            visits += store.filled.len() as u64;
            let table = frame.components[selected.number].quantisers;
            store.quantisers = store.quantisers.or(segments.tables.quantisers[table]);
        }
        if visits > MAX_VISITS {
            return Err(Error::TooMuchWork);
        }
        let mut bits = Bits::new(bytes, segments.at);
        visits += read_scan(&segments.tables, &scan, frame, &mut stores, &mut bits)?;
        bits.align();
        segments.at = bits.at();
        for selected in &scan.selected {
            stores[selected.number].lacks[scan.start..=scan.end].fill(scan.after);
        }
        next = match segments.next_scan() {
            Err(Error::TooMuchWork) => return Err(Error::TooMuchWork),
            // What is there decides.
            Err(Error::Damaged | Error::Unsupported) => None,
            Ok(next) => next,
        };
    }
    let mut lost = Lost { blocks: 0, of: frame.blocks() };
    lost.add(stores.iter().map(Store::missing).sum())?;
    draw_stores(&stores, frame, colours, size, take)?;
    Ok(lost)
}

/// Tells how many MCUs were tried in vain.
fn read_scan(
    tables: &Tables,
    scan: &Scan,
    frame: &Frame,
    stores: &mut [Store],
    bits: &mut Bits<'_>,
) -> Result<u64, Error> {
    let tried = match (&scan.selected[..], frame.progressive) {
        (_, false) => {
            let coded =
                scan.selected.iter().map(|one| Coded::of(tables, *one)).collect::<Result<Vec<_>, _>>()?;
            let mut predictions = vec![0; coded.len()];
            let pass = |bits: &mut Bits<'_>, part: usize| coded[part].pass(bits);
            let read = |bits: &mut Bits<'_>, store: &mut Store, block, part: usize, first: bool| {
                if first {
                    predictions.fill(0);
                }
                let mut values = [0; 64];
                coded[part].block(bits, &mut predictions[part], &[1; 64], 63, &mut values)?;
                store.filled[block] &= LOST;
                for (place, at) in ZIGZAG.iter().enumerate() {
                    let value = values[usize::from(*at)] as i16;
                    store.filled[block] |= u64::from(value != 0) << place & !LOST;
                    store.change(block, place, |_| value);
                }
                Ok(())
            };
            each_block(tables, &scan.selected, frame, stores, bits, pass, read)
        }
        (_, true) if scan.start == 0 => {
            let find = |one: &Selected| tables.dc[one.dc].as_ref().ok_or(Error::Damaged);
            let first = scan.before == 0;
            let dc =
                if first { scan.selected.iter().map(find).collect::<Result<_, _>>()? } else { Vec::new() };
            let mut predictions = vec![0; scan.selected.len()];
            let read = |bits: &mut Bits<'_>, store: &mut Store, block, part: usize, restarted: bool| {
                if !first {
                    let bit = (bits.take(1) as i16) << scan.after;
                    store.change(block, 0, |value| value | bit);
                    return Ok(());
                }
                if restarted {
                    predictions.fill(0);
                }
                predictions[part] = difference(dc[part], bits)?.wrapping_add(predictions[part]);
                let value = predictions[part] << scan.after;
                store.change(block, 0, |_| value as i16);
                Ok(())
            };
            let pass = |bits: &mut Bits<'_>, part: usize| {
                if first {
                    return difference(dc[part], bits).map(|_| ());
                }
                bits.skip_many(1);
                Ok(())
            };
            each_block(tables, &scan.selected, frame, stores, bits, pass, read)
        }
        ([one], true) => {
            let table = tables.ac[one.ac].as_ref().ok_or(Error::Damaged)?;
            let band = Band { table, scan, all: (u64::MAX >> (63 - scan.end)) & (u64::MAX << scan.start) };
            band.read(&mut stores[one.number], tables.interval, bits)
        }
        _ => return Err(Error::Damaged),
    };
    Ok(tried)
}

/// Goes through the blocks of a scan that may be interleaved: `read` gets the component's place in the scan, and whether an interval
/// begins; `pass` passes over a block. Tells how many MCUs were tried in vain.
fn each_block(
    tables: &Tables,
    selected: &[Selected],
    frame: &Frame,
    stores: &mut [Store],
    bits: &mut Bits<'_>,
    pass: impl Fn(&mut Bits<'_>, usize) -> Result<(), BadCode>,
    mut read: impl FnMut(&mut Bits<'_>, &mut Store, usize, usize, bool) -> Result<(), BadCode>,
) -> u64 {
    let (across, down) = match selected {
        [one] => (stores[one.number].columns, stores[one.number].rows),
        _ => (frame.mcus_across, frame.mcus_down),
    };
    let of_mcu = |one: &Selected| {
        let component = &frame.components[one.number];
        if selected.len() == 1 { 1 } else { component.across * component.down }
    };
    let blocks: Vec<usize> = selected.iter().map(of_mcu).collect();
    let fits = |mut bits: Bits<'_>, number: usize, mcus: usize, marker: u8| {
        for _ in 0..mcus.min(across * down - number) {
            for (part, blocks) in blocks.iter().enumerate() {
                for _ in 0..*blocks {
                    if pass(&mut bits, part).is_err() || bits.ran_out() {
                        return false;
                    }
                }
            }
        }
        stands_at(bits, marker)
    };
    let mut restarts = Restarts::new(tables.interval);
    for mcu_row in 0..down {
        for mcu in 0..across {
            let number = mcu_row * across + mcu;
            let fate = restarts.mcu(bits, |bits, mcus, marker| fits(bits, number, mcus, marker));
            let (mut here, mut first) = (fate != Mcu::Lost, fate == Mcu::First);
            for (part, selected_one) in selected.iter().enumerate() {
                let store = &mut stores[selected_one.number];
                let (wide, high) = if selected.len() == 1 { (1, 1) } else { (store.across, store.down) };
                for row in 0..high {
                    for column in 0..wide {
                        let block = (mcu_row * high + row) * store.stride + mcu * wide + column;
                        if here && (read(bits, store, block, part, first).is_err() || bits.ran_out()) {
                            here = false;
                            restarts.lose();
                        }
                        first = false;
                        if !here {
                            store.filled[block] |= LOST;
                            // As light as the block before.
                            let before = store.size * store.size * block.saturating_sub(1);
                            let light = store.values[before];
                            if store.lacks[0] == NOTHING {
                                store.change(block, 0, |_| light);
                            }
                        }
                    }
                }
            }
        }
    }
    restarts.tried()
}

/// A scan of a band of a component's coefficients (G.2.2 and G.2.3).
struct Band<'a> {
    table: &'a Table,
    scan: &'a Scan,
    /// The coefficients of the band, a bit each.
    all: u64,
}

impl Band<'_> {
    /// Tells how many MCUs were tried in vain.
    fn read(&self, store: &mut Store, interval: usize, bits: &mut Bits<'_>) -> u64 {
        let mut restarts = Restarts::new(interval);
        // Blocks that have nothing more in this band.
        let mut empty = 0;
        for row in 0..store.rows {
            let mut column = 0;
            while column < store.columns {
                let block = row * store.stride + column;
                let fits = |bits: Bits<'_>, mcus: usize, marker: u8| {
                    self.fits(store, row * store.columns + column, bits, mcus, marker)
                };
                match restarts.mcu(bits, fits) {
                    Mcu::Lost => {
                        store.filled[block] |= LOST;
                        if restarts.ended() {
                            store.filled[block..].iter_mut().for_each(|filled| *filled |= LOST);
                            return restarts.tried();
                        }
                        column += 1;
                        continue;
                    }
                    Mcu::First => empty = 0,
                    Mcu::Here => {}
                }
                let read = if self.scan.before == 0 {
                    if empty > 0 {
                        let alike = restarts.alike(empty.min(store.columns - column) - 1);
                        restarts.pass(alike);
                        empty -= alike + 1;
                        column += alike + 1;
                        continue;
                    }
                    self.first(store, block, bits, &mut empty)
                } else {
                    self.refine(store, block, bits, &mut empty)
                };
                if read.is_err() || bits.ran_out() {
                    restarts.lose();
                    store.filled[block] |= LOST;
                }
                column += 1;
            }
        }
        restarts.tried()
    }

    /// Whether so many blocks are coded there, from the `first` of the component on, up to that marker.
    fn fits(&self, store: &Store, first: usize, mut bits: Bits<'_>, mcus: usize, marker: u8) -> bool {
        let mut trial = Store::trial();
        let mut empty = 0;
        let mut next = first;
        let end = first.saturating_add(mcus).min(store.rows * store.columns);
        while next < end {
            let read = if self.scan.before == 0 {
                if empty > 0 {
                    let alike = empty.min(end - next);
                    (empty, next) = (empty - alike, next + alike);
                    continue;
                }
                self.first(&mut trial, 0, &mut bits, &mut empty)
            } else {
                trial.filled[0] = store.filled[next / store.columns * store.stride + next % store.columns];
                self.refine(&mut trial, 0, &mut bits, &mut empty)
            };
            if read.is_err() || bits.ran_out() {
                return false;
            }
            next += 1;
        }
        empty == 0 && stands_at(bits, marker)
    }

    #[inline(always)]
    fn first(
        &self,
        store: &mut Store,
        block: usize,
        bits: &mut Bits<'_>,
        empty: &mut usize,
    ) -> Result<(), BadCode> {
        let mut place = self.scan.start;
        let mut filled = store.filled[block];
        while place <= self.scan.end {
            let (symbol, value) = self.table.number(bits)?;
            let run = usize::from(symbol >> 4);
            if symbol & 15 != 0 {
                place += run;
                if place > 63 {
                    return Err(BadCode);
                }
                filled |= 1 << place;
                store.change(block, place, |_| (value << self.scan.after) as i16);
                place += 1;
            } else if run == 15 {
                place += 16;
            } else {
                *empty = (1 << run) - 1 + bits.take(run as u32) as usize;
                break;
            }
        }
        store.filled[block] = filled;
        Ok(())
    }

    fn refine(
        &self,
        store: &mut Store,
        block: usize,
        bits: &mut Bits<'_>,
        empty: &mut usize,
    ) -> Result<(), BadCode> {
        // Those of the band that had something before this scan and were not passed yet, and those that had nothing.
        let before = store.filled[block];
        // Which had something is not known, so nobody knows how many bits stand for the block.
        if before & LOST != 0 {
            return Err(BadCode);
        }
        let mut ahead = self.all;
        if *empty == 0 {
            while ahead != 0 {
                let symbol = self.table.symbol(bits)?;
                let run = symbol >> 4;
                let new = match symbol & 15 {
                    0 if run != 15 => {
                        *empty = (1 << run) + bits.take(u32::from(run)) as usize;
                        break;
                    }
                    0 => None,
                    1 => Some(bits.take(1)),
                    _ => return Err(BadCode),
                };
                let mut zeros = ahead & !before;
                for _ in 0..run {
                    zeros &= zeros.wrapping_sub(1);
                }
                // The place of the new one, or of the sixteenth zero; everything where there are not so many.
                let place = zeros.trailing_zeros();
                let passed = if place > 63 { ahead } else { ahead & ((1 << place) - 1) };
                self.correct(store, block, passed & before, bits);
                ahead = if place > 62 { 0 } else { ahead & (u64::MAX << (place + 1)) };
                if let Some(bit) = new {
                    if place > 63 {
                        return Err(BadCode);
                    }
                    let sign = if bit == 1 { 1_i16 } else { -1 };
                    store.filled[block] |= 1 << place;
                    store.change(block, place as usize, |_| sign << self.scan.after);
                }
            }
        }
        if *empty > 0 {
            *empty -= 1;
            self.correct(store, block, ahead & before, bits);
        }
        Ok(())
    }

    /// Reads a bit more of each of these coefficients.
    fn correct(&self, store: &mut Store, block: usize, mut of: u64, bits: &mut Bits<'_>) {
        if of & store.kept == 0 {
            bits.skip_many(of.count_ones());
            return;
        }
        while of != 0 {
            let place = of.trailing_zeros() as usize;
            of &= of - 1;
            if bits.take(1) == 1 {
                let more = 1_i16 << self.scan.after;
                store.change(block, place, |value| {
                    if value & more != 0 {
                        value
                    } else if value >= 0 {
                        value.wrapping_add(more)
                    } else {
                        // The scans before may have left more bits out than this one says.
                        value.wrapping_sub(more)
                    }
                });
            }
        }
    }
}

fn draw_stores(
    stores: &[Store],
    frame: &Frame,
    colours: Colours,
    size: usize,
    take: &mut impl FnMut(&[u8]),
) -> Result<(), Error> {
    let mut rows = Rows::new(frame, colours, size);
    for mcu_row in 0..frame.mcus_down {
        for (number, store) in stores.iter().enumerate() {
            let quantisers = store.quantisers.ok_or(Error::Damaged)?;
            let part = store.size * store.size;
            for row in 0..store.down {
                for column in 0..store.stride {
                    let block = (mcu_row * store.down + row) * store.stride + column;
                    let values = &store.values[block * part..(block + 1) * part];
                    let mut drawn = [0; 64];
                    drawn[0] = i32::from(values[0]).wrapping_mul(i32::from(quantisers[0]));
                    let mut filled = store.filled[block] & store.kept & !LOST;
                    let mut top = 0;
                    while filled != 0 {
                        top = filled.trailing_zeros() as usize;
                        filled &= filled - 1;
                        let value = store.places[top].map_or(0, |rank| values[usize::from(rank)]);
                        drawn[usize::from(ZIGZAG[top])] =
                            i32::from(value).wrapping_mul(i32::from(quantisers[top]));
                    }
                    let (out, stride) = rows.place(number, mcu_row, row, column);
                    draw(&drawn, top, store.size, out, stride);
                }
            }
        }
        rows.drawn(mcu_row, take);
    }
    Ok(())
}
