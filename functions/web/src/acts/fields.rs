//! What the form of each act asks for.

use super::location::OfficerLocation;
use crate::{
    api::{
        city::{City, Unit},
        report::Report,
    },
    context::Context,
    desk::Choice,
    form::Form,
    map::{Ground, Tiles},
    photo_form,
};
use domain::{act::Act, photo::PhotoKind};

/// One field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) id: String,
    pub(crate) label: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) error: Option<String>,
    pub(crate) kind: FieldKind,
}

/// How a field is shown.
pub(crate) enum FieldKind {
    /// Several lines, with sentences to insert.
    Text { value: String, rows: u8, longest: u16, inserts: Vec<String> },
    /// One line.
    Line { value: String, kind: &'static str },
    /// One of many, with a way to look for it where scripts run.
    Select { choices: Vec<SelectChoice>, is_searched: bool },
    /// One of few, each with what follows from it.
    Radios { choices: Vec<Choice> },
    /// Some of several.
    Checks { choices: Vec<Choice> },
    /// Photos: those that are ready, and new ones of these kinds; without scripts they are sent from a page of their own.
    Photos { choices: Vec<Choice>, kinds: Vec<(&'static str, &'static str)>, page: String },
    /// A position.
    Position(Place),
    /// Where the officer is.
    OfficerLocation(OfficerLocation),
}

/// A position as it is typed, and where a map begins.
#[derive(Clone, Default)]
pub(crate) struct Place {
    pub(crate) lat: String,
    pub(crate) lon: String,
    pub(crate) map_lat: String,
    pub(crate) map_lon: String,
    pub(crate) ground: Option<Ground>,
    /// The present address.
    pub(crate) address: String,
}

/// One choice of many.
pub(crate) struct SelectChoice {
    pub(crate) value: String,
    pub(crate) text: String,
    /// Other words by which it is looked for.
    pub(crate) words: String,
    pub(crate) is_chosen: bool,
}

/// What a form draws on beside the report.
pub(crate) struct Surroundings<'a> {
    pub(crate) city: &'a City,
    /// The unit of the officer.
    pub(crate) unit: Option<&'a str>,
    /// What maps show beside outlines.
    pub(crate) tiles: Option<&'a Tiles>,
}

/// The id of an act's field on the page.
pub(super) fn id(act: Act, name: &str) -> String {
    format!("{}-{name}", act.as_str())
}

impl Field {
    /// The id of what has to be changed where the field is wrong: of several inputs the first.
    pub(crate) fn first_input(&self) -> String {
        let first = match &self.kind {
            FieldKind::Radios { choices }
            | FieldKind::Checks { choices }
            | FieldKind::Photos { choices, .. } => choices.first().map(|choice| choice.value.as_str()),
            FieldKind::Position(_) => Some("lat"),
            // By hand is always possible.
            FieldKind::OfficerLocation(location) => {
                Some(if location.by == "words" { "words" } else { "by-hand" })
            }
            FieldKind::Text { .. } | FieldKind::Line { .. } | FieldKind::Select { .. } => None,
        };
        first.map_or_else(|| self.id.clone(), |first| format!("{}-{first}", self.id))
    }

    /// Gives back what was sent.
    pub(crate) fn fill(&mut self, form: &Form) {
        match &mut self.kind {
            FieldKind::Text { value, .. } | FieldKind::Line { value, .. } => {
                form.text(self.name).clone_into(value)
            }
            FieldKind::Select { choices, .. } => {
                for choice in choices {
                    choice.is_chosen = choice.value == form.text(self.name);
                }
            }
            FieldKind::Radios { choices }
            | FieldKind::Checks { choices }
            | FieldKind::Photos { choices, .. } => {
                for choice in choices {
                    choice.is_chosen = form.all(self.name).any(|value| value == choice.value);
                }
            }
            FieldKind::Position(place) => {
                form.text("lat").clone_into(&mut place.lat);
                form.text("lon").clone_into(&mut place.lon);
            }
            FieldKind::OfficerLocation(location) => location.fill(form),
        }
    }

