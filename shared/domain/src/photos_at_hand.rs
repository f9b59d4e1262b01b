//! The photos that officers have at hand for a TL or a verification: whose they are, how many stay, and how they are used up.

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

/// The most verifiers whose photos are at hand at once, so that a snapshot does not grow with everybody who comes by.
const VERIFIERS_AT_HAND: usize = 10;

/// Photos announced and not yet used up, by those who still hold the report.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhotosAtHand(BTreeMap<PhotoId, AtHand>);

/// A photo at hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AtHand {
    /// What it shows.
    pub kind: PhotoKind,
    /// Who may use it, and nobody else.
    pub owner: Owner,
    /// The number of the event that announced it.
    pub since: u32,
}

/// Whose a photo at hand is: the work is the unit's, a look in the field is one person's own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The unit that announced it.
    Unit(Code),
    /// The subject of the verifier who did.
    Verifier(String),
}

impl Owner {
    /// Whose the photos are that this officer announces.
    #[must_use]
    pub fn of(officer: &Officer) -> Self {
        match &officer.role {
            Role::Unit(code) => Self::Unit(code.clone()),
            Role::Bureau(_) => Self::Verifier(officer.id.clone()),
        }
    }
}

/// A photo that a command uses. It must be ready, or nothing happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoUse {
    /// Which.
    pub photo: PhotoId,
    /// What it serves as.
    pub kind: PhotoKind,
}

impl PhotoUse {
    /// Whether it serves this once only: a picture from before the work may show again where the work began.
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
    /// All of them, by id.
    pub fn all(&self) -> impl Iterator<Item = (&PhotoId, &AtHand)> {
        self.0.iter()
    }

    /// The one of this id.
    #[must_use]
    pub fn get(&self, photo: &PhotoId) -> Option<&AtHand> {
        self.0.get(photo)
    }

    /// Those that are `owner`'s, with what they show.
    pub fn of<'a>(&'a self, owner: &'a Owner) -> impl Iterator<Item = (&'a PhotoId, PhotoKind)> {
        self.0.iter().filter(move |(_, at_hand)| at_hand.owner == *owner).map(|(id, at)| (id, at.kind))
    }

    /// Adds what `owner` announces with the event of number `since`, in the place of what came to nothing and of the oldest.
    pub(crate) fn announce(
        &mut self,
        owner: &Owner,
        new: Vec<(PhotoId, PhotoKind)>,
        gone: &[PhotoId],
        since: u32,
    ) -> Result<(), ValidationErrors> {
        let count = |kind| new.iter().filter(|(_, of)| *of == kind).count();
        let kinds = [PhotoKind::Before, PhotoKind::After, PhotoKind::Field];
        if kinds.map(count).into_iter().any(|n| n > PHOTOS_AT_HAND) {
            return Err(vec![ValidationError::new("photos", ValidationErrorCode::TooMany)]);
        }
        self.0.retain(|photo, _| !gone.contains(photo));
        let new = new.into_iter().map(|(photo, kind)| (photo, AtHand { kind, owner: owner.clone(), since }));
        self.0.extend(new);
        for kind in kinds {
            self.drop_oldest(owner, kind);
        }
        self.drop_longest_idle();
        Ok(())
    }

    /// Keeps the owner's newest ten of a kind: an eleventh takes the place of the oldest, so that no number of pictures that prove
    /// nothing bars the way of one that does.
    fn drop_oldest(&mut self, owner: &Owner, kind: PhotoKind) {
        let own = self.0.iter().filter(|(_, at_hand)| at_hand.owner == *owner && at_hand.kind == kind);
        let mut by_age: Vec<(u32, PhotoId)> = own.map(|(id, at_hand)| (at_hand.since, id.clone())).collect();
        by_age.sort_unstable();
        let too_many = by_age.len().saturating_sub(PHOTOS_AT_HAND);
        for (_, photo) in by_age.into_iter().take(too_many) {
            self.0.remove(&photo);
        }
    }

    /// Drops the photos of the verifiers who announced none for longest, where there are more than [`VERIFIERS_AT_HAND`].
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

    /// Uses those of the owner's photos that are named, of the kinds in `needs`, each of which must be among them: those from
    /// before the work may serve again, all others serve once.
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

    /// Drops the photos of whoever holds the report no longer: a unit's when it leaves the unit for another or for the ticket
    /// desk, verifiers' when the field check ends.
    pub(crate) fn drop_left_behind(&mut self, status: Status, unit: Option<&Code>) {
        self.0.retain(|_, at_hand| match &at_hand.owner {
            Owner::Unit(code) => status != Status::Menunggu && unit == Some(code),
            Owner::Verifier(_) => status == Status::MenungguVerifikasi,
        });
    }
}
