//! The segments of a file, up to a scan (ITU-T T.81, B.1.1, B.2 and annex B.2.4).

use crate::Error;
use crate::frame::Frame;
use crate::huffman::Table;

/// The most bytes of tables. A scan needs less than a kilobyte; building a decoder's table takes microseconds, so a file full
/// of them would take seconds.
const MAX_TABLES: usize = 64 * 1024;

/// The most segments of programs (APPn) that are told of.
const MAX_SEGMENTS: usize = 1_024;

/// Tables as they stand when a scan begins.
#[derive(Default)]
pub(crate) struct Tables {
    /// The tables of quantisers, each in the order of the file.
    pub(crate) quantisers: [Option<[u16; 64]>; 4],
    pub(crate) dc: [Option<Table>; 4],
    pub(crate) ac: [Option<Table>; 4],
    /// MCUs between two restarts; 0 for none.
    pub(crate) interval: usize,
    /// Bytes that were read of all tables so far.
    read: usize,
}

/// What a scan says of a component: its number in the frame and its tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selected {
    pub(crate) number: usize,
    pub(crate) dc: usize,
    pub(crate) ac: usize,
}

/// A scan header (B.2.3).
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    pub(crate) selected: Vec<Selected>,
    /// The band of coefficients, in the order of the file.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Bits left out before this scan, 0 in the first of a band, and after it.
    pub(crate) before: u32,
    pub(crate) after: u32,
}

/// A walk along the segments of a file.
pub(crate) struct Segments<'a> {
    bytes: &'a [u8],
    /// Where the next marker is looked for.
    pub(crate) at: usize,
    pub(crate) tables: Tables,
    pub(crate) frame: Option<Frame>,
    /// Segments of programs, by their markers.
    pub(crate) programs: Vec<(u8, &'a [u8])>,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        if !bytes.starts_with(&[0xFF, 0xD8]) {
            return Err(Error::Damaged);
        }
        Ok(Self { bytes, at: 2, tables: Tables::default(), frame: None, programs: Vec::new() })
    }

    /// Reads on up to the coded bits of the next scan; `None` at the end of the picture.
    pub(crate) fn next_scan(&mut self) -> Result<Option<Scan>, Error> {
        loop {
            let Some(marker) = self.next_marker() else { return Ok(None) };
            if marker == 0xD9 {
                return Ok(None);
            }
            // A start inside the picture and what stands alone mean nothing.
            if matches!(marker, 0x01 | 0xD8) {
                continue;
            }
            let Some([high, low]) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()).copied()
            else {
                return Ok(None);
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            let body = self.bytes.get(self.at + 2..self.at + length).ok_or(Error::Damaged)?;
            self.at += length;
            match marker {
                0xC0..=0xC2 if self.frame.is_none() => self.frame = Some(Frame::read(marker == 0xC2, body)?),
                0xC4 => self.tables.huffman(body)?,
                0xDB => self.tables.quantisers(body)?,
                0xDD => {
                    let [high, low] = *body.first_chunk().ok_or(Error::Damaged)?;
                    self.tables.interval = usize::from(u16::from_be_bytes([high, low]));
                }
                0xDA => return self.scan(body).map(Some),
                // Second, lossless, hierarchical and arithmetic frames, a height that comes later, and extensions.
                0xC0..=0xCF | 0xDC | 0xDE | 0xDF | 0xF0..=0xFD => return Err(Error::Unsupported),
                0xE0..=0xEF if self.programs.len() < MAX_SEGMENTS => self.programs.push((marker, body)),
                0xE0..=0xEF | 0xFE => {}
                _ => return Err(Error::Damaged),
            }
        }
    }

    /// The next marker that is no restart and no stuffed byte; `at` then stands behind it.
    fn next_marker(&mut self) -> Option<u8> {
        loop {
            self.at += self.bytes.get(self.at..)?.iter().position(|byte| *byte == 0xFF)?;
            self.at += self.bytes[self.at..].iter().position(|byte| *byte != 0xFF)?;
            let marker = self.bytes[self.at];
            self.at += 1;
            if !matches!(marker, 0 | 0xD0..=0xD7) {
                return Some(marker);
            }
        }
    }

    fn scan(&self, body: &[u8]) -> Result<Scan, Error> {
        let frame = self.frame.as_ref().ok_or(Error::Damaged)?;
        let count = usize::from(*body.first().ok_or(Error::Damaged)?);
        let (Some(selectors), Some(&[start, end, precision])) =
            (body.get(1..1 + 2 * count), body.get(1 + 2 * count..))
        else {
            return Err(Error::Damaged);
        };
        let mut selected: Vec<Selected> = Vec::with_capacity(count);
        for selector in selectors.chunks_exact(2) {
            let number =
                frame.components.iter().position(|one| one.id == selector[0]).ok_or(Error::Damaged)?;
            let (dc, ac) = (usize::from(selector[1] >> 4), usize::from(selector[1] & 15));
            if dc > 3 || ac > 3 || selected.iter().any(|other| other.number == number) {
                return Err(Error::Damaged);
            }
            selected.push(Selected { number, dc, ac });
        }
        let (start, end) = if frame.progressive { (usize::from(start), usize::from(end)) } else { (0, 63) };
        let (before, after) =
            if frame.progressive { (u32::from(precision >> 4), u32::from(precision & 15)) } else { (0, 0) };
        // Coefficients of zero frequency stand alone, and others only in scans of one component (G.1.1.1).
        let band = if !frame.progressive || start == 0 && end == 0 { true } else { start > 0 && count == 1 };
        // Each scan after the first of a band brings one bit (G.1.1.1.2); libjpeg refuses others too.
        let step = before == 0 || before == after + 1;
        if count == 0 || start > end || end > 63 || after > 13 || !band || !step {
            return Err(Error::Damaged);
        }
        Ok(Scan { selected, start, end, before, after })
    }
}

impl Tables {
    fn count(&mut self, bytes: usize) -> Result<(), Error> {
        self.read += bytes;
        if self.read > MAX_TABLES { Err(Error::TooMuchWork) } else { Ok(()) }
    }

    fn quantisers(&mut self, mut body: &[u8]) -> Result<(), Error> {
        self.count(body.len())?;
        while let [kind, rest @ ..] = body {
            let size = if kind >> 4 == 0 { 64 } else { 128 };
            let (values, rest) = rest.split_at_checked(size).ok_or(Error::Damaged)?;
            let table = self.quantisers.get_mut(usize::from(kind & 15)).ok_or(Error::Damaged)?;
            let mut of = [0; 64];
            for (place, value) in of.iter_mut().enumerate() {
                *value = if size == 64 {
                    u16::from(values[place])
                } else {
                    u16::from_be_bytes([values[2 * place], values[2 * place + 1]])
                };
            }
            *table = Some(of);
            body = rest;
        }
        Ok(())
    }

    fn huffman(&mut self, mut body: &[u8]) -> Result<(), Error> {
        self.count(body.len())?;
        while let [kind, rest @ ..] = body {
            let counts: &[u8; 16] = rest.first_chunk().ok_or(Error::Damaged)?;
            let symbols = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest[16..].split_at_checked(symbols).ok_or(Error::Damaged)?;
            let tables = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let table = tables.get_mut(usize::from(kind & 15)).ok_or(Error::Damaged)?;
            *table = Some(Table::new(counts, symbols).ok_or(Error::Damaged)?);
            body = rest;
        }
        Ok(())
    }
}
