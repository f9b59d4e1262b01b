//! What a clerk types, and the submission that it becomes.

use crate::{acts::degrees, form::Form, text::Texts};
use domain::{personal_data, submission};
use serde_json::{Map, Value, json};

/// A field that is wrong: its name in the form, and what is wrong with it.
pub(super) type Wrong = (&'static str, String);

/// The reporter's fields: in the form, and in the submission.
const REPORTER: [(&str, &str); 3] =
    [("reporter-name", "name"), ("reporter-phone", "phone"), ("reporter-email", "email")];

/// A submission, ready to be sent.
pub(super) struct Entry {
    pub(super) body: Value,
}

/// A text cut where personal data seems to be.
pub(super) struct PersonalDataIn {
    /// The field that it stands in.
    pub(super) field: &'static str,
    /// Parts of it in order, and whether they are marked.
    pub(super) parts: Vec<(String, bool)>,
}

impl Entry {
    /// Of a form.
    ///
    /// # Errors
    /// Fields that must be changed before it is worth sending. What the API can judge is left to it, but for a contact to which nothing can be
    /// sent: the API takes the report without it, and then nobody can be asked any more.
    pub(super) fn of(form: &Form, t: Texts) -> Result<Self, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        if form.filled("category").is_none() {
            wrong.push(("category", t.field_required().to_owned()));
        }
        if form.filled("description").is_none() {
            wrong.push(("description", t.field_required().to_owned()));
        }
        let mut location = Map::new();
        if let Some(address) = form.filled("address") {
            location.insert("address".to_owned(), Value::from(address));
        }
        let (lat, lon) = (form.text("lat"), form.text("lon"));
        match degrees(lat).zip(degrees(lon)) {
            Some((lat, lon)) => {
                location.insert("lat".to_owned(), json!(lat));
                location.insert("lon".to_owned(), json!(lon));
            }
            None if lat.is_empty() && lon.is_empty() => {
                if location.is_empty() {
                    wrong.push(("address", t.counter_no_place().to_owned()));
                }
            }
            None => wrong.push(("lat", t.field_no_position().to_owned())),
        }
        let reporter: Map<String, Value> = REPORTER
            .into_iter()
            .filter_map(|(field, name)| Some((name.to_owned(), Value::from(form.filled(field)?))))
            .collect();
        let body = json!({
            "category": form.text("category"), "description": form.text("description"), "location": location,
            "privacy": if form.text("privacy") == "public" { "public" } else { "private" },
            "language": if form.text("language") == "en" { "en" } else { "id" },
            "reporter": reporter, "photos": photos(form),
        });
        if let Ok((.., unreachable)) = submission::parse(&body) {
            for path in unreachable {
                wrong.extend(field_of(path).map(|field| (field, unreachable_text(t, field).to_owned())));
            }
        }
        if wrong.is_empty() { Ok(Self { body }) } else { Err(wrong) }
    }
}

/// Photos as a script declares them.
fn photos(form: &Form) -> Vec<Value> {
    let [types, sizes, digests] =
        ["content_type", "size", "sha256"].map(|name| form.all(name).collect::<Vec<_>>());
    let declared = types.iter().zip(&sizes).zip(&digests);
    declared
        .map(|((content_type, size), sha256)| {
            let size = size.parse::<u64>().map_or_else(|_| Value::from(*size), Value::from);
            json!({ "content_type": content_type, "size": size, "sha256": sha256 })
        })
        .collect()
}

/// The form's field for a path of the API.
pub(super) fn field_of(path: &str) -> Option<&'static str> {
    Some(match path {
        "category" => "category",
        "description" => "description",
        "location" | "location.address" => "address",
        "location.lat" | "location.lon" => "lat",
        "privacy" => "privacy",
        "language" => "language",
        path if path.starts_with("photos") => "photos",
        path => {
            let name = path.strip_prefix("reporter.")?;
            REPORTER.iter().find(|(_, known)| *known == name)?.0
        }
    })
}

