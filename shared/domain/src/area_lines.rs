//! Outlines as lines to be drawn: those of the areas around a place.

use crate::{
    area::AreaCode,
    outline::{Spot, Window},
    routing::Cell,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most corners that all lines together have: with 22 bytes each they and a page with a map stay below 120 KB.
pub const MOST_CORNERS: usize = 1_950;
/// A corner this near to the one before it is left out at first, in metres.
const NEAR_M: f64 = 1.0;
/// How often that is doubled until there are few enough corners.
const DOUBLED: i32 = 10;

/// What is drawn of an area's outline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AreaLines {
    /// The area.
    pub code: AreaCode,
    /// Its lines, each from corner to corner; one that ends where it begins is a ring.
    pub lines: Vec<Vec<Spot>>,
}

/// A line from a corner to the next one.
type Edge = (Spot, Spot);

/// The outlines that meet a window, of cells that lie in it. Where an area and those below it have a border in common, it is drawn once, as
/// that of the lowest.
#[must_use]
pub fn lines_within(window: Window, cells: &[Cell]) -> Vec<AreaLines> {
    let mut areas: BTreeMap<&AreaCode, (usize, BTreeSet<Edge>)> = BTreeMap::new();
    for cell in cells {
        for (index, area) in cell.areas.iter().enumerate() {
            // Cells know some of the map around them, so that neighbours have the same edges.
            let edges = area.outline.edges().filter(|(from, to)| window.may_meet(*from, *to));
            areas.entry(&area.code).or_insert_with(|| (cell.depth(index), BTreeSet::new())).1.extend(edges);
        }
    }
    let mut lowest: BTreeMap<Edge, usize> = BTreeMap::new();
    for (depth, edges) in areas.values() {
        for edge in edges {
            let deepest = lowest.entry(either_way(*edge)).or_default();
            *deepest = (*depth).max(*deepest);
        }
    }
    let is_lowest = |edge: &Edge, depth: usize| lowest.get(&either_way(*edge)) == Some(&depth);
    let drawn: Vec<_> = areas
        .iter()
        .map(|(code, (depth, edges))| (*code, lines_of(edges.iter().filter(|edge| is_lowest(edge, *depth)))))
        .collect();
    few_corners(&drawn)
}

/// The same for both areas of a border, which go around it the other way.
fn either_way((from, to): Edge) -> Edge {
    (from.min(to), from.max(to))
}

/// Joins edges to lines as long as they can be.
fn lines_of<'a>(edges: impl Iterator<Item = &'a Edge>) -> Vec<Vec<Spot>> {
    let mut next: BTreeMap<Spot, Vec<Spot>> = BTreeMap::new();
    let mut ends = BTreeSet::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
        ends.insert(*to);
    }
    // What begins where nothing ends comes first; rings can begin anywhere.
    let (rings, open): (Vec<Spot>, Vec<Spot>) = next.keys().partition(|from| ends.contains(from));
    let mut lines = Vec::new();
    for from in open.into_iter().chain(rings) {
        while let Some(to) = next.get_mut(&from).and_then(Vec::pop) {
            let mut line = vec![from, to];
            let mut at = to;
            while let Some(to) = next.get_mut(&at).and_then(Vec::pop) {
                line.push(to);
                at = to;
            }
            lines.push(line);
        }
    }
    lines
}

/// Leaves out corners that hardly show; more of them where there are too many, and in the end whole lines.
fn few_corners(areas: &[(&AreaCode, Vec<Vec<Spot>>)]) -> Vec<AreaLines> {
    let mut few = Vec::new();
    for doubled in 0..=DOUBLED {
        let metres = NEAR_M * 2_f64.powi(doubled);
        few = areas
            .iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(code, lines)| AreaLines {
                code: (*code).clone(),
                lines: lines.iter().map(|line| without_small_steps(line, metres)).collect(),
            })
            .collect();
        if few.iter().flat_map(|area: &AreaLines| &area.lines).map(Vec::len).sum::<usize>() <= MOST_CORNERS {
            return few;
        }
    }
    let mut left = MOST_CORNERS;
    for area in &mut few {
        area.lines.retain(|line| {
            let fits = line.len() <= left;
            left -= if fits { line.len() } else { 0 };
            fits
        });
    }
    few.retain(|area| !area.lines.is_empty());
    few
}

