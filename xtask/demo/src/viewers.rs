//! What each kind of viewer gets to see of a report, as one line of a table.

use super::api::{Answer, text};
use anyhow::{Result, ensure};
use serde_json::Value;

/// The names of the columns of [`row`].
pub(super) const COLUMNS: [&str; 9] =
    ["viewer", "status", "description", "place", "time", "channel", "urgency", "photos", "people named"];

/// For a field that the answer does not have.
const ABSENT: &str = "—";

/// What stands in the place of personal data.
const MASK: &str = "[•••]";

/// Fields with a column, and those that everybody gets or that tell nothing.
const SHOWN: [&str; 13] = [
    "ticket",
    "category",
    "status",
    "status_text",
    "label",
    "version",
    "description",
    "place",
    "submitted_at",
    "channel",
    "urgency",
    "photos",
    "history",
];

/// One line of the table, made of the answer alone.
pub(super) fn row(viewer: &str, answer: &Answer) -> Result<Vec<String>> {
    if answer.status == 404 {
        return Ok(vec![viewer.to_owned(), "404, no such report".to_owned()]);
    }
    ensure!(answer.status == 200, "the {viewer} was answered {}", answer.status);
    let body = answer.json()?;
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or(ABSENT).to_owned();
    let former = body.get("description").is_none();
    let mut row = vec![
        if former { format!("{viewer} (former)") } else { viewer.to_owned() },
        text(&body, "status")?.to_owned(),
        match body.get("description").and_then(Value::as_str) {
            None => ABSENT,
            Some(text) if text.contains(MASK) => "masked",
            Some(_) => "full",
        }
        .to_owned(),
        place(&body).to_owned(),
        if is_timed(&body) { "yes" } else { ABSENT }.to_owned(),
        field("channel"),
        field("urgency"),
        photos(&body),
        named(&body),
    ];
    // What the contract gains later must not go unnoticed.
    let others = body.as_object().into_iter().flat_map(|fields| fields.keys());
    let others: Vec<&str> = others.map(String::as_str).filter(|name| !SHOWN.contains(name)).collect();
    if !others.is_empty() {
        row.push(format!("+ {}", others.join(", ")));
    }
    Ok(row)
}

fn place(body: &Value) -> &'static str {
    let Some(latitude) = body.pointer("/place/lat").and_then(Value::as_f64) else { return ABSENT };
    let digits = latitude.to_string();
    match digits.split_once('.') {
        Some((_, decimals)) if decimals.len() > 4 => "exact",
        _ => "~11 m",
    }
}

fn is_timed(body: &Value) -> bool {
    let history = body["history"].as_array().map_or(&[][..], Vec::as_slice);
    body.get("submitted_at").is_some() || history.iter().any(|event| event.get("at").is_some())
}

/// Counts the photos of each kind.
fn photos(body: &Value) -> String {
    let Some(photos) = body["photos"].as_array() else { return ABSENT.to_owned() };
    let of = |kind: &str| photos.iter().filter(|photo| photo["kind"] == kind).count();
    let kinds = ["reporter", "before", "after", "field"].map(|kind| (of(kind), kind));
    let kinds: Vec<String> =
        kinds.iter().filter(|(many, _)| *many > 0).map(|(many, kind)| format!("{many} {kind}")).collect();
    if kinds.is_empty() { "none".to_owned() } else { kinds.join(" ") }
}

/// First names, or units where only those are told.
fn named(body: &Value) -> String {
    let Some(history) = body["history"].as_array() else { return ABSENT.to_owned() };
    let mut names: Vec<&str> = Vec::new();
    for event in history {
        let name = event.pointer("/by/name").and_then(Value::as_str).and_then(|name| name.split(' ').next());
        let unit = event.get("unit").map(|_| "the unit only");
        if let Some(name) = name.or(unit)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: &Value) -> Answer {
        Answer { status, bytes: body.to_string().into_bytes() }
    }

    #[test]
    fn a_row_says_what_is_masked_coarse_and_absent() {
        let body = json!({
            "status": "proses", "description": "telp [•••]", "place": {"lat": -6.0588}, "urgency": "longgar",
            "photos": [{"kind": "after"}, {"kind": "before"}, {"kind": "after"}],
            "history": [{"event": "accept", "by": {"name": "Budi Santoso"}}],
            "rating": 5,
        });
        let row = row("unit officer", &answer(200, &body)).unwrap();
        let expected = [
            "unit officer",
            "proses",
            "masked",
            "~11 m",
            "—",
            "—",
            "longgar",
            "1 before 2 after",
            "Budi",
            "+ rating",
        ];
        assert_eq!(row, expected);
    }

    #[test]
    fn whoever_has_left_sees_the_status_alone() {
        let row = row("unit officer", &answer(200, &json!({"status": "selesai"}))).unwrap();
        assert_eq!(row[..4], ["unit officer (former)", "selesai", "—", "—"]);
        assert!(row[4..].iter().all(|cell| cell == "—"));
    }

    #[test]
    fn a_hidden_report_is_no_error_but_a_broken_answer_is() {
        assert_eq!(row("stranger", &answer(404, &json!({}))).unwrap().len(), 2);
        assert!(row("stranger", &answer(503, &json!({}))).is_err());
    }
}
