//! The forms that a clerk has open, each in a sealed cookie of its own, for there is no table to keep them in.
//!
//! The cookie holds the form's idempotency key, which so stands in no page. The answer with the receipt takes the cookie back: what is
//! sent again after that has no key, and gets no secret. One cookie for all forms would not do: of two tabs whose answers cross, one
//! would put back what the other has taken out.

use crate::{cookie, cookie_key::Keys};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use runtime::entropy;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// For how long a form can be sent for the first time.
const LIVES: SignedDuration = SignedDuration::from_mins(15);
/// How many forms stay open in one browser; gateways take 10 KB of headers, and the session's cookies are half of that.
const MOST: usize = 8;
/// How long the cookie of a form is kept: as long as a session lasts, so that what was sent once is known again.
const KEPT_S: u32 = 12 * 3600;
const PREFIX: &str = "__Host-loket-";

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    key: [u8; 24],
    opened_s: i64,
    /// It may have been sent to the API.
    is_sent: bool,
}

/// A form that has not led to a receipt yet.
#[derive(Clone)]
pub(super) struct LiveForm {
    id: String,
    stored: Stored,
}

impl LiveForm {
    /// One that is opened now.
    pub(super) fn open(now: Timestamp) -> Self {
        let stored = Stored { key: entropy::bytes(), opened_s: now.as_second(), is_sent: false };
        Self { id: HEXLOWER.encode(&entropy::bytes::<8>()), stored }
    }

    /// The one that this officer opened in this browser, unless its receipt was given.
    pub(super) fn find(headers: &HeaderMap, keys: &Keys, officer: &str, id: &str) -> Option<Self> {
        let opened = keys.open(&bound(&name(id), officer), cookie::read(headers, &name(id))?)?;
        Some(Self { id: id.to_owned(), stored: postcard::from_bytes(&opened).ok()? })
    }

    /// What the form says that it is.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The idempotency key.
    pub(super) fn key(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL_NOPAD.encode(&self.stored.key))
    }

    /// Whether it may have been sent to the API.
    pub(super) fn is_sent(&self) -> bool {
        self.stored.is_sent
    }

    /// The same, about to be sent.
    pub(super) fn sent(mut self) -> Self {
        self.stored.is_sent = true;
        self
    }

    /// Whether it can no longer be sent for the first time. One that may have been sent is not too old: its key alone knows whether a
    /// report came of it.
    pub(super) fn is_too_old(&self, now: Timestamp) -> bool {
        let opened = Timestamp::from_second(self.stored.opened_s).unwrap_or(Timestamp::MIN);
        !self.is_sent() && now.duration_since(opened) >= LIVES
    }

    /// The cookie that keeps it.
    pub(super) fn cookie(&self, keys: &Keys, officer: &str) -> Option<HeaderValue> {
        let stored = Zeroizing::new(postcard::to_allocvec(&self.stored).ok()?);
        let name = name(&self.id);
        cookie::set(&name, &keys.seal(&bound(&name, officer), &stored)?, Some(KEPT_S))
    }

    /// Takes its cookie back.
    pub(super) fn removed(&self) -> Option<HeaderValue> {
        cookie::removed(&name(&self.id))
    }
}

/// Whether there is a cookie of this form, whoever opened it.
pub(super) fn is_kept(headers: &HeaderMap, id: &str) -> bool {
    cookie::read(headers, &name(id)).is_some()
}

/// Takes back what is too much once another form is opened: the forms of other officers, and the oldest.
pub(super) fn removed_for_another(headers: &HeaderMap, keys: &Keys, officer: &str) -> Vec<HeaderValue> {
    let names = cookie::names(headers, PREFIX);
    let mut opened: Vec<(i64, &str)> = names
        .iter()
        .map(|name| {
            let form = LiveForm::find(headers, keys, officer, name.strip_prefix(PREFIX).unwrap_or_default());
            (form.map_or(i64::MIN, |form| form.stored.opened_s), *name)
        })
        .collect();
    opened.sort_unstable_by(|one, other| other.cmp(one));
    let is_superfluous = |(n, (opened, _)): &(usize, (i64, &str))| *n + 1 >= MOST || *opened == i64::MIN;
    let superfluous = opened.into_iter().enumerate().filter(is_superfluous);
    superfluous.filter_map(|(_, (_, name))| cookie::removed(name)).collect()
}

