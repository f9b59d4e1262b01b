//! Image bytes in, image bytes out.
//!
//! A photo says more than it shows: where and when it was taken, with which telephone, by whom it was edited.
//! Whoever reads that knows the reporter, so nothing but pixels passes: [`clean`]
//! decodes the picture, draws it anew at a canonical size and writes a file of its own. Nothing of the old file
//! is copied.
//!
//! No AWS, no clock, no randomness: the same pixels always give the same bytes.

mod canonical;
mod clean;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod formats;
mod jpeg_output;
mod limits;
mod mark;
mod orientation;
mod pixels;
mod profile;
#[cfg(any(test, feature = "read-mark"))]
pub mod reading;
mod rejected;
mod resample;
mod size;
#[cfg(test)]
mod tests;
mod tiff;

pub use canonical::canonical_pixels;
pub use clean::{Cleaned, clean};
pub use limits::MAX_BYTES;
pub use mark::{CODE_SYMBOLS, copy_for_viewer};
pub use rejected::Rejected;
pub use size::kept;
