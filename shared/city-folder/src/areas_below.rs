//! Which areas lie below which: a list for each area that others lie below, and one for the top of the tree.

#[cfg(test)]
mod tests;

use crate::area::Area;
use domain::{
    area::AreaCode,
    areas_below::{AreasBelow, MOST_CODES},
    response::{AreasResponse, CityArea},
};
use std::collections::BTreeMap;

/// How long the list of the areas directly below one may be, in bytes of JSON.
const MOST_BYTES: usize = 350_000;
/// What an item of a table may have, with its key and its attributes' names.
const ITEM: usize = 400 * 1024;
// The codes are 40 bytes at most, each with its length; the rest is for the key.
const _: () = assert!(MOST_BYTES + MOST_CODES * 41 + 500 < ITEM);

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

/// The position of an area below which too much lies to be told in one answer, or of the first at the top of the tree where too much stands
/// there; and how much it is.
pub(crate) fn too_long(areas: &[Area]) -> Vec<(usize, String)> {
    too_long_for(MOST_BYTES, areas)
}

fn too_long_for(most_bytes: usize, areas: &[Area]) -> Vec<(usize, String)> {
    let said = |(above, directly): (Option<&AreaCode>, AreasResponse)| {
        let bytes = serde_json::to_vec(&directly).map_or(0, |json| json.len());
        let count = directly.areas.len();
        let text = match above {
            _ if bytes <= most_bytes => return None,
            Some(above) => format!("{count} areas lie directly below `{above}`"),
            None => format!("{count} areas lie below no other"),
        };
        let position = areas.iter().position(|area| match above {
            Some(above) => area.code == *above,
            None => area.parent.is_none(),
        });
        let text = format!(
            "{text}: their list is {bytes} bytes, and {most_bytes} is the most. Put areas between that group them"
        );
        Some((position?, text))
    };
    directly(areas).into_iter().filter_map(said).collect()
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
