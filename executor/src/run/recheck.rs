//! Looks once more, right before something runs, whether the plan's circumstances are those that were approved.

use std::time::Duration;

use provision_planner::plan::{Account, Action, Effect, Step, StepKind};

use super::{Ended, Runner};
use crate::aws::AwsTarget;
use crate::error::ExecutorError;
use crate::hashes;
use crate::identity;

use super::steps::{interrupted, not_started};

/// How long STS may take; a deploy takes minutes.
const PATIENCE: Duration = Duration::from_secs(20);

impl Runner<'_> {
    /// Refuses a step that runs commands when scripts, or the account, are no longer those that were approved.
    pub(super) async fn recheck(&self, step: &Step) -> Ended {
        let changes = self.plan().action == Action::Change && step.effect >= Effect::CloudCreate;
        let decisive = changes || matches!(step.kind, StepKind::Deploy | StepKind::Teardown);
        if step.commands.is_empty() && !decisive {
            return Ok(());
        }
        self.recheck_files().map_err(|error| not_started(step, error))?;
        match self.recheck_account(decisive).await {
            Ok(()) => Ok(()),
            Err(ExecutorError::Interrupted) => Err(interrupted(step)),
            Err(error) => Err(not_started(step, error)),
        }
    }

    fn recheck_files(&self) -> Result<(), ExecutorError> {
        let approved = &self.plan().binding.files;
        let names: Vec<String> = approved.keys().cloned().collect();
        let now = hashes::hash_files(&self.checkout(), &names)?;
        let changed: Vec<&str> = (approved.iter())
            .filter(|(name, hash)| now.get(*name) != Some(hash))
            .map(|(name, _)| name.as_str())
            .collect();
        match changed.as_slice() {
            [] => Ok(()),
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                Err(ExecutorError::Drifted { what: format!("{first}{more} changed") })
            }
        }
    }

    /// The region, where it is what the SDK resolves rather than what an input states.
    async fn recheck_region(&self, target: &AwsTarget) -> Result<(), ExecutorError> {
        let Some(approved) = &self.plan().binding.region else { return Ok(()) };
        match identity::region(target, PATIENCE).await {
            Some(region) if region == *approved => Ok(()),
            now => {
                let now = now.unwrap_or_else(|| "not known".to_owned());
                Err(ExecutorError::Drifted { what: format!("the region is {now}, not {approved}") })
            }
        }
    }

    async fn recheck_account(&self, decisive: bool) -> Result<(), ExecutorError> {
        let Some(approved) = self.plan().binding.account.as_ref().filter(|_| decisive) else {
            return Ok(());
        };
        let target = self.plan().evidence.as_ref().map(AwsTarget::of).unwrap_or_default();
        let asked = tokio::select! {
            asked = identity::account(&target, PATIENCE) => asked,
            () = self.context.interrupt.reached(1) => return Err(ExecutorError::Interrupted),
        };
        match asked {
            Account::Known(account) if account == *approved => self.recheck_region(&target).await,
            Account::Known(account) => {
                Err(ExecutorError::Drifted { what: format!("the AWS account is {account}, not {approved}") })
            }
            Account::Unknown(reason) => Err(ExecutorError::Drifted {
                what: format!("the AWS account cannot be confirmed ({reason}); it was {approved}"),
            }),
        }
    }
}
