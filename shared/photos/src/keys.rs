//! Where photos lie in the photos bucket (docs/DATA_MODEL.md).
//!
//! ```text
//! incoming/<locked or shown>/<ticket>/<photo>     as uploaded
//! clean/<locked or shown>/<ticket>/<photo>.jpg    redrawn
//! views/<look>.jpg                                a copy for one viewer
//! ```
//!
//! In `clean/`, `locked` holds every photo that a reporter sent, for as long as it is kept, and `shown` a second copy of those
//! that may be seen, with the photos of officers: the role that serves photos has a right to that half only. A key holds nothing
//! but ids, and ids say nothing.

use domain::{
    ids::{EventId, PhotoId},
    ticket::Ticket,
};
use percent_encoding::percent_decode_str;

/// What the key of every upload begins with.
pub const INCOMING: &str = "incoming/";

/// The key under which an upload is expected.
#[must_use]
pub fn incoming(locked: bool, ticket: &Ticket, photo: &PhotoId) -> String {
    format!("{INCOMING}{}/{}/{photo}", half(locked), ticket.as_str())
}

/// The key of a redrawn photo.
#[must_use]
pub fn clean(locked: bool, ticket: &Ticket, photo: &PhotoId) -> String {
    format!("clean/{}/{}/{photo}.jpg", half(locked), ticket.as_str())
}

/// The key of a copy that was made for one viewer, by the random id of their look in the access log.
#[must_use]
pub fn view(look: &EventId) -> String {
    format!("views/{look}.jpg")
}

fn half(locked: bool) -> &'static str {
    if locked { "locked" } else { "shown" }
}

/// An upload, as its key identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Whether the photo belongs in the locked part, which nobody is shown.
    pub locked: bool,
    /// The ticket of the report.
    pub ticket: Ticket,
    /// The id of the photo.
    pub photo: PhotoId,
}

impl Incoming {
    /// The key of the upload.
    #[must_use]
    pub fn key(&self) -> String {
        incoming(self.locked, &self.ticket, &self.photo)
    }

    /// Reads the key of an upload; nothing but what [`incoming`] writes is accepted.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let (half, rest) = key.strip_prefix(INCOMING)?.split_once('/')?;
        let (ticket, photo) = rest.split_once('/')?;
        let locked = match half {
            "locked" => true,
            "shown" => false,
            _ => return None,
        };
        let parsed = Self { locked, ticket: Ticket::parse(ticket)?, photo: PhotoId::parse(photo)? };
        // Ids are read as people write them; a key has one form.
        (parsed.key() == key).then_some(parsed)
    }
}

/// A key as S3 writes it in its events: URL-encoded, with `+` for a space. `None` where it is no text in UTF-8.
#[must_use]
pub fn decoded(key: &str) -> Option<String> {
    let key = key.replace('+', " ");
    Some(percent_decode_str(&key).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ticket() -> Ticket {
        Ticket::from_mac(&[7; 32])
    }

    fn photo() -> PhotoId {
        PhotoId::parse("DEFGHJKMNPQRSTVW").unwrap()
    }

    #[test]
    fn keys_are_those_of_the_data_model() {
        let (ticket, photo) = (ticket(), photo());
        assert_eq!(ticket.as_str(), "0W3GE1R70W3GB");
        assert_eq!(incoming(true, &ticket, &photo), "incoming/locked/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW");
        assert_eq!(incoming(false, &ticket, &photo), "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW");
        assert_eq!(clean(true, &ticket, &photo), "clean/locked/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW.jpg");
        assert_eq!(clean(false, &ticket, &photo), "clean/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW.jpg");
        let look = EventId::from_bytes(&[0; EventId::BYTES]);
        assert_eq!(view(&look), "views/00000000000000000000000000.jpg");
    }

    #[test]
    fn anything_but_an_upload_of_ours_is_refused() {
        for key in [
            "",
            "/",
            "incoming",
            "incoming/shown/0W3GE1R70W3GB",
            "incoming/shown/0W3GE1R70W3GB/",
            "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW/",
            "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW/X",
            "/incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW",
            "incoming//shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW",
            "incoming/Shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW",
            "incoming/other/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW",
            "Incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW",
            "clean/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW",
            "incoming/shown/0W3GE1R70W3G/DEFGHJKMNPQRSTVW",
            "incoming/shown/0W3GE1R70W3GV/DEFGHJKMNPQRSTVW",
            "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTV",
            "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVW.jpg",
            "incoming/shown/0w3ge1r70w3gb/DEFGHJKMNPQRSTVW",
            "incoming/shown/0W3G-E1R7-0W3GB/DEFGHJKMNPQRSTVW",
            "incoming/shown/OW3GE1R70W3GT/DEFGHJKMNPQRSTVW",
            "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTVI",
            "incoming/shown/0W3GE1R70W3GB/DEFGHJKMNPQRSTV ",
            "incoming/shown/../DEFGHJKMNPQRSTVW",
        ] {
            assert_eq!(Incoming::parse(key), None, "{key}");
        }
    }

    #[test]
    fn keys_of_events_are_decoded_once() {
        let plain = incoming(false, &ticket(), &photo());
        assert_eq!(decoded(&plain).as_ref(), Some(&plain));
        assert_eq!(decoded(&plain.replace('/', "%2F").replace('G', "%47")).as_ref(), Some(&plain));
        assert_eq!(decoded("a%252Fb+c%2B").as_deref(), Some("a%2Fb c+"));
        assert_eq!(decoded("%ff"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_upload_is_read_from_its_key(locked: bool, mac: [u8; 32], photo: [u8; PhotoId::BYTES]) {
            let upload =
                Incoming { locked, ticket: Ticket::from_mac(&mac), photo: PhotoId::from_bytes(&photo) };
            prop_assert_eq!(Incoming::parse(&upload.key()), Some(upload));
        }

        #[test]
        fn no_text_makes_a_parser_panic(key: String) {
            let _ = (Incoming::parse(&key), decoded(&key));
        }
    }
}
