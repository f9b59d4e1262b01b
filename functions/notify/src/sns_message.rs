//! The message that a topic's subscribers get.

use aws_sdk_sns::types::MessageAttributeValue;
use domain::{
    announcement::{Announcement, Audience},
    desk::Desk,
    language::Language,
    status::Status,
    ticket::Ticket,
};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// A message for SNS, ready to be published.
pub(crate) struct Message {
    /// The topic's name without the stack's prefix.
    pub(crate) topic: String,
    /// The forms by protocol, for `MessageStructure=json`.
    pub(crate) body: String,
    /// The subject line where a subscriber gets e-mail.
    pub(crate) subject: String,
    /// The attributes that a subscription may filter by.
    pub(crate) attributes: HashMap<String, MessageAttributeValue>,
}

#[derive(Serialize)]
struct Body<'a> {
    event_id: &'a str,
    ticket: String,
    status: Status,
    status_text: &'static str,
    label: &'static str,
    /// What a reminder or an escalation says of the deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_text: Option<&'static str>,
}

impl Message {
    /// The message of an announcement; `None` if it cannot be written, which is a bug.
    pub(crate) fn of(announcement: &Announcement) -> Option<Self> {
        let language = announcement.language.unwrap_or(Language::Id);
        let body = Body {
            event_id: announcement.event_id.as_str(),
            ticket: announcement.ticket.to_string(),
            status: announcement.status,
            status_text: announcement.status.text(language),
            label: announcement.privacy.label(),
            event_text: announcement.mark.map(|mark| mark.text(language)),
        };
        let plain = serde_json::to_string(&body).ok()?;
        let forms = json!({"default": plain, "email": email(&announcement.ticket, announcement)});
        let mut attributes = HashMap::new();
        let mut attribute = |name: &str, value: Option<&str>| {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(value?).build().ok()?;
            attributes.insert(name.to_owned(), value)
        };
        attribute("event", Some(announcement.event.as_str()));
        attribute("status", Some(announcement.status.as_str()));
        attribute("unit", announcement.unit.as_ref().map(|unit| unit.as_str()));
        attribute("channel", announcement.channel.as_ref().map(|channel| channel.as_str()));
        attribute("language", announcement.language.map(Language::as_str));
        attribute("follows", announcement.follows.map(Status::as_str));
        attribute("plan", announcement.plan.map(|day| day.to_string()).as_deref());
        attribute("released_at", announcement.released_at.map(|at| at.to_string()).as_deref());
        Some(Self {
            topic: topic(&announcement.audience),
            body: forms.to_string(),
            subject: format!("Tuntas {}", announcement.ticket),
            attributes,
        })
    }
}

fn topic(audience: &Audience) -> String {
    match audience {
        Audience::Desk(Desk::Unit(code)) => format!("unit-{code}"),
        Audience::Desk(desk @ (Desk::Tiket | Desk::Validasi | Desk::Verifikasi)) => format!("desk-{desk}"),
        Audience::Administrator => "desk-administrator".to_owned(),
        Audience::Reporter => "reporter".to_owned(),
    }
}

fn email(ticket: &Ticket, announcement: &Announcement) -> String {
    let said = |language| {
        let status = announcement.status.text(language);
        announcement
            .mark
            .map_or_else(|| status.to_owned(), |mark| format!("{status}. {}", mark.text(language)))
    };
    format!(
        "Laporan {ticket}: {}\nReport {ticket}: {}\n\n{}",
        said(Language::Id),
        said(Language::En),
        announcement.privacy.label()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{act::Act, deadlines::Mark, ids::EventId, privacy::Privacy};

    #[test]
    fn an_e_mail_reads_in_both_languages_and_says_no_more_than_the_other_form() {
        let announcement = Announcement {
            event_id: EventId::from_bytes(&[5; EventId::BYTES]),
            event: Act::PostTl,
            ticket: Ticket::from_mac(&[3; 32]),
            status: Status::MenungguValidasi,
            privacy: Privacy::Private,
            audience: Audience::Desk(Desk::Validasi),
            unit: None,
            channel: None,
            language: None,
            plan: None,
            follows: None,
            mark: None,
            released_at: None,
        };
        let message = Message::of(&announcement).unwrap();
        let forms: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        let (ticket, label) = (announcement.ticket, Privacy::Private.label());
        let [id, en] = [Language::Id, Language::En].map(|language| Status::MenungguValidasi.text(language));
        assert_eq!(forms["email"], format!("Laporan {ticket}: {id}\nReport {ticket}: {en}\n\n{label}"));
        let plain: serde_json::Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
        let fields: Vec<&String> = plain.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["event_id", "label", "status", "status_text", "ticket"]);
    }

    #[test]
    fn a_reminder_says_in_both_languages_what_it_reminds_of() {
        let announcement = Announcement {
            event_id: EventId::from_bytes(&[5; EventId::BYTES]),
            event: Act::Escalate,
            ticket: Ticket::from_mac(&[3; 32]),
            status: Status::Proses,
            privacy: Privacy::Public,
            audience: Audience::Administrator,
            unit: None,
            channel: None,
            language: None,
            plan: None,
            follows: None,
            mark: Some(Mark::Escalated),
            released_at: None,
        };
        let message = Message::of(&announcement).unwrap();
        assert_eq!(message.topic, "desk-administrator");
        let forms: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        let email = forms["email"].as_str().unwrap();
        assert!(email.contains(": Proses. Terlambat satu hari kerja, dieskalasi\n"), "{email}");
        assert!(email.contains(": In progress. A working day late, escalated\n"), "{email}");
        let plain: serde_json::Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
        assert_eq!(plain["event_text"], "Terlambat satu hari kerja, dieskalasi");
    }
}
