//! Answers that say no: RFC 9457 problem documents with fixed texts.
//!
//! Design, section 5. One place maps every refusal to its document, by a match without `_`. Nothing from outside comes into a
//! document but the names of fields, so that no document can tell one hidden thing from another.

use crate::response;
use aws_failure::Failure;
use domain::{
    decision::Refusal,
    field_errors::{Fault, Faults},
    language::Language,
    officer::NoRight,
    response::{FieldError, ProblemDocument},
};
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use lambda_http::Body;

/// Why the act is not the caller's, although they see the report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Another role, desk or unit does this.
    NotYours,
    /// The caller posted a TL of this report.
    OwnTl,
    /// The account's tags give no right at all.
    NoRight,
    /// The channel has been suspended.
    ChannelSuspended,
}

/// Why a caller does not get what they asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// 400: the body is not JSON in UTF-8, is empty, or repeats a name.
    NotJson,
    /// 400: an unknown, hidden or repeated parameter, or a request that cannot be read at all.
    BadRequest,
    /// 401: no valid token, or no valid channel key.
    Unauthorized,
    /// 403: the report is visible, but the act is not the caller's.
    Forbidden(Reason),
    /// 404: unknown or hidden; nobody can tell which.
    NotFound,
    /// 409: not from this status.
    WrongStatus,
    /// 409: a photo that is needed is not ready.
    PhotoNotReady,
    /// 409: the report to merge into is closed.
    OtherClosed,
    /// 412: the caller acts on an old version.
    Stale,
    /// 413: over 64 KiB.
    TooLarge,
    /// 415: not `application/json`.
    WrongType,
    /// 422: what is wrong, field by field.
    Faults(Faults),
    /// 429: slow down.
    TooMany {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// 503: AWS throttles, conflicts or does not answer.
    Unavailable {
        /// Seconds to wait.
        retry_after_s: u32,
        /// For the log line alone.
        failure: Failure,
    },
    /// 500: a bug, or a stack that is set up wrongly. Nothing that a caller can send may lead here.
    Broken(
        /// Which place of the code found it, as a fixed word or two for the log line alone; as in [`Failure::Bug`].
        &'static str,
    ),
}

/// What is fixed for each problem.
struct Text {
    status: StatusCode,
    /// The last part of `type`, with `_` for `-` also the outcome in the log.
    word: &'static str,
    id: (&'static str, &'static str),
    en: (&'static str, &'static str),
}

