//! Placeholders: one for each identifier, the same wherever it stands, and the way back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use regex::Regex;

use super::decode;
use crate::error::PromptsError;

/// An identifier shorter than this is only replaced where its surroundings show what it is.
const SHORTEST_LEARNED: usize = 6;

/// The placeholders of one redactor.
#[derive(Debug, Clone)]
pub(super) struct Placeholders {
    /// What a placeholder of any kind looks like, secrets' ones included.
    shape: Regex,
    of: BTreeMap<String, String>,
    back: BTreeMap<String, String>,
    counts: BTreeMap<String, u32>,
    formats: &'static BTreeMap<String, String>,
    /// Placeholders that stood in an input without having been made here; they are never made.
    reserved: BTreeSet<String>,
    learned: Learned,
}

/// The identifiers that are told from words, to be found without their surroundings.
#[derive(Debug, Clone, Default)]
struct Learned {
    values: Vec<String>,
    built: usize,
    automaton: Option<AhoCorasick>,
}

impl Placeholders {
    /// Placeholders in these formats by kind; `secrets` are the kinds that a destroyed secret may name.
    pub(super) fn new<'k>(
        secrets: impl Iterator<Item = &'k str>,
        formats: &'static BTreeMap<String, String>,
    ) -> Result<Self, PromptsError> {
        let secrets = secrets.collect::<Vec<_>>().join("|");
        let identifiers = formats.values().map(|format| pattern(format)).collect::<Vec<_>>().join("|");
        let shape = format!(r"\[secret(?::(?:{secrets}))?\]|{identifiers}");
        Ok(Self {
            shape: Regex::new(&shape).map_err(PromptsError::patterns)?,
            of: BTreeMap::new(),
            back: BTreeMap::new(),
            counts: BTreeMap::new(),
            formats,
            reserved: BTreeSet::new(),
            learned: Learned::default(),
        })
    }

    /// Where placeholders stand, in order.
    pub(super) fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let seen = decode::seen(text.as_bytes());
        let clean = std::str::from_utf8(seen.bytes()).unwrap_or_default();
        self.shaped(clean).map(|span| seen.below(span)).collect()
    }

    /// Remembers the placeholders that stand in a foreign text, so that none of them is made for something else.
    pub(super) fn reserve(&mut self, text: &str) {
        let seen = decode::seen(text.as_bytes());
        let clean = std::str::from_utf8(seen.bytes()).unwrap_or_default();
        let foreign = self.shaped(clean).map(|span| &clean[span]);
        let foreign = foreign.filter(|placeholder| !self.back.contains_key(*placeholder));
        let foreign: Vec<String> = foreign.map(str::to_owned).collect();
        self.reserved.extend(foreign);
    }

    /// The placeholder of an identifier.
    pub(super) fn issue(&mut self, value: &str, kind: &str) -> String {
        if let Some(known) = self.of.get(value) {
            return known.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        let format = self.formats.get(kind).map_or("hidden-name-{n}", String::as_str);
        let made = loop {
            *count += 1;
            let made = filled(format, *count);
            if !self.reserved.contains(&made) {
                break made;
            }
        };
        self.of.insert(value.to_owned(), made.clone());
        self.back.insert(made.clone(), value.to_owned());
        if is_distinctive(value) {
            self.learned.values.push(value.to_owned());
        }
        made
    }

    /// Where identifiers stand that were learned from other places.
    pub(super) fn learned(&mut self, text: &[u8]) -> Vec<Range<usize>> {
        self.learned.find(text)
    }

    /// Puts the identifiers back, each placeholder once: what comes back is not looked into again.
    pub(super) fn restore(&self, answer: &str) -> String {
        let mut restored = String::with_capacity(answer.len());
        let mut at = 0;
        for span in self.shaped(answer) {
            if let Some(value) = self.back.get(&answer[span.clone()]) {
                restored.push_str(&answer[at..span.start]);
                restored.push_str(value);
                at = span.end;
            }
        }
        restored.push_str(&answer[at..]);
        restored
    }

    /// What looks like a placeholder, and is no part of a longer word or number.
    fn shaped<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.shape.find_iter(text).map(|found| found.range());
        found.filter(|span| stands_alone(text, span))
    }
}

