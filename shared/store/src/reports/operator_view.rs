//! A report without what it says: statuses, desks and times alone, for whoever looks after the stack and is no reader of reports.
//!
//! DynamoDB leaves the rest out, so that it never comes to the operator's machine.

use super::{EVENTS, MISFIT_EVENT, MISFIT_REPORT, Reports, all_of};
use crate::{
    Failure,
    dynamodb_items::{REPORT, key, read},
};
use domain::{
    calendar::Counts,
    category::Terms,
    deadlines::{Deadlines, Step},
    ids::Version,
    language::Language,
    location::Place,
    privacy::Privacy,
    report::{AsSubmitted, Due, Report, ReporterSide, Shown, Visibility, Work},
    slots::SlotClass,
    status::Status,
    ticket::Ticket,
    triage::Triage,
    unit::{Code, Unit},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// What is read of the snapshot. Of the reporter's pending actions, of which there is at most one of each kind, only kind and moment.
const OF_REPORT: [&str; 17] = [
    "version",
    "events",
    "status",
    "unit",
    "visible",
    "step",
    "expires_at",
    "reporter.update",
    "reporter.erased",
    "reporter.pending[0].at",
    "reporter.pending[0].action.act",
    "reporter.pending[1].at",
    "reporter.pending[1].action.act",
    "reporter.pending[2].at",
    "reporter.pending[2].action.act",
    "reporter.pending[3].at",
    "reporter.pending[3].action.act",
];
/// What is read of an event.
const OF_EVENT: [&str; 4] = ["number", "at", "status", "unit"];

/// A report without what it says.
pub struct OperatorView {
    /// The snapshot. What of it says something is empty.
    pub report: Report,
    /// What the reporter did and officers do not know of yet.
    pub pending: Vec<Pending>,
    /// Its events, in their order.
    pub past: Vec<PastEvent>,
}

/// A reporter's pending action, without the reporter's words.
pub struct Pending {
    /// The slot at which it takes effect.
    pub at: Timestamp,
    /// What kind of action it is.
    pub kind: PendingKind,
}

/// The kinds of pending actions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingKind {
    /// Disputes the result.
    Dispute,
    /// Withdraws the report.
    Withdraw,
    /// Locks the reporter's photos, or lets them be shown.
    ChangePrivacy,
    /// Rates the result.
    Rate,
}

/// An event, without what was said.
#[derive(Deserialize)]
pub struct PastEvent {
    /// Its place in the history, from 1.
    pub number: u32,
    /// The exact moment.
    pub at: Timestamp,
    /// The report's status after it.
    pub status: Status,
    /// The unit that the report went to.
    #[serde(default)]
    pub unit: Option<Code>,
}

/// What DynamoDB gives of a snapshot.
#[derive(Deserialize)]
struct Projected {
    version: Version,
    events: u32,
    status: Status,
    #[serde(default)]
    unit: Option<Unit>,
    visible: Visibility,
    #[serde(default)]
    step: Option<Step>,
    /// Of a test report alone, in seconds.
    #[serde(default)]
    expires_at: Option<i64>,
    #[serde(default)]
    reporter: ProjectedReporter,
}

#[derive(Default, Deserialize)]
struct ProjectedReporter {
    #[serde(default)]
    update: Option<Due>,
    #[serde(default)]
    erased: bool,
    #[serde(default)]
    pending: Vec<ProjectedPending>,
}

#[derive(Deserialize)]
struct ProjectedPending {
    at: Timestamp,
    action: ProjectedAction,
}

#[derive(Deserialize)]
struct ProjectedAction {
    act: PendingKind,
}

impl Reports {
    /// A report without what it says, read consistently.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn operator_view(&self, ticket: &Ticket) -> Result<Option<OperatorView>, Failure> {
        let (projection, names) = projection(&OF_REPORT);
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket, REPORT)))
            .consistent_read(true)
            .projection_expression(projection)
            .set_expression_attribute_names(Some(names))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let Some(item) = found.item else { return Ok(None) };
        let Projected { version, events, status, unit, visible, step, expires_at, reporter } =
            read(item, MISFIT_REPORT)?;
        let (projection, names) = self::projection(&OF_EVENT);
        let query = self.query(ticket, EVENTS).projection_expression(projection);
        let query = names
            .into_iter()
            .fold(query, |query, (short, name)| query.expression_attribute_names(short, name));
        let mut past: Vec<PastEvent> = all_of(query, MISFIT_EVENT).await?;
        past.sort_by_key(|event| event.number);
        let kind_of = |ProjectedPending { at, action }| Pending { at, kind: action.act };
        let pending = reporter.pending.into_iter().map(kind_of).collect();
        let report = Report { version, events, unit, visible, step, ..silent(ticket, status)? };
        let reporter =
            ReporterSide { update: reporter.update, erased: reporter.erased, ..report.reporter.clone() };
        let submitted = AsSubmitted {
            test_until: expires_at.and_then(|at| Timestamp::from_second(at).ok()),
            ..report.submitted.clone()
        };
        Ok(Some(OperatorView { report: Report { submitted, reporter, ..report }, pending, past }))
    }
}

