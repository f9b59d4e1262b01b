//! How many characters each text of a request has, after trimming. What nobody sees does not count towards the least.

use std::ops::RangeInclusive;

/// What a reporter writes of what they saw.
pub const DESCRIPTION: RangeInclusive<usize> = 10..=4000;
/// The same beside a photo, which says what three letters cannot.
pub const DESCRIPTION_WITH_PHOTO: RangeInclusive<usize> = 3..=4000;
/// Where it is, in words.
pub const ADDRESS: RangeInclusive<usize> = 3..=300;
/// What a unit says in a TL.
pub const NARRATIVE: RangeInclusive<usize> = 10..=4000;
/// Why an officer or a reporter does something.
pub const REASON: RangeInclusive<usize> = 3..=1000;
/// What a verifier writes down.
pub const NOTE: RangeInclusive<usize> = 3..=1000;
/// What a reporter says beside their stars.
pub const COMMENT: RangeInclusive<usize> = 3..=1000;
