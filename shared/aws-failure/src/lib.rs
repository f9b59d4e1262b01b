//! What may be told of a call to AWS: what went wrong with it, as a word, and which transaction it was.

pub mod transaction;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why a call to AWS failed.
///
/// The SDK's own errors carry stored items in their Debug form, so they end here: this holds no content and can be logged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// Too many calls, or a quota is used up.
    #[error("throttled")]
    Throttled,
    /// Another caller changed the same item at the same time.
    #[error("conflict")]
    Conflict,
    /// Another caller changed the same item at the same time, at each of the retries.
    #[error("retries_exhausted")]
    RetriesExhausted,
    /// There was no answer in time; the call may have taken effect.
    #[error("timeout")]
    Timeout,
    /// The role lacks the right, or the credentials are not valid.
    #[error("denied")]
    Denied,
    /// The service could not be reached, or has an outage.
    #[error("unavailable")]
    Unavailable,
    /// AWS refused the call for another reason: most likely a bug of ours; CloudTrail has the details.
    #[error("rejected")]
    Rejected,
    /// A bug of ours, or a stored item that is damaged.
    ///
    /// It names the place in the code in a fixed word or two, never what was found there.
    #[error("bug: {0}")]
    Bug(&'static str),
}

impl Failure {
    /// The kind of failure: a word of a fixed list.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Conflict => "conflict",
            Self::RetriesExhausted => "retries_exhausted",
            Self::Timeout => "timeout",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Rejected => "rejected",
            Self::Bug(_) => "bug",
        }
    }

    /// The cause for the log: the place of a bug, and the word of anything else.
    #[must_use]
    pub fn cause(self) -> &'static str {
        match self {
            Self::Bug(place) => place,
            Self::Throttled
            | Self::Conflict
            | Self::RetriesExhausted
            | Self::Timeout
            | Self::Denied
            | Self::Unavailable
            | Self::Rejected => self.word(),
        }
    }

    /// What kind of failure an SDK error is.
    #[must_use]
    pub fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Timeout,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Self::Unavailable,
            SdkError::ServiceError(service) => match service.err().code().and_then(Self::of_code) {
                Some(failure) => failure,
                None if service.raw().status().is_server_error() => Self::Unavailable,
                None => Self::Rejected,
            },
            // The enum is non-exhaustive.
            SdkError::ConstructionFailure(_) | _ => Self::Bug("request not built"),
        }
    }

    /// The codes that the services of this system give; `None` for one that says nothing of these kinds.
    fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "Throttling"
            | "ThrottlingException"
            | "Throttled"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "LimitExceededException"
            | "SlowDown" => Self::Throttled,
            "TransactionConflictException"
            | "TransactionInProgressException"
            | "TransactionCanceledException"
            | "ConditionalCheckFailedException"
            | "ConditionalRequestConflict"
            | "OperationAborted"
            | "PreconditionFailed" => Self::Conflict,
            "RequestTimeout" | "RequestTimeoutException" | "DependencyTimeoutException" => Self::Timeout,
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException" => Self::Denied,
            "InternalError"
            | "InternalFailure"
            | "InternalServerError"
            | "InternalServerException"
            | "InternalServiceError"
            | "KMSInternalException"
            | "ServiceUnavailable"
            | "ServiceUnavailableException" => Self::Unavailable,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::{Response, StatusCode};
    use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};
    use rstest::rstest;

    #[rstest]
    #[case(400, Some("ThrottlingException"), Failure::Throttled)]
    #[case(503, Some("SlowDown"), Failure::Throttled)]
    #[case(429, Some("Throttled"), Failure::Throttled)]
    #[case(400, Some("TransactionConflictException"), Failure::Conflict)]
    #[case(403, Some("AccessDenied"), Failure::Denied)]
    #[case(500, Some("InternalServerError"), Failure::Unavailable)]
    #[case(500, None, Failure::Unavailable)]
    #[case(502, Some("NobodyKnows"), Failure::Unavailable)]
    #[case(400, Some("ValidationException"), Failure::Rejected)]
    fn the_code_decides_then_the_status(
        #[case] status: u16,
        #[case] code: Option<&str>,
        #[case] failure: Failure,
    ) {
        let mut meta = ErrorMetadata::builder().message("tenggiri-4410");
        if let Some(code) = code {
            meta = meta.code(code);
        }
        let raw = Response::new(StatusCode::try_from(status).unwrap(), SdkBody::from("tenggiri-4410"));
        let found = Failure::of(&SdkError::service_error(meta.build(), raw));
        assert_eq!(found, failure);
        assert_eq!((found.cause(), format!("{found}").as_str()), (found.word(), found.word()));
        assert!(!format!("{found:?}").contains("tenggiri"));
    }

    #[test]
    fn a_bug_is_told_by_its_place() {
        let bug = Failure::Bug("counter without a number");
        assert_eq!((bug.word(), bug.cause()), ("bug", "counter without a number"));
    }

    #[test]
    fn a_time_out_is_told_from_a_lost_connection() {
        let late: SdkError<ErrorMetadata, HttpResponse> = SdkError::timeout_error("x");
        assert_eq!(Failure::of(&late), Failure::Timeout);
    }
}
