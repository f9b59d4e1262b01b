//! The pixels of a picture, as anybody sees them, to know the picture again.

use std::panic::AssertUnwindSafe;

use crate::clean::{MAX_BYTES, Rejected, guarded};
use crate::{pixels, structure};

/// Hands the pixels of a picture to `take`, a row at a time: its width and height, then RGB from the top left, upright, on
/// white where it was transparent. For a keyed digest: a file with the same pixels gives the same, whatever its format, its
/// metadata, its depth and its orientation.
///
/// Takes what [`clean`](crate::clean()) takes. The pixels are those of the whole picture and not of the one that is kept, because a
/// JPEG is made small while it is decoded, and a PNG of the same pixels afterwards. Only of a JPEG with more than 16 million
/// pixels they are those that its decoder makes small: a lossless file of so many would hardly fit into an upload.
///
/// Decoders of JPEG round differently, by a level or two in a tenth of the samples: a PNG that another program drew from a
/// JPEG is another picture here.
///
/// # Errors
/// As [`clean`](crate::clean()); `take` may have been given some of it by then.
pub fn canonical_pixels(bytes: &[u8], mut take: impl FnMut(&[u8])) -> Result<(), Rejected> {
    guarded(AssertUnwindSafe(|| {
        if bytes.len() > MAX_BYTES {
            return Err(Rejected::TooManyBytes);
        }
        let format = structure::kind(bytes).ok_or(Rejected::NotAnImage)?;
        let structure = structure::read(format, bytes)?;
        pixels::decode_whole(format, structure)?.rows_upright(&mut take)
    }))
}
