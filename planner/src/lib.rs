//! Goals and flags into a typed, validated plan.
//!
//! Nothing here starts a process, calls AWS, or reads the clock; facts about the machine come in as values.

pub mod goal;
pub mod plan;
mod prerequisite;
mod secret;

pub use prerequisite::Prerequisite;
pub use secret::{Secret, Secrets};
