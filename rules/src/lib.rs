//! Failure signatures as data, and the engine that finds the root cause of a failed deploy with them.
//!
//! Text in, verdict out: no file, clock, terminal or network is touched here.
//! Parse first ([`diagnose()`] reads any supported format into one event model), select the root
//! among the noise, and only then match rules on typed fields.

mod answer;
mod category;
mod context;
mod decide;
mod decode;
mod diagnose;
mod error;
mod event;
mod explain;
mod families;
mod formats;
mod history;
mod incident;
mod inner;
mod message;
mod pattern;
mod permissions;
mod rulebook;
mod shell;
mod sieve;
mod signature;
mod signs;
mod status;
mod stems;
mod template;
mod traceback;
mod verdict;
mod watch;

pub use category::Category;
pub use diagnose::{DiagnoseOptions, diagnose, diagnose_with};
pub use error::RulesError;
pub use explain::{ExplainedEvent, ExplainedOperation, Explanation, Role, StackNode, explain};
pub use history::{History, HistoryEvent, Nesting, history};
pub use permissions::{Guard, Policy, PolicyDocument, Statement};
pub use rulebook::{Facts, Match, Problem, Rulebook, check_pattern};
pub use sieve::{Block, Intake, Limits, Splitter};
pub use signature::{DRAFT, Example, Remedy, Scope, Signature, Tier};
pub use verdict::{
    Candidate, DIAGNOSIS_SCHEMA, Diagnosis, Effect, Evidence, Fix, FixKind, Noise, Root, Source, Status,
    Verdict,
};
pub use watch::Watch;
