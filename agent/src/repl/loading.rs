//! What becomes an incident: files, live stacks, pasted text, runs that failed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provision_rules::{DiagnoseOptions, Rulebook};

use crate::commands;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::live::{self, Place};
use crate::repl::incident::Incident;
use crate::repl::on_incident::{again, explain, present};
use crate::repl::session::Session;
use crate::repl::{lines, work};
use crate::running::FailedRun;
use crate::terminal::{self, DIM, paint, safe};
use crate::{input, llm, render};

/// `/diagnose`, as on the command line; what is read stays loaded.
///
/// # Errors
/// A usage error when a file cannot be read.
pub fn diagnose(session: &mut Session, args: &[String]) -> Result<Exit, CommandError> {
    if args.is_empty() {
        return again(session);
    }
    let words: Vec<String> = std::iter::once("--diagnose".to_owned()).chain(args.iter().cloned()).collect();
    let Some(invocation) = session.invocation(&words)? else { return Ok(Exit::Done) };
    let cli = &invocation.cli;
    if cli.diagnose.iter().any(|path| path.as_os_str() == "-") {
        return Err(CommandError::usage("standard input is this session: paste the events, or use /paste"));
    }
    if !matches!(cli.global.output, None | Some(crate::cli::OutputFormat::Text)) {
        return commands::run(invocation, &session.catalog, &session.config);
    }
    let explained = cli.explain;
    let paths = cli.diagnose.clone();
    let place = commands::place(&invocation);
    let place = Where { region: place.region.map(str::to_owned), profile: place.profile.map(str::to_owned) };
    let exit = load(session, &paths, cli.partial, place)?;
    if explained { explain(session).map(|_| exit) } else { Ok(exit) }
}

/// Where live stacks are looked for.
#[derive(Debug, Clone, Default)]
pub struct Where {
    region: Option<String>,
    profile: Option<String>,
}

/// Loads files, all files of folders, and live stacks, and shows what is wrong in them.
///
/// # Errors
/// A usage error when there is nothing to read, or a single file cannot be read.
pub fn load(
    session: &mut Session,
    paths: &[PathBuf],
    partial: bool,
    place: Where,
) -> Result<Exit, CommandError> {
    let files = input::expand(paths)?;
    let book = session.book()?;
    let (worker_book, worker_files) = (Arc::clone(&book), files.clone());
    let options = DiagnoseOptions { partial };
    let read = move || -> Vec<Result<Incident, CommandError>> {
        worker_files.iter().map(|file| one(file, &place, &worker_book, options)).collect()
    };
    let found = work::cancellable(session.attended, read)?;
    let mut loaded = Vec::new();
    for result in found {
        match result {
            Ok(incident) => loaded.push(keep(session, incident)),
            Err(error) if files.len() == 1 => return Err(error),
            Err(error) => terminal::err(&render::error(&error)),
        }
    }
    shown(session, &loaded)
}

/// A file, or a live stack.
fn one(
    path: &Path,
    place: &Where,
    book: &Rulebook,
    options: DiagnoseOptions,
) -> Result<Incident, CommandError> {
    match live::stack(path) {
        Some(name) if !path.exists() => {
            let place = Place { region: place.region.as_deref(), profile: place.profile.as_deref() };
            let (events, label) = live::read(name, place)?;
            Incident::of_text(&label, events.as_bytes(), book, options)
        }
        _ => Incident::of_file(path, book, options),
    }
}

/// Loads what is known already, without showing it.
pub fn adopt(session: &mut Session, incident: Incident) {
    keep(session, incident);
    suggest(session);
}

/// Loads what is known already, and shows it.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn show_loaded(session: &mut Session, incident: Incident) -> Result<Exit, CommandError> {
    let at = keep(session, incident);
    shown(session, &[at])
}

/// Makes an incident of a run that failed; the run showed its diagnosis already.
///
/// # Errors
/// A usage error when its text cannot be diagnosed.
pub fn failed_run(session: &mut Session, run: &FailedRun) -> Result<(), CommandError> {
    let taken = |name: &String| session.incidents.iter().any(|incident| incident.name == *name);
    let first = format!("run:{}", run.name);
    let others = (2..).map(|number| format!("{first}-{number}"));
    let name =
        std::iter::once(first.clone()).chain(others).find(|name| !taken(name)).unwrap_or(first.clone());
    let book = session.book()?;
    let incident = Incident::of_text(&name, &run.text, &book, DiagnoseOptions { partial: true })?;
    let brief = incident.brief();
    adopt(session, incident);
    let line = format!(
        "loaded as incident {}: {}; /why, /timeline and /fix look into it",
        session.current + 1,
        safe(&brief)
    );
    terminal::err(&format!("{}\n", paint(DIM, line)));
    Ok(())
}

/// Diagnoses pasted text, or takes it as a goal of several lines.
///
/// # Errors
/// A usage error when it cannot be diagnosed.
pub fn pasted(session: &mut Session, text: &str) -> Result<Exit, CommandError> {
    let book = session.book()?;
    let name = format!("pasted-{}", session.pasted() + 1);
    let (bytes, label) = (text.as_bytes().to_vec(), name);
    let read = move || Incident::of_text(&label, &bytes, &book, DiagnoseOptions::default());
    let incident = work::cancellable(session.attended, read)??;
    if incident.history.events.is_empty() && incident.diagnosis.verdict.is_none() {
        return crate::repl::on_words::answer(session, text);
    }
    session.count_pasted();
    let at = keep(session, incident);
    shown(session, &[at])
}

/// `/paste`: lines up to one that holds a single dot.
///
/// # Errors
/// As [`pasted`].
pub fn paste(session: &mut Session) -> Result<Exit, CommandError> {
    if session.attended {
        terminal::err("Paste the lines, then one with a single dot:\n");
    }
    let mut text = String::new();
    while let Some(line) = lines::next(session)? {
        if line.trim() == "." {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    if text.trim().is_empty() {
        Err(CommandError::usage("nothing was pasted"))
    } else {
        pasted(session, &text)
    }
}

/// Puts an incident among the loaded ones; one of the same name gives way.
fn keep(session: &mut Session, incident: Incident) -> usize {
    let at = session.incidents.iter().position(|old| old.name == incident.name);
    match at {
        Some(at) => session.incidents[at] = incident,
        None => session.incidents.push(incident),
    }
    session.loads += 1;
    session.current = at.unwrap_or(session.incidents.len() - 1);
    session.current
}

fn shown(session: &mut Session, loaded: &[usize]) -> Result<Exit, CommandError> {
    let exit = {
        let incidents: Vec<&Incident> = loaded.iter().filter_map(|at| session.incidents.get(*at)).collect();
        present(session, &incidents)?
    };
    suggest(session);
    Ok(exit)
}

/// What is offered after a diagnosis: the fix of a known cause; for an unknown one the model, or the next step.
fn suggest(session: &mut Session) {
    let Some(verdict) = session.incident().and_then(|incident| incident.diagnosis.verdict.as_ref()) else {
        return;
    };
    let offer = match (&verdict.rule, session.has_model()) {
        (Some(_), _) => "/fix 1",
        (None, true) => "/ask",
        (None, false) => "/next",
    };
    if offer == "/next" && session.attended {
        llm::hint("offer a hypothesis where no rule knows the cause");
    }
    session.suggestion = Some(offer.to_owned());
}
