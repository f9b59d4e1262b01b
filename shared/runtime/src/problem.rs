//! Problems: why a caller does not get what they asked for, and the response that each becomes.

mod document;
mod texts;

use aws_failure::Failure;
use domain::{
    decision::Refusal,
    officer::NoRight,
    validation_errors::{ValidationError, ValidationErrors},
};
use http::StatusCode;

/// Why a caller may not do an act, although they may see the report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Another role, desk or unit does this.
    NotYours,
    /// The caller posted a TL of this report.
    OwnTl,
    /// The account's tags give no right at all.
    NoRight,
    /// The channel has been suspended.
    ChannelSuspended,
}

/// Why a caller does not get what they asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// 400: the body is not JSON in UTF-8, is empty, or repeats a name.
    NotJson,
    /// 400: an unknown, hidden or repeated parameter, or a request that cannot be read at all.
    BadRequest,
    /// 401: no valid token, or no valid channel key.
    Unauthorized,
    /// 403: the report is visible, but the act is not the caller's.
    Forbidden(Reason),
    /// 404: unknown or hidden; nobody can tell which.
    NotFound,
    /// 409: the act is not possible from this status.
    WrongStatus,
    /// 409: a photo that is needed is not ready.
    PhotoNotReady,
    /// 409: the report to merge into is closed.
    OtherClosed,
    /// 409: it has been done as often as it may be on one report.
    TooOften,
    /// 409: another officer of the ticket desk is at work on the report.
    Claimed,
    /// 412: the caller acts on an old version.
    Stale,
    /// 413: over 64 KiB.
    TooLarge,
    /// 415: not `application/json`.
    WrongType,
    /// 422: what is wrong, field by field.
    ValidationFailed(ValidationErrors),
    /// 429: too many requests.
    TooMany {
        /// Seconds until the request may be repeated.
        retry_after_s: u32,
    },
    /// 503: AWS throttles, conflicts or does not answer.
    Unavailable {
        /// Seconds until the request may be repeated.
        retry_after_s: u32,
        /// The failure behind it, for the log line alone.
        failure: Failure,
    },
    /// 500: a bug, or a stack that is set up wrongly. Nothing that a caller can send may lead here.
    InternalError(
        /// Which place of the code found it, as a fixed word or two for the log line alone; as in [`Failure::Bug`].
        &'static str,
    ),
}

impl Problem {
    /// The HTTP status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.text().status
    }

    /// The outcome in the log: a word of a fixed list.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.text().word
    }

    /// The cause for the log; only where the problem is not the caller's doing.
    #[must_use]
    pub fn cause(&self) -> Option<&'static str> {
        match self {
            Self::Unavailable { failure, .. } => Some(failure.cause()),
            Self::InternalError(what) => Some(what),
            Self::NotJson
            | Self::BadRequest
            | Self::Unauthorized
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::WrongStatus
            | Self::PhotoNotReady
            | Self::OtherClosed
            | Self::TooOften
            | Self::Claimed
            | Self::Stale
            | Self::TooLarge
            | Self::WrongType
            | Self::ValidationFailed(_)
            | Self::TooMany { .. } => None,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotYours => Self::Forbidden(Reason::NotYours),
            Refusal::OwnTl => Self::Forbidden(Reason::OwnTl),
            Refusal::WrongStatus => Self::WrongStatus,
            Refusal::OtherClosed => Self::OtherClosed,
            Refusal::TooOften => Self::TooOften,
            Refusal::Claimed => Self::Claimed,
            Refusal::Invalid(errors) => Self::ValidationFailed(errors),
        }
    }
}

impl From<ValidationErrors> for Problem {
    fn from(errors: ValidationErrors) -> Self {
        Self::ValidationFailed(errors)
    }
}

impl From<ValidationError> for Problem {
    fn from(error: ValidationError) -> Self {
        Self::ValidationFailed(vec![error])
    }
}

/// Whatever is missing, the caller is told only that the account has no right: which tag it lacks concerns the administrator.
impl From<NoRight> for Problem {
    fn from(_: NoRight) -> Self {
        Self::Forbidden(Reason::NoRight)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Throttled | Failure::Conflict | Failure::RetriesExhausted => {
                Self::Unavailable { retry_after_s: 1, failure }
            }
            Failure::Timeout | Failure::Unavailable => Self::Unavailable { retry_after_s: 5, failure },
            Failure::Denied | Failure::Rejected | Failure::Bug(_) => Self::InternalError(failure.cause()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::validation_errors::ValidationErrorCode;

    /// One problem of each kind.
    pub(super) fn all() -> Vec<Problem> {
        vec![
            Problem::NotJson,
            Problem::BadRequest,
            Problem::Unauthorized,
            Problem::Forbidden(Reason::NotYours),
            Problem::Forbidden(Reason::OwnTl),
            Problem::Forbidden(Reason::NoRight),
            Problem::Forbidden(Reason::ChannelSuspended),
            Problem::NotFound,
            Problem::WrongStatus,
            Problem::PhotoNotReady,
            Problem::OtherClosed,
            Problem::TooOften,
            Problem::Claimed,
            Problem::Stale,
            Problem::TooLarge,
            Problem::WrongType,
            Problem::ValidationFailed(vec![
                ValidationError::new("location.lat", ValidationErrorCode::Range),
                ValidationError::new("description", ValidationErrorCode::Required),
            ]),
            Problem::TooMany { retry_after_s: 60 },
            Failure::Throttled.into(),
            Problem::InternalError("panic"),
        ]
    }

    #[test]
    fn a_refusal_of_the_state_machine_is_403_409_or_422() {
        let problem = |refusal: Refusal| Problem::from(refusal).status().as_u16();
        assert_eq!(problem(Refusal::NotYours), 403);
        assert_eq!(problem(Refusal::OwnTl), 403);
        assert_eq!(problem(Refusal::WrongStatus), 409);
        assert_eq!(problem(Refusal::OtherClosed), 409);
        assert_eq!(problem(Refusal::TooOften), 409);
        assert_eq!(problem(Refusal::Claimed), 409);
        assert_eq!(problem(Refusal::Invalid(vec![])), 422);
    }

    #[test]
    fn a_failure_of_aws_is_503_unless_it_is_ours() {
        let status = |failure: Failure| Problem::from(failure).status().as_u16();
        assert_eq!(status(Failure::Throttled), 503);
        assert_eq!(status(Failure::Conflict), 503);
        assert_eq!(status(Failure::RetriesExhausted), 503);
        assert_eq!(status(Failure::Timeout), 503);
        assert_eq!(status(Failure::Unavailable), 503);
        assert_eq!(status(Failure::Denied), 500);
        assert_eq!(status(Failure::Rejected), 500);
        assert_eq!(status(Failure::Bug("somewhere")), 500);
        assert_eq!(Problem::from(Failure::Bug("somewhere")).cause(), Some("somewhere"));
    }
}
