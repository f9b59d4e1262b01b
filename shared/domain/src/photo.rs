//! A photo: how it is announced, what becomes of it, and what is said of that.

use crate::{
    field_errors::{FaultCode, Faults, HEIC},
    ids::{EventId, PhotoId},
    json_body::Form,
    language::Language,
    report::Report,
    slots::SlotClass,
    ticket::Ticket,
    wire_enum::wire_enum,
};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    /// What has become of an upload.
    PhotoState {
        /// Not here yet, or not cleaned yet.
        Pending = "pending",
        /// Cleaned.
        Ready = "ready",
        /// No image, or not the one that was announced; deleted.
        Rejected = "rejected",
    }
);

wire_enum!(
    /// What is said of an upload.
    PhotoStanding {
        /// Not here yet, or not cleaned yet.
        Pending = "pending",
        /// Cleaned.
        Ready = "ready",
        /// Not taken; deleted.
        Rejected = "rejected",
        /// It never came. It may still be announced again.
        Missing = "missing",
    }
);

wire_enum!(
    /// Why a photo was not taken.
    PhotoReason {
        /// More than a hundredth of the picture is missing or cannot be decoded.
        Damaged = "damaged",
        /// More bytes, pixels or work than is taken.
        TooLarge = "too_large",
        /// No JPEG, PNG or WebP.
        NotAnImage = "not_an_image",
        /// Several pictures that play as one.
        Animation = "animation",
        /// HEIC or another kind of HEIF, under whatever name.
        Heic = "heic",
        /// A rare kind of JPEG, PNG or WebP.
        Unsupported = "unsupported",
        /// Other bytes than were announced.
        OtherFile = "other_file",
        /// Taken back by its reporter.
        Withdrawn = "withdrawn",
    }
);

/// The media types that may be announced.
pub const MEDIA_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// The most bytes that a photo may have: telephones with 200 megapixels write 25 to 35 MB.
pub const PHOTO_BYTES: u64 = 40 * 1024 * 1024;
/// How long the URL of an upload is good for, in seconds.
pub const UPLOAD_SECONDS: u64 = 900;
/// The most photos that a report may come with.
pub const REPORT_PHOTOS: usize = 5;
/// The most photos of one kind that a report may have at hand, and that one request may announce.
pub const PHOTOS_AT_HAND: usize = 10;
/// How long after the end of its last URL an upload may still come in or wait to be cleaned. Then it is missing.
const STILL_COMING: Duration = Duration::from_secs(3600);

/// A photo that somebody is about to upload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Upload {
    /// One of [`MEDIA_TYPES`].
    pub content_type: String,
    /// 1 to [`PHOTO_BYTES`].
    pub size: u64,
    /// SHA-256 of the bytes, base64 as S3 takes it.
    pub sha256: String,
}

/// Reads the body of `POST /v1/track/{ticket}/photos`: as the photos of a report.
///
/// # Errors
/// All faults of the body.
pub fn parse_reporter_photos(body: &Value) -> Result<Vec<Upload>, Faults> {
    let form = Form::new(body);
    require_photos(&form, body);
    let photos = form.objects("photos", REPORT_PHOTOS, upload);
    form.finish(Some(photos))
}

/// Reads the body of `POST /v1/reports/{ticket}/photos`: kinds `before`, `after`, `field`.
///
/// # Errors
/// All faults of the body.
pub fn parse_officer_photos(body: &Value) -> Result<Vec<(PhotoKind, Upload)>, Faults> {
    let form = Form::new(body);
    require_photos(&form, body);
    let photos = form.objects("photos", PHOTOS_AT_HAND, |form| {
        let kind = form.parsed("kind", FaultCode::NotListed, |text| {
            PhotoKind::parse(text).filter(|kind| *kind != PhotoKind::Reporter)
        });
        let upload = upload(form);
        kind.zip(upload)
    });
    form.finish(Some(photos))
}

/// A request to announce photos that announces none is a mistake.
fn require_photos(form: &Form<'_>, body: &Value) {
    let none = form.value("photos").is_none_or(|photos| photos.as_array().is_some_and(Vec::is_empty));
    if none && body.is_object() {
        form.fault("photos", FaultCode::Required);
    }
}

/// One entry of `photos`.
pub(crate) fn upload(form: &Form<'_>) -> Option<Upload> {
    let unknown = match form.value("content_type").and_then(Value::as_str) {
        Some(text) if is_heic(text) => FaultCode::Heic,
        _ => FaultCode::NotListed,
    };
    let content_type = form.parsed("content_type", unknown, |text| {
        // Programs make the name of its files one of JPEG.
        let text = if text.eq_ignore_ascii_case("image/jpg") { "image/jpeg" } else { text };
        MEDIA_TYPES.into_iter().find(|known| text.eq_ignore_ascii_case(known)).map(str::to_owned)
    });
    let size = form.whole("size", 1, PHOTO_BYTES);
    let sha256 = form.parsed("sha256", FaultCode::Format, |text| {
        let bytes = BASE64.decode(text.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| text.to_owned())
    });
    let ((content_type, size), sha256) = content_type.zip(size).zip(sha256)?;
    Some(Upload { content_type, size, sha256 })
}

