use super::*;
use crate::{Files, category::Category, files_of, routing::Rule, tests::changed};
use domain::{
    location::{Place, Point},
    routing::{TicketDesk, route},
    slots::SlotClass,
};
use std::{collections::BTreeMap, env, fs, path::Path};

/// The demonstration city.
fn demonstration() -> Files {
    files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/city")).unwrap()
}

fn read(files: &Files) -> City {
    City::read(files).unwrap_or_else(|mistakes| panic!("{mistakes}")).0
}

/// The city with the areas that `TUNTAS_AREAS` names, and rules for some of them: a larger map than the demonstration's.
fn larger() -> Option<City> {
    let mut files = demonstration();
    files.insert(crate::area::FILE, fs::read(env::var_os("TUNTAS_AREAS")?).unwrap());
    files.remove(crate::routing::FILE);
    let mut city = read(&files);
    let unit = |index: usize| city.units[index % city.units.len()].code.clone();
    let category = |index: usize| city.categories[index % city.categories.len()].code.clone();
    let mut routing = vec![Rule { category: Some(category(0)), area: None, unit: unit(0) }];
    for (index, area) in city.areas.iter().enumerate().filter(|(index, _)| index % 5 != 0) {
        routing.push(Rule { category: None, area: Some(area.code.clone()), unit: unit(index / 3) });
        let category = Some(category(index));
        routing.push(Rule { category, area: Some(area.code.clone()), unit: unit(index * 7) });
    }
    city.routing = routing;
    Some(city)
}

/// Where a report goes by the whole outlines: with every ring and every edge, and without cells. Areas are named by their position.
struct Whole<'a> {
    city: &'a City,
    /// Of each area itself and all above it.
    up: Vec<Vec<usize>>,
    is_leaf: Vec<bool>,
}

impl<'a> Whole<'a> {
    fn new(city: &'a City) -> Self {
        let above = |position: &usize| {
            let parent = city.areas[*position].parent.as_ref()?;
            city.areas.iter().position(|area| area.code == *parent)
        };
        let positions = 0..city.areas.len();
        let up = positions.map(|position| std::iter::successors(Some(position), above).collect()).collect();
        let stands_above = |code| city.areas.iter().any(|area| area.parent.as_ref() == Some(code));
        let is_leaf = city.areas.iter().map(|area| !stands_above(&area.code)).collect();
        Self { city, up, is_leaf }
    }

    /// Casts a ray to the west over each edge of each ring.
    fn contains(&self, area: usize, spot: Spot) -> bool {
        let crossed = self.city.areas[area].outline.iter().flat_map(|ring| ring.windows(2)).filter(|edge| {
            let (low, high) =
                if edge[0].lat <= edge[1].lat { (edge[0], edge[1]) } else { (edge[1], edge[0]) };
            let wide = |number: i32| i128::from(number);
            low.lat <= spot.lat
                && spot.lat < high.lat
                && (wide(spot.lon) - wide(low.lon)) * (wide(high.lat) - wide(low.lat))
                    >= (wide(high.lon) - wide(low.lon)) * (wide(spot.lat) - wide(low.lat))
        });
        crossed.count() % 2 == 1
    }

    fn metres(&self, area: usize, spot: Spot) -> f64 {
        if self.contains(area, spot) {
            return 0.0;
        }
        let metre = 6_371_008.8_f64.to_radians() / 1e6;
        let shrink = (f64::from(spot.lat) / 1e6).to_radians().cos();
        let flat = |other: Spot| {
            (f64::from(other.lon - spot.lon) * metre * shrink, f64::from(other.lat - spot.lat) * metre)
        };
        let edges = self.city.areas[area].outline.iter().flat_map(|ring| ring.windows(2));
        let distances = edges.map(|edge| {
            let ((ax, ay), (bx, by)) = (flat(edge[0]), flat(edge[1]));
            let length = (bx - ax).hypot(by - ay);
            let along = (-(ax * (bx - ax) + ay * (by - ay)) / (length * length)).clamp(0.0, 1.0);
            (ax + along * (bx - ax)).hypot(ay + along * (by - ay))
        });
        distances.fold(f64::INFINITY, f64::min)
    }

    /// The areas that a spot can count as in: several where they are equally near.
    fn own(&self, spot: Spot) -> Vec<usize> {
        let mut found: Option<usize> = None;
        for (area, up) in self.up.iter().enumerate() {
            if self.contains(area, spot) && found.is_none_or(|deepest| up.len() > self.up[deepest].len()) {
                found = Some(area);
            }
        }
        if found.is_some_and(|area| self.is_leaf[area]) {
            return found.into_iter().collect();
        }
        let can_be =
            |area: &usize| self.is_leaf[*area] && found.is_none_or(|found| self.up[*area].contains(&found));
        let near: Vec<_> =
            (0..self.up.len()).filter(can_be).map(|area| (self.metres(area, spot), area)).collect();
        let least = near.iter().map(|(metres, _)| *metres).fold(f64::INFINITY, f64::min);
        if least > 100.0 {
            return found.into_iter().collect();
        }
        near.into_iter().filter(|(metres, _)| *metres < least + 1e-6).map(|(_, area)| area).collect()
    }

