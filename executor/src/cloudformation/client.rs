//! The CloudFormation client, and what its errors say in one line.

use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

use crate::aws::AwsTarget;

/// How patient a client is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// How long one try of a request may take.
    attempt: Duration,
    /// How long a request may take with all its tries.
    operation: Duration,
    attempts: u32,
}

impl Patience {
    /// For what is only looked at: it is worth seconds, not minutes.
    pub(crate) const LOOK: Self =
        Self { attempt: Duration::from_secs(8), operation: Duration::from_secs(15), attempts: 3 };
    /// For what changes something: giving up early would leave it half done.
    pub(crate) const CHANGE: Self =
        Self { attempt: Duration::from_secs(30), operation: Duration::from_secs(120), attempts: 6 };
}

/// A client for a region and profile; without them, for what the AWS SDK resolves.
pub(crate) async fn new(region: Option<&str>, profile: Option<&str>, patience: Patience) -> Client {
    Client::new(&config(region, profile, patience).await)
}

/// The configuration of such a client, for those of other services beside it.
pub(crate) async fn config(region: Option<&str>, profile: Option<&str>, patience: Patience) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(patience.attempt)
        .operation_timeout(patience.operation)
        .build();
    let retries = RetryConfig::standard().with_max_attempts(patience.attempts);
    AwsTarget::new(region, profile).load_with(timeouts, retries).await
}

/// Why a request failed.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

/// What a failed request means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The stack or change set does not exist.
    Missing,
    /// Too many requests; asking more slowly helps.
    Throttled,
    /// The credentials are missing, expired or invalid, or they do not allow it.
    Refused,
    /// The endpoint does not know the action.
    Unsupported,
    /// Nothing answered; asking again later may help.
    Unreachable,
    /// The service refused what was asked.
    Other,
}

impl Problem {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), kind: Kind::Other }
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// Whether the same request may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Unreachable)
    }

    pub(crate) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        match (error.code(), error.message()) {
            (Some(code), message) => {
                let message = message.unwrap_or_default();
                Self { text: format!("{code}: {message}"), kind: kind(code, message) }
            }
            (None, _) if matches!(error, SdkError::TimeoutError(_)) => {
                Self { text: "no answer in time".to_owned(), kind: Kind::Unreachable }
            }
            (None, _) => innermost(error),
        }
    }
}

/// What an error code of the query protocol stands for ("Common errors", CloudFormation API reference).
fn kind(code: &str, message: &str) -> Kind {
    match code {
        "ValidationError" if message.contains("does not exist") => Kind::Missing,
        "ChangeSetNotFound" | "ChangeSetNotFoundException" => Kind::Missing,
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" => {
            Kind::Throttled
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AccessDenied"
        | "AccessDeniedException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationToken"
        | "OptInRequired" => Kind::Refused,
        "InvalidAction" | "UnknownOperationException" | "NotImplemented" => Kind::Unsupported,
        "InternalFailure" if message.contains("implemented") || message.contains("emulated") => {
            Kind::Unsupported
        }
        "InternalFailure" | "ServiceUnavailable" | "InternalError" => Kind::Unreachable,
        _ => Kind::Other,
    }
}

/// The innermost cause ("dispatch failure" says nothing), and whether it is about credentials.
fn innermost(error: &(dyn Error + 'static)) -> Problem {
    let mut cause = error;
    let mut about_credentials = false;
    while let Some(deeper) = cause.source() {
        cause = deeper;
        about_credentials |= cause.to_string().contains("credential");
    }
    match about_credentials {
        true => Problem { text: format!("no usable AWS credentials ({cause})"), kind: Kind::Refused },
        false => Problem { text: cause.to_string(), kind: Kind::Unreachable },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_for_what_they_mean() {
        assert_eq!(kind("ValidationError", "Stack with id a does not exist"), Kind::Missing);
        assert_eq!(kind("ValidationError", "No updates are to be performed."), Kind::Other);
        assert_eq!(kind("Throttling", "Rate exceeded"), Kind::Throttled);
        assert_eq!(
            kind("ExpiredToken", "The security token included in the request is expired"),
            Kind::Refused
        );
        assert_eq!(
            kind("InternalFailure", "API action 'DescribeEvents' is not yet implemented"),
            Kind::Unsupported
        );
    }
}
