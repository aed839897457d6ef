//! The CloudFormation client, and what its errors say in one line.

use std::error::Error;
use std::time::Duration;

use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

/// A client with short timeouts: evidence is worth seconds, not minutes.
pub(super) async fn new(region: Option<&str>) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(8))
        .operation_timeout(Duration::from_secs(15))
        .build();
    // The SDK does not read AWS_DEFAULT_REGION, which the AWS CLI does.
    let fallback =
        std::env::var("AWS_DEFAULT_REGION").ok().filter(|region| !region.is_empty()).map(Region::new);
    let given = RegionProviderChain::first_try(region.map(|region| Region::new(region.to_owned())));
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(given.or_default_provider().or_else(fallback))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3));
    Client::new(&loader.load().await)
}

/// Why a request failed.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) text: String,
    /// Whether the stack does not exist.
    pub(super) is_missing: bool,
}

impl Problem {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), is_missing: false }
    }

    pub(super) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        match (error.code(), error.message()) {
            (Some(code), message) => {
                let message = message.unwrap_or_default();
                let is_missing = code == "ValidationError" && message.contains("does not exist");
                Self { text: format!("{code}: {message}"), is_missing }
            }
            (None, _) if matches!(error, SdkError::TimeoutError(_)) => Self::new("no answer in time"),
            (None, _) => Self::new(&innermost(error)),
        }
    }
}

/// The innermost cause ("dispatch failure" says nothing), and whether it is about credentials.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    let mut about_credentials = false;
    while let Some(deeper) = cause.source() {
        cause = deeper;
        about_credentials |= cause.to_string().contains("credential");
    }
    if about_credentials { format!("no usable AWS credentials ({cause})") } else { cause.to_string() }
}
