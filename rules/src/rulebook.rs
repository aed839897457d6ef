//! The set of all rules: loading, checking, and finding the ones whose wording a text has.

mod embedded;
mod form;
mod lint;
mod literals;
mod rule;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use include_dir::{Dir, include_dir};

use crate::error::RulesError;
use crate::signature::{Signature, SignatureFile};
use crate::template;

use literals::Literals;
use rule::Rule;

pub use lint::{Problem, check_pattern};
pub(crate) use rule::in_scope;

static SIGNATURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/catalog");

/// What is known about a failure when rules are tried on it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The reason or message.
    pub text: &'a str,
    /// The type of the resource it is reported on.
    pub resource_type: Option<&'a str>,
    /// The status it is reported with.
    pub status: Option<&'a str>,
}

/// A rule whose wording a text has.
#[derive(Debug)]
pub struct Match<'a> {
    /// The rule.
    pub rule: &'a Signature,
    /// What its named groups captured.
    pub captures: BTreeMap<String, String>,
    /// How sure the match is, from 0 to 1: the rule's confidence, less where its scope could not be checked.
    pub confidence: f64,
}

impl Match<'_> {
    /// The rule's cause with the captured names filled in.
    pub fn cause(&self) -> String {
        template::fill(&self.rule.cause, &self.captures)
    }
}

/// All rules, ready to be tried on texts.
#[derive(Debug)]
pub struct Rulebook {
    rules: Vec<Rule>,
    literals: Cow<'static, Literals>,
}

impl Rulebook {
    /// The rules that come with the product, without their examples: all that a diagnosis needs, and quick to load.
    pub fn builtin() -> Self {
        let rules = embedded::EMBEDDED.iter().map(Rule::embedded).collect();
        Self { rules, literals: Cow::Borrowed(&embedded::LITERALS) }
    }

    /// The rules that come with the product, examples included, and further ones from TOML texts, each given with a
    /// name.
    ///
    /// # Errors
    /// As [`Rulebook::parse`].
    pub fn builtin_with<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, RulesError> {
        let builtin = SIGNATURES
            .files()
            .filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"))
            .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
        Self::parse(builtin.chain(files))
    }

    /// Rules from TOML texts, each given with a name for messages.
    ///
    /// # Errors
    /// When a text does not parse as a signature file or two rules share an id.
    pub fn parse<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, RulesError> {
        let mut rules = Vec::new();
        for (name, text) in files {
            let file: SignatureFile = toml::from_str(text).map_err(|source| RulesError::Signatures {
                file: name.to_owned(),
                source: Box::new(source),
            })?;
            rules.extend(file.rule.into_iter().map(|signature| Rule::new(name, signature)));
        }
        let literals = (0..).zip(&rules).flat_map(|(position, rule): (u32, &Rule)| {
            rule.signature().literals.iter().map(move |literal| (position, literal.as_str()))
        });
        let literals = Cow::Owned(Literals::file(literals));
        Ok(Self { rules, literals })
    }

    /// Every rule as written, in file order.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.rules.iter().map(Rule::signature)
    }

    /// The rule with an id.
    pub fn rule(&self, id: &str) -> Option<&Signature> {
        self.rules.iter().find(|rule| rule.id() == id).map(Rule::signature)
    }

    /// The file a rule stands in, by the rule's id.
    pub fn file_of(&self, id: &str) -> Option<&str> {
        self.rules.iter().find(|rule| rule.id() == id).map(Rule::file)
    }

    /// The rules whose wording the text has, best first.
    pub fn matches(&self, facts: Facts<'_>) -> Vec<Match<'_>> {
        self.found(facts, |_| true).collect()
    }

    /// The best of them that is wanted; rules behind it are not tried.
    pub(crate) fn best(&self, facts: Facts<'_>, wanted: impl Fn(&Signature) -> bool) -> Option<Match<'_>> {
        self.found(facts, wanted).next()
    }

    /// Tries those rules on a text that are wanted, the best first.
    fn found(
        &self,
        facts: Facts<'_>,
        wanted: impl Fn(&Signature) -> bool,
    ) -> impl Iterator<Item = Match<'_>> {
        let text = normalise(facts.text);
        let mut candidates: Vec<(&Rule, f64)> = self
            .literals
            .rules_in(&text.to_ascii_lowercase())
            .into_iter()
            .map(|position| &self.rules[position as usize])
            .filter(|rule| wanted(rule.signature()))
            .filter_map(|rule| Some((rule, rule.confidence(facts)?)))
            .collect();
        candidates.sort_by(|(a, a_confidence), (b, b_confidence)| {
            let tiers = b.signature().tier.cmp(&a.signature().tier);
            tiers.then(b_confidence.total_cmp(a_confidence)).then_with(|| a.id().cmp(b.id()))
        });
        candidates.into_iter().filter_map(move |(rule, confidence)| rule.try_on(&text, confidence))
    }

    /// Everything that is wrong with the rules beyond their syntax, one line each.
    ///
    /// Costly (compiles every pattern and runs every example): for tests, and for rules that users bring.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in &self.rules {
            let (id, file) = (rule.id(), rule.file());
            if !seen.insert(id) {
                problems.push(format!("{file}: {id}: the id is used twice"));
            }
            let all = rule.form_problems().into_iter().chain(self.content_problems(rule));
            problems.extend(all.map(|p| format!("{file}: {id}: {p}")));
        }
        problems
    }

    /// The gaps of a draft, else what is wrong with the examples.
    fn content_problems(&self, rule: &Rule) -> Vec<String> {
        if let Some(draft) = lint::draft_problem(rule.signature()) {
            return vec![draft];
        }
        lint::too_few_hits(rule.signature()).into_iter().chain(self.example_problems(rule)).collect()
    }

    fn example_problems(&self, rule: &Rule) -> Vec<String> {
        let signature = rule.signature();
        let mut problems = Vec::new();
        for hit in &signature.hits {
            match self.best(facts_of(hit), |_| true) {
                None => problems.push(format!("hit does not match: {}", hit.text)),
                Some(best) if best.rule.id != signature.id => {
                    problems.push(format!("hit is won by {}: {}", best.rule.id, hit.text));
                }
                Some(best) => problems.extend(hit.captures.iter().filter_map(|(name, want)| {
                    let got = best.captures.get(name);
                    (got != Some(want))
                        .then(|| format!("capture {name} is {got:?}, not {want:?}: {}", hit.text))
                })),
            }
        }
        for miss in &signature.near_misses {
            if self.best(facts_of(miss), |rule| rule.id == signature.id).is_some() {
                problems.push(format!("near miss matches: {}", miss.text));
            }
        }
        problems
    }
}

fn facts_of(example: &crate::signature::Example) -> Facts<'_> {
    Facts {
        text: &example.text,
        resource_type: example.resource_type.as_deref(),
        status: example.status.as_deref(),
    }
}

/// One line, single spaces, straight quotes: what the patterns are written against.
pub(crate) fn normalise(text: &str) -> String {
    let straight = text.replace(['’', '‘'], "'").replace(['“', '”'], "\"");
    straight.split_whitespace().collect::<Vec<_>>().join(" ")
}
