use super::*;
use crate::{
    City,
    tests::{changed, city},
};
use domain::areas_below::MOST_CODES;
use serde_json::{Value, json};

const FILE: &str = crate::area::FILE;

fn code(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

/// An area that only groups others, or nothing.
fn area(own: &str, parent: Option<&str>) -> Area {
    Area { code: code(own), name: format!("Wilayah {own}"), parent: parent.map(code), outline: Vec::new() }
}

/// Of a list the area above, what everybody is told, and the codes.
type List = (Option<String>, Value, Option<Vec<String>>);

fn told(areas: &[Area]) -> Vec<List> {
    let list = |(above, below): (Option<&AreaCode>, AreasBelow)| {
        let answer = serde_json::from_str(&below.answer).unwrap();
        let codes = below.codes.map(|codes| codes.iter().map(ToString::to_string).collect());
        (above.map(ToString::to_string), answer, codes)
    };
    lists(areas).unwrap().into_iter().map(list).collect()
}

fn texts(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(ToString::to_string).collect())
}

#[test]
fn the_top_of_the_tree_and_each_area_with_others_below_it_have_a_list_and_no_other_has() {
    let (city, _) = City::read(&city()).unwrap();
    let top = json!({"areas": [
        {"code": "31", "name": "Kota", "parent": null},
        {"code": "pulau", "name": "Pulau", "parent": null},
    ]});
    let kota = json!({"areas": [
        {"code": "31.1", "name": "Barat", "parent": "31"},
        {"code": "31.2", "name": "Timur", "parent": "31"},
        {"code": "31.3", "name": "Tengah", "parent": "31"},
    ]});
    assert_eq!(
        told(&city.areas),
        [
            (None, top, texts(&["31", "31.1", "31.2", "31.3", "pulau"])),
            (Some("31".to_owned()), kota, texts(&["31.1", "31.2", "31.3"])),
        ]
    );
    assert_eq!(told(&[]), []);
}

#[test]
fn an_area_without_an_outline_has_what_it_groups_below_it_at_any_depth() {
    let from = "\"name\": \"Kota\"";
    let (city, _) = City::read(&changed(FILE, from, &format!("{from}, \"parent\": \"pulau\""))).unwrap();
    let lists = told(&city.areas);
    let above: Vec<_> = lists.iter().map(|(above, ..)| above.as_deref()).collect();
    assert_eq!(above, [None, Some("31"), Some("pulau")]);
    let pulau = json!({"areas": [{"code": "31", "name": "Kota", "parent": "pulau"}]});
    assert_eq!(lists[2], (Some("pulau".to_owned()), pulau, texts(&["31", "31.1", "31.2", "31.3"])));
    assert_eq!(lists[0].1["areas"].as_array().unwrap().len(), 1);
}

#[test]
fn an_area_with_more_below_it_than_are_listed_has_only_those_directly_below() {
    let lowest = |number| area(&format!("b.{number:03}"), Some("b"));
    let tree =
        |count| [vec![area("a", None), area("b", Some("a"))], (0..count).map(lowest).collect()].concat();
    let counts = |count| {
        let count_of = |(_, directly, codes): List| {
            (directly["areas"].as_array().unwrap().len(), codes.map(|codes| codes.len()))
        };
        told(&tree(count)).into_iter().map(count_of).collect::<Vec<_>>()
    };
    // The whole city, `a`, and `b`: of the same areas each has one more below it than the next.
    assert_eq!(counts(MOST_CODES - 2), [(1, Some(100)), (1, Some(99)), (98, Some(98))]);
    assert_eq!(counts(MOST_CODES - 1), [(1, None), (1, Some(100)), (99, Some(99))]);
    assert_eq!(counts(MOST_CODES + 1), [(1, None), (1, None), (101, None)]);
}
