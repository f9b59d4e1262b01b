//! Reading a JSON body into domain values, or into all of its errors at once.
//!
//! A derived deserializer stops at the first error and quotes the input; this reader collects every error and quotes nothing.

use crate::{
    ids::PhotoId,
    invisible_characters::{is_invisible, seen},
    location::Point,
    ticket::Ticket,
    unit::Code,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use serde_json::{Map, Value};
use std::{cell::RefCell, collections::BTreeSet, ops::RangeInclusive, rc::Rc};

/// An object that is being read. It remembers which fields were read, and every error.
pub struct Form<'a> {
    path: String,
    fields: Option<&'a Map<String, Value>>,
    asked: RefCell<BTreeSet<&'static str>>,
    errors: Rc<RefCell<ValidationErrors>>,
}

impl<'a> Form<'a> {
    /// Starts to read a body.
    #[must_use]
    pub fn new(body: &'a Value) -> Self {
        let form = Self::at(String::new(), body, Rc::default());
        if form.fields.is_none() {
            form.error("", ValidationErrorCode::Type);
        }
        form
    }

    fn at(path: String, value: &'a Value, errors: Rc<RefCell<ValidationErrors>>) -> Self {
        Self { path, fields: value.as_object(), asked: RefCell::default(), errors }
    }

    fn name(&self, field: &str) -> String {
        if self.path.is_empty() || field.is_empty() {
            format!("{}{field}", self.path)
        } else {
            format!("{}.{field}", self.path)
        }
    }

    /// Records an error of one of the fields.
    pub fn error(&self, field: &str, code: ValidationErrorCode) {
        self.errors.borrow_mut().push(ValidationError::new(self.name(field), code));
    }

    /// The value of a field; `None` where it is absent or `null`.
    pub fn value(&self, field: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(field);
        self.fields?.get(field).filter(|value| !value.is_null())
    }

    /// Records that `field` is missing where `found` is `None`, unless the body is not an object at all.
    fn required<T>(&self, field: &'static str, found: Option<T>) -> Option<T> {
        let absent = found.is_none() && self.fields.is_some() && self.value(field).is_none();
        if absent {
            self.error(field, ValidationErrorCode::Required);
        }
        found
    }

    /// The text of a field, of any length.
    fn string(&self, field: &'static str) -> Option<&'a str> {
        let text = self.value(field)?.as_str();
        if text.is_none() {
            self.error(field, ValidationErrorCode::Type);
        }
        text
    }

    /// A text of so many visible characters (after trimming), without control characters other than line breaks and tabs. An
    /// empty text counts as absent.
    pub fn optional_text(&self, field: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.string(field).map(typed).filter(|text| visible(text) > 0)?;
        self.measured(field, text, &length)
    }

    /// As [`Form::optional_text`], but required; an empty text is an error, too short.
    pub fn text(&self, field: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.string(field).map(typed);
        let text = text.and_then(|text| self.measured(field, text, &length));
        self.required(field, text)
    }

    fn measured(&self, field: &str, text: String, length: &RangeInclusive<usize>) -> Option<String> {
        let errors_before = self.errors.borrow().len();
        if visible(&text) < *length.start() {
            self.error(field, ValidationErrorCode::TooShort);
        }
        if text.chars().count() > *length.end() {
            self.error(field, ValidationErrorCode::TooLong);
        }
        if has_control(&text) {
            self.error(field, ValidationErrorCode::Control);
        }
        (self.errors.borrow().len() == errors_before).then_some(text)
    }

    /// A text from which `read` makes a value. An empty text counts as absent.
    pub fn optional_parsed<T>(
        &self,
        field: &'static str,
        code: ValidationErrorCode,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.string(field).filter(|text| !text.trim().is_empty())?;
        self.made(field, text, code, read)
    }

    /// As [`Form::optional_parsed`], but required.
    pub fn parsed<T>(
        &self,
        field: &'static str,
        code: ValidationErrorCode,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.string(field).and_then(|text| self.made(field, text, code, read));
        self.required(field, value)
    }

    fn made<T>(
        &self,
        field: &str,
        text: &str,
        code: ValidationErrorCode,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(text);
        if value.is_none() {
            self.error(field, code);
        }
        value
    }

    /// A required code of the registry.
    pub fn code(&self, field: &'static str) -> Option<Code> {
        self.parsed(field, ValidationErrorCode::Format, Code::parse)
    }

    /// A required Boolean.
    pub fn boolean(&self, field: &'static str) -> Option<bool> {
        let value = self.optional_boolean(field);
        self.required(field, value)
    }

    /// A Boolean; absent is `None` without an error.
    pub fn optional_boolean(&self, field: &'static str) -> Option<bool> {
        let read = self.value(field)?.as_bool();
        if read.is_none() {
            self.error(field, ValidationErrorCode::Type);
        }
        read
    }

    /// A number from `least` to `most`; absent is `None` without an error.
    pub fn optional_number(&self, field: &'static str, least: f64, most: f64) -> Option<f64> {
        let Some(number) = self.value(field)?.as_f64() else {
            self.error(field, ValidationErrorCode::Type);
            return None;
        };
        if !(least..=most).contains(&number) {
            self.error(field, ValidationErrorCode::Range);
            return None;
        }
        Some(number)
    }

    /// A required whole number from `least` to `most`.
    pub fn whole(&self, field: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.value(field).and_then(|value| {
            let read = value.as_u64().or_else(|| written_as_fraction(value));
            match read {
                None if value.as_f64().is_some_and(|number| number.fract() == 0.0) => {
                    self.error(field, ValidationErrorCode::Range);
                }
                None => self.error(field, ValidationErrorCode::Type),
                Some(number) if !(least..=most).contains(&number) => {
                    self.error(field, ValidationErrorCode::Range);
                    return None;
                }
                Some(_) => {}
            }
            read
        });
        self.required(field, value)
    }

    /// An object in a field, read by `read`; its unknown fields are errors too.
    pub fn optional_object<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(&Form<'_>) -> Option<T>,
    ) -> Option<T> {
        self.inner(self.name(field), self.value(field)?, read)
    }

    /// As [`Form::optional_object`], but required.
    pub fn object<T>(&self, field: &'static str, read: impl FnOnce(&Form<'_>) -> Option<T>) -> Option<T> {
        let value = self.optional_object(field, read);
        self.required(field, value)
    }