/// A line without the corners that lie this near to the one before them. Its ends stay.
fn without_small_steps(line: &[Spot], metres: f64) -> Vec<Spot> {
    let Some((last, others)) = line.split_last() else { return Vec::new() };
    let mut kept: Vec<Spot> = Vec::new();
    for spot in others {
        if kept.last().is_none_or(|before| before.metres_to(*spot) >= metres) {
            kept.push(*spot);
        }
    }
    kept.push(*last);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        outline::{
            Outline,
            tests::{spot, window},
        },
        routing::Area,
    };

    fn code(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    /// A closed ring of these corners, as a cell keeps it.
    fn area(name: &str, parent: Option<u16>, cell: Window, corners: &[(i32, i32)]) -> Area {
        let ring = corners.iter().chain(corners.first()).map(|(lon, lat)| spot(*lon, *lat)).collect();
        let outline = Outline::within(cell, &[ring]);
        Area { code: code(name), parent, is_leaf: parent.is_some(), outline, rules: Vec::new() }
    }

    const KOTA: &[(i32, i32)] = &[(0, 0), (20_000, 0), (20_000, 10_000), (10_000, 10_000), (0, 10_000)];

    /// A kota whose western half is a kelurahan, as a cell keeps it.
    fn cell(cell: Window) -> Cell {
        let barat = [(0, 0), (10_000, 0), (10_000, 10_000), (0, 10_000)];
        Cell {
            areas: vec![area("barat", Some(1), cell, &barat), area("kota", None, cell, KOTA)],
            ..Cell::default()
        }
    }

    fn all() -> Window {
        window(-50_000, -50_000, 50_000, 50_000)
    }

    #[test]
    fn cells_beside_each_other_make_one_line_of_a_border_that_runs_through_both() {
        let cells =
            [cell(window(-10_000, -10_000, 9_000, 20_000)), cell(window(8_000, -10_000, 30_000, 20_000))];
        let lines = lines_within(all(), &cells);
        assert_eq!(lines, lines_within(all(), &[cell(all())]));
        let barat = &lines[0];
        assert_eq!((barat.code.as_str(), barat.lines.len(), barat.lines[0].len()), ("barat", 1, 5));
    }

    #[test]
    fn a_border_that_an_area_shares_with_one_below_it_is_the_lower_ones() {
        let lines = lines_within(all(), &[cell(all())]);
        let kota = lines.iter().find(|area| area.code == code("kota")).unwrap();
        // The common border to the west and the north is left out; the southern edge of the kota is another one, longer.
        let south_east_north = vec![spot(0, 0), spot(20_000, 0), spot(20_000, 10_000), spot(10_000, 10_000)];
        assert_eq!(kota.lines, [south_east_north]);
    }

    #[test]
    fn only_what_may_meet_the_window_is_drawn() {
        let lines = lines_within(window(15_000, 2_000, 25_000, 8_000), &[cell(all())]);
        let east = AreaLines { code: code("kota"), lines: vec![vec![spot(20_000, 0), spot(20_000, 10_000)]] };
        assert_eq!(lines, [east]);
        assert_eq!(lines_within(window(30_000, 0, 40_000, 10_000), &[cell(all())]), []);
    }

    #[test]
    fn no_map_has_more_corners_than_the_most() {
        // A coast that turns at every step, each of less than a metre, of 20 m and of more than a kilometre.
        for (turn, is_drawn) in [(2, true), (200, true), (40_000, false)] {
            let coast: Vec<(i32, i32)> = (0..8_000).map(|step| (step, turn * (step % 2))).collect();
            let areas =
                vec![area("pantai", None, all(), &coast), area("pulau", None, all(), &[(0, 0), (0, 9)])];
            let lines = lines_within(all(), &[Cell { areas, ..Cell::default() }]);
            let corners: usize = lines.iter().flat_map(|area| &area.lines).map(Vec::len).sum();
            assert!(corners <= MOST_CORNERS, "{turn}: {corners}");
            let codes: Vec<_> = lines.iter().map(|area| area.code.as_str()).collect();
            assert_eq!(codes, if is_drawn { vec!["pantai", "pulau"] } else { vec!["pulau"] }, "{turn}");
        }
    }

    #[test]
    fn corners_less_than_a_metre_after_another_are_left_out_and_ends_are_not() {
        let line = [spot(0, 0), spot(8, 0), spot(16, 0), spot(40, 0), spot(44, 0)];
        assert_eq!(without_small_steps(&line, 1.0), [line[0], line[2], line[3], line[4]]);
        assert_eq!(without_small_steps(&line[..2], 1.0), line[..2]);
    }
}
