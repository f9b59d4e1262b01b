//! Why a photo is not kept.

use std::panic;
use thiserror::Error;

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

/// Decoders of hostile files have panicked before. Without this one upload would come back to the queue until it lies
/// among the dead, and its photo would stay pending.
pub(crate) fn guarded<T>(
    work: impl FnOnce() -> Result<T, Rejected> + panic::UnwindSafe,
) -> Result<T, Rejected> {
    panic::catch_unwind(work).unwrap_or(Err(Rejected::Damaged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_counts_as_a_damaged_image() {
        assert_eq!(guarded::<()>(|| panic!("a decoder")), Err(Rejected::Damaged));
    }
}