impl Problem {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.text().status
    }

    /// The outcome in the log: a word of a fixed list.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.text().word
    }

    /// What went wrong behind it, for the log; only for what is not the caller's doing.
    #[must_use]
    pub fn cause(&self) -> Option<&'static str> {
        match self {
            Self::Unavailable { failure, .. } => Some(failure.cause()),
            Self::Broken(what) => Some(what),
            Self::NotJson
            | Self::BadRequest
            | Self::Unauthorized
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::WrongStatus
            | Self::PhotoNotReady
            | Self::OtherClosed
            | Self::Stale
            | Self::TooLarge
            | Self::WrongType
            | Self::Faults(_)
            | Self::TooMany { .. } => None,
        }
    }

    /// The answer, with its document in the caller's language.
    #[must_use]
    pub fn response(&self, language: Language) -> Response<Body> {
        let text = self.text();
        let (title, detail) = match language {
            Language::Id => text.id,
            Language::En => text.en,
        };
        let document = ProblemDocument {
            r#type: format!("/problems/{}", text.word.replace('_', "-")),
            title,
            status: text.status.as_u16(),
            detail,
            errors: self.errors(language),
        };
        // A document of texts and numbers always serializes.
        let body = serde_json::to_string(&document).unwrap_or_default();
        let mut response = Response::new(Body::Text(body));
        *response.status_mut() = text.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()));
        if let Some((name, value)) = self.header() {
            headers.insert(name, value);
        }
        response::protect(headers);
        response
    }

    fn errors(&self, language: Language) -> Option<Vec<FieldError>> {
        let Self::Faults(faults) = self else { return None };
        let errors = faults.iter().map(|fault| FieldError {
            field: fault.field.clone(),
            code: fault.code,
            detail: fault.code.detail(language),
        });
        Some(errors.collect())
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::TooMany { retry_after_s } | Self::Unavailable { retry_after_s, .. } => {
                Some((header::RETRY_AFTER, HeaderValue::from(*retry_after_s)))
            }
            Self::NotJson
            | Self::BadRequest
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::WrongStatus
            | Self::PhotoNotReady
            | Self::OtherClosed
            | Self::Stale
            | Self::TooLarge
            | Self::WrongType
            | Self::Faults(_)
            | Self::Broken(_) => None,
        }
    }

    fn text(&self) -> Text {
        let (status, word, id, en) = match self {
            Self::NotJson => (
                StatusCode::BAD_REQUEST,
                "not_json",
                ("Bukan JSON", "Isi permintaan bukan JSON dalam UTF-8, atau ada nama yang terulang."),
                ("Not JSON", "The body of the request is not JSON in UTF-8, or repeats a name."),
            ),
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                "bad_request",
                (
                    "Permintaan tidak dapat dibaca",
                    "Ada parameter yang tidak dikenal, terulang, atau tidak terbaca.",
                ),
                ("The request cannot be read", "A parameter is not known, is repeated, or cannot be read."),
            ),
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                ("Belum masuk", "Token atau kunci kanal yang sah diperlukan."),
                ("Not signed in", "A valid token or channel key is needed."),
            ),
            Self::Forbidden(Reason::NotYours) => (
                StatusCode::FORBIDDEN,
                "not_yours",
                ("Bukan wewenang Anda", "Tindakan ini wewenang petugas lain."),
                ("Not yours to do", "This act belongs to another officer."),
            ),
            Self::Forbidden(Reason::OwnTl) => (
                StatusCode::FORBIDDEN,
                "own_tl",
                (
                    "Tindak lanjut Anda sendiri",
                    "Anda mengirim tindak lanjut laporan ini, maka tidak dapat menilainya.",
                ),
                ("Your own follow-up", "You posted a follow-up of this report, so you cannot judge it."),
            ),
            Self::Forbidden(Reason::NoRight) => (
                StatusCode::FORBIDDEN,
                "no_right",
                ("Tanpa wewenang", "Akun ini tidak mempunyai wewenang yang sah."),
                ("No right", "This account has no valid right."),
            ),
            Self::Forbidden(Reason::ChannelSuspended) => (
                StatusCode::FORBIDDEN,
                "channel_suspended",
                ("Kanal dihentikan", "Kanal ini sedang dihentikan sementara."),
                ("Channel suspended", "This channel has been suspended."),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                ("Tidak ditemukan", "Yang diminta tidak ada, atau tidak dapat Anda lihat."),
                ("Not found", "What you asked for does not exist, or you may not see it."),
            ),
            Self::WrongStatus => (
                StatusCode::CONFLICT,
                "wrong_status",
                ("Status tidak sesuai", "Tindakan ini tidak dapat dilakukan dari status laporan sekarang."),
                ("Wrong status", "This cannot be done from the status that the report has now."),
            ),
            Self::PhotoNotReady => (
                StatusCode::CONFLICT,
                "photo_not_ready",
                ("Foto belum siap", "Salah satu foto belum siap dipakai. Coba lagi sebentar lagi."),
                ("Photo not ready", "One of the photos is not ready to be used. Try again in a moment."),
            ),
            Self::OtherClosed => (
                StatusCode::CONFLICT,
                "other_closed",
                (
                    "Laporan tujuan sudah ditutup",
                    "Laporan hanya dapat digabung ke laporan yang masih terbuka.",
                ),
                ("The other report is closed", "A report can only be merged into one that is still open."),
            ),
            Self::Stale => (
                StatusCode::PRECONDITION_FAILED,
                "stale",
                ("Sudah berubah", "Laporan sudah berubah sejak Anda membacanya. Baca kembali."),
                ("Out of date", "The report has changed since you read it. Read it again."),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                ("Terlalu besar", "Isi permintaan paling banyak 64 KiB."),
                ("Too large", "The body of a request has at most 64 KiB."),
            ),
            Self::WrongType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "wrong_type",
                ("Jenis isi salah", "Isi permintaan harus application/json, tanpa pengodean."),
                ("Wrong type", "The body must be application/json, without a content encoding."),
            ),
            Self::Faults(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "faults",
                ("Ada isian yang salah", "Perbaiki semua kesalahan yang tercantum, lalu kirim kembali."),
                ("Faults in fields", "Mend all the faults that are listed, then send it again."),
            ),
            Self::TooMany { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many",
                ("Terlalu sering", "Batas permintaan tercapai. Coba lagi sesudah waktu pada Retry-After."),
                ("Slow down", "The limit of requests is reached. Try again after the time in Retry-After."),
            ),
            Self::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                (
                    "Layanan sedang sibuk",
                    "Belum pasti permintaan ini terlaksana. Kirim lagi yang sama sesudah waktu pada Retry-After.",
                ),
                (
                    "Busy",
                    "It is not certain that this was carried out. Send the same again after the time in Retry-After.",
                ),
            ),
            Self::Broken(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "broken",
                ("Kesalahan sistem", "Kesalahan ini ada pada sistem, bukan pada permintaan Anda."),
                ("System error", "The error is the system's, not your request's."),
            ),
        };
        Text { status, word, id, en }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotYours => Self::Forbidden(Reason::NotYours),
            Refusal::OwnTl => Self::Forbidden(Reason::OwnTl),
            Refusal::WrongStatus => Self::WrongStatus,
            Refusal::OtherClosed => Self::OtherClosed,
            Refusal::Faults(faults) => Self::Faults(faults),
        }
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault])
    }
}

