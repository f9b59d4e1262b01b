//! What people read: status texts, labels, and what a reporter is told.

use crate::{language::Language, photo::PhotoReason, privacy::Privacy, status::Status, ticket::Ticket};

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

/// What helps whoever sends HEIC or AVIF, in Indonesian and English.
pub(crate) const HEIC: (&str, &str) = (
    "Format HEIC atau AVIF tidak dapat dibaca. Kirim foto sebagai JPEG; di iPhone: Pengaturan > Kamera > Format > Paling Kompatibel; di telepon lain: matikan foto HEIF di pengaturan kamera.",
    "HEIC or AVIF cannot be read. Send the photo as JPEG; on an iPhone: Settings > Camera > Formats > Most Compatible; on others: turn HEIF pictures off in the camera's settings.",
);

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

/// What a reporter is told of their report: ticket, status, thanks.
///
/// Others may read it over their shoulder, so it says nothing of what was reported. With the label it fits into one SMS: 160
/// characters of the GSM 7-bit alphabet (3GPP TS 23.038).
#[must_use]
pub fn update(ticket: &Ticket, status: Status, language: Language) -> String {
    let thanks = match language {
        Language::Id => "Terima kasih.",
        Language::En => "Thank you.",
    };
    format!("Tuntas {ticket}: {}. {thanks}", status.text(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters, digits and signs of the GSM 7-bit default alphabet that are ASCII too, and count once.
    fn is_gsm(symbol: char) -> bool {
        symbol.is_ascii_alphanumeric() || " !\"#$%&'()*+,-./:;<=>?@_".contains(symbol)
    }

    #[test]
    fn every_update_fits_into_one_sms_with_its_label() {
        let ticket = Ticket::from_mac(&[1; 32]);
        for status in Status::ALL {
            for language in Language::ALL {
                for privacy in Privacy::ALL {
                    let sms = format!("{} {}", update(&ticket, *status, *language), privacy.label());
                    assert!(sms.chars().all(is_gsm), "{sms}");
                    assert!(sms.len() <= 160, "{} characters: {sms}", sms.len());
                }
            }
        }
    }

    #[test]
    fn an_update_is_in_the_readers_language() {
        let ticket = Ticket::from_mac(&[1; 32]);
        let told = Language::ALL.iter().map(|language| update(&ticket, Status::TlDitolak, *language));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                format!("Tuntas {ticket}: TL Ditolak. Terima kasih."),
                format!("Tuntas {ticket}: Follow-up refused. Thank you."),
            ]
        );
    }
}
