//! From a form to the command that the API knows.

use super::location::{self, Measured};
use crate::{context::Context, form::Form};
use domain::act::Act;
use serde_json::{Map, Value, json};

/// A command, and where it is sent.
pub(crate) struct Command {
    pub(crate) act: Act,
    /// After `/v1/reports/{ticket}/`.
    pub(crate) route: &'static str,
    pub(crate) body: Value,
    /// What others than the bureau will read, by field.
    pub(crate) texts: Vec<(&'static str, String)>,
}

impl Command {
    /// Of an act's form.
    ///
    /// # Errors
    /// Fields that cannot be sent at all; none where there is no such form. What the API can judge is left to it.
    pub(crate) fn of(
        act: Act,
        form: &Form,
        context: &Context,
    ) -> Result<Self, Vec<(&'static str, &'static str)>> {
        let mut fields = Fields { form, context, body: Map::new(), texts: Vec::new(), errors: Vec::new() };
        // A route, and the form's fields in the body.
        let (route, _) = match act {
            Act::Assign => ("assignment", fields.action("assign").line("unit").optional_text("summary")),
            Act::Reject => ("assignment", fields.action("reject").text("reason")),
            Act::Merge => ("assignment", fields.action("merge").line("into")),
            Act::Recall => ("assignment", fields.action("recall")),
            Act::Accept => ("assignment", fields.action("accept")),
            Act::Forward => ("assignment", fields.action("forward").line("unit").text("reason")),
            Act::Delegate => ("assignment", fields.action("delegate").line("unit")),
            Act::Return => ("assignment", fields.action("return").text("reason")),
            Act::Correct => {
                let place = fields.optional_line("category").optional_line("area").place("location");
                ("correction", place.text("reason"))
            }
            Act::Claim => ("claim", &mut fields),
            Act::Plan => ("plan", fields.line("on").text("reason")),
            Act::PostTl => ("tl", fields.text("narrative").photos().location(false)),
            Act::Validate => ("validation", fields.line("decision").optional_text("reason")),
            Act::Verify => {
                ("verification", fields.yes_or_no("conforms").text("finding").photos().location(true))
            }
            Act::CouldNotLook => ("verification", fields.value("looked", Value::Bool(false)).text("reason")),
            Act::Note => ("notes", fields.note()),
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
            | Act::ChangePrivacy => return Err(Vec::new()),
        };
        if !fields.errors.is_empty() {
            return Err(fields.errors);
        }
        Ok(Self { act, route, body: Value::Object(fields.body), texts: fields.texts })
    }
}

struct Fields<'a> {
    form: &'a Form,
    context: &'a Context,
    body: Map<String, Value>,
    texts: Vec<(&'static str, String)>,
    errors: Vec<(&'static str, &'static str)>,
}

impl Fields<'_> {
    fn value(&mut self, name: &str, value: Value) -> &mut Self {
        self.body.insert(name.to_owned(), value);
        self
    }

    fn action(&mut self, action: &str) -> &mut Self {
        self.value("action", Value::from(action))
    }

    /// What was not chosen is sent as null, so that the API says that it is needed.
    fn yes_or_no(&mut self, name: &str) -> &mut Self {
        let value = match self.form.text(name) {
            "yes" => Value::Bool(true),
            "no" => Value::Bool(false),
            _ => Value::Null,
        };
        self.value(name, value)
    }

    /// A text whose blanks are filled: `[…]` stands in what the city offers, and nobody is to read it.
    fn text(&mut self, name: &'static str) -> &mut Self {
        let text = self.form.text(name);
        if has_blank(text) {
            self.errors.push((name, self.context.t.field_blank_left()));
        }
        self.texts.push((name, text.to_owned()));
        self.body.insert(name.to_owned(), Value::from(text));
        self
    }

    fn optional_text(&mut self, name: &'static str) -> &mut Self {
        if self.form.filled(name).is_some() {
            self.text(name);
        }
        self
    }

    fn line(&mut self, name: &'static str) -> &mut Self {
        let value = self.form.text(name);
        if value.is_empty() {
            self.errors.push((name, self.context.t.field_required()));
        }
        self.body.insert(name.to_owned(), Value::from(value));
        self
    }

    fn optional_line(&mut self, name: &'static str) -> &mut Self {
        if let Some(value) = self.form.filled(name) {
            self.body.insert(name.to_owned(), Value::from(value));
        }
        self
    }

    fn photos(&mut self) -> &mut Self {
        let photos: Vec<&str> = self.form.all("photos").collect();
        self.body.insert("photos".to_owned(), json!(photos));
        self
    }

