//! What is taken.

/// The largest upload that is looked at, in bytes: 40 MiB. Telephones of 200 megapixels write 25 to 35.
pub const MAX_BYTES: usize = 40 * 1024 * 1024;

/// The most pixels of a JPEG.
pub(crate) const MAX_PIXELS: u64 = 200_000_000;

/// The longest side, in pixels: a JPEG cannot have a longer one.
pub(crate) const MAX_SIDE: u32 = 65_535;
