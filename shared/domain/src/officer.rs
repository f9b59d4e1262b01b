//! Officers, their tags, and the role that the tags give.

use crate::{unit::Code, wire_enum::wire_enum};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

wire_enum!(
    /// A tag: one right of an officer.
    Tag {
        /// Works for a unit: accepts reports and posts TLs.
        PetugasOpd = "petugas-opd",
        /// Validator: judges TLs from the bureau's desk.
        PetugasValidasi = "petugas-validasi",
        /// Verifier: judges TLs in the field.
        PetugasVerifikasi = "petugas-verifikasi",
        /// Ticket desk: assigns reports to units.
        AdminTiket = "admin-tiket",
        /// Sees everything but the reporter's identity; decides nothing.
        Administrator = "administrator",
    }
);

/// An officer as the ID token names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Officer {
    /// The `sub` claim of the token, which never changes.
    pub id: String,
    /// The name from the token, shown in those views that show names.
    pub name: String,
    /// The role that the officer's tags give.
    pub role: Role,
}

/// The role that an officer's tags add up to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// An officer of this unit.
    Unit(Code),
    /// An officer of the bureau, with these tags.
    Bureau(BTreeSet<Tag>),
}

/// Why tags give no role at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRight {
    /// There is no tag, or one that is unknown.
    #[error("no valid tag")]
    NoTag,
    /// `petugas-opd` together with another tag: a unit would judge its own work.
    #[error("conflicting tags")]
    Conflict,
    /// `petugas-opd` without the unit's code.
    #[error("no unit")]
    NoUnit,
}

impl Role {
    /// The role that these tags give. An unknown tag takes away all rights.
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

/// An officer as events and the access log keep them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// The `sub` claim of the officer's token.
    pub id: String,
    /// The officer's name at that time.
    pub name: String,
    /// The officer's unit; `None` for the bureau.
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
