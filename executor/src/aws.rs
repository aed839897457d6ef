//! How the operator commands reach AWS: region, profile and time limits, and what an error says in one line.

use std::error::Error;
use std::time::Duration;

use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use provision_planner::plan::EvidenceSource;

/// Which account and region are meant. What is absent is what the AWS SDK resolves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsTarget {
    /// The region's code.
    pub region: Option<String>,
    /// The profile of the AWS configuration files.
    pub profile: Option<String>,
}

impl AwsTarget {
    /// Where the stacks are that a plan drives.
    pub fn of(source: &EvidenceSource) -> Self {
        Self { region: source.region.clone(), profile: source.profile.clone() }
    }

    /// The configuration for this target, with `retries` of its requests.
    pub(crate) async fn load(&self, retries: RetryConfig) -> SdkConfig {
        self.loader(retries).load().await
    }

    fn loader(&self, retries: RetryConfig) -> ConfigLoader {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(30))
            .build();
        // The SDK does not read AWS_DEFAULT_REGION, which the AWS CLI does.
        let fallback =
            std::env::var("AWS_DEFAULT_REGION").ok().filter(|region| !region.is_empty()).map(Region::new);
        let given = RegionProviderChain::first_try(self.region.clone().map(Region::new));
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(given.or_default_provider().or_else(fallback))
            .timeout_config(timeouts)
            .retry_config(retries);
        match &self.profile {
            Some(profile) => loader.profile_name(profile),
            None => loader,
        }
    }
}

/// What went wrong, in one line: the service's code and message, else the innermost cause.
pub(crate) fn reason<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) if matches!(error, SdkError::TimeoutError(_)) => "no answer in time".to_owned(),
        (None, _) => innermost(error),
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
