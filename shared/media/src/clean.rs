//! The way of one photo from what was uploaded to what may be shown.

use crate::pixels;
use crate::rejected::{Rejected, guarded};
use std::fmt;

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

/// Draws a photo anew, so that only its pixels pass.
///
/// Takes a JPEG, PNG or WebP of at most [`MAX_BYTES`](crate::MAX_BYTES), known by its content; limits are checked before a pixel is decoded. The result is upright, of the size that [`kept`](crate::kept()) says, in sRGB, on white where it
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

/// What [`clean`] does, panics included.
pub(crate) fn redraw(bytes: &[u8]) -> Result<Cleaned, Rejected> {
    let upright = pixels::open(bytes)?.small()?.in_srgb().upright()?;
    let (width, height) = upright.picture.dimensions();
    Ok(Cleaned { jpeg: upright.to_jpeg()?, width, height, damaged: upright.damaged })
}