impl Learned {
    fn find(&mut self, text: &[u8]) -> Vec<Range<usize>> {
        if self.built < self.values.len() {
            let builder = &mut AhoCorasickBuilder::new();
            self.automaton = builder.match_kind(MatchKind::LeftmostLongest).build(&self.values).ok();
            self.built = self.values.len();
        }
        let found = self.automaton.iter().flat_map(|automaton| automaton.find_iter(text));
        found.map(|found| found.range()).filter(|range| is_whole(text, range)).collect()
    }
}

/// What a hole is written as, what a number looks like in it, and the part of the number that goes there.
type Hole = (&'static str, &'static str, fn(u32) -> String);

/// The holes a format may have.
const HOLES: [Hole; 8] = [
    ("{n:017}", "[0-9]{17}", |n| format!("{n:017}")),
    ("{n:06}", "[0-9]{6}", |n| format!("{n:06}")),
    ("{n:05}", "[0-9]{5}", |n| format!("{n:05}")),
    ("{n}", "[0-9]{1,9}", |n| n.to_string()),
    ("{hi:04}", "[0-9]{4}", |n| format!("{:04}", n / 10_000)),
    ("{lo:04}", "[0-9]{4}", |n| format!("{:04}", n % 10_000)),
    ("{hi}", "[0-9]{1,3}", |n| (n >> 8 & 255).to_string()),
    ("{lo}", "[0-9]{1,3}", |n| (n & 255).to_string()),
];

fn filled(format: &str, number: u32) -> String {
    HOLES.iter().fold(format.to_owned(), |text, (hole, _, digits)| text.replace(hole, &digits(number)))
}

/// What the placeholders of a format look like.
fn pattern(format: &str) -> String {
    HOLES
        .iter()
        .fold(regex::escape(format), |text, (hole, digits, _)| text.replace(&regex::escape(hole), digits))
}

/// Told from a word of a sentence: it is joined from parts, or has digits.
fn is_distinctive(value: &str) -> bool {
    value.len() >= SHORTEST_LEARNED
        && value.bytes().any(|byte| byte.is_ascii_digit() || b"-_.@".contains(&byte))
}

/// Whether a placeholder begins and ends here: a number is not part of a longer one, nor an id of another word.
fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    let alphanumeric = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let (placeholder, bytes) = (&text[span.clone()], text.as_bytes());
    let told = placeholder.starts_with('[') || placeholder.starts_with("hidden-");
    let number = placeholder.ends_with(|last: char| last.is_ascii_digit());
    (told || !alphanumeric(span.start.checked_sub(1).and_then(|at| bytes.get(at))))
        && (!number || !alphanumeric(bytes.get(span.end)))
}

fn is_whole(text: &[u8], range: &Range<usize>) -> bool {
    let inside = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    !inside(range.start.checked_sub(1).and_then(|at| text.get(at))) && !inside(text.get(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders() -> Placeholders {
        let formats = &super::super::patterns::Patterns::shared().unwrap().placeholders;
        Placeholders::new(["jwt"].into_iter(), formats).unwrap()
    }

    #[test]
    fn a_placeholder_that_stands_in_the_input_is_never_made_nor_restored() {
        let mut all = placeholders();
        all.reserve("see 000000000001");
        assert_eq!(all.issue("111122223333", "account"), "000000000002");
        assert_eq!(
            all.restore("000000000001 000000000002 000000000009"),
            "000000000001 111122223333 000000000009"
        );
    }

    #[test]
    fn what_comes_back_is_not_restored_again() {
        let mut all = placeholders();
        all.issue("x-hidden-name-2", "name");
        all.issue("y", "name");
        assert_eq!(all.restore("hidden-name-1"), "x-hidden-name-2");
    }

    #[test]
    fn every_kind_has_placeholders_that_are_known_again() {
        let mut all = placeholders();
        for kind in all.formats.keys() {
            for number in 0..300 {
                let made = all.issue(&format!("{kind} {number}"), kind);
                assert_eq!(all.spans(&format!("a {made}, b")).first(), Some(&(2..2 + made.len())), "{made}");
                assert_eq!(all.restore(&made), format!("{kind} {number}"));
            }
        }
    }

    #[test]
    fn a_learned_name_is_found_as_a_whole_word_only() {
        let mut all = placeholders();
        all.issue("web-shop", "name");
        all.issue("deploy", "name");
        assert_eq!(all.learned(b"deploy web-shop, web-shops and web-shop-Db"), [7..15, 31..39]);
    }
}
