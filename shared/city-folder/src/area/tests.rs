use crate::{
    City,
    tests::{changed, city, with},
};
use domain::outline::Spot;

const FILE: &str = "areas.geojson";
/// The outline of the area 31.1 in the city of the tests.
const WEST: &str = "[[[106.7, -6.3], [106.8, -6.3], [106.8, -6.1], [106.7, -6.1], [106.7, -6.3]]]";

fn warnings(from: &str, to: &str) -> Vec<String> {
    let (_, warnings) = City::read(&changed(FILE, from, to)).unwrap();
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn areas_are_read_in_the_order_of_their_codes_with_exact_outlines() {
    let (city, _) = City::read(&city()).unwrap();
    let codes: Vec<_> = city.areas.iter().map(|area| area.code.as_str()).collect();
    assert_eq!(codes, ["31", "31.1", "31.2", "31.3", "pulau"]);
    let [kota, west, east, _, island] = city.areas.as_slice() else { panic!() };
    assert_eq!((west.name.as_str(), west.parent.as_ref()), ("Barat", Some(&kota.code)));
    let spot = |lon, lat| Spot { lon, lat };
    let corners = [
        spot(106_700_000, -6_300_000),
        spot(106_800_000, -6_300_000),
        spot(106_800_000, -6_100_000),
        spot(106_700_000, -6_100_000),
        spot(106_700_000, -6_300_000),
    ];
    assert_eq!(west.outline, [corners]);
    // A shell, its hole the other way round, and another shell.
    let second = |ring: &Vec<Spot>| ring[1];
    let seconds =
        [spot(106_900_000, -6_300_000), spot(106_840_000, -6_240_000), spot(106_900_000, -6_200_000)];
    assert_eq!(east.outline.iter().map(second).collect::<Vec<_>>(), seconds);
    assert_eq!((island.outline.len(), island.parent.as_ref()), (0, None));
}

#[test]
fn a_written_area_has_a_line_of_its_own_and_the_hole_of_its_own_shell() {
    let (city, _) = City::read(&city()).unwrap();
    let text = String::from_utf8(city.write().remove(FILE).unwrap()).unwrap();
    assert_eq!(text.lines().count(), 2 + city.areas.len());
    let east = text.lines().find(|line| line.contains("\"31.2\"")).unwrap();
    let coordinates = "[[[[106.8,-6.3],[106.9,-6.3],[106.9,-6.2],[106.8,-6.2],[106.8,-6.3]],\
        [[106.84,-6.26],[106.84,-6.24],[106.86,-6.24],[106.86,-6.26],[106.84,-6.26]]],\
        [[[106.8,-6.2],[106.9,-6.2],[106.9,-6.1],[106.8,-6.1],[106.8,-6.2]]]]";
    assert!(east.contains(coordinates), "{east}");
}

#[test]
fn each_mistake_of_an_area_is_named_with_its_place() {
    let cases: [(&str, &str, &[&str]); 21] = [
        ("]}\n", "]\n", &["8:1: this is no JSON: EOF while parsing an object"]),
        ("[106.7, -6.3], [106.9", "[106.7, -6.3],, [106.9", &["2:130: this is no JSON: expected value"]),
        (
            "FeatureCollection",
            "Collection",
            &[
                "1:1: the file is a FeatureCollection (RFC 7946): {\"type\": \"FeatureCollection\", \"features\": [ … ]}",
            ],
        ),
        (
            "\"features\"",
            "\"fitur\"",
            &[
                "1:1: missing field `features`: the file is a FeatureCollection (RFC 7946): {\"type\": \"FeatureCollection\", \"features\": [ … ]}",
            ],
        ),
        (
            "\"Feature\", \"properties\": {\"code\": \"31.1\"",
            "\"Fitur\", \"properties\": {\"code\": \"31.1\"",
            &["3:1: this is no feature of GeoJSON: unknown variant `Fitur`, expected `Feature`"],
        ),
        (
            "\"code\": \"pulau\", ",
            "",
            &[
                "6:1: the property code is missing: a code has 1 to 40 of a–z, 0–9, - and ., in quotation marks",
            ],
        ),
        (
            "\"pulau\"",
            "72",
            &["6:1: `72` is no code of an area: a code has 1 to 40 of a–z, 0–9, - and ., in quotation marks"],
        ),
        (
            "\"pulau\"",
            "\"Pulau\"",
            &[
                "6:1: `Pulau` is no code of an area: a code has 1 to 40 of a–z, 0–9, - and ., in quotation marks",
            ],
        ),
        (
            "\"name\": \"Barat\"",
            "\"nama\": \"Barat\"",
            &["3:1: the property name is missing: a name has 1 to 200 characters on one line"],
        ),
        ("pulau", "31.1", &["6:1: the area `31.1` a second time"]),
        ("null}", "\"tiada\"}", &["6:1: there is no area `tiada` above `pulau`"]),
        ("null}", "31}", &["6:1: the property parent is `31`, which is no code of an area"]),
        (
            "\"name\": \"Kota\"",
            "\"name\": \"Kota\", \"parent\": \"31.2\"",
            &[
                "2:1: `31` stands above itself: the tree has a circle",
                "4:1: `31.2` stands above itself: the tree has a circle",
            ],
        ),
        (
            "\"geometry\": null",
            "\"geometry\": {\"type\": \"Point\", \"coordinates\": [106.8, -6.2]}",
            &["6:1: a Point has no inside: an outline is a Polygon or a MultiPolygon"],
        ),
        (
            WEST,
            "[[[106.7, -6.3], [106.8, -6.3], [106.8, -6.1], [106.7, -6.1]]]",
            &[
                "3:1: a ring begins at [106.7, -6.3] and ends at [106.7, -6.1]: a ring ends at the position at which it begins",
            ],
        ),
        (
            WEST,
            "[[[106.7, -6.3], [106.8, -6.3], [106.7, -6.3]]]",
            &[
                "3:1: a ring of 3 positions at [106.7, -6.3]: it has 4 or more, the first of them again at its end, more than 0.1 m from one to the next",
            ],
        ),
        (
            WEST,
            "[[[106.7, -6.3], [106.8, -6.1], [106.8, -6.3], [106.7, -6.1], [106.7, -6.3]]]",
            &["3:1: the outline crosses itself near [106.7, -6.1]"],
        ),
        (
            "[106.84, -6.26], [106.86, -6.26], [106.86, -6.24], [106.84, -6.24], [106.84, -6.26]",
            "[106.84, -6.16], [106.86, -6.16], [106.86, -6.14], [106.84, -6.14], [106.84, -6.16]",
            &["4:1: a hole lies outside its shell, or in another hole: the one from [106.84, -6.16]"],
        ),
        (
            "[106.8, -6.2, 9], [106.9, -6.2, 9], [106.9, -6.1, 9], [106.8, -6.1, 9], [106.8, -6.2, 9]",
            "[106.9, -6.2], [106.8, -6.2], [106.8, -6.3], [106.9, -6.3], [106.9, -6.2]",
            &["4:1: the same ring twice, from [106.8, -6.3]"],
        ),
        (
            WEST,
            "[[[-6.3, 106.7], [-6.3, 106.8], [-6.1, 106.8], [-6.1, 106.7], [-6.3, 106.7]]]",
            &["3:1: latitude and longitude are exchanged: a position is [longitude, latitude]"],
        ),
        (
            WEST,
            "[[[106.7, -6.3], [107.8, -6.3], [106.8, -6.1], [106.7, -6.1], [106.7, -6.3]]]",
            &["3:1: the outline leaves the box of city.toml at [107.8, -6.3]"],
        ),
    ];
    let missing = cases.into_iter().filter_map(|(from, to, expected)| {
        // A rule that names the area of which nothing could be read is no second mistake.
        let said = with(FILE, from, to);
        let expected: Vec<_> = expected.iter().map(|text| format!("{FILE}:{text}")).collect();
        (said != expected).then(|| format!("{from} -> {to}: {said:?}"))
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new());
}

/// What is said of an area with these rings: in thousandths of a degree from the corner of [`WEST`], which it takes the place of.
fn said_of(polygons: &[&[&[(i32, i32)]]]) -> Option<String> {
    let position = |(lon, lat): &(i32, i32)| {
        format!("[{}, {}]", 106.7 + f64::from(*lon) / 1e3, -6.3 + f64::from(*lat) / 1e3)
    };
    let list = |texts: Vec<String>| format!("[{}]", texts.join(", "));
    let ring = |ring: &&[(i32, i32)]| list(ring.iter().map(position).collect());
    let polygon = |rings: &&[&[(i32, i32)]]| list(rings.iter().map(ring).collect());
    let from = format!("\"Polygon\", \"coordinates\": {WEST}");
    let to = list(polygons.iter().map(polygon).collect());
    let said = with(FILE, &from, &format!("\"MultiPolygon\", \"coordinates\": {to}"));
    assert!(said.len() < 2, "{said:?}");
    said.first()
        .map(|text| text.split_once("3:1: ").unwrap().1.split(['[', ':']).next().unwrap().trim().to_owned())
}

#[test]
fn rings_may_touch_and_have_islands_in_their_holes_but_never_cross_or_lie_on_each_other() {
    let square = |from: i32, to: i32| [(from, from), (to, from), (to, to), (from, to), (from, from)];
    let (all, hole, island) = (square(0, 80), square(10, 60), square(20, 30));
    let crossing = Some("the outline crosses itself near".to_owned());
    let outside = Some("a hole lies outside its shell, or in another hole".to_owned());
    let on_another = Some("a part of the outline lies in another part".to_owned());
    assert_eq!(said_of(&[&[&all, &hole], &[&island]]), None);
    // Two corners of a hole on its shell, one of them in the middle of an edge.
    assert_eq!(said_of(&[&[&all, &[(0, 0), (30, 10), (80, 40), (10, 20), (0, 0)]]]), None);
    // A part that runs along another one.
    assert_eq!(said_of(&[&[&all], &[&[(80, 20), (90, 20), (90, 50), (80, 50), (80, 20)]]]), None);
    // One corner twice: two parts that touch.
    assert_eq!(said_of(&[&[&[(0, 0), (20, 0), (10, 10), (20, 20), (0, 20), (10, 10), (0, 0)]]]), None);
    assert_eq!(said_of(&[&[&all], &[&hole]]), on_another);
    // A hole as large as its shell.
    assert_eq!(said_of(&[&[&all, &all]]), Some("the same ring twice, from".to_owned()));
    assert_eq!(said_of(&[&[&all, &hole, &island]]), outside);
    assert_eq!(said_of(&[&[&hole, &square(65, 70)]]), outside);
    // The hole of another part is not its own.
    assert_eq!(said_of(&[&[&all], &[&square(90, 95), &hole]]), outside);
    assert_eq!(said_of(&[&[&all], &[&square(70, 90)]]), crossing);
    // Out at a corner of its own in the middle of an edge, and in again at another.
    assert_eq!(said_of(&[&[&all, &[(30, 20), (80, 20), (90, 30), (80, 40), (30, 40), (30, 20)]]]), crossing);
    // There and back, over the same line or a part of it.
    assert_eq!(said_of(&[&[&[(0, 0), (40, 0), (80, 0), (40, 0), (40, 40), (0, 0)]]]), crossing);
    assert_eq!(said_of(&[&[&[(0, 0), (80, 0), (40, 0), (40, 40), (0, 0)]]]), crossing);
    // A corner in the middle of another edge.
    assert_eq!(said_of(&[&[&[(0, 0), (80, 0), (80, 40), (40, 0), (0, 40), (0, 0)]]]), crossing);
}

#[test]
fn an_overlap_is_warned_of_with_its_square_metres() {
    // 0.001 degrees of longitude at 6.2 degrees south, 0.2 of latitude.
    let shifted = WEST.replace("106.8", "106.801");
    let warnings = warnings(WEST, &shifted);
    let [overlap] = warnings.as_slice() else { panic!("{warnings:?}") };
    let metres: f64 = number(overlap, "areas.geojson:3:1: `31.1` and `31.2` overlap in ");
    let expected = 111.195_08 * 6.2_f64.to_radians().cos() * 0.2 * 111_195.08;
    assert!((metres / expected - 1.0).abs() < 1e-3, "{metres} {expected}");
}

#[test]
fn what_no_area_below_covers_is_warned_of_with_its_square_metres() {
    let shifted = WEST.replace("106.8", "106.799");
    let warnings = warnings(WEST, &shifted);
    let [gap] = warnings.as_slice() else { panic!("{warnings:?}") };
    let metres: f64 = number(gap, "areas.geojson:2:1: ");
    assert!(gap.ends_with(" m² of `31` lie in none of the areas below it"), "{gap}");
    let expected = 111.195_08 * 6.2_f64.to_radians().cos() * 0.2 * 111_195.08;
    assert!((metres / expected - 1.0).abs() < 1e-3, "{metres} {expected}");
}

fn number(text: &str, before: &str) -> f64 {
    let rest = text.strip_prefix(before).unwrap_or_else(|| panic!("{text}"));
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_hole_that_a_neighbour_covers_is_no_gap_and_one_that_two_cover_is_covered_once() {
    // The third area grows over the border of its hole: an overlap and no gap.
    let from = "[[[106.84, -6.26], [106.86, -6.26], [106.86, -6.24], [106.84, -6.24], [106.84, -6.26]]]";
    let said = warnings(from, &from.replace("106.84", "106.83"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("`31.2` and `31.3` overlap in "), "{said:?}");
}

#[test]
fn an_area_that_only_groups_others_does_not_hide_their_overlaps() {
    let mut files = changed(
        FILE,
        "\"code\": \"31.1\", \"name\": \"Barat\", \"parent\": \"31\"",
        "\"code\": \"31.1\", \"name\": \"Barat\", \"parent\": \"pulau\"",
    );
    let text = String::from_utf8(files.remove(FILE).unwrap()).unwrap();
    files.insert(
        FILE,
        text.replace("\"parent\": null", "\"parent\": \"31\"")
            .replace("106.8, -6.3], [106.8,", "106.801, -6.3], [106.8,")
            .into_bytes(),
    );
    let (_, warnings) = City::read(&files).unwrap();
    let said: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("`31.1` and `31.2` overlap"), "{said:?}");
}

#[test]
fn a_file_without_lines_has_columns() {
    let text = String::from_utf8(city().remove(FILE).unwrap()).unwrap();
    let mut files = city();
    let one_line = text.replace('\n', "").replace("For tests", "Für…").replace("\"pulau\"", "\"P\"");
    let column = one_line.chars().count()
        - one_line.split("{\"type\": \"Feature\"").last().unwrap().chars().count()
        - "{\"type\": \"Feature\"".len()
        + 1;
    files.insert(FILE, one_line.into_bytes());
    let said = City::read(&files).unwrap_err();
    assert_eq!(said.iter().map(|mistake| (mistake.line, mistake.column)).collect::<Vec<_>>(), [(1, column)]);
}
