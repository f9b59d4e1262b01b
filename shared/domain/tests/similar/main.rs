//! How well reports about the same thing are told from others: on reports of which it is known, and by properties of any text.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use domain::{
    area::AreaCode,
    location::{Place, Point},
    similar::{Described, Distance, Likeness, RADIUS_M, Score, address_word, likeness},
    unit::Code,
};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const CATEGORIES: &str = include_str!("../../../../infra/city/categories.csv");
const TUNING: &str = include_str!("pairs/tuning.txt");
const HELD_OUT: &str = include_str!("pairs/held_out.txt");
/// The points were tuned on the first alone.
const HALVES: [(&str, &str); 2] = [("tuning", TUNING), ("held_out", HELD_OUT)];
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/TEXT.md");

/// A report of the labelled set.
#[derive(Debug)]
struct Labelled {
    /// What it is about: the same letter in the same scene is the same thing.
    thing: String,
    category: Code,
    group: Option<Code>,
    place: Place,
    area: Option<AreaCode>,
    description: String,
}

impl Labelled {
    fn parse(line: &str, groups: &BTreeMap<Code, Option<Code>>) -> Self {
        let [thing, category, place, address, description] =
            line.splitn(5, " | ").collect::<Vec<_>>().try_into().expect("five columns");
        let category = Code::parse(category).expect("a code");
        let (position, area) = match place.split_once('@') {
            Some((position, area)) => (position.trim(), Some(AreaCode::parse(area).expect("an area"))),
            None => (place, None),
        };
        let point = (position != "-").then(|| point(position));
        let address = (address != "-").then(|| address.to_owned());
        let group = groups.get(&category).expect("a category of the city").clone();
        Self {
            thing: thing.to_owned(),
            group,
            category,
            place: Place { point, address },
            area,
            description: description.to_owned(),
        }
    }

    fn described(&self) -> Described<'_> {
        Described {
            place: &self.place,
            area: self.area.as_ref(),
            category: &self.category,
            group: self.group.as_ref(),
            description: &self.description,
        }
    }
}

/// The position so many metres to the east and north of a corner in Jakarta.
fn point(position: &str) -> Point {
    let numbers: Vec<f64> =
        position.split(' ').map(|number| number.trim_start_matches('±').parse().expect("a number")).collect();
    let [east, north, accuracy] = numbers.try_into().expect("east, north and accuracy");
    let (lat, lon) = (-6.2_f64, 106.83);
    let degree = 6_371_008.8_f64.to_radians();
    Point {
        lat: lat + north / degree,
        lon: lon + east / (degree * lat.to_radians().cos()),
        accuracy_m: Some(accuracy),
    }
}

/// The metres between two points so near to each other that the ground is flat.
fn metres(one: Point, other: Point) -> f64 {
    let degree = 6_371_008.8_f64.to_radians();
    let east = (one.lon - other.lon) * degree * one.lat.to_radians().cos();
    east.hypot((one.lat - other.lat) * degree)
}

fn scenes(half: &str) -> Vec<Vec<Labelled>> {
    let groups: BTreeMap<Code, Option<Code>> = CATEGORIES
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split(',').collect();
            (Code::parse(columns[0]).unwrap(), Code::parse(columns[3]))
        })
        .collect();
    let scenes = half.split("\n\n").map(|scene| scene.lines().filter(|line| !line.starts_with('#')));
    scenes
        .map(|lines| lines.map(|line| Labelled::parse(line, &groups)).collect::<Vec<_>>())
        .filter(|scene| !scene.is_empty())
        .collect()
}

/// How a way to tell reports apart does on one half.
#[derive(Default)]
struct Measured {
    pairs: usize,
    same: usize,
    named: usize,
    right: usize,
    high: usize,
    high_right: usize,
}

impl Measured {
    fn of(half: &str, score: impl Fn(&Labelled, &Labelled) -> Option<Score>) -> Self {
        let mut measured = Self::default();
        for (one, other) in pairs(&scenes(half)) {
            let (same, score) = (one.thing == other.thing, score(one, other));
            let high = score == Some(Score::High);
            measured.pairs += 1;
            measured.same += usize::from(same);
            measured.named += usize::from(score.is_some());
            measured.right += usize::from(score.is_some() && same);
            measured.high += usize::from(high);
            measured.high_right += usize::from(high && same);
        }
        measured
    }

    fn of_likeness(half: &str) -> Self {
        Self::of(half, |one, other| Some(likeness(&one.described(), &other.described())?.score))
    }

    /// Of the named pairs, those about the same thing.
    fn precision(&self) -> f64 {
        ratio(self.right, self.named)
    }

    /// Of the pairs about the same thing, those that are named.
    fn recall(&self) -> f64 {
        ratio(self.right, self.same)
    }

