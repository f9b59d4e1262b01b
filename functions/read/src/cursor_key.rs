//! The cursor key, fetched from AWS when it is first needed and kept for the life of the process.

use crate::cursor::Cursors;
use runtime::{
    problem::Problem,
    settings::{self, SettingError},
};
use store::Failure;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// The key's place in Secrets Manager, and the cursors once the key has been fetched.
pub(crate) struct CursorKey {
    secrets: aws_sdk_secretsmanager::Client,
    secret: String,
    cursors: OnceCell<Cursors>,
}

impl CursorKey {
    /// The key that the settings name.
    pub(crate) fn from_settings(secrets: aws_sdk_secretsmanager::Client) -> Result<Self, SettingError> {
        Ok(Self { secrets, secret: settings::var("CURSOR_KEY")?, cursors: OnceCell::new() })
    }

    /// The cursors. If the key could not be fetched, the next call tries again.
    pub(crate) async fn get(&self) -> Result<&Cursors, Problem> {
        self.cursors.get_or_try_init(|| self.ask()).await
    }

    async fn ask(&self) -> Result<Cursors, Problem> {
        let found = self.secrets.get_secret_value().secret_id(&self.secret).send().await;
        let secret = found.map_err(|error| Failure::of(&error))?.secret_string;
        let secret = Zeroizing::new(secret.ok_or(Problem::InternalError("cursor key missing"))?);
        Cursors::new(&secret).ok_or(Problem::InternalError("cursor key does not parse"))
    }
}
