//! Removes what CI systems and quoting put before each line.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

/// The prefixes, each anchored at the start of the line; tried again until none fits.
const PREFIXES: &[&str] = &[
    // GitHub Actions, GitLab (with its stream marker) and `kubectl logs --timestamps`; with the job and
    // step columns of `gh run view --log` before it
    r"^(?:[^\t|]{1,100}\t[^\t|]{1,140}\t)?\u{feff}?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z (?:\d\d[OE][ +])?",
    // CodeBuild
    r"^\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? ",
    // Jenkins, Buildkite and loggers that bracket their time
    r"^\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?UTC|Z)?\] (?:- )?",
    // a logger's level after its time
    r"^\[(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE)\]:? ",
    // GitHub Actions and Azure commands
    r"^##\[(?:error|warning|group|endgroup|debug|section|command)\]",
    r"^::(?:error|warning|notice|group|debug)[^:]{0,200}::",
    // a quoted reply
    r"^> ?",
];

/// The line without its CI prefixes.
pub(super) fn strip(mut text: Cow<'_, str>) -> Cow<'_, str> {
    for _ in 0..4 {
        let Some(length) = length(&text) else { break };
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[length..]),
            Cow::Owned(text) => Cow::Owned(text[length..].to_owned()),
        };
    }
    text
}

fn length(text: &str) -> Option<usize> {
    let first = *text.as_bytes().first()?;
    let likely =
        first.is_ascii_digit() || matches!(first, b'[' | b'#' | b':' | b'>' | 0xef) || text.contains("Z ");
    if !likely {
        return None;
    }
    patterns().iter().find_map(|pattern| pattern.find(text)).map(|found| found.end()).filter(|end| *end > 0)
}

fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| PREFIXES.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_compiles() {
        assert_eq!(patterns().len(), PREFIXES.len());
    }

    #[test]
    fn ci_prefixes_are_removed() {
        for text in [
            "2026-03-01T10:00:00.1234567Z boom",
            "deploy\tRun make deploy\t2026-03-01T10:00:00.1234567Z boom",
            "2026-03-01T10:00:00.123456Z 01E boom",
            "[Container] 2026/03/01 10:00:00.123 boom",
            "2026-03-01T10:00:00.123Z [INFO]: boom",
            "##[error]boom",
            "2026-03-01T10:00:00.1234567Z ##[error]boom",
            "> boom",
        ] {
            assert_eq!(strip(Cow::Borrowed(text)), "boom", "{text}");
        }
    }

    #[test]
    fn the_times_of_events_stay() {
        for text in ["2021-04-27 15:03:29 UTC+0100 | stack | ROLLBACK_COMPLETE", "11:06:58 UTC+0900\tX"] {
            assert_eq!(strip(Cow::Borrowed(text)), text);
        }
    }
}
