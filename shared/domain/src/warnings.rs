//! Warnings: remarks on accepted fields that their author may want to rewrite.

use crate::{
    location::{CityBox, Point},
    personal_data::{PersonalData, found},
    wire_enum::wire_enum,
};
use serde::Serialize;
use std::collections::BTreeSet;

wire_enum!(
    /// What a warning is about.
    WarningCode {
        /// It seems to hold a NIK or the number of a family card.
        Nik = "nik",
        /// It seems to hold a telephone number.
        Phone = "phone",
        /// It seems to hold an e-mail address.
        Email = "email",
        /// It seems to hold a vehicle plate.
        Plate = "plate",
        /// It seems to hold a handle.
        Handle = "handle",
        /// It seems to hold somebody's neighbourhood.
        RtRw = "rt_rw",
        /// No message can be sent to it, or it is not a text or too long: it was not kept.
        Unreachable = "unreachable",
        /// Latitude and longitude 0, which telephones send when they do not know where they are.
        NoPosition = "no_position",
        /// The position is outside the city.
        OutsideCity = "outside_city",
    }
);

impl From<PersonalData> for WarningCode {
    fn from(kind: PersonalData) -> Self {
        match kind {
            PersonalData::Nik => Self::Nik,
            PersonalData::Phone => Self::Phone,
            PersonalData::Email => Self::Email,
            PersonalData::Plate => Self::Plate,
            PersonalData::Handle => Self::Handle,
            PersonalData::RtRw => Self::RtRw,
        }
    }
}

/// A remark on an accepted field that its author may want to rewrite.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// The path of the field in the request.
    pub field: &'static str,
    /// The kind of warning.
    pub code: WarningCode,
}

impl Warning {
    /// One warning for each kind of personal data that each of these texts seems to hold, except for kinds that its readers
    /// need.
    pub fn of<'a>(
        keeps: &BTreeSet<PersonalData>,
        texts: impl IntoIterator<Item = (&'static str, Option<&'a str>)>,
    ) -> Vec<Self> {
        let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text?)));
        let kinds =
            texts.flat_map(|(field, text)| found(keeps, text).into_iter().map(move |kind| (field, kind)));
        kinds.map(|(field, kind)| Self { field, code: kind.into() }).collect()
    }

    /// A warning about a position that is probably not meant.
    #[must_use]
    pub fn of_position(field: &'static str, point: Point, city: &CityBox) -> Option<Self> {
        let code = if point.lat == 0.0 && point.lon == 0.0 {
            WarningCode::NoPosition
        } else if !city.contains(point) {
            WarningCode::OutsideCity
        } else {
            return None;
        };
        Some(Self { field, code })
    }

    /// A warning about a part of the contact that cannot be used.
    #[must_use]
    pub fn unreachable(field: &'static str) -> Self {
        Self { field, code: WarningCode::Unreachable }
    }
}
