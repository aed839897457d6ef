//! Whether and how a failed deploy is tried again: bounded, and never the same thing twice.

use std::time::{Duration, Instant};

use provision_planner::plan::Plan;
use provision_rules::{Diagnosis, FixKind, Verdict};

use super::context::{Change, Proposal, Replan};
use super::native_fix;
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
    /// When the first try began, and how many minutes all of them may take.
    begun: Instant,
    minutes: Option<u64>,
}

impl History {
    /// A history without tries, with room for `of` retries that begin within so many minutes.
    pub(super) fn new(of: u8, minutes: Option<u64>) -> Self {
        Self { causes: Vec::new(), changes: Vec::new(), retries: 0, of, begun: Instant::now(), minutes }
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
        let own = native_fix::changes(verdict, plan, &self.changes);
        let (changes, wait) = match own.is_empty() {
            true => automatic(verdict).ok_or(StopReason::NoAutomaticFix)?,
            false => (own, Duration::ZERO),
        };
        self.allow()?;
        self.in_time(wait)?;
        let after = self.changed(plan, &changes, replan)?;
        let attempt = self.retries + 1;
        let (before, of) = (plan.clone(), self.of);
        Ok(Proposal { attempt, of, verdict: verdict.clone(), changes, wait, before, after })
    }

    /// Notes that a proposal is being carried out.
    pub(super) fn apply(&mut self, proposal: &Proposal) {
        self.retries += 1;
        self.changes.extend(proposal.changes.iter().cloned());
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

    /// Whether another try may begin after such a wait.
    fn in_time(&self, wait: Duration) -> Result<(), StopReason> {
        let budget = self.minutes.map(|minutes| Duration::from_secs(60 * minutes));
        match budget.zip(self.minutes) {
            Some((budget, minutes)) if self.begun.elapsed() + wait > budget => {
                Err(StopReason::OutOfTime { minutes })
            }
            _ => Ok(()),
        }
    }

    /// The plan with the changes; the same plan where there are none.
    fn changed(&self, plan: &Plan, changes: &[Change], replan: &dyn Replan) -> Result<Plan, StopReason> {
        if changes.iter().any(|change| self.changes.contains(change)) {
            return Err(StopReason::SameFix);
        }
        let mut after = plan.clone();
        for change in changes {
            after = replan.replan(&after, change).map_err(|reason| StopReason::ReplanFailed { reason })?;
        }
        match changes.first() {
            Some(first) if after.digest == plan.digest => {
                Err(StopReason::NothingToChange { input: first.input.clone() })
            }
            _ => Ok(after),
        }
    }
}

/// What the tool can do about a verdict by itself: the change and the wait.
fn automatic(verdict: &Verdict) -> Option<(Vec<Change>, Duration)> {
    let fix = &verdict.fix;
    let wait = fix.wait_seconds.map(Duration::from_secs);
    match fix.kind {
        FixKind::Param => {
            let change = Change { input: fix.input.clone()?, value: fix.value.clone()? };
            Some((vec![change], wait.unwrap_or_default()))
        }
        FixKind::Wait => Some((Vec::new(), wait.unwrap_or(DEFAULT_WAIT))),
        FixKind::Rerun => Some((Vec::new(), wait.unwrap_or_default())),
        FixKind::None | FixKind::Operator => None,
    }
}
