//! Regular expressions that cost little until they are used much.
//!
//! A diagnosis tries some dozens of patterns on a few short texts, and building the engine that is quick on long texts
//! takes longer than all of the search. So a pattern is first read by an engine that is built in no time; the quick one
//! is built once enough text went through it. On ASCII both find the same; other texts stay with the first one, so that
//! an answer never depends on what was searched before. In both `\w`, `\d`, `\s`, `\b` and letter case mean ASCII.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes are searched before the quick engine is built.
const ENOUGH: usize = 16 << 10;
/// The largest program a pattern may become, in bytes.
const LARGEST: usize = 1 << 20;

/// A regular expression, built when it is first used.
#[derive(Debug)]
pub(crate) struct Pattern {
    source: Cow<'static, str>,
    /// Letters match in any case.
    any_case: bool,
    small: OnceLock<Option<regex_lite::Regex>>,
    quick: OnceLock<Option<regex::Regex>>,
    searched: AtomicUsize,
}

impl Pattern {
    /// A pattern of this crate's own. One that does not parse matches nothing; a test beside each proves that it does.
    pub(crate) const fn new(source: &'static str) -> Self {
        Self::of(Cow::Borrowed(source), false)
    }

    /// A pattern of this crate's own that is put together.
    pub(crate) fn made(source: String) -> Self {
        Self::of(Cow::Owned(source), false)
    }

    /// A pattern of a rule, in which letters match in any case.
    pub(crate) fn of_rule(source: &str) -> Self {
        Self::of(Cow::Owned(source.to_owned()), true)
    }

    const fn of(source: Cow<'static, str>, any_case: bool) -> Self {
        Self {
            source,
            any_case,
            small: OnceLock::new(),
            quick: OnceLock::new(),
            searched: AtomicUsize::new(0),
        }
    }

    /// Says what is wrong with a pattern of a rule.
    ///
    /// # Errors
    /// When one of the engines does not take it, in one line.
    pub(crate) fn check(source: &str) -> Result<(), String> {
        let last =
            |text: String| text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        quick(source, true).map_err(|error| last(error.to_string()))?;
        small(source, true).map(|_| ()).map_err(|error| last(error.to_string()))
    }

    /// Whether the text has it.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self.quick_for(text) {
            Some(quick) => quick.is_match(text),
            None => self.small().is_some_and(|small| small.is_match(text)),
        }
    }

    /// The first place in the text that has it.
    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<Groups<'_, 't>> {
        let spans = match self.quick_for(text) {
            Some(quick) => spans(&quick.captures(text)?),
            None => small_spans(&self.small()?.captures(text)?),
        };
        Some(Groups { pattern: self, text, spans })
    }

    /// All places in the text that have it, one behind the other.
    pub(crate) fn captures_all<'t>(&self, text: &'t str) -> Vec<Groups<'_, 't>> {
        let all: Vec<Spans> = match (self.quick_for(text), self.small()) {
            (Some(quick), _) => quick.captures_iter(text).map(|found| spans(&found)).collect(),
            (None, Some(small)) => small.captures_iter(text).map(|found| small_spans(&found)).collect(),
            (None, None) => Vec::new(),
        };
        all.into_iter().map(|spans| Groups { pattern: self, text, spans }).collect()
    }

    /// The text with a blank in each place that has it.
    pub(crate) fn blank_out(&self, text: &str) -> String {
        let (mut rest, mut from) = (String::with_capacity(text.len()), 0);
        for found in self.captures_all(text) {
            let Range { start, end } = found.range();
            rest.push_str(&text[from..start]);
            rest.push(' ');
            from = end;
        }
        rest + &text[from..]
    }

    /// The names of its groups that have one.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.small().into_iter().flat_map(|small| small.capture_names().flatten())
    }

    /// Fails a test when one of the engines does not take the pattern.
    #[cfg(test)]
    pub(crate) fn assert_reads(&self) {
        small(&self.source, self.any_case).expect("the small engine takes the pattern");
        quick(&self.source, self.any_case).expect("the quick engine takes the pattern");
    }

    fn small(&self) -> Option<&regex_lite::Regex> {
        self.small.get_or_init(|| small(&self.source, self.any_case).ok()).as_ref()
    }

    /// The quick engine, where it may be used and pays.
    fn quick_for(&self, text: &str) -> Option<&regex::Regex> {
        let searched = self.searched.fetch_add(text.len(), Ordering::Relaxed);
        if searched + text.len() < ENOUGH || !text.is_ascii() {
            return None;
        }
        self.quick.get_or_init(|| quick(&self.source, self.any_case).ok()).as_ref()
    }
}

