//! Photos: the kinds, the states of an upload, and the reasons for rejecting one.

use crate::{
    ids::{CameraNonce, EventId, PhotoId},
    language::Language,
    slots::SlotClass,
    ticket::Ticket,
    unit::Code,
    validation_errors::HEIC,
    wire_enum::wire_enum,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

wire_enum!(
    /// What a photo shows, and so who may add it.
    PhotoKind {
        /// Sent by the reporter.
        Reporter = "reporter",
        /// The unit's, before the work.
        Before = "before",
        /// The unit's, after the work.
        After = "after",
        /// The verifier's, in the field.
        Field = "field",
    }
);

wire_enum!(
    /// What has become of an upload, as it is stored.
    PhotoState {
        /// Not uploaded yet, or not cleaned yet.
        Pending = "pending",
        /// Cleaned and stored.
        Ready = "ready",
        /// Not an image, or not the one that was declared; deleted.
        Rejected = "rejected",
    }
);

wire_enum!(
    /// What has become of an upload, as viewers are told.
    PhotoStanding {
        /// Not uploaded yet, or not cleaned yet.
        Pending = "pending",
        /// Cleaned and stored.
        Ready = "ready",
        /// Rejected for a reason, and deleted.
        Rejected = "rejected",
        /// Never uploaded. It may still be declared again.
        Missing = "missing",
    }
);

wire_enum!(
    /// Why a photo was rejected.
    PhotoReason {
        /// More than a hundredth of the picture is missing or cannot be decoded.
        Damaged = "damaged",
        /// More bytes, pixels or work than the limits allow.
        TooLarge = "too_large",
        /// Not a JPEG, PNG or WebP.
        NotAnImage = "not_an_image",
        /// An animation of several pictures.
        Animation = "animation",
        /// HEIC or another kind of HEIF, under whatever name.
        Heic = "heic",
        /// A rare kind of JPEG, PNG or WebP.
        Unsupported = "unsupported",
        /// Other bytes than those declared.
        OtherFile = "other_file",
        /// Taken back by its reporter.
        Withdrawn = "withdrawn",
    }
);

/// How long after the end of its last URL an upload may still arrive or wait to be cleaned. After that it is missing.
const STILL_COMING: Duration = Duration::from_secs(3600);

/// A photo's item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Photo {
    /// The photo's id.
    pub photo: PhotoId,
    /// The ticket of the report that it belongs to.
    pub ticket: Ticket,
    /// The kind of photo. The item has a `kind` of its own, so this one is stored under another name.
    #[serde(rename = "photo_kind")]
    pub kind: PhotoKind,
    /// What has become of the upload.
    pub state: PhotoState,
    /// The reason, where the photo was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PhotoReason>,
    /// Whether a small part of the picture was missing and has been filled in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
    /// Whether the photo belongs in the locked part of the bucket.
    pub locked: bool,
    /// The declared SHA-256, base64; `None` of a photo that a form sends. Removed once the upload has come: whoever has the picture could
    /// find the report by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When it was declared.
    pub at: Timestamp,
    /// Its place among those declared together, from 0. With `at` it gives the order in which photos were sent.
    #[serde(default)]
    pub place: u32,
    /// When the last URL for its upload expires. Removed once the upload has come: it tells when somebody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_until: Option<Timestamp>,
    /// From when officers see the photo, where its arrival must not tell when the reporter sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_from: Option<Timestamp>,
    /// The class of slots that the photo waits for, if it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotClass>,
    /// Keyed digests of the picture's bytes and of its pixels, by which it is recognised. Officers' photos only, once they have
    /// come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
    /// The unit that declared it. Absent of the reporter's and of verifiers', and of those that versions before this attribute stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// The nonce that makes it live: it was declared with one that served. Absent of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<CameraNonce>,
    /// The event of the TL or verification that used the photo as evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<EventId>,
    /// Only of a test report: from when its report counts as gone. Its picture is looked at and not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_until: Option<Timestamp>,
}

