//! Goals and flags into a typed, validated plan.
//!
//! Nothing here starts a process, calls AWS, or reads the clock; facts about the machine come in as values.

mod build;
pub mod catalog;
mod error;
pub mod goal;
mod growth;
pub mod plan;
mod prerequisite;
pub mod regions;
mod request;
mod resolve;
mod secret;
mod template;
pub mod value;

pub use build::{Draft, build, covered_paths, fill, needed_files, placeholders, template_file};
pub use catalog::Catalog;
pub use error::PlannerError;
pub use growth::{Grown, Strategy, growth, strategies};
pub use prerequisite::Prerequisite;
pub use request::{Facts, Request};
pub use resolve::lookup;
pub use secret::{Secret, Secrets};
