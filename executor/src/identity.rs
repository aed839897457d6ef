//! Which AWS account this machine's credentials belong to, as STS says.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_sts::Client;
use provision_planner::plan::Account;
use tokio::time::timeout;

use crate::aws::{AwsTarget, reason};

/// Asks STS for the account. What `target` leaves open, and the endpoint, are what the AWS SDK resolves.
///
/// Takes at most `budget`. Never fails and never guesses: an account that cannot be found out is unknown, with why.
pub async fn account(target: &AwsTarget, budget: Duration) -> Account {
    match timeout(budget, asked(target)).await {
        Ok(Ok(account)) => Account::Known(account),
        Ok(Err(reason)) => Account::Unknown(reason),
        Err(_) => Account::Unknown(format!("no answer from STS within {} s", budget.as_secs_f32())),
    }
}

/// The region that the AWS SDK resolves for a target that names none; nothing if there is none.
///
/// Takes at most `budget`: off AWS, asking the machine's own metadata ends in nothing.
pub async fn region(target: &AwsTarget, budget: Duration) -> Option<String> {
    timeout(budget, target.region()).await.ok().flatten().map(|region| region.to_string())
}

async fn asked(target: &AwsTarget) -> Result<String, String> {
    let config = target.load(RetryConfig::standard().with_max_attempts(3)).await;
    let answer = Client::new(&config).get_caller_identity().send().await.map_err(|error| reason(&error))?;
    answer.account.ok_or_else(|| "STS names no account".to_owned())
}
