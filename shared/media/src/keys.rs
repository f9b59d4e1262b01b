//! Where photos lie in the photos bucket (docs/DATA_MODEL.md).
//!
//! ```text
//! incoming/<locked or shown>/<ticket>/<photo>     as uploaded
//! clean/<locked or shown>/<ticket>/<photo>.jpg    redrawn
//! views/<random>.jpg                              a copy for one viewer
//! ```
//!
//! In `clean/`, `locked` holds every photo that a reporter sent, for as long as it is kept, and `shown` a second copy of those
//! that may be seen, with the photos of officers: the role that serves photos has a right to that half only. A key holds nothing of its own but ids, and ids say nothing (design, section 3, point 1).

/// The symbols of a ticket, without hyphens: twelve and one check symbol.
pub const TICKET_SYMBOLS: usize = 13;

/// The symbols of a photo's id.
pub const PHOTO_SYMBOLS: usize = 16;

/// The key under which an upload is expected.
pub fn incoming(locked: bool, ticket: &str, photo: &str) -> String {
    format!("incoming/{}/{ticket}/{photo}", half(locked))
}

/// The key of a redrawn photo.
pub fn clean(locked: bool, ticket: &str, photo: &str) -> String {
    format!("clean/{}/{ticket}/{photo}.jpg", half(locked))
}

/// The key of a copy made for one viewer; the argument must be random and say nothing.
pub fn view(random: &str) -> String {
    format!("views/{random}.jpg")
}

fn half(locked: bool) -> &'static str {
    if locked { "locked" } else { "shown" }
}

/// An upload, as its key names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Incoming {
    /// Whether it belongs to the half that nobody is shown.
    pub locked: bool,
    /// 13 symbols, upper case, without hyphens.
    pub ticket: String,
    /// 16 symbols, upper case.
    pub photo: String,
}

impl Incoming {
    /// The key that was parsed.
    pub fn key(&self) -> String {
        incoming(self.locked, &self.ticket, &self.photo)
    }
}

/// Reads the key of an upload; nothing but what [`incoming`] writes for valid ids is accepted.
///
/// Both ids are Crockford base32 in upper case (`0–9 A–Z` without `I L O U`), the check symbol of a ticket as well.
pub fn parse_incoming(key: &str) -> Option<Incoming> {
    let mut segments = key.split('/');
    let (Some("incoming"), Some(half), Some(ticket), Some(photo), None) =
        (segments.next(), segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return None;
    };
    let locked = match half {
        "locked" => true,
        "shown" => false,
        _ => return None,
    };
    (is_crockford(ticket, TICKET_SYMBOLS) && is_crockford(photo, PHOTO_SYMBOLS)).then(|| Incoming {
        locked,
        ticket: ticket.to_owned(),
        photo: photo.to_owned(),
    })
}

/// Reads the key of an upload as S3 writes it in its events: URL-encoded, with `+` for a space.
pub fn parse_incoming_encoded(key: &str) -> Option<Incoming> {
    let mut decoded = Vec::with_capacity(key.len());
    let mut bytes = key.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            b'+' => b' ',
            other => other,
        });
    }
    parse_incoming(std::str::from_utf8(&decoded).ok()?)
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

