//! `--watch FILE` or `--watch stack:NAME`, and `--diagnose -` on a pipe that grows: the verdict as soon as it can be told.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use provision_rules::{Diagnosis, Rulebook, Watch};

use crate::cli::OutputFormat;
use crate::commands::diagnose::{self, Options};
use crate::commands::watch_stack;
use crate::diagnoses::Document;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::growing::{self, Change, Changes};
use crate::render::STDIN;
use crate::{input, live, rulebase, terminal};

/// A pause of this length ends what belongs together, such as a reason over several lines.
const PAUSE: Duration = Duration::from_millis(250);
/// A verdict does not wait longer than this, however busy the input is.
const LONGEST: Duration = Duration::from_secs(1);

/// Watches a file, or standard input for `-`, until it ends or the operator interrupts; a live stack until it is at
/// rest.
///
/// # Errors
/// A usage error when the input cannot be read, or nothing was in it.
pub fn run(path: &Path, options: &Options<'_>) -> Result<Exit, CommandError> {
    if !matches!(options.format, OutputFormat::Text | OutputFormat::Json) {
        return Err(CommandError::usage("--watch prints text, or with --json one document per line"));
    }
    match live::stack(path) {
        Some(stack) if !path.exists() => watch_stack::run(stack, options),
        _ => file(path, &rulebase::load(options.rules)?, options),
    }
}

/// The same for a file, with rules that are loaded already.
///
/// # Errors
/// As [`run`].
pub fn file(path: &Path, book: &Rulebook, options: &Options<'_>) -> Result<Exit, CommandError> {
    let (changes, name) = if path == Path::new("-") {
        (growing::reader(input::stdin()), STDIN.to_owned())
    } else {
        if !path.exists() {
            terminal::err(&format!("{} is not there yet; waiting for it\n", diagnose::shown_path(path)));
        }
        (growing::file(path), diagnose::shown_path(path))
    };
    // what is still written may well end in the middle
    let options = Options { partial: true, ..*options };
    let mut watching = Watching::new(&name, book, &options);
    let (document, given) = watching.until_end(&changes)?;
    if !given || options.explain || options.format == OutputFormat::Json {
        watching.show(document.clone().shown(options.explain))?;
    }
    Ok(diagnose::exit(&document.diagnosis))
}

/// Reads a pipe to its end, and shows the verdict as soon as it can be told. The second part says whether the
/// final verdict was shown so.
///
/// # Errors
/// As [`run`].
pub fn pipe(book: &Rulebook, options: &Options<'_>) -> Result<(Document, bool), CommandError> {
    let changes = growing::reader(input::stdin());
    Watching::new(STDIN, book, options).until_end(&changes)
}

struct Watching<'a> {
    name: &'a str,
    book: &'a Rulebook,
    options: &'a Options<'a>,
    watch: Watch,
    /// When something came first that was not diagnosed yet.
    since: Option<Instant>,
    /// The last verdict that was shown.
    shown: Option<Diagnosis>,
}

impl<'a> Watching<'a> {
    fn new(name: &'a str, book: &'a Rulebook, options: &'a Options<'a>) -> Self {
        Self { name, book, options, watch: Watch::default(), since: None, shown: None }
    }

    fn until_end(&mut self, changes: &Changes) -> Result<(Document, bool), CommandError> {
        loop {
            let waiting = if self.watch.is_stirred() { PAUSE } else { Duration::MAX };
            match changes.next(waiting) {
                Ok(Change::Bytes(bytes)) => self.take(&bytes)?,
                Ok(Change::Anew(why)) => self.begin_anew(why),
                Ok(Change::Failed(error)) => return Err(self.problem(&input::explain(&error))),
                Ok(Change::End) | Err(RecvTimeoutError::Disconnected) => return self.end(),
                Err(RecvTimeoutError::Timeout) => self.tell()?,
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), CommandError> {
        self.watch.feed(bytes).map_err(|error| self.problem(&error.to_string()))?;
        if !self.watch.is_stirred() {
            return Ok(());
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() > LONGEST { self.tell() } else { Ok(()) }
    }

    fn begin_anew(&mut self, why: &str) {
        terminal::err(&format!("{} {why}; reading it from its beginning\n", self.name));
        (self.watch, self.since) = (Watch::default(), None);
    }

    /// Shows a new verdict.
    fn tell(&mut self) -> Result<(), CommandError> {
        self.since = None;
        let Some(found) = self.watch.news(self.book) else { return Ok(()) };
        self.shown = Some(found.clone());
        self.show(Document::new(found, None)?)
    }

    /// What is known at the end.
    fn end(&mut self) -> Result<(Document, bool), CommandError> {
        let (diagnosis, given) = match self.watch.end(self.book, self.options.reading()) {
            Ok(ended) => ended,
            // a file that was just emptied says nothing; what it said before stands
            Err(error) => match self.shown.take() {
                Some(shown) => (shown, true),
                None => return Err(self.problem(&error.to_string())),
            },
        };
        let wanted = self.options.explain || self.options.llm.is_some();
        let explain = || self.watch.intake().explanation(self.options.reading()).ok();
        Ok((Document::new(diagnosis, wanted.then(explain).flatten())?, given))
    }

    fn show(&self, document: Document) -> Result<(), CommandError> {
        if self.options.format == OutputFormat::Json {
            let line = serde_json::to_string(&document).map_err(CommandError::internal)?;
            terminal::out(&(line + "\n"));
        } else {
            diagnose::show(&document, self.name, self.options);
        }
        Ok(())
    }

    fn problem(&self, problem: &str) -> CommandError {
        CommandError::usage(format!("{}: {problem}", self.name))
    }
}
