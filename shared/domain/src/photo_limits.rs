//! How large a photo may be, and how many there may be.

/// The media types that may be declared.
pub const MEDIA_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// The most bytes that a photo may have: telephones with 200 megapixels write 25 to 35 MB.
pub const PHOTO_BYTES: u64 = 40 * 1024 * 1024;
/// The most photos that a report may come with.
pub const REPORT_PHOTOS: usize = 5;
/// The most photos that a reporter may add to one report over time, those of the submission among them.
pub const REPORTER_PHOTOS: u8 = 10;
/// The most photos of one kind that a report may have at hand, and that one request may declare.
pub const PHOTOS_AT_HAND: usize = 10;
