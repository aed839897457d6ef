//! How a run ended, step by step and as a whole.

use std::time::Duration;

use provision_planner::plan::{Plan, Refusal};
use provision_rules::Diagnosis;

use crate::error::ExecutorError;
use crate::process::Exit;

/// What became of a run.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The plan that ran last: after a parameter fix, the changed one.
    pub plan: Plan,
    /// The steps that began, in order.
    pub steps: Vec<StepReport>,
    /// How many times the deploy was retried.
    pub retries: u8,
}

/// One step that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The step's id.
    pub id: String,
    /// Whether it did what it should.
    pub ok: bool,
    /// How long it took.
    pub took: Duration,
}

/// How a run ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Nothing of the target was touched: what comes before the deploy failed.
    NotStarted {
        /// The step that failed.
        step: String,
        /// Why.
        error: ExecutorError,
    },
    /// The deploy failed and was not, or could not be, fixed.
    DeployFailed {
        /// The step's id.
        step: String,
        /// How its command ended.
        exit: Exit,
        /// What the output and the stacks' events say; the status is healthy where they show no failure.
        diagnosis: Box<Diagnosis>,
        /// Why there was no further retry.
        stopped: StopReason,
        /// What could not be seen, and why.
        not_visible: Vec<String>,
    },
    /// The deploy ended well but the platform does not answer.
    HealthFailed {
        /// The URL that was probed.
        url: String,
        /// The last answer.
        detail: String,
    },
    /// The platform answers but is not ready.
    Degraded {
        /// The URL that was probed.
        url: String,
        /// The last answer.
        detail: String,
    },
    /// Initialisation, the smoke test or a post-step failed; the platform is up.
    PostStepFailed {
        /// The step's id.
        step: String,
        /// Why.
        failure: Failure,
        /// The commands to resume with, in order, the failed one first, as text.
        resume: Vec<String>,
    },
    /// The teardown failed; something may still be there.
    TeardownFailed {
        /// The step's id.
        step: String,
        /// Why.
        failure: Failure,
        /// What the output and the stacks' events say, where a command failed.
        diagnosis: Option<Box<Diagnosis>>,
    },
    /// What a step turned out to do was not approved; it was not done.
    Declined {
        /// The step's id.
        step: String,
        /// What was not approved, and what state that leaves.
        reason: String,
    },
    /// The user interrupted.
    Interrupted {
        /// The step that was running or about to begin.
        step: String,
    },
}

impl Outcome {
    /// A short name, as the journal has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotStarted { .. } => "not-started",
            Self::DeployFailed { .. } => "deploy-failed",
            Self::HealthFailed { .. } => "health-failed",
            Self::Degraded { .. } => "degraded",
            Self::PostStepFailed { .. } => "post-step-failed",
            Self::TeardownFailed { .. } => "teardown-failed",
            Self::Declined { .. } => "declined",
            Self::Interrupted { .. } => "interrupted",
        }
    }
}

/// Why a step failed.
#[derive(Debug)]
pub enum Failure {
    /// Its command ended badly.
    Exit(Exit),
    /// The executor's own work failed.
    Error(ExecutorError),
    /// The platform gave this answer where another was expected.
    Answer(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exit(exit) => exit.fmt(f),
            Self::Error(error) => error.fmt(f),
            Self::Answer(answer) => f.write_str(answer),
        }
    }
}

/// Why a failed deploy was not tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// The plan allows no retry.
    RetriesOff,
    /// As many retries as the plan allows were made.
    NoRetriesLeft {
        /// How many that is.
        of: u8,
    },
    /// Neither output nor events show a failure that could be diagnosed.
    NothingDiagnosed,
    /// No rule knows a fix that the tool can apply; the verdict says what a person can do.
    NoAutomaticFix,
    /// The same cause came back after a fix.
    SameCause {
        /// The rule's id, or the failure's text where no rule knows it.
        cause: String,
    },
    /// The same fix was already applied in this run.
    SameFix,
    /// Another try would begin after the time that the plan allows.
    OutOfTime {
        /// How many minutes that is.
        minutes: u64,
    },
    /// The fix changes nothing in the plan: the value is already set.
    NothingToChange {
        /// The input.
        input: String,
    },
    /// The plan could not be rebuilt with the fix.
    ReplanFailed {
        /// Why.
        reason: String,
    },
    /// The fix was not approved.
    Declined,
    /// The gate refused the changed plan.
    Refused(Refusal),
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RetriesOff => f.write_str("retries are off (--retries 0)"),
            Self::NoRetriesLeft { of: 1 } => f.write_str("the one retry was made"),
            Self::NoRetriesLeft { of } => write!(f, "all {of} retries were made"),
            Self::NothingDiagnosed => f.write_str("nothing shows why it failed"),
            Self::NoAutomaticFix => f.write_str("no fix that can be applied from here"),
            Self::SameCause { cause } => write!(f, "the same cause came back: {cause}"),
            Self::OutOfTime { minutes } => write!(f, "the {minutes} minutes of --max-time would be over"),
            Self::SameFix => f.write_str("this fix was already applied"),
            Self::NothingToChange { input } => {
                write!(f, "{input} already has the value that the fix would give it")
            }
            Self::ReplanFailed { reason } => write!(f, "the plan cannot be rebuilt with the fix: {reason}"),
            Self::Declined => f.write_str("the fix was declined"),
            Self::Refused(refusal) => write!(f, "the changed plan was refused: {refusal}"),
        }
    }
}
