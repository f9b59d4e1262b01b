//! What an officer asks for, read from its body.

use crate::{
    act::Act,
    ids::PhotoId,
    json_body::Form,
    location::Point,
    photo::PhotoKind,
    photo_limits::PHOTOS_AT_HAND,
    text_limits::{NARRATIVE, NOTE, REASON},
    ticket::Ticket,
    unit::{Code, Unit},
    validation_errors::{ValidationErrorCode, ValidationErrors},
    wire_enum::wire_enum,
};
use serde_json::Value;

wire_enum!(
    /// What a validator decides about a TL.
    Verdict {
        /// The problem is solved.
        Accept = "accept",
        /// It is not: back to the unit.
        Reject = "reject",
        /// Somebody must go and look.
        FieldCheck = "field_check",
    }
);

/// A command with all that it needs from outside: codes resolved, ids drawn.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// To a unit.
    Assign {
        /// From the registry.
        unit: Unit,
    },
    /// For good, but for a dispute.
    Reject {
        /// Why.
        reason: String,
    },
    /// Into another report.
    Merge {
        /// Which.
        into: Ticket,
        /// Whether that one still lies on a desk.
        open: bool,
    },
    /// Take it up.
    Accept,
    /// Pass it on.
    Forward {
        /// From the registry.
        unit: Unit,
        /// Why.
        reason: String,
    },
    /// Pass it down.
    Delegate {
        /// From the registry.
        unit: Unit,
    },
    /// Give it back.
    Return {
        /// Why.
        reason: String,
    },
    /// Announce photos.
    AddPhotos {
        /// Their ids, drawn for this command.
        photos: Vec<(PhotoId, PhotoKind)>,
        /// Photos at hand that were rejected or never came: they make room.
        gone: Vec<PhotoId>,
    },
    /// Say what was done.
    PostTl {
        /// 10–4000 characters.
        narrative: String,
        /// Of those at hand.
        photos: Vec<PhotoId>,
        /// Where the officer was.
        location: Option<Point>,
    },
    /// Judge a TL.
    Validate {
        /// How.
        verdict: Verdict,
        /// Needed unless accepted.
        reason: Option<String>,
    },
    /// Judge it in the field.
    Verify {
        /// Whether what is there conforms to the TL.
        conforms: bool,
        /// What was seen.
        note: String,
        /// Of those at hand.
        photos: Vec<PhotoId>,
        /// Where the verifier stood.
        location: Point,
    },
}

impl Command {
    /// Which act it is.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Assign { .. } => Act::Assign,
            Self::Reject { .. } => Act::Reject,
            Self::Merge { .. } => Act::Merge,
            Self::Accept => Act::Accept,
            Self::Forward { .. } => Act::Forward,
            Self::Delegate { .. } => Act::Delegate,
            Self::Return { .. } => Act::Return,
            Self::AddPhotos { photos, .. } => photos_act(photos.iter().map(|(_, kind)| *kind)),
            Self::PostTl { .. } => Act::PostTl,
            Self::Validate { .. } => Act::Validate,
            Self::Verify { .. } => Act::Verify,
        }
    }
}

/// The act that announcing photos of these kinds is.
///
/// A mixture is the unit's act, and refused as such where a field photo is among them.
pub fn photos_act(mut kinds: impl Iterator<Item = PhotoKind>) -> Act {
    if kinds.all(|kind| kind == PhotoKind::Field) { Act::AddFieldPhotos } else { Act::AddWorkPhotos }
}

/// The body of `POST …/assignment`: the action with its own fields, codes not yet resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Assignment {
    /// `assign`
    Assign {
        /// To whom.
        unit: Code,
    },
    /// `reject`
    Reject {
        /// Why.
        reason: String,
    },
    /// `merge`
    Merge {
        /// Into which.
        into: Ticket,
    },
    /// `accept`
    Accept,
    /// `forward`
    Forward {
        /// To whom.
        unit: Code,
        /// Why.
        reason: String,
    },
    /// `delegate`
    Delegate {
        /// To whom.
        unit: Code,
    },
    /// `return`
    Return {
        /// Why.
        reason: String,
    },
}

impl Assignment {
    /// The acts of this route.
    pub const ACTS: &[Act] =
        &[Act::Assign, Act::Accept, Act::Forward, Act::Delegate, Act::Return, Act::Reject, Act::Merge];

