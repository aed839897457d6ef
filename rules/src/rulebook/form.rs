//! What can be wrong with the form of a rule: fields, patterns, placeholders.

use std::collections::BTreeSet;

use super::rule::Rule;
use crate::context;
use crate::pattern::Pattern;
use crate::template;

impl Rule {
    pub(super) fn form_problems(&self) -> Vec<String> {
        let signature = self.signature();
        let mut problems = Vec::new();
        let mut demand = |holds: bool, problem: &str| {
            if !holds {
                problems.push(problem.to_owned());
            }
        };
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        demand(!signature.id.is_empty() && signature.id.chars().all(kebab), "the id is not kebab-case");
        demand(!signature.title.trim().is_empty(), "no title");
        demand(
            is_headline(&signature.title),
            "the title is longer than 60 characters or ends in a full stop",
        );
        demand(!signature.literals.is_empty(), "no literals");
        demand(signature.literals.iter().all(|l| l.trim().len() >= 4), "a literal shorter than 4 characters");
        demand((0.0..=1.0).contains(&signature.confidence), "confidence is not between 0 and 1");
        demand(!signature.hits.is_empty(), "no hits");
        demand(!signature.near_misses.is_empty(), "no near misses");
        demand(signature.remedy.is_consistent(), "the remedy's fields do not fit its kind");
        let patterns = signature.patterns.iter().chain(&signature.unless);
        problems.extend(patterns.filter_map(|pattern| Pattern::check(pattern).err()));
        problems.extend(self.placeholder_problems());
        problems
    }

    fn placeholder_problems(&self) -> Vec<String> {
        let signature = self.signature();
        let patterns: Vec<Pattern> = signature.patterns.iter().map(|p| Pattern::of_rule(p)).collect();
        let names: BTreeSet<&str> = patterns.iter().flat_map(Pattern::names).collect();
        let texts = [&signature.cause, &signature.fix].into_iter();
        texts
            .chain(&signature.remedy.value)
            .chain(&signature.remedy.commands)
            .chain(&signature.destroys)
            .chain(&signature.decide)
            .flat_map(|text| template::placeholders(text))
            .filter(|name| !names.contains(name.as_str()) && !context::NAMES.contains(&name.as_str()))
            .map(|name| {
                format!("placeholder {{{name}}} is captured by no pattern and is no fact of an event")
            })
            .collect()
    }
}

/// A headline of a few words.
fn is_headline(title: &str) -> bool {
    title.chars().count() <= 60 && !title.trim_end().ends_with('.')
}
