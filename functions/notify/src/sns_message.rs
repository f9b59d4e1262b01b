//! The message that a topic's subscribers get.

use crate::portal::Portal;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::{
    announcement::{Announcement, Audience, AudienceMay},
    desk::Desk,
    language::Language,
    slot_mail::SlotMail,
    status::Status,
};
use jiff::{Timestamp, tz::TimeZone};
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

#[derive(Serialize)]
struct SlotMailBody<'a> {
    event_id: &'a str,
    desk: &'a Desk,
    slot: Timestamp,
}

impl Message {
    /// The message of an announcement; `None` if it cannot be written, which is a bug.
    pub(crate) fn of(announcement: &Announcement, portal: &Portal) -> Option<Self> {
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
        let forms = json!({"default": plain, "email": email(announcement, portal)});
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

    /// The message of a slot mail, whose slot people read in their city's zone; `None` if it cannot be written, which is a bug.
    pub(crate) fn of_slot_mail(mail: &SlotMail, portal: &Portal, zone: &TimeZone) -> Option<Self> {
        let desk = &mail.to_desk;
        let body = SlotMailBody { event_id: mail.event_id.as_str(), desk, slot: mail.slot };
        let plain = serde_json::to_string(&body).ok()?;
        let forms = json!({"default": plain, "email": slot_mail_email(mail, portal, zone)});
        Some(Self {
            topic: format!("{}-digest", topic_of(desk)),
            body: forms.to_string(),
            subject: format!("Tuntas {desk}"),
            attributes: HashMap::new(),
        })
    }
}

fn topic(audience: &Audience) -> String {
    match audience {
        Audience::Desk(desk) => topic_of(desk),
        Audience::Administrator => "desk-administrator".to_owned(),
        Audience::Reporter => "reporter".to_owned(),
    }
}

fn topic_of(desk: &Desk) -> String {
    match desk {
        Desk::Unit(code) => format!("unit-{code}"),
        Desk::Tiket | Desk::Validasi | Desk::Verifikasi => format!("desk-{desk}"),
    }
}

fn email(announcement: &Announcement, portal: &Portal) -> String {
    let ticket = &announcement.ticket;
    let said = |language| {
        let status = announcement.status.text(language);
        announcement
            .mark
            .map_or_else(|| status.to_owned(), |mark| format!("{status}. {}", mark.text(language)))
    };
    let mut text = format!(
        "Laporan {ticket}: {}\nReport {ticket}: {}\n\n{}",
        said(Language::Id),
        said(Language::En),
        announcement.privacy.label()
    );
    if announcement.audience != Audience::Reporter {
        text.push_str("\n\n");
        text.push_str(&what_to_do(announcement, portal));
    }
    text
}

/// What an officer can do now, and where. Nobody gets a link to a page that would tell them that there is no such report.
fn what_to_do(announcement: &Announcement, portal: &Portal) -> String {
    let page = portal.report(&announcement.ticket);
    match announcement.may {
        Some(AudienceMay::Act) => format!("Tindak lanjuti di sini / Act on it here: {page}"),
        Some(AudienceMay::Look) | None => format!("Lihat di sini / See it here: {page}"),
        Some(AudienceMay::Hear) => {
            "Laporan ini ada di meja lain, dan hanya meja itu yang dapat membukanya.\n\
             It lies on another desk, which alone can open it."
                .to_owned()
        }
    }
}

fn slot_mail_email(mail: &SlotMail, portal: &Portal, zone: &TimeZone) -> String {
    let desk = &mail.to_desk;
    let slot = mail.slot.to_zoned_datetime(zone.clone());
    let (id, en) = match desk {
        Desk::Unit(_) => (" atau di meja unit di bawahnya", " or on that of a unit below it"),
        Desk::Tiket | Desk::Validasi | Desk::Verifikasi => ("", ""),
    };
    format!(
        "Ada pekerjaan di meja {desk}{id} ({}, pukul {}).\nThere is work on the desk {desk}{en} ({}, {}).\n\n{}",
        slot.strftime("%d-%m-%Y"),
        slot.strftime("%H.%M"),
        slot.strftime("%d-%m-%Y"),
        slot.strftime("%H:%M"),
        portal.desk(desk)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{act::Act, deadlines::Mark, ids::EventId, privacy::Privacy, ticket::Ticket, unit::Code};

    fn portal() -> Portal {
        Portal::at("https://petugas.contoh.go.id/")
    }

    fn to_validasi() -> Announcement {
        Announcement {
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
            may: Some(AudienceMay::Act),
            slot_mail: None,
        }
    }

    #[test]
    fn an_e_mail_reads_in_both_languages_and_says_no_more_than_the_other_form() {
        let announcement = to_validasi();
        let message = Message::of(&announcement, &portal()).unwrap();
        let forms: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        let (ticket, label) = (announcement.ticket, Privacy::Private.label());
        let [id, en] = [Language::Id, Language::En].map(|language| Status::MenungguValidasi.text(language));
        assert_eq!(
            forms["email"],
            format!(
                "Laporan {ticket}: {id}\nReport {ticket}: {en}\n\n{label}\n\n\
             Tindak lanjuti di sini / Act on it here: https://petugas.contoh.go.id/petugas/laporan/{ticket}"
            )
        );
        let plain: serde_json::Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
        let fields: Vec<&String> = plain.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["event_id", "label", "status", "status_text", "ticket"]);
    }

    #[test]
    fn a_reminder_says_in_both_languages_what_it_reminds_of() {
        let announcement = Announcement {
            event: Act::Escalate,
            status: Status::Proses,
            privacy: Privacy::Public,
            audience: Audience::Administrator,
            mark: Some(Mark::Escalated),
            may: Some(AudienceMay::Look),
            ..to_validasi()
        };
        let message = Message::of(&announcement, &portal()).unwrap();
        assert_eq!(message.topic, "desk-administrator");
        let forms: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        let email = forms["email"].as_str().unwrap();
        assert!(email.contains(": Proses. Terlambat satu hari kerja, dieskalasi\n"), "{email}");
        assert!(email.contains(": In progress. A working day late, escalated\n"), "{email}");
        let plain: serde_json::Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
        assert_eq!(plain["event_text"], "Terlambat satu hari kerja, dieskalasi");
    }

    #[test]
    fn only_an_officer_who_may_see_the_report_gets_a_link_to_it() {
        let page = portal().report(&Ticket::from_mac(&[3; 32]));
        let email = |announcement: Announcement| {
            let forms = Message::of(&announcement, &portal()).unwrap().body;
            let forms: serde_json::Value = serde_json::from_str(&forms).unwrap();
            forms["email"].as_str().unwrap().to_owned()
        };
        let may = |may| email(Announcement { may, ..to_validasi() });
        assert!(may(Some(AudienceMay::Act)).contains(&format!("Act on it here: {page}")));
        for sees in [Some(AudienceMay::Look), None] {
            assert!(may(sees).contains(&format!("See it here: {page}")));
        }
        let heard = may(Some(AudienceMay::Hear));
        assert!(!heard.contains("https://") && heard.contains("another desk"), "{heard}");
        let told = email(Announcement { audience: Audience::Reporter, may: None, ..to_validasi() });
        assert!(!told.contains("https://"), "{told}");
    }

    #[test]
    fn slot_mail_says_that_there_is_work_and_where_and_nothing_else() {
        let unit = Desk::Unit(Code::parse("sudin-a").unwrap());
        let desks = [(unit, "unit-sudin-a-digest"), (Desk::Tiket, "desk-tiket-digest")];
        for (to_desk, topic) in desks {
            let event_id = EventId::from_bytes(&[5; EventId::BYTES]);
            let slot = "2026-01-10T03:00:00Z".parse().unwrap();
            let mail = SlotMail { event_id: event_id.clone(), to_desk: to_desk.clone(), slot };
            let zone = TimeZone::get("Asia/Jakarta").unwrap();
            let message = Message::of_slot_mail(&mail, &portal(), &zone).unwrap();
            assert_eq!((message.topic.as_str(), message.subject), (topic, format!("Tuntas {to_desk}")));
            assert!(message.attributes.is_empty());
            let forms: serde_json::Value = serde_json::from_str(&message.body).unwrap();
            let plain: serde_json::Value = serde_json::from_str(forms["default"].as_str().unwrap()).unwrap();
            let expected = json!({"event_id": event_id, "desk": to_desk, "slot": "2026-01-10T03:00:00Z"});
            assert_eq!(plain, expected);
            let email = forms["email"].as_str().unwrap();
            let (id, en) = match to_desk {
                Desk::Unit(_) => (" atau di meja unit di bawahnya", " or on that of a unit below it"),
                Desk::Tiket | Desk::Validasi | Desk::Verifikasi => ("", ""),
            };
            let below = if matches!(to_desk, Desk::Unit(_)) { "&below=true" } else { "" };
            assert_eq!(
                email,
                format!(
                    "Ada pekerjaan di meja {to_desk}{id} (10-01-2026, pukul 10.00).\n\
                     There is work on the desk {to_desk}{en} (10-01-2026, 10:00).\n\n\
                     https://petugas.contoh.go.id/petugas/meja?desk={to_desk}{below}"
                )
            );
        }
    }
}
