//! `provision runs follow`: a run that is at work, until it ends. One of this process is watched again as before; of
//! another process's run the journal is shown as it grows.

use std::time::Duration;

use provision_executor::RunLog;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::run::exit_of;
use crate::terminal::{DIM, paint};
use crate::{render, running, state, terminal};

/// How long to wait before the journal is read again.
const PAUSE: Duration = Duration::from_millis(300);

/// Follows the run whose id begins so, else the newest that is at work.
///
/// # Errors
/// A usage error when there is no such run.
pub fn run(id: Option<&str>, json: bool) -> Result<Exit, CommandError> {
    if let Some(run) = running::take_detached(id) {
        return run.attend();
    }
    let log = match id {
        Some(id) => state::run(id)?,
        None => newest()?,
    };
    if !json {
        terminal::out(&render::run_heading(&log));
    }
    journal(&log.id, json)
}

fn newest() -> Result<RunLog, CommandError> {
    let nothing = "no run is at work; `provision runs` lists those that were";
    state::runs()?.into_iter().find(RunLog::is_alive).ok_or_else(|| CommandError::usage(nothing))
}

/// Shows a journal's records as they come, until the run has ended or its process is gone.
fn journal(id: &str, json: bool) -> Result<Exit, CommandError> {
    let mut shown = 0;
    // Whoever gave this up within a session does not want its output any more.
    while !terminal::is_muted() {
        let log = state::run(id)?;
        // Asked before the records are shown: what was written last is not missed.
        let alive = log.is_alive();
        for record in log.records.iter().skip(shown) {
            terminal::out(&match json {
                true => serde_json::to_string(record).map_err(CommandError::internal)? + "\n",
                false => render::run_record(&log, record),
            });
        }
        shown = log.records.len();
        match log.outcome() {
            Some(outcome) => return Ok(exit_of(outcome)),
            None if alive => std::thread::sleep(PAUSE),
            None => {
                let line = format!("its process is gone; `provision resume {id}` finds out what happened");
                terminal::err(&format!("{}\n", paint(DIM, line)));
                return Ok(Exit::CHECK_FAILED);
            }
        }
    }
    Ok(Exit::Interrupted)
}
