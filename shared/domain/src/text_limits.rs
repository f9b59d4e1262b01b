//! How many characters each text of a request has, after trimming. Invisible characters do not count towards the minimum.

use std::ops::RangeInclusive;

/// The description of a report without a photo.
pub const DESCRIPTION: RangeInclusive<usize> = 10..=4000;
/// The description of a report with a photo, which shows what a short text leaves out.
pub const DESCRIPTION_WITH_PHOTO: RangeInclusive<usize> = 3..=4000;
/// The address of a report.
pub const ADDRESS: RangeInclusive<usize> = 3..=300;
/// The narrative of a TL.
pub const NARRATIVE: RangeInclusive<usize> = 10..=4000;
/// The reason that an officer or a reporter gives.
pub const REASON: RangeInclusive<usize> = 3..=1000;
/// What the ticket desk writes for units in the place of the reporter's words.
pub const SUMMARY: RangeInclusive<usize> = 10..=4000;
/// What a verifier found.
pub const FINDING: RangeInclusive<usize> = 3..=1000;
/// A note that an officer writes for other officers.
pub const NOTE: RangeInclusive<usize> = 3..=1000;
/// The comment beside a reporter's stars.
pub const COMMENT: RangeInclusive<usize> = 3..=1000;
