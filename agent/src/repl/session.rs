//! What a session holds, and the one way from a line to its effect.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::error::ErrorKind;
use provision_planner::Catalog;
use provision_rules::Rulebook;
use serde_json::Value;

use crate::cli::{self, Global, Invocation};
use crate::commands;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::llm::{self, Availability, ModelArgs};
use crate::repl::incident::Incident;
use crate::repl::line::{self, Input, Line};
use crate::repl::slash::{self, Slash};
use crate::repl::workspace::Workspace;
use crate::repl::{loading, on_plan, on_watch, on_words, output, work};
use crate::{rulebase, running, terminal};

/// Commands of the command line that only look: giving them up leaves nothing half done.
const LOOKS: [&str; 10] =
    ["audit-stacks", "demo", "eval", "llm", "parse", "rules", "runs", "schema", "status", "targets"];

/// A session.
pub struct Session {
    /// The targets.
    pub catalog: Arc<Catalog>,
    /// The configuration.
    pub config: Arc<Config>,
    /// The plan.
    pub workspace: Workspace,
    /// The loaded incidents in the order they were loaded.
    pub incidents: Vec<Incident>,
    /// The one that is asked about, as an index.
    pub current: usize,
    /// How often something was loaded or chosen.
    pub loads: u64,
    /// Whether somebody is at the terminal.
    pub attended: bool,
    /// Whether the session is over.
    pub over: bool,
    /// What is offered on an empty line.
    pub suggestion: Option<String>,
    /// The lines still to come, where they come from a script.
    pub script: Option<Box<dyn std::io::BufRead>>,
    /// The names of all commands.
    pub names: Vec<String>,
    started: Flags,
    json: bool,
    model: bool,
    book: Option<Arc<Rulebook>>,
    pasted: usize,
}

impl Session {
    /// A session as a command line starts it.
    pub fn new(invocation: &Invocation, catalog: &Catalog, config: &Config, attended: bool) -> Self {
        let global = &invocation.cli.global;
        Self {
            names: slash::names(catalog),
            catalog: Arc::new(catalog.clone()),
            config: Arc::new(config.clone()),
            workspace: Workspace::default(),
            incidents: Vec::new(),
            current: 0,
            loads: 0,
            attended,
            over: false,
            suggestion: None,
            script: None,
            started: Flags {
                rules: global.rules.clone(),
                json: global.wants_json(),
                llm: global.llm.clone(),
            },
            json: global.wants_json(),
            model: matches!(llm::availability(&global.llm, &config.model), Ok(Availability::On(_))),
            book: None,
            pasted: 0,
        }
    }

    /// The rules, loaded when they are first needed.
    ///
    /// # Errors
    /// A usage error for a bad rule of the user's own.
    pub fn book(&mut self) -> Result<Arc<Rulebook>, CommandError> {
        if let Some(book) = &self.book {
            return Ok(Arc::clone(book));
        }
        let book = Arc::new(rulebase::load(&self.started.rules)?);
        self.loads += 1;
        self.book = Some(Arc::clone(&book));
        Ok(book)
    }

    /// The rules if they are loaded.
    pub fn loaded_book(&self) -> Option<&Rulebook> {
        self.book.as_deref()
    }

    /// The incident that is asked about.
    pub fn incident(&self) -> Option<&Incident> {
        self.incidents.get(self.current)
    }

    /// The incident that is asked about.
    ///
    /// # Errors
    /// A usage error when none is loaded.
    pub fn need_incident(&self) -> Result<&Incident, CommandError> {
        self.incident().ok_or_else(|| CommandError::Usage {
            message: "no incident is loaded".to_owned(),
            hint: Some("/diagnose FILE loads one, or paste its events".to_owned()),
        })
    }

    /// The surroundings of a plan.
    pub fn surroundings(&self) -> (Arc<Catalog>, Arc<Config>) {
        (Arc::clone(&self.catalog), Arc::clone(&self.config))
    }

    /// How many texts were pasted so far.
    pub fn pasted(&self) -> usize {
        self.pasted
    }

    /// One more text was pasted.
    pub fn count_pasted(&mut self) {
        self.pasted += 1;
    }

    /// Reads flags of the command line, with the flags that the session was started with.
    ///
    /// # Errors
    /// A usage error; help that was asked for is printed and is no command line.
    pub fn invocation(&self, args: &[String]) -> Result<Option<Invocation>, CommandError> {
        let own = args.iter().map(OsString::from);
        match cli::parse(std::iter::once(OsString::from("provision")).chain(own), &self.catalog) {
            Ok(mut invocation) => {
                lay_under(&mut invocation.cli.global, &self.started);
                Ok(Some(invocation))
            }
            Err(error) => answered(&error).map(|_| None),
        }
    }

