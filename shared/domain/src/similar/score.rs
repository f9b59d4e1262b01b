//! What speaks for and against two reports being about the same thing, and how much.

use super::{
    Described, Likeness, Reason, Score,
    address::{Street, Streets},
    distance::{self, Distance},
    locators::{self, Agreement, Locator},
    tokens::{Token, tokens},
    words::{Shared, Words},
};
use std::collections::BTreeSet;

/// How alike two reports are; the same in either order.
pub(super) fn likeness(one: &Described<'_>, other: &Described<'_>) -> Option<Likeness> {
    let comparison = Comparison::of(one, other)?;
    let score = comparison.score()?;
    Some(Likeness { score, distance: comparison.distance, reasons: comparison.reasons() })
}

/// A report as it is compared.
struct Read {
    street: Street,
    locators: BTreeSet<Locator>,
    address: Vec<Token>,
    description: Vec<Token>,
}

impl Read {
    fn of(report: &Described<'_>) -> Self {
        let address = report.place.address.as_deref().unwrap_or_default();
        let (street, address, description) =
            (Street::of(address), tokens(address), tokens(report.description));
        let mut locators = locators::locators(&address);
        locators.extend(locators::locators(&description));
        Self { street, locators, address, description }
    }

    fn words(&self, of_streets: &BTreeSet<String>) -> Words {
        let mut words = Words::default();
        words.read(&self.description, of_streets);
        words.read(&self.address, of_streets);
        words
    }
}

/// What two reports have in common, and what not.
#[derive(Debug)]
struct Comparison {
    /// Metres between the positions, where both have one.
    metres: Option<f64>,
    /// As many of these metres as inaccurate positions excuse.
    excused: f64,
    distance: Option<Distance>,
    same_category: bool,
    /// `None` where one has no area.
    same_area: Option<bool>,
    streets: Streets,
    locators: Vec<(Locator, Agreement)>,
    words: Shared,
}

/// An accuracy that is not known, in metres.
const USUAL_ACCURACY_M: f64 = 10.0;
/// A worse accuracy excuses no more.
const WORST_ACCURACY_M: f64 = 80.0;

impl Comparison {
    /// `None` where nothing could make the two similar: another group of categories, or too far apart.
    fn of(one: &Described<'_>, other: &Described<'_>) -> Option<Self> {
        if one.group.unwrap_or(one.category) != other.group.unwrap_or(other.category) {
            return None;
        }
        let positions = one.place.point.zip(other.place.point);
        let metres = positions.map(|(one, other)| distance::metres(one, other));
        let distance = match metres {
            Some(metres) => Some(Distance::of(metres)?),
            None => None,
        };
        let (same_category, same_area) =
            (one.category == other.category, one.area.zip(other.area).map(|(one, other)| one == other));
        let excused = positions
            .map_or(0.0, |(one, other)| (accuracy(one.accuracy_m) + accuracy(other.accuracy_m)) / 2.0);

        // Whose words are compared with whose could make a difference, so the same text comes first in either order.
        let (one, other) = if texts(other) < texts(one) { (other, one) } else { (one, other) };
        let (one, other) = (Read::of(one), Read::of(other));
        // Of the street that both name, its words in a description tell nothing.
        let of_streets: BTreeSet<String> =
            one.street.shared(&other.street).chain(other.street.shared(&one.street)).cloned().collect();
        Some(Self {
            metres,
            excused,
            distance,
            same_category,
            same_area,
            streets: one.street.compared(&other.street),
            locators: locators::compared(&one.locators, &other.locators),
            words: one.words(&of_streets).shared(&other.words(&of_streets)),
        })
    }

    /// `None` where more speaks against than for.
    fn score(&self) -> Option<Score> {
        match self.points() {
            HIGH.. => Some(Score::High),
            NAMED.. => Some(Score::Medium),
            _ => None,
        }
    }

    fn points(&self) -> i32 {
        self.place() + self.locators() + self.words()
    }

    fn place(&self) -> i32 {
        let of_streets = match (self.metres, self.streets) {
            (_, Streets::Unknown) => 0,
            (Some(_), Streets::Same | Streets::Nearly) => -3,
            (Some(_), Streets::Different) => -6,
            (None, Streets::Same) => 4,
            (None, Streets::Nearly) => 2,
            (None, Streets::Different) => -20,
        };
        let of_area = if self.metres.is_none() && self.same_area == Some(false) { -40 } else { 0 };
        let of_positions = match self.metres {
            Some(metres) => -9 - tenths((metres - self.excused).max(0.0) / METRES_FOR_TEN),
            None => -15,
        };
        of_streets + of_area + of_positions
    }

