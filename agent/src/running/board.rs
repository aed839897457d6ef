//! The runs of this process that are not watched: those still at work, and those that failed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Running;
use crate::error::CommandError;
use crate::{gate, terminal};

/// A run that failed, and what it printed or its stacks told.
#[derive(Debug, Clone)]
pub struct FailedRun {
    /// What people call it: its stack, cluster or target.
    pub name: String,
    /// The text.
    pub text: Vec<u8>,
}

/// Tells something above a prompt while a line is typed there.
pub type Teller = Box<dyn FnMut(String) + Send>;

/// What became of the runs of this process.
struct Board {
    detached: Vec<Running>,
    failed: Vec<FailedRun>,
    teller: Option<Teller>,
}

static BOARD: Mutex<Board> = Mutex::new(Board { detached: Vec::new(), failed: Vec::new(), teller: None });

fn board() -> MutexGuard<'static, Board> {
    BOARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run that is no longer watched.
pub(super) fn add(run: Running) {
    board().detached.push(run);
}

/// A run that failed.
pub(super) fn add_failed(run: FailedRun) {
    board().failed.push(run);
}

/// Tells something at the prompt, where there is one.
pub(super) fn tell(text: String) {
    if let Some(tell) = &mut board().teller {
        tell(text);
    }
}

/// From now on the end of a detached run is told this way.
pub fn tell_by(teller: Teller) {
    board().teller = Some(teller);
}

/// Takes the runs that failed since the last time.
pub fn take_failed() -> Vec<FailedRun> {
    std::mem::take(&mut board().failed)
}

/// Shows how the detached runs ended that did so by now.
pub fn tell_ended() {
    let (over, going): (Vec<Running>, Vec<Running>) = std::mem::take(&mut board().detached)
        .into_iter()
        .partition(|run| run.end().is_some() || run.is_lost());
    board().detached.extend(going);
    for run in over {
        let Some(ended) = run.end() else { continue };
        terminal::out(&format!("\nThe detached run {} ended:\n", run.id));
        run.conclude(&ended);
    }
}

/// How many detached runs are still at work, and how many of these wait for an answer.
pub fn detached() -> (usize, usize) {
    let board = board();
    let going = || board.detached.iter().filter(|run| run.end().is_none());
    (going().count(), going().filter(|run| run.progress.stage().asks()).count())
}

/// Whether there is a detached run whose id begins so, or any.
pub fn is_detached(id: Option<&str>) -> bool {
    board().detached.iter().any(|run| id.is_none_or(|id| run.id.starts_with(id)))
}

/// Takes a detached run to watch it again: the one whose id begins so, else the last.
pub fn take_detached(id: Option<&str>) -> Option<Running> {
    let mut board = board();
    let at = board.detached.iter().rposition(|run| id.is_none_or(|id| run.id.starts_with(id)))?;
    Some(board.detached.remove(at))
}

/// Before a session ends: what is to become of the runs that are still at work. Says whether the session may end.
///
/// Where nobody can be asked any more they go on to their end, and the process with them.
pub fn may_leave() -> bool {
    while let (1.., _) = detached() {
        let question = "A detached run is still at work and ends with this session. Stop it, wait for it, or stay? [stop/wait/STAY] ";
        let answer = gate::ask(question, "not a terminal");
        let Some(run) = take_detached(None) else { return true };
        match answer.as_deref().map(str::to_lowercase).as_deref() {
            Ok("stop" | "s") => run.interrupt.raise(),
            Ok("wait" | "w") => {}
            Err(CommandError::NotApproved { .. } | CommandError::Internal { .. }) => {
                run.progress.stage().abandon()
            }
            _ => {
                board().detached.push(run);
                return false;
            }
        }
        if run.attend().is_err() {
            return true;
        }
    }
    true
}
