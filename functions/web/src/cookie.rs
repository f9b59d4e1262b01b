//! The portal's cookies: what they are called, how they are read, set and taken back.
//!
//! All are `__Host-` cookies: of this host alone, sent over TLS alone (and to `localhost`), for no script to read. `Lax`, because the
//! link in a mail has to find the session.

use http::{HeaderMap, HeaderValue, header};

/// The session: who is signed in, and their tokens.
pub(crate) const SESSION: &str = "__Host-sesi";
/// The refresh token, which is too long to stand beside the others.
pub(crate) const REFRESH: &str = "__Host-segar";
/// What is known before somebody is signed in.
pub(crate) const SIGN_IN: &str = "__Host-masuk";
/// The language that was chosen; the one cookie that is not sealed.
pub(crate) const LANGUAGE: &str = "__Host-bahasa";

/// The most that a cookie may be, name and attributes included: browsers drop what is longer (RFC 6265, section 6.1).
const LONGEST: usize = 4096;
/// More than all of ours together: a longer header was not made by us, and is not looked at.
const LONGEST_HEADER: usize = 12 * 1024;

/// The value of a cookie; `None` where there is none, several, or more than we ever set.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE);
    if all.iter().map(HeaderValue::len).sum::<usize>() > LONGEST_HEADER {
        return None;
    }
    let mut found = all
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}

/// The names of all cookies that begin so.
pub(crate) fn names<'a>(headers: &'a HeaderMap, prefix: &str) -> Vec<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let names = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    names.map(|(name, _)| name).filter(|name| name.starts_with(prefix)).collect()
}

/// Sets a cookie until the browser is closed, or for some seconds; `None` where it would be too long to be kept.
pub(crate) fn set(name: &str, value: &str, for_s: Option<u32>) -> Option<HeaderValue> {
    let lasting = for_s.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{lasting}");
    (cookie.len() <= LONGEST).then(|| HeaderValue::try_from(cookie).ok()).flatten()
}

/// Takes a cookie back.
pub(crate) fn removed(name: &str) -> Option<HeaderValue> {
    set(name, "", Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::try_from(*cookie).unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_once_or_not_at_all() {
        assert_eq!(read(&headers(&["a=1; b=2"]), "b"), Some("2"));
        assert_eq!(read(&headers(&["a=1", "b=2"]), "b"), Some("2"));
        assert_eq!(read(&headers(&["b=1", "b=2"]), "b"), None);
        assert_eq!(read(&headers(&["ab=1"]), "b"), None);
        assert_eq!(read(&headers(&[&format!("b=1; x={}", "x".repeat(20_000))]), "b"), None);
    }

    #[test]
    fn what_a_browser_would_drop_is_not_set() {
        assert!(set(SESSION, &"x".repeat(4000), None).is_some());
        assert!(set(SESSION, &"x".repeat(4096), None).is_none());
        assert!(set(SESSION, "a\nb", None).is_none());
    }
}
