//! What an officer asks for, read from the body of the request.

use crate::{
    act::Act,
    area::AreaCode,
    ids::{PhotoId, Version},
    json_body::Form,
    location::Place,
    note::Note,
    officer_location::OfficerLocation,
    photo::PhotoKind,
    photo_limits::PHOTOS_AT_HAND,
    report::Report,
    submission::place,
    text_limits::{FINDING, NARRATIVE, REASON, SUMMARY},
    ticket::Ticket,
    triage::Correction,
    unit::{Code, Unit},
    validation_errors::{ValidationErrorCode, ValidationErrors},
    wire_enum::wire_enum,
};
use jiff::civil::Date;
use serde_json::Value;

wire_enum!(
    /// What a validator decides about a TL.
    Verdict {
        /// The problem is solved.
        Accept = "accept",
        /// The problem is not solved: the report goes back to the unit.
        Reject = "reject",
        /// A verifier has to go and look.
        FieldCheck = "field_check",
    }
);

/// A command with all that it needs from outside: codes looked up, ids drawn.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Mends the report's category or place.
    Correct(Correction),
    /// Assigns the report to a unit.
    Assign {
        /// The unit, as the registry has it.
        unit: Unit,
        /// What the unit reads in the place of the reporter's words.
        summary: Option<String>,
    },
    /// Refuses the report, for good unless its reporter disputes that.
    Reject {
        /// Why it is refused, for the reporter too.
        reason: String,
    },
    /// Merges the report into another one.
    Merge {
        /// The other report, as it was just read.
        root: Box<Report>,
    },
    /// Takes back what the ticket desk did last, before anybody else has heard of it.
    Recall,
    /// Accepts the report for the officer's unit.
    Accept,
    /// Passes the report on to another unit.
    Forward {
        /// The unit, as the registry has it.
        unit: Unit,
        /// Why the unit passes it on.
        reason: String,
    },
    /// Passes the report down to a child unit.
    Delegate {
        /// The unit, as the registry has it.
        unit: Unit,
    },
    /// Gives the report back to the ticket desk.
    Return {
        /// Why the unit gives it back.
        reason: String,
    },
    /// Declares photos of the work or of the field.
    AddPhotos {
        /// Their ids, drawn for this command.
        photos: Vec<(PhotoId, PhotoKind)>,
        /// Photos at hand that were rejected or never came, which leave their places to the new ones.
        never_ready: Vec<PhotoId>,
    },
    /// Says by which day the unit's work will be done.
    Plan {
        /// The day.
        on: Date,
        /// Why it takes that long.
        reason: String,
    },
    /// Posts a TL: what the unit did.
    PostTl {
        /// What was done, in 10–4000 characters.
        narrative: String,
        /// The photos that the TL puts forward, all of them at hand.
        photos: Vec<PhotoId>,
        /// Where the officer was, if the request says so.
        location: Option<OfficerLocation>,
    },
    /// A validator's verdict on a TL.
    Validate {
        /// What the validator decided.
        verdict: Verdict,
        /// Why; required unless the TL is accepted.
        reason: Option<String>,
    },
    /// A verifier's verdict on a TL, after a look in the field.
    Verify {
        /// Whether what the verifier saw agrees with the TL.
        conforms: bool,
        /// What the verifier found.
        finding: String,
        /// The photos of the field, all of them at hand.
        photos: Vec<PhotoId>,
        /// Where the verifier was.
        location: OfficerLocation,
    },
    /// The verifier could not look.
    CouldNotLook {
        /// What kept them from it.
        reason: String,
    },
    /// A note for other officers.
    Note {
        /// What it says, and to whom.
        note: Note,
        /// Drawn for this command: the version for those who do not know of a change that waits.
        shown_version: Version,
    },
}

impl Command {
    /// The act that the command is.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Correct(_) => Act::Correct,
            Self::Assign { .. } => Act::Assign,
            Self::Reject { .. } => Act::Reject,
            Self::Merge { .. } => Act::Merge,
            Self::Recall => Act::Recall,
            Self::Accept => Act::Accept,
            Self::Forward { .. } => Act::Forward,
            Self::Delegate { .. } => Act::Delegate,
            Self::Return { .. } => Act::Return,
            Self::Plan { .. } => Act::Plan,
            Self::CouldNotLook { .. } => Act::CouldNotLook,
            Self::Note { .. } => Act::Note,
            Self::AddPhotos { photos, .. } => photos_act(photos.iter().map(|(_, kind)| *kind)),
            Self::PostTl { .. } => Act::PostTl,
            Self::Validate { .. } => Act::Validate,
            Self::Verify { .. } => Act::Verify,
        }
    }
}

/// The act that declaring photos of these kinds is.
///
/// A mixture of kinds counts as the unit's act, which is then refused because of the field photos.
pub fn photos_act(mut kinds: impl Iterator<Item = PhotoKind>) -> Act {
    if kinds.all(|kind| kind == PhotoKind::Field) { Act::AddFieldPhotos } else { Act::AddWorkPhotos }
}

