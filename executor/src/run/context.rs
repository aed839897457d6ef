//! What a run is given besides its plan: surroundings, and whom to ask.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use provision_planner::plan::{Approval, Plan};
use provision_rules::{Diagnosis, Fix, Verdict};

use crate::cloudformation::native::Preview;
use crate::interrupt::Interrupt;
use crate::process::TailLimits;

/// Reads a failure out of text: output of a deploy, or stack events as JSON.
pub type Diagnose = dyn Fn(&[u8]) -> Diagnosis + Send + Sync;

/// The surroundings of a run.
#[derive(Clone)]
pub struct RunContext {
    /// The folder that relative paths of the plan start from.
    pub base: PathBuf,
    /// The variables that commands inherit, before the plan sets and clears its own.
    pub environment: BTreeMap<String, String>,
    /// Stops the run.
    pub interrupt: Interrupt,
    /// Where journals (`runs`) and locks (`locks`) are kept; `None` for none.
    pub state: Option<PathBuf>,
    /// The run's id, unique on this machine.
    pub run_id: String,
    /// What an earlier run has done already.
    pub resumed: Option<Resumed>,
    /// Diagnoses failures.
    pub diagnose: Arc<Diagnose>,
    /// Rebuilds the plan with a fix.
    pub replan: Arc<dyn Replan>,
    /// How long one command may run; `None` for as long as it takes.
    pub command_timeout: Option<Duration>,
    /// How much of a command's output is kept for diagnosis.
    pub tail: TailLimits,
}

/// An earlier run that this one continues.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Its id.
    pub run: String,
    /// The steps it brought to a good end; they are not run again.
    pub done: BTreeSet<String>,
}

/// One input that a fix changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The input, by its slot name.
    pub input: String,
    /// Its new value.
    pub value: String,
}

/// Rebuilds a plan with one input changed.
pub trait Replan: Send + Sync {
    /// The plan as it would be with the change, not yet approved.
    ///
    /// `plan` is the one that failed, earlier fixes applied: the new one has to keep them.
    ///
    /// # Errors
    /// Why the change makes no valid plan, in one line.
    fn replan(&self, plan: &Plan, change: &Change) -> Result<Plan, String>;
}

/// A fix that would be applied before the deploy runs again.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Which retry it would be, from 1.
    pub attempt: u8,
    /// How many there may be.
    pub of: u8,
    /// The verdict it comes from.
    pub verdict: Verdict,
    /// The inputs it changes; empty if it only waits or runs again.
    pub changes: Vec<Change>,
    /// How long it waits before the next try.
    pub wait: Duration,
    /// The plan that failed.
    pub before: Plan,
    /// The plan that would run; equal to `before` when the fix only waits or runs again.
    pub after: Plan,
}

impl Proposal {
    /// The fix itself.
    pub fn fix(&self) -> &Fix {
        &self.verdict.fix
    }
}

/// What was said to a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Apply it; the approval goes through the gate with the changed plan.
    Apply(Approval),
    /// Do not.
    Decline,
}

/// Decides about proposals: asks a person, or says yes for `--yes`.
#[async_trait]
pub trait Arbiter: Send + Sync {
    /// Decides. Dropped if the user interrupts.
    async fn consider(&self, proposal: &Proposal) -> Decision;

    /// Whether a change set is executed: the approval, or nothing for no. Where data would be lost only the stack's
    /// typed name or `--force` suffices. Dropped if the user interrupts.
    async fn execute(&self, _preview: &Preview) -> Option<Approval> {
        None
    }

    /// Whether a stack that was never brought up is deleted to make room: its typed name or `--force`, or nothing for
    /// no. Dropped if the user interrupts.
    async fn clear(&self, _stack: &str, _status: &str) -> Option<Approval> {
        None
    }
}