    /// Reads the body.
    ///
    /// # Errors
    /// All errors; a field that the action does not take is one.
    pub fn parse(body: &Value) -> Result<Self, ValidationErrors> {
        let form = Form::new(body);
        let act = form.parsed("action", ValidationErrorCode::NotListed, |text| {
            Act::parse(text).filter(|act| Self::ACTS.contains(act))
        });
        let Some(act) = act else {
            // Without the action the other fields cannot be judged, but they are not unknown.
            for field in ["unit", "reason", "into"] {
                form.value(field);
            }
            return form.finish(None);
        };
        let unit = || form.code("unit");
        let why = || reason(&form);
        let read = match act {
            Act::Assign => unit().map(|unit| Self::Assign { unit }),
            Act::Delegate => unit().map(|unit| Self::Delegate { unit }),
            Act::Reject => why().map(|reason| Self::Reject { reason }),
            Act::Return => why().map(|reason| Self::Return { reason }),
            Act::Accept => Some(Self::Accept),
            Act::Forward => {
                let (unit, reason) = (unit(), why());
                unit.zip(reason).map(|(unit, reason)| Self::Forward { unit, reason })
            }
            Act::Merge => form
                .parsed("into", ValidationErrorCode::Format, Ticket::parse)
                .map(|into| Self::Merge { into }),
            Act::Submit
            | Act::AddWorkPhotos
            | Act::AddFieldPhotos
            | Act::PostTl
            | Act::Validate
            | Act::Verify
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy => None,
        };
        form.finish(read)
    }

    /// Which act it is.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Assign { .. } => Act::Assign,
            Self::Reject { .. } => Act::Reject,
            Self::Merge { .. } => Act::Merge,
            Self::Accept => Act::Accept,
            Self::Forward { .. } => Act::Forward,
            Self::Delegate { .. } => Act::Delegate,
            Self::Return { .. } => Act::Return,
        }
    }
}

fn reason(form: &Form<'_>) -> Option<String> {
    form.text("reason", REASON)
}

/// Reads the body of `POST …/tl`; also whether it is only to be checked, and nothing stored.
///
/// # Errors
/// All errors.
pub fn parse_tl(body: &Value) -> Result<(Command, bool), ValidationErrors> {
    let form = Form::new(body);
    let narrative = form.text("narrative", NARRATIVE);
    let photos = form.photos("photos", 2 * PHOTOS_AT_HAND);
    let location = form.optional_object("location", |form| form.point());
    let check = form.optional_boolean("check").unwrap_or(false);
    form.finish(narrative.map(|narrative| (Command::PostTl { narrative, photos, location }, check)))
}

/// Reads the body of `POST …/validation`.
///
/// # Errors
/// All errors.
pub fn parse_validation(body: &Value) -> Result<Command, ValidationErrors> {
    let form = Form::new(body);
    let verdict = form.parsed("decision", ValidationErrorCode::NotListed, Verdict::parse);
    let reason = match verdict {
        Some(Verdict::Accept) | None => form.optional_text("reason", REASON),
        Some(Verdict::Reject | Verdict::FieldCheck) => reason(&form),
    };
    form.finish(verdict.map(|verdict| Command::Validate { verdict, reason }))
}

/// Reads the body of `POST …/verification`.
///
/// # Errors
/// All errors.
pub fn parse_verification(body: &Value) -> Result<Command, ValidationErrors> {
    let form = Form::new(body);
    let conforms = form.boolean("conforms");
    let note = form.text("note", NOTE);
    let photos = form.photos("photos", PHOTOS_AT_HAND);
    let location = form.object("location", |form| form.point());
    let read = conforms.zip(note).zip(location);
    form.finish(read.map(|((conforms, note), location)| Command::Verify { conforms, note, photos, location }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"action": "assign"}), &["unit required"])]
    #[case(json!({"action": "forward", "unit": "X"}), &["unit invalid_format", "reason required"])]
    #[case(json!({"action": "accept", "unit": "a"}), &["unit unknown_field"])]
    #[case(json!({"action": "submit", "unit": "a"}), &["action not_listed"])]
    #[case(json!({"unit": 3, "x": 1}), &["action required", "x unknown_field"])]
    #[case(json!({"action": "merge", "into": "0000-0000-00001"}), &["into invalid_format"])]
    fn errors_of_an_assignment(#[case] body: Value, #[case] expected: &[&str]) {
        let errors: Vec<_> = Assignment::parse(&body)
            .unwrap_err()
            .into_iter()
            .map(|error| format!("{} {}", error.field, error.code.as_str()))
            .collect();
        assert_eq!(errors, expected);
    }

    #[test]
    fn a_refusal_needs_a_reason_and_an_acceptance_does_not() {
        assert!(parse_validation(&json!({"decision": "accept"})).is_ok());
        for decision in ["reject", "field_check"] {
            assert_eq!(parse_validation(&json!({"decision": decision})).unwrap_err()[0].field, "reason");
        }
    }
}