    fn note(&mut self) -> &mut Self {
        self.text("text");
        // What the bureau alone reads is not masked for anybody.
        if self.form.text("audience") != "all" {
            self.texts.clear();
        }
        self.optional_line("audience").optional_line("to")
    }

    /// Where the officer is, in the way that was chosen. What is not measured has a reason, and whoever changed what was measured chose
    /// another way.
    fn location(&mut self, is_needed: bool) -> &mut Self {
        let (form, t) = (self.form, self.context.t);
        let mut wrong = Vec::new();
        let by = form.text(location::BY);
        let mut found = match by {
            "device" => match Measured::parse(form.text("measured")) {
                Some(Measured { lat, lon, accuracy_m }) => {
                    json!({ "by": by, "lat": lat, "lon": lon, "accuracy_m": accuracy_m })
                }
                None => {
                    wrong.push(t.location_no_measurement());
                    Value::Null
                }
            },
            "hand" => match self.typed_position() {
                Ok(Some((lat, lon))) => json!({ "by": by, "lat": lat, "lon": lon }),
                _ => {
                    wrong.push(t.field_no_position());
                    Value::Null
                }
            },
            "words" => {
                let words = form.text(location::WORDS);
                if words.is_empty() {
                    wrong.push(t.location_no_words());
                }
                self.texts.push((location::WORDS, words.to_owned()));
                json!({ "by": by, "address": words })
            }
            _ => {
                if is_needed {
                    self.errors.push(("location", t.location_missing()));
                }
                return self;
            }
        };
        if by != "device" {
            let reason = form.text(location::REASON);
            if reason.is_empty() {
                wrong.push(t.location_no_reason());
            }
            self.texts.push((location::REASON, reason.to_owned()));
            found["reason"] = Value::from(reason);
        }
        self.errors.extend(wrong.into_iter().map(|text| ("location", text)));
        self.body.insert("location".to_owned(), found);
        self
    }

    /// A corrected place: what is left empty stays as it was, for the API takes a place whole.
    fn place(&mut self, name: &'static str) -> &mut Self {
        let form = self.form;
        let typed = self.typed_position();
        let address = form.filled("address");
        if typed == Ok(None) && address.is_none() {
            return self;
        }
        let mut place = Map::new();
        let position = match typed {
            Ok(Some(position)) => Some(position),
            Ok(None) => degrees(form.text("was-lat")).zip(degrees(form.text("was-lon"))),
            Err(NoPosition) => {
                self.errors.push((name, self.context.t.field_no_position()));
                None
            }
        };
        if let Some((lat, lon)) = position {
            place.insert("lat".to_owned(), json!(lat));
            place.insert("lon".to_owned(), json!(lon));
        }
        if let Some(address) = address.or_else(|| form.filled("was-address")) {
            place.insert("address".to_owned(), Value::from(address));
        }
        self.texts.extend(address.map(|address| ("address", address.to_owned())));
        self.body.insert(name.to_owned(), Value::Object(place));
        self
    }

    /// The position that was typed; none where both fields are empty.
    fn typed_position(&self) -> Result<Option<(f64, f64)>, NoPosition> {
        let (lat, lon) = (self.form.text("lat"), self.form.text("lon"));
        if lat.is_empty() && lon.is_empty() {
            return Ok(None);
        }
        degrees(lat).zip(degrees(lon)).map(Some).ok_or(NoPosition)
    }
}

/// What was typed is no position.
#[derive(Clone, Copy, PartialEq, Debug)]
struct NoPosition;

/// A number as people write it: a comma is a point.
pub(crate) fn degrees(text: &str) -> Option<f64> {
    text.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether a blank of an offered sentence is left: a word or more in square brackets, or a line to write on.
fn has_blank(text: &str) -> bool {
    let in_brackets = text.split('[').skip(1).any(|rest| {
        rest.split_once(']')
            .is_some_and(|(inside, _)| inside.chars().any(char::is_alphabetic) || inside.trim() == "…")
    });
    in_brackets || text.contains("____")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Lokasi tidak ditemukan di [nama jalan]", true)]
    #[case("[…]", true)]
    #[case("Tanggal ____", true)]
    #[case("Lihat [1] dan a[2]", false)]
    #[case("Kurung ] dan [", false)]
    fn a_blank_that_is_left_is_seen(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(has_blank(text), expected);
    }

    #[rstest]
    #[case("-6,1753", Some(-6.1753))]
    #[case("106.8271", Some(106.8271))]
    #[case("inf", None)]
    #[case("6°10'", None)]
    fn degrees_are_read_as_people_write_them(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(degrees(text), expected);
    }
}