/// What telephones declare that keep photos as HEIF (ISO/IEC 23008-12), which no decoder here reads.
fn is_heic(content_type: &str) -> bool {
    ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif"]
        .into_iter()
        .any(|heic| content_type.eq_ignore_ascii_case(heic))
}

/// A photo's item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Photo {
    /// Its id.
    pub photo: PhotoId,
    /// Whose.
    pub ticket: Ticket,
    /// What it shows. Stored beside the item's own kind, hence the name.
    #[serde(rename = "photo_kind")]
    pub kind: PhotoKind,
    /// What has become of the upload.
    pub state: PhotoState,
    /// Why it was rejected, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PhotoReason>,
    /// A small part of the picture was missing and has been filled in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
    /// Whether it belongs behind the lock.
    pub locked: bool,
    /// The announced SHA-256, base64. Gone once the upload has come: whoever has the picture could know it by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When it was announced.
    pub at: Timestamp,
    /// Its place among those announced together, from 0. With `at` it gives the order in which photos were sent.
    #[serde(default)]
    pub place: u32,
    /// When the last URL ends that was given for its upload. Gone once the upload has come: it tells when somebody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_until: Option<Timestamp>,
    /// From when officers see it, where its coming must not tell when the reporter sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_from: Option<Timestamp>,
    /// The slots that it waits for, where it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotClass>,
    /// What the picture is known by again: keyed digests of its bytes and of its pixels. Officers' photos only, once they have come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
    /// The TL or verification that used it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<EventId>,
}

impl PhotoReason {
    /// What whoever sent the photo can do about it, in their language.
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
                "What came is not the file that was announced. Send it again.",
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
    /// A photo of the report that is announced now, `place` among those announced with it.
    #[must_use]
    pub fn announced(
        report: &Report,
        kind: PhotoKind,
        (place, photo): (usize, PhotoId),
        upload: &Upload,
        now: Timestamp,
    ) -> Self {
        Self {
            photo,
            ticket: report.ticket.clone(),
            kind,
            state: PhotoState::Pending,
            reason: None,
            damaged: false,
            locked: report.locks(kind),
            sha256: Some(upload.sha256.clone()),
            at: now,
            place: u32::try_from(place).unwrap_or(u32::MAX),
            url_until: Some(url_until(now)),
            shown_from: None,
            slots: None,
            digests: Vec::new(),
            used_by: None,
        }
    }

    /// What is said of the upload to whoever may know of it.
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

/// When a URL ends that is signed now.
#[must_use]
pub fn url_until(now: Timestamp) -> Timestamp {
    now + Duration::from_secs(UPLOAD_SECONDS)
}

/// Puts photos in the order in which they were sent, those of a kind together.
pub fn sort(photos: &mut [&Photo]) {
    photos.sort_unstable_by(|a, b| (a.kind, a.at, a.place, &a.photo).cmp(&(b.kind, b.at, b.place, &b.photo)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field_errors::Fault;
    use serde_json::json;

    #[test]
    fn officer_photos_that_are_no_object_have_that_fault_alone() {
        let faults = |body| parse_officer_photos(&body).unwrap_err();
        assert_eq!(faults(json!([])), [Fault::new("", FaultCode::Type)]);
        for body in [json!({}), json!({"photos": null}), json!({"photos": []})] {
            assert_eq!(faults(body), [Fault::new("photos", FaultCode::Required)]);
        }
    }

    #[test]
    fn heic_is_refused_where_it_is_announced_with_a_sentence_that_helps() {
        let announced = |content_type: &str| {
            let sha256 = BASE64.encode(&[1; 32]);
            let photos = json!([{"content_type": content_type, "size": 9, "sha256": sha256}]);
            parse_reporter_photos(&json!({"photos": photos}))
        };
        for content_type in ["image/heic", "image/HEIF", "image/heic-sequence", "image/avif"] {
            let faults = announced(content_type).unwrap_err();
            assert_eq!(faults, [Fault::new("photos[0].content_type", FaultCode::Heic)], "{content_type}");
        }
        assert!(Language::ALL.iter().all(|language| FaultCode::Heic.detail(*language).contains("JPEG")));
        for jpeg in ["image/jpeg", "image/JPEG", "image/jpg"] {
            assert_eq!(announced(jpeg).unwrap()[0].content_type, "image/jpeg");
        }
        assert_eq!(announced("image/gif").unwrap_err()[0].code, FaultCode::NotListed);
    }

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
            used_by: None,
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
