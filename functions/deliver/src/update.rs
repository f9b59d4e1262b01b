//! An update for a reporter, read from a message of the queue.

use domain::{ids::EventId, language::Language, privacy::Privacy, status::Status, ticket::Ticket};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use std::collections::HashMap;

/// How long an identity is kept after its report has closed.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The shortest time that an identity is kept after the function learns of a closing. An update may lie on a queue that long:
/// one that says that the report is open again comes in time, however late the closing came.
const KEPT_AT_LEAST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long ago an update may have been released: a day in the stream, 14 days on the dead-letter queue of `notify`, 14 on that
/// of `deliver`.
const LATE: SignedDuration = SignedDuration::from_hours(29 * 24);
/// How far the clock of the sender may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// An update of a report, for its reporter.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Update {
    pub(crate) event_id: EventId,
    pub(crate) ticket: Ticket,
    pub(crate) status: Status,
    pub(crate) privacy: Privacy,
    pub(crate) language: Language,
    /// The status of the report that this one was merged into, as that one's reporter was told it.
    pub(crate) follows: Option<Status>,
    /// The day of a plan, where that is what is new.
    pub(crate) plan: Option<Date>,
    /// When it was released. This orders a report's updates, however often and late they come.
    pub(crate) released_at: Timestamp,
}

/// What SNS puts around a message for SQS.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    message: String,
    #[serde(default)]
    message_attributes: HashMap<String, Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    value: String,
}

/// The message itself, as `notify` publishes it.
#[derive(Deserialize)]
struct Body {
    event_id: EventId,
    ticket: Ticket,
    status: Status,
    label: String,
}

impl Update {
    /// Reads the body of a message of the queue; `None` if it is not a message of ours.
    pub(crate) fn read(body: &str) -> Option<Self> {
        let envelope: Envelope = serde_json::from_str(body).ok()?;
        let body: Body = serde_json::from_str(&envelope.message).ok()?;
        let attribute = |name: &str| envelope.message_attributes.get(name).map(|found| found.value.as_str());
        Some(Self {
            event_id: body.event_id,
            ticket: body.ticket,
            status: body.status,
            privacy: *Privacy::ALL.iter().find(|privacy| privacy.label() == body.label)?,
            language: attribute("language").map_or(Some(Language::Id), Language::parse)?,
            follows: attribute("follows").map(Status::parse).map_or(Some(None), |status| status.map(Some))?,
            plan: attribute("plan").map(|day| day.parse().ok()).map_or(Some(None), |day| day.map(Some))?,
            released_at: attribute("released_at")?.parse().ok()?,
        })
    }

    /// Whether the time of release is possible. A later one would suppress the updates that follow; an earlier one no queue can
    /// have kept.
    pub(crate) fn is_plausible(&self, now: Timestamp) -> bool {
        (-LATE..=AHEAD).contains(&self.released_at.duration_since(now))
    }

    /// From when the identity counts as gone: 30 days after the report, or the one that it follows, closed; never while that is open.
    pub(crate) fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        let status = self.follows.unwrap_or(self.status);
        (!status.is_open()).then(|| (self.released_at + KEPT).max(now + KEPT_AT_LEAST))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    pub(crate) fn ticket() -> Ticket {
        Ticket::from_mac(&[1; 32])
    }

    /// A message as it lies on the queue, released at three unless it says otherwise.
    pub(crate) fn message(status: Status, event: u8, attributes: &[(&str, &str)]) -> Value {
        let body = json!({
            "event_id": EventId::from_bytes(&[event; EventId::BYTES]),
            "ticket": ticket().to_string(),
            "status": status,
            "status_text": status.text(Language::Id),
            "label": Privacy::Private.label(),
        });
        let attributes = [("released_at", "2026-11-24T03:00:00Z")]
            .iter()
            .chain(attributes)
            .map(|(name, value)| ((*name).to_owned(), json!({"Type": "String", "Value": value})));
        json!({
            "Type": "Notification",
            "Timestamp": "2026-11-24T03:00:07.000Z",
            "Message": body.to_string(),
            "MessageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
        })
    }

    fn read(message: &Value) -> Option<Update> {
        Update::read(&message.to_string())
    }

    #[test]
    fn a_message_of_the_topic_is_read() {
        let attributes = [
            ("event", "accept"),
            ("status", "proses"),
            ("channel", "jaki"),
            ("language", "en"),
            ("released_at", "2026-11-24T02:00:00.123456789Z"),
        ];
        let update = read(&message(Status::Proses, 1, &attributes)).unwrap();
        assert_eq!((update.ticket.clone(), update.status), (ticket(), Status::Proses));
        assert_eq!((update.privacy, update.language), (Privacy::Private, Language::En));
        assert_eq!(update.released_at.to_string(), "2026-11-24T02:00:00.123456789Z");
    }

