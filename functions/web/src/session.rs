//! A session: kept in two sealed cookies and nowhere else. It ends after half an hour without a page, twelve hours after signing in,
//! and at once where Cognito says that its tokens were revoked.

use crate::{
    cognito::{Cognito, Refused, Tokens},
    cookie,
    cookie_key::Keys,
};
use aws_failure::Failure;
use data_encoding::BASE64URL_NOPAD;
use domain::officer::Tag;
use domain::secret_text::SecretText;
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use runtime::entropy;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How long a session lasts without a page (NIST SP 800-63B, 4.2.3: at most 30 minutes).
pub(crate) const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// How long a session lasts at most: a shift, and as long as the refresh token.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// An ID token that ends sooner than this is renewed before it is used.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_secs(60);

/// How long Cognito may take to say whether a session is alive.
const ASKED: std::time::Duration = std::time::Duration::from_millis(2500);

/// What the session's cookie holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: [u8; 16],
    began_s: i64,
    seen_s: i64,
    id_token: String,
    access_token: String,
}

/// Somebody who is signed in.
pub(crate) struct Session {
    /// Drawn at signing in; the forms' tokens are bound to it.
    pub(crate) id: [u8; 16],
    /// Who it is, as the ID token says. The API alone decides what they may do.
    pub(crate) claims: Claims,
    pub(crate) id_token: SecretText,
    access_token: SecretText,
    refresh_token: SecretText,
    began: Timestamp,
    seen: Timestamp,
}

/// What an ID token says of who it is for. It is not verified here: it comes from Cognito itself, or out of a sealed cookie.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    #[serde(rename = "cognito:username", default)]
    pub(crate) username: String,
    pub(crate) name: Option<String>,
    #[serde(rename = "cognito:groups", default)]
    pub(crate) tags: Vec<String>,
    #[serde(rename = "custom:unit")]
    pub(crate) unit: Option<String>,
    exp: i64,
}

impl Claims {
    fn of(id_token: &str) -> Option<Self> {
        let payload = id_token.split('.').nth(1)?;
        serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()
    }

    pub(crate) fn has(&self, tag: Tag) -> bool {
        self.tags.iter().any(|held| held == tag.as_str())
    }
}

/// Whether there is a session.
pub(crate) enum Found {
    /// There is one.
    Session(Box<Session>),
    /// There is none, or it has ended.
    Ended,
}

impl Session {
    /// One that begins now.
    pub(crate) fn begin(tokens: Tokens, now: Timestamp) -> Option<Self> {
        Some(Self {
            id: entropy::bytes(),
            claims: Claims::of(tokens.id.expose())?,
            id_token: tokens.id,
            access_token: tokens.access,
            refresh_token: tokens.refresh?,
            began: now,
            seen: now,
        })
    }

    /// Reads the session of a request, renews its tokens where they end soon, and asks whether they were revoked.
    ///
    /// # Errors
    /// When Cognito cannot be asked.
    pub(crate) async fn find(
        headers: &HeaderMap,
        keys: &Keys,
        cognito: &Cognito,
        now: Timestamp,
    ) -> Result<Found, Failure> {
        let Some(mut session) = Self::read(headers, keys, now) else { return Ok(Found::Ended) };
        let left = Timestamp::from_second(session.claims.exp).unwrap_or_default().duration_since(now);
        let is_renewed = left < RENEWED_BEFORE;
        let asked = async {
            if is_renewed {
                let tokens = cognito.renew(&session.refresh_token).await?;
                session.take(tokens)
            } else {
                cognito.is_live(&session.access_token).await
            }
        };
        // A command, and the page after it, need the rest of the function's time.
        let asked =
            tokio::time::timeout(ASKED, asked).await.unwrap_or(Err(Refused::Failed(Failure::Timeout)));
        match asked {
            Ok(()) => {}
            Err(Refused::Failed(failure)) => return Err(failure),
            Err(Refused::TooMany) => return Err(Failure::Throttled),
            // Whatever else Cognito says: these tokens are of no use any more.
            Err(_) => return Ok(Found::Ended),
        }
        session.seen = now;
        Ok(Found::Session(Box::new(session)))
    }

    /// Reads the session of a request, if it has not ended by time.
    pub(crate) fn read(headers: &HeaderMap, keys: &Keys, now: Timestamp) -> Option<Self> {
        let stored = keys.open(cookie::SESSION, cookie::read(headers, cookie::SESSION)?)?;
        let stored: Stored = postcard::from_bytes(&stored).ok()?;
        let refresh = keys.open(cookie::REFRESH, cookie::read(headers, cookie::REFRESH)?)?;
        // The refresh token of another session is of no use with this one.
        let (of, refresh) = refresh.split_first_chunk::<16>()?;
        let (began, seen) =
            (Timestamp::from_second(stored.began_s).ok()?, Timestamp::from_second(stored.seen_s).ok()?);
        let is_over = now.duration_since(seen) >= IDLE || now.duration_since(began) >= LONGEST;
        if *of != stored.id || is_over {
            return None;
        }
        Some(Self {
            id: stored.id,
            claims: Claims::of(&stored.id_token)?,
            id_token: SecretText::new(stored.id_token),
            access_token: SecretText::new(stored.access_token),
            refresh_token: SecretText::new(String::from_utf8(refresh.to_vec()).ok()?),
            began,
            seen,
        })
    }

    fn take(&mut self, tokens: Tokens) -> Result<(), Refused> {
        self.claims =
            Claims::of(tokens.id.expose()).ok_or(Refused::Failed(Failure::Bug("token unreadable")))?;
        self.id_token = tokens.id;
        self.access_token = tokens.access;
        if let Some(refresh) = tokens.refresh {
            self.refresh_token = refresh;
        }
        Ok(())
    }

    /// The cookies that hold it; `None` where one would be longer than browsers keep.
    pub(crate) fn cookies(&self, keys: &Keys) -> Option<[HeaderValue; 2]> {
        let stored = Stored {
            id: self.id,
            began_s: self.began.as_second(),
            seen_s: self.seen.as_second(),
            id_token: self.id_token.expose().to_owned(),
            access_token: self.access_token.expose().to_owned(),
        };
        let stored = Zeroizing::new(postcard::to_allocvec(&stored).ok()?);
        let refresh = Zeroizing::new([self.id.as_slice(), self.refresh_token.expose().as_bytes()].concat());
        Some([
            cookie::set(cookie::SESSION, &keys.seal(cookie::SESSION, &stored)?, None)?,
            cookie::set(cookie::REFRESH, &keys.seal(cookie::REFRESH, &refresh)?, None)?,
        ])
    }

    /// In how many seconds it ends at the latest.
    pub(crate) fn left_s(&self, now: Timestamp) -> i64 {
        (LONGEST - now.duration_since(self.began)).as_secs().max(0)
    }

    pub(crate) fn access_token(&self) -> &SecretText {
        &self.access_token
    }

    pub(crate) fn refresh_token(&self) -> &SecretText {
        &self.refresh_token
    }
}
