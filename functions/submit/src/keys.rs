//! The two keys that a submission needs, fetched from AWS when they are first needed and kept for the life of the process.
//!
//! They are not fetched before the first request, which has to look up its channel anyway: all three are fetched at once. So a
//! process starts sooner, and if a key cannot be fetched its callers get a 503 instead of a function that does not start.

use runtime::{
    problem::Problem,
    settings::{self, SettingError},
};
use store::{Failure, intake_keys::IntakeKeys, vault::Encryptor};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// The places of the keys, and those that have been fetched.
pub(crate) struct Keys {
    secrets: aws_sdk_secretsmanager::Client,
    kms: aws_sdk_kms::Client,
    intake_secret: String,
    vault_key: String,
    intake: OnceCell<IntakeKeys>,
    encryptor: OnceCell<Encryptor>,
}

impl Keys {
    /// The keys that the settings name.
    pub(crate) fn from_settings(
        secrets: aws_sdk_secretsmanager::Client,
        kms: aws_sdk_kms::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            secrets,
            kms,
            intake_secret: settings::var("INTAKE_KEY")?,
            vault_key: settings::var("VAULT_KEY")?,
            intake: OnceCell::new(),
            encryptor: OnceCell::new(),
        })
    }

    /// Both keys. If one could not be fetched, the next call tries again.
    pub(crate) async fn get(&self) -> Result<(&IntakeKeys, &Encryptor), Problem> {
        tokio::try_join!(
            self.intake.get_or_try_init(|| self.ask_for_intake_keys()),
            self.encryptor.get_or_try_init(|| self.ask_for_encryptor())
        )
    }

    async fn ask_for_intake_keys(&self) -> Result<IntakeKeys, Problem> {
        let found = self.secrets.get_secret_value().secret_id(&self.intake_secret).send().await;
        let secret = found.map_err(|error| Failure::of(&error))?.secret_string;
        let secret = Zeroizing::new(secret.ok_or(Problem::InternalError("intake key missing"))?);
        IntakeKeys::parse(&secret).map_err(|_| Problem::InternalError("intake key does not parse"))
    }

    /// The one KMS call of this function, once per process: the public half of the vault's key.
    async fn ask_for_encryptor(&self) -> Result<Encryptor, Problem> {
        let found = self.kms.get_public_key().key_id(&self.vault_key).send().await;
        let public = found.map_err(|error| Failure::of(&error))?.public_key;
        let public = public.ok_or(Problem::InternalError("vault's public key missing"))?;
        Encryptor::new(self.vault_key.clone(), public.as_ref())
            .map_err(|_| Problem::InternalError("vault's public key does not parse"))
    }
}
