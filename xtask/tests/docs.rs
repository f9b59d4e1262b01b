//! What the documents name as evidence is there.
//!
//! A page that says which test holds a claim is worth something only while that test exists. Evidence is written in
//! backticks: `path` from the repository's root, or `path: name, name` for functions, types, constants, resources and statements in
//! that file. A shorter path goes on from the folder of the path before it in the same paragraph. Links between pages are followed too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Where the pages lie that name evidence.
const FOLDERS: &[&str] = &["", "docs", "docs/adr", "infra/runbooks"];

/// The page of what was true once, and the one that names what tools write.
const OTHERS: &[&str] = &["CHANGELOG.md", "CONTRIBUTING.md"];

/// How many requirements each section of ASVS 5.0.0 has at levels 1 and 2: they are the first ones of their section.
const SECTIONS: &[(u32, &[(u32, u32)])] = &[
    (1, &[(1, 2), (2, 9), (3, 11), (4, 3), (5, 2)]),
    (2, &[(1, 3), (2, 3), (3, 4), (4, 1)]),
    (3, &[(2, 2), (3, 4), (4, 6), (5, 5), (7, 2)]),
    (4, &[(1, 3), (2, 1), (3, 2), (4, 4)]),
    (5, &[(1, 1), (2, 3), (3, 2), (4, 3)]),
    (6, &[(1, 3), (2, 12), (3, 4), (4, 4), (5, 5), (6, 3), (8, 4)]),
    (7, &[(1, 3), (2, 4), (3, 2), (4, 5), (5, 2), (6, 2)]),
    (8, &[(1, 2), (2, 3), (3, 1), (4, 1)]),
    (9, &[(1, 3), (2, 4)]),
    (10, &[(1, 2), (2, 2), (3, 4), (4, 11), (5, 5), (6, 2), (7, 3)]),
    (11, &[(1, 2), (2, 3), (3, 3), (4, 4), (5, 1), (6, 1)]),
    (12, &[(1, 3), (2, 2), (3, 4)]),
    (13, &[(1, 1), (2, 5), (3, 2), (4, 5)]),
    (14, &[(1, 2), (2, 4), (3, 3)]),
    (15, &[(1, 3), (2, 3), (3, 7)]),
    (16, &[(1, 1), (2, 5), (3, 4), (4, 3), (5, 3)]),
    (17, &[(1, 1), (2, 4), (3, 2)]),
];

/// The heading under which the page lists the numbers of the requirements that cannot apply.
const CANNOT_APPLY: &str = "## Requirements that cannot apply";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether `name` is a word of its own at this place of `line`.
fn is_word_at(line: &str, at: usize, name: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let (before, rest) = line.split_at(at);
    !before.chars().next_back().is_some_and(in_word)
        && !rest[name.len()..].chars().next().is_some_and(in_word)
}

/// Whether a file defines `name`: an item of Rust, a key or statement of YAML, a key of TOML.
fn defines(path: &str, text: &str, name: &str) -> bool {
    let lines =
        || text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#'));
    let item = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            let kind = line[..at].trim_end().rsplit(' ').next().unwrap_or_default();
            let kinds = ["fn", "const", "static", "struct", "enum", "trait", "type", "mod"];
            kinds.contains(&kind) && is_word_at(line, at, name)
        })
    };
    let key = |line: &str, separator: char| {
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(separator))
    };
    let statement =
        |line: &str| line.split_once("Sid: ").is_some_and(|(_, rest)| rest.split(',').next() == Some(name));
    match path.rsplit('.').next() {
        Some("rs") => lines().any(item),
        Some("yaml") => lines().any(|line| key(line, ':') || statement(line)),
        Some("toml") => lines().any(|line| key(line, '=')),
        _ => false,
    }
}

/// A page without its blocks of code: each heading and each row of a table by itself, each paragraph or point in one piece.
fn pieces(page: &str) -> Vec<String> {
    let (mut pieces, mut in_code, mut goes_on) = (Vec::<String>::new(), false, false);
    for line in page.lines().map(str::trim) {
        let fence = line.starts_with("```");
        in_code ^= fence;
        if in_code || fence || line.is_empty() {
            goes_on = false;
            continue;
        }
        let alone = line.starts_with(['|', '#']);
        let point =
            line.starts_with("- ") || line.split_once(". ").is_some_and(|(n, _)| n.parse::<u8>().is_ok());
        match pieces.last_mut() {
            Some(piece) if goes_on && !alone && !point => *piece += &format!(" {line}"),
            Some(_) | None => pieces.push(line.to_owned()),
        }
        goes_on = !alone;
    }
    pieces
}