    /// Whether the API's path of a field means this one, such as `photos[0]` or `location.lat`.
    pub(crate) fn is_meant_by(&self, path: &str) -> bool {
        path == self.name || path.strip_prefix(self.name).is_some_and(|rest| rest.starts_with(['.', '[']))
    }
}

/// The short form by which a unit is called: the initials of its name.
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).flat_map(char::to_lowercase).collect()
}

struct Maker<'a> {
    act: Act,
    context: &'a Context,
    report: &'a Report,
    around: &'a Surroundings<'a>,
}

/// The fields of an act's form; `None` where it has none of its own on this page.
pub(super) fn of(
    act: Act,
    context: &Context,
    report: &Report,
    around: &Surroundings<'_>,
) -> Option<Vec<Field>> {
    let make = Maker { act, context, report, around };
    let t = context.t;
    Some(match act {
        Act::Assign => vec![
            make.units(&|_| true),
            make.text("summary", t.field_summary(), Some(t.field_summary_hint()), 4000),
        ],
        Act::Reject | Act::Return | Act::CouldNotLook => {
            vec![make.text("reason", t.field_reason(), None, 1000)]
        }
        Act::Merge => vec![make.line("into", t.field_into(), Some(t.field_into_hint()), "text")],
        Act::Recall | Act::Accept | Act::Claim => Vec::new(),
        Act::Forward => vec![
            make.units(&|unit| Some(unit) != around.unit),
            make.text("reason", t.field_reason(), None, 1000),
        ],
        Act::Delegate => vec![make.units(&|unit| make.is_child(unit))],
        Act::Correct => vec![
            make.categories(),
            make.line("address", t.field_address(), Some(t.field_address_hint()), "text"),
            make.position(Some(t.field_position_correct_hint())),
            make.text("reason", t.field_reason(), None, 1000),
        ],
        Act::Plan => vec![
            make.line("on", t.field_on(), Some(t.field_on_hint()), "date"),
            make.text("reason", t.field_reason(), None, 1000),
        ],
        Act::PostTl => vec![
            make.text("narrative", t.field_narrative(), Some(t.field_narrative_hint()), 4000),
            make.photos(&[PhotoKind::Before, PhotoKind::After], t.field_tl_photos()),
            make.location(t.location_optional(), false),
        ],
        Act::Validate => vec![
            make.radios(
                "decision",
                t.field_decision(),
                &[
                    ("accept", t.choice_accept()),
                    ("reject", t.choice_reject()),
                    ("field_check", t.choice_field_check()),
                ],
            ),
            make.text("reason", t.field_reason(), Some(t.field_reason_unless_accepted()), 1000),
        ],
        Act::Verify => vec![
            make.radios(
                "conforms",
                t.field_conforms(),
                &[("yes", t.choice_conforms()), ("no", t.choice_does_not_conform())],
            ),
            make.text("finding", t.field_finding(), None, 1000),
            make.photos(&[PhotoKind::Field], t.field_field_photos()),
            make.location(t.field_position(), true),
        ],
        Act::Note => vec![
            make.text("text", t.field_note(), None, 1000),
            make.radios(
                "audience",
                t.field_audience(),
                &[("bureau", t.choice_bureau()), ("all", t.choice_all())],
            ),
            make.checks(
                "to",
                t.field_to(),
                vec![("tiket".to_owned(), t.choice_to_tiket().to_owned(), false)],
            ),
        ],
        Act::AddWorkPhotos
        | Act::AddFieldPhotos
        | Act::Submit
        | Act::CloseUnit
        | Act::Follow
        | Act::Unmerge
        | Act::Remind
        | Act::Escalate
        | Act::Dispute
        | Act::Withdraw
        | Act::ChangePrivacy => return None,
    })
}

