//! The patterns of secrets and identifiers, read from `redaction/*.toml` and compiled once per process.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use crate::error::PromptsError;

/// The file of secrets.
pub(super) const SECRETS: &str = include_str!("../../redaction/secrets.toml");
const IDENTIFIERS: &str = include_str!("../../redaction/identifiers.toml");

/// What the compiled pattern files say.
static PATTERNS: LazyLock<Result<Patterns, String>> = LazyLock::new(Patterns::load);

/// All patterns.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) secrets: Vec<Pattern>,
    pub(super) identifiers: Vec<Pattern>,
    /// What no identifier is looked for in.
    pub(super) keep: Vec<Regex>,
    /// The shape of the placeholders of each kind.
    pub(super) placeholders: BTreeMap<String, String>,
}

/// One compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) kind: String,
    regex: Regex,
    keep: Option<Regex>,
    keep_keys: Option<Regex>,
    min_entropy: f32,
    check: Option<Check>,
}

/// What a regular expression cannot say of a value.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Check {
    /// It is an IPv6 address.
    Ipv6,
}

/// A match: where its value stands, and the kind of what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Range<usize>,
    pub(super) kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFile {
    // Read by `shown`, before anything else is needed.
    #[expect(dead_code)]
    hints: Vec<String>,
    words: BTreeMap<String, String>,
    secret: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentifierFile {
    words: BTreeMap<String, String>,
    placeholders: BTreeMap<String, String>,
    keep: Vec<Entry>,
    identifier: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: String,
    pattern: String,
    keep: Option<String>,
    keep_keys: Option<String>,
    #[serde(default)]
    min_entropy: f32,
    check: Option<Check>,
    // Read by the test below; demanded of every entry by serde.
    #[cfg_attr(not(test), expect(dead_code))]
    examples: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code))]
    near_misses: Vec<String>,
}

impl Patterns {
    /// The compiled patterns.
    pub(super) fn shared() -> Result<&'static Self, PromptsError> {
        PATTERNS.as_ref().map_err(PromptsError::patterns)
    }

    fn load() -> Result<Self, String> {
        let secrets: SecretFile = toml::from_str(SECRETS).map_err(|error| error.to_string())?;
        let identifiers: IdentifierFile = toml::from_str(IDENTIFIERS).map_err(|error| error.to_string())?;
        let compiled = |entries: &[Entry], words| -> Result<Vec<Pattern>, String> {
            entries.iter().map(|entry| Pattern::compile(entry, words)).collect()
        };
        let keep = identifiers.keep.iter().map(|entry| compile(&entry.pattern, &identifiers.words));
        Ok(Self {
            secrets: compiled(&secrets.secret, &secrets.words)?,
            keep: keep.collect::<Result<_, _>>()?,
            identifiers: compiled(&identifiers.identifier, &identifiers.words)?,
            placeholders: identifiers.placeholders,
        })
    }
}

fn compile(pattern: &str, words: &BTreeMap<String, String>) -> Result<Regex, String> {
    let full =
        words.iter().fold(pattern.to_owned(), |text, (name, word)| text.replace(&format!("<{name}>"), word));
    RegexBuilder::new(&full).unicode(false).size_limit(64 << 20).build().map_err(|error| error.to_string())
}

impl Pattern {
    fn compile(entry: &Entry, words: &BTreeMap<String, String>) -> Result<Self, String> {
        let optional =
            |pattern: &Option<String>| pattern.as_ref().map(|text| compile(text, words)).transpose();
        Ok(Self {
            kind: entry.kind.clone(),
            regex: compile(&entry.pattern, words)?,
            keep: optional(&entry.keep)?,
            keep_keys: optional(&entry.keep_keys)?,
            min_entropy: entry.min_entropy,
            check: entry.check,
        })
    }

    /// Every match: the group `value`, or the whole; its kind is the group `kind`, or the pattern's.
    pub(super) fn find<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Found> + 'a {
        self.regex.captures_iter(text).filter_map(|captures| self.accepted(&captures))
    }

    fn accepted(&self, captures: &Captures<'_>) -> Option<Found> {
        let value = captures.name("value").or_else(|| captures.get(0))?;
        let (key, bytes) = (captures.name("key"), value.as_bytes());
        let kept = self.keep.as_ref().is_some_and(|keep| keep.is_match(bytes));
        let kept_key =
            self.keep_keys.as_ref().zip(key).is_some_and(|(keep, key)| keep.is_match(key.as_bytes()));
        let random = self.min_entropy == 0.0 || entropy(bytes) >= self.min_entropy;
        let checked = self.check.is_none_or(|check| check.holds(bytes));
        let kind = captures.name("kind").map_or(self.kind.as_str(), |kind| utf8(kind.as_bytes()));
        (!kept && !kept_key && random && checked)
            .then(|| Found { span: value.range(), kind: kind.to_owned() })
    }
}

impl Check {
    fn holds(self, value: &[u8]) -> bool {
        match self {
            Self::Ipv6 => utf8(value).parse::<std::net::Ipv6Addr>().is_ok(),
        }
    }
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Shannon's measure of a value, in bits per byte.
fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    for byte in value.iter().take(4096) {
        counts[usize::from(*byte)] += 1;
    }
    let all = value.len().min(4096) as f32;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f32::from(*count) / all);
    shares.map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
#[path = "../../tests/common/recipe.rs"]
mod recipe;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with the examples of these entries.
    fn wrong(entries: &[Entry], words: &BTreeMap<String, String>, secret: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        for entry in entries {
            let pattern = Pattern::compile(entry, words).unwrap();
            if entry.examples.is_empty() || entry.near_misses.is_empty() {
                wrong.push(format!("{} lacks examples", entry.kind));
            }
            let found = |text: &String| pattern.find(recipe::expand(text, 1).as_bytes()).next();
            let unhinted =
                entry.examples.iter().filter(|text| !super::super::may_hold_secret(&recipe::expand(text, 1)));
            let unhinted = unhinted.filter(|_| secret);
            wrong.extend(unhinted.map(|text| format!("{}: no hint for {text}", entry.kind)));
            let missed = entry.examples.iter().filter(|text| found(text).is_none());
            wrong.extend(missed.map(|text| format!("{} misses {text}", entry.kind)));
            let hit = entry.near_misses.iter().filter(|text| found(text).is_some());
            wrong.extend(hit.map(|text| format!("{} finds {:?} in {text}", entry.kind, found(text))));
        }
        wrong
    }

    #[test]
    fn every_pattern_of_a_secret_finds_its_examples_and_no_near_miss() {
        let file: SecretFile = toml::from_str(SECRETS).unwrap();
        assert_eq!(wrong(&file.secret, &file.words, true), Vec::<String>::new());
        let kinds: std::collections::BTreeSet<&str> =
            file.secret.iter().map(|entry| entry.kind.as_str()).collect();
        assert!(kinds.len() >= 30, "{} kinds", kinds.len());
    }

    #[test]
    fn every_pattern_of_an_identifier_finds_its_examples_and_no_near_miss() {
        let file: IdentifierFile = toml::from_str(IDENTIFIERS).unwrap();
        assert_eq!(wrong(&file.identifier, &file.words, false), Vec::<String>::new());
        assert_eq!(wrong(&file.keep, &file.words, false), Vec::<String>::new());
        for entry in &file.identifier {
            assert!(file.placeholders.contains_key(&entry.kind), "{} has no placeholder", entry.kind);
        }
    }

    #[test]
    fn random_text_is_told_from_words() {
        assert!(entropy(b"aaaaaaaa") < 0.1 && entropy(b"q8Zt3LmX0vRk") > 3.4);
    }
}
