//! The cookie key, fetched from AWS when it is first needed, and what is made of it: a key that seals cookies, one for the tokens of
//! forms, one for the names and keys of drafts.

use aws_failure::Failure;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    constant_time, hmac,
};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use runtime::{
    entropy,
    settings::{self, SettingError},
};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// The key's place in Secrets Manager, and what was made of it once it has been fetched.
pub(crate) struct CookieKey {
    secrets: aws_sdk_secretsmanager::Client,
    secret: String,
    keys: OnceCell<Keys>,
}

impl CookieKey {
    /// The key that the settings name.
    pub(crate) fn from_settings(secrets: aws_sdk_secretsmanager::Client) -> Result<Self, SettingError> {
        Ok(Self { secrets, secret: settings::var("COOKIE_KEY")?, keys: OnceCell::new() })
    }

    /// The keys. If they could not be fetched, the next call tries again.
    pub(crate) async fn get(&self) -> Result<&Keys, Failure> {
        self.keys.get_or_try_init(|| self.ask()).await
    }

    async fn ask(&self) -> Result<Keys, Failure> {
        let found = self.secrets.get_secret_value().secret_id(&self.secret).send().await;
        let secret = found.map_err(|error| Failure::of(&error))?.secret_string;
        let secret = Zeroizing::new(secret.ok_or(Failure::Bug("cookie key missing"))?);
        Keys::new(&secret).ok_or(Failure::Bug("cookie key does not parse"))
    }
}

/// What is made of the cookie key: one key for each use.
pub(crate) struct Keys {
    cookies: LessSafeKey,
    forms: hmac::Key,
    drafts: hmac::Key,
}

impl Keys {
    /// Of the secret's value; `None` where it is too short to be one.
    pub(crate) fn new(secret: &str) -> Option<Self> {
        if secret.len() < 32 {
            return None;
        }
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let derived = |purpose: &str| hmac::sign(&root, purpose.as_bytes());
        let key = UnboundKey::new(&AES_256_GCM, derived("cookies").as_ref()).ok()?;
        Some(Self {
            cookies: LessSafeKey::new(key),
            forms: hmac::Key::new(hmac::HMAC_SHA256, derived("forms").as_ref()),
            drafts: hmac::Key::new(hmac::HMAC_SHA256, derived("drafts").as_ref()),
        })
    }

    /// Encrypts what a cookie is to hold, for the cookie of this name alone.
    pub(crate) fn seal(&self, name: &str, plain: &[u8]) -> Option<String> {
        let nonce: [u8; 12] = entropy::bytes();
        let mut sealed = plain.to_vec();
        let bound = Aad::from(name.as_bytes());
        self.cookies
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut sealed)
            .ok()?;
        Some(BASE64URL_NOPAD.encode(&[nonce.as_slice(), &sealed].concat()))
    }

    /// What the cookie of this name holds; `None` where it is not ours.
    pub(crate) fn open(&self, name: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<12>()?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let bound = Aad::from(name.as_bytes());
        let length =
            self.cookies.open_in_place(Nonce::assume_unique_for_key(*nonce), bound, &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }

    /// The token that every form of this session carries.
    pub(crate) fn form_token(&self, session: &[u8]) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.forms, session).as_ref())
    }

    /// Whether a form carries the token of this session.
    pub(crate) fn is_form_token(&self, session: &[u8], token: &str) -> bool {
        constant_time::verify_slices_are_equal(self.form_token(session).as_bytes(), token.as_bytes()).is_ok()
    }

    /// Under which an officer's browser encrypts drafts, in base64: the same in each of their sessions, and nobody else's.
    pub(crate) fn draft_key(&self, officer: &str) -> String {
        BASE64.encode(hmac::sign(&self.drafts, format!("key\0{officer}").as_bytes()).as_ref())
    }

    /// The name of a draft: it says nothing, and is another for each officer, report and act.
    pub(crate) fn draft_name(&self, officer: &str, of: &str, act: &str) -> String {
        let tag = hmac::sign(&self.drafts, format!("name\0{officer}\0{of}\0{act}").as_bytes());
        HEXLOWER.encode(tag.as_ref().get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_under_its_own_name_and_key_only() {
        let keys = Keys::new(&"k".repeat(64)).unwrap();
        let sealed = keys.seal("a", b"text").unwrap();
        assert_eq!(keys.open("a", &sealed).unwrap().as_slice(), b"text");
        assert!(keys.open("b", &sealed).is_none());
        assert!(Keys::new(&"l".repeat(64)).unwrap().open("a", &sealed).is_none());
        for broken in ["", "AAAA", &sealed[1..], &format!("{sealed}A")] {
            assert!(keys.open("a", broken).is_none());
        }
        assert_ne!(keys.seal("a", b"text"), Some(sealed));
        assert!(Keys::new("short").is_none());
    }

    #[test]
    fn a_forms_token_is_its_sessions_alone() {
        let keys = Keys::new(&"k".repeat(64)).unwrap();
        let token = keys.form_token(b"one");
        assert!(keys.is_form_token(b"one", &token));
        assert!(!keys.is_form_token(b"two", &token));
        assert!(!keys.is_form_token(b"one", ""));
    }

    #[test]
    fn drafts_of_two_officers_have_nothing_in_common() {
        let keys = Keys::new(&"k".repeat(64)).unwrap();
        assert_ne!(keys.draft_key("a"), keys.draft_key("b"));
        assert_ne!(keys.draft_name("a", "T", "note"), keys.draft_name("b", "T", "note"));
        assert_ne!(keys.draft_name("a", "T", "note"), keys.draft_name("a", "T", "plan"));
        assert_eq!(BASE64.decode(keys.draft_key("a").as_bytes()).unwrap().len(), 32);
    }
}
