//! Addresses of mail.

use crate::invisible_characters::{is_mark, seen};
use email_address::{EmailAddress, Options};

/// The most bytes of an address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const BYTES: usize = 254;

/// The mailbox, if the text names one and no more, and mail can be sent to it: SES takes ASCII alone, so accents and quoted names
/// are none. `<a@x.id>`, `mailto:a@x.id` and `Siti <a@x.id>` name one. Its host is in lower case.
#[must_use]
pub fn mailbox(text: &str) -> Option<String> {
    let ascii = |symbol: char| match symbol {
        '\u{ff01}'..='\u{ff5e}' => {
            u32::from(symbol).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(symbol)
        }
        '\u{fe6b}' => '@',
        _ => symbol,
    };
    let text: String = seen(text).chars().filter(|symbol| !is_mark(*symbol)).map(ascii).collect();
    let named = text.strip_suffix('>').and_then(|named| named.split_once('<'));
    let address = named.map_or(text.as_str(), |(_, address)| address).trim();
    let scheme = address.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let address = scheme.map_or(address, |_| &address[7..]);
    let options =
        Options::default().without_display_text().without_domain_literal().with_minimum_sub_domains(2);
    let plain = address.len() <= BYTES
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),:;<>[]\\".contains(&byte));
    let parsed = EmailAddress::parse_with_options(address, options).ok().filter(|_| plain)?;
    Some(format!("{}@{}", parsed.local_part(), parsed.domain().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("siti@contoh.id", Some("siti@contoh.id"))]
    #[case("Siti+lapor@Mail.Contoh.ID", Some("Siti+lapor@mail.contoh.id"))]
    #[case("<siti@contoh.id>", Some("siti@contoh.id"))]
    #[case("mailto:siti@contoh.id", Some("siti@contoh.id"))]
    #[case("Siti Nurbaya <siti@contoh.id>", Some("siti@contoh.id"))]
    #[case("\u{a0}siti@contoh.id\u{200b}\n", Some("siti@contoh.id"))]
    #[case("\u{202a}siti@\u{200e}contoh.id\u{202c}", Some("siti@contoh.id"))]
    #[case("siti\u{ff20}contoh\u{ff0e}id", Some("siti@contoh.id"))]
    #[case("siti@contoh.id;budi@contoh.id", None)]
    #[case("siti@contoh.id,budi@contoh.id", None)]
    #[case("siti@contoh.id budi@contoh.id", None)]
    #[case("<siti@contoh.id> <budi@contoh.id>", None)]
    #[case("siti(rumah)@contoh.id", None)]
    #[case("\"Siti\"@contoh.id", None)]
    #[case("siti@budi@contoh.id", None)]
    #[case("siti@contoh", None)]
    #[case("siti@[10.0.0.1]", None)]
    #[case("siti@.contoh.id", None)]
    #[case("siti@contoh..id", None)]
    #[case("siti.@contoh.id", None)]
    #[case("@contoh.id", None)]
    #[case("s\u{ef}ti@contoh.id", None)]
    #[case("si\u{301}ti@contoh.id", None)]
    #[case("siti@cont\u{f3}h.id", None)]
    #[case("siti@contoh.id\r\nbcc:budi@contoh.id", None)]
    #[case("siti @contoh.id", None)]
    #[case("", None)]
    fn an_address_is_one_mailbox(#[case] written: &str, #[case] sent_to: Option<&str>) {
        assert_eq!(mailbox(written).as_deref(), sent_to);
        if let Some(sent_to) = sent_to {
            assert_eq!(mailbox(sent_to).as_deref(), Some(sent_to));
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes() {
        let of = |bytes: usize| {
            format!("siti@{}contoh.id", "a.".repeat(120)).get(..bytes - 3).map(|it| format!("{it}.id"))
        };
        assert!(mailbox(&of(253).unwrap()).is_some());
        assert!(mailbox(&of(255).unwrap()).is_none());
    }
}