    /// Does what a line asks for. Its output goes where the line says.
    ///
    /// # Errors
    /// Whatever keeps it from being done.
    pub fn execute(&mut self, text: &str) -> Result<Exit, CommandError> {
        let Line { input, filters, target } = line::read(text)?;
        self.suggestion = None;
        if filters.is_empty() && target.is_none() {
            let done = self.perform(input);
            self.load_failed_runs();
            return done;
        }
        let (result, printed) = terminal::capture(|| self.perform(input));
        self.load_failed_runs();
        let exit = result?;
        output::deliver(&printed, &filters, target.as_ref(), self.attended)?;
        Ok(exit)
    }

    /// Makes an incident of each run that failed since the last time.
    pub fn load_failed_runs(&mut self) {
        for run in running::take_failed() {
            // The run told how it ended; that it cannot be looked at any closer ends nothing.
            if let Err(error) = loading::failed_run(self, &run) {
                terminal::err(&crate::render::error(&error));
            }
        }
    }

    fn perform(&mut self, input: Input) -> Result<Exit, CommandError> {
        match input {
            Input::Nothing => Ok(Exit::Done),
            Input::Paths(paths) => loading::load(self, &paths, false, loading::Where::default()),
            Input::Pasted(text) => loading::pasted(self, &text),
            Input::Words(text) => on_words::answer(self, &text),
            Input::Slash(typed, args) => {
                let name = slash::resolve(&typed, &self.names)?;
                self.command(&name, &args)
            }
        }
    }

    fn command(&mut self, name: &str, args: &[String]) -> Result<Exit, CommandError> {
        match name {
            "diagnose" => loading::diagnose(self, args),
            "plan" => on_plan::plan(self, args),
            "watch" => on_watch::watch(self, args),
            "deploy" | "teardown" => on_plan::deploy(self, args, name == "teardown"),
            own if slash::is_own(own) => match slash::parse(own, args) {
                Ok(Slash { command, json }) => {
                    let before = self.json;
                    self.json |= json;
                    let done = crate::repl::act::run(self, command);
                    self.json = before;
                    done
                }
                Err(error) => answered(&error),
            },
            inherited => self.inherited(inherited, args),
        }
    }

    /// A command of the command line, as it is there.
    fn inherited(&self, name: &str, args: &[String]) -> Result<Exit, CommandError> {
        let words: Vec<String> = std::iter::once(name.to_owned()).chain(args.iter().cloned()).collect();
        let Some(invocation) = self.invocation(&words)? else { return Ok(Exit::Done) };
        let (catalog, config) = self.surroundings();
        let run = move || commands::run(invocation, &catalog, &config);
        // A run of this session is watched from here again, where its questions can be asked.
        let own_run = name == "runs" && args.first().is_some_and(|word| word == "follow");
        if own_run && running::is_detached(args.get(1).map(String::as_str)) {
            return run();
        }
        if LOOKS.contains(&name) { work::cancellable(self.attended, run)? } else { run() }
    }

    /// Whether a model is named and can be reached by what is known about it.
    pub fn has_model(&self) -> bool {
        self.model
    }

    /// Whether results are printed as JSON.
    pub fn wants_json(&self) -> bool {
        self.json
    }

    /// Prints a result as text or as JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn say(&self, text: &str, document: impl FnOnce() -> Value) -> Result<Exit, CommandError> {
        if self.json {
            let json = serde_json::to_string_pretty(&document()).map_err(CommandError::internal)?;
            terminal::out(&(json + "\n"));
        } else {
            terminal::out(text);
        }
        Ok(Exit::Done)
    }
}

/// Lays the flags that a session was started with under those of one command.
fn lay_under(own: &mut Global, started: &Flags) {
    let (llm, base) = (&mut own.llm, &started.llm);
    if own.rules.is_empty() {
        own.rules.clone_from(&started.rules);
    }
    own.json |= started.json && own.output.is_none();
    llm.model = llm.model.take().or_else(|| base.model.clone());
    llm.ai_provider = llm.ai_provider.take().or_else(|| base.ai_provider.clone());
    llm.prompts = llm.prompts.take().or_else(|| base.prompts.clone());
    llm.llm_egress = llm.llm_egress.or(base.llm_egress);
    llm.llm_max_tokens = llm.llm_max_tokens.or(base.llm_max_tokens);
    llm.llm_max_seconds = llm.llm_max_seconds.or(base.llm_max_seconds);
    llm.llm_max_cost = llm.llm_max_cost.or(base.llm_max_cost);
    llm.show_prompt |= base.show_prompt;
    llm.no_cache |= base.no_cache;
    llm.accept_model |= base.accept_model;
}

/// Flags that hold for every command of a session.
#[derive(Debug, Clone)]
struct Flags {
    rules: Vec<PathBuf>,
    json: bool,
    llm: ModelArgs,
}

/// Help is an answer; anything else that clap stops at is a usage error of one line.
fn answered(error: &clap::Error) -> Result<Exit, CommandError> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            terminal::out(&error.render().ansi().to_string());
            Ok(Exit::Done)
        }
        _ => Err(cli::usage_error(error)),
    }
}
