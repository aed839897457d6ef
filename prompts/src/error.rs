//! What can go wrong in this room.

use thiserror::Error;

/// An error of the prompts room.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PromptsError {
    /// The redaction patterns cannot be used.
    #[error("redaction patterns: {reason}")]
    Patterns {
        /// What the parser says.
        reason: String,
    },
    /// A template cannot be rendered.
    #[error("template {name}: {source}")]
    Template {
        /// The template's name.
        name: String,
        /// What the engine says.
        source: minijinja::Error,
    },
    /// A secret that is known by value would have left the machine.
    #[error("a secret was still in the prompt; nothing was sent")]
    Leak,
    /// A value that was planted to be destroyed is still there: redaction cannot be trusted with this input.
    #[error("redaction missed a planted value; nothing was sent")]
    Canary,
    /// The body of a request is not JSON; a fault of this crate.
    #[error("the request cannot be written: {reason}")]
    Body {
        /// What the writer says.
        reason: String,
    },
    /// There is no failure to ask about.
    #[error("there is no failure to ask about")]
    NoFailure,
    /// A template is not known by this name.
    #[error("no template is called {name}")]
    UnknownTemplate {
        /// The name.
        name: String,
    },
}

impl PromptsError {
    pub(crate) fn patterns(error: impl std::fmt::Display) -> Self {
        Self::Patterns { reason: error.to_string() }
    }
}
