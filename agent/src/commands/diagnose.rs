//! `--diagnose`: one text in, its cause and fix out.

use std::path::Path;

use provision_rules::{DiagnoseOptions, Diagnosis, Rulebook, Status, Verdict, diagnose_with};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::{input, llm, render, terminal};

/// How `--diagnose` prints.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// One JSON document instead of text.
    pub json: bool,
    /// Show every event with its label.
    pub explain: bool,
    /// Use the whole events before a cut.
    pub partial: bool,
    /// The model to ask for a hypothesis.
    pub model: Option<&'a str>,
}

/// Diagnoses a file or standard input and prints the result.
///
/// # Errors
/// A usage error when the text cannot be read.
pub fn run(path: &Path, options: Options<'_>) -> Result<Exit, CommandError> {
    let (bytes, name) = input::read(path)?;
    let book = Rulebook::builtin()?;
    let reading = DiagnoseOptions { partial: options.partial };
    let found = diagnose_with(&bytes, &book, reading).map_err(|error| CommandError::usage(format!("{name}: {error}")))?;
    if options.json {
        terminal::out(&json(&found)?);
    } else {
        terminal::out(&render::diagnosis(&found, &name, terminal::width()));
        if let (Some(model), Some(verdict)) = (options.model, &found.verdict) {
            add_hypothesis(model, verdict)?;
        }
    }
    Ok(exit(&found))
}

/// Shows what a model thinks below the rules' answer; that it cannot be asked is no failure.
fn add_hypothesis(model: &str, verdict: &Verdict) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::internal)?;
    match runtime.block_on(llm::hypothesis(model, verdict)) {
        Ok(answer) => terminal::out(&render::hypothesis(model, &answer, terminal::width())),
        Err(reason) => terminal::err(&format!("{}\n", terminal::paint(terminal::DIM, format!("no hypothesis from {model}: {reason}")))),
    }
    Ok(())
}

/// The exit code that a diagnosis stands for.
pub fn exit(found: &Diagnosis) -> Exit {
    match (found.status, &found.verdict) {
        (Status::Healthy, _) | (Status::Failed, None) => Exit::Done,
        (Status::Failed, Some(verdict)) if verdict.rule.is_some() => Exit::Diagnosed,
        (Status::Failed, Some(_)) => Exit::Undiagnosed,
    }
}

fn json(found: &Diagnosis) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(found).map_err(CommandError::internal)?;
    Ok(text + "\n")
}