/// The texts in backticks.
fn spans(piece: &str) -> impl Iterator<Item = &str> {
    piece.split('`').skip(1).step_by(2)
}

/// The path that a span begins with, and the names after it; `None` for anything else that stands in backticks.
fn evidence<'a>(span: &'a str, tops: &BTreeSet<String>) -> Option<(&'a str, Vec<&'a str>)> {
    let (path, names) = span.split_once(": ").unwrap_or((span, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    let file =
        [".rs", ".toml", ".md", ".yaml", ".lock"].iter().any(|kind| path.len() > 5 && path.ends_with(kind));
    let is_path = file || path.split_once('/').is_some_and(|(top, _)| tops.contains(top));
    let names = names.split(", ").filter(|name| !name.is_empty()).collect();
    (is_path && path.chars().all(plain)).then_some((path, names))
}

/// The evidence of a piece that is not there, and how much of it is.
fn look_up(piece: &str, root: &Path, tops: &BTreeSet<String>) -> (Vec<String>, usize) {
    let (mut missing, mut found, mut directory) = (Vec::new(), 0, PathBuf::new());
    for (path, names) in spans(piece).filter_map(|span| evidence(span, tops)) {
        let place = if root.join(path).exists() { path.into() } else { directory.join(path) };
        let Ok(about) = fs::metadata(root.join(&place)) else {
            missing.push(path.to_owned());
            continue;
        };
        directory = place.parent().map(Path::to_owned).unwrap_or_default();
        let text = if about.is_file() {
            fs::read_to_string(root.join(&place)).unwrap_or_default()
        } else {
            String::new()
        };
        let (there, gone): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| defines(path, &text, name));
        missing.extend(gone.iter().map(|name| format!("{path}: {name}")));
        found += usize::from(names.is_empty()) + there.len();
    }
    (missing, found)
}

/// How a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept =
        heading.trim_start_matches('#').trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The targets of a piece's links that lead nowhere.
fn dead_links(piece: &str, page: &str, root: &Path) -> Vec<String> {
    let targets = piece.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let dead = targets.filter(|target| !target.contains("://")).filter(|target| {
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let beside = Path::new(page).parent().unwrap_or(Path::new(""));
        let file = if path.is_empty() { PathBuf::from(page) } else { beside.join(path) };
        let Ok(about) = fs::metadata(root.join(&file)) else { return true };
        let text = if about.is_file() {
            fs::read_to_string(root.join(&file)).unwrap_or_default()
        } else {
            String::new()
        };
        let to_heading = pieces(&text)
            .iter()
            .filter(|piece| piece.starts_with('#'))
            .any(|piece| anchor(piece) == fragment);
        !fragment.is_empty() && !to_heading
    });
    dead.map(ToOwned::to_owned).collect()
}

/// What lies at the top of the repository, without what is built or kept there.
fn tops(root: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    names.filter(|name| !["target", ".git", ".local"].contains(&name.as_str())).collect()
}

/// Everything that a page names and that is not there.
fn breaches(page: &str, text: &str, root: &Path) -> Vec<String> {
    let tops = tops(root);
    let of_piece = |piece: &String| {
        let (mut missing, _) = look_up(piece, root, &tops);
        missing.extend(dead_links(piece, page, root));
        missing
    };
    pieces(text).iter().flat_map(of_piece).map(|what| format!("{page}: {what} is not there")).collect()
}

/// The pages that name evidence, by their paths.
fn pages(root: &Path) -> Vec<String> {
    let of_folder = |folder: &&str| {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let names = names.filter(|name| name.ends_with(".md") && !OTHERS.contains(&name.as_str()));
        names.map(|name| Path::new(folder).join(name).display().to_string()).collect::<Vec<_>>()
    };
    FOLDERS.iter().flat_map(of_folder).collect()
}

#[test]
fn whatever_a_page_names_is_there() {
    let pages = pages(&root());
    assert!(pages.iter().any(|page| page == "docs/ASVS.md"));
    let of_page = |page: &String| breaches(page, &fs::read_to_string(root().join(page)).unwrap(), &root());
    assert_eq!(pages.iter().flat_map(of_page).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn what_is_not_there_is_found() {
    let page = "\
see `xtask/tests/docs.rs`, `docs.rs: look_up, lookup`, `tests.rs` and `xtask/tests/nothing.rs: look_up`
- a point, `infra/template.yaml: VaultKey,
  VaultLock` and `docs/NOTHING.md` and `clippy.toml: disallowed-methods, x`
`test/stack.rs`; but `clean/locked/x.jpg`, `POST /v1/reports`, `runtime::serve` and `.rs` name no file
[a](API.md) [b](NOTHING.md) [c](API.md#officers) [d](API.md#nobody) [e](https://example.org/x)
```
`docs/NOTHING.md`
```
";
    let found = breaches("docs/MADE-UP.md", page, &root());
    let said = [
        "docs.rs: lookup",
        "tests.rs",
        "xtask/tests/nothing.rs",
        "infra/template.yaml: VaultLock",
        "docs/NOTHING.md",
        "clippy.toml: x",
        "test/stack.rs",
        "NOTHING.md",
        "API.md#nobody",
    ];
    assert_eq!(found, said.map(|what| format!("docs/MADE-UP.md: {what} is not there")));
}

/// A row of the table of requirements.
struct Row<'a> {
    number: Vec<u32>,
    status: &'a str,
    why: &'a str,
}

/// `1.2.3` as numbers; `None` for anything else.
fn number(text: &str) -> Option<Vec<u32>> {
    let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
    parts.filter(|parts| parts.len() == 3)
}

fn rows(page: &str) -> Vec<Row<'_>> {
    let cells = page
        .lines()
        .map(|line| line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect::<Vec<_>>());
    cells
        .filter_map(|cells| {
            let [first, _, status, why] = cells[..] else { return None };
            Some(Row { number: number(first)?, status, why })
        })
        .collect()
}

/// The requirements that cannot apply, each with the reason of its group. What is no number is empty.
fn cannot_apply(page: &str) -> Vec<(String, Vec<u32>)> {
    let section =
        page.split_once(CANNOT_APPLY).map(|(_, rest)| rest.split("\n## ").next().unwrap_or_default());
    let of_group = |group: &String| {
        let (reason, numbers) = group.rsplit_once(": ").unwrap_or(("", group));
        let reason = reason.trim_start_matches("- ");
        numbers
            .split(", ")
            .map(|text| (reason.to_owned(), number(text).unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    pieces(section.unwrap_or_default()).iter().flat_map(of_group).collect()
}

#[test]
fn every_requirement_stands_once_in_order_and_a_met_one_names_what_shows_it() {
    let page = fs::read_to_string(root().join("docs/ASVS.md")).unwrap();
    let (rows, not_applicable) = (rows(&page), cannot_apply(&page));
    assert!(rows.is_sorted_by(|a, b| a.number < b.number));
    let mut listed: Vec<Vec<u32>> = rows.iter().map(|row| row.number.clone()).collect();
    for (reason, number) in &not_applicable {
        assert!(!reason.is_empty(), "{number:?} gives no reason");
        listed.push(number.clone());
    }
    listed.sort();
    let standard = SECTIONS.iter().flat_map(|(chapter, sections)| {
        sections.iter().flat_map(move |(section, requirements)| {
            (1..=*requirements).map(move |requirement| vec![*chapter, *section, requirement])
        })
    });
    assert_eq!(listed, standard.collect::<Vec<_>>());

    let tops = tops(&root());
    let mut counts = BTreeMap::from([("n/a", not_applicable.len())]);
    for row in &rows {
        *counts.entry(row.status).or_default() += 1;
        let (_, found) = look_up(row.why, &root(), &tops);
        match row.status {
            "met" => assert!(found > 0, "{:?} is met, and nothing shows it", row.number),
            "AWS" | "open" => assert!(!row.why.is_empty(), "{:?} gives no reason", row.number),
            other => panic!("{:?} is {other:?}", row.number),
        }
    }
    for (status, count) in counts {
        assert!(page.contains(&format!("| {status} | {count} |")), "{count} are {status}");
    }
}
