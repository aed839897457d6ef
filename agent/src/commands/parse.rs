//! `provision parse`: what is understood of a goal and what would still be missing; checks and runs nothing.

use provision_planner::goal::{self, Goal};
use provision_planner::plan::{Action, MissingInput};
use provision_planner::{Catalog, Request};
use serde::Serialize;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, terminal};

/// The document that `parse --json` prints.
#[derive(Serialize)]
struct Parsed<'a> {
    goal: &'a Goal,
    missing: Vec<&'a str>,
}

/// Parses a goal and prints its slots, and the flags that a plan for it would still need.
///
/// # Errors
/// Never in practice: every text has a reading, if only an empty one.
pub fn run(catalog: &Catalog, text: &str, json: bool) -> Result<Exit, CommandError> {
    let (goal, missing) = understood(catalog, goal::parse(text));
    if json {
        let parsed =
            Parsed { goal: &goal, missing: missing.iter().map(|input| input.flag.as_str()).collect() };
        let document = serde_json::to_string_pretty(&parsed).map_err(CommandError::internal)?;
        terminal::out(&(document + "\n"));
    } else {
        terminal::out(&render::goal(&goal, terminal::width()));
        terminal::out(&render::missing(&missing, terminal::width()));
    }
    Ok(Exit::Done)
}

/// The goal as a plan from this text alone notes it, and what that plan would lack; of a text that a plan refuses, the
/// goal as it was read, since nothing is checked here.
fn understood(catalog: &Catalog, goal: Goal) -> (Goal, Vec<MissingInput>) {
    let action = if goal.wants_teardown() { Action::Teardown } else { Action::Deploy };
    let request = Request { action, goal: goal.clone(), ..Request::default() };
    match provision_planner::build(catalog, request) {
        Ok(draft) => (draft.plan.goal, draft.plan.missing_help),
        Err(_) => (goal, Vec::new()),
    }
}
