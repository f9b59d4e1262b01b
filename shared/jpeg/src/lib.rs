//! A decoder of JPEG (ITU-T T.81): baseline, extended and progressive, of eight bits, as cameras write them.
//!
//! Draws a picture whole or at a half, a quarter or an eighth of its size, and hands it over row by row. Of a picture in one
//! scan nothing is held but two rows of MCUs (minimum coded units: the blocks that all components of a scan have of one place);
//! of one in several scans the coefficients that the size needs. It counts the blocks that were really there, so that a damaged
//! file is known by its picture and not by its end.
//!
//! Draws as libjpeg does, to the last bit at the full size.

mod bits;
mod colours;
mod frame;
mod huffman;
mod idct;
mod progressive;
mod restarts;
mod rows;
mod segments;
mod sequential;

use colours::Colours;
use frame::Frame;
use segments::{Scan, Segments};
use thiserror::Error;

/// Why there is no picture. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Error {
    /// More of the picture is missing than [`Lost::MOST`] allows, or what says how to read it.
    #[error("a damaged jpeg")]
    Damaged,
    /// A kind that no camera makes: 12 bits, lossless, hierarchical, arithmetic, two components or more than four.
    #[error("a kind of jpeg that is not supported")]
    Unsupported,
    /// Scans or tables that would take seconds and that no photo has.
    #[error("a jpeg that takes too much work")]
    TooMuchWork,
}

/// How large the picture is drawn, as a share of its sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// An eighth of the width and height.
    Eighth,
    /// A quarter of the width and height.
    Quarter,
    /// Half of the width and height.
    Half,
    /// The full size.
    Whole,
}

impl Scale {
    /// From the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Eighth, Self::Quarter, Self::Half, Self::Whole];

    /// The side of a block that has eight samples.
    fn block(self) -> usize {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
            Self::Half => 4,
            Self::Whole => 8,
        }
    }
}

/// How much of a picture was not there, in blocks of all its components. In its place stands the colour beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Blocks that were not there.
    pub blocks: u64,
    /// All blocks of the picture.
    pub of: u64,
}

impl Lost {
    /// The most that may be missing, in hundredths of the picture.
    pub const MOST: u64 = 1;

    fn add(&mut self, blocks: u64) -> Result<(), Error> {
        self.blocks += blocks;
        if self.blocks * 100 > self.of * Self::MOST { Err(Error::Damaged) } else { Ok(()) }
    }
}

/// The samples of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixel {
    /// One sample, its brightness.
    Grey,
    /// Three samples: red, green and blue.
    Rgb,
    /// Cyan, magenta, yellow and black (CMYK); 255 is all of the ink.
    Inks,
}

/// A picture whose outline has been read up to its first scan.
pub struct Jpeg<'a> {
    bytes: &'a [u8],
    segments: Segments<'a>,
    frame: Frame,
    scan: Scan,
    colours: Colours,
}

impl<'a> Jpeg<'a> {
    /// Reads what stands before the picture. The first picture of the file counts.
    ///
    /// # Errors
    /// [`enum@Error`].
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut segments = Segments::new(bytes)?;
        let scan = segments.next_scan()?.ok_or(Error::Damaged)?;
        let frame = segments.frame.clone().ok_or(Error::Damaged)?;
        let colours = Colours::of(&frame, &segments.programs);
        Ok(Self { bytes, segments, frame, scan, colours })
    }

    /// Width and height of the whole picture, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size_at(Scale::Whole)
    }

    /// Width and height at that scale, rounded up, in pixels.
    pub fn size_at(&self, scale: Scale) -> (u32, u32) {
        let (width, height) = rows::reduced(&self.frame, scale.block());
        // Sides have sixteen bits.
        (width as u32, height as u32)
    }

    /// What its rows are made of.
    pub fn pixel(&self) -> Pixel {
        match self.colours {
            Colours::Grey => Pixel::Grey,
            Colours::Rgb | Colours::YCbCr => Pixel::Rgb,
            Colours::Inks { .. } | Colours::YCbCrInks { .. } => Pixel::Inks,
        }
    }

    /// The bodies of the segments of programs (APPn) with that marker (0xE0 to 0xEF), in the order of the file; of the first thousand.
    pub fn programs(&self, marker: u8) -> impl Iterator<Item = &'a [u8]> {
        self.segments.programs.iter().filter(move |(other, _)| *other == marker).map(|(_, body)| *body)
    }

    /// Bytes that [`Self::rows`] takes at that scale at the most, the few megabytes of two rows of MCUs aside.
    pub fn memory(&self, scale: Scale) -> u64 {
        if self.is_one_scan() { 0 } else { progressive::memory(&self.frame, scale.block()) }
    }

    /// Whether the first scan brings the whole picture.
    fn is_one_scan(&self) -> bool {
        !self.frame.progressive && self.scan.selected.len() == self.frame.components.len()
    }

    /// Draws the picture and hands it over row by row, from the top. Some rows may have been handed over when it fails.
    ///
    /// # Errors
    /// [`enum@Error`].
    pub fn rows(self, scale: Scale, mut take: impl FnMut(&[u8])) -> Result<Lost, Error> {
        let size = scale.block();
        if self.is_one_scan() {
            let Self { bytes, segments, frame, scan, colours } = &self;
            return sequential::draw_scan(segments, scan, frame, bytes, *colours, size, &mut take);
        }
        let Self { bytes, segments, frame, scan, colours } = self;
        progressive::draw_scans(segments, scan, &frame, bytes, colours, size, &mut take)
    }
}
