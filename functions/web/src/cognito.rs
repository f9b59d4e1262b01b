//! Cognito's sign-in: calls that need no signature, and so no right of the function's role.
//!
//! What Cognito says becomes one of a few words here, for its messages differ between operations and are not ours to show.

use aws_failure::Failure;
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{
        AuthFlowType, AuthenticationResultType, ChallengeNameType, SoftwareTokenMfaSettingsType,
        VerifySoftwareTokenResponseType,
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use domain::secret_text::SecretText;
use std::collections::HashMap;

/// The sign-in of one app client.
pub(crate) struct Cognito {
    client: Client,
    app_client: String,
}

/// What a sign-in or a renewal gives. A renewal gives no refresh token: the one before stays good.
pub(crate) struct Tokens {
    pub(crate) id: SecretText,
    pub(crate) access: SecretText,
    pub(crate) refresh: Option<SecretText>,
}

/// What Cognito asks next.
pub(crate) enum Next {
    /// Nothing: signed in.
    SignedIn(Tokens),
    /// A password of one's own in the place of the temporary one.
    NewPassword(SecretText),
    /// The code of the second factor.
    Code(SecretText),
    /// To enrol a second factor.
    Enrol(SecretText),
}

/// Why Cognito said no.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// The name or the password is wrong: it does not say which.
    WrongPassword,
    /// Too many wrong passwords: no password is looked at for a while.
    LockedOut,
    /// The code is wrong, or was used before.
    WrongCode,
    /// The step took too long, or the tokens were revoked: begin again.
    Over,
    /// The new password is not good enough.
    WeakPassword,
    /// An administrator has to set a new password.
    ResetNeeded,
    /// Too many calls.
    TooMany,
    /// Cognito could not be asked, or asked for something that nobody here knows.
    Failed(Failure),
}

impl Cognito {
    pub(crate) fn new(client: Client, app_client: String) -> Self {
        Self { client, app_client }
    }

    /// Begins a sign-in with name and password.
    pub(crate) async fn sign_in(&self, username: &str, password: &SecretText) -> Result<Next, Refused> {
        let answer = self
            .client
            .initiate_auth()
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .client_id(&self.app_client)
            .auth_parameters("USERNAME", username)
            .auth_parameters("PASSWORD", password.expose())
            .send()
            .await
            .map_err(|error| refused(&error))?;
        next(answer.authentication_result, answer.challenge_name.as_ref(), answer.session)
    }

    /// Answers with a new password.
    pub(crate) async fn new_password(
        &self,
        username: &str,
        session: &SecretText,
        password: &SecretText,
    ) -> Result<Next, Refused> {
        let answers = [("USERNAME", username), ("NEW_PASSWORD", password.expose())];
        self.respond(ChallengeNameType::NewPasswordRequired, session, answers).await
    }

    /// Answers with the code of the second factor.
    pub(crate) async fn code(
        &self,
        username: &str,
        session: &SecretText,
        code: &str,
    ) -> Result<Next, Refused> {
        let answers = [("USERNAME", username), ("SOFTWARE_TOKEN_MFA_CODE", code)];
        self.respond(ChallengeNameType::SoftwareTokenMfa, session, answers).await
    }

    /// A key for a second factor, while signing in; with the session that the code belongs to.
    pub(crate) async fn new_factor(&self, session: &SecretText) -> Result<(SecretText, SecretText), Refused> {
        let answer = self.client.associate_software_token().session(session.expose()).send().await;
        let answer = answer.map_err(|error| refused(&error))?;
        match (answer.secret_code, answer.session) {
            (Some(key), Some(session)) => Ok((SecretText::new(key), SecretText::new(session))),
            _ => Err(Refused::Failed(Failure::Bug("no key for a factor"))),
        }
    }

    /// Ends the enrolment with the first code, and the sign-in with it.
    pub(crate) async fn enrol(
        &self,
        username: &str,
        session: &SecretText,
        code: &str,
    ) -> Result<Next, Refused> {
        let answer =
            self.client.verify_software_token().session(session.expose()).user_code(code).send().await;
        let answer = answer.map_err(|error| refused(&error))?;
        let session = SecretText::new(match (answer.status, answer.session) {
            (Some(VerifySoftwareTokenResponseType::Success), Some(session)) => session,
            _ => return Err(Refused::WrongCode),
        });
        self.respond(ChallengeNameType::MfaSetup, &session, [("USERNAME", username)]).await
    }

    /// A key for a second factor of somebody who is signed in.
    pub(crate) async fn new_factor_of(&self, access_token: &SecretText) -> Result<SecretText, Refused> {
        let answer = self.client.associate_software_token().access_token(access_token.expose()).send().await;
        let key = answer.map_err(|error| refused(&error))?.secret_code;
        key.map(SecretText::new).ok_or(Refused::Failed(Failure::Bug("no key for a factor")))
    }

