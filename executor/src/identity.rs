//! Which AWS account this machine's credentials belong to, as STS says.

use std::error::Error;
use std::time::Duration;

use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sts::Client;
use aws_sdk_sts::error::{ProvideErrorMetadata as _, SdkError};
use provision_planner::plan::Account;
use tokio::time::timeout;

/// Asks STS for the account. Region, credentials and endpoint are what the AWS SDK resolves; `region` comes first.
///
/// Takes at most `budget`. Never fails and never guesses: an account that cannot be found out is unknown, with why.
pub async fn account(region: Option<&str>, budget: Duration) -> Account {
    match timeout(budget, asked(region, budget)).await {
        Ok(Ok(account)) => Account::Known(account),
        Ok(Err(reason)) => Account::Unknown(reason),
        Err(_) => Account::Unknown(format!("no answer from STS within {} s", budget.as_secs_f32())),
    }
}

async fn asked(region: Option<&str>, budget: Duration) -> Result<String, String> {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(budget / 2).operation_attempt_timeout(budget).build();
    // The SDK does not read AWS_DEFAULT_REGION, which the AWS CLI does.
    let fallback =
        std::env::var("AWS_DEFAULT_REGION").ok().filter(|region| !region.is_empty()).map(Region::new);
    let given = RegionProviderChain::first_try(region.map(|region| Region::new(region.to_owned())));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(given.or_default_provider().or_else(fallback))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await;
    let answer = Client::new(&config).get_caller_identity().send().await.map_err(|error| reason(&error))?;
    answer.account.ok_or_else(|| "STS names no account".to_owned())
}

/// The service's own words, or the innermost cause ("dispatch failure" says nothing).
fn reason<E, R>(error: &SdkError<E, R>) -> String
where
    E: aws_sdk_sts::error::ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(code) = error.code() {
        return format!("{code}: {}", error.message().unwrap_or_default());
    }
    let mut cause: &dyn Error = error;
    let mut about_credentials = false;
    while let Some(deeper) = cause.source() {
        cause = deeper;
        about_credentials |= cause.to_string().contains("credential");
    }
    if about_credentials { format!("no usable AWS credentials ({cause})") } else { cause.to_string() }
}