impl PhotoReason {
    /// What the sender of the photo can do about it, in their language.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        let (id, en) = match self {
            Self::Damaged => (
                "Berkas foto rusak atau tidak lengkap. Kirim sekali lagi.",
                "The file is damaged or incomplete. Send it again.",
            ),
            Self::TooLarge => {
                ("Foto terlalu besar. Kirim yang lebih kecil.", "The photo is too large. Send a smaller one.")
            }
            Self::NotAnImage => (
                "Berkas ini bukan foto JPEG, PNG, atau WebP.",
                "This file is not a photo in JPEG, PNG or WebP.",
            ),
            Self::Animation => (
                "Gambar bergerak tidak diterima. Kirim foto diam.",
                "Animations are not taken. Send a still picture.",
            ),
            Self::Heic => HEIC,
            Self::Unsupported => (
                "Jenis gambar ini tidak dapat dibaca. Kirim sebagai JPEG.",
                "This kind of image cannot be read. Send it as JPEG.",
            ),
            Self::OtherFile => (
                "Berkas yang datang bukan yang diumumkan. Kirim sekali lagi.",
                "What came is not the file that was declared. Send it again.",
            ),
            Self::Withdrawn => ("Ditarik bersama laporannya.", "Taken back with its report."),
        };
        match language {
            Language::Id => id,
            Language::En => en,
        }
    }
}

impl Photo {
    /// What a viewer who may know of the upload is told of it.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> PhotoStanding {
        match self.state {
            PhotoState::Pending if self.url_until.is_some_and(|until| now >= until + STILL_COMING) => {
                PhotoStanding::Missing
            }
            PhotoState::Pending => PhotoStanding::Pending,
            PhotoState::Ready => PhotoStanding::Ready,
            PhotoState::Rejected => PhotoStanding::Rejected,
        }
    }
}

/// Puts photos in the order in which they were sent, those of a kind together.
pub fn sort(photos: &mut [&Photo]) {
    photos.sort_unstable_by(|a, b| (a.kind, a.at, a.place, &a.photo).cmp(&(b.kind, b.at, b.place, &b.photo)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presigned_urls::url_until;

    fn photo(number: u8, at: Timestamp, place: u32) -> Photo {
        Photo {
            photo: PhotoId::from_bytes(&[number; 10]),
            ticket: Ticket::from_mac(&[5; 32]),
            kind: PhotoKind::Reporter,
            state: PhotoState::Pending,
            reason: None,
            damaged: false,
            locked: true,
            sha256: Some("QUJD".into()),
            at,
            place,
            url_until: Some(url_until(at)),
            shown_from: None,
            slots: None,
            digests: Vec::new(),
            unit: None,
            camera: None,
            used_by: None,
            test_until: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn photos_keep_the_order_in_which_they_were_sent() {
        let sent = [photo(9, at(0), 0), photo(3, at(0), 1), photo(7, at(0), 2), photo(1, at(60), 0)];
        let mut found: Vec<&Photo> = [3, 1, 0, 2].map(|n: usize| &sent[n]).into();
        sort(&mut found);
        assert_eq!(found, sent.each_ref());
    }

    #[test]
    fn what_never_came_is_missing_an_hour_after_its_last_url_ended() {
        let pending = photo(1, at(0), 0);
        let (before, then) = (at(900 + 3599), at(900 + 3600));
        assert_eq!(pending.standing(before), PhotoStanding::Pending);
        assert_eq!(pending.standing(then), PhotoStanding::Missing);
        let signed_again = Photo { url_until: Some(url_until(at(600))), ..pending.clone() };
        assert_eq!(signed_again.standing(then), PhotoStanding::Pending);
        let come = Photo { state: PhotoState::Ready, ..pending };
        assert_eq!(come.standing(then), PhotoStanding::Ready);
    }
}
