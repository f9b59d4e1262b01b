//! The officers of the demonstration data, signed in once each.

use crate::{
    http::{Call, now},
    restart_notes,
    stack::stack,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};

/// The username of the ticket desk's officer.
pub const TIKET: &str = "tiket.ayu";
/// An officer of Suku Dinas Bina Marga Jakarta Selatan.
pub const UNIT: &str = "marga.budi";
/// A colleague of the same unit.
pub const UNIT_COLLEAGUE: &str = "marga.citra";
/// An officer of the Dinas above it.
pub const PARENT_UNIT: &str = "marga.dimas";
/// An officer of another Dinas.
pub const OTHER_UNIT: &str = "air.dewi";
/// The username of a validator.
pub const VALIDASI: &str = "validasi.indah";
/// The username of a second validator.
pub const VALIDASI_COLLEAGUE: &str = "validasi.joko";
/// The username of a verifier.
pub const VERIFIKASI: &str = "verifikasi.kartika";
/// The username of the administrator.
pub const ADMINISTRATOR: &str = "administrator.maya";
/// Somebody with `petugas-opd` and `petugas-validasi`: refused everywhere.
pub const CONFLICTED: &str = "rangkap.nanda";

/// A clerk at a kelurahan's counter.
pub const CLERK: &str = "loket.oki";

/// The code of [`CLERK`]'s channel.
pub const CLERK_CHANNEL: &str = "kantor-lurah";
/// The code of [`UNIT`]'s unit.
pub const UNIT_CODE: &str = "sudin-bina-marga-jaksel";
/// The code of [`PARENT_UNIT`]'s unit.
pub const PARENT_UNIT_CODE: &str = "dinas-bina-marga";
/// The code of [`OTHER_UNIT`]'s unit.
pub const OTHER_UNIT_CODE: &str = "dinas-sumber-daya-air";

/// The tokens that signing in gives.
#[derive(Clone)]
pub struct Tokens {
    /// The ID token, for the officer routes.
    pub id: String,
    /// For Cognito's own calls; refused by the API.
    pub access: String,
}

/// How long a token is used. It is good for 15 minutes, and the tests together may take longer.
const USED: Duration = Duration::from_mins(8);

static TOKENS: LazyLock<Mutex<HashMap<String, (Instant, Tokens)>>> = LazyLock::new(Mutex::default);

/// Keeps the tokens of somebody, so that [`sign_in`] knows them.
pub fn remember(username: &str, tokens: Tokens) {
    TOKENS.lock().unwrap().insert(username.to_owned(), (now(), tokens));
}

/// Signs in as a person would, or takes the tokens from before.
pub fn sign_in(username: &str) -> Tokens {
    let mut tokens = TOKENS.lock().unwrap();
    let officer = stack().officers.iter().find(|officer| officer.username == username);
    // An account that one test made is young.
    if let Some((at, tokens)) = tokens.get(username)
        && (officer.is_none() || at.elapsed() < USED)
    {
        return tokens.clone();
    }
    let officer = officer.expect("an officer");
    let fresh = authenticate(username, &officer.password);
    for token in [&fresh.id, &fresh.access] {
        restart_notes::unspeakable(token.rsplit_once('.').expect("a signature").1);
    }
    tokens.insert(username.to_owned(), (now(), fresh.clone()));
    fresh
}

/// Signs in with a password and returns the tokens.
pub fn authenticate(username: &str, password: &str) -> Tokens {
    authenticate_through(&stack().officer_client, username, password)
}

/// Signs in with a password through one of the pool's app clients.
pub fn authenticate_through(client: &str, username: &str, password: &str) -> Tokens {
    let answer = cognito(
        "InitiateAuth",
        &json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": client,
            "AuthParameters": {"USERNAME": username, "PASSWORD": password},
        }),
    );
    let token = |name: &str| answer["AuthenticationResult"][name].as_str().expect("a token").to_owned();
    Tokens { id: token("IdToken"), access: token("AccessToken") }
}

/// Calls Cognito as an application would, without AWS credentials.
pub fn cognito(operation: &str, body: &Value) -> Value {
    let answer = Call::url("POST", &stack().endpoint)
        .header("X-Amz-Target", &format!("AWSCognitoIdentityProviderService.{operation}"))
        .header("Content-Type", "application/x-amz-json-1.1")
        .bytes(body.to_string().into_bytes())
        .send();
    answer.json()
}
