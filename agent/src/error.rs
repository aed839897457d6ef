//! What a command ends with when it cannot do its work, and how that becomes an exit code.

use provision_executor::ExecutorError;
use provision_planner::PlannerError;
use provision_rules::RulesError;
use thiserror::Error;

use crate::exit::Exit;

/// Why a command could not do its work.
#[derive(Debug, Error)]
pub enum CommandError {
    /// The command line or a file it names is wrong; the user can mend it.
    #[error("{message}")]
    Usage {
        /// One line: what is wrong and what is accepted.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// Nobody approved.
    #[error("{message}")]
    NotApproved {
        /// Why not.
        message: String,
    },
    /// Something else has to end first.
    #[error("{message}")]
    Blocked {
        /// What, and what to do.
        message: String,
    },
    /// The operator interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The planner refused.
    #[error(transparent)]
    Planner(#[from] PlannerError),
    /// The rules room refused.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// The executor refused.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// Something that should not happen.
    #[error("{message}")]
    Internal {
        /// What happened.
        message: String,
    },
}

impl CommandError {
    /// A usage error without a hint.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    /// A fault of this tool.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal { message: error.to_string() }
    }

    /// The exit code: the one mapping from errors to codes.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::NotApproved { .. } => Exit::NotApproved,
            Self::Blocked { .. } => Exit::Blocked,
            Self::Interrupted => Exit::Interrupted,
            Self::Planner(error) if error.is_usage() => Exit::Usage,
            Self::Planner(_) | Self::Rules(_) | Self::Executor(_) | Self::Internal { .. } => Exit::Internal,
        }
    }

    /// What to do next, where that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } => hint.as_deref(),
            _ => None,
        }
    }
}
