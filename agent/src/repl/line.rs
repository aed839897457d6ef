//! The grammar of a line: a slash command, a path, pasted text or words; then filters and a file for the output.
//!
//! There is no shell: `| grep WORD` and its like are filters of this tool, and `> FILE` is a file it writes.

use std::path::{Path, PathBuf};

use crate::error::CommandError;
use crate::repl::filter::{self, Filter};

/// A line as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is asked for.
    pub input: Input,
    /// What the output goes through, in order.
    pub filters: Vec<Filter>,
    /// Where the output goes instead of the screen.
    pub target: Option<Target>,
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Nothing: a blank line or a comment.
    Nothing,
    /// A command: its name without the slash, and its arguments.
    Slash(String, Vec<String>),
    /// Files or folders dropped on the line.
    Paths(Vec<PathBuf>),
    /// Text of several lines, or a single event.
    Pasted(String),
    /// A goal or a question.
    Words(String),
}

/// A file for the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The file.
    pub path: PathBuf,
    /// Whether the output goes behind what is there.
    pub append: bool,
}

/// Words that mean a command when they stand alone.
const BARE: [&str; 4] = ["quit", "exit", "help", "undo"];

/// Reads a line.
///
/// # Errors
/// A usage error for an open quote, an unknown filter or a missing file name, on a line that is a command.
pub fn read(line: &str) -> Result<Line, CommandError> {
    let text = join_continued(line);
    let trimmed = text.trim();
    let plain = |input| Ok(Line { input, filters: Vec::new(), target: None });
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return plain(Input::Nothing);
    }
    if trimmed.contains('\n') || is_event(trimmed) {
        return plain(Input::Pasted(text));
    }
    if let Some(paths) = dropped(trimmed) {
        return plain(Input::Paths(paths));
    }
    match trimmed.strip_prefix('/') {
        Some(command) => slash(command),
        None => words(trimmed),
    }
}

/// Whether a line is one event as tools print them: the status of a resource among other words, and no question.
fn is_event(line: &str) -> bool {
    let status = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let ends = ["_FAILED", "_COMPLETE", "_IN_PROGRESS"].iter().any(|end| word.ends_with(end));
        ends && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    let mut words = line.split_whitespace();
    !line.starts_with('/') && !line.ends_with('?') && words.clone().count() > 2 && words.any(status)
}

/// Puts lines that end in a backslash together.
fn join_continued(line: &str) -> String {
    line.replace("\\\r\n", " ").replace("\\\n", " ")
}

/// Whether a line goes on: it ends in an unescaped backslash.
pub fn continues(line: &str) -> bool {
    let slashes = line.len() - line.trim_end_matches('\\').len();
    slashes % 2 == 1
}

fn slash(command: &str) -> Result<Line, CommandError> {
    let words = split(command)?;
    let end = words.iter().position(Word::is_operator).unwrap_or(words.len());
    let (filters, target) = outputs(&words[end..])?;
    let mut words = words[..end].iter().map(|word| word.text.clone());
    let name = words.next().unwrap_or_default();
    Ok(Line { input: Input::Slash(name, words.collect()), filters, target })
}

/// A goal or a question. A bar or an arrow in it belongs to the text unless it clearly is an output's.
fn words(text: &str) -> Result<Line, CommandError> {
    if BARE.contains(&text) {
        let input = Input::Slash(text.to_owned(), Vec::new());
        return Ok(Line { input, filters: Vec::new(), target: None });
    }
    let plain = || Line { input: Input::Words(text.to_owned()), filters: Vec::new(), target: None };
    let start = [" | ", " > ", " >> "].iter().filter_map(|operator| text.find(operator)).min();
    let Some(start) = start else { return Ok(plain()) };
    let tail = split(&text[start..]).ok().filter(|words| is_output(words));
    let Some((filters, target)) = tail.and_then(|words| outputs(&words).ok()) else { return Ok(plain()) };
    Ok(Line { input: Input::Words(text[..start].trim().to_owned()), filters, target })
}

fn is_output(words: &[Word]) -> bool {
    let follower = words.get(1).map(|word| word.text.as_str()).unwrap_or_default();
    match words.first().map(|word| word.text.as_str()) {
        Some("|") => filter::NAMES.contains(&follower),
        _ => words.len() == 2 && follower.contains(['.', '/']),
    }
}

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    /// Whether any of it stood in quotes or was escaped.
    quoted: bool,
}

impl Word {
    fn is_operator(&self) -> bool {
        !self.quoted && matches!(self.text.as_str(), "|" | ">" | ">>")
    }
}

/// Splits at blanks outside quotes; operators stand alone.
fn split(text: &str) -> Result<Vec<Word>, CommandError> {
    let mut words: Vec<Word> = Vec::new();
    let mut current: Option<Word> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(current.take()),
            '|' | '>' if current.is_none() => {
                let double = c == '>' && chars.next_if_eq(&'>').is_some();
                words
                    .push(Word { text: if double { ">>".to_owned() } else { c.to_string() }, quoted: false });
            }
            '"' | '\'' => {
                let word = current.get_or_insert(Word { text: String::new(), quoted: false });
                word.quoted = true;
                take_quoted(&mut chars, c, &mut word.text)?;
            }
            '\\' => {
                let word = current.get_or_insert(Word { text: String::new(), quoted: true });
                word.text.extend(chars.next());
            }
            other => current.get_or_insert(Word { text: String::new(), quoted: false }).text.push(other),
        }
    }
    words.extend(current);
    Ok(words)
}

