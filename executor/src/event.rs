//! What happens during a run, as values for whoever renders it.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use provision_planner::plan::StepKind;
use provision_rules::{Diagnosis, Verdict};

use crate::cloudformation::native::Preview;
use crate::health::ProbeResult;
use crate::process::Exit;
use crate::run::{Proposal, StopReason};

/// Sees every event of a run, in order. Called from the task that runs the plan: return quickly.
pub trait Observer: Send + Sync {
    /// Takes one event.
    fn event(&self, event: Event);
}

impl<F: Fn(Event) + Send + Sync> Observer for F {
    fn event(&self, event: Event) {
        self(event);
    }
}

/// Which of a child's streams a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One thing that happened. Text in it has its secrets masked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A step begins.
    StepStarted {
        /// The step's id.
        step: String,
        /// Its kind.
        kind: StepKind,
        /// Its title.
        title: String,
        /// Which step it is, from 1.
        index: usize,
        /// How many steps the plan has.
        total: usize,
    },
    /// A command of a step starts.
    CommandStarted {
        /// The step's id.
        step: String,
        /// The command as text, quoted for a shell, secrets as `***`.
        text: String,
        /// The folder it runs in.
        dir: PathBuf,
    },
    /// A line that a command printed.
    Output {
        /// The step's id.
        step: String,
        /// Which stream it came from.
        stream: Stream,
        /// The line, without its end, secrets masked. A very long one arrives in several pieces.
        line: String,
    },
    /// A command of a step ended.
    CommandFinished {
        /// The step's id.
        step: String,
        /// How it ended.
        exit: Exit,
        /// How long it ran.
        took: Duration,
    },
    /// A step ended.
    StepFinished {
        /// The step's id.
        step: String,
        /// Whether it did what it should.
        ok: bool,
        /// How long it took.
        took: Duration,
    },
    /// Lines for a person that belong to a step.
    Notes {
        /// The step's id.
        step: String,
        /// The lines.
        lines: Vec<String>,
    },
    /// The first or second interrupt was passed on to a running command.
    InterruptForwarded {
        /// The step's id.
        step: String,
        /// Whether it was the second, which kills.
        killed: bool,
    },
    /// A health or readiness probe ended.
    HealthProbed {
        /// The URL.
        url: String,
        /// Which probe of this URL it was, from 1.
        attempt: u32,
        /// How it ended.
        result: ProbeResult,
        /// How long health is being waited for.
        elapsed: Duration,
        /// How much longer it will be waited for at most.
        left: Duration,
    },
    /// The gateway's port forward was started again.
    Revived {
        /// The command as text.
        text: String,
        /// Whether it started.
        started: bool,
    },
    /// Nothing happens until then, on purpose.
    Waiting {
        /// When the wait ends.
        until: Timestamp,
        /// What is waited for.
        reason: String,
    },
    /// Why a deploy failed was looked up outside its output.
    EvidenceGathered {
        /// The stacks whose events were read.
        stacks: Vec<String>,
        /// How many events.
        events: usize,
        /// What could not be seen, and why.
        not_visible: Vec<String>,
    },
    /// A stack or one of its resources changed its status.
    StackChanged(Box<StackChange>),
    /// How far the stacks of a step are, after each look at them.
    StackProgress {
        /// The step's id.
        step: String,
        /// The stacks, parents before their children.
        stacks: Vec<StackView>,
        /// How many resources are done, and how many are known of.
        counts: (usize, usize),
    },
    /// The first event that shows why an operation fails, while it still rolls back.
    StackCause {
        /// The step's id.
        step: String,
        /// What it means.
        verdict: Box<Verdict>,
    },
    /// The stacks of a step cannot be seen, and why; the step goes on.
    StackNotVisible {
        /// The step's id.
        step: String,
        /// What, and why.
        reason: String,
    },
    /// What executing a change set would do.
    StackPreviewed(Box<Preview>),
    /// The outputs of a stack that was deployed.
    StackOutputs {
        /// The step's id.
        step: String,
        /// The stack's name.
        stack: String,
        /// Name, value and description of each.
        outputs: Vec<StackOutput>,
    },
    /// A failure was diagnosed.
    Diagnosed(Box<Diagnosis>),
    /// A fix is about to be proposed to the arbiter.
    FixProposed(Box<Proposal>),
    /// A fix was applied; the deploy runs again.
    FixApplied {
        /// Which retry this is, from 1.
        attempt: u8,
        /// How many there may be.
        of: u8,
    },
    /// No further retry, and why.
    RetryStopped(StopReason),
    /// Something that does not stop the run but that the user should know.
    Warning {
        /// The text.
        text: String,
    },
}

/// One change of a stack or resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackChange {
    /// The step's id.
    pub step: String,
    /// The stack's name.
    pub stack: String,
    /// How deep the stack is nested.
    pub depth: usize,
    /// Whether it is about the stack itself.
    pub own: bool,
    /// The resource's logical id.
    pub logical: String,
    /// The resource's type.
    pub kind: String,
    /// The new status.
    pub status: String,
    /// What is said to it.
    pub reason: Option<String>,
    /// What a hook objected to, where it did.
    pub hook: Option<HookObjection>,
    /// How long the resource or stack took, where this ends something.
    pub took: Option<Duration>,
    /// Whether that is unusually long for the type.
    pub slow: bool,
}

/// What a hook found wrong with a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookObjection {
    /// The hook's type.
    pub kind: String,
    /// What it says.
    pub said: Option<String>,
    /// Whether that stops the operation, rather than being a warning.
    pub refuses: bool,
}

/// A stack as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackView {
    /// Its name; for a nested one its logical id in the parent.
    pub name: String,
    /// How deep it is nested.
    pub depth: usize,
    /// Its status; empty until it has told one.
    pub status: String,
    /// When its operation began.
    pub begun: Option<Timestamp>,
    /// How long its operation took, once it ended.
    pub took: Option<Duration>,
    /// How many of its resources are done.
    pub done: usize,
    /// How many are known of.
    pub known: usize,
    /// How many failed.
    pub failed: usize,
    /// What is under way in it.
    pub running: Vec<ResourceUnderWay>,
}

/// A resource that is being created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUnderWay {
    /// Its logical id.
    pub logical: String,
    /// Its type.
    pub kind: String,
    /// Its status.
    pub status: String,
    /// Since when.
    pub begun: Option<Timestamp>,
    /// How long that usually takes, where it is usually worth waiting for.
    pub usual: Option<Duration>,
}

/// One output of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackOutput {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What it is, where the template says so.
    pub description: Option<String>,
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event) {}
}
