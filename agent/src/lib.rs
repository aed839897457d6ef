//! The command-line agent: reads the command line, asks, shows, and maps results to exit codes.
//!
//! It is the only room that prints and the only one that ends the process.

// Nobody links against this crate but its own binary: `pub` here means "for the other modules".
#![allow(unreachable_pub)]

mod adviser;
mod ask;
mod cli;
mod commands;
mod config;
mod diagnoses;
mod draft;
mod error;
mod exit;
mod facts;
mod filler;
mod gate;
mod generalise;
mod growing;
mod input;
mod intake;
mod live;
mod llm;
mod masking;
mod operator;
mod rebuild;
mod render;
mod repl;
mod rulebase;
mod run;
mod running;
mod score;
mod stage;
mod state;
mod terminal;

use std::ffi::OsString;

use clap::error::ErrorKind;
use provision_planner::Catalog;

use crate::config::Config;
use crate::error::CommandError;
pub use crate::exit::Exit;

/// Runs one command line and says how the process should end.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let exit = dispatch(&args).unwrap_or_else(|error| report(&error));
    if terminal::lost_output() {
        return report(&CommandError::internal(
            "standard output could not be written; the result is incomplete",
        ));
    }
    exit
}

fn report(error: &CommandError) -> Exit {
    terminal::err(&render::error(error));
    error.exit()
}

fn dispatch(args: &[OsString]) -> Result<Exit, CommandError> {
    if args.iter().any(|arg| arg == "--no-color") {
        terminal::disable_colour();
    }
    let (config, catalog) = match surroundings(args) {
        Ok(surroundings) => surroundings,
        Err(error) => return without_surroundings(args, error),
    };
    match cli::parse(args.iter().cloned(), &catalog) {
        Ok(invocation) => {
            terminal::be_verbose(invocation.cli.global.verbose);
            commands::run(invocation, &catalog, &config)
        }
        Err(error) => answer(&error),
    }
}

fn surroundings(args: &[OsString]) -> Result<(Config, Catalog), CommandError> {
    let config = Config::load(cli::early(args, "--config").as_deref())?;
    let catalog = catalog(args, &config)?;
    Ok((config, catalog))
}

/// A broken configuration or catalog stops what needs them; help and diagnosis need neither.
fn without_surroundings(args: &[OsString], error: CommandError) -> Result<Exit, CommandError> {
    let catalog = Catalog::builtin()?;
    match cli::parse(args.iter().cloned(), &catalog) {
        Ok(invocation) if !commands::plans(&invocation.cli) => {
            terminal::err(&render::error(&error));
            commands::run(invocation, &catalog, &Config::default())
        }
        Err(stopped) if !stopped.use_stderr() => answer(&stopped),
        _ => Err(error),
    }
}

/// The built-in targets, with those of `--catalog` or the configuration laid over them.
fn catalog(args: &[OsString], config: &Config) -> Result<Catalog, CommandError> {
    let builtin = Catalog::builtin()?;
    match cli::early(args, "--catalog").or_else(|| config.catalog.clone()) {
        None => Ok(builtin),
        Some(folder) => {
            let files = config::toml_files("--catalog", "target", &folder)?;
            let catalog =
                builtin.with_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
            cli::check(&catalog).map(|()| catalog)
        }
    }
}

/// Help and version are answers; anything else that clap stops at is a usage error of one line.
fn answer(error: &clap::Error) -> Result<Exit, CommandError> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            terminal::out(&error.render().ansi().to_string());
            Ok(Exit::Done)
        }
        _ => Err(cli::usage_error(error)),
    }
}
