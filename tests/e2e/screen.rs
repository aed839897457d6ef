//! A session on a pseudo-terminal behind a terminal emulator: what a person would see, as text.

use std::path::Path;
use std::time::{Duration, Instant};

use expectrl::Session;

use crate::env::TestEnv;

/// How long a screen may take to show something; generous, since machines that run tests are busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long nothing has to come before a screen counts as drawn.
const STILL: Duration = Duration::from_millis(150);
/// Rows enough for a whole transcript.
const ROWS: u16 = 400;

/// A session and the screen that it draws.
pub struct Screen {
    session: Session,
    parser: vt100::Parser,
}

impl Screen {
    /// Starts the binary on a terminal of so many columns.
    pub fn start(env: &TestEnv, args: &[&str], columns: u16) -> Self {
        let mut session = Session::spawn(env.command(args)).expect("a pseudo-terminal");
        session.set_window_size(columns, ROWS).expect("a size");
        Self { session, parser: vt100::Parser::new(ROWS, columns, 0) }
    }

    /// Starts a session and waits for its first prompt.
    pub fn repl(env: &TestEnv, columns: u16) -> Self {
        let mut screen = Self::start(env, &["repl"], columns);
        screen.until("the first prompt", |text| prompts(text) == 1);
        screen
    }

    /// What is on the screen, without blanks at the ends of its lines.
    pub fn text(&self) -> String {
        let contents = self.parser.screen().contents();
        contents.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// The rows of the screen that show something, as wide as they are.
    pub fn rows(&self) -> Vec<String> {
        let screen = self.parser.screen();
        let rows = screen.rows(0, screen.size().1).map(|row| row.trim_end().to_owned());
        rows.filter(|row| !row.is_empty()).collect()
    }

    /// From now on the terminal shows what is typed while no program does, as terminals do.
    pub fn echo(&mut self) {
        self.session.set_echo(true, None).expect("a terminal");
    }

    /// Whether anything on the screen has a colour or weight.
    pub fn is_plain(&self) -> bool {
        let screen = self.parser.screen();
        let (rows, columns) = screen.size();
        (0..rows).all(|row| {
            (0..columns).all(|column| {
                screen.cell(row, column).is_none_or(|cell| {
                    cell.fgcolor() == vt100::Color::Default && !cell.bold() && !cell.inverse()
                })
            })
        })
    }

    /// Sends keys.
    pub fn keys(&mut self, keys: &str) {
        self.session.send(keys).expect("the terminal takes keys");
    }

    /// Types a line, presses Enter, and waits for the next prompt.
    pub fn line(&mut self, line: &str) {
        let before = prompts(&self.text());
        self.keys(line);
        self.keys("\r");
        self.until(line, |text| prompts(text) > before && is_at_prompt(text));
    }

    /// Waits until the screen shows this text.
    pub fn shows(&mut self, wanted: &str) {
        self.until(wanted, |text| text.contains(wanted));
    }

    /// Waits for a screen that is as wanted and has been drawn to its end. What moves all the time, such as a live
    /// line, is not waited for.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let (begun, mut last, mut seen) = (Instant::now(), Instant::now(), None);
        loop {
            if self.take() {
                last = Instant::now();
            }
            seen = if wanted(&self.text()) { seen.or_else(|| Some(Instant::now())) } else { None };
            if seen.is_some_and(|seen: Instant| last.elapsed() >= STILL || seen.elapsed() >= 3 * STILL) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{what:?} does not come:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Gives the terminal another width; what is there is drawn anew by the program, not by the terminal.
    pub fn resize(&mut self, columns: u16) {
        self.session.set_window_size(columns, ROWS).expect("a size");
        self.parser.screen_mut().set_size(ROWS, columns);
    }

    /// The process on the terminal.
    pub fn pid(&self) -> String {
        self.session.pid().to_string()
    }

    /// Waits for the end and says the exit code.
    pub fn code(mut self) -> i32 {
        self.session.set_expect_timeout(Some(PATIENCE));
        crate::terminal::code(self.session)
    }

    /// Takes in what was written since; false when there was nothing.
    fn take(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.session.try_read(&mut buffer) {
            Ok(read) if read > 0 => {
                self.parser.process(&buffer[..read]);
                true
            }
            _ => false,
        }
    }
}

fn is_prompt(line: &str) -> bool {
    line.starts_with("provision (") && line.contains(")>")
}

/// How many prompts stand on the screen.
fn prompts(text: &str) -> usize {
    text.lines().filter(|line| is_prompt(line)).count()
}

fn is_at_prompt(text: &str) -> bool {
    text.lines().next_back().is_some_and(is_prompt)
}

/// A copy of an event file in the folder that the binary runs in, so that transcripts show no path of this machine.
pub fn copy_event(env: &TestEnv, name: &str, to: &str) {
    let from: &Path = &crate::env::fixtures().join("events").join(name);
    std::fs::copy(from, env.dir().join(to)).expect("the event file is copied");
}
