//! How well areas share the map out: where two of one level overlap, and what of an area none of those below it covers.

use super::{
    Area,
    bounds::{around, each_meeting},
};
use domain::{
    area::AreaCode,
    outline::{Spot, Window},
};
use i_overlay::{
    core::{fill_rule::FillRule, overlay_rule::OverlayRule},
    float::single::SingleFloatOverlay,
};
use std::collections::BTreeMap;

/// Square metres that are not worth a word: what rounding to spots makes.
const UNSAID_M2: f64 = 1.0;

/// What is said of an area, by its position in the list.
pub(crate) struct Said {
    pub(crate) area: usize,
    pub(crate) text: String,
}

/// Contours in metres.
type Contours = Vec<Vec<[f64; 2]>>;

/// Every overlap of two areas of one level, and every gap. `areas` are in the order of their codes.
///
/// Areas are of one level when the nearest outline above them is the same: an area that only groups others does not part them.
pub(crate) fn said(areas: &[Area]) -> Vec<Said> {
    let position = |code: &AreaCode| areas.binary_search_by(|area| area.code.cmp(code)).ok();
    let above = |area: &Area| area.parent.as_ref().and_then(position);
    let mut levels: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (index, area) in areas.iter().enumerate().filter(|(_, area)| !area.outline.is_empty()) {
        let mut outlined = above(area);
        while let Some(parent) = outlined.and_then(|parent| areas.get(parent))
            && parent.outline.is_empty()
        {
            outlined = above(parent);
        }
        levels.entry(outlined).or_default().push(index);
    }
    let mut said = Vec::new();
    for (parent, level) in levels {
        overlaps(areas, &level, &mut said);
        said.extend(parent.and_then(|parent| gap(areas, parent, &level)));
    }
    said
}

fn overlaps(areas: &[Area], level: &[usize], said: &mut Vec<Said>) {
    let level: Vec<_> = level
        .iter()
        .filter_map(|index| areas.get(*index).map(|area| (*index, area)))
        .filter_map(|(index, area)| Some((index, area, around(area.outline.iter().flatten())?)))
        .collect();
    let windows: Vec<Window> = level.iter().map(|(_, _, window)| *window).collect();
    each_meeting(&windows, |one, other| {
        let (Some((area, one, window)), Some((_, other, _))) = (level.get(one), level.get(other)) else {
            return;
        };
        let (first, second) = (contours(&one.outline, window.least), contours(&other.outline, window.least));
        let both = square_metres(&first.overlay(&second, OverlayRule::Intersect, FillRule::EvenOdd));
        if both > UNSAID_M2 {
            let text = format!("`{}` and `{}` overlap in {both:.0} m²", one.code, other.code);
            said.push(Said { area: *area, text });
        }
    });
}

fn gap(areas: &[Area], parent: usize, level: &[usize]) -> Option<Said> {
    let area = areas.get(parent)?;
    let origin = around(area.outline.iter().flatten())?.least;
    let whole = contours(&area.outline, origin);
    let covered: Contours = level
        .iter()
        .filter_map(|index| areas.get(*index))
        .flat_map(|area| contours(&area.outline, origin))
        .collect();
    // Shells and holes turn in opposite directions, so that of outlines that overlap every part counts as covered.
    let gap = square_metres(&whole.overlay(&covered, OverlayRule::Difference, FillRule::NonZero));
    let text = || format!("{gap:.0} m² of `{}` lie in none of the areas below it", area.code);
    (gap > UNSAID_M2).then(|| Said { area: parent, text: text() })
}

/// The rings in metres from a spot, without the corner that closes each.
fn contours(rings: &[Vec<Spot>], origin: Spot) -> Contours {
    let contour = |ring: &Vec<Spot>| ring.iter().skip(1).map(|spot| origin.offset(*spot).into()).collect();
    rings.iter().map(contour).collect()
}

/// The area of shapes, each a shell and its holes.
fn square_metres(shapes: &[Contours]) -> f64 {
    let doubled = |contour: &Vec<[f64; 2]>| {
        let next = contour.iter().skip(1).chain(contour.first());
        contour.iter().zip(next).map(|([ax, ay], [bx, by])| ax * by - bx * ay).sum::<f64>()
    };
    (shapes.iter().flatten().map(doubled).sum::<f64>() / 2.0).abs()
}
