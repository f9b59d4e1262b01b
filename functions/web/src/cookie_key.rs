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

    /// A token of this session's forms, masked: another one at each call.
    pub(crate) fn form_token(&self, session: &[u8]) -> String {
        BASE64URL_NOPAD.encode(&masked(hmac::sign(&self.forms, session).as_ref()))
    }

    /// Whether a form carries a token of this session.
    pub(crate) fn is_form_token(&self, session: &[u8], token: &str) -> bool {
        let given = BASE64URL_NOPAD.decode(token.as_bytes()).ok().and_then(|masked| unmasked(&masked));
        given.is_some_and(|given| {
            constant_time::verify_slices_are_equal(hmac::sign(&self.forms, session).as_ref(), &given).is_ok()
        })
    }

    /// Under which an officer's browser encrypts drafts, masked, in base64: behind the mask the same in each of their sessions, and nobody
    /// else's.
    pub(crate) fn draft_key(&self, officer: &str) -> String {
        BASE64.encode(&masked(hmac::sign(&self.drafts, format!("key\0{officer}").as_bytes()).as_ref()))
    }

    /// The name of a draft: it says nothing, and is another for each officer, report and act.
    pub(crate) fn draft_name(&self, officer: &str, of: &str, act: &str) -> String {
        let tag = hmac::sign(&self.drafts, format!("name\0{officer}\0{of}\0{act}").as_bytes());
        HEXLOWER.encode(tag.as_ref().get(..16).unwrap_or_default())
    }
}

/// The length of what is masked: a tag of HMAC-SHA-256.
const SECRET: usize = 32;

/// Random bytes, and the secret under them: what stands in a page is another text in each answer, so that the length of the compressed
/// page tells nothing of it.
fn masked(secret: &[u8]) -> Vec<u8> {
    let pad: [u8; SECRET] = entropy::bytes();
    let covered = secret.iter().zip(&pad).map(|(byte, pad)| byte ^ pad);
    pad.iter().copied().chain(covered).collect()
}

/// The secret that was masked; `None` where the length says that none was.
fn unmasked(masked: &[u8]) -> Option<[u8; SECRET]> {
    let (pad, covered) = masked.split_first_chunk::<SECRET>()?;
    let mut secret: [u8; SECRET] = covered.try_into().ok()?;
    for (byte, pad) in secret.iter_mut().zip(pad) {
        *byte ^= pad;
    }
    Some(secret)
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
        assert!(!Keys::new(&"l".repeat(64)).unwrap().is_form_token(b"one", &token));
        for broken in ["", "AAAA", "?", &token[1..], &format!("{token}AAAA"), &"A".repeat(86)] {
            assert!(!keys.is_form_token(b"one", broken), "{broken}");
        }
    }

    /// Whether both have the same eight bytes in a row.
    fn share_bytes(one: &[u8], other: &[u8]) -> bool {
        one.windows(8).any(|bytes| other.windows(8).any(|others| bytes == others))
    }

    #[test]
    fn no_two_answers_hold_the_same_bytes_of_a_token_or_a_key() {
        let keys = Keys::new(&"k".repeat(64)).unwrap();
        let tokens = [keys.form_token(b"one"), keys.form_token(b"one")];
        assert!(tokens.iter().all(|token| keys.is_form_token(b"one", token)));
        assert!(!share_bytes(tokens[0].as_bytes(), tokens[1].as_bytes()));
        let drafts = [keys.draft_key("a"), keys.draft_key("a")];
        assert!(!share_bytes(drafts[0].as_bytes(), drafts[1].as_bytes()));
        // Nor does one hold what is masked.
        let bare = hmac::sign(&keys.forms, b"one");
        for token in &tokens {
            assert!(!share_bytes(&BASE64URL_NOPAD.decode(token.as_bytes()).unwrap(), bare.as_ref()));
        }
    }

    #[test]
    fn a_token_without_its_mask_or_with_another_is_none() {
        let keys = Keys::new(&"k".repeat(64)).unwrap();
        let bare = hmac::sign(&keys.forms, b"one");
        assert!(!keys.is_form_token(b"one", &BASE64URL_NOPAD.encode(bare.as_ref())));
        let token = BASE64URL_NOPAD.decode(keys.form_token(b"one").as_bytes()).unwrap();
        for place in 0..token.len() {
            let mut changed = token.clone();
            changed[place] ^= 1;
            assert!(!keys.is_form_token(b"one", &BASE64URL_NOPAD.encode(&changed)), "byte {place}");
        }
    }

    #[test]
    fn drafts_of_two_officers_have_nothing_in_common() {
        let keys = Keys::new(&"k".repeat(64)).unwrap();
        let key =
            |officer: &str| unmasked(&BASE64.decode(keys.draft_key(officer).as_bytes()).unwrap()).unwrap();
        assert_eq!(key("a"), key("a"));
        assert_ne!(key("a"), key("b"));
        assert_ne!(keys.draft_name("a", "T", "note"), keys.draft_name("b", "T", "note"));
        assert_ne!(keys.draft_name("a", "T", "note"), keys.draft_name("a", "T", "plan"));
    }
}
