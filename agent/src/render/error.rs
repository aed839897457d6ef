//! Errors as text: one line, and one more for what to do next.

use crate::error::CommandError;
use crate::terminal::{BAD, DIM, paint, safe};

/// The lines an error prints.
pub fn error(error: &CommandError) -> String {
    let message = one_line(&error.to_string());
    let hint = error.hint().map_or_else(String::new, |hint| format!("{}\n", paint(DIM, safe(hint))));
    format!("{} {message}\n{hint}", paint(BAD, "error:"))
}

fn one_line(message: &str) -> String {
    safe(&message.split_whitespace().collect::<Vec<_>>().join(" "))
}
