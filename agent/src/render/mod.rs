//! Documents as text for people. Nothing here prints but [`Progress`]; everything else returns a string.

mod diagnosis;
mod error;
mod layout;
mod outcome;
mod plan;
mod progress;

pub use diagnosis::{diagnosis, duration, hypothesis};
pub use error::error;
pub use layout::columns;
pub use outcome::{outcome, proposal};
pub use plan::{blocked, goal, plan};
pub use progress::Progress;
