//! The way of one photo from what was uploaded to what may be shown.

use std::fmt;
use std::panic;

use thiserror::Error;

use crate::{pixels, structure};

/// The largest upload that is looked at, in bytes: 15 MiB (design, section 5).
pub const MAX_BYTES: usize = 15 * 1024 * 1024;

/// The most pixels that are decoded: a 50-megapixel telephone fits, a bomb does not.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The longest side that is decoded, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The longest side that is kept, in pixels. Smaller pictures keep their size.
pub const LONGEST_SIDE: u32 = 1_600;

/// The JPEG quality of what is kept.
pub const QUALITY: u8 = 85;

/// A photo that holds pixels and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// A baseline JPEG in RGB: one JFIF header, the tables, one scan.
    pub jpeg: Vec<u8>,
    /// Pixels from left to right, upright.
    pub width: u32,
    /// Pixels from top to bottom, upright.
    pub height: u32,
    /// A small part of the picture was missing and has been filled in.
    pub damaged: bool,
}

/// Shows sizes only: a log line must never hold a picture.
impl fmt::Debug for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cleaned")
            .field("bytes", &self.jpeg.len())
            .field("width", &self.width)
            .field("height", &self.height)
            .finish()
    }
}

/// Why a photo is not kept. Holds nothing of the photo, so it may be logged and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Rejected {
    /// More than [`MAX_BYTES`].
    #[error("more bytes than an upload may have")]
    TooManyBytes,
    /// The first bytes are of no JPEG, PNG or WebP.
    #[error("not a jpeg, png or webp image")]
    NotAnImage,
    /// A width or height of zero.
    #[error("an image without pixels")]
    NoPixels,
    /// More than [`MAX_PIXELS`], or more memory than a kind of image may take.
    #[error("too many pixels")]
    TooManyPixels,
    /// A side longer than [`MAX_SIDE`].
    #[error("too wide or too high")]
    TooWide,
    /// A JPEG whose scans or tables would keep the decoder busy for seconds.
    #[error("more work than a photo makes")]
    TooMuchWork,
    /// An APNG or an animated WebP: no single frame is what the sender saw.
    #[error("an animated image")]
    Animated,
    /// The file ends before the image does.
    #[error("an image cut short")]
    CutShort,
    /// A valid kind that no camera makes, such as 12-bit, lossless or arithmetic JPEG.
    #[error("a kind of image that is not supported")]
    Unsupported,
    /// Anything else that a decoder stumbles on.
    #[error("a broken image")]
    Broken,
}

impl Rejected {
    /// A stable word for the log line.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooManyBytes => "too_many_bytes",
            Self::NotAnImage => "not_an_image",
            Self::NoPixels => "no_pixels",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooWide => "too_wide",
            Self::TooMuchWork => "too_much_work",
            Self::Animated => "animated",
            Self::CutShort => "cut_short",
            Self::Unsupported => "unsupported",
            Self::Broken => "broken",
        }
    }
}

/// Draws a photo anew, so that only its pixels pass.
///
/// Takes a JPEG, PNG or WebP of at most [`MAX_BYTES`], [`MAX_PIXELS`] and [`MAX_SIDE`], known by its content; all
/// limits are checked before a pixel is decoded. The result is upright, at most [`LONGEST_SIDE`] long and never
/// enlarged, RGB, on white where it was transparent. Of a file with several pictures (MPO, gain maps) the first is
/// kept; an animation is refused.
///
/// Takes at most 256 MiB and, on a whole core, a second, whatever comes; `tests/hostile.rs` holds both for the worst files
/// known, and prints what docs/adr/0006 tells.
///
/// # Errors
///
/// [`Rejected`] for everything else. A decoder that panics counts as [`Rejected::Broken`]; the panic hook of the
/// process still runs, and must not print the message of a panic.
pub fn clean(bytes: &[u8]) -> Result<Cleaned, Rejected> {
    guarded(|| redraw(bytes))
}

/// Decoders of hostile files have panicked before. Without this one upload would come back to the queue until it lies
/// among the dead, and its photo would stay pending.
pub(crate) fn guarded<T>(
    work: impl FnOnce() -> Result<T, Rejected> + panic::UnwindSafe,
) -> Result<T, Rejected> {
    panic::catch_unwind(work).unwrap_or(Err(Rejected::Broken))
}

/// What [`clean`] does, panics included.
pub(crate) fn redraw(bytes: &[u8]) -> Result<Cleaned, Rejected> {
    if bytes.len() > MAX_BYTES {
        return Err(Rejected::TooManyBytes);
    }
    let format = structure::kind(bytes).ok_or(Rejected::NotAnImage)?;
    let structure = structure::read(format, bytes)?;
    pixels::decode(format, structure)?.shrink(LONGEST_SIDE)?.upright()?.encode(QUALITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_counts_as_a_broken_image() {
        assert_eq!(guarded::<()>(|| panic!("a decoder")), Err(Rejected::Broken));
    }
}
