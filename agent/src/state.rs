//! Where runs leave their journals and locks, and what a run is called.

use std::path::PathBuf;

use provision_executor::RunLog;

use crate::error::CommandError;

/// `$XDG_STATE_HOME/provision`, else below `~/.local/state`; none without a home.
pub fn folder() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?;
    Some(state.join("provision"))
}

/// A name for a run that begins now: names sort by time and differ between processes.
pub fn new_run() -> String {
    let now = jiff::Timestamp::now();
    let millis = now.subsec_millisecond();
    format!("{}{millis:03}Z-{}", now.strftime("%Y%m%dT%H%M%S"), std::process::id())
}

/// Every journal there is, newest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn runs() -> Result<Vec<RunLog>, CommandError> {
    folder().map_or_else(|| Ok(Vec::new()), |state| Ok(RunLog::all(&state.join("runs"))?))
}

/// The journal of one run, by its id or the beginning of it.
///
/// # Errors
/// A usage error when there is none, or several begin that way.
pub fn run(id: &str) -> Result<RunLog, CommandError> {
    let mut found: Vec<RunLog> = runs()?.into_iter().filter(|log| log.id.starts_with(id)).collect();
    match (found.len(), found.pop()) {
        (1, Some(log)) => Ok(log),
        (0, _) => {
            Err(CommandError::usage(format!("{id}: there is no such run; `provision runs` lists them")))
        }
        (count, _) => {
            Err(CommandError::usage(format!("{id}: {count} runs begin like this; give more of the id")))
        }
    }
}
