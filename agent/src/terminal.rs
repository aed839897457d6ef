//! The terminal: what it can show, and the one place that writes to it.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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

/// Whether a person works in a session, which a single key must not end.
static SESSION: AtomicBool = AtomicBool::new(false);

/// From now on this is a session at a terminal.
pub fn begin_session() {
    SESSION.store(true, Ordering::Relaxed);
}

/// Whether a person works in a session.
pub fn is_session() -> bool {
    SESSION.load(Ordering::Relaxed)
}

/// Whether commands come from a script, so that nobody may be asked even where there is a terminal.
static UNATTENDED: AtomicBool = AtomicBool::new(false);

/// From now on nobody is asked anything.
pub fn be_unattended() {
    UNATTENDED.store(true, Ordering::Relaxed);
}

/// Rows available; 24 where there is no terminal.
pub fn height() -> usize {
    terminal_size::terminal_size().map_or(24, |(_, height)| usize::from(height.0))
}

/// Whether a person is there to be asked: they see the question and there is a terminal to answer on.
pub fn is_interactive() -> bool {
    !UNATTENDED.load(Ordering::Relaxed)
        && io::stderr().is_terminal()
        && (io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok())
}

/// Whether progress may redraw lines.
pub fn is_live() -> bool {
    io::stderr().is_terminal()
}

/// Whether something could not be written to standard output.
static LOST: AtomicBool = AtomicBool::new(false);

/// What is written while it is kept for later instead of being shown.
static KEPT: Mutex<Option<String>> = Mutex::new(None);

/// Does some work and returns what it wrote to standard output, with its colours, instead of showing it.
pub fn capture<T>(work: impl FnOnce() -> T) -> (T, String) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(String::new());
    let result = work();
    let text = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
    (result, text.unwrap_or_default())
}

/// A text without its colours.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Whether standard output shows colours.
pub fn has_colour() -> bool {
    let choice = anstream::AutoStream::choice(&io::stdout());
    choice != anstream::ColorChoice::Never
}

/// Whether what a thread prints is still wanted: work that was given up may go on for a while.
#[derive(Debug, Clone, Default)]
pub struct Muted(Arc<AtomicBool>);

thread_local! {
    static GOVERNED: std::cell::RefCell<Muted> = std::cell::RefCell::new(Muted::default());
}

impl Muted {
    /// Puts what this thread prints under this switch.
    pub fn govern_this_thread(&self) {
        GOVERNED.with(|governed| governed.replace(self.clone()));
    }

    /// From now on nothing is printed by the threads under this switch.
    pub fn mute(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn here() -> bool {
        GOVERNED.with(|governed| governed.borrow().0.load(Ordering::Relaxed))
    }
}

/// Whether standard output is kept for one document, and everything else goes to standard error.
static KEPT_FOR_DOCUMENT: AtomicBool = AtomicBool::new(false);

/// From now on [`out`] writes to standard error; standard output waits for [`document`].
pub fn keep_for_document() {
    KEPT_FOR_DOCUMENT.store(true, Ordering::Relaxed);
}

/// Writes the one document that standard output was kept for.
pub fn document(text: &str) {
    KEPT_FOR_DOCUMENT.store(false, Ordering::Relaxed);
    out(text);
}

/// Whether what this thread prints is no longer wanted.
pub fn is_muted() -> bool {
    Muted::here()
}

/// Writes to standard output. A reader that went away is no error of ours; a full disk is, see [`lost_output`].
pub fn out(text: &str) {
    if Muted::here() {
        return;
    }
    if let Some(kept) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        kept.push_str(text);
        return;
    }
    if KEPT_FOR_DOCUMENT.load(Ordering::Relaxed) {
        return err(text);
    }
    let mut stdout = anstream::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Writes a screen to standard output in place of the one before; without a terminal, below it.
pub fn redraw(text: &str) {
    let clear = if io::stdout().is_terminal() { "\u{1b}[H\u{1b}[2J\u{1b}[3J" } else { "" };
    // The escape codes pass a writer that drops colours only where it is a terminal; there is no other.
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(clear.as_bytes()).and_then(|()| stdout.flush());
    drop(stdout);
    out(&format!("{text}\n"));
}

/// Whether standard output lost something: a result that was not written must not look like one that was.
pub fn lost_output() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Writes to standard error.
pub fn err(text: &str) {
    if Muted::here() {
        return;
    }
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
