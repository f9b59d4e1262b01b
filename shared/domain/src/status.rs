//! The statuses of a report, with their texts.

use crate::{language::Language, wire_enum::wire_enum};

wire_enum!(
    /// The status of a report.
    Status {
        /// Waits on the ticket desk to be assigned.
        Menunggu = "menunggu",
        /// Assigned to a unit that has not accepted it yet.
        Koordinasi = "koordinasi",
        /// Passed on to a child of that unit.
        Disposisi = "disposisi",
        /// Accepted: an officer of the unit works on it.
        Proses = "proses",
        /// A TL waits for a validator.
        MenungguValidasi = "menunggu_validasi",
        /// A verifier goes to look.
        MenungguVerifikasi = "menunggu_verifikasi",
        /// The TL was refused; the report is back at the unit.
        TlDitolak = "tl_ditolak",
        /// The TL was accepted by the bureau.
        Selesai = "selesai",
        /// Refused at the ticket desk.
        Ditolak = "ditolak",
        /// Merged into another report.
        Duplikat = "duplikat",
        /// Withdrawn by the reporter.
        Dibatalkan = "dibatalkan",
    }
);

impl Status {
    /// Whether the report still lies on a desk.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Menunggu
            | Self::Koordinasi
            | Self::Disposisi
            | Self::Proses
            | Self::MenungguValidasi
            | Self::MenungguVerifikasi
            | Self::TlDitolak => true,
            Self::Selesai | Self::Ditolak | Self::Duplikat | Self::Dibatalkan => false,
        }
    }

    /// Whether a TL is being judged.
    #[must_use]
    pub fn is_judging(self) -> bool {
        matches!(self, Self::MenungguValidasi | Self::MenungguVerifikasi)
    }

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
