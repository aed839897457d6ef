//! One rule: parsed and compiled when a text may match it, and tried on texts.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::embedded::Embedded;
use super::{Facts, Match};
use crate::pattern::Pattern;
use crate::signature::Signature;

#[derive(Debug)]
pub(super) struct Rule {
    file: String,
    /// Where the rule comes from, until it is parsed.
    embedded: Option<&'static Embedded>,
    signature: OnceLock<Signature>,
    patterns: OnceLock<Vec<Pattern>>,
    unless: OnceLock<Vec<Pattern>>,
}

impl Rule {
    /// A rule that was parsed.
    pub(super) fn new(file: &str, signature: Signature) -> Self {
        Self { file: file.to_owned(), signature: signature.into(), ..Self::unread() }
    }

    /// A rule that comes with the product.
    pub(super) fn embedded(embedded: &'static Embedded) -> Self {
        Self { embedded: Some(embedded), ..Self::unread() }
    }

    fn unread() -> Self {
        Self {
            file: String::new(),
            embedded: None,
            signature: OnceLock::new(),
            patterns: OnceLock::new(),
            unless: OnceLock::new(),
        }
    }

    /// The file it stands in.
    pub(super) fn file(&self) -> &str {
        self.embedded.map_or(&self.file, |embedded| embedded.file)
    }

    pub(super) fn id(&self) -> &str {
        self.embedded.map_or_else(|| self.signature().id.as_str(), |embedded| embedded.id)
    }

    /// The rule as written.
    pub(super) fn signature(&self) -> &Signature {
        self.signature.get_or_init(|| {
            let json = self.embedded.map_or("", |embedded| embedded.json);
            serde_json::from_str(json).expect("a constant that the catalogue's test reads")
        })
    }

    /// How sure a match would be, from 0 to 1: less where the scope cannot be checked; none outside of it.
    pub(super) fn confidence(&self, facts: Facts<'_>) -> Option<f64> {
        let signature = self.signature();
        let type_known = in_scope(&signature.scope.types, facts.resource_type)?;
        let status_known = in_scope(&signature.scope.statuses, facts.status)?;
        let doubt = if type_known && status_known { 0.0 } else { 0.02 };
        Some((signature.confidence - doubt).max(0.0))
    }

    /// The match with a normalised text that has one of the literals, if nothing forbids it.
    pub(super) fn try_on(&self, text: &str, confidence: f64) -> Option<Match<'_>> {
        let rule = self.signature();
        let captures = self.capture(text)?;
        if self.unless.get_or_init(|| of_rule(&rule.unless)).iter().any(|veto| veto.is_match(text)) {
            return None;
        }
        Some(Match { rule, captures, confidence })
    }

    fn capture(&self, text: &str) -> Option<BTreeMap<String, String>> {
        let patterns = self.patterns.get_or_init(|| of_rule(&self.signature().patterns));
        if patterns.is_empty() {
            return Some(BTreeMap::new());
        }
        patterns.iter().find_map(|pattern| {
            let groups = pattern.captures(text)?;
            Some(groups.named().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
        })
    }
}

/// `None` when the fact is known and outside the scope, else whether the scope could be checked.
pub(crate) fn in_scope(globs: &[String], fact: Option<&str>) -> Option<bool> {
    match fact {
        _ if globs.is_empty() => Some(true),
        None => Some(false),
        Some(fact) => globs.iter().any(|glob| glob_matches(glob, fact)).then_some(true),
    }
}

/// Matches `*` against any run of characters; everything else stands for itself, any case.
fn glob_matches(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((head, tail)) = glob.split_once('*') else { return glob == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    if tail.is_empty() {
        return true;
    }
    (0..=rest.len()).filter(|&at| rest.is_char_boundary(at)).any(|at| glob_matches(tail, &rest[at..]))
}

fn of_rule(patterns: &[String]) -> Vec<Pattern> {
    patterns.iter().map(|pattern| Pattern::of_rule(pattern)).collect()
}
