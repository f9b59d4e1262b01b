//! What a reporter is told of their report by SMS or e-mail.

use crate::{language::Language, status::Status, ticket::Ticket};
use jiff::civil::Date;

/// What a reporter is told of their report: ticket, status, the status of the report that theirs follows, the day of a new plan; thanks, where
/// there is room.
///
/// Others may read it over their shoulder, so it says nothing of what was reported. With the label it fits into one SMS: 160
/// characters of the GSM 7-bit alphabet (3GPP TS 23.038).
#[must_use]
pub fn update(
    ticket: &Ticket,
    status: Status,
    follows: Option<Status>,
    plan: Option<Date>,
    language: Language,
) -> String {
    let day = plan.map(|day| day.strftime("%d-%m-%Y").to_string());
    sentence(ticket, status, follows.map(|status| status.text(language)), day.as_deref(), language)
}

/// What stands in a sentence for what is not chosen yet.
const NOT_CHOSEN: &str = "…";

/// The same before it is chosen into which report it is merged, and for which day the unit plans.
pub(crate) fn update_before_choice(
    ticket: &Ticket,
    status: Status,
    follows: Option<Status>,
    plan: Option<Date>,
    language: Language,
) -> String {
    sentence(ticket, status, follows.map(|_| NOT_CHOSEN), plan.map(|_| NOT_CHOSEN), language)
}

fn sentence(
    ticket: &Ticket,
    status: Status,
    follows: Option<&str>,
    plan: Option<&str>,
    language: Language,
) -> String {
    let (planned, thanks) = match language {
        Language::Id => ("rencana", " Terima kasih."),
        Language::En => ("planned", " Thank you."),
    };
    let (followed, thanks) = match follows {
        Some(status) => (format!(": {status}"), ""),
        None => (String::new(), thanks),
    };
    let day = plan.map_or(String::new(), |day| format!(", {planned} {day}"));
    format!("Tuntas {ticket}: {}{followed}{day}.{thanks}", status.text(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::Privacy;
    use jiff::civil::date;

    /// The letters, digits and signs of the GSM 7-bit default alphabet that are ASCII too, and count once.
    fn is_gsm(symbol: char) -> bool {
        symbol.is_ascii_alphanumeric() || " !\"#$%&'()*+,-./:;<=>?@_".contains(symbol)
    }

    #[test]
    fn every_update_fits_into_one_sms_with_its_label() {
        let ticket = Ticket::from_mac(&[1; 32]);
        for status in Status::ALL {
            for language in Language::ALL {
                let is_planned = matches!(status, Status::Proses | Status::TlDitolak);
                let plans = [None, is_planned.then_some(date(2026, 12, 31))];
                for (privacy, plan) in
                    Privacy::ALL.iter().flat_map(|privacy| plans.map(|plan| (privacy, plan)))
                {
                    let own = update(&ticket, *status, None, plan, *language);
                    let of_root = update(&ticket, Status::Duplikat, Some(*status), plan, *language);
                    for text in [own, of_root] {
                        let sms = format!("{text} {}", privacy.label());
                        assert!(sms.chars().all(is_gsm), "{sms}");
                        assert!(sms.len() <= 160, "{} characters: {sms}", sms.len());
                    }
                }
            }
        }
    }

    #[test]
    fn an_update_is_in_the_readers_language() {
        let ticket = Ticket::from_mac(&[1; 32]);
        let told =
            Language::ALL.iter().map(|language| update(&ticket, Status::TlDitolak, None, None, *language));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                format!("Tuntas {ticket}: TL Ditolak. Terima kasih."),
                format!("Tuntas {ticket}: Follow-up refused. Thank you."),
            ]
        );
        let planned = update(&ticket, Status::Proses, None, Some(date(2026, 3, 9)), Language::Id);
        assert_eq!(planned, format!("Tuntas {ticket}: Proses, rencana 09-03-2026. Terima kasih."));
        let followed = update(&ticket, Status::Duplikat, Some(Status::Selesai), None, Language::Id);
        assert_eq!(followed, format!("Tuntas {ticket}: Duplikat: Selesai."));
    }
}
