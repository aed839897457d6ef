//! One of the session's own commands, done.

use serde_json::json;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::repl::session::Session;
use crate::repl::slash::Own;
use crate::repl::{advice, ask, export, help, loading, on_incident, on_plan};

/// Does what a command says.
///
/// # Errors
/// Whatever keeps it from being done.
pub fn run(session: &mut Session, command: Own) -> Result<Exit, CommandError> {
    match command {
        Own::Explain => on_incident::explain(session),
        Own::Why { resource } => on_incident::why(session, &resource.join(" ")),
        Own::Timeline => on_incident::timeline(session),
        Own::Graph => on_incident::graph(session),
        Own::Events { filter } => on_incident::events(session, &filter),
        Own::Rule { id } => on_incident::rule(session, id.as_deref()),
        Own::Fix { number, dry_run } => advice::fix(session, number, dry_run),
        Own::Next => advice::next(session),
        Own::Incidents => on_incident::list(session),
        Own::Use { incident } => on_incident::choose(session, &incident),
        Own::Compare { incidents } => on_incident::compare(session, &incidents),
        Own::Paste => loading::paste(session),
        Own::Target { target } => on_plan::target(session, target.as_deref()),
        Own::Set { assignments } => on_plan::set(session, &assignments),
        Own::Unset { slot } => on_plan::unset(session, &slot),
        Own::Missing => on_plan::missing(session),
        Own::Undo => on_plan::undo(session),
        Own::New => on_plan::fresh(session),
        Own::Ask { question, show_prompt } => ask::run(session, &question.join(" "), show_prompt),
        Own::Export { file } => export::run(session, &file),
        Own::Help { command } => help::run(session, command.as_deref()),
        Own::Quit => {
            session.over = true;
            session.say("", || json!({}))
        }
    }
}
