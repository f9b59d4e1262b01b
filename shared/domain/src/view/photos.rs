//! Which photos a viewer may see, and what they are told of each.

use super::{
    input::{Reader, Whole},
    viewer::Viewer,
};
use crate::{
    ids::PhotoId,
    language::Language,
    officer::Officer,
    photo::{self, Photo, PhotoKind, PhotoReason, PhotoStanding, PhotoState},
    privacy::Privacy,
    report::Report,
};
use jiff::Timestamp;
use serde::Serialize;

/// Whether this officer, who is such a viewer of the report, may look at a photo. Officers of a unit that the report has left may look at what
/// their unit declared.
///
/// One of the reporter's only while the report is public and no change of that waits: locking counts at once, opening at its
/// slot. And not before the photo's own slot, where its coming would tell when it was sent: until the upload has come it has none.
#[must_use]
pub fn may_see_photo(
    viewer: Viewer,
    officer: &Officer,
    report: &Report,
    photo: &Photo,
    now: Timestamp,
) -> bool {
    if viewer == Viewer::FormerUnit {
        return photo.unit.is_some() && photo.unit.as_ref() == officer.role.unit();
    }
    if photo.kind != PhotoKind::Reporter {
        return true;
    }
    if viewer == Viewer::Unit && report.withholds() {
        return false;
    }
    // Those who may know the hour of the report see what came with it at once; what was uploaded later waits for a slot of its own.
    let came_with_it = photo.at == report.submitted.at && photo.shown_from == report.visible.photos_from;
    let knows_when = matches!(viewer, Viewer::Bureau | Viewer::Administrator) && came_with_it;
    is_shown(report, photo, now) || (knows_when && is_open(report))
}

/// Whether everybody to whom the report is whole may look at this photo of its reporter's, but for units where these get nothing of the
/// reporter's.
pub(crate) fn is_shown(report: &Report, photo: &Photo, now: Timestamp) -> bool {
    let at_its_slot = photo.state == PhotoState::Ready && photo.shown_from.is_none_or(|from| from <= now);
    is_open(report) && at_its_slot
}

/// Whether the reporter's photos are open to officers, and no change of that waits.
fn is_open(report: &Report) -> bool {
    report.privacy == Privacy::Public && !report.privacy_is_changing()
}

/// A photo that the viewer may know of.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhotoView {
    /// The photo's id.
    pub photo: PhotoId,
    /// The kind of photo.
    pub kind: PhotoKind,
    /// What has become of the upload.
    pub state: PhotoStanding,
    /// Why it was rejected; only of the viewer's own photos.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reason: Option<PhotoReason>,
    /// The same in the viewer's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reason_text: Option<&'static str>,
    /// A small part of the picture, at most a hundredth, was missing and has been filled in. Absent where it is whole.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
    /// Of officers' photos, for officers: whether it was declared with a nonce that served, so that it was taken in the page, as far as that can
    /// be known. A file has `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub live: Option<bool>,
}

impl Photo {
    /// The photo as those see it whose own it is, of officers' photos all officers: with why it was rejected, and whether it is live.
    #[must_use]
    pub fn own_view(&self, now: Timestamp, language: Language) -> PhotoView {
        let reason_text = self.reason.map(|reason| reason.text(language));
        let live = (self.kind != PhotoKind::Reporter).then_some(self.camera.is_some());
        PhotoView { state: self.standing(now), reason: self.reason, reason_text, live, ..self.view() }
    }

    /// The photo as others see it. Why one of a reporter's was rejected would tell which telephone they have, and that a missing
    /// one is awaited again, at what hour they looked.
    #[must_use]
    pub fn view(&self) -> PhotoView {
        PhotoView {
            photo: self.photo.clone(),
            kind: self.kind,
            state: match self.state {
                PhotoState::Pending => PhotoStanding::Pending,
                PhotoState::Ready => PhotoStanding::Ready,
                PhotoState::Rejected => PhotoStanding::Rejected,
            },
            reason: None,
            reason_text: None,
            damaged: self.damaged,
            live: None,
        }
    }
}

impl Whole<'_> {
    /// Those of the photos that `sees` lets through, in the order in which they were sent.
    pub(super) fn photos(
        &self,
        sees: impl Fn(&Photo) -> bool,
        view: impl Fn(&Photo) -> PhotoView,
    ) -> Vec<PhotoView> {
        let mut photos: Vec<&Photo> = self.photos.iter().filter(|photo| sees(photo)).collect();
        photo::sort(&mut photos);
        photos.into_iter().map(view).collect()
    }

    /// The photos that an officer may look at: their own side's as their own, the reporter's as another's.
    pub(super) fn photos_for(&self, viewer: Viewer, reader: Reader<'_>) -> Vec<PhotoView> {
        let Reader { language, now, officer, .. } = reader;
        self.photos(
            |photo| may_see_photo(viewer, officer, self.report, photo, now),
            |photo| match photo.kind {
                PhotoKind::Reporter => photo.view(),
                PhotoKind::Before | PhotoKind::After | PhotoKind::Field => photo.own_view(now, language),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::CameraNonce, presigned_urls::url_until, ticket::Ticket, validation_errors::HEIC};

    fn photo(state: PhotoState, reason: Option<PhotoReason>) -> Photo {
        Photo {
            photo: PhotoId::from_bytes(&[1; 10]),
            ticket: Ticket::from_mac(&[5; 32]),
            kind: PhotoKind::Reporter,
            state,
            reason,
            damaged: false,
            locked: true,
            sha256: None,
            at: Timestamp::UNIX_EPOCH,
            place: 0,
            url_until: Some(url_until(Timestamp::UNIX_EPOCH)),
            shown_from: None,
            slots: None,
            digests: Vec::new(),
            unit: None,
            camera: None,
            used_by: None,
            test_until: None,
        }
    }

    #[test]
    fn why_a_photo_was_rejected_is_for_those_whose_own_it_is() {
        let reason = Some(PhotoReason::Heic);
        let rejected = photo(PhotoState::Rejected, reason);
        let own = rejected.own_view(Timestamp::UNIX_EPOCH, Language::En);
        assert_eq!((own.reason, own.reason_text), (reason, Some(HEIC.1)));
        let told = rejected.view();
        assert_eq!((told.state, told.reason, told.reason_text), (PhotoStanding::Rejected, None, None));
    }

    #[test]
    fn whether_a_photo_is_live_is_told_to_officers_alone() {
        let of_reporter = photo(PhotoState::Ready, None);
        let file = Photo { kind: PhotoKind::After, ..of_reporter.clone() };
        let camera = Some(CameraNonce::from_bytes(&[3; CameraNonce::BYTES]));
        let live = Photo { camera, ..file.clone() };
        let own = |photo: &Photo| photo.own_view(Timestamp::UNIX_EPOCH, Language::Id).live;
        assert_eq!([&live, &file, &of_reporter].map(own), [Some(true), Some(false), None]);
        assert_eq!(live.view().live, None, "reporters see officers' photos so");
    }

    #[test]
    fn only_the_owner_is_told_that_a_photo_never_came() {
        let pending = photo(PhotoState::Pending, None);
        assert_eq!(pending.own_view(Timestamp::MAX, Language::En).state, PhotoStanding::Missing);
        assert_eq!(pending.view().state, PhotoStanding::Pending, "others do not see it awaited again");
    }
}
