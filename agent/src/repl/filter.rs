//! What an output can go through on its way: `grep`, `head`, `tail`, `sort`, `wc`, `less`. Built in; no process starts.

use regex::{Regex, RegexBuilder};

use crate::error::CommandError;
use crate::terminal::plain;

/// The filters there are.
pub const NAMES: [&str; 7] = ["grep", "head", "tail", "sort", "wc", "less", "more"];
/// How many lines `head` and `tail` keep when no number is given.
const LINES: usize = 10;

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Lines with, or without, a match.
    Grep {
        /// The words after `grep` without its flags.
        pattern: String,
        /// `-v`.
        invert: bool,
        /// `-i`.
        ignore_case: bool,
    },
    /// The first lines.
    Head(usize),
    /// The last lines.
    Tail(usize),
    /// Lines in order.
    Sort,
    /// How many lines.
    Count,
    /// Page by page, on a terminal.
    Page,
}

impl Filter {
    /// Reads a filter from its name and arguments.
    ///
    /// # Errors
    /// A usage error that says which filters and arguments there are.
    pub fn read(words: &[&str]) -> Result<Self, CommandError> {
        match words {
            ["grep", args @ ..] => grep(args),
            ["head", args @ ..] => Ok(Self::Head(count("head", args)?)),
            ["tail", args @ ..] => Ok(Self::Tail(count("tail", args)?)),
            ["sort"] => Ok(Self::Sort),
            ["wc"] | ["wc", "-l"] => Ok(Self::Count),
            ["less" | "more"] => Ok(Self::Page),
            _ => Err(CommandError::Usage {
                message: format!("| {}: no such filter", words.join(" ")),
                hint: Some(format!("there are: {}; no shell is started", NAMES.join(", "))),
            }),
        }
    }

    /// The text that is left of one. What is matched is the text without its colours.
    pub fn apply(&self, text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let kept: Vec<&str> = match self {
            Self::Grep { pattern, invert, ignore_case } => {
                let wanted = matcher(pattern, *ignore_case);
                let keep = |line: &&str| wanted.as_ref().is_some_and(|w| w.is_match(&plain(line))) != *invert;
                lines.into_iter().filter(keep).collect()
            }
            Self::Head(count) => lines.into_iter().take(*count).collect(),
            Self::Tail(count) => lines[lines.len().saturating_sub(*count)..].to_vec(),
            Self::Sort => {
                let mut lines = lines;
                lines.sort_by_key(|line| plain(line));
                lines
            }
            Self::Count => return format!("{}\n", lines.len()),
            Self::Page => lines,
        };
        kept.iter().fold(String::new(), |text, line| text + line + "\n")
    }
}

fn grep(args: &[&str]) -> Result<Filter, CommandError> {
    let (mut invert, mut ignore_case, mut words) = (false, false, Vec::new());
    for arg in args {
        let letters = arg.strip_prefix('-').filter(|letters| !letters.is_empty() && words.is_empty());
        match letters {
            Some(letters) if letters.chars().all(|c| matches!(c, 'i' | 'v')) => {
                invert |= letters.contains('v');
                ignore_case |= letters.contains('i');
            }
            Some(_) => return Err(CommandError::usage(format!("| grep {arg}: it takes -i and -v"))),
            None => words.push(*arg),
        }
    }
    if words.is_empty() {
        return Err(CommandError::usage("| grep: what for?"));
    }
    Ok(Filter::Grep { pattern: words.join(" "), invert, ignore_case })
}

/// The pattern, or where it is none, its text as it stands.
fn matcher(pattern: &str, ignore_case: bool) -> Option<Regex> {
    let build = |pattern: &str| RegexBuilder::new(pattern).case_insensitive(ignore_case).build().ok();
    build(pattern).or_else(|| build(&regex::escape(pattern)))
}

fn count(name: &str, args: &[&str]) -> Result<usize, CommandError> {
    let number = match args {
        [] => return Ok(LINES),
        ["-n", number] | [number] => number.trim_start_matches('-').trim_start_matches('n'),
        _ => "",
    };
    number
        .parse()
        .map_err(|_| CommandError::usage(format!("| {name} {}: not a number of lines", args.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(words: &[&str], text: &str) -> String {
        Filter::read(words).expect("a filter").apply(text)
    }

    #[test]
    fn filters_do_what_their_namesakes_do() {
        let text = "b one\na Two\n\u{1b}[31mc\u{1b}[0m two\n";
        assert_eq!(filtered(&["grep", "two"], text), "\u{1b}[31mc\u{1b}[0m two\n");
        assert_eq!(filtered(&["grep", "-i", "c two"], text), "\u{1b}[31mc\u{1b}[0m two\n");
        assert_eq!(filtered(&["grep", "-iv", "two"], text), "b one\n");
        assert_eq!(filtered(&["grep", "[",], "a[b\nc\n"), "a[b\n");
        assert_eq!(filtered(&["head", "-1"], text), "b one\n");
        assert_eq!(filtered(&["head", "-n1"], text), "b one\n");
        assert_eq!(filtered(&["tail", "-n", "1"], "1\n2\n"), "2\n");
        assert_eq!(filtered(&["sort"], "b\na\n"), "a\nb\n");
        assert_eq!(filtered(&["wc", "-l"], text), "3\n");
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for bad in [&["rm", "-rf"][..], &["head", "x"], &["grep"], &["grep", "-z", "a"], &["sort", "-u"], &[]]
        {
            assert!(Filter::read(bad).is_err(), "{bad:?}");
        }
    }
}
