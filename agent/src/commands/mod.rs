//! The commands, one file each, and which one a command line means.

mod demo;
mod diagnose;
mod parse;
mod provision;
mod repl;
mod schema;
mod targets;

use provision_planner::Catalog;

use crate::cli::{Invocation, Sub};
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::terminal;

/// Runs the command that a command line means.
///
/// # Errors
/// Whatever keeps the command from doing its work.
pub fn run(invocation: Invocation, catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    let cli = &invocation.cli;
    let json = cli.global.wants_json();
    match (&cli.command, &cli.diagnose) {
        (Some(Sub::Parse { goal }), _) => parse::run(&goal.join(" "), json),
        (Some(Sub::Schema { document }), _) => schema::run(*document),
        (Some(Sub::Demo), _) => demo::run(catalog, config),
        (Some(Sub::Targets { target }), _) => targets::run(catalog, target.as_deref(), json),
        (None, Some(path)) => {
            let model = cli.model.as_deref();
            diagnose::run(path, diagnose::Options { json, explain: cli.explain, partial: cli.partial, model })
        }
        (None, None) if says_nothing(&invocation) => start(catalog, config),
        (None, None) => provision::run(invocation, catalog, config),
    }
}

fn says_nothing(invocation: &Invocation) -> bool {
    let cli = &invocation.cli;
    cli.prompt.is_none() && !cli.teardown && !cli.global.wants_json() && invocation.inputs.is_empty()
}

/// Without any wish: the REPL for a person, one line of usage for a script.
fn start(catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    if terminal::is_interactive() {
        return repl::run(catalog, config);
    }
    Err(CommandError::Usage {
        message: "say what to do: --prompt TEXT, --target NAME, or --diagnose FILE".to_owned(),
        hint: Some("`provision --help` shows all flags with examples".to_owned()),
    })
}