    #[test]
    fn stored_forms_of_updates_are_read() {
        stored_forms::assert_read("messages/update", |form| {
            let queued = form["queued"].as_str().unwrap();
            let Update { event_id, ticket, status, privacy, language, follows, plan, released_at } =
                Update::read(queued).expect("an update");
            let mut update = json!({
                "event_id": event_id, "ticket": ticket, "status": status, "privacy": privacy, "language": language,
                "released_at": released_at,
            });
            if let Some(follows) = follows {
                update["follows"] = json!(follows);
            }
            if let Some(plan) = plan {
                update["plan"] = json!(plan);
            }
            json!({"queued": queued, "update": update})
        });
    }

    #[test]
    fn without_other_attributes_it_is_indonesian() {
        let update = read(&message(Status::Proses, 1, &[])).unwrap();
        assert_eq!(update.language, Language::Id);
        assert_eq!(update.released_at.to_string(), "2026-11-24T03:00:00Z");
    }

    /// When SNS sent it says nothing of the order: what could not be published is published later.
    #[test]
    fn without_its_place_in_the_order_it_is_no_message_of_ours() {
        let mut unplaced = message(Status::Proses, 1, &[]);
        unplaced["MessageAttributes"].as_object_mut().unwrap().remove("released_at");
        assert_eq!(read(&unplaced), None);
    }

    #[rstest]
    #[case("language", "fr")]
    #[case("plan", "besok")]
    #[case("follows", "beres")]
    #[case("released_at", "today")]
    fn an_attribute_that_cannot_be_is_no_message_of_ours(#[case] name: &str, #[case] value: &str) {
        assert_eq!(read(&message(Status::Proses, 1, &[(name, value)])), None);
    }

    #[test]
    fn another_label_or_no_envelope_is_no_message_of_ours() {
        let mut other = message(Status::Proses, 1, &[]);
        other["Message"] = json!(other["Message"].as_str().unwrap().replace("Jangan", "Tolong"));
        assert_eq!(read(&other), None);
        assert_eq!(Update::read("not JSON"), None);
        assert_eq!(read(&json!({})), None);
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// `now` is the 24th of November 2026 at four.
    #[rstest]
    #[case("2026-11-24T04:05:00Z", true)]
    #[case("2026-11-24T04:05:00.000000001Z", false)]
    #[case("9999-12-30T22:00:00.999999999Z", false)]
    #[case("2026-10-26T04:00:00Z", true)]
    #[case("2026-10-26T03:59:59.999999999Z", false)]
    #[case("1970-01-01T00:00:00Z", false)]
    #[case("-009999-01-02T01:59:59Z", false)]
    fn a_time_that_no_release_can_have_is_implausible(#[case] released_at: &str, #[case] plausible: bool) {
        let update = read(&message(Status::Proses, 1, &[("released_at", released_at)])).unwrap();
        assert_eq!(update.is_plausible(at("2026-11-24T04:00:00Z")), plausible);
    }

    #[test]
    fn a_closing_that_is_heard_of_late_still_leaves_a_fortnight() {
        let update = read(&message(Status::Selesai, 1, &[("released_at", "2026-10-26T04:00:00Z")])).unwrap();
        let expires = update.expires_at(at("2026-11-24T04:00:00Z"));
        assert_eq!(expires, Some(at("2026-12-08T04:00:00Z")));
    }

    #[test]
    fn an_identity_is_kept_for_30_days_after_the_closing() {
        for status in Status::ALL {
            let update = read(&message(*status, 1, &[])).unwrap();
            let expires = update.expires_at(at("2026-11-24T04:00:00Z")).map(|at| at.to_string());
            let closed = (!status.is_open()).then(|| "2026-12-24T03:00:00Z".to_owned());
            assert_eq!(expires, closed, "{status:?}");
        }
    }

    #[test]
    fn the_identity_of_a_follower_is_kept_as_long_as_the_root_is_open() {
        for root in Status::ALL {
            let update = read(&message(Status::Duplikat, 1, &[("follows", root.as_str())])).unwrap();
            assert_eq!(update.expires_at(at("2026-11-24T04:00:00Z")).is_none(), root.is_open(), "{root:?}");
        }
    }
}
