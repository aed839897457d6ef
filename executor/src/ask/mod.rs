//! Read-only questions to the platform's own tools, as data: which command, what its answer tells the next one.

mod answers;
mod asker;
mod find;
mod problem;
mod spec;

pub(crate) use answers::{Answer, Answers, chain};
pub(crate) use asker::Asker;
pub(crate) use find::{items, text_at};
pub use spec::Names;
pub(crate) use spec::{Ask, distinct, parsed};