    fn inner<T>(&self, path: String, value: &Value, read: impl FnOnce(&Form<'_>) -> Option<T>) -> Option<T> {
        let form = Form::at(path, value, Rc::clone(&self.errors));
        if form.fields.is_none() {
            form.error("", ValidationErrorCode::Type);
            return None;
        }
        let read = read(&form);
        form.check_unknown();
        read
    }

    /// A list of at most `most` objects; an absent list is an empty one.
    pub fn objects<T>(
        &self,
        field: &'static str,
        most: usize,
        mut read: impl FnMut(&Form<'_>) -> Option<T>,
    ) -> Vec<T> {
        self.list(field, most)
            .iter()
            .enumerate()
            .filter_map(|(n, value)| self.inner(format!("{}[{n}]", self.name(field)), value, &mut read))
            .collect()
    }

    fn list(&self, field: &'static str, most: usize) -> &'a [Value] {
        let Some(value) = self.value(field) else { return &[] };
        match value.as_array() {
            None => self.error(field, ValidationErrorCode::Type),
            Some(list) if list.len() > most => self.error(field, ValidationErrorCode::TooMany),
            Some(list) => return list,
        }
        &[]
    }

    /// A required list of at most `most` different photo ids.
    pub fn photos(&self, field: &'static str, most: usize) -> Vec<PhotoId> {
        if self.fields.is_some() && self.value(field).is_none() {
            self.error(field, ValidationErrorCode::Required);
        }
        self.different(field, most, PhotoId::parse)
    }

    /// A required list of at least one and at most `most` different tickets.
    pub fn tickets(&self, field: &'static str, most: usize) -> Vec<Ticket> {
        let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
        if self.fields.is_some() && self.value(field).is_none_or(is_empty) {
            self.error(field, ValidationErrorCode::Required);
        }
        self.different(field, most, Ticket::parse)
    }

    /// A list of at most `most` different values that `read` makes of texts.
    fn different<T: PartialEq>(
        &self,
        field: &'static str,
        most: usize,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut values = Vec::new();
        for (n, value) in self.list(field, most).iter().enumerate() {
            let place = format!("{field}[{n}]");
            match value.as_str().map(&read) {
                None => self.error(&place, ValidationErrorCode::Type),
                Some(None) => self.error(&place, ValidationErrorCode::Format),
                Some(Some(value)) if values.contains(&value) => {
                    self.error(&place, ValidationErrorCode::Repeated)
                }
                Some(Some(value)) => values.push(value),
            }
        }
        values
    }

    /// The position in `lat`, `lon` and the optional `accuracy_m`. One coordinate without the other is an error.
    pub fn optional_point(&self) -> Option<Point> {
        let errors_before = self.errors.borrow().len();
        let lat = self.optional_number("lat", -90.0, 90.0);
        let lon = self.optional_number("lon", -180.0, 180.0);
        // Telephones send −1 when they do not know the accuracy.
        let accuracy_m = self.optional_number("accuracy_m", -1.0, 100_000.0).filter(|metres| *metres >= 0.0);
        if self.errors.borrow().len() > errors_before {
            return None;
        }
        match (lat, lon) {
            (Some(lat), Some(lon)) => Some(Point { lat, lon, accuracy_m }.stored()),
            (Some(_), None) => {
                self.error("lon", ValidationErrorCode::Required);
                None
            }
            (None, Some(_)) => {
                self.error("lat", ValidationErrorCode::Required);
                None
            }
            (None, None) => {
                if accuracy_m.is_some() {
                    self.error("lat", ValidationErrorCode::Required);
                    self.error("lon", ValidationErrorCode::Required);
                }
                None
            }
        }
    }

    /// As [`Form::optional_point`], but required.
    pub fn point(&self) -> Option<Point> {
        let errors_before = self.errors.borrow().len();
        let point = self.optional_point();
        if point.is_none() && self.errors.borrow().len() == errors_before {
            self.error("lat", ValidationErrorCode::Required);
            self.error("lon", ValidationErrorCode::Required);
        }
        point
    }

    /// The position in `lat` and `lon` alone.
    pub fn point_without_accuracy(&self) -> Option<Point> {
        let lat = self.optional_number("lat", -90.0, 90.0);
        let lon = self.optional_number("lon", -180.0, 180.0);
        let (lat, lon) = (self.required("lat", lat), self.required("lon", lon));
        lat.zip(lon).map(|(lat, lon)| Point { lat, lon, accuracy_m: None }.stored())
    }

    fn check_unknown(&self) {
        let asked = self.asked.borrow();
        for field in self.fields.into_iter().flat_map(Map::keys) {
            if !asked.contains(field.as_str()) {
                self.error(&shown(field), ValidationErrorCode::Unknown);
            }
        }
    }

    /// Ends the reading and returns the value, or every error.
    ///
    /// # Errors
    /// All errors, in the order of reading. A field that was never read is an error.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, ValidationErrors> {
        self.check_unknown();
        let errors = self.errors.take();
        match value {
            Some(value) if errors.is_empty() => Ok(value),
            Some(_) => Err(errors),
            None if errors.is_empty() => Err(vec![ValidationError::new("", ValidationErrorCode::Format)]),
            None => Err(errors),
        }
    }
}

/// Whether the text has a control character other than a line break or tab.
pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The text trimmed, with a blank for each vertical tab and form feed that word processors put between lines.
pub(crate) fn typed(text: &str) -> String {
    text.trim().replace(['\u{b}', '\u{c}'], " ")
}

/// The number of visible characters.
fn visible(text: &str) -> usize {
    seen(text).chars().filter(|symbol| !is_invisible(*symbol)).count()
}

/// A whole number that a program wrote as `5.0` or `5e0`. JSON allows that (RFC 8259, section 6) and JavaScript does not tell
/// them apart. Exact as far as a double is.
fn written_as_fraction(value: &Value) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=EXACT).contains(number))?;
    Some(number as u64)
}

