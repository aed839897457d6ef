//! A session without a person: lines from a file or a pipe, no banner, no colour, no questions.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::repl::line;
use crate::repl::lines;
use crate::repl::session::Session;
use crate::{render, terminal};

/// Opens a script; `-` is standard input.
///
/// # Errors
/// A usage error when the file cannot be opened.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, CommandError> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let failed = |error| {
        CommandError::usage(format!("--script {}: {error}", terminal::safe(&path.display().to_string())))
    };
    Ok(Box::new(BufReader::new(File::open(path).map_err(failed)?)))
}

/// Does line after line until the end or the first failure; with `keep_going` also the lines after it.
///
/// The exit code is that of the first failure; without one, that of the first diagnosis that found something.
///
/// # Errors
/// When the script cannot be read.
pub fn run(session: &mut Session, keep_going: bool) -> Result<Exit, CommandError> {
    let (mut failure, mut finding) = (None, None);
    while !session.over {
        let Some(line) = logical_line(session)? else { break };
        let exit = match session.execute(&line) {
            Ok(exit) => exit,
            Err(error) => {
                terminal::err(&render::error(&error));
                error.exit()
            }
        };
        match exit {
            Exit::Done => {}
            Exit::Diagnosed | Exit::Undiagnosed => finding = finding.or(Some(exit)),
            other => failure = failure.or(Some(other)),
        }
        if failure.is_some() && !keep_going {
            break;
        }
    }
    Ok(failure.or(finding).unwrap_or(Exit::Done))
}

/// A line with those that it goes on in.
fn logical_line(session: &mut Session) -> Result<Option<String>, CommandError> {
    let Some(mut whole) = lines::next(session)? else { return Ok(None) };
    while line::continues(&whole) {
        let Some(more) = lines::next(session)? else { break };
        whole.push('\n');
        whole.push_str(&more);
    }
    Ok(Some(whole))
}