fn unreachable_text(t: Texts, field: &str) -> &'static str {
    match field {
        "reporter-phone" => t.counter_no_phone(),
        "reporter-email" => t.counter_no_email(),
        _ => t.counter_no_name(),
    }
}

/// The texts in which personal data seems to be, with the places marked.
pub(super) fn personal_data_in(form: &Form) -> Vec<PersonalDataIn> {
    let marked = |field: &'static str| {
        let text = form.text(field);
        let pieces = personal_data::pieces(text);
        let mut parts = Vec::new();
        let mut end = 0;
        for piece in &pieces {
            parts.push((text.get(end..piece.range.start)?.to_owned(), false));
            parts.push((text.get(piece.range.clone())?.to_owned(), true));
            end = piece.range.end;
        }
        parts.push((text.get(end..)?.to_owned(), false));
        parts.retain(|(part, _)| !part.is_empty());
        (!pieces.is_empty()).then_some(PersonalDataIn { field, parts })
    };
    ["description", "address"].into_iter().filter_map(marked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::language::Language;

    fn form(fields: &[(&str, &str)]) -> Form {
        Form::of(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    const TYPED: &[(&str, &str)] = &[
        ("category", "jalan-berlubang"),
        ("description", "Jalan berlubang di depan pasar"),
        ("address", "Jl. Contoh 1"),
        ("lat", "-6,1753"),
        ("lon", "106.8271"),
        ("reporter-phone", "0812-9988-7766"),
    ];

    fn with(more: &[(&'static str, &'static str)]) -> Form {
        let kept = TYPED.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        form(&kept.chain(more).copied().collect::<Vec<_>>())
    }

    fn wrong(more: &[(&'static str, &'static str)]) -> Vec<&'static str> {
        Entry::of(&with(more), Texts(Language::Id))
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn what_is_typed_becomes_a_private_submission_unless_it_is_said_otherwise() {
        let entry = Entry::of(&with(&[]), Texts(Language::Id)).unwrap_or_else(|_| panic!("it is refused"));
        assert_eq!(
            entry.body,
            json!({
                "category": "jalan-berlubang", "description": "Jalan berlubang di depan pasar",
                "location": {"address": "Jl. Contoh 1", "lat": -6.1753, "lon": 106.8271},
                "privacy": "private", "language": "id", "reporter": {"phone": "0812-9988-7766"}, "photos": [],
            })
        );
        let open = Entry::of(&with(&[("privacy", "public"), ("language", "en")]), Texts(Language::Id));
        let open = open.unwrap_or_else(|_| panic!("it is refused")).body;
        assert_eq!((&open["privacy"], &open["language"]), (&json!("public"), &json!("en")));
    }

    #[test]
    fn what_is_missing_is_named_before_anybody_is_asked() {
        assert_eq!(wrong(&[("category", " "), ("description", "")]), ["category", "description"]);
        assert_eq!(wrong(&[("address", ""), ("lat", ""), ("lon", "")]), ["address"]);
        assert_eq!(wrong(&[("lat", "di sana")]), ["lat"]);
        assert_eq!(wrong(&[("lat", "")]), ["lat"]);
        assert!(wrong(&[("address", "")]).is_empty());
    }

    #[test]
    fn a_contact_to_which_nothing_can_be_sent_is_said_while_its_reporter_is_there() {
        assert_eq!(wrong(&[("reporter-phone", "0812")]), ["reporter-phone"]);
        assert_eq!(wrong(&[("reporter-email", "a@b;c@d")]), ["reporter-email"]);
    }

    #[test]
    fn personal_data_is_marked_where_it_stands() {
        let form = with(&[("description", "Hubungi 0812-3456-7890 di depan pasar")]);
        let found = personal_data_in(&form);
        assert_eq!(found.len(), 1);
        let parts: Vec<(&str, bool)> = found[0].parts.iter().map(|(part, is)| (part.as_str(), *is)).collect();
        assert_eq!(parts, [("Hubungi ", false), ("0812-3456-7890", true), (" di depan pasar", false)]);
        assert!(personal_data_in(&with(&[])).is_empty());
    }
}