/// Takes back all forms, whoever opened them.
pub(super) fn all_removed(headers: &HeaderMap) -> Vec<HeaderValue> {
    cookie::names(headers, PREFIX).into_iter().filter_map(cookie::removed).collect()
}

fn name(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// What the seal is bound to: a colleague at the same computer has no use of it.
fn bound(name: &str, officer: &str) -> String {
    format!("{name} {officer}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;
    use rstest::rstest;

    const CLERK: &str = "6f1c2d3e-0000-4000-8000-000000000001";

    fn keys() -> Keys {
        Keys::new(&"k".repeat(64)).unwrap()
    }

    fn now() -> Timestamp {
        "2026-01-12T02:00:00Z".parse().unwrap()
    }

    /// The headers of a browser that has these cookies.
    fn browser(cookies: impl IntoIterator<Item = HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            headers.append(header::COOKIE, HeaderValue::try_from(pair).unwrap());
        }
        headers
    }

    #[test]
    fn a_form_is_found_in_the_browser_of_the_clerk_who_opened_it_and_with_no_other_name() {
        let form = LiveForm::open(now());
        let headers = browser(form.cookie(&keys(), CLERK));
        let found = LiveForm::find(&headers, &keys(), CLERK, form.id()).unwrap();
        assert_eq!((found.key(), found.is_sent()), (form.key(), false));
        assert!(LiveForm::find(&headers, &keys(), "another", form.id()).is_none());
        assert!(LiveForm::find(&headers, &keys(), CLERK, LiveForm::open(now()).id()).is_none());
        let value = headers[header::COOKIE].to_str().unwrap().split_once('=').unwrap().1;
        let moved = format!("{PREFIX}0011223344556677={value}");
        let headers = browser(HeaderValue::try_from(moved));
        assert!(LiveForm::find(&headers, &keys(), CLERK, "0011223344556677").is_none());
        assert!(is_kept(&headers, "0011223344556677") && !is_kept(&headers, form.id()));
    }

    #[test]
    fn two_forms_have_two_keys_and_the_cookie_shows_none_of_them() {
        let (one, other) = (LiveForm::open(now()), LiveForm::open(now()));
        assert!(one.key() != other.key() && one.id() != other.id());
        assert!(one.key().len() >= 22, "{}", one.key().len());
        assert!(!format!("{:?}", one.cookie(&keys(), CLERK)).contains(one.key().as_str()));
    }

    #[rstest]
    #[case(0, false)]
    #[case(899, false)]
    #[case(900, true)]
    #[case(86_400, true)]
    fn a_form_can_be_sent_for_the_first_time_for_fifteen_minutes(#[case] age_s: i64, #[case] expected: bool) {
        let form = LiveForm::open(now());
        let later = now() + SignedDuration::from_secs(age_s);
        assert_eq!(form.is_too_old(later), expected);
        // What may have come in is asked for under its own key, however late.
        assert!(!form.sent().is_too_old(later));
    }

    #[test]
    fn a_form_stays_sent_in_its_cookie() {
        let form = LiveForm::open(now()).sent();
        let headers = browser(form.cookie(&keys(), CLERK));
        assert!(LiveForm::find(&headers, &keys(), CLERK, form.id()).unwrap().is_sent());
    }

    #[test]
    fn the_oldest_forms_and_those_of_others_give_way() {
        let at = |minute: i64| LiveForm::open(now() + SignedDuration::from_mins(minute));
        let forms: Vec<LiveForm> = (0..9).map(at).collect();
        let foreign = at(60);
        let cookies = forms.iter().filter_map(|form| form.cookie(&keys(), CLERK));
        let headers = browser(cookies.chain(foreign.cookie(&keys(), "another")));
        let removed = removed_for_another(&headers, &keys(), CLERK);
        let removed: Vec<&str> = removed.iter().map(|cookie| cookie.to_str().unwrap()).collect();
        assert_eq!(removed.len(), 3, "{removed:?}");
        for gone in [&forms[0], &forms[1], &foreign] {
            assert!(removed.iter().any(|cookie| cookie.contains(gone.id())), "{removed:?}");
        }
        // With the one that is opened then there are as many as may be.
        assert_eq!(forms.len() - 2 + 1, MOST);
    }
}