    fn locators(&self) -> i32 {
        let points = self.locators.iter().map(|(locator, how)| match (locator, how) {
            (
                Locator::House(_) | Locator::Pole(_) | Locator::Kilometre(_) | Locator::Block(_),
                Agreement::Same,
            ) => 10,
            (
                Locator::House(_) | Locator::Pole(_) | Locator::Kilometre(_) | Locator::Block(_),
                Agreement::Differ,
            ) => -25,
            (Locator::Side(_) | Locator::Towards(_) | Locator::Neighbourhood(_), Agreement::Same) => 4,
            (Locator::Side(_) | Locator::Towards(_) | Locator::Neighbourhood(_), Agreement::Differ) => -15,
            (Locator::Hamlet(_), Agreement::Differ) => -5,
            (Locator::Hamlet(_), Agreement::Same) | (_, Agreement::Near) => 0,
        });
        points.sum()
    }

    fn words(&self) -> i32 {
        let words = self.words;
        let points =
            |number: usize, each: i32, most: usize| i32::try_from(number.min(most)).unwrap_or(0) * each;
        let of_landmarks = if words.landmarks + words.names + words.details > 0 {
            points(words.landmarks, 15, 2) + points(words.names, 11, 2) + points(words.details, 11, 3)
        } else if words.both_have_landmarks {
            -14
        } else {
            // Neither says where exactly: only positions at one spot can tell.
            if self.distance == Some(Distance::Metres25) { 0 } else { -7 }
        };
        let of_subjects = if words.subjects == 0 && words.fewer_subjects > 0 { -5 } else { 0 };
        let of_category = if self.same_category { 4 } else { 0 };
        of_landmarks + of_subjects + of_category + points(words.subjects, 9, 3) + points(words.topics, 10, 3)
    }

    /// What speaks for it.
    fn reasons(&self) -> Vec<Reason> {
        let words = self.words;
        let shared = words.subjects + words.topics + words.landmarks + words.names + words.details;
        let is_number = |locator: &Locator| !matches!(locator, Locator::Side(_) | Locator::Towards(_));
        let same_number =
            self.locators.iter().any(|(locator, how)| *how == Agreement::Same && is_number(locator));
        let same_street = matches!(self.streets, Streets::Same | Streets::Nearly);
        let named = [
            (Reason::Near, matches!(self.distance, Some(Distance::Metres25 | Distance::Metres100))),
            (Reason::SameCategory, self.same_category),
            (Reason::SameGroup, !self.same_category),
            (Reason::SameWords, shared > 0),
            (Reason::SameAddress, same_street || same_number),
            (Reason::SameArea, self.metres.is_none() && self.same_area == Some(true)),
        ];
        named.into_iter().filter(|(_, is_so)| *is_so).map(|(reason, _)| reason).collect()
    }
}

/// Points from which two reports are named. Ten points make it about e times as likely that they are about the same thing.
const NAMED: i32 = 0;
/// Points from which two reports are most likely about the same thing.
const HIGH: i32 = 20;
/// So many metres that are not excused cost ten points.
const METRES_FOR_TEN: f64 = 32.0;

fn texts<'a>(report: &Described<'a>) -> (&'a str, Option<&'a str>) {
    (report.description, report.place.address.as_deref())
}

fn accuracy(metres: Option<f64>) -> f64 {
    metres.unwrap_or(USUAL_ACCURACY_M).clamp(0.0, WORST_ACCURACY_M)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a number of points; beyond what it holds, Rust takes the last that it holds"
)]
fn tenths(points: f64) -> i32 {
    (points * 10.0).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        location::{Place, Point},
        unit::Code,
    };
    use rstest::rstest;

    fn points(one: &str, other: &str) -> i32 {
        let place = Place { point: Some(Point { lat: -6.2, lon: 106.8, accuracy_m: None }), address: None };
        let category = Code::parse("sampah").unwrap();
        let [one, other] = [one, other].map(|description| Described {
            place: &place,
            area: None,
            category: &category,
            group: None,
            description,
        });
        Comparison::of(&one, &other).unwrap().points()
    }

    #[test]
    fn of_words_that_are_slips_of_one_as_many_count_in_either_order() {
        let (one, other) = ("sampah mawarka mawarki", "sampah mawarku");
        assert_eq!(points(one, other), points(other, one));
    }

    #[rstest]
    #[case("sampah depan indomaret", "smpah dpn indomart", "smpah dpn alfamart")]
    #[case("sampah depan masjid nurul", "sampah depan mesjid Nurul", "sampah depan masjid hidayah")]
    #[case("got mampet no 12", "selokan buntu nomor 12", "selokan buntu nomor 40")]
    #[case("lampu tiang 17 mati", "PJU 017 padam", "PJU 019 padam")]
    #[case("macet arah Kuningan", "macet ke arah kuningan", "macet arah ps rebo")]
    #[case("puing renovasi numpuk", "brangkal bertumpuk", "daun menumpuk")]
    #[case("trash near the pharmacy", "sampah dekat apotik", "sampah dekat pasar")]
    fn other_words_for_the_same_speak_for_it_and_other_things_against(
        #[case] one: &str,
        #[case] same: &str,
        #[case] different: &str,
    ) {
        assert!(points(one, same) > points(one, different));
    }
}
