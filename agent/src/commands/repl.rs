//! The REPL: goals in plain words, and slash commands, one line at a time.

use std::path::PathBuf;

use provision_planner::{Catalog, goal};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use crate::commands::diagnose;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::terminal::{self, DIM, HEAD, paint};
use crate::{cli, render};

const HELP: &str = "\
  a goal in plain words     show the plan for it, then ask before anything runs
  /diagnose FILE            the cause and the fix of a failed deploy
  /parse GOAL               what is understood of a goal, word by word
  /targets [TARGET]         what can be deployed
  /help                     this list
  /quit                     leave (also Ctrl-D)
";

/// What a line of the REPL asks for.
enum Line<'a> {
    Nothing,
    Quit,
    Help,
    Unknown(&'a str),
    Diagnose(&'a str),
    Parse(&'a str),
    Targets(Option<&'a str>),
    Goal(&'a str),
}

/// Reads lines until the user leaves. A line that fails does not end the session.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    terminal::out(&format!(
        "{} {}\n",
        paint(HEAD, "provision"),
        paint(DIM, "a goal in plain words, or /help")
    ));
    let mut editor = DefaultEditor::new().map_err(CommandError::internal)?;
    loop {
        match editor.readline("provision> ") {
            Ok(line) => match read(&line) {
                Line::Quit => return Ok(Exit::Done),
                asked => answer(&asked, catalog, config),
            },
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(Exit::Done),
            Err(error) => return Err(CommandError::internal(error)),
        }
    }
}

fn read(line: &str) -> Line<'_> {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/') else {
        return match line {
            "" => Line::Nothing,
            "quit" | "exit" => Line::Quit,
            "help" => Line::Help,
            _ => Line::Goal(line),
        };
    };
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    match name {
        "quit" | "exit" | "q" => Line::Quit,
        "help" | "?" => Line::Help,
        "diagnose" if !rest.is_empty() => Line::Diagnose(rest),
        "parse" if !rest.is_empty() => Line::Parse(rest),
        "targets" => Line::Targets((!rest.is_empty()).then_some(rest)),
        _ => Line::Unknown(line),
    }
}

fn answer(asked: &Line<'_>, catalog: &Catalog, config: &Config) {
    let done = match asked {
        Line::Nothing | Line::Quit => return,
        Line::Help => {
            terminal::out(HELP);
            return;
        }
        Line::Unknown(text) => Err(CommandError::usage(format!(
            "{text}: no such command, or its argument is missing; /help lists them"
        ))),
        Line::Diagnose(path) => diagnose::run(&[PathBuf::from(path)], &diagnose::Options::default()),
        Line::Parse(text) => {
            terminal::out(&render::goal(&goal::parse(text), terminal::width()));
            return;
        }
        Line::Targets(target) => super::targets::run(catalog, *target, false),
        Line::Goal(text) => deploy(text, catalog, config),
    };
    if let Err(error) = done {
        terminal::err(&render::error(&error));
    }
}

/// A goal typed here means the same as `--prompt` on a command line.
fn deploy(text: &str, catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    if goal::parse(text).slots.is_empty() {
        terminal::out("Nothing in this states what to deploy, or where; /help shows what can be asked.\n");
        return Ok(Exit::Done);
    }
    let args = ["provision", "--prompt", text].map(Into::into);
    let invocation = cli::parse(args, catalog).map_err(|error| cli::usage_error(&error))?;
    super::provision::run(invocation, catalog, config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_leading_slash_makes_a_command() {
        assert!(matches!(read("why did it exit?"), Line::Goal("why did it exit?")));
        assert!(matches!(read("/diagnose a b.txt "), Line::Diagnose("a b.txt")));
        assert!(matches!(read("/diagnose"), Line::Unknown("/diagnose")));
        assert!(matches!(read(" /q "), Line::Quit));
        assert!(matches!(read("   "), Line::Nothing));
        assert!(matches!(read("exit"), Line::Quit));
    }
}
