//! What pictures prove: an `after` or a `field` picture once in the whole city, a `before` picture on its own report only.

use crate::{
    photo::{Photo, PhotoKind, PhotoState},
    photos_at_hand::PhotoUse,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use std::collections::BTreeMap;

/// One digest of a picture that a TL or a verification puts forward.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// Keyed digest of the picture's bytes or of its pixels.
    pub digest: String,
    /// The kind that the photo is put forward as.
    pub kind: PhotoKind,
    /// The position of its photo in the command's list.
    pub place: usize,
}

/// Why photos cannot be evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoEvidence {
    /// One of the photos has not come, or was rejected.
    NotReady,
    /// One picture is put forward twice.
    Invalid(ValidationErrors),
}

/// The evidence that the photos of a command make, by their items in `photos`.
///
/// A picture under two ids is one picture: naming it twice is an error, unless both are photos from before the work.
///
/// # Errors
/// [`NoEvidence`] says why they prove nothing.
pub fn evidence(used: &[PhotoUse], photos: &[Photo]) -> Result<Vec<Evidence>, NoEvidence> {
    let mut found: BTreeMap<&String, Evidence> = BTreeMap::new();
    let mut errors = Vec::new();
    for (place, photo_use) in used.iter().enumerate() {
        let ready = photos.iter().find(|photo| {
            photo.photo == photo_use.photo && photo.state == PhotoState::Ready && !photo.digests.is_empty()
        });
        let kind = photo_use.kind;
        let mut is_new = true;
        for digest in &ready.ok_or(NoEvidence::NotReady)?.digests {
            let first =
                found.entry(digest).or_insert_with(|| Evidence { digest: digest.clone(), kind, place });
            let both_before = first.kind == PhotoKind::Before && kind == PhotoKind::Before;
            is_new &= first.place == place || both_before;
        }
        if !is_new {
            errors.push(used_already(place));
        }
    }
    if errors.is_empty() { Ok(found.into_values().collect()) } else { Err(NoEvidence::Invalid(errors)) }
}

/// The error for a photo in the command's list whose picture has served as evidence already.
#[must_use]
pub fn used_already(place: usize) -> ValidationError {
    ValidationError::new(format!("photos[{place}]"), ValidationErrorCode::AlreadyUsed)
}