fn take_quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    quote: char,
    into: &mut String,
) -> Result<(), CommandError> {
    while let Some(c) = chars.next() {
        match c {
            _ if c == quote => return Ok(()),
            '\\' if quote == '"' && matches!(chars.peek(), Some('"' | '\\')) => into.extend(chars.next()),
            other => into.push(other),
        }
    }
    Err(CommandError::usage(format!("the quote {quote} is not closed")))
}

/// The filters and the file behind a command.
fn outputs(words: &[Word]) -> Result<(Vec<Filter>, Option<Target>), CommandError> {
    let mut filters = Vec::new();
    let mut rest = words;
    while let Some((operator, tail)) = rest.split_first() {
        let end = tail.iter().position(Word::is_operator).unwrap_or(tail.len());
        let args: Vec<&str> = tail[..end].iter().map(|word| word.text.as_str()).collect();
        rest = &tail[end..];
        if operator.text == "|" {
            filters.push(Filter::read(&args)?);
            continue;
        }
        let ([path], true) = (args.as_slice(), rest.is_empty()) else {
            return Err(CommandError::usage(format!(
                "{} takes one file name, at the end of the line",
                operator.text
            )));
        };
        return Ok((filters, Some(Target { path: home(path), append: operator.text == ">>" })));
    }
    Ok((filters, None))
}

/// Whether every word of a line is a file or folder that is there, as a terminal writes them when they are dropped.
fn dropped(text: &str) -> Option<Vec<PathBuf>> {
    let words = split(text).ok()?;
    let looks = |word: &Word| !word.is_operator() && (word.text.contains(['/', '.']) || word.quoted);
    let path = |word: &Word| {
        let text = word.text.strip_prefix("file://").unwrap_or(&word.text);
        Some(home(text)).filter(|path| path.exists())
    };
    if words.is_empty() || !words.iter().all(looks) {
        return None;
    }
    words.iter().map(path).collect()
}

/// A path with `~/` at its start resolved.
pub fn home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(line: &str) -> Input {
        read(line).expect("readable").input
    }

    fn slash(name: &str, args: &[&str]) -> Input {
        Input::Slash(name.to_owned(), args.iter().map(|arg| (*arg).to_owned()).collect())
    }

    #[test]
    fn only_a_leading_slash_makes_a_command() {
        assert_eq!(input("why did it exit?"), Input::Words("why did it exit?".to_owned()));
        assert_eq!(input(" /q "), slash("q", &[]));
        assert_eq!(input("quit"), slash("quit", &[]));
        assert_eq!(input("exit the old cluster"), Input::Words("exit the old cluster".to_owned()));
        assert_eq!(input("   "), Input::Nothing);
        assert_eq!(input("# a remark"), Input::Nothing);
    }

    #[test]
    fn quotes_and_backslashes_hold_words_together() {
        assert_eq!(input(r#"/diagnose "a b.txt" c\ d '| e'"#), slash("diagnose", &["a b.txt", "c d", "| e"]));
        assert!(read("/diagnose \"a").is_err());
    }

    #[test]
    fn filters_and_a_file_follow_a_command() {
        let line = read("/timeline | grep -v COMPLETE | head -3 >> out.txt").expect("readable");
        assert_eq!(line.filters.len(), 2);
        assert_eq!(line.target, Some(Target { path: "out.txt".into(), append: true }));
        for bad in ["/timeline | rm x", "/timeline >", "/timeline > a b", "/timeline > a | head"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bar_or_arrow_in_a_goal_is_text() {
        for goal in ["move from eks > ec2", "deploy to ec2 | with email", "a > b.c > d"] {
            assert_eq!(input(goal), Input::Words(goal.to_owned()));
        }
        let line = read("what failed first? > first.txt").expect("readable");
        assert_eq!(line.input, Input::Words("what failed first?".to_owned()));
        assert!(line.target.is_some());
    }

    #[test]
    fn a_path_that_is_there_is_a_dropped_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("my events.txt");
        std::fs::write(&file, "x").expect("written");
        let shown = file.display().to_string();
        assert_eq!(input(&format!("'{shown}'")), Input::Paths(vec![file.clone()]));
        assert_eq!(input(&shown.replace(' ', "\\ ")), Input::Paths(vec![file]));
        assert_eq!(input("/no/such/file"), slash("no/such/file", &[]));
    }

    #[test]
    fn a_backslash_at_the_end_goes_on() {
        assert!(continues("/plan eks \\"));
        assert!(!continues("a \\\\"));
        assert_eq!(input("/plan eks \\\nin Tokyo"), slash("plan", &["eks", "in", "Tokyo"]));
    }

    #[test]
    fn several_lines_or_an_event_are_pasted_text() {
        assert!(matches!(input("a CREATE_FAILED\nb"), Input::Pasted(_)));
        let event =
            "10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) shop-media already exists";
        assert_eq!(input(event), Input::Pasted(event.to_owned()));
        for words in ["why is it CREATE_FAILED?", "CREATE_FAILED", "say CREATE_FAILED", "a b failed"] {
            assert_eq!(input(words), Input::Words(words.to_owned()));
        }
        assert_eq!(input("/events UPDATE_FAILED a b"), slash("events", &["UPDATE_FAILED", "a", "b"]));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in "\\PC*") {
            let _ = read(&line);
        }

        #[test]
        fn a_single_quoted_word_comes_back_whole(word in "[^'\\n\\r]*") {
            proptest::prop_assert_eq!(input(&format!("/x '{word}'")), slash("x", &[&word]));
        }
    }
}
