//! Which areas lie below which: a list for each area that others lie below, and one for the top of the tree.

#[cfg(test)]
mod tests;

use crate::area::Area;
use domain::{
    area::AreaCode,
    areas_below::AreasBelow,
    response::{AreasResponse, CityArea},
};
use std::collections::BTreeMap;

/// What lies below each area, and below none: in the whole city. An area that nothing lies below has no list.
///
/// # Errors
/// None that an area could cause: `serde_json` says that it may fail.
pub(crate) fn lists(areas: &[Area]) -> Result<BTreeMap<Option<&AreaCode>, AreasBelow>, serde_json::Error> {
    let mut codes: BTreeMap<Option<&AreaCode>, Vec<AreaCode>> = BTreeMap::new();
    for area in areas {
        let mut above = area.parent.as_ref();
        codes.entry(above).or_default().push(area.code.clone());
        // The city was read without mistakes, so there is no circle.
        while let Some(code) = above {
            let position = areas.binary_search_by(|area| area.code.cmp(code)).ok();
            above = position.and_then(|position| areas.get(position)).and_then(|area| area.parent.as_ref());
            codes.entry(above).or_default().push(area.code.clone());
        }
    }
    let list = |(above, directly): (Option<_>, _)| {
        let codes = codes.remove(&above).unwrap_or_default();
        Ok((above, AreasBelow::new(&directly, codes)?))
    };
    directly(areas).into_iter().map(list).collect()
}

/// The areas directly below each area, and those below none.
fn directly(areas: &[Area]) -> BTreeMap<Option<&AreaCode>, AreasResponse> {
    let mut directly = BTreeMap::new();
    for area in areas {
        let list = directly.entry(area.parent.as_ref());
        let list: &mut AreasResponse = list.or_insert_with(|| AreasResponse { areas: Vec::new() });
        let (code, name, parent) = (area.code.clone(), area.name.clone(), area.parent.clone());
        list.areas.push(CityArea { code, name, parent });
    }
    directly
}
