//! The texts of the problem documents, in both languages, with their status and type.
//!
//! One match without `_`. Nothing from outside comes into a text, so that none can tell one hidden thing from another.

use super::{Problem, Reason};
use http::StatusCode;

/// What is fixed for each problem.
pub(super) struct Text {
    pub(super) status: StatusCode,
    /// The last part of `type`, with `_` for `-` also the outcome in the log.
    pub(super) word: &'static str,
    pub(super) id: (&'static str, &'static str),
    pub(super) en: (&'static str, &'static str),
}

impl Problem {
    /// What is fixed for this problem.
    pub(super) fn text(&self) -> Text {
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
            Self::TooOften => (
                StatusCode::CONFLICT,
                "too_often",
                ("Sudah paling banyak", "Ini sudah dilakukan sebanyak yang diizinkan untuk satu laporan."),
                ("Done as often as allowed", "This has been done as often as it may be on one report."),
            ),
            Self::Claimed => (
                StatusCode::CONFLICT,
                "claimed",
                ("Sedang dikerjakan", "Petugas lain sedang mengerjakan laporan ini."),
                ("Being worked on", "Another officer is at work on this report."),
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
            Self::ValidationFailed(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation_failed",
                ("Ada isian yang salah", "Perbaiki semua kesalahan yang tercantum, lalu kirim kembali."),
                ("Errors in fields", "Mend all the errors that are listed, then send it again."),
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
            Self::InternalError(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                ("Kesalahan sistem", "Kesalahan ini ada pada sistem, bukan pada permintaan Anda."),
                ("System error", "The error is the system's, not your request's."),
            ),
        };
        Text { status, word, id, en }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use domain::language::Language;
    use std::fmt::Write;

    fn table(language: Language) -> String {
        let mut table = String::new();
        for problem in all() {
            let body: serde_json::Value = serde_json::from_slice(problem.response(language).body()).unwrap();
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
        409 /problems/too-often: Sudah paling banyak. Ini sudah dilakukan sebanyak yang diizinkan untuk satu laporan.
        409 /problems/claimed: Sedang dikerjakan. Petugas lain sedang mengerjakan laporan ini.
        412 /problems/stale: Sudah berubah. Laporan sudah berubah sejak Anda membacanya. Baca kembali.
        413 /problems/too-large: Terlalu besar. Isi permintaan paling banyak 64 KiB.
        415 /problems/wrong-type: Jenis isi salah. Isi permintaan harus application/json, tanpa pengodean.
        422 /problems/validation-failed: Ada isian yang salah. Perbaiki semua kesalahan yang tercantum, lalu kirim kembali.
        429 /problems/too-many: Terlalu sering. Batas permintaan tercapai. Coba lagi sesudah waktu pada Retry-After.
        503 /problems/unavailable: Layanan sedang sibuk. Belum pasti permintaan ini terlaksana. Kirim lagi yang sama sesudah waktu pada Retry-After.
        500 /problems/internal-error: Kesalahan sistem. Kesalahan ini ada pada sistem, bukan pada permintaan Anda.
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
        409 /problems/too-often: Done as often as allowed. This has been done as often as it may be on one report.
        409 /problems/claimed: Being worked on. Another officer is at work on this report.
        412 /problems/stale: Out of date. The report has changed since you read it. Read it again.
        413 /problems/too-large: Too large. The body of a request has at most 64 KiB.
        415 /problems/wrong-type: Wrong type. The body must be application/json, without a content encoding.
        422 /problems/validation-failed: Errors in fields. Mend all the errors that are listed, then send it again.
        429 /problems/too-many: Slow down. The limit of requests is reached. Try again after the time in Retry-After.
        503 /problems/unavailable: Busy. It is not certain that this was carried out. Send the same again after the time in Retry-After.
        500 /problems/internal-error: System error. The error is the system's, not your request's.
        "#);
    }
}
