//! What people read: status texts and labels.

use crate::words::{Language, Privacy, Status};

impl Status {
    /// The status in the reader's language.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        let (id, en) = match self {
            Self::Menunggu => ("Menunggu", "Waiting"),
            Self::Koordinasi => ("Koordinasi", "Coordination"),
            Self::Disposisi => ("Disposisi", "Passed to a sub-unit"),
            Self::Proses => ("Proses", "In progress"),
            Self::MenungguValidasi => ("Menunggu Validasi", "Waiting for validation"),
            Self::MenungguVerifikasi => ("Menunggu Verifikasi", "Waiting for field verification"),
            Self::TlDitolak => ("TL Ditolak", "Follow-up refused"),
            Self::Selesai => ("Selesai", "Finished"),
            Self::Ditolak => ("Ditolak", "Refused"),
            Self::Duplikat => ("Duplikat", "Duplicate"),
            Self::Dibatalkan => ("Dibatalkan", "Withdrawn"),
        };
        match language {
            Language::Id => id,
            Language::En => en,
        }
    }
}

impl Privacy {
    /// The label that every answer, list item and message about a report carries; always Indonesian.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Private => {
                "Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun"
            }
            Self::Public => "Jangan berikan informasi dalam laporan ini kepada siapapun",
        }
    }
}
