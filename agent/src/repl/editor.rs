//! The session at a terminal: the prompt, the keys, and what happens line by line.

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{
    Cmd, ColorMode, CompletionType, Config, Editor, ExternalPrinter as _, KeyCode, KeyEvent, Modifiers,
};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::repl::complete::Vocabulary;
use crate::repl::helper::Assistant;
use crate::repl::history::History;
use crate::repl::prompt::prompt;
use crate::repl::session::Session;
use crate::running;
use crate::terminal::{self, DIM, HEAD, paint};

/// How many lines can be recalled.
const RECALLED: usize = 2000;

type Lines = Editor<Assistant, DefaultHistory>;

/// Reads lines until the user leaves. A line that fails does not end the session.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(session: &mut Session) -> Result<Exit, CommandError> {
    let banner =
        if terminal::width() < 60 { "/help" } else { "a goal, a question, pasted events or a file; /help" };
    terminal::out(&format!("{} {}\n", paint(HEAD, "provision"), paint(DIM, banner)));
    let mut history = History::open(&session.catalog);
    let mut editor = editor(session).map_err(CommandError::internal)?;
    for line in history.lines() {
        let _ = editor.add_history_entry(line);
    }
    tell_of_ends(&mut editor);
    let mut pressed = false;
    loop {
        if session.over {
            if running::may_leave() {
                return Ok(Exit::Done);
            }
            session.over = false;
        }
        running::tell_ended();
        session.load_failed_runs();
        prepare(&mut editor, session);
        let (plain, coloured) = prompt(session, terminal::width());
        match editor.readline(&(plain.as_str(), coloured.as_str())) {
            Ok(line) => {
                pressed = false;
                remember(&mut editor, &mut history, &line);
                answer(session, &line);
            }
            Err(ReadlineError::Interrupted) if cleared(&editor) => pressed = false,
            Err(ReadlineError::Interrupted) if pressed && running::may_leave() => {
                return Ok(Exit::Interrupted);
            }
            Err(ReadlineError::Interrupted) => {
                pressed = true;
                terminal::err(&format!("{}\n", paint(DIM, "Ctrl-C again leaves, as does Ctrl-D")));
            }
            Err(ReadlineError::Eof) => session.over = true,
            // The terminal is gone; what was begun goes on to its end.
            Err(error) => {
                running::may_leave();
                return Err(CommandError::internal(error));
            }
        }
    }
}

fn editor(session: &Session) -> rustyline::Result<Lines> {
    let colours = terminal::has_colour();
    let config = Config::builder()
        .color_mode(if colours { ColorMode::Enabled } else { ColorMode::Disabled })
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .history_ignore_space(true)
        .max_history_size(RECALLED)?
        .build();
    let recalled = DefaultHistory::with_config(&config);
    let mut editor: Lines = Editor::with_history(config, recalled)?;
    editor.set_helper(Some(Assistant::new(Vocabulary::new(&session.catalog, &session.names), colours)));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
    Ok(editor)
}

/// Has the end of a detached run told above the prompt, where the terminal can do that.
fn tell_of_ends(editor: &mut Lines) {
    if let Ok(mut printer) = editor.create_external_printer() {
        running::tell_by(Box::new(move |text| {
            // A prompt that cannot be written to is told nothing.
            let _ = printer.print(text);
        }));
    }
}

/// Tells the helper what is loaded by now.
fn prepare(editor: &mut Lines, session: &Session) {
    if let Some(helper) = editor.helper_mut() {
        helper.vocabulary.refresh(session);
        helper.suggestion.clone_from(&session.suggestion);
        helper.typed.set(false);
    }
}

/// Whether Ctrl-C only took away what was typed.
fn cleared(editor: &Lines) -> bool {
    editor.helper().is_some_and(|helper| helper.typed.get())
}

/// Puts a line last among those that can be recalled, unless it must not be kept.
fn remember(editor: &mut Lines, history: &mut History, line: &str) {
    if !history.keep(line) {
        return;
    }
    let earlier: Vec<String> = editor.history().iter().filter(|old| *old != line).cloned().collect();
    let _ = editor.clear_history();
    for old in earlier.iter().map(String::as_str).chain([line]) {
        let _ = editor.add_history_entry(old);
    }
}

fn answer(session: &mut Session, line: &str) {
    if let Err(error) = session.execute(line) {
        terminal::err(&render::error(&error));
    }
}
