//! Where further lines of a session come from: the script, or the terminal.

use std::io::BufRead as _;

use crate::error::CommandError;
use crate::repl::session::Session;

/// The next line without its end; nothing at the end.
///
/// # Errors
/// A usage error when it cannot be read.
pub fn next(session: &mut Session) -> Result<Option<String>, CommandError> {
    let mut line = Vec::new();
    let read = match &mut session.script {
        Some(script) => script.read_until(b'\n', &mut line),
        None => std::io::stdin().lock().read_until(b'\n', &mut line),
    };
    match read.map_err(|error| CommandError::usage(format!("the script cannot be read: {error}")))? {
        0 => Ok(None),
        _ => Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned())),
    }
}