/// The body of `POST …/assignment`: the action with its own fields, codes not yet resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Assignment {
    /// `assign`: sends the report to a unit.
    Assign {
        /// The unit that it goes to.
        unit: Code,
        /// What the unit reads in the place of the reporter's words.
        summary: Option<String>,
    },
    /// `reject`: refuses the report.
    Reject {
        /// Why it is refused.
        reason: String,
    },
    /// `merge`: merges the report into another one.
    Merge {
        /// The ticket of the other report.
        into: Ticket,
    },
    /// `recall`: takes back the act before, while nobody else has heard of it.
    Recall,
    /// `accept`: accepts the report for the officer's unit.
    Accept,
    /// `forward`: passes the report on to another unit.
    Forward {
        /// The unit that it goes to.
        unit: Code,
        /// Why the unit passes it on.
        reason: String,
    },
    /// `delegate`: passes the report down to a child unit.
    Delegate {
        /// The child unit.
        unit: Code,
    },
    /// `return`: gives the report back to the ticket desk.
    Return {
        /// Why the unit gives it back.
        reason: String,
    },
}

/// The field of a bulk command that names its reports; all others are those of the command on one of them.
pub const TICKETS: &str = "tickets";
/// How many reports one bulk command may be for.
pub const TICKETS_AT_ONCE: usize = 50;

impl Assignment {
    /// Every act that this route takes.
    pub const ACTS: &[Act] = &[
        Act::Assign,
        Act::Accept,
        Act::Forward,
        Act::Delegate,
        Act::Return,
        Act::Reject,
        Act::Merge,
        Act::Recall,
    ];

    /// Reads the body of `POST …/assignment`.
    ///
    /// # Errors
    /// All errors; a field that the action does not take is one.
    pub fn parse(body: &Value) -> Result<Self, ValidationErrors> {
        let form = Form::new(body);
        let read = Self::read(&form);
        form.finish(read)
    }

    /// Reads the body of `POST /v1/assignments`: the tickets, and the action with its own fields as [`Assignment::parse`] does.
    ///
    /// # Errors
    /// All errors, those of the tickets first.
    pub fn parse_bulk(body: &Value) -> Result<(Vec<Ticket>, Self), ValidationErrors> {
        let form = Form::new(body);
        let tickets = form.tickets(TICKETS, TICKETS_AT_ONCE);
        let read = Self::read(&form);
        form.finish(read.map(|read| (tickets, read)))
    }

    /// The action with its own fields; where there is none, the form has an error.
    fn read(form: &Form<'_>) -> Option<Self> {
        let act = form.parsed("action", ValidationErrorCode::NotListed, |text| {
            Act::parse(text).filter(|act| Self::ACTS.contains(act))
        });
        let Some(act) = act else {
            // Without a valid action nobody knows which other fields it takes, so none of them is reported as unknown.
            for field in ["unit", "reason", "into", "summary"] {
                form.value(field);
            }
            return None;
        };
        let unit = || form.code("unit");
        let why = || reason(form);
        match act {
            Act::Assign => {
                let (unit, summary) = (unit(), form.optional_text("summary", SUMMARY));
                unit.map(|unit| Self::Assign { unit, summary })
            }
            Act::Recall => Some(Self::Recall),
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
            | Act::Correct
            | Act::Claim
            | Act::AddWorkPhotos
            | Act::AddFieldPhotos
            | Act::Plan
            | Act::PostTl
            | Act::Validate
            | Act::Verify
            | Act::CouldNotLook
            | Act::Note
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy
            | Act::CloseUnit
            | Act::Follow
            | Act::Unmerge
            | Act::Remind
            | Act::Escalate => None,
        }
    }

    /// The act that the action is.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Assign { .. } => Act::Assign,
            Self::Reject { .. } => Act::Reject,
            Self::Merge { .. } => Act::Merge,
            Self::Recall => Act::Recall,
            Self::Accept => Act::Accept,
            Self::Forward { .. } => Act::Forward,
            Self::Delegate { .. } => Act::Delegate,
            Self::Return { .. } => Act::Return,
        }
    }
}

/// The body of `POST …/correction`, codes not yet resolved. At least one of the first three is there.
#[derive(Clone, PartialEq, Debug)]
pub struct CorrectionRequest {
    /// The category that the report is of.
    pub category: Option<Code>,
    /// The whole place, in the place of the one before.
    pub location: Option<Place>,
    /// The area, of a place without a position.
    pub area: Option<AreaCode>,
    /// Why it is corrected.
    pub reason: String,
}

impl CorrectionRequest {
    /// Reads the body of `POST …/correction`.
    ///
    /// # Errors
    /// All errors.
    pub fn parse(body: &Value) -> Result<Self, ValidationErrors> {
        let form = Form::new(body);
        let category = form.optional_parsed("category", ValidationErrorCode::Format, Code::parse);
        let location = form.optional_object("location", place);
        let area = form.optional_parsed("area", ValidationErrorCode::Format, AreaCode::parse);
        let reason = reason(&form);
        let names_none =
            ["category", "location", "area"].into_iter().all(|field| form.value(field).is_none());
        // What is no object at all lacks no single field.
        if names_none && body.is_object() {
            form.error("category", ValidationErrorCode::Required);
        }
        form.finish(reason.map(|reason| Self { category, location, area, reason }))
    }
}