fn small(source: &str, any_case: bool) -> Result<regex_lite::Regex, regex_lite::Error> {
    regex_lite::RegexBuilder::new(source).case_insensitive(any_case).size_limit(LARGEST).build()
}

fn quick(source: &str, any_case: bool) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(source).case_insensitive(any_case).size_limit(LARGEST).build()
}

/// Where each group stands in the text; the first is the whole match.
type Spans = Vec<Option<Range<usize>>>;

fn spans(found: &regex::Captures<'_>) -> Spans {
    found.iter().map(|group| group.map(|group| group.range())).collect()
}

fn small_spans(found: &regex_lite::Captures<'_>) -> Spans {
    found.iter().map(|group| group.map(|group| group.range())).collect()
}

/// What the groups of a pattern matched.
#[derive(Debug)]
pub(crate) struct Groups<'p, 't> {
    pattern: &'p Pattern,
    text: &'t str,
    spans: Spans,
}

impl<'t> Groups<'_, 't> {
    /// The text of a group by its number; 0 is the whole match.
    pub(crate) fn get(&self, group: usize) -> Option<&'t str> {
        self.spans.get(group)?.clone().map(|span| &self.text[span])
    }

    /// The text of a group by its name.
    pub(crate) fn name(&self, name: &str) -> Option<&'t str> {
        self.span(name).map(|span| &self.text[span])
    }

    /// Where a group stands in the text, in bytes, by its name.
    pub(crate) fn span(&self, name: &str) -> Option<Range<usize>> {
        let mut names = self.pattern.small()?.capture_names();
        self.spans.get(names.position(|known| known == Some(name))?)?.clone()
    }

    /// Where the whole match stands in the text, in bytes.
    pub(crate) fn range(&self) -> Range<usize> {
        self.spans.first().cloned().flatten().unwrap_or_default()
    }

    /// Every named group that matched, with its text.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&str, &'t str)> {
        self.pattern.names().filter_map(|name| Some((name, self.name(name)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both engines find, of a pattern that has searched nothing and one that has searched much.
    fn found(source: &'static str, text: &str) -> [Option<Vec<String>>; 2] {
        let (fresh, used) = (Pattern::new(source), Pattern::new(source));
        used.searched.store(ENOUGH, Ordering::Relaxed);
        [&fresh, &used].map(|pattern| {
            let groups = pattern.captures(text)?;
            Some((0..groups.spans.len()).map(|n| groups.get(n).unwrap_or_default().to_owned()).collect())
        })
    }

    #[test]
    fn an_answer_does_not_depend_on_what_was_searched_before() {
        let pattern = r"(?i)(?<what>\w+) \w+ (?:already )?exists\b";
        for text in ["Bucket media already exists", "Eimer über already exists", "Größe exists", ""] {
            let [fresh, used] = found(pattern, text);
            assert_eq!(fresh, used, "{text}");
        }
        assert_eq!(found(pattern, "Bucket media exists")[1].as_ref().map(|all| &*all[1]), Some("Bucket"));
    }

    #[test]
    fn groups_are_told_by_name_and_number() {
        let pattern = Pattern::of_rule(r"role (?<role>\S+)(?: in (?<account>\d+))?");
        let groups = pattern.captures("the Role admin is gone").expect("a match");
        assert_eq!(
            (groups.name("role"), groups.name("account"), groups.get(0)),
            (Some("admin"), None, Some("Role admin"))
        );
        assert_eq!(groups.range(), 4..14);
        assert_eq!(groups.named().collect::<Vec<_>>(), [("role", "admin")]);
        assert_eq!(pattern.captures_all("role a, role b").len(), 2);
    }

    #[test]
    fn a_bad_pattern_is_told_in_one_line() {
        let told = Pattern::check("a(b").expect_err("no pattern");
        assert!(!told.contains('\n') && told.contains("unclosed group"), "{told}");
        assert!(!Pattern::new("a(b").is_match("ab"));
    }
}
