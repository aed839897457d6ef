//! What a run writes down as it goes, and the lock it holds meanwhile.

use std::sync::PoisonError;

use provision_planner::plan::{CommandLine, Step, StepKind};
use serde_json::{Value, json};

use super::{Ended, Runner};
use crate::alive;
use crate::error::ExecutorError;
use crate::journal::{Journal, RecordKind};
use crate::lock::{self, Lock, NoLock};
use crate::process::ProcessResult;

/// How many of a failed command's last lines are written down.
const LAST_LINES: usize = 20;

impl Runner<'_> {
    /// Takes the target's lock. Where none can be kept, a warning stands for it; that somebody holds it is an error.
    pub(super) fn lock(&self) -> Result<Option<Lock>, ExecutorError> {
        let Some(state) = &self.context.state else { return Ok(None) };
        let key = lock::key(self.plan());
        match Lock::take(&state.join("locks"), &key, &self.context.run_id) {
            Ok((lock, before)) => {
                if let Some(holder) = before {
                    self.warn(format!(
                        "{holder} ended without finishing; `provision runs show` tells how far it came"
                    ));
                }
                Ok(Some(lock))
            }
            Err(NoLock::Held(holder)) => Err(ExecutorError::Locked { target: key.replace('+', " "), holder }),
            Err(NoLock::Failed(error)) => {
                self.warn(format!("no lock is kept, so nothing stops a second run: {error}"));
                Ok(None)
            }
        }
    }

    /// Opens the journal and writes down what the run is about.
    pub(super) fn open_journal(&self) {
        let Some(state) = &self.context.state else { return };
        match Journal::create(&state.join("runs"), &self.context.run_id) {
            Ok(journal) => *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = Some(journal),
            Err(error) => return self.warn(format!("no journal is kept: {error}")),
        }
        let (plan, pid) = (self.plan(), std::process::id());
        let resumed = self.context.resumed.as_ref();
        self.note(
            "start",
            json!({
                "action": plan.action, "target": plan.target.as_ref().map(|target| &target.id),
                "name": lock::key(plan).replace('+', " "), "digest": plan.digest, "pid": pid,
                "born": alive::born(u64::from(pid)), "base": self.context.base,
                "version": env!("CARGO_PKG_VERSION"), "resumes": resumed.map(|earlier| &earlier.run),
                "done": resumed.map(|earlier| &earlier.done), "plan": plan,
            }),
        );
    }

    pub(super) fn note(&self, what: &str, data: Value) {
        self.record(RecordKind::Note, what, data);
    }

    /// Writes to the journal; one that cannot be written is given up with a warning.
    pub(super) fn record(&self, record: RecordKind, step: &str, data: Value) {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = journal.as_mut() else { return };
        if let Err(error) = open.write(record, step, data, &self.masker) {
            *journal = None;
            drop(journal);
            self.warn(format!("the journal ends here: {error}"));
        }
    }

    /// Writes down a command that is about to start.
    pub(super) fn command_intent(&self, step: &Step, command: &CommandLine) {
        self.record(RecordKind::Intent, &step.id, json!({ "command": command.text, "folder": command.dir }));
    }

    /// Writes down how a command ended; of one that failed, also what it printed last.
    pub(super) fn command_outcome(&self, step: &Step, command: &CommandLine, result: &ProcessResult) {
        let failed = !result.is_success();
        let lines: Vec<&str> = result.tail.lines().rev().take(if failed { LAST_LINES } else { 0 }).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        let (exit, seconds) = (result.exit.to_string(), result.took.as_secs_f64());
        let data = json!({ "command": command.text, "exit": exit, "interrupted": result.interrupted,
            "seconds": seconds, "last_lines": lines });
        self.record(RecordKind::Outcome, &step.id, data);
    }

    /// Whether an earlier run that this one continues has done the step.
    pub(super) fn is_done_already(&self, step: &Step) -> bool {
        // What stands in `.env` has to be known again, to be masked; making it again changes nothing.
        let harmless = step.kind == StepKind::EnvFile;
        !harmless && self.context.resumed.as_ref().is_some_and(|earlier| earlier.done.contains(&step.id))
    }

    /// Passes over a step that was done already.
    pub(super) fn pass_over(&self, step: &Step) -> Ended {
        let run = self.context.resumed.as_ref().map_or("", |earlier| earlier.run.as_str());
        let lines = vec![format!("done already by run {run}")];
        self.tell(crate::event::Event::Notes { step: step.id.clone(), lines });
        Ok(())
    }
}