fn reason(form: &Form<'_>) -> Option<String> {
    form.text("reason", REASON)
}

/// Reads the body of `POST …/tl`. The second value is `true` when the TL is only to be checked and nothing stored.
///
/// # Errors
/// All errors.
pub fn parse_tl(body: &Value) -> Result<(Command, bool), ValidationErrors> {
    let form = Form::new(body);
    let narrative = form.text("narrative", NARRATIVE);
    let photos = form.photos("photos", 2 * PHOTOS_AT_HAND);
    let location = form.optional_object("location", OfficerLocation::read);
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
    let looked = form.optional_boolean("looked");
    // Only who could not look gives a reason.
    if looked == Some(false) || (looked.is_none() && form.value("reason").is_some()) {
        if form.value("looked").is_none() {
            form.error("looked", ValidationErrorCode::Required);
        }
        let reason = reason(&form);
        return form.finish(reason.map(|reason| Command::CouldNotLook { reason }));
    }
    let conforms = form.boolean("conforms");
    let finding = form.text("finding", FINDING);
    let photos = form.photos("photos", PHOTOS_AT_HAND);
    let location = form.object("location", OfficerLocation::read);
    let read = conforms.zip(finding).zip(location);
    form.finish(read.map(|((conforms, finding), location)| Command::Verify {
        conforms,
        finding,
        photos,
        location,
    }))
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

    fn two_tickets() -> [Ticket; 2] {
        [[7; 32], [8; 32]].map(|mac| Ticket::from_mac(&mac))
    }

    #[test]
    fn a_bulk_body_is_that_of_one_report_with_its_tickets() {
        let tickets = two_tickets();
        let typed = [tickets[0].to_string().to_lowercase(), tickets[1].as_str().to_owned()];
        let one = json!({"action": "forward", "unit": "dinas-a", "reason": "Bukan kami"});
        let mut bulk = one.clone();
        bulk["tickets"] = json!(typed);
        let (read, assignment) = Assignment::parse_bulk(&bulk).unwrap();
        assert_eq!((read, assignment), (tickets.to_vec(), Assignment::parse(&one).unwrap()));
        assert_eq!(
            Assignment::parse(&bulk).unwrap_err()[0].field,
            "tickets",
            "of one report they are unknown"
        );
    }

    #[rstest]
    #[case(json!({"action": "accept"}), &["tickets required"])]
    #[case(json!({"action": "accept", "tickets": null}), &["tickets required"])]
    #[case(json!({"action": "accept", "tickets": []}), &["tickets required"])]
    #[case(json!({"action": "accept", "tickets": "0"}), &["tickets wrong_type"])]
    #[case(json!({"tickets": [], "x": 1, "unit": 3}), &["tickets required", "action required", "x unknown_field"])]
    #[case(json!({"tickets": {}, "action": "return"}), &["tickets wrong_type", "reason required"])]
    #[case(
        json!({"tickets": [two_tickets()[0], 3, "0000-0000-00001", two_tickets()[0].to_string(), two_tickets()[1]],
               "action": "forward", "into": "0"}),
        &["tickets[1] wrong_type", "tickets[2] invalid_format", "tickets[3] repeated", "unit required", "reason required",
          "into unknown_field"]
    )]
    #[case(json!([]), &[" wrong_type"])]
    fn all_errors_of_a_bulk_body_come_at_once(#[case] body: Value, #[case] expected: &[&str]) {
        let errors = Assignment::parse_bulk(&body).unwrap_err();
        let errors: Vec<_> =
            errors.into_iter().map(|error| format!("{} {}", error.field, error.code.as_str())).collect();
        assert_eq!(errors, expected);
    }

    #[test]
    fn a_bulk_body_has_no_more_tickets_than_allowed() {
        let body = |many: usize| {
            let ticket = |n: usize| Ticket::from_mac(&[u8::try_from(n).unwrap(); 32]);
            json!({"action": "accept", "tickets": (0..many).map(ticket).collect::<Vec<_>>()})
        };
        assert_eq!(Assignment::parse_bulk(&body(TICKETS_AT_ONCE)).unwrap().0.len(), TICKETS_AT_ONCE);
        let errors = Assignment::parse_bulk(&body(TICKETS_AT_ONCE + 1)).unwrap_err();
        assert_eq!((errors[0].field.as_str(), errors[0].code), (TICKETS, ValidationErrorCode::TooMany));
    }

    #[test]
    fn a_refusal_needs_a_reason_and_an_acceptance_does_not() {
        assert!(parse_validation(&json!({"decision": "accept"})).is_ok());
        for decision in ["reject", "field_check"] {
            assert_eq!(parse_validation(&json!({"decision": decision})).unwrap_err()[0].field, "reason");
        }
    }
}
