//! `--diagnose`: texts in, their causes and fixes out.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use provision_rules::{Category, DiagnoseOptions, Diagnosis, Rulebook, Status};
use serde::Serialize;

use crate::adviser::Adviser;
use crate::cli::{Cli, OutputFormat};
use crate::commands::watch;
use crate::config::Config;
use crate::diagnoses::{Diagnoses, Document, FileReport, Outcome};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::live::Place;
use crate::llm::{ModelArgs, ModelConfig};
use crate::{input, live, render, rulebase, terminal};

/// How `--diagnose` reads and prints.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// How the result is printed.
    pub format: OutputFormat,
    /// Show every event with its label.
    pub explain: bool,
    /// Use the whole events before a cut.
    pub partial: bool,
    /// What is said about the model; none keeps it out.
    pub llm: Option<(&'a ModelArgs, &'a ModelConfig)>,
    /// Folders with rules of the user's own.
    pub rules: &'a [PathBuf],
    /// Where live stacks are looked for.
    pub place: Place<'a>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            format: OutputFormat::Text,
            explain: false,
            partial: false,
            llm: None,
            rules: &[],
            place: Place::default(),
        }
    }
}

impl<'a> Options<'a> {
    /// What a command line says.
    pub fn of(cli: &'a Cli, config: &'a Config) -> Self {
        Self {
            format: cli.global.format(),
            explain: cli.explain,
            partial: cli.partial,
            llm: Some((&cli.global.llm, &config.model)),
            rules: &cli.global.rules,
            place: Place::default(),
        }
    }

    /// How the input is read.
    pub fn reading(&self) -> DiagnoseOptions {
        DiagnoseOptions { partial: self.partial }
    }

    /// Whether the prompt is shown, and nothing else.
    fn shows_prompt(&self) -> bool {
        self.llm.is_some_and(|(args, _)| args.show_prompt)
    }
}

/// Diagnoses files, folders of files or standard input and prints the result: one file in full, several as
/// the causes they share.
///
/// # Errors
/// A usage error when there is nothing to read, when a single file cannot be read, or for a bad rule file.
pub fn run(paths: &[PathBuf], options: &Options<'_>) -> Result<Exit, CommandError> {
    let inputs = input::expand(paths)?;
    let book = rulebase::load(options.rules)?;
    match (paths, inputs.as_slice()) {
        ([named], [found]) if named == found => one(found, &book, options),
        _ => many(&inputs, &book, options),
    }
}

/// Whether a text is answered while it still comes in. A person who types is answered at the end, and so is a
/// reader that wants one document.
fn comes_in(path: &Path, options: &Options<'_>) -> bool {
    let pipe = path == Path::new("-") && !std::io::stdin().is_terminal();
    pipe && options.format == OutputFormat::Text && !options.shows_prompt()
}

fn one(path: &Path, book: &Rulebook, options: &Options<'_>) -> Result<Exit, CommandError> {
    let (name, mut document, shown) = if comes_in(path, options) {
        let (document, shown) = watch::pipe(book, options)?;
        (render::STDIN.to_owned(), document, shown)
    } else {
        let (name, outcome) = read(path, book, options)?;
        (name.clone(), outcome.map_err(|reason| CommandError::usage(format!("{name}: {reason}")))?, false)
    };
    let exit = exit(&document.diagnosis);
    let asked = options.llm.map(|llm| Adviser::of(llm, &document, options.format)).transpose()?.flatten();
    if options.shows_prompt() {
        return asked.map_or(Ok(exit), |adviser| adviser.show_prompt(&document, book).map(|()| exit));
    }
    match options.format {
        OutputFormat::Text => {
            if !shown || options.explain {
                show(&document, &name, options);
            }
            asked.into_iter().for_each(|adviser| adviser.add(&document, book));
        }
        OutputFormat::Json => {
            document.opinion = asked.and_then(|adviser| adviser.opinion(&document, book));
            terminal::out(&json(&document.shown(options.explain))?);
        }
        _ => {
            let document = document.shown(options.explain);
            let report =
                FileReport { path: shown_path(path), outcome: Outcome::Diagnosis(Box::new(document)) };
            export(&Diagnoses::new(vec![report], book), book, options.format)?;
        }
    }
    Ok(exit)
}

/// Shows one diagnosis to a person.
pub fn show(document: &Document, name: &str, options: &Options<'_>) {
    let width = terminal::width();
    terminal::out(&render::diagnosis(&document.diagnosis, name, width));
    if let Some(explanation) = document.explanation.as_ref().filter(|_| options.explain) {
        terminal::out(&render::explanation(explanation, width));
    }
}