    fn unit(&self, area: usize, category: &Code) -> Option<&'a Code> {
        let areas = self.up[area].iter().map(|area| Some(&self.city.areas[*area].code)).chain([None]);
        areas.into_iter().find_map(|area| {
            let of = |category: Option<&Code>| {
                let is = |rule: &&Rule| rule.area.as_ref() == area && rule.category.as_ref() == category;
                self.city.routing.iter().find(is)
            };
            of(Some(category)).or_else(|| of(None)).map(|rule| &rule.unit)
        })
    }

    /// The unit, or why the ticket desk decides, of a report that counts as in `own`.
    fn to(&self, own: usize, spot: Spot, accuracy: f64, category: &Category) -> Result<&'a Code, TicketDesk> {
        if category.slots == SlotClass::Peka {
            return Err(TicketDesk::Sensitive);
        }
        let unit = self.unit(own, &category.code).ok_or(TicketDesk::NoRule)?;
        let is_of_another = |area: usize| {
            self.is_leaf[area]
                && !self.up[own].contains(&area)
                && self.metres(area, spot) <= accuracy
                && self.unit(area, &category.code) != Some(unit)
        };
        if (0..self.up.len()).any(is_of_another) { Err(TicketDesk::NearBorder) } else { Ok(unit) }
    }
}

/// Spots that lie everywhere in a window, and the same ones each time.
fn spread(window: Window, count: u32) -> impl Iterator<Item = Spot> {
    let part = |least: i32, greatest: i32, share: f64| {
        let width = f64::from(greatest) - f64::from(least);
        #[expect(clippy::cast_possible_truncation, reason = "less than the width")]
        let from_least = (width * share) as i32;
        least + from_least
    };
    // Multiples of irrational numbers leave no place out.
    (1..=count).map(move |index| Spot {
        lon: part(window.least.lon, window.greatest.lon, (f64::from(index) * 0.754_877_666).fract()),
        lat: part(window.least.lat, window.greatest.lat, (f64::from(index) * 0.569_840_291).fract()),
    })
}

/// Spots on the borders and within a metre of them.
fn on_borders(city: &City, count: usize) -> Vec<Spot> {
    let edges: Vec<_> =
        city.areas.iter().flat_map(|area| &area.outline).flat_map(|ring| ring.windows(2)).collect();
    let along = |from: i32, to: i32, tenths: i64| {
        let (from, to) = (i64::from(from), i64::from(to));
        i32::try_from(from + (to - from) * tenths / 10).unwrap()
    };
    let spot = |index: usize| {
        let edge = &edges[index * 7919 % edges.len()];
        let tenths = i64::try_from(index % 11).unwrap();
        // At most 6 millionths of a degree, each 0.11 m, in both directions; every third spot lies on the border as near as spots do.
        let off = |step: usize| {
            if index.is_multiple_of(3) { 0 } else { i32::try_from(index * step % 13).unwrap() - 6 }
        };
        Spot {
            lon: along(edge[0].lon, edge[1].lon, tenths) + off(5),
            lat: along(edge[0].lat, edge[1].lat, tenths) + off(3),
        }
    };
    (0..count).map(spot).collect()
}

fn of_size(size: i32, city: &City) -> Cells {
    Cells { size, cells: Map::new(city).cells(size, MOST_BYTES).unwrap() }
}

