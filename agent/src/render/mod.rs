//! Documents as text for people. Nothing here prints but [`Progress`]; everything else returns a string.

pub mod audit;
mod binding;
mod clusters;
mod diagnosis;
mod error;
mod explain;
mod github;
mod layout;
mod markdown;
mod opinion;
mod outcome;
mod plan;
mod progress;
mod rules;
mod runs;
mod sarif;
mod score;
mod stack;

pub use binding::drift;
pub use clusters::clusters;
pub use diagnosis::{STDIN, diagnosis, duration, effect, retry};
pub use error::error;
pub use explain::explanation;
pub use github::github;
pub use layout::{category, clip, columns, plural, visible, wrap};
pub use markdown::markdown;
pub use opinion::opinion;
pub use outcome::{outcome, proposal};
pub use plan::{blocked, goal, missing, plan};
pub use progress::Progress;
pub use rules::{rule, rule_list, rules_page};
pub use runs::{run, runs};
pub use sarif::sarif;
pub use score::score;