    /// Ends that enrolment with the first code: from now on each sign-in asks for one.
    pub(crate) async fn enrol_of(&self, access_token: &SecretText, code: &str) -> Result<(), Refused> {
        let verified = self
            .client
            .verify_software_token()
            .access_token(access_token.expose())
            .user_code(code)
            .send()
            .await;
        let verified = verified.map_err(|error| refused(&error))?;
        if verified.status != Some(VerifySoftwareTokenResponseType::Success) {
            return Err(Refused::WrongCode);
        }
        let preferred = SoftwareTokenMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
        self.client
            .set_user_mfa_preference()
            .access_token(access_token.expose())
            .software_token_mfa_settings(preferred)
            .send()
            .await
            .map_err(|error| refused(&error))?;
        Ok(())
    }

    /// Tokens anew, for a refresh token that was not revoked.
    pub(crate) async fn renew(&self, refresh_token: &SecretText) -> Result<Tokens, Refused> {
        let answer = self
            .client
            .initiate_auth()
            .auth_flow(AuthFlowType::RefreshTokenAuth)
            .client_id(&self.app_client)
            .auth_parameters("REFRESH_TOKEN", refresh_token.expose())
            .send()
            .await
            .map_err(|error| refused(&error))?;
        answer.authentication_result.and_then(tokens).ok_or(Refused::Over)
    }

    /// Whether tokens are still good: the gateway takes an ID token until it ends, also when its owner has signed out. Says so by
    /// refusing.
    pub(crate) async fn is_live(&self, access_token: &SecretText) -> Result<(), Refused> {
        self.client
            .get_user()
            .access_token(access_token.expose())
            .send()
            .await
            .map_err(|error| refused(&error))?;
        Ok(())
    }

    /// Revokes a session's tokens.
    pub(crate) async fn sign_out(&self, refresh_token: &SecretText) -> Result<(), Refused> {
        let call = self.client.revoke_token().client_id(&self.app_client).token(refresh_token.expose());
        call.send().await.map_err(|error| refused(&error))?;
        Ok(())
    }

    /// Revokes the tokens of all sessions of an officer.
    pub(crate) async fn sign_out_everywhere(&self, access_token: &SecretText) -> Result<(), Refused> {
        let call = self.client.global_sign_out().access_token(access_token.expose());
        call.send().await.map_err(|error| refused(&error))?;
        Ok(())
    }

    async fn respond<'a>(
        &self,
        challenge: ChallengeNameType,
        session: &SecretText,
        answers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Next, Refused> {
        let answers: HashMap<String, String> =
            answers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let answer = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.app_client)
            .challenge_name(challenge)
            .session(session.expose())
            .set_challenge_responses(Some(answers))
            .send()
            .await
            .map_err(|error| refused(&error))?;
        next(answer.authentication_result, answer.challenge_name.as_ref(), answer.session)
    }
}

fn next(
    result: Option<AuthenticationResultType>,
    challenge: Option<&ChallengeNameType>,
    session: Option<String>,
) -> Result<Next, Refused> {
    if let Some(tokens) = result.and_then(tokens) {
        return Ok(Next::SignedIn(tokens));
    }
    let unknown = Refused::Failed(Failure::Bug("unknown challenge"));
    let session = SecretText::new(session.ok_or(unknown)?);
    // The enum is non-exhaustive, and most of its challenges are of flows that no client of ours allows.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the SDK's enum grows")]
    match challenge {
        Some(ChallengeNameType::NewPasswordRequired) => Ok(Next::NewPassword(session)),
        Some(ChallengeNameType::SoftwareTokenMfa) => Ok(Next::Code(session)),
        Some(ChallengeNameType::MfaSetup) => Ok(Next::Enrol(session)),
        _ => Err(unknown),
    }
}

fn tokens(result: AuthenticationResultType) -> Option<Tokens> {
    Some(Tokens {
        id: SecretText::new(result.id_token?),
        access: SecretText::new(result.access_token?),
        refresh: result.refresh_token.map(SecretText::new),
    })
}

/// The word for an error. The messages that are compared are Cognito's own, the same in every operation; they only choose between two
/// texts.
fn refused<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Refused {
    let Some(service) = error.as_service_error() else { return Refused::Failed(Failure::of(error)) };
    let (code, message) = (service.code().unwrap_or_default(), service.message().unwrap_or_default());
    match code {
        "NotAuthorizedException" if message.contains("attempts exceeded") => Refused::LockedOut,
        "NotAuthorizedException" if message.contains("Incorrect username or password") => {
            Refused::WrongPassword
        }
        "UserNotFoundException" | "UserNotConfirmedException" => Refused::WrongPassword,
        "NotAuthorizedException" | "ResourceNotFoundException" => Refused::Over,
        // A name or a password that none can be; codes are looked at before.
        "InvalidParameterException" => Refused::WrongPassword,
        "CodeMismatchException" | "EnableSoftwareTokenMFAException" | "ExpiredCodeException" => {
            Refused::WrongCode
        }
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => Refused::WeakPassword,
        "PasswordResetRequiredException" => Refused::ResetNeeded,
        "TooManyRequestsException" | "LimitExceededException" | "TooManyFailedAttemptsException" => {
            Refused::TooMany
        }
        _ => Refused::Failed(Failure::of(error)),
    }
}
