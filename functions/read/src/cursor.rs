//! Cursors: where the next page of a list begins. A cursor is opaque, authenticated, of fixed length, and valid for one officer
//! and one list: a desk with its filters.

use crate::desk_request::Listing;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use data_encoding::BASE64URL_NOPAD;
use domain::{area::AreaCode, officer::Officer, status::Status, unit::Code, urgency::Urgency};
use store::digest;

/// Encrypts and decrypts cursors under the cursor key.
pub(crate) struct Cursors(LessSafeKey);

impl Cursors {
    /// Under a key made of the secret's value; `None` when it is too short to be one.
    pub(crate) fn new(secret: &str) -> Option<Self> {
        if secret.len() < 32 {
            return None;
        }
        let key = UnboundKey::new(&AES_256_GCM, &digest::raw(secret.as_bytes())).ok()?;
        Some(Self(LessSafeKey::new(key)))
    }

    /// The cursor for a place in a list. All places have one length, so all cursors do.
    pub(crate) fn encrypt(
        &self,
        place: &str,
        listing: &Listing,
        officer: &Officer,
        nonce: [u8; 12],
    ) -> Option<String> {
        let mut ciphertext = place.as_bytes().to_vec();
        let bound = Aad::from(bound_to(listing, officer));
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut ciphertext).ok()?;
        Some(BASE64URL_NOPAD.encode(&[nonce.as_slice(), &ciphertext].concat()))
    }

    /// The place that a cursor names; `None` unless this officer got it for this list.
    pub(crate) fn decrypt(&self, cursor: &str, listing: &Listing, officer: &Officer) -> Option<String> {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<12>()?;
        let mut ciphertext = ciphertext.to_vec();
        let bound = Aad::from(bound_to(listing, officer));
        let place =
            self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), bound, &mut ciphertext).ok()?;
        String::from_utf8(place.to_vec()).ok()
    }
}

fn bound_to(listing: &Listing, officer: &Officer) -> Vec<u8> {
    let Listing { desk, below, questions, category, urgency, area, status, officer: accepted_by } = listing;
    let desk = desk.to_string();
    let below = if *below { "below" } else { "" };
    let category = category.as_ref().map_or("", Code::as_str);
    let urgency = urgency.map_or("", Urgency::as_str);
    let area = area.as_ref().map_or("", AreaCode::as_str);
    let mut bound = [officer.id.as_str(), &desk, below, category, urgency, area].join("\0");
    // Only where they are there, so that the cursors of versions without them stay good.
    for (is_there, name) in [
        (*questions, "questions"),
        (status.is_some(), status.map_or("", Status::as_str)),
        (accepted_by.is_some(), "mine"),
    ] {
        if is_there {
            bound.push('\0');
            bound.push_str(name);
        }
    }
    bound.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk_request::DeskRequest;
    use domain::{desk::Desk, officer::Role};
    use lambda_http::{Request, RequestExt};
    use serde_json::json;
    use std::collections::HashMap;
    use stored_forms::{assert_kept, assert_read};

    fn officer(id: &str) -> Officer {
        let role = Role::of(["petugas-validasi"], None).unwrap();
        Officer { id: id.into(), name: "N".into(), role }
    }

    fn listing(desk: Desk) -> Listing {
        Listing {
            desk,
            below: false,
            questions: false,
            category: None,
            urgency: None,
            area: None,
            status: None,
            officer: None,
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_officer_and_list_only() {
        let cursors = Cursors::new(&"k".repeat(64)).unwrap();
        let unit = Code::parse("dinas-a").unwrap();
        let here = listing(Desk::Unit(unit.clone()));
        let cursor = cursors.encrypt("2#0123456789ABC", &here, &officer("a"), [7; 12]).unwrap();
        assert_eq!(cursors.decrypt(&cursor, &here, &officer("a")).as_deref(), Some("2#0123456789ABC"));
        assert_eq!(cursors.decrypt(&cursor, &here, &officer("b")), None);
        let others = [
            listing(Desk::Tiket),
            Listing { below: true, ..here.clone() },
            Listing { category: Some(unit), ..here.clone() },
            Listing { urgency: Some(Urgency::HariIni), ..here.clone() },
            Listing { area: AreaCode::parse("dinas-a"), ..here.clone() },
            Listing { questions: true, ..here.clone() },
            Listing { status: Some(Status::TlDitolak), ..here.clone() },
            Listing { officer: Some("a".into()), ..here.clone() },
        ];
        for other in others {
            assert_eq!(cursors.decrypt(&cursor, &other, &officer("a")), None, "{other:?}");
        }
        for bad in ["", "AAAA", &cursor[1..], &format!("{cursor}A")] {
            assert_eq!(cursors.decrypt(bad, &here, &officer("a")), None);
        }
    }

    /// A page may be turned while another version takes the place of this one.
    #[test]
    fn stored_forms_of_cursors_are_kept_and_decrypted() {
        let form = |secret: &str, query: &str, cursor: Option<&str>| {
            let mut officer = officer("subject");
            officer.role = Role::of(["petugas-opd"], Some("dinas-a")).unwrap();
            let parameters = query.split('&').filter_map(|pair| pair.split_once('='));
            let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let parameters: HashMap<String, String> = parameters.collect();
            let request = Request::default().with_query_string_parameters(parameters);
            let listing = DeskRequest::parse(&request, &officer).unwrap().listing.unwrap();
            let cursors = Cursors::new(secret).unwrap();
            let made = || cursors.encrypt("2#0123456789ABC", &listing, &officer, [7; 12]).unwrap();
            let cursor = cursor.map_or_else(made, ToOwned::to_owned);
            let place = cursors.decrypt(&cursor, &listing, &officer);
            json!({"secret": secret, "query": query, "cursor": cursor, "place": place})
        };
        let secret = "k".repeat(64);
        let queries =
            ["", "below=true&category=jalan&urgency=hari_ini&area=31.71", "status=proses&mine=true"];
        assert_kept("pages/cursor", &queries.map(|query| form(&secret, query, None)));
        assert_read("pages/cursor", |kept| {
            let text = |name: &str| kept[name].as_str().unwrap();
            form(text("secret"), text("query"), Some(text("cursor")))
        });
    }

    #[test]
    fn a_cursor_does_not_show_its_place() {
        let cursors = Cursors::new(&"k".repeat(64)).unwrap();
        let encrypt =
            |place, nonce| cursors.encrypt(place, &listing(Desk::Tiket), &officer("a"), [nonce; 12]).unwrap();
        let (first, second) = (encrypt("0#0000000000000", 1), encrypt("3#ZZZZZZZZZZZZZ", 2));
        assert_eq!(first.len(), second.len());
    }
}
