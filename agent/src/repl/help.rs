//! `/help`: the list of commands, or all about one.

use std::fmt::Write;

use clap::CommandFactory;
use serde_json::json;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::render::{columns, wrap};
use crate::repl::session::Session;
use crate::repl::slash::{self, Slash};
use crate::terminal::{self, DIM, HEAD, paint};

const LINES: &str = "  a goal       deploy to EKS in us-east-1 with email   then: make it public, drop the samples, other region
  a question   why was the queue cancelled? · what failed first? · what now? · is it retryable?
  a path, or pasted events, are diagnosed
  behind a command: | grep [-iv] WORD, head, tail, sort, wc, less · > FILE, >> FILE
  a line that ends in \\ goes on; Ctrl-C clears the line, Ctrl-D leaves
";

/// Shows the list, or one command.
///
/// # Errors
/// A usage error for a name that is no command.
pub fn run(session: &Session, command: Option<&str>) -> Result<Exit, CommandError> {
    match command {
        None => session.say(&list(session), || json!({ "commands": session.names })),
        Some(typed) => {
            let name = slash::resolve(typed.trim_start_matches('/'), &session.names)?;
            session.say(&one(session, &name), || json!({ "command": name }))
        }
    }
}

fn list(session: &Session) -> String {
    let own = Slash::command();
    let mut rows: Vec<(String, String)> = own
        .get_subcommands()
        .map(|c| (c.get_name().to_owned(), c.get_about().map(ToString::to_string).unwrap_or_default()))
        .collect();
    rows.extend(slash::FLAGS.iter().map(|(name, _, about)| ((*name).to_owned(), (*about).to_owned())));
    let known = |rows: &[(String, String)], name: &str| rows.iter().any(|(other, _)| other == name);
    for (name, about) in slash::inherited(&session.catalog) {
        if !known(&rows, &name) {
            rows.push((name, about));
        }
    }
    rows.sort();
    let width = terminal::width();
    let mut text = format!(
        "{}\n{LINES}{}\n",
        paint(HEAD, "Lines"),
        paint(HEAD, "Commands (a unique beginning is enough)")
    );
    for (name, about) in rows {
        for (row, line) in wrap(&about, width.saturating_sub(18)).into_iter().enumerate() {
            let name = if row == 0 { format!("/{name}") } else { String::new() };
            let _ = writeln!(text, "  {name:<15} {line}");
        }
    }
    text
}

fn one(session: &Session, name: &str) -> String {
    if let Some((name, usage, about)) = slash::FLAGS.iter().find(|(flag, ..)| *flag == name) {
        let rows = [[format!("/{name} {usage}"), (*about).to_owned()]];
        return columns(&rows, 0)
            + &format!(
                "{}\n",
                paint(DIM, "takes the flags of `provision`; see `/help` and `provision --help`")
            );
    }
    let mut own = Slash::command();
    let mut whole = crate::cli::command(&session.catalog);
    let found =
        if slash::is_own(name) { own.find_subcommand_mut(name) } else { whole.find_subcommand_mut(name) };
    found
        .map(|command| command.clone().bin_name(format!("/{name}")).render_help().ansi().to_string())
        .unwrap_or_default()
}