fn is_crockford(text: &str, symbols: usize) -> bool {
    text.len() == symbols
        && text.bytes().all(|symbol| {
            matches!(symbol, b'0'..=b'9' | b'A'..=b'Z') && !matches!(symbol, b'I' | b'L' | b'O' | b'U')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TICKET: &str = "0123456789ABC";
    const PHOTO: &str = "DEFGHJKMNPQRSTVW";

    #[test]
    fn keys_are_those_of_the_data_model() {
        assert_eq!(incoming(true, TICKET, PHOTO), "incoming/locked/0123456789ABC/DEFGHJKMNPQRSTVW");
        assert_eq!(incoming(false, TICKET, PHOTO), "incoming/shown/0123456789ABC/DEFGHJKMNPQRSTVW");
        assert_eq!(clean(true, TICKET, PHOTO), "clean/locked/0123456789ABC/DEFGHJKMNPQRSTVW.jpg");
        assert_eq!(clean(false, TICKET, PHOTO), "clean/shown/0123456789ABC/DEFGHJKMNPQRSTVW.jpg");
        assert_eq!(view("XYZ"), "views/XYZ.jpg");
    }

    #[test]
    fn an_upload_keeps_its_half() {
        for locked in [true, false] {
            let upload = parse_incoming(&incoming(locked, TICKET, PHOTO)).unwrap();
            assert_eq!(upload.locked, locked);
            assert_eq!(upload.key(), incoming(locked, TICKET, PHOTO));
        }
    }

    #[test]
    fn anything_but_an_upload_of_ours_is_refused() {
        for key in [
            "",
            "/",
            "incoming",
            "incoming/shown/0123456789ABC",
            "incoming/shown/0123456789ABC/",
            "incoming/shown/0123456789ABC/DEFGHJKMNPQRSTVW/",
            "incoming/shown/0123456789ABC/DEFGHJKMNPQRSTVW/X",
            "/incoming/shown/0123456789ABC/DEFGHJKMNPQRSTVW",
            "incoming//shown/0123456789ABC/DEFGHJKMNPQRSTVW",
            "incoming/Shown/0123456789ABC/DEFGHJKMNPQRSTVW",
            "incoming/other/0123456789ABC/DEFGHJKMNPQRSTVW",
            "Incoming/shown/0123456789ABC/DEFGHJKMNPQRSTVW",
            "clean/shown/0123456789ABC/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789AB/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789ABCD/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789ABC/DEFGHJKMNPQRSTV",
            "incoming/shown/0123456789ABC/DEFGHJKMNPQRSTVW.jpg",
            "incoming/shown/0123456789abc/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123-4567-89ABC/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789ABI/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789ABU/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789AB*/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789AB=/DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789ABC/DEFGHJKMNPQRSTV ",
            "incoming/shown/../DEFGHJKMNPQRSTVW",
            "incoming/shown/0123456789AÉ/DEFGHJKMNPQRSTVW",
        ] {
            assert_eq!(parse_incoming(key), None, "{key}");
        }
    }

    #[test]
    fn event_keys_are_decoded_once() {
        let plain = incoming(false, TICKET, PHOTO);
        let expected = parse_incoming(&plain);
        assert!(expected.is_some());
        assert_eq!(parse_incoming_encoded(&plain), expected);
        assert_eq!(parse_incoming_encoded(&plain.replace('/', "%2F")), expected);
        assert_eq!(parse_incoming_encoded(&plain.replace('/', "%2f").replace('A', "%41")), expected);
        assert_eq!(parse_incoming_encoded(&plain.replace('/', "%252F")), None);
        for broken in ["%", "%4", "%zz", "%+1", "%ff", "+", "a%C3"] {
            assert_eq!(parse_incoming_encoded(broken), None, "{broken}");
            assert_eq!(parse_incoming_encoded(&format!("{plain}{broken}")), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn valid_ids_go_round(
            locked: bool,
            ticket in "[0-9A-HJKMNP-TV-Z]{13}",
            photo in "[0-9A-HJKMNP-TV-Z]{16}",
        ) {
            let key = incoming(locked, &ticket, &photo);
            let upload = Some(Incoming { locked, ticket, photo });
            prop_assert_eq!(parse_incoming(&key), upload.clone());
            prop_assert_eq!(parse_incoming_encoded(&key), upload);
        }

        #[test]
        fn whatever_is_parsed_is_written_the_same(key in "(incoming/)?(locked/|shown/)?[0-9A-Z/%+]{0,32}") {
            if let Some(upload) = parse_incoming(&key) {
                prop_assert_eq!(upload.key(), key);
            }
        }

        #[test]
        fn no_text_makes_a_parser_panic(key: String) {
            let _ = (parse_incoming(&key), parse_incoming_encoded(&key));
        }
    }
}
