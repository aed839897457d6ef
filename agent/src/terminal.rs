//! The terminal: what it can show, and the one place that writes to it.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

/// Causes, failures, what deletes.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is fine.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What wants attention: missing inputs, things that cost or change.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// Headings.
pub const HEAD: Style = Style::new().bold();
/// What may be skipped on a first read.
pub const DIM: Style = Style::new().dimmed();

/// Text in a style; the style is dropped by the writer where the terminal has none.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Turns colours off for the rest of the process.
pub fn disable_colour() {
    anstream::ColorChoice::Never.write_global();
}

/// Sends the log of this tool's own rooms to standard error; twice also how AWS credentials are looked for.
///
/// Other crates stay silent at any level: nobody has checked what they log for secrets.
pub fn be_verbose(level: u8) {
    let filter = match level {
        0 => return,
        1 => "provision_agent=debug,provision_executor=debug",
        _ => "provision_agent=trace,provision_executor=trace,aws_config=debug",
    };
    let subscriber = tracing_subscriber::fmt().with_writer(io::stderr).with_env_filter(filter).without_time();
    let subscriber = subscriber.with_ansi(io::stderr().is_terminal());
    // Only a second call in one process could fail, and then the first one's log goes on.
    let _ = subscriber.with_target(false).try_init();
}

/// Columns available, at most 100; 80 where there is no terminal.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 100)
}

/// Whether a person is there to be asked: they see the question and there is a terminal to answer on.
pub fn is_interactive() -> bool {
    io::stderr().is_terminal() && (io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok())
}

/// Whether progress may redraw lines.
pub fn is_live() -> bool {
    io::stderr().is_terminal()
}

/// Whether something could not be written to standard output.
static LOST: AtomicBool = AtomicBool::new(false);

/// Writes to standard output. A reader that went away is no error of ours; a full disk is, see [`lost_output`].
pub fn out(text: &str) {
    let mut stdout = anstream::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether standard output lost something: a result that was not written must not look like one that was.
pub fn lost_output() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Writes to standard error.
pub fn err(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Makes text from outside safe to show: control characters would steer the terminal.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_foreign_text_never_reach_the_terminal() {
        assert_eq!(safe("a\u{1b}[2Jb\tc\u{7}"), "a\u{fffd}[2Jb\tc\u{fffd}");
    }
}
