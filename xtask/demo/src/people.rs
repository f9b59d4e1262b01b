//! Who plays: officers of the demonstration data, and a reporter who must stay unknown.

use anyhow::{Context, Result};
use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use cli::target::{Target, plainly};
use stack_file::{Officer, Stack};
use std::collections::HashMap;

/// The username of the ticket desk's officer.
pub(super) const TIKET: &str = "tiket.ayu";
/// An officer of [`UNIT_CODE`].
pub(super) const UNIT: &str = "marga.budi";
/// An officer of another Dinas.
pub(super) const FOREIGN: &str = "air.dewi";
/// The username of a validator.
pub(super) const VALIDASI: &str = "validasi.indah";
/// The username of a verifier.
pub(super) const VERIFIKASI: &str = "verifikasi.kartika";
/// The username of the administrator.
pub(super) const ADMINISTRATOR: &str = "administrator.maya";

/// Suku Dinas Bina Marga Jakarta Selatan: roads, South Jakarta.
pub(super) const UNIT_CODE: &str = "sudin-bina-marga-jaksel";

/// What the channel tells of the reporter. Only the vault knows it: no answer may ever hold one of these.
pub(super) const REPORTER: [(&str, &str); 4] = [
    ("name", "Sri Rahayuningsih"),
    ("phone", "+6281234567890"),
    ("email", "sri.rahayu@contoh.id"),
    ("channel_ref", "jaki-pengguna-4711"),
];

/// The same telephone number as the reporter wrote it into the description, where nobody asked for it.
pub(super) const PHONE_IN_TEXT: &str = "0812-3456-7890";

/// The officers of the demonstration, all signed in.
pub(super) struct Officers<'a> {
    stack: &'a Stack,
    tokens: HashMap<&'static str, String>,
}

impl<'a> Officers<'a> {
    /// Signs in every officer that the demonstration needs.
    pub(super) async fn sign_in(stack: &'a Stack, target: &Target) -> Result<Self> {
        let cognito = aws_sdk_cognitoidentityprovider::Client::new(&target.config);
        let mut tokens = HashMap::new();
        for username in [TIKET, UNIT, FOREIGN, VALIDASI, VERIFIKASI, ADMINISTRATOR] {
            let signed_in = cognito
                .initiate_auth()
                .auth_flow(AuthFlowType::UserPasswordAuth)
                .client_id(&stack.officer_client)
                .auth_parameters("USERNAME", username)
                .auth_parameters("PASSWORD", &officer(stack, username)?.password)
                .send()
                .await
                .map_err(plainly)
                .with_context(|| format!("{username} cannot sign in"))?;
            let token = signed_in.authentication_result.and_then(|result| result.id_token);
            tokens.insert(username, token.with_context(|| format!("{username} got no ID token"))?);
        }
        Ok(Self { stack, tokens })
    }

    /// The ID token of somebody who plays.
    pub(super) fn token(&self, username: &str) -> Result<&str> {
        self.tokens.get(username).map(String::as_str).with_context(|| format!("{username} does not play"))
    }

    /// `Budi Santoso, Suku Dinas Bina Marga Jakarta Selatan`.
    pub(super) fn introduction(&self, username: &str) -> Result<String> {
        let officer = officer(self.stack, username)?;
        let unit = self.stack.units.iter().find(|unit| Some(&unit.code) == officer.unit.as_ref());
        Ok(match unit {
            Some(unit) => format!("{}, {}", officer.name, unit.name),
            None => officer.name.clone(),
        })
    }
}

fn officer<'a>(stack: &'a Stack, username: &str) -> Result<&'a Officer> {
    stack
        .officers
        .iter()
        .find(|officer| officer.username == username)
        .with_context(|| format!("the stack has no officer {username}; `cargo tuntas seed` makes them"))
}
