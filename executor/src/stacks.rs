//! What the cloud says about a plan's stacks right now: which are there and in which state.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use provision_planner::plan::EvidenceSource;
use tokio::time::timeout;

use crate::aws::{AwsTarget, reason};
use crate::interrupt::Interrupt;

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(30);
/// How often a stack in motion is looked at.
const POLL: Duration = Duration::from_secs(5);

/// One stack as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackState {
    /// Its name.
    pub name: String,
    /// Its status, such as `CREATE_COMPLETE`.
    pub status: String,
}

impl StackState {
    /// Whether CloudFormation is at work on it. A stack under review waits for somebody to execute a change set.
    pub fn is_in_motion(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }
}

impl std::fmt::Display for StackState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.status)
    }
}

/// The stacks of a source that exist, as they are now.
///
/// # Errors
/// Why they cannot be seen, in one line.
pub async fn states(source: &EvidenceSource) -> Result<Vec<StackState>, String> {
    let looked = timeout(LOOK, async {
        let target = AwsTarget::of(source);
        let client = Client::new(&target.load(RetryConfig::standard().with_max_attempts(3)).await);
        let mut found = Vec::new();
        for pattern in &source.stacks {
            match pattern.strip_suffix('*') {
                Some(beginning) => found.extend(beginning_with(&client, beginning).await?),
                None => found.extend(named(&client, pattern).await?),
            }
        }
        Ok(found)
    });
    looked.await.unwrap_or_else(|_| Err(format!("no answer within {} s", LOOK.as_secs())))
}

async fn named(client: &Client, name: &str) -> Result<Option<StackState>, String> {
    let answer = match client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => answer,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(reason(&error)),
    };
    let stack = answer.stacks.unwrap_or_default().into_iter().next();
    let state = stack.and_then(|stack| {
        let status = stack.stack_status()?.as_str().to_owned();
        Some(StackState { name: stack.stack_name()?.to_owned(), status })
    });
    Ok(state.filter(|state| state.status != "DELETE_COMPLETE"))
}

/// CloudFormation says that there is no such stack with a validation error.
fn is_missing<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.message().is_some_and(|message| message.contains("does not exist"))
}

async fn beginning_with(client: &Client, beginning: &str) -> Result<Vec<StackState>, String> {
    let mut pages = client.list_stacks().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| reason(&error))?;
        found.extend(page.stack_summaries.unwrap_or_default().into_iter().filter_map(|stack| {
            let name = stack.stack_name().filter(|name| name.starts_with(beginning))?.to_owned();
            let status = stack.stack_status()?.as_str().to_owned();
            (status != "DELETE_COMPLETE").then_some(StackState { name, status })
        }));
    }
    Ok(found)
}

/// Looks until no stack of the source is in motion any more, telling of each change.
///
/// # Errors
/// Why they cannot be seen; that it was interrupted.
pub async fn settled(
    source: &EvidenceSource,
    interrupt: &Interrupt,
    tell: &(dyn Fn(&[StackState]) + Send + Sync),
) -> Result<Vec<StackState>, String> {
    let mut last: Option<Vec<StackState>> = None;
    loop {
        let now = states(source).await?;
        if last.as_ref() != Some(&now) {
            tell(&now);
        }
        if !now.iter().any(StackState::is_in_motion) {
            return Ok(now);
        }
        last = Some(now);
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = interrupt.reached(1) => return Err("interrupted".to_owned()),
        }
    }
}
