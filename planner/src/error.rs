//! What can go wrong between a request and a plan.

use thiserror::Error;

/// Why there is no plan. Every message is one line and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlannerError {
    /// A value is not what its input takes.
    #[error("{subject}: {reason}")]
    InvalidValue {
        /// The input's slot name.
        input: String,
        /// The flag, variable or words with the value, such as `--region us-east-9`; a secret's value is left out.
        subject: String,
        /// What is accepted, with a near miss where there is one.
        reason: String,
    },
    /// An explicit flag that the target does not take.
    #[error("{flag}: {target} does not take it{}", takers(.taken_by))]
    Inapplicable {
        /// The flag as given.
        flag: String,
        /// The target's id.
        target: String,
        /// The targets that take it.
        taken_by: Vec<String>,
    },
    /// A name that no input has, from flags or configuration.
    #[error("{place}: there is no input named {name}{}", did_you_mean(.suggestion))]
    UnknownInput {
        /// Where the name stands.
        place: String,
        /// The name.
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// A post-step that cannot be run as an argument vector.
    #[error("--post-step {text}: {reason}")]
    PostStep {
        /// The step as given, shortened.
        text: String,
        /// What is wrong, and how to write it instead.
        reason: String,
    },
    /// A template that cannot be read.
    #[error("{path}: {reason}")]
    Template {
        /// The file, as given.
        path: String,
        /// What is wrong with it, with the place.
        reason: String,
    },
    /// A catalog file that cannot be used.
    #[error("{file}{}: {reason}", at_line(.line))]
    Catalog {
        /// The file's name.
        file: String,
        /// The line, counted from 1, where one can be named.
        line: Option<usize>,
        /// What is wrong with it.
        reason: String,
    },
    /// A fault of the program itself.
    #[error("internal: {reason}")]
    Internal {
        /// What was expected and did not hold.
        reason: String,
    },
}

impl PlannerError {
    /// Whether the user can put it right by writing something else (exit code 2), as opposed to a fault of ours.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Internal { .. })
    }
}

fn takers(targets: &[String]) -> String {
    match targets {
        [] => String::new(),
        [one] => format!("; {one} does"),
        [most @ .., last] => format!("; {} and {last} do", most.join(", ")),
    }
}

fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

fn at_line(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}
