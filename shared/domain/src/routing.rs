//! Which unit a new report goes to, by its place and category, and why.

pub mod encoding;

use crate::{
    area::AreaCode,
    location::Place,
    outline::{Outline, Spot},
    slots::SlotClass,
    unit::{Code, Unit},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A position outside every leaf area (one with no areas below it) counts as in the nearest one up to this many metres away: outlines of real
/// maps leave gaps.
const GAP_M: f64 = 100.0;
/// The accuracy of a position that says none, in metres.
const USUAL_ACCURACY_M: f64 = 50.0;
/// How far around itself a cell knows the map, in metres. A position whose accuracy is worse than this cannot be routed.
pub const MARGIN_M: f64 = 300.0;

/// A piece of the city's map: the areas that meet in it, and the rules that may apply there.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The areas that lie within [`MARGIN_M`] of the cell, with all that stand above them, in the order of their codes.
    pub areas: Vec<Area>,
    /// The rules for the whole city.
    pub everywhere: Vec<Rule>,
    /// The units that rules name.
    pub units: Vec<Unit>,
}

/// An area in a cell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Area {
    /// Its code.
    pub code: AreaCode,
    /// The index, in `Cell::areas`, of the area above this one.
    pub parent: Option<u16>,
    /// Whether no area is below it.
    pub is_leaf: bool,
    /// What the cell keeps of its outline; nothing where the city gave it none.
    pub outline: Outline,
    /// The rules for this very area.
    pub rules: Vec<Rule>,
}

/// Which unit gets reports of a category.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// The category; `None` for every one that has no rule of its own.
    pub category: Option<Code>,
    /// The index of the unit in `Cell::units`.
    pub unit: u16,
}

/// The column and the row of the cell in which a spot lies, for cells of `size` millionths of a degree. They are counted from the south-west.
#[must_use]
pub fn cell_at(spot: Spot, size: i32) -> (i32, i32) {
    (
        spot.lon.saturating_add(180_000_000).div_euclid(size),
        spot.lat.saturating_add(90_000_000).div_euclid(size),
    )
}

/// Where a new report goes.
#[derive(Clone, PartialEq, Debug)]
pub struct Route {
    /// The area to which the report belongs (see `Cell::lowest`).
    pub area: Option<AreaCode>,
    /// The unit, or why the ticket desk has to decide.
    pub to: Result<Routed, TicketDesk>,
    /// The unit that the rules name, where the ticket desk has to decide all the same.
    pub suggested: Option<Code>,
}

/// A unit, and the rule that names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Routed {
    /// The unit.
    pub unit: Unit,
    /// The rule's area; `None` for a rule of the whole city.
    pub rule_area: Option<AreaCode>,
    /// The rule's category; `None` for a rule of every category.
    pub rule_category: Option<Code>,
}

/// Why the ticket desk has to send a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketDesk {
    /// The report has no position.
    NoPosition,
    /// The city has no map, or the position lies in no area of it.
    NoArea,
    /// The category is a sensitive one.
    Sensitive,
    /// The position's accuracy is worse than [`MARGIN_M`].
    Inaccurate,
    /// Within the position's accuracy lies an area whose reports of this category go to another unit, or to none.
    NearBorder,
    /// No rule names a unit for the category there.
    NoRule,
}

/// Decides where a new report goes; `cell` is the one that it lies in, `None` where the map has none.
#[must_use]
pub fn route(cell: Option<&Cell>, place: &Place, category: &Code, slots: SlotClass) -> Route {
    let to_ticket_desk = |area: Option<&Area>, why, suggested| Route {
        area: area.map(|area| area.code.clone()),
        to: Err(why),
        suggested,
    };
    let Some(point) = place.point else { return to_ticket_desk(None, TicketDesk::NoPosition, None) };
    let spot = Spot::of(point);
    let Some((cell, own)) = cell.and_then(|cell| Some((cell, cell.lowest(spot)?))) else {
        return to_ticket_desk(None, TicketDesk::NoArea, None);
    };
    let area = cell.areas.get(own);
    let routed = cell.routed(own, category);
    let suggested = routed.as_ref().map(|routed| routed.unit.code.clone());
    if slots == SlotClass::Peka {
        return to_ticket_desk(area, TicketDesk::Sensitive, suggested);
    }
    let Some(routed) = routed else { return to_ticket_desk(area, TicketDesk::NoRule, None) };
    let accuracy = point.accuracy_m.unwrap_or(USUAL_ACCURACY_M);
    if accuracy > MARGIN_M {
        return to_ticket_desk(area, TicketDesk::Inaccurate, suggested);
    }
    let is_near = |other: &Area| other.outline.metres_from(spot).is_some_and(|metres| metres <= accuracy);
    let above_own: BTreeSet<usize> = cell.up_from(own).collect();
    let is_of_another = |(index, other): (usize, &Area)| {
        other.is_leaf
            && !above_own.contains(&index)
            && cell.routed(index, category).is_none_or(|other| other.unit.code != routed.unit.code)
            && is_near(other)
    };
    if cell.areas.iter().enumerate().any(is_of_another) {
        return to_ticket_desk(area, TicketDesk::NearBorder, suggested);
    }
    Route { area: area.map(|area| area.code.clone()), to: Ok(routed), suggested: None }
}

