//! Digests by which officers' pictures are recognised, under a key of this function's own.
//!
//! Keyed, because a plain digest would tell whoever reads the table which known picture lies there. The key is had from AWS when
//! the first officer's photo comes and kept for the life of the process.

use aws_failure::Failure;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use data_encoding::HEXLOWER;
use runtime::settings::{self, SettingError};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// The key's place in Secrets Manager, and the digests once the key has been fetched.
pub(crate) struct EvidenceKey {
    secrets: aws_sdk_secretsmanager::Client,
    secret: String,
    digests: OnceCell<Digests>,
}

impl EvidenceKey {
    /// The key that the settings name.
    pub(crate) fn from_settings(secrets: aws_sdk_secretsmanager::Client) -> Result<Self, SettingError> {
        Ok(Self { secrets, secret: settings::var("EVIDENCE_KEY")?, digests: OnceCell::new() })
    }

    /// The digests. If the key could not be fetched, the next call tries again.
    pub(crate) async fn get(&self) -> Result<&Digests, Failure> {
        self.digests.get_or_try_init(|| self.ask()).await
    }

    async fn ask(&self) -> Result<Digests, Failure> {
        let found = self.secrets.get_secret_value().secret_id(&self.secret).send().await;
        let secret = found.map_err(|error| Failure::of(&error))?.secret_string;
        let secret = Zeroizing::new(secret.ok_or(Failure::Bug("evidence key"))?);
        Digests::new(&secret).ok_or(Failure::Bug("evidence key"))
    }
}

/// Makes digests of pictures.
pub(crate) struct Digests(hmac::Key);

impl Digests {
    /// Under a key made of the secret's value; `None` when it is too short to be one.
    fn new(secret: &str) -> Option<Self> {
        (secret.len() >= 32).then(|| Self(hmac::Key::new(HMAC_SHA256, secret.as_bytes())))
    }

    /// Of a picture's bytes and of its pixels, lower-case hex; `None` where it has none that can be read.
    pub(crate) fn of(&self, picture: &[u8]) -> Option<Vec<String>> {
        let mut of_pixels = self.begin("pixels");
        media::canonical_pixels(picture, |part| of_pixels.update(part)).ok()?;
        let mut of_bytes = self.begin("bytes");
        of_bytes.update(picture);
        Some([of_bytes, of_pixels].map(|digest| HEXLOWER.encode(digest.sign().as_ref())).into())
    }

    fn begin(&self, of: &str) -> hmac::Context {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(of.as_bytes());
        context.update(b"\0");
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::fixtures::photograph;
    use serde_json::json;
    use stored_forms::{assert_kept, assert_read};

    /// A picture that was evidence under another version has to be known again.
    #[test]
    fn stored_forms_of_pictures_digests_stay() {
        let form = |secret: &str| {
            let picture = include_bytes!("../../../shared/media/testdata/baseline-420.jpg");
            json!({"secret": secret, "digests": Digests::new(secret).unwrap().of(picture)})
        };
        assert_kept("secrets/evidence-key", &[form(&"k".repeat(64))]);
        assert_read("secrets/evidence-key", |kept| form(kept["secret"].as_str().unwrap()));
    }

    #[test]
    fn the_same_pixels_in_another_file_share_one_digest_and_other_pixels_none() {
        let key = Digests::new(&"k".repeat(32)).unwrap();
        let of = |digests: &Digests, picture: &[u8]| digests.of(picture).unwrap();
        let bare = of(&key, &photograph(40, 30, 1, false, ""));
        let laden = of(&key, &photograph(40, 30, 1, true, "planted"));
        let other = of(&key, &photograph(40, 30, 2, false, ""));
        assert_eq!((bare.len(), &bare[1]), (2, &laden[1]));
        assert_ne!(bare[0], laden[0]);
        assert!(bare.iter().all(|digest| !other.contains(digest)));
        let other_key = Digests::new(&"l".repeat(32)).unwrap();
        assert!(
            of(&other_key, &photograph(40, 30, 1, false, "")).iter().all(|digest| !bare.contains(digest))
        );
        assert!(key.of(b"no picture").is_none() && Digests::new("short").is_none());
    }
}
