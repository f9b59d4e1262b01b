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
        /// Enters reports for a channel, as at a counter; is shown none.
        PetugasKanal = "petugas-kanal",
    }
);

impl Tag {
    /// Whether it excludes every other tag: who holds it works for somebody that the bureau judges or takes reports from.
    #[must_use]
    pub fn stands_alone(self) -> bool {
        matches!(self, Self::PetugasOpd | Self::PetugasKanal)
    }
}

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

/// An officer at a channel's counter, who enters reports and is shown none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clerk {
    /// The `sub` claim of the token, which never changes.
    pub id: String,
    /// The code of the channel that the clerk enters reports for.
    pub channel: Code,
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
    /// `petugas-opd` or `petugas-kanal` together with another tag: a unit would judge its own work.
    #[error("conflicting tags")]
    Conflict,
    /// `petugas-opd` without the unit's code.
    #[error("no unit")]
    NoUnit,
    /// `petugas-kanal`: nothing that officers do is theirs.
    #[error("works for a channel")]
    OfChannel,
    /// No `petugas-kanal`: entering reports is not theirs.
    #[error("works for no channel")]
    NotOfChannel,
    /// `petugas-kanal` without the channel's code.
    #[error("no channel")]
    NoChannel,
}

/// The tags of an account; none of them counts where one is unknown, or stands beside another that excludes it.
fn tags_of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<BTreeSet<Tag>, NoRight> {
    let tags: Option<BTreeSet<Tag>> = tags.into_iter().map(Tag::parse).collect();
    let tags = tags.filter(|tags| !tags.is_empty()).ok_or(NoRight::NoTag)?;
    if tags.len() > 1 && tags.iter().any(|tag| tag.stands_alone()) {
        return Err(NoRight::Conflict);
    }
    Ok(tags)
}

impl Clerk {
    /// The clerk whom these tags make of an account: `petugas-kanal` alone, with the code of a channel.
    ///
    /// # Errors
    /// [`NoRight`] says why it is none.
    pub fn of<'a>(
        id: &str,
        tags: impl IntoIterator<Item = &'a str>,
        channel: Option<&str>,
    ) -> Result<Self, NoRight> {
        if !tags_of(tags)?.contains(&Tag::PetugasKanal) {
            return Err(NoRight::NotOfChannel);
        }
        let channel = channel.and_then(Code::parse).ok_or(NoRight::NoChannel)?;
        Ok(Self { id: id.to_owned(), channel })
    }
}

impl Role {
    /// The role that these tags give. An unknown tag takes away all rights.
    ///
    /// # Errors
    /// [`NoRight`] says why there is none.
    pub fn of<'a>(tags: impl IntoIterator<Item = &'a str>, unit: Option<&str>) -> Result<Self, NoRight> {
        let tags = tags_of(tags)?;
        if tags.contains(&Tag::PetugasKanal) {
            return Err(NoRight::OfChannel);
        }
        if !tags.contains(&Tag::PetugasOpd) {
            return Ok(Self::Bureau(tags));
        }
        unit.and_then(Code::parse).map(Self::Unit).ok_or(NoRight::NoUnit)
    }

    /// The unit of an officer of one.
    #[must_use]
    pub fn unit(&self) -> Option<&Code> {
        match self {
            Self::Unit(code) => Some(code),
            Self::Bureau(_) => None,
        }
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

/// What an account is given: tags that go together, with the unit or the channel that they are for.
///
/// [`Role::of`] reads accounts of whatever kind there are; this says which may be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rights {
    tags: BTreeSet<Tag>,
    unit: Option<Code>,
    channel: Option<Code>,
}

/// Why an account must not be given this.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Misfit {
    /// An account without a tag may do nothing.
    #[error("a tag is missing")]
    NoTag,
    /// A unit, or a channel, would have a hand in the bureau's work.
    #[error("{} excludes every other tag", .0.as_str())]
    Excludes(Tag),
    /// `petugas-opd` works for a unit.
    #[error("petugas-opd needs a unit")]
    NoUnit,
    /// Nobody else does.
    #[error("only petugas-opd has a unit")]
    Unit,
    /// `petugas-kanal` works for a channel.
    #[error("petugas-kanal needs a channel")]
    NoChannel,
    /// Nobody else does.
    #[error("only petugas-kanal has a channel")]
    Channel,
}

impl Rights {
    /// Checks that these go together.
    ///
    /// # Errors
    /// Everything that does not.
    pub fn of(tags: BTreeSet<Tag>, unit: Option<Code>, channel: Option<Code>) -> Result<Self, Vec<Misfit>> {
        let (of_unit, of_channel) = (tags.contains(&Tag::PetugasOpd), tags.contains(&Tag::PetugasKanal));
        let alone = tags.iter().copied().filter(|tag| tag.stands_alone() && tags.len() > 1);
        let mut misfits: Vec<_> = alone.map(Misfit::Excludes).collect();
        let rules = [
            (tags.is_empty(), Misfit::NoTag),
            (of_unit && unit.is_none(), Misfit::NoUnit),
            (!of_unit && unit.is_some(), Misfit::Unit),
            (of_channel && channel.is_none(), Misfit::NoChannel),
            (!of_channel && channel.is_some(), Misfit::Channel),
        ];
        misfits.extend(rules.into_iter().filter_map(|(broken, misfit)| broken.then_some(misfit)));
        if misfits.is_empty() { Ok(Self { tags, unit, channel }) } else { Err(misfits) }
    }

