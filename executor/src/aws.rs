//! How everything here reaches AWS: region, profile and time limits, and what an error says in one line.

use std::error::Error;
use std::time::Duration;

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
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

    /// The target for these, where they are given.
    pub(crate) fn new(region: Option<&str>, profile: Option<&str>) -> Self {
        Self { region: region.map(str::to_owned), profile: profile.map(str::to_owned) }
    }

    /// The configuration for this target, with `retries` of its requests.
    pub(crate) async fn load(&self, retries: RetryConfig) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(30))
            .build();
        self.load_with(timeouts, retries).await
    }

    /// As [`AwsTarget::load`], with time limits of its own.
    pub(crate) async fn load_with(&self, timeouts: TimeoutConfig, retries: RetryConfig) -> SdkConfig {
        let region = self.region().await;
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .timeout_config(timeouts)
            .retry_config(retries);
        let Some(profile) = &self.profile else { return loader.load().await };
        // As with the AWS CLI, a profile that somebody names comes before keys in the environment.
        let surroundings = ProviderConfig::without_region().with_region(region);
        let named =
            ProfileFileCredentialsProvider::builder().configure(&surroundings).profile_name(profile).build();
        loader.profile_name(profile).credentials_provider(named).load().await
    }

    /// The given region, else the environment's, else that of the profile or of the machine.
    pub(crate) async fn region(&self) -> Option<Region> {
        // The SDK does not read AWS_DEFAULT_REGION, which the AWS CLI does.
        let variable = |name| std::env::var(name).ok().filter(|region| !region.is_empty());
        let stated = self.region.clone().or_else(|| variable("AWS_REGION"));
        if let Some(region) = stated.or_else(|| variable("AWS_DEFAULT_REGION")) {
            return Some(Region::new(region));
        }
        let chain = DefaultRegionChain::builder();
        let chain = match &self.profile {
            Some(profile) => chain.profile_name(profile),
            None => chain,
        };
        chain.build().region().await
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
    let said = cause.to_string();
    // The SDK goes on with a line for each place that it looked at.
    let said = said.lines().next().unwrap_or_default().trim_end_matches(" Attempted:");
    if about_credentials { format!("no usable AWS credentials ({said})") } else { said.to_owned() }
}