/// Holds routing by these cells against the whole outlines, spot by spot.
fn agrees(city: &City, maps: &[Cells], count: u32) {
    let whole = Whole::new(city);
    let all = around(city.areas.iter().flat_map(|area| &area.outline).flatten()).unwrap().grown(500.0);
    let spots = spread(all, count).chain(on_borders(city, count as usize / 10));
    let mut reached = BTreeMap::<&str, usize>::new();
    for (index, spot) in spots.enumerate() {
        let category = &city.categories[index % city.categories.len()];
        let accuracy_m = [None, Some(0.5), Some(5.0), Some(120.0), Some(299.0)][index % 5];
        let point = Point { lat: f64::from(spot.lat) / 1e6, lon: f64::from(spot.lon) / 1e6, accuracy_m };
        let place = Place { point: Some(point), address: None };
        let accuracy = accuracy_m.unwrap_or(50.0);
        let own = whole.own(spot);
        let right: Vec<_> = own
            .iter()
            .map(|area| (Some(&city.areas[*area].code), whole.to(*area, spot, accuracy, category)))
            .collect();
        for Cells { size, cells } in maps {
            let cell = cells.get(&cell_at(spot, *size));
            let found = route(cell, &place, &category.code, category.slots);
            let no_area = (None, Err(TicketDesk::NoArea));
            let right = if right.is_empty() { std::slice::from_ref(&no_area) } else { right.as_slice() };
            let to = found.to.as_ref().map(|routed| &routed.unit.code).map_err(|why| *why);
            let found_there = (found.area.as_ref(), to);
            assert!(
                right.contains(&found_there),
                "{spot:?} {accuracy_m:?} {} size {size}: {found_there:?}, not {right:?}",
                category.code
            );
            if let Ok(routed) = &found.to {
                let unit = city.unit(routed.unit.code.as_str()).unwrap();
                let path: Vec<&Code> = path(unit, &city.units);
                assert_eq!(routed.unit.path.iter().collect::<Vec<_>>(), path);
            }
            *reached
                .entry(match to {
                    Ok(_) => "a unit",
                    Err(TicketDesk::NearBorder) => "near a border",
                    Err(TicketDesk::NoArea) => "in no area",
                    Err(_) => "for the ticket desk",
                })
                .or_default() += 1;
        }
    }
    assert!(reached.len() == 4 && reached.values().all(|times| *times > 100), "{reached:?}");
}

#[test]
fn routing_by_cells_of_any_size_equals_routing_by_whole_outlines() {
    let city = read(&demonstration());
    agrees(&city, &SIZES.map(|size| of_size(size, &city)), 10_000);
}

#[test]
fn routing_by_cells_of_a_larger_map_equals_routing_by_its_whole_outlines() {
    let Some(city) = larger() else { return };
    agrees(&city, &[Cells::of(&city).unwrap(), of_size(10_000, &city)], 10_000);
}

#[test]
fn a_cell_knows_how_far_every_area_within_300_metres_is() {
    // Small squares, of which the margin reaches some and not their neighbours.
    let square = |column: i32, row: i32| {
        let (lon, lat) = (106_700_000 + column * 3_100, -6_300_000 + row * 3_100);
        let corners = [(0, 0), (2_000, 0), (2_000, 2_000), (0, 2_000), (0, 0)];
        let outline = vec![corners.map(|(east, north)| Spot { lon: lon + east, lat: lat + north }).to_vec()];
        let code = AreaCode::parse(&format!("{column:02}.{row:02}")).unwrap();
        Area { code, name: "Petak".to_owned(), parent: None, outline }
    };
    let mut city = read(&demonstration());
    city.areas = (0..20).flat_map(|column| (0..20).map(move |row| square(column, row))).collect();
    city.routing.clear();
    let whole = Whole::new(&city);
    let mut near = 0;
    let Cells { size, cells } = of_size(10_000, &city);
    for ((x, y), cell) in cells {
        let corner = |x: i32, y: i32| Spot { lon: x * size - 180_000_000, lat: y * size - 90_000_000 };
        let (least, next) = (corner(x, y), corner(x + 1, y + 1));
        let (east, north) = (next.lon - 1, next.lat - 1);
        let middle = least.lon + size / 2;
        for (lon, lat) in
            [(least.lon, least.lat), (east, least.lat), (least.lon, north), (east, north), (middle, north)]
        {
            let spot = Spot { lon, lat };
            for (position, area) in city.areas.iter().enumerate() {
                let metres = whole.metres(position, spot);
                if metres <= 300.0 {
                    let known = cell.areas.iter().find(|known| known.code == area.code);
                    let known = known.and_then(|known| known.outline.metres_from(spot));
                    assert!(
                        known.is_some_and(|known| (known - metres).abs() < 0.01),
                        "{spot:?} {area:?} {known:?}"
                    );
                    near += usize::from(metres > 250.0);
                }
            }
        }
    }
    assert!(near > 20, "{near}");
}

