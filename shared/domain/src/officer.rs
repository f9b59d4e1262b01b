//! Who acts: an officer with tags.

use crate::{unit::Code, wire_enum::wire_enum};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

wire_enum!(
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

/// An officer as the token names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Officer {
    /// The subject of the token: who it is, for good.
    pub id: String,
    /// The name that is shown where a view shows names.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// The right that an officer's tags add up to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// Works for this unit.
    Unit(Code),
    /// Holds tags of the bureau.
    Bureau(BTreeSet<Tag>),
}

/// The tags give no right at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRight {
    /// No tag that is known, or one that does not parse.
    #[error("no valid tag")]
    NoTag,
    /// `petugas-opd` beside another tag: a unit would judge itself.
    #[error("conflicting tags")]
    Conflict,
    /// `petugas-opd` without a unit.
    #[error("no unit")]
    NoUnit,
}

impl Role {
    /// What these tags allow. Denies what does not parse: an unknown tag takes away all rights.
    ///
    /// # Errors
    /// [`NoRight`] says why there is none.
    pub fn of<'a>(tags: impl IntoIterator<Item = &'a str>, unit: Option<&str>) -> Result<Self, NoRight> {
        let tags: Option<BTreeSet<Tag>> = tags.into_iter().map(Tag::parse).collect();
        let tags = tags.filter(|tags| !tags.is_empty()).ok_or(NoRight::NoTag)?;
        if !tags.contains(&Tag::PetugasOpd) {
            return Ok(Self::Bureau(tags));
        }
        if tags.len() > 1 {
            return Err(NoRight::Conflict);
        }
        unit.and_then(Code::parse).map(Self::Unit).ok_or(NoRight::NoUnit)
    }

    /// Whether the officer holds a tag of the bureau.
    #[must_use]
    pub fn has(&self, tag: Tag) -> bool {
        match self {
            Self::Unit(_) => tag == Tag::PetugasOpd,
            Self::Bureau(tags) => tags.contains(&tag),
        }
    }
}

/// An officer as an event remembers them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// The subject of the token.
    pub id: String,
    /// The name at that time.
    pub name: String,
    /// The unit, for an officer of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
}

impl From<&Officer> for Named {
    fn from(officer: &Officer) -> Self {
        let unit = match &officer.role {
            Role::Unit(code) => Some(code.clone()),
            Role::Bureau(_) => None,
        };
        Self { id: officer.id.clone(), name: officer.name.clone(), unit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[], None, NoRight::NoTag)]
    #[case(&["bukan-administrator"], None, NoRight::NoTag)]
    #[case(&["administrator", "bukan-administrator"], None, NoRight::NoTag)]
    #[case(&["petugas-opd", "petugas-validasi"], Some("a"), NoRight::Conflict)]
    #[case(&["petugas-opd"], None, NoRight::NoUnit)]
    #[case(&["petugas-opd"], Some("A B"), NoRight::NoUnit)]
    fn tags_that_give_no_right(#[case] tags: &[&str], #[case] unit: Option<&str>, #[case] why: NoRight) {
        assert_eq!(Role::of(tags.iter().copied(), unit), Err(why));
    }

    #[test]
    fn a_bureau_officer_may_hold_several_tags() {
        let role = Role::of(["petugas-validasi", "petugas-verifikasi"], Some("ignored")).unwrap();
        assert!(role.has(Tag::PetugasValidasi) && role.has(Tag::PetugasVerifikasi));
        assert!(!role.has(Tag::Administrator) && !role.has(Tag::PetugasOpd));
    }
}
