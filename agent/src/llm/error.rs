//! Why the model gave no answer. None of these fails a command that can answer without it.

use std::time::Duration;

use provision_prompts::{PromptsError, Redactor};
use thiserror::Error;

/// Why there is no answer: one line for the user, without any secret.
#[derive(Debug, Error)]
pub enum LlmError {
    /// No model is configured.
    #[error("no model is configured: {reason}")]
    Off {
        /// What is not there.
        reason: String,
    },
    /// A variable that the provider's address or key needs is not set.
    #[error("{provider} needs {variable}")]
    Unset {
        /// The provider.
        provider: String,
        /// The variable.
        variable: String,
    },
    /// The policy does not let the request out.
    #[error("--llm-egress {policy} keeps the request from {host}")]
    Egress {
        /// The policy.
        policy: &'static str,
        /// Where it would have gone.
        host: String,
    },
    /// The address is none.
    #[error("{address} is no address of a server: {reason}")]
    Address {
        /// As given.
        address: String,
        /// Why.
        reason: String,
    },
    /// A prompt could not be made, or must not leave.
    #[error(transparent)]
    Prompt(#[from] PromptsError),
    /// The server could not be reached.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why, in a few words.
        reason: String,
    },
    /// The server refused.
    #[error("the server answered {status}{}", said(.message))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, in one line.
        message: String,
        /// How long it wants to be left alone.
        wait: Option<Duration>,
    },
    /// The answer ended in the middle.
    #[error("the answer broke off in the middle")]
    BrokenOff,
    /// The answer was cut at the ceiling of tokens.
    #[error("the answer did not fit into {tokens} tokens")]
    Cut {
        /// The ceiling.
        tokens: u64,
    },
    /// The answer holds nothing.
    #[error("an empty answer")]
    Empty,
    /// The answer is longer than anything that could be one.
    #[error("an answer of more than {kib} KiB")]
    TooLarge {
        /// The bound.
        kib: usize,
    },
    /// The answer is not what was asked for.
    #[error("the answer is not usable: {reason}")]
    Unusable {
        /// What is wrong with it.
        reason: String,
    },
    /// The time is up.
    #[error("no answer within {seconds} s")]
    Late {
        /// The ceiling.
        seconds: u64,
    },
    /// The question would go over a ceiling.
    #[error("the ceiling of {what} is reached")]
    Ceiling {
        /// Which, with its value.
        what: String,
    },
    /// The prompt was shown instead of sent.
    #[error("the prompt was shown; nothing was sent")]
    Shown,
    /// A fault of this tool.
    #[error("{message}")]
    Internal {
        /// What happened.
        message: String,
    },
}

impl LlmError {
    /// The same error without the secrets that a server may have repeated.
    #[must_use]
    pub fn redacted(self, redactor: &mut Redactor) -> Self {
        let mut clean = |text: String| redactor.redact(&text).as_str().to_owned();
        match self {
            Self::Refused { status, message, wait } => {
                Self::Refused { status, message: clean(message), wait }
            }
            Self::Unusable { reason } => Self::Unusable { reason: clean(reason) },
            other => other,
        }
    }

    /// Whether the same question may be answered in a moment.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 408 | 409 | 429 | 500..=599),
            Self::Unreachable { .. } | Self::BrokenOff | Self::Empty => true,
            _ => false,
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
