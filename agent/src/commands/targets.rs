//! `provision targets`: what can be deployed, and with which inputs.

use std::fmt::Write;

use provision_planner::Catalog;
use provision_planner::catalog::Target;
use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::render::columns;
use crate::terminal::{self, DIM, HEAD, paint};

/// Lists all targets, or shows one.
///
/// # Errors
/// A usage error for a target that is not in the catalog.
pub fn run(catalog: &Catalog, id: Option<&str>, json: bool) -> Result<Exit, CommandError> {
    let chosen: Vec<&Target> = match id {
        None => catalog.targets().iter().collect(),
        Some(id) => vec![find(catalog, id)?],
    };
    if json {
        let document: Vec<Value> = chosen.iter().map(|target| document(catalog, target)).collect();
        let text = serde_json::to_string_pretty(&document).map_err(CommandError::internal)?;
        terminal::out(&(text + "\n"));
    } else if id.is_some() {
        chosen.iter().for_each(|target| terminal::out(&details(catalog, target)));
    } else {
        let rows: Vec<[String; 3]> = chosen.iter().map(|target| row(target)).collect();
        terminal::out(&columns(&rows, 0));
    }
    Ok(Exit::Done)
}

fn find<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a Target, CommandError> {
    catalog.target(id).ok_or_else(|| {
        CommandError::usage(format!("{id}: no such target; there are {}", catalog.ids().join(", ")))
    })
}

fn row(target: &Target) -> [String; 3] {
    let cost = target.cost.as_deref().unwrap_or("");
    [paint(HEAD, &target.id), target.summary.clone(), paint(DIM, cost)]
}

fn details(catalog: &Catalog, target: &Target) -> String {
    let mut text = format!("{}  {}\n", paint(HEAD, &target.title), target.summary);
    for (label, items) in [("creates", &target.deploys), ("teardown removes", &target.teardown.removes)] {
        let _ = writeln!(text, "\n{}", paint(HEAD, label));
        for item in items {
            let _ = writeln!(text, "  {item}");
        }
    }
    let _ = writeln!(text, "\n{}", paint(HEAD, "inputs"));
    let inputs = catalog.inputs().iter().filter(|input| catalog.takes(target, input));
    let rows: Vec<[String; 3]> = inputs
        .map(|input| {
            let required = target.inputs.iter().any(|used| used.name == input.name && used.required);
            let mark = if required { "required" } else { "" };
            [input.flag.clone(), mark.to_owned(), input.help.clone()]
        })
        .collect();
    text + &columns(&rows, 2)
}

fn document(catalog: &Catalog, target: &Target) -> Value {
    let inputs = catalog.inputs().iter().filter(|input| catalog.takes(target, input));
    let inputs: Vec<Value> = inputs
        .map(|input| {
            let used = target.inputs.iter().find(|used| used.name == input.name);
            json!({
                "name": input.name, "flag": input.flag, "help": input.help, "secret": input.secret,
                "required": used.is_some_and(|used| used.required),
            })
        })
        .collect();
    json!({
        "id": target.id, "title": target.title, "summary": target.summary, "cost": target.cost,
        "deploys": target.deploys, "removes": target.teardown.removes, "keeps": target.teardown.keeps,
        "irreversible": target.teardown.irreversible, "inputs": inputs,
    })
}