impl Maker<'_> {
    fn field(
        &self,
        name: &'static str,
        label: &'static str,
        hint: Option<&'static str>,
        kind: FieldKind,
    ) -> Field {
        Field { name, id: id(self.act, name), label, hint, error: None, kind }
    }

    fn text(
        &self,
        name: &'static str,
        label: &'static str,
        hint: Option<&'static str>,
        longest: u16,
    ) -> Field {
        let reasons = self.around.city.reasons.get(self.act.as_str());
        let inserts = reasons
            .into_iter()
            .flatten()
            .map(|reason| reason.text(self.context.language).to_owned())
            .collect();
        let rows = if longest > 1000 { 8 } else { 4 };
        self.field(name, label, hint, FieldKind::Text { value: String::new(), rows, longest, inserts })
    }

    fn line(
        &self,
        name: &'static str,
        label: &'static str,
        hint: Option<&'static str>,
        kind: &'static str,
    ) -> Field {
        self.field(name, label, hint, FieldKind::Line { value: String::new(), kind })
    }

    fn radios(&self, name: &'static str, label: &'static str, choices: &[(&str, &str)]) -> Field {
        // The bureau alone, unless somebody chooses otherwise; a judgement has no default.
        let choice = |(value, text): &(&str, &str)| Choice::new(*value, *text, *value == "bureau");
        self.field(name, label, None, FieldKind::Radios { choices: choices.iter().map(choice).collect() })
    }

    fn checks(&self, name: &'static str, label: &'static str, choices: Vec<(String, String, bool)>) -> Field {
        let choices =
            choices.into_iter().map(|(value, text, is_chosen)| Choice::new(value, text, is_chosen)).collect();
        self.field(name, label, None, FieldKind::Checks { choices })
    }

    /// Units to send to: the suggested one first, and beside those that gave it back that they did.
    fn units(&self, is_offered: &dyn Fn(&str) -> bool) -> Field {
        let t = self.context.t;
        let suggested = self.report.suggested_unit.as_deref();
        let gave_back: Vec<&str> = self
            .report
            .history
            .iter()
            .filter(|entry| matches!(entry.event, Act::Return | Act::Forward))
            .filter_map(|entry| entry.by.as_ref()?.unit.as_deref())
            .collect();
        let mut units: Vec<SelectChoice> = self
            .around
            .city
            .units
            .iter()
            .filter(|unit| is_offered(&unit.code))
            .map(|unit| {
                let is_suggested = suggested == Some(unit.code.as_str());
                let mut text = unit.name.clone();
                if is_suggested {
                    text = t.unit_suggested(text);
                }
                if gave_back.contains(&unit.code.as_str()) {
                    text = t.unit_gave_back(text);
                }
                SelectChoice {
                    value: unit.code.clone(),
                    text,
                    words: self.words(unit),
                    is_chosen: is_suggested,
                }
            })
            .collect();
        units.sort_by(|one, other| (!one.is_chosen, &one.text).cmp(&(!other.is_chosen, &other.text)));
        let hint = suggested.map(|_| t.unit_suggested_hint());
        let is_searched = units.len() > 8;
        if suggested.is_none() {
            let none = SelectChoice {
                value: String::new(),
                text: t.unit_none().to_owned(),
                words: String::new(),
                is_chosen: true,
            };
            units.insert(0, none);
        }
        self.field("unit", t.field_unit(), hint, FieldKind::Select { choices: units, is_searched })
    }

    /// By what a unit is found beside its name: its short form, the unit above it, and what the city's map sends to it.
    fn words(&self, unit: &Unit) -> String {
        let city = self.around.city;
        let short = [unit.code.replace('-', " "), initials(&unit.name)];
        let above = unit.parent.as_deref().map(|parent| city.unit(parent));
        let categories = unit.categories.iter().map(|code| city.category(code, self.context.language));
        let areas = unit.areas.iter().map(String::as_str);
        let words = short.iter().map(String::as_str).chain(above).chain(categories).chain(areas);
        words.collect::<Vec<_>>().join(" ")
    }

    fn is_child(&self, unit: &str) -> bool {
        let holder =
            self.report.history.iter().rev().find_map(|entry| entry.to.as_deref()).or(self.around.unit);
        let found = self.around.city.units.iter().find(|known| known.code == unit);
        found.and_then(|unit| unit.parent.as_deref()).is_some_and(|parent| Some(parent) == holder)
    }

    fn categories(&self) -> Field {
        let t = self.context.t;
        let mut choices: Vec<SelectChoice> = self
            .around
            .city
            .categories
            .iter()
            .map(|category| SelectChoice {
                value: category.code.clone(),
                text: category.name(self.context.language).to_owned(),
                words: category.code.replace('-', " "),
                is_chosen: false,
            })
            .collect();
        choices.sort_by(|one, other| one.text.cmp(&other.text));
        let stays = SelectChoice {
            value: String::new(),
            text: t.field_category_stays().to_owned(),
            words: String::new(),
            is_chosen: true,
        };
        choices.insert(0, stays);
        self.field("category", t.field_category(), None, FieldKind::Select { choices, is_searched: true })
    }

    /// Photos that are ready; chosen are those that have not served yet. More may be added where this officer may declare some.
    fn photos(&self, kinds: &[PhotoKind], label: &'static str) -> Field {
        let t = self.context.t;
        // That they were added is an event too.
        let served =
            self.report.history.iter().filter(|entry| matches!(entry.event, Act::PostTl | Act::Verify));
        let used: Vec<&String> = served.flat_map(|entry| &entry.photos).collect();
        let photos =
            self.report.photos.iter().filter(|photo| kinds.contains(&photo.kind) && photo.state == "ready");
        let mut numbers = std::collections::BTreeMap::new();
        let choices = photos
            .map(|photo| {
                let number = numbers.entry(photo.kind.as_str()).or_insert(0_u32);
                *number += 1;
                let text = format!("{} {number}", t.photo_kind(photo.kind));
                (photo.photo.clone(), text, !used.contains(&&photo.photo), photo.kind)
            })
            // A picture from before may serve again in a later round of its report.
            .filter(|(_, _, is_unused, kind)| *is_unused || *kind == PhotoKind::Before)
            .map(|(photo, text, is_unused, _)| Choice::new(photo, text, is_unused))
            .collect();
        let may_add = [Act::AddWorkPhotos, Act::AddFieldPhotos];
        let may_add = may_add.iter().any(|act| self.report.actions.contains(act));
        let kinds =
            kinds.iter().filter(|_| may_add).map(|kind| (kind.as_str(), t.photo_kind(*kind))).collect();
        let page = photo_form::path(&self.report.heading.ticket);
        self.field("photos", label, None, FieldKind::Photos { choices, kinds, page })
    }

    fn position(&self, hint: Option<&'static str>) -> Field {
        self.field("location", self.context.t.field_position(), hint, FieldKind::Position(self.place()))
    }

    fn location(&self, label: &'static str, is_needed: bool) -> Field {
        let location = OfficerLocation::new(self.place(), is_needed);
        let hint = Some(self.context.t.location_hint());
        self.field("location", label, hint, FieldKind::OfficerLocation(location))
    }

    /// The place of the report, where maps begin.
    fn place(&self) -> Place {
        let place = self.report.place.as_ref();
        let degrees = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        Place {
            address: place.and_then(|place| place.address.clone()).unwrap_or_default(),
            map_lat: degrees(place.and_then(|place| place.lat)),
            map_lon: degrees(place.and_then(|place| place.lon)),
            ground: place.and_then(|place| Some(Ground::around(place.lat?, place.lon?, self.around.tiles))),
            ..Place::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_found_by_its_initials() {
        assert_eq!(initials("Suku Dinas Bina Marga Jakarta Selatan"), "sdbmjs");
    }
}
