//! How a child ended, and what is kept of it.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use super::Tail;

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// It ran longer than allowed and was stopped.
    TimedOut {
        /// How long it was allowed to run.
        after: Duration,
    },
    /// No process: a stack's operation, which ended in this status.
    Stack {
        /// Such as `ROLLBACK_COMPLETE`.
        status: String,
    },
    /// It did not start.
    FailedToStart {
        /// Why, as the system says.
        reason: String,
        /// Whether the program was not found.
        not_found: bool,
    },
}

impl Exit {
    /// Whether it exited with code 0.
    pub fn is_success(&self) -> bool {
        *self == Self::Code(0)
    }

    pub(super) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(status.into_raw()),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "ended by signal {signal}{}", signal_name(*signal)),
            Self::TimedOut { after } => write!(f, "stopped after {} s without an end", after.as_secs_f64()),
            Self::Stack { status } => write!(f, "the stack: {status}"),
            Self::FailedToStart { reason, .. } => write!(f, "did not start: {reason}"),
        }
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        1 => " (SIGHUP)",
        2 => " (SIGINT)",
        6 => " (SIGABRT)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        13 => " (SIGPIPE)",
        15 => " (SIGTERM)",
        _ => "",
    }
}

/// What a child did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessResult {
    /// How it ended.
    pub exit: Exit,
    /// Whether the user interrupted it.
    pub interrupted: bool,
    /// The last lines it printed, secrets masked.
    pub tail: Tail,
    /// Whether something it started was still holding its output open when reading stopped.
    pub left_open: bool,
    /// How long it ran.
    pub took: Duration,
}

impl ProcessResult {
    pub(super) fn not_started(error: &std::io::Error, took: Duration) -> Self {
        let not_found = error.kind() == std::io::ErrorKind::NotFound;
        Self { took, ..Self::failed_to_start(error.to_string(), not_found) }
    }

    pub(crate) fn failed_to_start(reason: String, not_found: bool) -> Self {
        let exit = Exit::FailedToStart { reason, not_found };
        Self { exit, interrupted: false, tail: Tail::default(), left_open: false, took: Duration::ZERO }
    }

    /// Whether it exited with code 0 and was not interrupted.
    pub fn is_success(&self) -> bool {
        self.exit.is_success() && !self.interrupted
    }
}
