//! `/watch`: something that is still going on, until it ends or Ctrl-C; what was seen of it stays loaded.

use std::path::{Path, PathBuf};

use provision_rules::DiagnoseOptions;

use crate::cli::Invocation;
use crate::commands::diagnose::Options;
use crate::commands::{self, watch, watch_stack};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::live;
use crate::repl::incident::Incident;
use crate::repl::loading;
use crate::repl::session::Session;
use crate::run::{Heard, diagnoser};
use crate::terminal::{self, DIM, paint, safe};

/// `/watch FILE` or `/watch stack:NAME`.
///
/// # Errors
/// A usage error when there is nothing to watch, or nobody who could end the watching of a file.
pub fn watch(session: &mut Session, args: &[String]) -> Result<Exit, CommandError> {
    if args.is_empty() {
        return Err(CommandError::Usage {
            message: "say what to watch: a file that grows, or stack:NAME".to_owned(),
            hint: Some("/runs follow shows a run that is at work".to_owned()),
        });
    }
    let words: Vec<String> = std::iter::once("--watch".to_owned()).chain(args.iter().cloned()).collect();
    let Some(mut invocation) = session.invocation(&words)? else { return Ok(Exit::Done) };
    invocation.cli.global.json |= session.wants_json();
    let path = invocation.cli.watch.clone().unwrap_or_default();
    match live::stack(&path) {
        Some(name) if !path.exists() => stack(session, name, &invocation),
        _ => file(session, &path, &invocation),
    }
}

/// A file, until Ctrl-C.
fn file(session: &mut Session, path: &PathBuf, invocation: &Invocation) -> Result<Exit, CommandError> {
    if path == Path::new("-") || !session.attended {
        return Err(CommandError::Usage {
            message: "a file is watched until Ctrl-C, and nobody is here to press it".to_owned(),
            hint: Some("/diagnose reads it as it is; /watch stack:NAME ends by itself".to_owned()),
        });
    }
    let book = session.book()?;
    terminal::err(&format!("{}\n", paint(DIM, "watching; Ctrl-C ends it and keeps what was read")));
    let (_, config) = session.surroundings();
    let exit = watch::file(path, &book, &Options::of(&invocation.cli, &config))?;
    let read = Incident::of_file(path, &book, DiagnoseOptions { partial: true });
    // What was emptied in the meantime cannot be read again; its verdict was shown.
    if let Ok(incident) = read {
        loading::adopt(session, incident);
    }
    Ok(exit)
}

/// A live stack, until it is at rest or Ctrl-C.
fn stack(session: &mut Session, name: &str, invocation: &Invocation) -> Result<Exit, CommandError> {
    let rules = invocation.cli.global.rules.clone();
    let diagnose = diagnoser(rules, Heard::default());
    let place = commands::place(invocation);
    let watched = watch_stack::watch(name, place, diagnose.as_ref(), session.wants_json())?;
    if watched.evidence.events == 0 {
        return Ok(Exit::Done);
    }
    let (label, book) = (safe(&format!("stack:{name}")), session.book()?);
    let json = watched.evidence.json.as_bytes();
    let incident = Incident::of_text(&label, json, &book, DiagnoseOptions::default())?;
    loading::show_loaded(session, incident)
}