/// Whatever is missing, the account has no right: which tag it lacks is the administrator's to know.
impl From<NoRight> for Problem {
    fn from(_: NoRight) -> Self {
        Self::Forbidden(Reason::NoRight)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Throttled | Failure::Conflict | Failure::RetriesExhausted => {
                Self::Unavailable { retry_after_s: 1, failure }
            }
            Failure::Timeout | Failure::Unavailable => Self::Unavailable { retry_after_s: 5, failure },
            Failure::Denied | Failure::Rejected | Failure::Bug(_) => Self::Broken(failure.cause()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::field_errors::FaultCode;
    use std::fmt::Write;

    fn all() -> Vec<Problem> {
        vec![
            Problem::NotJson,
            Problem::BadRequest,
            Problem::Unauthorized,
            Problem::Forbidden(Reason::NotYours),
            Problem::Forbidden(Reason::OwnTl),
            Problem::Forbidden(Reason::NoRight),
            Problem::Forbidden(Reason::ChannelSuspended),
            Problem::NotFound,
            Problem::WrongStatus,
            Problem::PhotoNotReady,
            Problem::OtherClosed,
            Problem::Stale,
            Problem::TooLarge,
            Problem::WrongType,
            Problem::Faults(vec![
                Fault::new("location.lat", FaultCode::Range),
                Fault::new("description", FaultCode::Required),
            ]),
            Problem::TooMany { retry_after_s: 60 },
            Failure::Throttled.into(),
            Problem::Broken("panic"),
        ]
    }

    fn body(problem: &Problem, language: Language) -> serde_json::Value {
        serde_json::from_slice(problem.response(language).body()).unwrap()
    }

    fn table(language: Language) -> String {
        let mut table = String::new();
        for problem in all() {
            let body = body(&problem, language);
            let text = |name: &str| body[name].as_str().unwrap().to_owned();
            assert_eq!(body["status"], problem.status().as_u16());
            writeln!(table, "{} {}: {}. {}", body["status"], text("type"), text("title"), text("detail"))
                .unwrap();
        }
        table
    }

    #[test]
    fn every_problem_has_its_fixed_text_in_indonesian() {
        insta::assert_snapshot!(table(Language::Id), @r#"
        400 /problems/not-json: Bukan JSON. Isi permintaan bukan JSON dalam UTF-8, atau ada nama yang terulang.
        400 /problems/bad-request: Permintaan tidak dapat dibaca. Ada parameter yang tidak dikenal, terulang, atau tidak terbaca.
        401 /problems/unauthorized: Belum masuk. Token atau kunci kanal yang sah diperlukan.
        403 /problems/not-yours: Bukan wewenang Anda. Tindakan ini wewenang petugas lain.
        403 /problems/own-tl: Tindak lanjut Anda sendiri. Anda mengirim tindak lanjut laporan ini, maka tidak dapat menilainya.
        403 /problems/no-right: Tanpa wewenang. Akun ini tidak mempunyai wewenang yang sah.
        403 /problems/channel-suspended: Kanal dihentikan. Kanal ini sedang dihentikan sementara.
        404 /problems/not-found: Tidak ditemukan. Yang diminta tidak ada, atau tidak dapat Anda lihat.
        409 /problems/wrong-status: Status tidak sesuai. Tindakan ini tidak dapat dilakukan dari status laporan sekarang.
        409 /problems/photo-not-ready: Foto belum siap. Salah satu foto belum siap dipakai. Coba lagi sebentar lagi.
        409 /problems/other-closed: Laporan tujuan sudah ditutup. Laporan hanya dapat digabung ke laporan yang masih terbuka.
        412 /problems/stale: Sudah berubah. Laporan sudah berubah sejak Anda membacanya. Baca kembali.
        413 /problems/too-large: Terlalu besar. Isi permintaan paling banyak 64 KiB.
        415 /problems/wrong-type: Jenis isi salah. Isi permintaan harus application/json, tanpa pengodean.
        422 /problems/faults: Ada isian yang salah. Perbaiki semua kesalahan yang tercantum, lalu kirim kembali.
        429 /problems/too-many: Terlalu sering. Batas permintaan tercapai. Coba lagi sesudah waktu pada Retry-After.
        503 /problems/unavailable: Layanan sedang sibuk. Belum pasti permintaan ini terlaksana. Kirim lagi yang sama sesudah waktu pada Retry-After.
        500 /problems/broken: Kesalahan sistem. Kesalahan ini ada pada sistem, bukan pada permintaan Anda.
        "#);
    }

    #[test]
    fn every_problem_has_its_fixed_text_in_english() {
        insta::assert_snapshot!(table(Language::En), @r#"
        400 /problems/not-json: Not JSON. The body of the request is not JSON in UTF-8, or repeats a name.
        400 /problems/bad-request: The request cannot be read. A parameter is not known, is repeated, or cannot be read.
        401 /problems/unauthorized: Not signed in. A valid token or channel key is needed.
        403 /problems/not-yours: Not yours to do. This act belongs to another officer.
        403 /problems/own-tl: Your own follow-up. You posted a follow-up of this report, so you cannot judge it.
        403 /problems/no-right: No right. This account has no valid right.
        403 /problems/channel-suspended: Channel suspended. This channel has been suspended.
        404 /problems/not-found: Not found. What you asked for does not exist, or you may not see it.
        409 /problems/wrong-status: Wrong status. This cannot be done from the status that the report has now.
        409 /problems/photo-not-ready: Photo not ready. One of the photos is not ready to be used. Try again in a moment.
        409 /problems/other-closed: The other report is closed. A report can only be merged into one that is still open.
        412 /problems/stale: Out of date. The report has changed since you read it. Read it again.
        413 /problems/too-large: Too large. The body of a request has at most 64 KiB.
        415 /problems/wrong-type: Wrong type. The body must be application/json, without a content encoding.
        422 /problems/faults: Faults in fields. Mend all the faults that are listed, then send it again.
        429 /problems/too-many: Slow down. The limit of requests is reached. Try again after the time in Retry-After.
        503 /problems/unavailable: Busy. It is not certain that this was carried out. Send the same again after the time in Retry-After.
        500 /problems/broken: System error. The error is the system's, not your request's.
        "#);
    }

    #[test]
    fn a_document_lists_all_faults_in_the_callers_language() {
        let faults = &all()[14];
        insta::assert_json_snapshot!(body(faults, Language::Id), @r#"
        {
          "detail": "Perbaiki semua kesalahan yang tercantum, lalu kirim kembali.",
          "errors": [
            {
              "code": "out_of_range",
              "detail": "Di luar rentang yang diizinkan.",
              "field": "location.lat"
            },
            {
              "code": "required",
              "detail": "Wajib diisi.",
              "field": "description"
            }
          ],
          "status": 422,
          "title": "Ada isian yang salah",
          "type": "/problems/faults"
        }
        "#);
        insta::assert_json_snapshot!(body(faults, Language::En)["errors"], @r#"
        [
          {
            "code": "out_of_range",
            "detail": "This is out of range.",
            "field": "location.lat"
          },
          {
            "code": "required",
            "detail": "This is required.",
            "field": "description"
          }
        ]
        "#);
    }

    #[test]
    fn every_problem_has_headers_that_fit_it() {
        let mut table = String::new();
        for problem in all() {
            let response = problem.response(Language::En);
            let header = |name: HeaderName| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header(header::CONTENT_TYPE), Some("application/problem+json"));
            assert_eq!(header(header::CONTENT_LANGUAGE), Some("en"));
            assert_eq!(header(header::CACHE_CONTROL), Some("no-store"));
            assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
            for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
                if let Some(value) = header(name.clone()) {
                    writeln!(table, "{} {name}: {value}", problem.word()).unwrap();
                }
            }
        }
        insta::assert_snapshot!(table, @r#"
        unauthorized www-authenticate: Bearer
        too_many retry-after: 60
        unavailable retry-after: 1
        "#);
    }

    #[test]
    fn a_refusal_of_the_state_machine_is_403_409_or_422() {
        let problem = |refusal: Refusal| Problem::from(refusal).status().as_u16();
        assert_eq!(problem(Refusal::NotYours), 403);
        assert_eq!(problem(Refusal::OwnTl), 403);
        assert_eq!(problem(Refusal::WrongStatus), 409);
        assert_eq!(problem(Refusal::OtherClosed), 409);
        assert_eq!(problem(Refusal::Faults(vec![])), 422);
    }

    #[test]
    fn a_failure_of_aws_is_503_unless_it_is_ours() {
        let status = |failure: Failure| Problem::from(failure).status().as_u16();
        assert_eq!(status(Failure::Throttled), 503);
        assert_eq!(status(Failure::Conflict), 503);
        assert_eq!(status(Failure::RetriesExhausted), 503);
        assert_eq!(status(Failure::Timeout), 503);
        assert_eq!(status(Failure::Unavailable), 503);
        assert_eq!(status(Failure::Denied), 500);
        assert_eq!(status(Failure::Rejected), 500);
        assert_eq!(status(Failure::Bug("somewhere")), 500);
        assert_eq!(Problem::from(Failure::Bug("somewhere")).cause(), Some("somewhere"));
    }
}
