//! The words of the field, with the values they have on the wire.

/// Declares a fieldless enum whose wire values are given once.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $wire)] $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value on the wire and in storage.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// Reads a wire value exactly; `None` for anything else.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($wire => Some(Self::$variant),)+ _ => None }
            }
        }

        // Derived, the schema would have the names of the variants: a macro's literal hides `rename` from it.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($wire,)+]))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use words;

words!(
    /// Where a report stands in its life.
    Status {
        /// On the ticket desk.
        Menunggu = "menunggu",
        /// With a unit that has not accepted it yet.
        Koordinasi = "koordinasi",
        /// With a child of that unit.
        Disposisi = "disposisi",
        /// An officer of the unit works on it.
        Proses = "proses",
        /// A TL waits for the bureau.
        MenungguValidasi = "menunggu_validasi",
        /// The bureau goes to look.
        MenungguVerifikasi = "menunggu_verifikasi",
        /// The TL was refused; back at the unit.
        TlDitolak = "tl_ditolak",
        /// Accepted by the bureau.
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
}

words!(
    /// An officer's right.
    Tag {
        /// Works for a unit: accepts reports and posts TLs.
        PetugasOpd = "petugas-opd",
        /// Judges TLs at the bureau.
        PetugasValidasi = "petugas-validasi",
        /// Judges TLs in the field.
        PetugasVerifikasi = "petugas-verifikasi",
        /// Sends reports to units.
        AdminTiket = "admin-tiket",
        /// Sees everything but who reported; decides nothing.
        Administrator = "administrator",
    }
);

words!(
    /// Whether the reporter let the report be shown.
    Privacy {
        /// The default: the reporter's photos stay locked.
        Private = "private",
        /// Photos may be shown to those who handle it.
        Public = "public",
    }
);

words!(
    /// The language that somebody reads.
    Language {
        /// Bahasa Indonesia.
        Id = "id",
        /// English.
        En = "en",
    }
);

impl Language {
    /// The language of a tag (RFC 5646), whatever region or script it names; `_` for `-` as POSIX writes it. `in` is what old
    /// Java runtimes still send for Indonesian.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "id" | "in" => Some(Self::Id),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

words!(
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

words!(
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

words!(
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

words!(
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

words!(
    /// How near the due day is, in whole days of the city's zone.
    Urgency {
        /// Past its due day.
        Terlambat = "terlambat",
        /// Due today.
        HariIni = "hari_ini",
        /// Due in one to three days.
        TigaHari = "3_hari",
        /// Due later.
        Longgar = "longgar",
    }
);

words!(
    /// Which slots apply to a category's releases.
    SlotClass {
        /// Cannot wait.
        Segera = "segera",
        /// The ordinary working hours.
        Biasa = "biasa",
        /// Reports that point at somebody.
        Peka = "peka",
    }
);

words!(
    /// What can be done to a report; also the name of the event that it leaves.
    Act {
        /// A channel sends it.
        Submit = "submit",
        /// The ticket desk sends it to a unit.
        Assign = "assign",
        /// The ticket desk refuses it.
        Reject = "reject",
        /// The ticket desk merges it into another.
        Merge = "merge",
        /// An officer of the unit takes it up.
        Accept = "accept",
        /// The unit passes it to another.
        Forward = "forward",
        /// The unit passes it to a child.
        Dispose = "dispose",
        /// The unit gives it back to the ticket desk.
        Return = "return",
        /// The unit announces photos of its work.
        AddWorkPhotos = "add_work_photos",
        /// The verifier announces photos of the field.
        AddFieldPhotos = "add_field_photos",
        /// The unit says what it did.
        PostTl = "post_tl",
        /// The bureau judges the TL.
        Validate = "validate",
        /// The verifier judges it in the field.
        Verify = "verify",
        /// The reporter contradicts the result.
        Dispute = "dispute",
        /// The reporter withdraws it.
        Withdraw = "withdraw",
        /// The reporter locks their photos, or lets them be seen.
        ChangePrivacy = "change_privacy",
    }
);

impl Act {
    /// Whether it puts photos forward as evidence.
    #[must_use]
    pub fn uses_photos(self) -> bool {
        matches!(self, Self::PostTl | Self::Verify)
    }
}
