//! The pixels of a picture, as anybody sees them, to know the picture again.

use std::panic::AssertUnwindSafe;

use crate::pixels;
use crate::rejected::{Rejected, guarded};

/// Hands the pixels of a picture to `take`, a row at a time: its width and height, then RGB from the top left, upright, on
/// white where it was transparent. For a keyed digest: a file with the same pixels gives the same, whatever its format, its
/// metadata, its depth and its orientation. What its profile says of the colours is not applied, because copies lose profiles.
///
/// Takes what [`clean`](crate::clean()) takes. The pixels are those of the whole picture and not of the one that is kept, because a
/// JPEG is made small while it is decoded, and a PNG of the same pixels afterwards. Only of a JPEG with more than 16 million
/// pixels they are those that the decoder makes small: a lossless file of so many would hardly fit into an upload.
///
/// A JPEG is drawn as libjpeg draws it, to the last bit, as most programs do: a PNG that one of them drew from a JPEG is the same
/// picture. Other decoders round by a level or two in a tenth of the samples, which makes another picture here.
///
/// # Errors
/// As [`clean`](crate::clean()); `take` may have been given some of it by then.
pub fn canonical_pixels(bytes: &[u8], mut take: impl FnMut(&[u8])) -> Result<(), Rejected> {
    guarded(AssertUnwindSafe(|| pixels::open(bytes)?.whole()?.rows_upright(&mut take)))
}
