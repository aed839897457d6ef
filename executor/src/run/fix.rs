//! Whether and how a failed deploy is tried again: bounded, and never the same thing twice.

use std::time::Duration;

use provision_planner::plan::Plan;
use provision_rules::{Diagnosis, FixKind, Verdict};

use super::context::{Change, Proposal, Replan};
use super::report::StopReason;

/// How long a `wait` fix waits when its rule does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// What was tried in this run.
#[derive(Debug)]
pub(super) struct History {
    causes: Vec<String>,
    changes: Vec<Change>,
    /// How many retries were made.
    pub(super) retries: u8,
    /// How many there may be: what the first plan says, whatever a changed plan says.
    of: u8,
}

impl History {
    /// A history without tries, with room for `of` retries.
    pub(super) fn new(of: u8) -> Self {
        Self { causes: Vec::new(), changes: Vec::new(), retries: 0, of }
    }

    /// The next thing to try for this failure, or why there is none.
    pub(super) fn propose(
        &mut self,
        diagnosis: &Diagnosis,
        plan: &Plan,
        replan: &dyn Replan,
    ) -> Result<Proposal, StopReason> {
        let verdict = diagnosis.verdict.as_ref().ok_or(StopReason::NothingDiagnosed)?;
        self.remember_cause(verdict)?;
        let (change, wait) = automatic(verdict).ok_or(StopReason::NoAutomaticFix)?;
        self.allow()?;
        let after = match &change {
            Some(change) => self.changed(plan, change, replan)?,
            None => plan.clone(),
        };
        let attempt = self.retries + 1;
        let (before, of) = (plan.clone(), self.of);
        Ok(Proposal { attempt, of, verdict: verdict.clone(), change, wait, before, after })
    }

    /// Notes that a proposal is being carried out.
    pub(super) fn apply(&mut self, proposal: &Proposal) {
        self.retries += 1;
        self.changes.extend(proposal.change.clone());
    }

    fn remember_cause(&mut self, verdict: &Verdict) -> Result<(), StopReason> {
        let cause = verdict.rule.clone().unwrap_or_else(|| verdict.root.text.clone());
        if self.causes.contains(&cause) {
            return Err(StopReason::SameCause { cause });
        }
        self.causes.push(cause);
        Ok(())
    }

    fn allow(&self) -> Result<(), StopReason> {
        match self.of {
            0 => Err(StopReason::RetriesOff),
            of if self.retries >= of => Err(StopReason::NoRetriesLeft { of }),
            _ => Ok(()),
        }
    }

    fn changed(&self, plan: &Plan, change: &Change, replan: &dyn Replan) -> Result<Plan, StopReason> {
        if self.changes.contains(change) {
            return Err(StopReason::SameFix);
        }
        let after = replan.replan(plan, change).map_err(|reason| StopReason::ReplanFailed { reason })?;
        if after.digest == plan.digest {
            return Err(StopReason::NothingToChange { input: change.input.clone() });
        }
        Ok(after)
    }
}

/// What the tool can do about a verdict by itself: the change and the wait.
fn automatic(verdict: &Verdict) -> Option<(Option<Change>, Duration)> {
    let fix = &verdict.fix;
    let wait = fix.wait_seconds.map(Duration::from_secs);
    match fix.kind {
        FixKind::Param => {
            let change = Change { input: fix.input.clone()?, value: fix.value.clone()? };
            Some((Some(change), wait.unwrap_or_default()))
        }
        FixKind::Wait => Some((None, wait.unwrap_or(DEFAULT_WAIT))),
        FixKind::Rerun => Some((None, wait.unwrap_or_default())),
        FixKind::None | FixKind::Operator => None,
    }
}
