//! Whether the rings of one area are an outline: none crosses itself or another, shells and holes lie in each other as they should.
//!
//! In whole numbers, so that nothing depends on rounding, and with a sweep, because outlines can have many corners. The validation of the
//! crate `geo` holds each part of a ring against each other part, and does not say where they cross.

use super::{
    bounds::{around, each_meeting},
    rings::at,
};
use domain::outline::{Spot, Window};
use std::collections::BTreeSet;

/// A part of a ring, from one corner to the next.
#[derive(Clone, Copy)]
struct Edge {
    ring: usize,
    from: Spot,
    to: Spot,
}

/// The texts of an area's mistakes; `polygons` are its shells, each with its holes behind it. All positions are on the earth.
pub(crate) fn mistakes(polygons: &[Vec<Vec<Spot>>]) -> Vec<String> {
    let rings: Vec<&[Spot]> = polygons.iter().flatten().map(Vec::as_slice).collect();
    if let Some(ring) = twice(&rings) {
        return vec![format!("the same ring twice, from {}", at(ring))];
    }
    let edges: Vec<Edge> = rings.iter().enumerate().flat_map(|(ring, spots)| edges(ring, spots)).collect();
    let windows: Vec<Window> = edges.iter().filter_map(|edge| around([&edge.from, &edge.to])).collect();
    let (mut crossing, mut touching) = (None, BTreeSet::new());
    each_meeting(&windows, |one, other| {
        let (Some(one), Some(other)) = (edges.get(one), edges.get(other)) else { return };
        match meeting(*one, *other) {
            Meeting::Apart => {}
            Meeting::Crossing => crossing = crossing.or(Some(one.from)),
            Meeting::Touching => drop(touching.insert((one.ring, other.ring))),
        }
    });
    let crossing = crossing.or_else(|| {
        let is_crossing = |(one, other): &&(usize, usize)| {
            let both = rings.get(*one).zip(rings.get(*other));
            both.is_some_and(|(one, other)| is_in_and_out(one, other) || is_in_and_out(other, one))
        };
        let (one, _) = touching.iter().find(is_crossing)?;
        rings.get(*one)?.first().copied()
    });
    // Where rings cross, none lies in the other.
    crossing.map_or_else(
        || nesting(polygons),
        |spot| vec![format!("the outline crosses itself near {}", at(spot))],
    )
}

fn edges(ring: usize, spots: &[Spot]) -> impl Iterator<Item = Edge> {
    spots.iter().zip(spots.iter().skip(1)).map(move |(from, to)| Edge { ring, from: *from, to: *to })
}

/// A corner of a ring that is there twice, whatever corner it begins at.
fn twice(rings: &[&[Spot]]) -> Option<Spot> {
    let mut seen = BTreeSet::new();
    rings.iter().find_map(|ring| {
        let mut corners = ring.split_last().map(|(_, corners)| corners.to_vec()).unwrap_or_default();
        let first = corners.iter().enumerate().min_by_key(|(_, spot)| **spot).map_or(0, |(index, _)| index);
        corners.rotate_left(first);
        // The other way round it is the same ring.
        if let Some((_, rest)) = corners.split_first_mut()
            && rest.first() > rest.last()
        {
            rest.reverse();
        }
        let corner = corners.first().copied();
        if seen.insert(corners) { None } else { corner }
    })
}

/// How two edges lie to each other.
enum Meeting {
    Apart,
    /// Different rings may touch, and run along each other; one ring may touch itself where both have a corner.
    Touching,
    Crossing,
}

fn meeting(one: Edge, other: Edge) -> Meeting {
    let apart = |a: i64, b: i64| a * b < 0;
    let is_inner = is_inner(one, other.from)
        || is_inner(one, other.to)
        || is_inner(other, one.from)
        || is_inner(other, one.to);
    let is_same =
        (one.from == other.to && one.to == other.from) || (one.from, one.to) == (other.from, other.to);
    if one.ring == other.ring && (is_inner || is_same)
        || apart(side(one.from, one.to, other.from), side(one.from, one.to, other.to))
            && apart(side(other.from, other.to, one.from), side(other.from, other.to, one.to))
    {
        return Meeting::Crossing;
    }
    let is_corner = [one.from, one.to].iter().any(|spot| [other.from, other.to].contains(spot));
    if one.ring != other.ring && (is_inner || is_corner) { Meeting::Touching } else { Meeting::Apart }
}

