use crate::{City, FILES, Files, area, mistake::Mistakes, routing};
use domain::unit::Code;
use proptest::prelude::*;

/// A small city without mistakes. Its kota has a west and an east of two parts, one of them around a third area.
pub(crate) fn city() -> Files {
    let file = |text: &str| text.as_bytes().to_vec();
    Files::from([
        (
            "city.toml",
            file(
                "name = \"Kota \\\"Uji\\\"\"\nzone = \"Asia/Jakarta\"\nlanguages = [\"id\", \"en\"]\n\
                 box = { west = 106.3, south = -6.4, east = 107, north = -5.1 }\n\
                 [working]\nfrom = \"07:30\"\nuntil = \"16:00\"\ndays = [\"mon\", \"fri\"]\n\
                 [deadlines]\ncoordinate_hours = 24\nfinish_days = 5\nvalidate_days = 2\nverify_days = 3\n",
            ),
        ),
        (
            "units.csv",
            file(
                "code,name,parent,email,state\n\
                 dinas,\"Dinas Jalan, Jembatan\",,dinas@contoh.go.id,active\n\
                 sudin,Suku Dinas,dinas,sudin@contoh.go.id,active\n\
                 lama,Dinas Lama,,,closed\n",
            ),
        ),
        (
            "categories.csv",
            file(
                "code,name_id,name_en,group,slots,coordinate_hours,finish_days,validate_days,verify_days,counts,keeps\n\
                 jalan,Jalan,Road,,biasa,,4,,,working,\n\
                 parkir,Parkir liar,Parking,jalan,segera,4,1,1,1,calendar,plate phone\n",
            ),
        ),
        (
            "channels.csv",
            file("code,name_id,name_en,kind,quota_per_hour,state\njaki,JAKI,JAKI,app,2000,active\n"),
        ),
        (
            "reasons.csv",
            file(
                "command,code,text_id,text_en\nreject,a,Satu,One\nforward,a,Dua,Two\nreturn,a,Tiga,Three\n\
                 validate,b,Empat,Four\nvalidate,a,Lima,Five\n",
            ),
        ),
        ("holidays.csv", file("date,name\n2026-08-17,Hari Kemerdekaan\n")),
        (
            "areas.geojson",
            file(
                r#"{"type": "FeatureCollection", "description": "For tests.", "features": [
{"type": "Feature", "properties": {"code": "31", "name": "Kota"}, "geometry": {"type": "Polygon", "coordinates": [[[106.7, -6.3], [106.9, -6.3], [106.9, -6.1], [106.7, -6.1], [106.7, -6.3]]]}},
{"type": "Feature", "properties": {"code": "31.1", "name": "Barat", "parent": "31", "luas": 7}, "geometry": {"type": "Polygon", "coordinates": [[[106.7, -6.3], [106.8, -6.3], [106.8, -6.1], [106.7, -6.1], [106.7, -6.3]]]}},
{"type": "Feature", "properties": {"code": "31.2", "name": "Timur", "parent": "31"}, "geometry": {"type": "MultiPolygon", "coordinates": [[[[106.8, -6.3], [106.9, -6.3], [106.9, -6.2], [106.8, -6.2], [106.8, -6.3]], [[106.84, -6.26], [106.86, -6.26], [106.86, -6.24], [106.84, -6.24], [106.84, -6.26]]], [[[106.8, -6.2, 9], [106.9, -6.2, 9], [106.9, -6.1, 9], [106.8, -6.1, 9], [106.8, -6.2, 9]]]]}},
{"type": "Feature", "properties": {"code": "31.3", "name": "Tengah", "parent": "31"}, "geometry": {"type": "Polygon", "coordinates": [[[106.84, -6.26], [106.86, -6.26], [106.86, -6.24], [106.84, -6.24], [106.84, -6.26]]]}},
{"type": "Feature", "properties": {"code": "pulau", "name": "Pulau", "parent": null}, "geometry": null}
]}
"#,
            ),
        ),
        ("routing.csv", file("category,area,unit\njalan,31.1,sudin\njalan,*,dinas\n*,31,dinas\n")),
    ])
}

