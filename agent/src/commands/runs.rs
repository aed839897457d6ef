//! `provision runs`: what was run here, and the journal of one run with its chain checked.

use provision_executor::{Chain, RunLog};
use serde_json::{Value, json};

use crate::cli::RunsAction;
use crate::commands::follow;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, state, terminal};

/// How many runs are listed.
const LISTED: usize = 20;

/// Lists the runs, or shows one.
///
/// # Errors
/// When there is no such run, or the journals cannot be read.
pub fn run(action: Option<&RunsAction>, json: bool) -> Result<Exit, CommandError> {
    match action {
        None => list(json),
        Some(RunsAction::Show { id }) => show(&state::run(id)?, json),
        Some(RunsAction::Follow { id }) => follow::run(id.as_deref(), json),
    }
}

fn list(json: bool) -> Result<Exit, CommandError> {
    let runs = state::runs()?;
    let all: Vec<Value> = runs.iter().map(|log| summary(log, &runs)).collect();
    match json {
        true => print(&json!({ "schema": "provision.runs/v1", "runs": all }))?,
        false => terminal::out(&render::runs(&all, LISTED, terminal::width())),
    }
    Ok(Exit::Done)
}

/// A broken chain is a check that did not hold.
fn show(log: &RunLog, json: bool) -> Result<Exit, CommandError> {
    match json {
        true => {
            let mut document = summary(log, std::slice::from_ref(log));
            document["schema"] = "provision.run/v1".into();
            document["records"] = serde_json::to_value(&log.records).map_err(CommandError::internal)?;
            print(&document)?;
        }
        false => terminal::out(&render::run(log, terminal::width())),
    }
    Ok(if matches!(log.chain, Chain::Broken { .. }) { Exit::CHECK_FAILED } else { Exit::Done })
}

/// One run in short, for the list and for programs.
fn summary(log: &RunLog, all: &[RunLog]) -> Value {
    let resumed_by = all.iter().find(|other| other.resumes() == Some(&log.id)).map(|other| &other.id);
    json!({
        "id": log.id, "at": log.records.first().map(|record| record.at), "action": log.start("action"),
        "target": log.start("target"), "name": log.start("name"), "digest": log.start("digest"),
        "status": standing(log), "resumes": log.resumes(), "resumed_by": resumed_by,
        "chain": match log.chain {
            Chain::Intact => json!("intact"),
            Chain::Torn => json!("torn"),
            Chain::Broken { line } => json!({ "broken_at_line": line }),
        },
    })
}

/// How a run stands, in a word.
pub fn standing(log: &RunLog) -> &str {
    match log.outcome() {
        Some(outcome) => outcome,
        None if log.is_alive() => "running",
        None => "unfinished",
    }
}

fn print(document: &Value) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(document).map_err(CommandError::internal)?;
    terminal::out(&(text + "\n"));
    Ok(())
}