    /// Whether it would be good enough for the ticket desk.
    fn serves(&self) -> bool {
        self.precision() >= 0.8 && self.recall() >= 0.7
    }

    /// The row of the table in docs/TEXT.md.
    fn row(&self, half: &str) -> String {
        format!(
            "| `{half}` | {} | {} | {} | {} | {:.3} | {:.3} | {} | {} |",
            self.pairs,
            self.same,
            self.named,
            self.right,
            self.precision(),
            self.recall(),
            self.high,
            self.high_right
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Each two reports of a scene.
fn pairs(scenes: &[Vec<Labelled>]) -> impl Iterator<Item = (&Labelled, &Labelled)> {
    scenes.iter().flat_map(|scene| {
        let rests = scene.iter().enumerate().map(|(at, one)| (one, scene.iter().skip(at + 1)));
        rests.flat_map(|(one, rest)| rest.map(move |other| (one, other)))
    })
}

#[test]
fn reports_about_the_same_thing_are_named_and_few_others_are() {
    for (name, half) in HALVES {
        let measured = Measured::of_likeness(half);
        assert!(measured.serves(), "{}", measured.row(name));
        assert!(ratio(measured.high_right, measured.high) >= 0.9, "high: {}", measured.row(name));
    }
}

#[test]
fn the_document_has_these_figures() {
    let rows = HALVES.map(|(name, half)| Measured::of_likeness(half).row(name)).join(
        "
",
    );
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    assert!(
        text.contains(&rows),
        "docs/TEXT.md has other figures than:
{rows}"
    );
}

#[test]
fn distance_and_category_alone_would_not_do_at_any_radius() {
    for radius in 1..=250_u8 {
        let near = |one: &Labelled, other: &Labelled| {
            let within = match one.place.point.zip(other.place.point) {
                Some((one, other)) => metres(one, other) <= f64::from(radius),
                None => one.area == other.area,
            };
            (one.category == other.category && within).then_some(Score::Medium)
        };
        for (name, half) in HALVES {
            let measured = Measured::of(half, near);
            assert!(!measured.serves(), "{radius} m: {}", measured.row(name));
        }
    }
}

#[test]
fn likeness_without_the_words_of_the_descriptions_would_not_do() {
    let wordless = |one: &Labelled, other: &Labelled| {
        let [one, other] = [one, other].map(|it| Described { description: "", ..it.described() });
        Some(likeness(&one, &other)?.score)
    };
    for (name, half) in HALVES {
        let measured = Measured::of(half, wordless);
        assert!(!measured.serves(), "{}", measured.row(name));
    }
}

#[test]
fn both_halves_have_enough_pairs_of_both_kinds_and_no_text_is_in_both() {
    let texts =
        |half| -> BTreeSet<String> { scenes(half).into_iter().flatten().map(|it| it.description).collect() };
    assert_eq!(texts(TUNING).intersection(&texts(HELD_OUT)).collect::<Vec<_>>(), Vec::<&String>::new());
    for (name, half) in HALVES {
        let measured = Measured::of_likeness(half);
        let share = ratio(measured.same, measured.pairs);
        assert!(measured.pairs >= 160 && (0.4..=0.6).contains(&share), "{}", measured.row(name));
    }
}

/// A report of a pothole.
fn pothole(place: Place) -> Labelled {
    Labelled {
        thing: String::new(),
        category: Code::parse("jalan-berlubang").unwrap(),
        group: Code::parse("jalan"),
        place,
        area: None,
        description: "Lubang besar depan Indomaret, dekat halte".to_owned(),
    }
}

fn at(east: f64, north: f64) -> Place {
    Place { point: Some(point(&format!("{east} {north} ±10"))), address: None }
}

fn address(address: &str) -> Place {
    Place { point: None, address: Some(address.to_owned()) }
}

#[test]
fn a_likeness_says_how_far_and_what_is_shared_and_nothing_else() {
    let here = pothole(at(0.0, 0.0));
    let of =
        |other: &Labelled| serde_json::to_value(likeness(&here.described(), &other.described())).unwrap();
    assert_eq!(
        of(&pothole(at(12.0, 9.0))),
        json!({"score": "high", "distance": "25m", "reasons": ["near", "same_category", "same_words"]})
    );
    let other_category =
        Labelled { category: Code::parse("jalan-amblas").unwrap(), ..pothole(at(60.0, 0.0)) };
    assert_eq!(
        of(&other_category),
        json!({"score": "high", "distance": "100m", "reasons": ["near", "same_group", "same_words"]})
    );
    let area = AreaCode::parse("31.74");
    let one = Labelled { area: area.clone(), ..pothole(address("Jl. Raya Bogor KM 23")) };
    let other = Labelled { area, ..pothole(address("raya bogor km 23")) };
    assert_eq!(
        serde_json::to_value(likeness(&one.described(), &other.described())).unwrap(),
        json!({"score": "high", "reasons": ["same_category", "same_words", "same_address", "same_area"]})
    );
}

#[test]
fn reports_of_two_groups_are_never_similar_and_a_category_without_a_group_is_its_own() {
    let one = pothole(at(0.0, 0.0));
    let of = |category: &str, group: Option<&str>| {
        let group = group.and_then(Code::parse);
        let other = Labelled { category: Code::parse(category).unwrap(), group, ..pothole(at(0.0, 0.0)) };
        likeness(&one.described(), &other.described())
    };
    assert!(of("trotoar-rusak", Some("jalan")).is_some() && of("jalan", None).is_some());
    assert_eq!(of("jalan-berlubang", Some("air")), None);
    assert_eq!(of("jalan-berlubang", None), None);
}

#[test]
fn no_accuracy_makes_reports_similar_that_lie_beyond_the_radius() {
    let far = |east| {
        let report = |east| {
            let mut place = at(east, 0.0);
            place.point.as_mut().unwrap().accuracy_m = Some(5_000.0);
            let description =
                "lubang galian kabel depan masjid nurul dekat halte bambu tiang nomor 17".to_owned();
            Labelled { description, ..pothole(place) }
        };
        likeness(&report(0.0).described(), &report(east).described())
    };
    assert!(far(RADIUS_M - 1.0).is_some());
    assert_eq!(far(RADIUS_M + 1.0), None);
}

#[test]
fn of_a_street_in_two_areas_nothing_is_similar_without_positions() {
    let of = |area: &str| Labelled {
        area: AreaCode::parse(area),
        description: "lubang besar di depan rumah no 5".to_owned(),
        ..pothole(address("Jl. Melati No. 5"))
    };
    assert!(likeness(&of("31.71").described(), &of("31.71").described()).is_some());
    assert_eq!(likeness(&of("31.71").described(), &of("31.74").described()), None);
}

#[test]
fn the_most_alike_come_first_and_an_unknown_distance_last() {
    let parsed = |score, distance| Likeness { score, distance, reasons: Vec::new() };
    let sorted = [
        parsed(Score::High, Some(Distance::Metres25)),
        parsed(Score::High, Some(Distance::Metres250)),
        parsed(Score::High, None),
        parsed(Score::Medium, Some(Distance::Metres25)),
        parsed(Score::Medium, None),
    ];
    assert!(sorted.is_sorted());
}

/// Any text, and texts of words that reports are made of.
fn text() -> impl Strategy<Value = String> {
    let words = "jl no 12 km rt 03/05 tiang pju depan dpn indomaret lubang lobang2 gg. IV, arah pasar blok a3 mawar! sdn 5 sisi kiri jalan \
                 banjiiir BOGOR 23,5 hilir benhil di tower ke kantor kelurahan mawarku mawarka mawarki";
    let words: Vec<&'static str> = words.split(' ').collect();
    let of_words =
        prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|words| words.join(" "));
    prop_oneof![".{0,4000}", "\\PC{0,200}", of_words.boxed()]
}

fn reports() -> impl Strategy<Value = Labelled> {
    let place = (prop::option::of((-300.0..300.0, -300.0..300.0)), prop::option::of(text()));
    let place = place.prop_map(|(position, address)| Place {
        point: position.and_then(|(east, north)| at(east, north).point),
        address,
    });
    let category = prop::sample::select(vec!["jalan-berlubang", "jalan-amblas"]);
    let area = prop::option::of(prop::sample::select(vec!["31.71", "31.74"]));
    (place, category, area, text()).prop_map(|(place, category, area, description)| Labelled {
        category: Code::parse(category).unwrap(),
        area: area.and_then(AreaCode::parse),
        description,
        ..pothole(place)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_of_two_reports_makes_no_difference(one in reports(), other in reports()) {
        let there = likeness(&one.described(), &other.described());
        prop_assert_eq!(likeness(&other.described(), &one.described()), there);
    }

    #[test]
    fn any_address_is_looked_up_by_one_word_or_none(text in text()) {
        if let Some(word) = address_word(&text) {
            prop_assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric));
        }
    }

    #[test]
    fn a_report_that_says_something_is_similar_to_itself(words in "(lubang|genangan|sampah) (depan|dekat) (halte|masjid|pasar) [a-z]{5,9}") {
        let report = Labelled { description: words, ..pothole(at(0.0, 0.0)) };
        prop_assert!(likeness(&report.described(), &report.described()).is_some());
    }
}