impl Cell {
    /// The area to which a spot belongs. Normally the deepest area that contains it, or the first by code where several are equally deep. If
    /// that area has areas below it, or no area contains the spot: the nearest leaf area (of those below the containing area, if there is one),
    /// if it is within `GAP_M`; otherwise the containing area, if any.
    fn lowest(&self, spot: Spot) -> Option<usize> {
        let containing = self.areas.iter().enumerate().filter(|(_, area)| area.outline.contains(spot));
        // `max_by_key` returns the last of equal values, so the order is reversed: the first by code wins.
        let found = containing.rev().max_by_key(|(index, _)| self.depth(*index));
        if let Some((index, area)) = found
            && area.is_leaf
        {
            return Some(index);
        }
        let found = found.map(|(index, _)| index);
        let stands_below = |index| found.is_none_or(|above| self.up_from(index).any(|area| area == above));
        let near = self
            .areas
            .iter()
            .enumerate()
            .filter(|(index, area)| area.is_leaf && stands_below(*index))
            .filter_map(|(index, area)| Some((area.outline.metres_from(spot)?, index)))
            .filter(|(metres, _)| *metres <= GAP_M)
            .min_by(|one, other| one.0.total_cmp(&other.0));
        near.map(|(_, index)| index).or(found)
    }

    /// The index of an area, then those of the areas above it, up to the root.
    fn up_from(&self, index: usize) -> impl Iterator<Item = usize> {
        let above = |index: &usize| self.areas.get(*index)?.parent.map(usize::from);
        // `take` stops at a cycle of parents too. (The check of the city's folder already refuses one.)
        std::iter::successors(Some(index), above).take(self.areas.len())
    }

    /// How many areas stand above an area, and itself.
    pub(crate) fn depth(&self, index: usize) -> usize {
        self.up_from(index).count()
    }

