//! The commands behind a slash: the command line's own, and those that only a session has.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use provision_planner::Catalog;

use crate::cli;
use crate::error::CommandError;

/// How near a name must be to be suggested, from 0 to 1.
const NEAR: f64 = 0.7;

/// Commands that stand for flags of the command line: their name, what follows it, and what they do.
pub const FLAGS: [(&str, &str, &str); 6] = [
    ("diagnose", "FILE…|stack:NAME [--partial]", "Load failed deploys and show their causes and fixes"),
    (
        "watch",
        "FILE|stack:NAME [--region REGION]",
        "Show what goes wrong while it happens: a file that grows until Ctrl-C, a live stack until it is at rest",
    ),
    (
        "plan",
        "[GOAL] [FLAGS]",
        "Grow the plan by a goal or flags and show all of it, checks of this machine included",
    ),
    ("deploy", "[FLAGS]", "Check the plan, ask, and run it"),
    ("teardown", "[FLAGS]", "Turn the plan into a teardown, show it, and ask for the name"),
    ("targets", "[TARGET]", "List what can be deployed, or show one target with its inputs"),
];

/// The parser of the session's own commands.
#[derive(Debug, Parser)]
#[command(name = "/", no_binary_name = true, disable_help_subcommand = true, disable_help_flag = false)]
pub struct Slash {
    /// What to do.
    #[command(subcommand)]
    pub command: Own,

    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
}

/// Commands that only a session has.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Own {
    /// Why the root was chosen: every failed event with its label; without an incident, every word of the goal
    Explain,
    /// Why one resource failed or was cancelled
    Why {
        /// Its logical id, or what you call it
        #[arg(value_name = "RESOURCE", required = true)]
        resource: Vec<String>,
    },
    /// When each resource started and ended
    Timeline,
    /// What failed in which stack, and what it took down with it
    Graph,
    /// The events; with words, only those that hold all of them (`failed`, an id, a type, a status, a label)
    Events {
        /// Words to look for
        #[arg(value_name = "WORD")]
        filter: Vec<String>,
    },
    /// The rule behind the verdict, or any rule
    Rule {
        /// The rule's id
        id: Option<String>,
    },
    /// What mends a cause; a fix of the plan is put into the plan
    Fix {
        /// Which cause, as numbered by /next
        number: Option<usize>,
        /// Show what would change and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// What to do now
    Next,
    /// The loaded incidents
    Incidents,
    /// Make another loaded incident the one that is asked about
    Use {
        /// Its number or name
        incident: String,
    },
    /// Loaded incidents side by side
    Compare {
        /// Their numbers or names; all of them when none is given
        incidents: Vec<String>,
    },
    /// Read pasted lines up to one that holds a single dot, and diagnose them
    Paste,
    /// Choose the target, or show the one that is chosen
    Target {
        /// The target's id
        target: Option<String>,
    },
    /// Set inputs of the plan
    Set {
        /// Slot and value, such as region=eu-west-1
        #[arg(value_name = "SLOT=VALUE", required = true)]
        assignments: Vec<String>,
    },
    /// Take back what was said about an input
    Unset {
        /// The slot's name
        slot: String,
    },
    /// What the plan still needs
    Missing,
    /// Go back by one change of the plan
    Undo,
    /// Start a plan afresh
    New,
    /// Ask the optional model about the incident
    Ask {
        /// The question; without one, why it failed and what to check next
        question: Vec<String>,
        /// Print what would be sent, byte for byte, and send nothing
        #[arg(long)]
        show_prompt: bool,
    },
    /// Write the incident's diagnosis, or else the plan, to a file; its ending says how (.json, .md, .sarif, .txt)
    Export {
        /// The file
        file: PathBuf,
    },
    /// This list, or all about one command
    Help {
        /// The command's name
        command: Option<String>,
    },
    /// Leave (also Ctrl-D)
    Quit,
}

/// Other names of commands.
const ALIASES: [(&str, &str); 6] = [
    ("exit", "quit"),
    ("q", "quit"),
    ("?", "help"),
    ("load", "diagnose"),
    ("reset", "new"),
    ("next-step", "next"),
];

