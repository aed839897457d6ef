//! What the line editor asks while a line is typed: completions, hints, colours, whether the line is whole.

use std::borrow::Cow;
use std::cell::Cell;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use crate::repl::complete::{Offer, Vocabulary};
use crate::repl::line;
use crate::terminal::{BAD, DIM, paint};

const COMMAND: anstyle::Style = anstyle::AnsiColor::Cyan.on_default();

/// The editor's helper.
pub struct Assistant {
    /// What can be offered.
    pub vocabulary: Vocabulary,
    /// What is offered on an empty line.
    pub suggestion: Option<String>,
    /// Whether there are colours; a hint without one would look like typed text.
    pub colours: bool,
    /// Whether anything stands on the line.
    pub typed: Cell<bool>,
    files: FilenameCompleter,
}

impl Assistant {
    /// A helper for a session.
    pub fn new(vocabulary: Vocabulary, colours: bool) -> Self {
        Self {
            vocabulary,
            suggestion: None,
            colours,
            typed: Cell::new(false),
            files: FilenameCompleter::new(),
        }
    }
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>), ReadlineError> {
        let start = line[..pos].rfind([' ', '\n']).map_or(0, |at| at + 1);
        match self.vocabulary.offer(&line[..start], &line[start..pos]) {
            Offer::Files => self.files.complete_path(line, pos),
            Offer::Words(words) => Ok((start, pairs(words))),
        }
    }
}

/// A single word is completed with a blank behind it, unless a value follows.
fn pairs(words: Vec<String>) -> Vec<Pair> {
    let single = words.len() == 1;
    let pair = |word: String| {
        let end = if single && !word.ends_with('=') { " " } else { "" };
        Pair { replacement: format!("{word}{end}"), display: word }
    };
    words.into_iter().map(pair).collect()
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<String> {
        self.typed.set(!line.is_empty());
        if !self.colours || pos < line.len() {
            return None;
        }
        if line.is_empty() {
            return self.suggestion.clone();
        }
        let earlier = HistoryHinter::new().hint(line, pos, context);
        earlier.filter(|hint| !hint.contains('\n')).or_else(|| self.rest_of_command(line))
    }
}

impl Assistant {
    fn rest_of_command(&self, line: &str) -> Option<String> {
        if !line.starts_with('/') || line.contains(' ') || line.len() < 2 {
            return None;
        }
        match self.vocabulary.offer("", line) {
            Offer::Words(words) => match words.as_slice() {
                [only] => only.get(line.len()..).filter(|rest| !rest.is_empty()).map(str::to_owned),
                _ => None,
            },
            Offer::Files => None,
        }
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        if !self.colours || !line.starts_with('/') || line.contains('\u{1b}') {
            return Cow::Borrowed(line);
        }
        let (command, rest) = line.split_at(end);
        let known = match self.vocabulary.offer("", command) {
            Offer::Words(words) => !words.is_empty() || command == "/",
            Offer::Files => std::path::Path::new(command).exists(),
        };
        let style = if known { COMMAND } else { BAD };
        let rest: Vec<String> = rest.split(' ').map(word).collect();
        Cow::Owned(format!("{}{}", paint(style, command), rest.join(" ")))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colours { Cow::Owned(paint(DIM, hint)) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, line: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor && line.starts_with('/')
    }
}

/// Operators and slot names stand back a little, so that values stand out.
fn word(word: &str) -> String {
    match word.split_once('=') {
        _ if matches!(word, "|" | ">" | ">>") => paint(DIM, word),
        Some((name, value)) if !name.is_empty() => format!("{}{value}", paint(DIM, format!("{name}="))),
        _ => word.to_owned(),
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult, ReadlineError> {
        let goes_on = line::continues(context.input());
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

#[cfg(test)]
mod tests {
    use provision_planner::Catalog;
    use rustyline::history::MemHistory;

    use super::*;
    use crate::repl::slash;
    use crate::terminal::plain;

    fn assistant(colours: bool) -> Assistant {
        let catalog = Catalog::builtin().expect("the catalog");
        Assistant::new(Vocabulary::new(&catalog, &slash::names(&catalog)), colours)
    }

    #[test]
    fn a_hint_is_the_rest_of_a_command_or_what_the_session_suggests() {
        let history = MemHistory::new();
        let hint =
            |assistant: &Assistant, line: &str| assistant.hint(line, line.len(), &Context::new(&history));
        let mut assistant = assistant(true);
        assistant.suggestion = Some("/fix 1".to_owned());
        assert_eq!(hint(&assistant, "").as_deref(), Some("/fix 1"));
        assert_eq!(hint(&assistant, "/timel").as_deref(), Some("ine"));
        assert_eq!(hint(&assistant, "make it"), None);
        assistant.colours = false;
        assert_eq!(hint(&assistant, ""), None);
    }

    #[test]
    fn colours_change_no_character_of_a_line() {
        for line in ["/set region=eu-west-1 | grep x", "/diagonse a", "/", "deploy to eks", "/why  Ünï > a"]
        {
            assert_eq!(plain(&assistant(true).highlight(line, 0)), line);
            assert_eq!(assistant(false).highlight(line, 0), line);
        }
    }

    #[test]
    fn a_single_completion_is_followed_by_a_blank() {
        let history = MemHistory::new();
        let complete = |line: &str| {
            let (start, pairs) =
                assistant(true).complete(line, line.len(), &Context::new(&history)).expect("offers");
            (start, pairs.into_iter().map(|pair| pair.replacement).collect::<Vec<_>>())
        };
        assert_eq!(complete("/timel"), (0, vec!["/timeline ".to_owned()]));
        assert_eq!(complete("/set dom"), (5, vec!["domain=".to_owned()]));
    }
}
