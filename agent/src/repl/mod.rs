//! The session: goals, questions and commands behind a slash, one line each; from a terminal or a script.

mod act;
mod advice;
mod answers;
mod ask;
mod complete;
mod editor;
mod export;
mod filter;
mod help;
mod helper;
mod history;
mod incident;
mod line;
mod lines;
mod loading;
mod on_incident;
mod on_plan;
mod on_watch;
mod on_words;
mod output;
mod prompt;
mod questions;
mod script;
mod session;
mod show;
mod slash;
mod work;
mod workspace;

use std::io::IsTerminal as _;
use std::path::Path;

use provision_planner::Catalog;

use crate::cli::{Invocation, ReplArgs};
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::terminal;
use session::Session;

/// Runs a session: from `--script`, from a pipe on standard input, or with the person at the terminal.
///
/// # Errors
/// When the script or the terminal cannot be used.
pub fn run(
    invocation: &Invocation,
    args: &ReplArgs,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let piped = !std::io::stdin().is_terminal();
    match (&args.script, piped) {
        (Some(path), _) => scripted(path, invocation, args, catalog, config),
        (None, true) => scripted(Path::new("-"), invocation, args, catalog, config),
        (None, false) => {
            terminal::begin_session();
            let mut session = Session::new(invocation, catalog, config, true);
            editor::run(&mut session)
        }
    }
}

fn scripted(
    path: &Path,
    invocation: &Invocation,
    args: &ReplArgs,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    terminal::disable_colour();
    terminal::be_unattended();
    let mut session = Session::new(invocation, catalog, config, false);
    session.script = Some(script::open(path)?);
    script::run(&mut session, args.keep_going)
}