/// A report that says nothing.
fn silent(ticket: &Ticket, status: Status) -> Result<Report, Failure> {
    let nothing = Code::parse("-").ok_or(Failure::Bug("no code for nothing"))?;
    let version = Version::from_bytes(&[0; Version::BYTES]);
    Ok(Report {
        ticket: ticket.clone(),
        version: version.clone(),
        events: 0,
        revision: 0,
        category: nothing.clone(),
        place: Place { point: None, address: None },
        area: None,
        privacy: Privacy::Private,
        status,
        unit: None,
        due_on: Date::default(),
        officer: None,
        claim: None,
        merged_into: None,
        follows: None,
        is_followed: false,
        submitted: AsSubmitted {
            at: Timestamp::UNIX_EPOCH,
            channel: nothing,
            language: Language::Id,
            description: String::new(),
            status,
            suggested_unit: None,
            body_digest: String::new(),
            test_until: None,
        },
        terms: Terms {
            group: None,
            slots: SlotClass::Biasa,
            deadlines: Deadlines::default(),
            counts: Counts::Calendar,
            keeps: BTreeSet::new(),
        },
        reporter: ReporterSide {
            secret_digest: String::new(),
            photos: 0,
            pending: Vec::new(),
            update: None,
            told: None,
            disputable_until: None,
            disputes: 0,
            disputed_refusals: 0,
            rating: None,
            erased: false,
        },
        triage: Triage::default(),
        work: Work::default(),
        visible: Visibility {
            shown: Shown { status, events: 0, version, unit_version: None, unit: None },
            reached: BTreeSet::new(),
            release: None,
            photos_from: None,
        },
        step: None,
    })
}

/// A projection of these paths, in which every name stands for itself: some are words of DynamoDB's.
fn projection(paths: &[&str]) -> (String, HashMap<String, String>) {
    let mut names = HashMap::new();
    let mut part = |part: &str| {
        let (name, index) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        names.insert(format!("#{name}"), name.to_owned());
        format!("#{name}{index}")
    };
    let path = |path: &&str| path.split('.').map(&mut part).collect::<Vec<_>>().join(".");
    (paths.iter().map(path).collect::<Vec<_>>().join(", "), names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::round_trip_tests::full_report;
    use serde_json::Value;

    /// Every path of a value: `a.b[0].c`.
    fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    paths(value, &format!("{at}.{name}"), found);
                }
            }
            Value::Array(values) => {
                for (place, value) in values.iter().enumerate() {
                    paths(value, &format!("{at}[{place}]"), found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                found.insert(at.trim_start_matches('.').to_owned());
            }
        }
    }

    #[test]
    fn nothing_is_read_that_the_report_says() {
        let mut all = BTreeSet::new();
        paths(&serde_json::to_value(full_report()).unwrap(), "", &mut all);
        let is_read = |path: &str| {
            OF_REPORT.iter().any(|read| {
                path.strip_prefix(read).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        let read: Vec<&str> = all.iter().map(String::as_str).filter(|path| is_read(path)).collect();
        assert_eq!(
            read,
            [
                "events",
                "reporter.erased",
                "reporter.pending[0].action.act",
                "reporter.pending[0].at",
                "reporter.pending[1].action.act",
                "reporter.pending[1].at",
                "reporter.pending[2].action.act",
                "reporter.pending[2].at",
                "reporter.update.act",
                "reporter.update.at",
                "reporter.update.event",
                "status",
                "step.allowance.hours",
                "step.counts",
                "step.ends",
                "step.kind",
                "step.next",
                "step.sent[0]",
                "step.sent[1]",
                "step.sent[2]",
                "step.since",
                "unit.code",
                "unit.path[0]",
                "unit.path[1]",
                "version",
                "visible.photos_from",
                "visible.reached[0]",
                "visible.reached[1]",
                "visible.reached[2]",
                "visible.reached[3]",
                "visible.release.act",
                "visible.release.at",
                "visible.release.event",
                "visible.shown.events",
                "visible.shown.status",
                "visible.shown.unit",
                "visible.shown.unit_version",
                "visible.shown.version",
            ]
        );
        for said in [
            "by",
            "reason",
            "note",
            "narrative",
            "photos",
            "location",
            "into",
            "privacy",
            "body_digest",
            "text",
            "summary",
            "before",
        ] {
            assert!(!OF_EVENT.contains(&said), "{said}");
        }
    }

    #[test]
    fn a_projection_names_each_part_of_a_path() {
        let (text, names) = projection(&["status", "reporter.pending[1].action.act"]);
        assert_eq!(text, "#status, #reporter.#pending[1].#action.#act");
        assert_eq!(names.len(), 5);
        assert_eq!(names["#pending"], "pending");
    }
}
