//! `provision demo`: the main job on embedded examples; changes nothing.

use provision_planner::Catalog;
use provision_rules::{Rulebook, diagnose};

use crate::cli;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::terminal::{self, HEAD, paint};

const GOAL: &str = "deploy to EKS in us-east-1 with email";
const EVENTS: &str = include_str!("../../../fixtures/events/ses-identity-exists.console-tabs.txt");
const NAME: &str = "stack-events.txt";

/// Shows a plan made from a sentence, then the diagnosis of a failed stack.
///
/// # Errors
/// Whatever the two commands it shows may end with.
pub fn run(catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    show(&format!("provision --prompt \"{GOAL}\" --domain ci.acme.example"));
    let args = ["provision", "--prompt", GOAL, "--domain", "ci.acme.example"].map(Into::into);
    let invocation = cli::parse(args, catalog).map_err(|error| cli::usage_error(&error))?;
    super::provision::show(&invocation, catalog, config)?;
    show(&format!("provision --diagnose {NAME}"));
    let found = diagnose(EVENTS.as_bytes(), &Rulebook::builtin())?;
    terminal::out(&render::diagnosis(&found, NAME, terminal::width()));
    Ok(Exit::Done)
}

fn show(command: &str) {
    terminal::out(&format!("\n{}\n\n", paint(HEAD, format!("$ {command}"))));
}
