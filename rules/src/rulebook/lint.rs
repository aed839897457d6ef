//! What can be wrong with rules: their form, their examples, and where they get in each other's way.

use std::collections::BTreeSet;

use super::rule::Rule;
use super::{Match, Rulebook, facts_of};
use crate::pattern::Pattern;
use crate::signature::{DRAFT, Signature};

/// How close two matches of one tier must be for the winner to be an accident.
const CLOSE: f64 = 0.02;

/// How many texts a rule must be shown to match.
const HITS: usize = 2;

/// Something that is wrong with one rule, or deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file the rule stands in.
    pub file: String,
    /// The rule's id.
    pub rule: String,
    /// What it is.
    pub message: String,
}

/// Whether a text is a regular expression that a rule may use.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    Pattern::check(pattern)
}

impl Rulebook {
    /// What is wrong with the form of each rule: fields, patterns, placeholders. Examples are not tried.
    pub fn form_problems(&self) -> Vec<Problem> {
        let of = |rule: &Rule| {
            let found = rule.form_problems().into_iter();
            found.map(|message| problem(rule, message)).collect::<Vec<_>>()
        };
        self.rules.iter().flat_map(of).collect()
    }

    /// What is wrong with the examples of each rule: hits that it misses or another wins, near misses that it hits.
    pub fn failed_examples(&self) -> Vec<Problem> {
        let of = |rule: &Rule| {
            let found = self.example_problems(rule).into_iter();
            found.map(|message| problem(rule, message)).collect::<Vec<_>>()
        };
        self.rules.iter().flat_map(of).collect()
    }

    /// What deserves a look: examples that two rules claim with about the same right, and wordings that may
    /// stand in the middle of a longer word.
    pub fn warnings(&self) -> Vec<Problem> {
        self.rules.iter().flat_map(|rule| self.overlaps(rule).into_iter().chain(loose(rule))).collect()
    }

    fn overlaps(&self, rule: &Rule) -> Vec<Problem> {
        let mut rivals = BTreeSet::new();
        for hit in &rule.signature().hits {
            let found = self.matches(facts_of(hit));
            if let [best, second, ..] = found.as_slice()
                && best.rule.id == rule.signature().id
                && close(best, second)
            {
                rivals.insert(second.rule.id.clone());
            }
        }
        let message = |rival: String| format!("overlaps with {rival}: one of its hits matches both");
        rivals.into_iter().map(|rival| problem(rule, message(rival))).collect()
    }
}

/// Whether only chance decides between two matches. A rule for one resource type beside one for all is no accident.
fn close(best: &Match<'_>, second: &Match<'_>) -> bool {
    let one_scoped = best.rule.scope.types.is_empty() != second.rule.scope.types.is_empty();
    let other_answer =
        best.rule.category != second.rule.category || best.rule.retryable != second.rule.retryable;
    !one_scoped
        && other_answer
        && best.rule.tier == second.rule.tier
        && (best.confidence - second.confidence).abs() < CLOSE
}

/// A rule without patterns whose literal is one word: it also matches inside longer words and in any sentence.
fn loose(rule: &Rule) -> Vec<Problem> {
    let signature = rule.signature();
    if !signature.patterns.is_empty() {
        return Vec::new();
    }
    let plain = |literal: &&String| literal.chars().all(|c| c.is_ascii_lowercase());
    let message =
        |literal: &String| format!("the literal {literal:?} is one plain word and no pattern anchors it");
    signature.literals.iter().filter(plain).map(|literal| problem(rule, message(literal))).collect()
}

fn problem(rule: &Rule, message: String) -> Problem {
    Problem { file: rule.file().to_owned(), rule: rule.id().to_owned(), message }
}

/// A rule proven by one example alone: nothing shows that it knows more than that one wording.
pub(super) fn too_few_hits(signature: &Signature) -> Option<String> {
    (signature.hits.len() < HITS).then(|| format!("needs {HITS} hits, has {}", signature.hits.len()))
}

/// A drafted rule whose author still has to write something.
pub(super) fn draft_problem(signature: &Signature) -> Option<String> {
    let examples = signature.hits.iter().chain(&signature.near_misses).map(|example| &example.text);
    let texts = [&signature.title, &signature.cause, &signature.fix].into_iter();
    let open = texts.chain(examples).any(|text| text.contains(DRAFT));
    open.then(|| format!("still a draft: replace every text that says {DRAFT:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, category: &str, literal: &str) -> String {
        format!(
            "[[rule]]\nid = \"{id}\"\ntitle = \"t\"\ncategory = \"{category}\"\nliterals = [\"{literal}\"]\ncause = \"c\"\nfix = \"f\"\n\
             hits = [\"the sprocket jammed\", \"again the sprocket jammed\"]\nnear_misses = [\"nothing\"]\n"
        )
    }

    #[test]
    fn two_rules_of_one_right_on_the_same_text_are_told() {
        let text = rule("jam-a", "network", "sprocket jammed") + &rule("jam-b", "throttling", "the sprocket");
        let book = Rulebook::parse([("own.toml", text.as_str())]).expect("parses");
        let told = book.warnings();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].rule.as_str(), told[0].file.as_str()), ("jam-a", "own.toml"));
        assert!(told[0].message.contains("jam-b"), "{told:?}");
    }

    #[test]
    fn one_plain_word_without_a_pattern_is_told() {
        let text = rule("jam", "network", "sprocket");
        let book = Rulebook::parse([("own.toml", text.as_str())]).expect("parses");
        assert!(book.warnings()[0].message.contains("sprocket"));
    }

    #[test]
    fn a_draft_is_a_problem_until_it_is_filled_in() {
        let text =
            rule("jam", "network", "sprocket jammed").replace("\"nothing\"", "\"FILL IN: a near miss\"");
        let book = Rulebook::parse([("own.toml", text.as_str())]).expect("parses");
        assert!(book.problems()[0].contains("still a draft"), "{:?}", book.problems());
        assert!(book.form_problems().is_empty(), "its form is fine");
    }

    #[test]
    fn a_rule_needs_a_title_and_two_hits() {
        let text = rule("jam", "network", "sprocket jammed")
            .replace("title = \"t\"\n", "")
            .replace(", \"again the sprocket jammed\"", "");
        let book = Rulebook::parse([("own.toml", text.as_str())]).expect("parses");
        assert_eq!(book.problems(), ["own.toml: jam: no title", "own.toml: jam: needs 2 hits, has 1"]);
        assert_eq!(book.form_problems().len(), 1, "without a title it is not loaded at all");
    }

    #[test]
    fn a_bad_pattern_is_explained_in_one_line() {
        assert_eq!(check_pattern("a(b"), Err("unclosed group".to_owned()));
        assert_eq!(check_pattern("a(b)"), Ok(()));
    }
}