/// On which side of a line from `from` to `to` a spot lies: 1 to its left, 0 on it.
fn side(from: Spot, to: Spot, spot: Spot) -> i64 {
    let wide = |number: i32| i64::from(number);
    let (dx, dy) = (wide(to.lon) - wide(from.lon), wide(to.lat) - wide(from.lat));
    let (x, y) = (wide(spot.lon) - wide(from.lon), wide(spot.lat) - wide(from.lat));
    (dx * y - dy * x).signum()
}

/// Whether a spot lies on an edge and is none of its ends.
fn is_inner(edge: Edge, spot: Spot) -> bool {
    spot != edge.from
        && spot != edge.to
        && around([&edge.from, &edge.to]).is_some_and(|window| window.contains(spot))
        && side(edge.from, edge.to, spot) == 0
}

/// Shells lie in no other ring, or on an island: in a hole of another shell. Holes lie in their own shell and in no other hole.
fn nesting(polygons: &[Vec<Vec<Spot>>]) -> Vec<String> {
    let mut rings = Vec::new();
    for (polygon, its) in polygons.iter().enumerate() {
        rings.extend(its.iter().enumerate().map(|(index, ring)| (polygon, index == 0, ring.as_slice())));
    }
    let windows: Vec<Window> = rings.iter().filter_map(|(_, _, ring)| around(*ring)).collect();
    // Of each ring how many others it lies in, and whether one of them is its own shell.
    let mut inside = vec![(0, false); rings.len()];
    each_meeting(&windows, |one, other| {
        for (inner, outer) in [(one, other), (other, one)] {
            if let (Some((own, _, ring)), Some((polygon, is_shell, around))) =
                (rings.get(inner), rings.get(outer))
                && lies_in(ring, around)
                && let Some((count, in_own)) = inside.get_mut(inner)
            {
                *count += 1;
                *in_own |= own == polygon && *is_shell;
            }
        }
    });
    let wrong = rings.iter().zip(inside).filter_map(|((_, is_shell, ring), (count, in_own))| {
        let corner = at(*ring.first()?);
        if *is_shell && count % 2 == 1 {
            return Some(format!("a part of the outline lies in another part: the one from {corner}"));
        }
        let is_hole = in_own && count % 2 == 1;
        let text = || format!("a hole lies outside its shell, or in another hole: the one from {corner}");
        (!is_shell && !is_hole).then(text)
    });
    wrong.collect()
}

/// Whether a ring lies in another one that it does not cross: the first edge that does not run along the other tells.
fn lies_in(ring: &[Spot], outer: &[Spot]) -> bool {
    // A ring whose every edge lies on the other's border is that ring with other corners.
    edges(0, ring).find_map(|edge| middle_is_in(edge, outer)).unwrap_or(true)
}

/// Whether a ring has edges on both sides of another one.
fn is_in_and_out(ring: &[Spot], outer: &[Spot]) -> bool {
    let sides: BTreeSet<bool> = edges(0, ring).filter_map(|edge| middle_is_in(edge, outer)).collect();
    sides.len() == 2
}

/// Whether the middle of an edge lies in a ring; `None` on its border.
fn middle_is_in(edge: Edge, ring: &[Spot]) -> Option<bool> {
    // Of all numbers the double, so that the middle is whole.
    let doubled = |spot: Spot| (i64::from(spot.lon) * 2, i64::from(spot.lat) * 2);
    let (x, y) = (
        i64::from(edge.from.lon) + i64::from(edge.to.lon),
        i64::from(edge.from.lat) + i64::from(edge.to.lat),
    );
    let mut is_within = false;
    for edge in edges(0, ring) {
        let ((ax, ay), (bx, by)) = (doubled(edge.from), doubled(edge.to));
        let side = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
        let between = |a: i64, b: i64, c: i64| (a.min(b)..=a.max(b)).contains(&c);
        if side == 0 && between(ax, bx, x) && between(ay, by, y) {
            return None;
        }
        // A line to the west crosses the edge: the middle lies to the right of one that goes up, to the left of one that goes down.
        if (ay > y) != (by > y) && (side < 0) == (by > ay) {
            is_within = !is_within;
        }
    }
    Some(is_within)
}