/// Every command's name, sorted.
pub fn names(catalog: &Catalog) -> Vec<String> {
    let mut names: Vec<String> =
        Slash::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
    names.extend(FLAGS.iter().map(|(name, ..)| (*name).to_owned()));
    names.extend(inherited(catalog).into_iter().map(|(name, _)| name));
    names.sort();
    names.dedup();
    names
}

/// The command line's own commands that a session has too, with what they do.
pub fn inherited(catalog: &Catalog) -> Vec<(String, String)> {
    let command = cli::command(catalog);
    let about = |c: &clap::Command| c.get_about().map(ToString::to_string).unwrap_or_default();
    command
        .get_subcommands()
        .filter(|c| c.get_name() != "repl")
        .map(|c| (c.get_name().to_owned(), about(c)))
        .collect()
}

/// Whether a command is the session's own.
pub fn is_own(name: &str) -> bool {
    Slash::command().get_subcommands().any(|command| command.get_name() == name)
}

/// The command that a name or the beginning of one means.
///
/// # Errors
/// A usage error with the commands that it may mean, or the nearest one.
pub fn resolve(typed: &str, names: &[String]) -> Result<String, CommandError> {
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == typed) {
        return Ok((*name).to_owned());
    }
    let lower = typed.to_lowercase();
    if names.contains(&lower) {
        return Ok(lower);
    }
    let begun: Vec<&String> =
        names.iter().filter(|name| !lower.is_empty() && name.starts_with(&lower)).collect();
    match begun.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(unknown(typed, &lower, names)),
        several => {
            let list: Vec<String> = several.iter().map(|name| format!("/{name}")).collect();
            Err(CommandError::usage(format!("/{typed} may mean {}", list.join(", "))))
        }
    }
}

fn unknown(typed: &str, lower: &str, names: &[String]) -> CommandError {
    let score = |name: &&String| strsim::jaro_winkler(lower, name);
    let nearest =
        names.iter().max_by(|a, b| score(a).total_cmp(&score(b))).filter(|name| score(name) >= NEAR);
    let near = nearest.map_or_else(String::new, |name| format!("; did you mean /{name}?"));
    CommandError::Usage {
        message: format!("/{typed}: no such command{near}"),
        hint: Some("/help lists them".to_owned()),
    }
}

/// Reads one of the session's own commands.
///
/// # Errors
/// What clap says: help that was asked for, or a usage error.
pub fn parse(name: &str, args: &[String]) -> Result<Slash, clap::Error> {
    let words = std::iter::once(name.to_owned()).chain(args.iter().cloned());
    let matches = Slash::command().try_get_matches_from(words)?;
    Slash::from_arg_matches(&matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<String> {
        names(&Catalog::builtin().expect("the catalog"))
    }

    #[test]
    fn unique_beginnings_and_other_names_are_understood() {
        let names = all();
        for (typed, meant) in [
            ("timel", "timeline"),
            ("q", "quit"),
            ("exit", "quit"),
            ("Diag", "diagnose"),
            ("fix", "fix"),
            ("target", "target"),
        ] {
            assert_eq!(resolve(typed, &names).expect(typed), meant);
        }
    }

    #[test]
    fn what_is_no_command_is_answered_with_the_near_one() {
        let names = all();
        let message = |typed| resolve(typed, &names).expect_err("no command").to_string();
        assert!(message("diagonse").contains("did you mean /diagnose?"), "{}", message("diagonse"));
        assert!(message("e").contains("/events") && message("e").contains("/explain"));
        assert!(!message("xyzzy").contains("did you mean"));
        assert!(message("").contains("no such command"));
    }

    #[test]
    fn the_sessions_commands_hide_none_of_the_command_line() {
        let own: Vec<String> = Slash::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
        for (name, _) in inherited(&Catalog::builtin().expect("the catalog")) {
            assert!(!own.contains(&name), "/{name} would hide `provision {name}`");
        }
        Slash::command().debug_assert();
    }
}
