//! Keeps one value in AWS Secrets Manager: a new version where the secret exists, else a new secret.

use aws_config::retry::RetryConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use provision_planner::Secret;

use crate::aws::{self, AwsTarget};
use crate::error::ExecutorError;

/// What storing a value did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// The secret's ARN.
    pub arn: String,
    /// Whether the secret was made; else it got a new version.
    pub created: bool,
}

/// Stores a value under a name. The value is neither logged nor part of any error.
///
/// # Errors
/// [`ExecutorError::Aws`].
pub async fn store_secret(
    target: &AwsTarget,
    name: &str,
    description: &str,
    value: &Secret,
) -> Result<StoredSecret, ExecutorError> {
    let client = Client::new(&target.load(RetryConfig::standard().with_max_attempts(5)).await);
    let put = client.put_secret_value().secret_id(name).secret_string(value.expose()).send().await;
    match put {
        Ok(stored) => Ok(StoredSecret { arn: stored.arn.unwrap_or_default(), created: false }),
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => {
            create(&client, name, description, value).await
        }
        Err(error) => Err(problem(aws::reason(&error))),
    }
}

/// Whether a secret with this name exists.
///
/// # Errors
/// [`ExecutorError::Aws`] when that cannot be seen.
pub async fn find_secret(target: &AwsTarget, name: &str) -> Result<bool, ExecutorError> {
    let client = Client::new(&target.load(RetryConfig::standard().with_max_attempts(2)).await);
    match client.describe_secret().secret_id(name).send().await {
        // one that waits for its deletion gives nothing out
        Ok(found) => Ok(found.deleted_date.is_none()),
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => Ok(false),
        Err(error) => Err(problem(aws::reason(&error))),
    }
}

async fn create(
    client: &Client,
    name: &str,
    description: &str,
    value: &Secret,
) -> Result<StoredSecret, ExecutorError> {
    let request = client.create_secret().name(name).description(description).secret_string(value.expose());
    let created = request.send().await.map_err(|error| problem(aws::reason(&error)))?;
    Ok(StoredSecret { arn: created.arn.unwrap_or_default(), created: true })
}

fn problem(reason: String) -> ExecutorError {
    ExecutorError::Aws { service: "Secrets Manager", reason }
}
