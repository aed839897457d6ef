//! Where an output goes: through filters, into a file, or page by page onto the terminal.

use std::fs::OpenOptions;
use std::io::Write as _;

use crate::error::CommandError;
use crate::repl::filter::Filter;
use crate::repl::line::Target;
use crate::{gate, terminal};

/// Puts an output through its filters and to where it belongs.
///
/// # Errors
/// When the file cannot be written.
pub fn deliver(
    text: &str,
    filters: &[Filter],
    target: Option<&Target>,
    attended: bool,
) -> Result<(), CommandError> {
    let filtered = filters.iter().fold(text.to_owned(), |text, filter| filter.apply(&text));
    match target {
        Some(target) => write(target, &filtered),
        None if attended && filters.contains(&Filter::Page) => page(&filtered),
        None => {
            terminal::out(&filtered);
            Ok(())
        }
    }
}

/// Writes a text without its colours into a file, and says so.
///
/// # Errors
/// A usage error when the file cannot be written.
pub fn write(target: &Target, text: &str) -> Result<(), CommandError> {
    let name = terminal::safe(&target.path.display().to_string());
    let mut options = OpenOptions::new();
    options.create(true).write(true).append(target.append).truncate(!target.append);
    let written =
        options.open(&target.path).and_then(|mut file| file.write_all(terminal::plain(text).as_bytes()));
    written.map_err(|error| CommandError::usage(format!("{name}: {error}")))?;
    terminal::err(&format!("{}\n", terminal::paint(terminal::DIM, format!("written to {name}"))));
    Ok(())
}

/// One screen after the other, until the end or a `q`.
fn page(text: &str) -> Result<(), CommandError> {
    let rows = terminal::height().saturating_sub(1).max(5);
    let lines: Vec<&str> = text.lines().collect();
    for (position, screen) in lines.chunks(rows).enumerate() {
        if position > 0 && stops()? {
            return Ok(());
        }
        terminal::out(&(screen.join("\n") + "\n"));
    }
    Ok(())
}

fn stops() -> Result<bool, CommandError> {
    match gate::ask("-- Enter for more, q to stop: ", "not a terminal") {
        Ok(answer) => Ok(answer.eq_ignore_ascii_case("q")),
        Err(CommandError::Interrupted | CommandError::NotApproved { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}