    /// The tags, at least one.
    #[must_use]
    pub fn tags(&self) -> &BTreeSet<Tag> {
        &self.tags
    }

    /// The unit of a `petugas-opd`.
    #[must_use]
    pub fn unit(&self) -> Option<&Code> {
        self.unit.as_ref()
    }

    /// The channel of a `petugas-kanal`.
    #[must_use]
    pub fn channel(&self) -> Option<&Code> {
        self.channel.as_ref()
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
        let unit = officer.role.unit().cloned();
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
    #[case(&["petugas-kanal", "administrator"], None, NoRight::Conflict)]
    #[case(&["petugas-kanal", "petugas-opd"], Some("a"), NoRight::Conflict)]
    #[case(&["petugas-kanal"], Some("a"), NoRight::OfChannel)]
    #[case(&["petugas-opd"], None, NoRight::NoUnit)]
    #[case(&["petugas-opd"], Some("A B"), NoRight::NoUnit)]
    fn tags_that_give_no_right(#[case] tags: &[&str], #[case] unit: Option<&str>, #[case] why: NoRight) {
        assert_eq!(Role::of(tags.iter().copied(), unit), Err(why));
    }

    #[rstest]
    #[case(&[], Some("a"), NoRight::NoTag)]
    #[case(&["petugas-kanal", "bukan-administrator"], Some("a"), NoRight::NoTag)]
    #[case(&["petugas-kanal", "administrator"], Some("a"), NoRight::Conflict)]
    #[case(&["petugas-kanal", "petugas-opd"], Some("a"), NoRight::Conflict)]
    #[case(&["petugas-opd"], Some("a"), NoRight::NotOfChannel)]
    #[case(&["admin-tiket"], Some("a"), NoRight::NotOfChannel)]
    #[case(&["administrator", "petugas-validasi"], Some("a"), NoRight::NotOfChannel)]
    #[case(&["petugas-kanal"], None, NoRight::NoChannel)]
    #[case(&["petugas-kanal"], Some(""), NoRight::NoChannel)]
    #[case(&["petugas-kanal"], Some("A B"), NoRight::NoChannel)]
    fn accounts_that_are_no_clerks(
        #[case] tags: &[&str],
        #[case] channel: Option<&str>,
        #[case] why: NoRight,
    ) {
        assert_eq!(Clerk::of("s-1", tags.iter().copied(), channel), Err(why));
    }

    #[test]
    fn a_bureau_officer_may_hold_several_tags() {
        let role = Role::of(["petugas-validasi", "petugas-verifikasi"], Some("ignored")).unwrap();
        assert!(role.has(Tag::PetugasValidasi) && role.has(Tag::PetugasVerifikasi));
        assert!(!role.has(Tag::Administrator) && !role.has(Tag::PetugasOpd));
    }

    fn rights(tags: &[Tag], unit: Option<&str>, channel: Option<&str>) -> Result<Rights, Vec<Misfit>> {
        let code = |code: Option<&str>| code.and_then(Code::parse);
        Rights::of(tags.iter().copied().collect(), code(unit), code(channel))
    }

    /// Every set of tags, with and without a unit and a channel: what may be made has a right, or is a clerk.
    #[test]
    fn an_account_that_may_be_made_has_the_right_that_its_tags_say() {
        let mut made = 0;
        for set in 0..1_u32 << Tag::ALL.len() {
            let held = Tag::ALL.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1);
            let tags: Vec<Tag> = held.map(|(_, tag)| *tag).collect();
            for (unit, channel) in
                [(None, None), (Some("a"), None), (None, Some("b")), (Some("a"), Some("b"))]
            {
                let role = Role::of(tags.iter().map(|tag| tag.as_str()), unit);
                let Ok(rights) = rights(&tags, unit, channel) else { continue };
                made += 1;
                assert_eq!(rights.unit().is_some(), matches!(role, Ok(Role::Unit(_))), "{tags:?}");
                assert_eq!(rights.channel().is_some(), role == Err(NoRight::OfChannel), "{tags:?}");
                assert!(role.is_ok() || rights.channel().is_some(), "{tags:?}");
                let clerk = Clerk::of("s-1", tags.iter().map(|tag| tag.as_str()), channel);
                assert_eq!(clerk.ok().map(|clerk| clerk.channel).as_ref(), rights.channel(), "{tags:?}");
            }
        }
        // Four tags of the bureau in any company of theirs, and the two that stand alone.
        assert_eq!(made, (1 << 4) - 1 + 2);
    }

    #[test]
    fn every_misfit_of_an_account_is_named() {
        use Misfit::{Channel, Excludes, NoChannel, NoTag, NoUnit, Unit};
        let (opd, kanal) = (Tag::PetugasOpd, Tag::PetugasKanal);
        assert_eq!(rights(&[], None, None), Err(vec![NoTag]));
        assert_eq!(rights(&[opd], None, Some("b")), Err(vec![NoUnit, Channel]));
        assert_eq!(rights(&[kanal], Some("a"), None), Err(vec![Unit, NoChannel]));
        assert_eq!(rights(&[opd, kanal], Some("a"), Some("b")), Err(vec![Excludes(opd), Excludes(kanal)]));
        assert_eq!(rights(&[opd, Tag::Administrator], Some("a"), None), Err(vec![Excludes(opd)]));
        assert_eq!(rights(&[Tag::AdminTiket], Some("a"), Some("b")), Err(vec![Unit, Channel]));
        assert_eq!(Excludes(kanal).to_string(), "petugas-kanal excludes every other tag");
    }
}