    /// The unit of a category in an area: the rule of the most specific area applies; of one area's rules that of the category.
    fn routed(&self, index: usize, category: &Code) -> Option<Routed> {
        let areas = self.up_from(index).filter_map(|index| self.areas.get(index));
        let rules = areas.map(|area| (Some(&area.code), &area.rules)).chain([(None, &self.everywhere)]);
        rules.into_iter().find_map(|(area, rules)| {
            let of = |wanted: Option<&Code>| rules.iter().find(|rule| rule.category.as_ref() == wanted);
            let rule = of(Some(category)).or_else(|| of(None))?;
            let unit = self.units.get(usize::from(rule.unit))?.clone();
            Some(Routed { unit, rule_area: area.cloned(), rule_category: rule.category.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{location::Point, outline::Window};

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn area_code(text: &str) -> Option<AreaCode> {
        AreaCode::parse(text)
    }

    /// A kota of two kelurahan with a gap of 0.002 degrees (220 m) between them; north of latitude 0.01 the kota has no kelurahan.
    fn cell() -> Cell {
        let all = Window {
            least: Spot { lon: -50_000, lat: -50_000 },
            greatest: Spot { lon: 50_000, lat: 50_000 },
        };
        let square = |west: i32, south: i32, east: i32, north: i32| {
            let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)];
            Outline::within(all, &[corners.map(|(lon, lat)| Spot { lon, lat }).to_vec()])
        };
        let area = |name: &str, parent, outline, rules: &[(Option<&str>, u16)]| Area {
            code: area_code(name).unwrap(),
            parent,
            is_leaf: parent.is_some(),
            outline,
            rules: rules
                .iter()
                .map(|(category, unit)| Rule { category: category.map(code), unit: *unit })
                .collect(),
        };
        Cell {
            areas: vec![
                area("barat", Some(1), square(0, 0, 10_000, 10_000), &[(Some("jalan"), 0)]),
                area("kota", None, square(0, 0, 22_000, 20_000), &[(None, 2), (Some("lampu"), 3)]),
                area("timur", Some(1), square(12_000, 0, 22_000, 10_000), &[(Some("jalan"), 1)]),
            ],
            everywhere: vec![
                Rule { category: Some(code("hewan")), unit: 4 },
                Rule { category: None, unit: 5 },
            ],
            units: ["jalan-barat", "jalan-timur", "kota", "lampu", "hewan", "semua"]
                .map(|name| Unit { code: code(name), path: vec![code(name)] })
                .to_vec(),
        }
    }

    fn place(lon: f64, lat: f64, accuracy_m: Option<f64>) -> Place {
        Place { point: Some(Point { lat, lon, accuracy_m }), address: None }
    }

    /// The area, and the unit or why there is none.
    fn routed(place: &Place, category: &str) -> (Option<String>, Result<String, TicketDesk>) {
        let Route { area, to, .. } = route(Some(&cell()), place, &code(category), SlotClass::Biasa);
        (area.map(|area| area.to_string()), to.map(|routed| routed.unit.code.to_string()))
    }

    #[test]
    fn the_most_specific_area_decides_and_then_the_category() {
        let middle = place(0.005, 0.005, None);
        for (category, unit) in
            [("jalan", "jalan-barat"), ("lampu", "lampu"), ("pohon", "kota"), ("hewan", "kota")]
        {
            assert_eq!(routed(&middle, category), (Some("barat".into()), Ok(unit.into())), "{category}");
        }
        let mut whole_city = cell();
        whole_city.areas[1].rules.clear();
        let to = |category| route(Some(&whole_city), &middle, &code(category), SlotClass::Biasa).to.unwrap();
        assert_eq!(to("hewan").unit.code, code("hewan"));
        let Routed { unit, rule_area, rule_category } = to("pohon");
        assert_eq!((unit.code, rule_area, rule_category), (code("semua"), None, None));
        assert_eq!(to("jalan").rule_area, area_code("barat"));
    }

    #[test]
    fn a_point_whose_accuracy_reaches_over_the_border_of_its_unit_goes_to_the_ticket_desk() {
        // 88 m from the eastern border of barat, and 222 m more to timur.
        let near = |accuracy| place(0.009_2, 0.005, accuracy);
        let barat = || Some("barat".to_owned());
        assert_eq!(routed(&near(None), "jalan"), (barat(), Ok("jalan-barat".into())));
        assert_eq!(routed(&near(Some(290.0)), "jalan"), (barat(), Ok("jalan-barat".into())));
        let across = place(0.009_9, 0.005, Some(240.0));
        assert_eq!(routed(&across, "jalan"), (barat(), Err(TicketDesk::NearBorder)));
        let suggested = route(Some(&cell()), &across, &code("jalan"), SlotClass::Biasa).suggested;
        assert_eq!(suggested, Some(code("jalan-barat")));
        // Both kelurahan have the same unit for lamps.
        assert_eq!(routed(&across, "lampu"), (barat(), Ok("lampu".into())));
        assert_eq!(routed(&near(Some(301.0)), "lampu"), (barat(), Err(TicketDesk::Inaccurate)));
    }

    #[test]
    fn a_point_in_a_gap_lies_in_the_nearest_lowest_area_within_100_metres() {
        // 78 and 144 m; then 111 m to both, and in the kota alone.
        let gap = place(0.010_7, 0.005, Some(5.0));
        assert_eq!(routed(&gap, "jalan"), (Some("barat".into()), Ok("jalan-barat".into())));
        assert_eq!(
            routed(&place(0.011, 0.005, Some(5.0)), "jalan"),
            (Some("kota".into()), Ok("kota".into()))
        );
        assert_eq!(
            routed(&place(0.005, 0.015, Some(5.0)), "jalan"),
            (Some("kota".into()), Ok("kota".into()))
        );
        // Outside the kota, near barat and not.
        assert_eq!(routed(&place(-0.000_5, 0.005, Some(5.0)), "jalan").0, Some("barat".into()));
        assert_eq!(routed(&place(-0.005, 0.005, Some(5.0)), "jalan"), (None, Err(TicketDesk::NoArea)));
    }

    #[test]
    fn of_areas_that_overlap_the_first_by_code_is_taken() {
        let mut cell = cell();
        cell.areas[2].outline = cell.areas[0].outline.clone();
        let route = route(Some(&cell), &place(0.005, 0.005, None), &code("lampu"), SlotClass::Biasa);
        assert_eq!(route.area, area_code("barat"));
    }

    #[test]
    fn what_only_a_person_can_place_goes_to_the_ticket_desk() {
        let address = Place { point: None, address: Some("Jl. Contoh 1".into()) };
        assert_eq!(routed(&address, "jalan"), (None, Err(TicketDesk::NoPosition)));
        let middle = place(0.005, 0.005, None);
        let sensitive = route(Some(&cell()), &middle, &code("jalan"), SlotClass::Peka);
        assert_eq!(
            sensitive,
            Route {
                area: area_code("barat"),
                to: Err(TicketDesk::Sensitive),
                suggested: Some(code("jalan-barat"))
            }
        );
        let no_map = route(None, &middle, &code("jalan"), SlotClass::Biasa);
        assert_eq!(no_map, Route { area: None, to: Err(TicketDesk::NoArea), suggested: None });
        let mut no_rule = cell();
        no_rule.everywhere.clear();
        no_rule.areas.iter_mut().for_each(|area| area.rules.clear());
        let no_rule = route(Some(&no_rule), &middle, &code("jalan"), SlotClass::Biasa);
        assert_eq!(no_rule, Route { area: area_code("barat"), to: Err(TicketDesk::NoRule), suggested: None });
    }
}