#[test]
fn the_rule_of_an_area_without_an_outline_applies_below_it() {
    let mut files =
        changed(crate::area::FILE, "\"name\": \"Kota\"", "\"name\": \"Kota\", \"parent\": \"pulau\"");
    let areas = String::from_utf8(files.remove(crate::area::FILE).unwrap()).unwrap();
    let country = "{\"type\": \"Feature\", \"properties\": {\"code\": \"negara\", \"name\": \"Negara\"}, \"geometry\": null},";
    let areas = areas
        .replace("\"parent\": null", "\"parent\": \"negara\"")
        .replace("[\n", &format!("[\n{country}\n"));
    files.insert(crate::area::FILE, areas.into_bytes());
    files.insert(crate::routing::FILE, b"category,area,unit\n*,negara,dinas\n".to_vec());
    let city = read(&files);
    let Cells { size, cells } = Cells::of(&city).unwrap();
    let place = Place { point: Some(Point { lat: -6.2, lon: 106.75, accuracy_m: None }), address: None };
    let cell = cells.get(&cell_at(Spot::from_degrees(106.75, -6.2), size));
    let routed = route(cell, &place, &city.categories[0].code, SlotClass::Biasa).to.unwrap();
    assert_eq!((routed.unit.code.as_str(), routed.rule_area.unwrap().as_str()), ("dinas", "negara"));
}

#[test]
fn a_report_from_the_bay_lies_in_no_cell() {
    let city = read(&demonstration());
    let Cells { cells, .. } = of_size(10_000, &city);
    let cell = |lon, lat| cells.get(&cell_at(Spot::from_degrees(lon, lat), 10_000));
    assert!(cell(106.8, -6.05).is_none());
    let here = cell(106.827, -6.175).unwrap();
    let codes: Vec<_> = here.areas.iter().map(|area| area.code.as_str()).collect();
    assert_eq!(codes, ["31.71", "31.71.01", "31.71.01.1003"]);
    // Only the units that its rules name, each once.
    let units: Vec<_> = here.units.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(
        units,
        [
            "dinas-sosial",
            "satpol-pp-jakpus",
            "sudin-bina-marga-jakpus",
            "sudin-lingkungan-hidup-jakpus",
            "sudin-perhubungan-jakpus",
            "sudin-pertamanan-hutan-kota-jakpus",
            "sudin-sumber-daya-air-jakpus"
        ]
    );
}

fn longest(cells: &BTreeMap<(i32, i32), Cell>) -> usize {
    cells.values().map(|cell| cell.to_bytes().unwrap().len()).max().unwrap()
}

#[test]
fn cells_are_the_largest_of_which_none_is_too_long() {
    let city = read(&demonstration());
    let map = Map::new(&city);
    let lengths = SIZES.map(|size| longest(&map.cells(size, MOST_BYTES).unwrap()));
    assert!(lengths.is_sorted_by(|larger, smaller| larger >= smaller), "{lengths:?}");
    for length in lengths {
        let fits = SIZES.into_iter().zip(lengths).find(|(_, longest)| *longest <= length);
        let cells = Cells::of_at_most(length, &city).unwrap();
        assert_eq!(Some((cells.size, longest(&cells.cells))), fits);
    }
    assert!(lengths[0] > lengths[3], "{lengths:?}");
    let too_fine = Cells::of_at_most(500, &city).map(|cells| cells.size).unwrap_err().to_string();
    assert!(too_fine.starts_with("the map around [106."), "{too_fine}");
    assert!(too_fine.ends_with(" bytes, and 500 is the most"), "{too_fine}");
}

#[test]
fn no_cell_has_more_than_32_kib() {
    // A coast of 16,000 corners, each three bytes or more.
    let coast = (0..=16_000).map(|index| {
        format!("[{:.5}, {}]", 106.4 + f64::from(index) / 1e5, -5.5 + f64::from(index % 2) / 1e3)
    });
    let coast: Vec<_> = coast.collect();
    let area = format!(
        "{{\"type\": \"FeatureCollection\", \"features\": [{{\"type\": \"Feature\", \"properties\": {{\"code\": \"pantai\", \"name\": \
         \"Pantai\"}}, \"geometry\": {{\"type\": \"Polygon\", \"coordinates\": [[[106.4, -5.6], {}, [106.56, -5.6], [106.4, -5.6]]]}}}}]}}",
        coast.join(", ")
    );
    let mut files = demonstration();
    files.insert(crate::area::FILE, area.into_bytes());
    files.remove(crate::routing::FILE);
    let cells = Cells::of(&read(&files)).unwrap();
    assert!(cells.size < 200_000, "{}", cells.size);
    assert!((16_384..=32_768).contains(&longest(&cells.cells)), "{}", longest(&cells.cells));
}

#[test]
fn a_stored_cell_reads_as_the_same_cell() {
    let city = read(&demonstration());
    for cell in Cells::of(&city).unwrap().cells.values() {
        assert_eq!(Cell::from_bytes(&cell.to_bytes().unwrap()).unwrap(), *cell);
    }
}

#[test]
fn a_city_without_a_map_has_no_cells() {
    let mut files = demonstration();
    files.remove(crate::area::FILE);
    files.remove(crate::routing::FILE);
    assert!(Cells::of(&read(&files)).unwrap().cells.is_empty());
}