/// The name of an unknown field for the error: shortened, and without characters that could break a line.
fn shown(field: &str) -> String {
    field.chars().take(40).map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_errors_come_at_once() {
        let body =
            json!({"a": 1, "b": "x\u{7}", "c": {"lat": 91, "z": 0}, "extra": null, "photos": ["?", 3]});
        let form = Form::new(&body);
        let a = form.text("a", 1..=3);
        let b = form.text("b", 3..=9);
        let c = form.object("c", |form| form.point());
        let d = form.boolean("d");
        let photos = form.photos("photos", 5);
        let value = a.zip(b).zip(c).zip(d).map(|_| photos);
        let found = form.finish(value).unwrap_err();
        let found: Vec<_> = found.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("a", "wrong_type"),
                ("b", "too_short"),
                ("b", "control_character"),
                ("c.lat", "out_of_range"),
                ("c.z", "unknown_field"),
                ("d", "required"),
                ("photos[0]", "invalid_format"),
                ("photos[1]", "wrong_type"),
                ("extra", "unknown_field"),
            ]
        );
    }

    #[test]
    fn an_optional_field_that_is_empty_is_absent_and_one_that_is_needed_has_an_error() {
        let body = json!({"a": " ", "b": "", "c": "\n", "d": ""});
        let form = Form::new(&body);
        assert_eq!(form.optional_text("a", 3..=9), None);
        assert_eq!(form.optional_parsed("b", ValidationErrorCode::Format, |_| Some(1)), None);
        let c = form.text("c", 1..=9);
        let d = form.parsed("d", ValidationErrorCode::Format, |text| text.parse::<u8>().ok());
        let errors = form.finish(c.zip(d)).unwrap_err();
        assert_eq!(
            errors,
            [
                ValidationError::new("c", ValidationErrorCode::TooShort),
                ValidationError::new("d", ValidationErrorCode::Format)
            ]
        );
    }

    #[test]
    fn vertical_tabs_and_form_feeds_are_blanks() {
        let body = json!({"a": "satu\u{b}dua\u{c}tiga\u{c}"});
        let form = Form::new(&body);
        let a = form.text("a", 3..=90);
        assert_eq!(form.finish(a), Ok("satu dua tiga".to_owned()));
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_fraction() {
        let read = |text: &str| {
            let body = serde_json::from_str(text).unwrap();
            let form = Form::new(&body);
            let number = form.whole("n", 1, 5_000_000);
            form.finish(number).map_err(|errors| errors[0].code)
        };
        for (text, expected) in [
            (r#"{"n": 482113.0}"#, Ok(482_113)),
            (r#"{"n": 5e0}"#, Ok(5)),
            (r#"{"n": 0.0}"#, Err(ValidationErrorCode::Range)),
            (r#"{"n": -1.0}"#, Err(ValidationErrorCode::Range)),
            (r#"{"n": 1e300}"#, Err(ValidationErrorCode::Range)),
            (r#"{"n": 5.5}"#, Err(ValidationErrorCode::Type)),
            (r#"{"n": "5"}"#, Err(ValidationErrorCode::Type)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn an_accuracy_of_minus_one_is_unknown() {
        let accuracy = |metres: f64| {
            let body = json!({"lat": -6.2, "lon": 106.8, "accuracy_m": metres});
            let form = Form::new(&body);
            let point = form.point();
            form.finish(point).map(|point| point.accuracy_m).map_err(|errors| errors[0].code)
        };
        assert_eq!((accuracy(-1.0), accuracy(0.0)), (Ok(None), Ok(Some(0.0))));
        assert_eq!(accuracy(-2.0), Err(ValidationErrorCode::Range));
    }

    #[test]
    fn invisible_characters_do_not_count_towards_the_minimum_length() {
        let of = |text: &str| {
            let body = json!({"a": text});
            let form = Form::new(&body);
            let text = form.text("a", 3..=40);
            form.finish(text)
        };
        let too_short = || Err(vec![ValidationError::new("a", ValidationErrorCode::TooShort)]);
        for empty in [" ", "\u{200b}", "\u{ad}", "\u{2800}", "\u{a0}\u{3000}"] {
            assert_eq!(of(&empty.repeat(12)), too_short(), "{empty:?}");
        }
        assert_eq!(of("a\u{200b}\u{200b}b"), too_short());
        assert_eq!(of("got\u{200b}"), Ok("got\u{200b}".to_owned()));
    }

    #[test]
    fn a_body_that_is_no_object_has_one_error() {
        for body in [json!([]), json!("x"), json!(1), json!(null)] {
            let form = Form::new(&body);
            let text = form.text("a", 1..=2);
            assert_eq!(form.finish(text), Err(vec![ValidationError::new("", ValidationErrorCode::Type)]));
        }
    }

    #[test]
    fn numbers_that_are_no_numbers_are_out_of_range() {
        let body: Value = serde_json::from_str(r#"{"lat": 1e308, "lon": -1e308}"#).unwrap();
        let form = Form::new(&body);
        let point = form.point();
        assert_eq!(form.finish(point).unwrap_err().len(), 2);
    }
}
