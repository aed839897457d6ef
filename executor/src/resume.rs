//! What became of a run that did not come to its end: asks the cloud or the platform itself, never guesses.

use std::path::Path;

use provision_planner::plan::{Effect, Plan, Step, StepKind};
use serde_json::json;

use crate::error::ExecutorError;
use crate::event::Silent;
use crate::health::Prober;
use crate::interrupt::Interrupt;
use crate::journal::{Journal, RecordKind, RunLog};
use crate::mask::Masker;
use crate::stacks::{self, StackState};

/// What can be done about a run that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It can go on at the first step that is not done.
    Continue {
        /// What was found out about the step that was running, line by line.
        findings: Vec<String>,
    },
    /// What it was to destroy is gone: nothing is left to do.
    Gone {
        /// What shows it.
        finding: String,
    },
    /// It must not go on by itself: what was running is never repeated.
    Stop {
        /// Why, and what is known.
        reason: String,
    },
}

/// Finds out what became of the step that was running when the run ended.
///
/// Only looks. While a deletion is still going on, it waits for its end and tells of each change.
pub async fn look(
    log: &RunLog,
    plan: &Plan,
    interrupt: &Interrupt,
    tell: &(dyn Fn(&[StackState]) + Send + Sync),
) -> Standing {
    let running = log.unfinished().and_then(|id| plan.steps.iter().find(|step| step.id == id));
    match running {
        None => Standing::Continue { findings: Vec::new() },
        Some(step) if is_destructive(step) => destroyed(log, plan, step, interrupt, tell).await,
        Some(step) => Standing::Continue { findings: found(plan, step, interrupt).await },
    }
}

/// Whether a step is never run a second time without a new approval of its own.
fn is_destructive(step: &Step) -> bool {
    step.effect >= Effect::Replace
}

async fn destroyed(
    log: &RunLog,
    plan: &Plan,
    step: &Step,
    interrupt: &Interrupt,
    tell: &(dyn Fn(&[StackState]) + Send + Sync),
) -> Standing {
    let stop = |known: String| Standing::Stop {
        reason: format!("{} was under way and is not repeated; {known}", step.id),
    };
    let alive = crate::alive::leftovers(&log.id, &step.id);
    if let Some(pid) = alive.first() {
        return stop(format!("its command still runs (process {pid}): wait for its end"));
    }
    let Some(source) = &plan.evidence else {
        return stop("nothing here can tell what became of it".to_owned());
    };
    match stacks::settled(source, interrupt, tell).await {
        Err(reason) => stop(format!("what became of it cannot be seen: {reason}")),
        Ok(states) if !states.is_empty() => stop(format!("still there: {}", listed(&states))),
        // Stacks with a name of their own are all there is; those found by a pattern are part of a larger whole.
        Ok(_) if source.stacks.iter().all(|name| !name.ends_with('*')) => {
            Standing::Gone { finding: format!("{} is gone", source.stacks.join(", ")) }
        }
        Ok(_) => stop("its stacks are gone, but its script had more to remove".to_owned()),
    }
}

async fn found(plan: &Plan, step: &Step, interrupt: &Interrupt) -> Vec<String> {
    let running = format!("{} was running when the run ended; it runs again", step.id);
    let state = match (&plan.evidence, &plan.health) {
        (Some(source), _) if step.kind == StepKind::Deploy => match stacks::states(source).await {
            Ok(states) if states.is_empty() => Some("no stack of it exists yet".to_owned()),
            Ok(states) => Some(format!("the cloud says: {}", listed(&states))),
            Err(reason) => Some(format!("the stacks cannot be seen: {reason}")),
        },
        (_, Some(probe)) => match Prober::new(probe, interrupt, &Silent, &|| false) {
            Ok(prober) => prober.once().await.map(|result| format!("{}: {result}", probe.health_url)),
            Err(error) => Some(error.to_string()),
        },
        _ => None,
    };
    std::iter::once(running).chain(state).collect()
}

fn listed(states: &[StackState]) -> String {
    states.iter().map(StackState::to_string).collect::<Vec<_>>().join(", ")
}

/// Writes down that a run was found to be at its end, as a run of its own that resumes it.
///
/// # Errors
/// [`ExecutorError::File`] if it cannot be written.
pub fn conclude(state: &Path, run: &str, log: &RunLog, finding: &str) -> Result<(), ExecutorError> {
    let mut journal = Journal::create(&state.join("runs"), run)?;
    let start = log.records.first().map_or(serde_json::Value::Null, |record| record.data.clone());
    let about = json!({ "action": start["action"], "target": start["target"], "name": start["name"],
        "digest": start["digest"], "pid": std::process::id(), "resumes": log.id });
    let masker = Masker::default();
    journal.write(RecordKind::Note, "start", about, &masker)?;
    journal.write(RecordKind::Note, "end", json!({ "outcome": "done", "finding": finding }), &masker)
}