fn many(paths: &[PathBuf], book: &Rulebook, options: &Options<'_>) -> Result<Exit, CommandError> {
    if options.llm.is_some_and(|(args, _)| args.model.is_some() || args.show_prompt) {
        terminal::err("the model is asked about a single file only\n");
    }
    let found = Diagnoses::new(diagnose_all(paths, book, options), book);
    let exit = exit_of_many(&found);
    match options.format {
        OutputFormat::Text => terminal::out(&render::clusters(&found, terminal::width())),
        OutputFormat::Json => terminal::out(&json(&found)?),
        format => export(&found, book, format)?,
    }
    if options.format == OutputFormat::Text && options.explain {
        explain_each(&found);
    }
    Ok(exit)
}

fn explain_each(found: &Diagnoses) {
    for file in &found.files {
        if let Some(document) = file.document().filter(|document| document.diagnosis.verdict.is_some()) {
            terminal::out("\n");
            terminal::out(&render::diagnosis(&document.diagnosis, &file.path, terminal::width()));
            let explanation = document.explanation.as_ref();
            terminal::out(
                &explanation.map_or_else(String::new, |e| render::explanation(e, terminal::width())),
            );
        }
    }
}

/// Prints for another tool to read.
fn export(found: &Diagnoses, book: &Rulebook, format: OutputFormat) -> Result<(), CommandError> {
    let text = match format {
        OutputFormat::Sarif => json(&render::sarif(found, book))?,
        OutputFormat::Markdown => render::markdown(found),
        OutputFormat::Github => render::github(found),
        OutputFormat::Text | OutputFormat::Json => {
            return Err(CommandError::internal("not an exchange format"));
        }
    };
    terminal::out(&text);
    Ok(())
}

/// The diagnoses of all files in their order, made on all processors.
fn diagnose_all(paths: &[PathBuf], book: &Rulebook, options: &Options<'_>) -> Vec<FileReport> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, path)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, paths.get(at)?)))
        {
            done.push((at, report(path, book, options)));
        }
        done
    };
    let mut reports: Vec<(usize, FileReport)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    reports.sort_by_key(|(at, _)| *at);
    reports.into_iter().map(|(_, report)| report).collect()
}

fn report(path: &Path, book: &Rulebook, options: &Options<'_>) -> FileReport {
    let outcome = match read(path, book, options) {
        Ok((_, Ok(document))) => Outcome::Diagnosis(Box::new(document)),
        Ok((_, Err(reason))) => Outcome::Error(reason),
        Err(error) => {
            let (message, name) = (error.to_string(), format!("{}: ", shown_path(path)));
            Outcome::Error(message.strip_prefix(&name).unwrap_or(&message).to_owned())
        }
    };
    FileReport { path: shown_path(path), outcome }
}

/// A path as it is shown.
pub fn shown_path(path: &Path) -> String {
    terminal::safe(&path.display().to_string())
}

/// The name to show for a file and its diagnosis, or why its text cannot be diagnosed.
fn read(
    path: &Path,
    book: &Rulebook,
    options: &Options<'_>,
) -> Result<(String, Result<Document, String>), CommandError> {
    let (intake, name) = match live::stack(path) {
        Some(stack) => live::take(stack, options.place)?,
        None => input::take(path)?,
    };
    let found = intake.diagnosis(book, options.reading()).and_then(|diagnosis| {
        let wanted = options.explain || options.llm.is_some();
        let explanation = wanted.then(|| intake.explanation(options.reading())).transpose()?;
        Ok((diagnosis, explanation))
    });
    match found {
        Ok((diagnosis, explanation)) => Ok((name, Ok(Document::new(diagnosis, explanation)?))),
        Err(error) => Ok((name, Err(error.to_string()))),
    }
}

/// The exit code that a diagnosis stands for.
pub fn exit(found: &Diagnosis) -> Exit {
    match (found.status, &found.verdict) {
        (Status::Healthy, _) | (Status::Failed, None) => Exit::Done,
        (Status::Failed, Some(verdict)) if verdict.category != Category::Unknown => Exit::Diagnosed,
        (Status::Failed, Some(_)) => Exit::Undiagnosed,
    }
}

/// The exit code of several: a known cause before an unknown one, that before an unreadable file.
fn exit_of_many(found: &Diagnoses) -> Exit {
    let exits: Vec<Exit> = found
        .files
        .iter()
        .map(|file| file.document().map_or(Exit::Usage, |document| exit(&document.diagnosis)))
        .collect();
    let order = [Exit::Diagnosed, Exit::Undiagnosed, Exit::Usage];
    order.into_iter().find(|wanted| exits.contains(wanted)).unwrap_or(Exit::Done)
}

fn json(document: &impl Serialize) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(document).map_err(CommandError::internal)?;
    Ok(text + "\n")
}
