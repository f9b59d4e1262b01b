use super::*;
use crate::{
    City,
    tests::{changed, city, with},
};
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

#[test]
fn a_list_of_areas_may_be_as_long_as_the_bound_and_no_byte_longer() {
    let areas = [area("a", None), area("b", Some("a")), area("c", Some("a"))];
    let bytes = told(&areas)[1].1.to_string().len();
    assert_eq!(too_long_for(bytes, &areas), []);
    let said = "2 areas lie directly below `a`: their list is 101 bytes, and 100 is the most. Put areas between that group them";
    assert_eq!(too_long_for(bytes - 1, &areas), [(0, said.to_owned())]);
    let top = [area("a", None), area("b", None), area("c", None)];
    let said = "3 areas lie below no other: their list is 149 bytes, and 148 is the most. Put areas between that group them";
    assert_eq!(too_long_for(148, &top), [(0, said.to_owned())]);
}

/// The longest code and name there are, of letters of four bytes.
fn long(number: usize, parent: &str) -> String {
    let (code, name) = (format!("{number:040}"), "\u{10fff}".repeat(200));
    let properties = json!({"code": code, "name": name, "parent": parent});
    json!({"type": "Feature", "properties": properties, "geometry": null}).to_string()
}

#[test]
fn check_names_the_line_of_an_area_with_too_many_directly_below_it() {
    let last = "{\"type\": \"Feature\", \"properties\": {\"code\": \"pulau\"";
    let more = |count| {
        let more: Vec<_> = (0..count).map(|number| long(number, "pulau")).collect();
        with(FILE, last, &format!("{},\n{last}", more.join(",\n")))
    };
    assert_eq!(more(398), Vec::<String>::new());
    let said = more(399);
    assert_eq!(said.len(), 1, "{said:?}");
    let expected = format!("{FILE}:405:1: 399 areas lie directly below `pulau`: their list is ");
    assert!(said[0].starts_with(&expected), "{said:?}");
}
