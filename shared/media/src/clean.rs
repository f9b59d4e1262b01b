//! The way of one photo from what was uploaded to what may be shown.

use std::fmt;
use std::panic;

use thiserror::Error;

use crate::pixels;

/// The largest upload that is looked at, in bytes: 40 MiB. Telephones of 200 megapixels write 25 to 35.
pub const MAX_BYTES: usize = 40 * 1024 * 1024;

/// The most pixels of a JPEG.
pub(crate) const MAX_PIXELS: u64 = 200_000_000;

/// The longest side, in pixels: a JPEG cannot have a longer one.
pub(crate) const MAX_SIDE: u32 = 65_535;

/// The JPEG quality of what is kept.
pub(crate) const QUALITY: u8 = 85;

/// A photo that holds pixels and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// A baseline JPEG in sRGB: one JFIF header, the tables, one scan.
    pub jpeg: Vec<u8>,
    /// Pixels from left to right, upright.
    pub width: u32,
    /// Pixels from top to bottom, upright.
    pub height: u32,
    /// Up to a hundredth of the picture was missing in the file. In its place stands the colour beside it.
    pub damaged: bool,
}

/// Shows sizes only: a log line must never hold a picture.
impl fmt::Debug for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cleaned")
            .field("bytes", &self.jpeg.len())
            .field("width", &self.width)
            .field("height", &self.height)
            .field("damaged", &self.damaged)
            .finish()
    }
}

/// Why a photo is not kept, as its reporter can be told. Holds nothing of the photo, so it may be logged and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Rejected {
    /// More than a hundredth of the picture is missing, or it cannot be read.
    #[error("a damaged image")]
    Damaged,
    /// More bytes, pixels or work than a photo may have (docs/adr/0006).
    #[error("an image that is too large")]
    TooLarge,
    /// The first bytes are of no JPEG, PNG or WebP.
    #[error("not a jpeg, png or webp image")]
    NotAnImage,
    /// An APNG or an animated WebP: no single frame is what the sender saw.
    #[error("an animated image")]
    Animation,
    /// A HEIC or AVIF, under whatever name: telephones can send a JPEG instead.
    #[error("a heic or avif image")]
    Heic,
    /// A valid kind that no camera makes, such as 12-bit, lossless or arithmetic JPEG.
    #[error("a kind of image that is not supported")]
    Unsupported,
}

impl Rejected {
    /// A stable word, for the log line and for whoever sent the photo.
    pub fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
            Self::NotAnImage => "not_an_image",
            Self::Animation => "animation",
            Self::Heic => "heic",
            Self::Unsupported => "unsupported",
        }
    }
}

/// Draws a photo anew, so that only its pixels pass.
///
/// Takes a JPEG, PNG or WebP of at most [`MAX_BYTES`], known by its content; limits are checked before a pixel is decoded. The result is upright, of the size that [`kept`](crate::kept()) says, in sRGB, on white where it
/// was transparent. Of a file with several pictures (MPO, gain maps) the first is kept; an animation is refused.
///
/// Takes at most 200 MiB with the upload and, on a whole core, a second, or two for the largest files; `tests/hostile.rs` holds both
/// for the worst files known, and prints what docs/adr/0006 tells.
///
/// # Errors
///
/// [`Rejected`] for everything else. A decoder that panics counts as [`Rejected::Damaged`]; the panic hook of the
/// process still runs, and must not print the message of a panic.
pub fn clean(bytes: &[u8]) -> Result<Cleaned, Rejected> {
    guarded(|| redraw(bytes))
}

/// Decoders of hostile files have panicked before. Without this one upload would come back to the queue until it lies
/// among the dead, and its photo would stay pending.
pub(crate) fn guarded<T>(
    work: impl FnOnce() -> Result<T, Rejected> + panic::UnwindSafe,
) -> Result<T, Rejected> {
    panic::catch_unwind(work).unwrap_or(Err(Rejected::Damaged))
}

/// What [`clean`] does, panics included.
pub(crate) fn redraw(bytes: &[u8]) -> Result<Cleaned, Rejected> {
    pixels::open(bytes)?.small()?.in_srgb().upright()?.encode(QUALITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_counts_as_a_damaged_image() {
        assert_eq!(guarded::<()>(|| panic!("a decoder")), Err(Rejected::Damaged));
    }
}
