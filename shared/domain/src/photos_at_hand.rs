//! The photos that officers have at hand for a TL or a verification: their owners, their number, and their use.

use crate::{
    ids::PhotoId,
    officer::{Officer, Role},
    photo::PhotoKind,
    photo_limits::PHOTOS_AT_HAND,
    status::Status,
    unit::Code,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most verifiers who have photos at hand at once, so that a snapshot does not grow with every visitor.
const VERIFIERS_AT_HAND: usize = 10;

/// Photos declared and not yet used up, by those who still hold the report.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhotosAtHand(BTreeMap<PhotoId, AtHand>);

/// A photo at hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AtHand {
    /// The kind of photo.
    pub kind: PhotoKind,
    /// The only one who may use the photo.
    pub owner: Owner,
    /// The number of the event that declared it.
    pub since: u32,
}

/// The owner of a photo at hand: photos of the work belong to the unit, photos of the field to one verifier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The unit that declared it.
    Unit(Code),
    /// The `sub` claim of the verifier who declared it.
    Verifier(String),
}

impl Owner {
    /// The owner of the photos that this officer declares.
    #[must_use]
    pub fn of(officer: &Officer) -> Self {
        match &officer.role {
            Role::Unit(code) => Self::Unit(code.clone()),
            Role::Bureau(_) => Self::Verifier(officer.id.clone()),
        }
    }
}

/// A photo that a command uses. If it is not ready, the command does not happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoUse {
    /// The photo's id.
    pub photo: PhotoId,
    /// The kind that the photo is used as.
    pub kind: PhotoKind,
}

impl PhotoUse {
    /// Whether the photo can be used once only. A picture from before the work may be used again.
    #[must_use]
    pub fn serves_once(&self) -> bool {
        self.kind != PhotoKind::Before
    }
}

impl FromIterator<(PhotoId, AtHand)> for PhotosAtHand {
    fn from_iter<I: IntoIterator<Item = (PhotoId, AtHand)>>(photos: I) -> Self {
        Self(photos.into_iter().collect())
    }
}

impl PhotosAtHand {
    /// All photos at hand, by id.
    pub fn all(&self) -> impl Iterator<Item = (&PhotoId, &AtHand)> {
        self.0.iter()
    }

    /// The photo with this id.
    #[must_use]
    pub fn get(&self, photo: &PhotoId) -> Option<&AtHand> {
        self.0.get(photo)
    }

    /// The photos of one owner, with their kinds.
    pub fn of<'a>(&'a self, owner: &'a Owner) -> impl Iterator<Item = (&'a PhotoId, PhotoKind)> {
        self.0.iter().filter(move |(_, at_hand)| at_hand.owner == *owner).map(|(id, at)| (id, at.kind))
    }

    /// Adds what `owner` declares with the event of number `since`, and drops the photos in `never_ready` and the oldest beyond the
    /// limit.
    pub(crate) fn declare(
        &mut self,
        owner: &Owner,
        new: Vec<(PhotoId, PhotoKind)>,
        never_ready: &[PhotoId],
        since: u32,
    ) -> Result<(), ValidationErrors> {
        let count = |kind| new.iter().filter(|(_, of)| *of == kind).count();
        let kinds = [PhotoKind::Before, PhotoKind::After, PhotoKind::Field];
        if kinds.map(count).into_iter().any(|n| n > PHOTOS_AT_HAND) {
            return Err(vec![ValidationError::new("photos", ValidationErrorCode::TooMany)]);
        }
        self.0.retain(|photo, _| !never_ready.contains(photo));
        let new = new.into_iter().map(|(photo, kind)| (photo, AtHand { kind, owner: owner.clone(), since }));
        self.0.extend(new);
        for kind in kinds {
            self.drop_oldest(owner, kind);
        }
        self.drop_longest_idle();
        Ok(())
    }

    /// Keeps the owner's newest ten of a kind, so that no number of useless photos can keep out a useful one.
    fn drop_oldest(&mut self, owner: &Owner, kind: PhotoKind) {
        let own = self.0.iter().filter(|(_, at_hand)| at_hand.owner == *owner && at_hand.kind == kind);
        let mut by_age: Vec<(u32, PhotoId)> = own.map(|(id, at_hand)| (at_hand.since, id.clone())).collect();
        by_age.sort_unstable();
        let too_many = by_age.len().saturating_sub(PHOTOS_AT_HAND);
        for (_, photo) in by_age.into_iter().take(too_many) {
            self.0.remove(&photo);
        }
    }

    /// Drops the photos of the verifiers who have declared none for the longest time, where there are more than
    /// [`VERIFIERS_AT_HAND`].
    fn drop_longest_idle(&mut self) {
        let mut last: BTreeMap<Owner, u32> = BTreeMap::new();
        for at_hand in self.0.values().filter(|at_hand| matches!(at_hand.owner, Owner::Verifier(_))) {
            let since = last.entry(at_hand.owner.clone()).or_default();
            *since = at_hand.since.max(*since);
        }
        let mut idle: Vec<(u32, Owner)> = last.into_iter().map(|(owner, since)| (since, owner)).collect();
        idle.sort_unstable();
        let too_many = idle.len().saturating_sub(VERIFIERS_AT_HAND);
        for (_, owner) in idle.into_iter().take(too_many) {
            self.0.retain(|_, at_hand| at_hand.owner != owner);
        }
    }

    /// Uses the named photos of the owner, which must include each of the kinds in `needs`. Photos from before the work stay at
    /// hand, all others are used up.
    pub(crate) fn use_up(
        &mut self,
        owner: &Owner,
        named: &[PhotoId],
        needs: &[(PhotoKind, ValidationErrorCode)],
    ) -> Result<Vec<PhotoUse>, ValidationErrors> {
        let mut errors = Vec::new();
        let mut uses = Vec::new();
        for (n, photo) in named.iter().enumerate() {
            let own = self.0.get(photo).filter(|at_hand| at_hand.owner == *owner).map(|at_hand| at_hand.kind);
            match own.filter(|kind| needs.iter().any(|(need, _)| need == kind)) {
                Some(kind) => uses.push(PhotoUse { photo: photo.clone(), kind }),
                None => errors
                    .push(ValidationError::new(format!("photos[{n}]"), ValidationErrorCode::NoSuchPhoto)),
            }
        }
        for (need, missing) in needs {
            if !uses.iter().any(|used| used.kind == *need) {
                errors.push(ValidationError::new("photos", *missing));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        for used in uses.iter().filter(|used| used.serves_once()) {
            self.0.remove(&used.photo);
        }
        Ok(uses)
    }

    /// Drops the photos of whoever no longer holds the report: a unit's when it leaves the unit for another or for the ticket
    /// desk, verifiers' when the field check ends.
    pub(crate) fn drop_left_behind(&mut self, status: Status, unit: Option<&Code>) {
        self.0.retain(|_, at_hand| match &at_hand.owner {
            Owner::Unit(code) => status != Status::Menunggu && unit == Some(code),
            Owner::Verifier(_) => status == Status::MenungguVerifikasi,
        });
    }
}