/// The mistakes of the city in which `file` has `from` replaced by `to`.
pub(crate) fn with(file: &'static str, from: &str, to: &str) -> Vec<String> {
    said(City::read(&changed(file, from, to)).map(|_| ()))
}

/// The small city in which `file` has `from` replaced by `to`.
pub(crate) fn changed(file: &'static str, from: &str, to: &str) -> Files {
    let mut files = city();
    let text = String::from_utf8(files.remove(file).unwrap()).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file, text.replacen(from, to, 1).into_bytes());
    files
}

fn said(read: Result<(), Mistakes>) -> Vec<String> {
    read.err().map(|mistakes| mistakes.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

#[test]
fn a_city_without_mistakes_is_read_whole() {
    let (city, warnings) = City::read(&city()).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(city.settings.name, "Kota \"Uji\"");
    assert_eq!(city.unit("dinas").unwrap().name, "Dinas Jalan, Jembatan");
    // The city's default where the row leaves it empty.
    assert_eq!(city.categories[0].deadlines.coordinate_hours, 24);
    assert_eq!(city.categories[0].deadlines.finish_days, 4);
    // Within a command the order of the file is the order in which officers see them.
    assert_eq!(city.reasons.iter().rev().take(2).map(|r| r.code.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

/// As a client's search over units needs it: a rule for every category, or for the whole city, names none.
#[test]
fn everybody_is_told_which_categories_and_areas_the_map_sends_to_a_unit() {
    let (city, _) = City::read(&city()).unwrap();
    let public = city.public();
    let of = |code: &str| {
        let unit = public.units.iter().find(|unit| unit.code.as_str() == code).unwrap();
        (unit.categories.iter().map(Code::as_str).collect::<Vec<_>>(), unit.areas.clone())
    };
    assert_eq!(of("sudin"), (vec!["jalan"], vec!["Barat".to_owned()]));
    assert_eq!(of("dinas"), (vec![], vec![]));
}

#[test]
fn what_is_written_reads_as_the_same_city() {
    let (before, _) = City::read(&city()).unwrap();
    let (after, _) = City::read(&before.write()).unwrap();
    assert_eq!(before, after);
}

#[test]
fn each_mistake_is_named_with_its_place_and_what_would_be_right() {
    let cases: [(&'static str, &str, &str, &str); 32] = [
        ("units.csv", "sudin,Suku", "dinas,Suku", "units.csv:3:1: the unit `dinas` a second time"),
        ("units.csv", "Dinas,dinas,", "Dinas,tiada,", "units.csv:3:18: there is no unit `tiada`"),
        (
            "units.csv",
            "\"Dinas Jalan, Jembatan\",,",
            "Dinas,sudin,",
            "units.csv:2:13: `dinas` stands above itself: the tree has a circle",
        ),
        (
            "units.csv",
            "Dinas,dinas,",
            "Dinas,lama,",
            "units.csv:3:18: `lama` is closed: close `sudin` too, or give it another parent",
        ),
        (
            "units.csv",
            "dinas@contoh.go.id",
            "dinas@",
            "units.csv:2:32: `dinas@` is no e-mail address: an address is like opd@contoh.go.id",
        ),
        (
            "units.csv",
            ",closed",
            ",tutup",
            "units.csv:4:19: `tutup` is no state: it is one of active, closed",
        ),
        (
            "units.csv",
            "sudin,Suku",
            "Sudin,Suku",
            "units.csv:3:1: `Sudin` is no code: a code has 1 to 40 of a–z, 0–9 and -",
        ),
        (
            "units.csv",
            "Suku Dinas,",
            ",",
            "units.csv:3:7: nothing stands here: name has 1 to 200 characters on one line",
        ),
        ("units.csv", ",closed", "", "units.csv:4:1: 4 cells, and the header has 5"),
        (
            "units.csv",
            "Jembatan\"",
            "Jembatan",
            "units.csv:2:7: this quotation mark is not closed: write \"\" for one inside a cell",
        ),
        (
            "units.csv",
            "state\n",
            "state\r",
            "units.csv:1:29: a line end of CR alone: line ends must be LF or CRLF",
        ),
        (
            "units.csv",
            "parent",
            "induk",
            "units.csv:1:11: no column `induk`: the columns are code,name,parent,email,state,mail",
        ),
        (
            "categories.csv",
            "biasa",
            "kadang",
            "categories.csv:2:19: `kadang` is no slots: it is one of segera, biasa, peka",
        ),
        (
            "categories.csv",
            ",4,,,",
            ",0,,,",
            "categories.csv:2:26: `0`: finish_days is a number from 1 to 365",
        ),
        (
            "categories.csv",
            "plate phone",
            "plate umur",
            "categories.csv:3:58: `umur` is no kind of personal data: kinds are nik, phone, email, plate, handle, rt_rw",
        ),
        (
            "channels.csv",
            "2000",
            "",
            "channels.csv:2:20: nothing stands here: quota_per_hour is a number from 1 to 1000000",
        ),
        (
            "channels.csv",
            ",app,",
            ",radio,",
            "channels.csv:2:16: `radio` is no kind: it is one of app, social, mail, chat, counter, web, partner",
        ),
        ("routing.csv", "jalan,31.1", "jembatan,31.1", "routing.csv:2:1: there is no category `jembatan`"),
        ("routing.csv", "31.1,", "31.9,", "routing.csv:2:7: there is no area `31.9`"),
        (
            "routing.csv",
            "31.1,",
            "31/1,",
            "routing.csv:2:7: `31/1` is no code of an area: a code has 1 to 40 of a–z, 0–9, - and ., and * stands for the whole city",
        ),
        ("routing.csv", "sudin", "suku", "routing.csv:2:12: there is no unit `suku`"),
        (
            "routing.csv",
            "sudin",
            "lama",
            "routing.csv:2:12: `lama` is closed: name a unit that takes reports",
        ),
        (
            "routing.csv",
            "jalan,*,dinas",
            "jalan,31.1,dinas",
            "routing.csv:3:1: a rule for this category and area a second time",
        ),
        (
            "routing.csv",
            "area,unit",
            "area",
            "routing.csv:1:1: the column `unit` is missing: the columns are category,area,unit",
        ),
        (
            "reasons.csv",
            "Dua",
            "",
            "reasons.csv:3:11: nothing stands here: text_id has 1 to 200 characters on one line",
        ),
        (
            "reasons.csv",
            "return,a,Tiga,Three\n",
            "",
            "reasons.csv:1:1: no reason of return: officers need one to choose",
        ),
        (
            "reasons.csv",
            "reject,a",
            "accept,a",
            "reasons.csv:2:1: `accept` is no command: it is one of assign, reject, forward, return, validate, correct, plan, post_tl, verify, could_not_look, note",
        ),
        (
            "holidays.csv",
            "2026-08-17",
            "17-8-2026",
            "holidays.csv:2:1: `17-8-2026` is no date: write 2026-08-17",
        ),
        (
            "holidays.csv",
            "2026-08-17",
            "2026-02-29",
            "holidays.csv:2:1: `2026-02-29` is no date: write 2026-08-17",
        ),
        (
            "city.toml",
            "Asia/Jakarta",
            "Asia/Batavia",
            "city.toml:2:8: zone is an IANA zone such as Asia/Jakarta",
        ),
        (
            "city.toml",
            "west = 106.3",
            "west = 108.3",
            "city.toml:4:7: west is less than east, south less than north, in degrees of WGS 84",
        ),
        (
            "city.toml",
            "finish_days = 5\n",
            "",
            "city.toml:9:1: deadlines.finish_days is missing: it is a number from 1 to 365",
        ),
    ];
    let missing = cases.into_iter().filter_map(|(file, from, to, mistake)| {
        let said = with(file, from, to);
        // Of every unit on a circle; and a name that is wrong is also missing.
        let expected =
            if ["circle", "no column", "no command"].iter().any(|two| mistake.contains(two)) { 2 } else { 1 };
        (said.len() != expected || !said.iter().any(|said| said == mistake))
            .then(|| format!("{from} -> {to}: {said:?}"))
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn mistakes_of_all_files_are_named_at_once() {
    let mut files = city();
    files.remove("holidays.csv");
    files.insert("channels.csv", vec![b'c', b'o', 0xff]);
    files.insert("city.toml", b"name = \nzone = 7\n".to_vec());
    let text = String::from_utf8(files["units.csv"].clone()).unwrap();
    files.insert("units.csv", text.replace("active", "aktif").into_bytes());
    let text = String::from_utf8(files["areas.geojson"].clone()).unwrap();
    files.insert("areas.geojson", text.replace("31.3", "31.2").into_bytes());
    files.insert("routing.csv", b"category,area,unit\ntiada,31.3,suku\n".to_vec());
    let said = said(City::read(&files).map(|_| ()));
    let begins: Vec<_> = said.iter().map(|said| said.split(": ").next().unwrap()).collect();
    assert_eq!(
        begins,
        [
            "city.toml:1:8",
            "units.csv:2:51",
            "units.csv:3:43",
            "channels.csv:1:3",
            "areas.geojson:5:1",
            // What the areas and the units with mistakes are to be, nobody knows.
            "routing.csv:2:1",
            "holidays.csv:1:1"
        ]
    );
}

#[test]
fn a_unit_without_mail_is_warned_of_and_no_mistake() {
    let mut files = city();
    let text = String::from_utf8(files["units.csv"].clone()).unwrap();
    files.insert("units.csv", text.replace("sudin@contoh.go.id", "").into_bytes());
    let (_, warnings) = City::read(&files).unwrap();
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["units.csv:3:24: nobody hears by e-mail of what this unit gets"]);
}

#[test]
fn a_unit_says_for_what_it_gets_mail_and_gets_one_for_each_change_where_it_does_not() {
    let with_mail = |of_dinas: &str, of_sudin: &str| {
        let mut files = city();
        let units = format!(
            "mail,code,name,parent,email,state\n{of_dinas},dinas,Dinas,,dinas@contoh.go.id,active\n\
             {of_sudin},sudin,Suku Dinas,dinas,sudin@contoh.go.id,active\n"
        );
        files.insert("units.csv", units.into_bytes());
        City::read(&files)
    };
    let mails = |city: &City| city.units.iter().map(|unit| unit.mail.as_str()).collect::<Vec<_>>();
    assert_eq!(mails(&City::read(&city()).unwrap().0), ["each"; 3]);
    let (city, _) = with_mail("", "slot").unwrap();
    assert_eq!(mails(&city), ["each", "slot"]);
    let written = String::from_utf8(city.write()["units.csv"].clone()).unwrap();
    assert!(written.contains("dinas@contoh.go.id,active,each\n"), "{written}");
    assert!(written.contains("sudin@contoh.go.id,active,slot\n"), "{written}");
    assert_eq!(
        said(with_mail("each", "kadang").map(|_| ())),
        ["units.csv:3:1: `kadang` is no mail: it is one of each, slot"]
    );
}

#[test]
fn no_unit_has_the_topic_of_another_ones_slot_mail() {
    let with = |code: &str| {
        let mut files = city();
        let text = String::from_utf8(files["units.csv"].clone()).unwrap();
        files.insert("units.csv", format!("{text}{code},Lain,,lain@contoh.go.id,active\n").into_bytes());
        said(City::read(&files).map(|_| ()))
    };
    assert_eq!(
        with("sudin-digest"),
        ["units.csv:5:1: the topic of `sudin-digest` would be that of the slot mail of `sudin`"]
    );
    assert_eq!(with("lain-digest"), Vec::<String>::new());
}

#[test]
fn a_city_without_a_map_has_no_rules_and_no_warnings() {
    let mut files = city();
    files.remove(area::FILE);
    files.remove(routing::FILE);
    let (city, warnings) = City::read(&files).unwrap();
    assert!(warnings.is_empty() && city.areas.is_empty() && city.routing.is_empty());
    assert!(!city.write().contains_key(area::FILE) && !city.write().contains_key(routing::FILE));
}

#[test]
fn a_category_without_a_rule_is_warned_of_unless_the_ticket_desk_sends_its_reports_anyway() {
    let warned = |from, to| -> Vec<String> {
        let mut files = changed("categories.csv", from, to);
        files.insert("routing.csv", b"category,area,unit\njalan,31.1,sudin\n".to_vec());
        let (_, warnings) = City::read(&files).unwrap();
        warnings.iter().map(ToString::to_string).collect()
    };
    let without = "routing.csv:1:1: no rule for the category `parkir`: the ticket desk sends its reports";
    assert_eq!(warned("parkir", "parkir"), [without]);
    assert_eq!(warned("segera", "peka"), Vec::<String>::new());
}

#[test]
fn a_file_as_a_spreadsheet_saves_it_reads_the_same() {
    let (plain, _) = City::read(&city()).unwrap();
    let saved = city().into_iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes).unwrap();
        (name, format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes())
    });
    assert_eq!(City::read(&saved.collect()).unwrap().0, plain);
}

#[test]
fn a_file_of_another_form_is_one_mistake() {
    let one = |name: &'static str, text: &str| {
        let mut files = city();
        files.insert(name, text.as_bytes().to_vec());
        said(City::read(&files).map(|_| ()))
    };
    assert_eq!(
        one("holidays.csv", "date;name\n2026-08-17;A\n"),
        ["holidays.csv:1:1: cells are separated by semicolons: save the file with commas"]
    );
    assert_eq!(
        one("holidays.csv", ""),
        ["holidays.csv:1:1: the file is empty: it begins with the line date,name"]
    );
    assert_eq!(
        one("holidays.csv", "date,name\n2026-08-17,\"A\" B\n"),
        [
            "holidays.csv:2:16: text behind the quotation mark that closes its cell: write \"\" for one inside a cell"
        ]
    );
    assert_eq!(one("holidays.csv", "date,name\n2026-08-17,A\n,\n"), Vec::<String>::new());
}

#[test]
fn the_place_of_a_mistake_behind_line_ends_of_windows_is_right() {
    let mut files = city();
    files.insert("holidays.csv", b"date,name\r\n\r\n2026-08-17,A\r\nkemarin,B\r\n".to_vec());
    assert_eq!(
        said(City::read(&files).map(|_| ())),
        ["holidays.csv:4:1: `kemarin` is no date: write 2026-08-17"]
    );
}

proptest! {
    #[test]
    fn any_bytes_in_any_file_are_a_mistake_or_a_city(
        which in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let mut files = city();
        let file = files.get_mut(FILES[which]).unwrap();
        let at = at.index(file.len());
        file.splice(at..(at + bytes.len() / 2).min(file.len()), bytes);
        let lines = 60;
        match City::read(&files) {
            Ok((city, _)) => prop_assert_eq!(City::read(&city.write()).map(|read| read.0), Ok(city)),
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                for mistake in mistakes.iter() {
                    prop_assert!(mistake.line <= lines && mistake.column > 0 && !mistake.text.is_empty());
                }
            }
        }
    }
}
