//! What is wrong with a request, field by field.

use crate::{language::Language, wire_enum::wire_enum};
use serde::Serialize;

wire_enum!(
    /// What is wrong with a field.
    ValidationErrorCode {
        /// A required field is absent.
        Required = "required",
        /// The contract has no such field.
        Unknown = "unknown_field",
        /// The value has the wrong JSON type.
        Type = "wrong_type",
        /// Fewer characters than the minimum.
        TooShort = "too_short",
        /// More characters, bytes or entries than the maximum.
        TooLong = "too_long",
        /// A control character other than a line break or tab.
        Control = "control_character",
        /// Not a value of the expected format.
        Format = "invalid_format",
        /// Outside the allowed range.
        Range = "out_of_range",
        /// Not one of the listed values.
        NotListed = "not_listed",
        /// A photo in HEIC or HEIF, which is not decoded.
        Heic = "heic",
        /// A code that the registry does not have.
        NoSuchCode = "no_such_code",
        /// A ticket of no report that the caller may see.
        NoSuchTicket = "no_such_ticket",
        /// The same entry twice.
        Repeated = "repeated",
        /// The unit does not stand directly below the one that holds the report.
        NotAChild = "not_a_child",
        /// The report already lies there.
        SameUnit = "same_unit",
        /// A report cannot be merged into itself.
        SameTicket = "same_ticket",
        /// No such photo waits to be used here.
        NoSuchPhoto = "no_such_photo",
        /// The picture has served as evidence, or is named a second time.
        AlreadyUsed = "already_used",
        /// A photo from before the work is missing.
        BeforeMissing = "before_missing",
        /// A photo from after the work is missing.
        AfterMissing = "after_missing",
        /// A photo of the field is missing.
        FieldMissing = "field_missing",
        /// The body changes nothing of the report.
        Unchanged = "unchanged",
        /// The place has a position, which says the area.
        HasPosition = "has_position",
        /// More than one list can show: a smaller part has to be chosen.
        TooWide = "too_wide",
        /// More entries of a list than allowed, such as photos at hand.
        TooMany = "too_many",
        /// The key was used for another body.
        KeyReused = "key_reused",
    }
);

/// Advice for those who send HEIC or AVIF, in Indonesian and English.
pub(crate) const HEIC: (&str, &str) = (
    "Format HEIC atau AVIF tidak dapat dibaca. Kirim foto sebagai JPEG; di iPhone: Pengaturan > Kamera > Format > Paling Kompatibel; di telepon lain: matikan foto HEIF di pengaturan kamera.",
    "HEIC or AVIF cannot be read. Send the photo as JPEG; on an iPhone: Settings > Camera > Formats > Most Compatible; on others: turn HEIF pictures off in the camera's settings.",
);

impl ValidationErrorCode {
    /// One sentence for the sender of the request.
    #[must_use]
    pub fn detail(self, language: Language) -> &'static str {
        let (id, en) = match self {
            Self::Required => ("Wajib diisi.", "This is required."),
            Self::Unknown => {
                ("Kolom atau parameter ini tidak dikenal.", "This field or parameter is not known.")
            }
            Self::Type => ("Jenis nilainya salah.", "The value has the wrong type."),
            Self::TooShort => ("Terlalu pendek.", "This is too short."),
            Self::TooLong => ("Terlalu panjang.", "This is too long."),
            Self::Control => ("Mengandung karakter kendali.", "This contains a control character."),
            Self::Format => ("Formatnya salah.", "The format is wrong."),
            Self::Range => ("Di luar rentang yang diizinkan.", "This is out of range."),
            Self::NotListed => {
                ("Bukan salah satu nilai yang diizinkan.", "This is not one of the allowed values.")
            }
            Self::Heic => HEIC,
            Self::NoSuchCode => ("Kode ini tidak terdaftar.", "There is no such code."),
            Self::NoSuchTicket => ("Tiket ini tidak ada.", "There is no such ticket."),
            Self::Repeated => ("Disebut dua kali.", "This is named twice."),
            Self::NotAChild => ("Unit ini bukan bawahan langsung.", "This unit is not directly below."),
            Self::SameUnit => ("Laporan sudah berada di unit ini.", "The report is already with this unit."),
            Self::SameTicket => {
                ("Laporan tidak dapat digabung ke dirinya.", "A report cannot be merged into itself.")
            }
            Self::NoSuchPhoto => ("Foto ini tidak tersedia di sini.", "No such photo is at hand here."),
            Self::AlreadyUsed => (
                "Gambar ini sudah menjadi bukti; ambil foto baru.",
                "This picture is evidence already; take a new one.",
            ),
            Self::BeforeMissing => {
                ("Foto sebelum pekerjaan belum ada.", "A photo from before the work is missing.")
            }
            Self::AfterMissing => {
                ("Foto sesudah pekerjaan belum ada.", "A photo from after the work is missing.")
            }
            Self::FieldMissing => ("Foto lapangan belum ada.", "A photo of the field is missing."),
            Self::Unchanged => {
                ("Tidak ada yang berubah pada laporan.", "This changes nothing of the report.")
            }
            Self::HasPosition => (
                "Tempat ini punya posisi, yang menentukan wilayahnya.",
                "The place has a position, which says the area.",
            ),
            Self::TooWide => (
                "Terlalu luas untuk satu daftar; pilih bagian yang lebih kecil.",
                "This is too wide for one list; choose a smaller part.",
            ),
            Self::TooMany => ("Terlalu banyak.", "There are too many."),
            Self::KeyReused => {
                ("Kunci ini sudah dipakai untuk isi lain.", "This key was used for another body.")
            }
        };
        match language {
            Language::Id => id,
            Language::En => en,
        }
    }
}

/// One error. `field` is a path such as `location.lat` or `photos[2].size`; empty for the body as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ValidationError {
    /// The path of the field; empty for the body as a whole.
    pub field: String,
    /// The kind of error.
    pub code: ValidationErrorCode,
}

impl ValidationError {
    /// An error of the field with this path.
    #[must_use]
    pub fn new(field: impl Into<String>, code: ValidationErrorCode) -> Self {
        Self { field: field.into(), code }
    }
}

/// All the errors of one request; never empty.
pub type ValidationErrors = Vec<ValidationError>;
