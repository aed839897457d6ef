//! `provision parse`: what is understood of a goal; checks and runs nothing.

use provision_planner::goal::{self, Goal};
use serde::Serialize;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, terminal};

/// The document that `parse --json` prints.
#[derive(Serialize)]
struct Parsed<'a> {
    goal: &'a Goal,
}

/// Parses a goal and prints its slots.
///
/// # Errors
/// Never in practice: every text has a reading, if only an empty one.
pub fn run(text: &str, json: bool) -> Result<Exit, CommandError> {
    let goal = goal::parse(text);
    if json {
        let document = serde_json::to_string_pretty(&Parsed { goal: &goal }).map_err(CommandError::internal)?;
        terminal::out(&(document + "\n"));
    } else {
        terminal::out(&render::goal(&goal, terminal::width()));
    }
    Ok(Exit::Done)
}
