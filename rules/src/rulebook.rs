//! The set of all rules: loading, checking, and finding the ones whose wording a text has.

mod lint;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use include_dir::{Dir, include_dir};
use regex::{Regex, RegexBuilder};

use crate::context;
use crate::error::RulesError;
use crate::signature::{Signature, SignatureFile};
use crate::template;

pub use lint::{Problem, check_pattern};

/// The catalogue without its examples, as `build.rs` makes it.
const CATALOG: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));

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
    literals: AhoCorasick,
    /// For each literal of the automaton, the rule it belongs to.
    owners: Vec<usize>,
}

#[derive(Debug)]
struct Rule {
    signature: Signature,
    file: String,
    patterns: OnceLock<Vec<Regex>>,
    unless: OnceLock<Vec<Regex>>,
}

impl Rulebook {
    /// The rules that come with the product, without their examples: all that a diagnosis needs, and quick to load.
    ///
    /// # Errors
    /// When the embedded catalogue does not parse; the catalogue test proves that it does.
    pub fn builtin() -> Result<Self, RulesError> {
        let files: Vec<(String, SignatureFile)> =
            serde_json::from_str(CATALOG).map_err(|source| RulesError::Catalog { source })?;
        let rules = files.into_iter().flat_map(|(name, file)| {
            file.rule.into_iter().map(move |signature| Rule::new(&name, signature)).collect::<Vec<_>>()
        });
        Self::index(rules.collect())
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
        Self::index(rules)
    }

    fn index(rules: Vec<Rule>) -> Result<Self, RulesError> {
        let mut owners = Vec::new();
        let mut literals = Vec::new();
        for (position, rule) in rules.iter().enumerate() {
            for literal in &rule.signature.literals {
                owners.push(position);
                literals.push(literal.as_str());
            }
        }
        let literals = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // the quickest to build; what it searches is short
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(&literals)
            .map_err(|source| RulesError::Index { reason: source.to_string() })?;
        Ok(Self { rules, literals, owners })
    }

    /// Every rule as written, in file order.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.rules.iter().map(|rule| &rule.signature)
    }

    /// The file a rule stands in, by the rule's id.
    pub fn file_of(&self, id: &str) -> Option<&str> {
        self.rules.iter().find(|rule| rule.signature.id == id).map(|rule| rule.file.as_str())
    }

    /// The rules whose wording the text has, best first.
    pub fn matches(&self, facts: Facts<'_>) -> Vec<Match<'_>> {
        let text = normalise(facts.text);
        let mut found: Vec<Match<'_>> = self
            .candidates(&text)
            .into_iter()
            .filter_map(|position| self.rules[position].try_on(&text, facts))
            .collect();
        found.sort_by(|a, b| {
            b.rule
                .tier
                .cmp(&a.rule.tier)
                .then(b.confidence.total_cmp(&a.confidence))
                .then(a.rule.id.cmp(&b.rule.id))
        });
        found
    }

    fn candidates(&self, text: &str) -> BTreeSet<usize> {
        self.literals.find_overlapping_iter(text).map(|hit| self.owners[hit.pattern().as_usize()]).collect()
    }

    /// Everything that is wrong with the rules beyond their syntax, one line each.
    ///
    /// Costly (compiles every pattern and runs every example): for tests, and for rules that users bring.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for rule in &self.rules {
            let id = &rule.signature.id;
            if !seen.insert(id) {
                problems.push(format!("{}: {id}: the id is used twice", rule.file));
            }
            let all = rule.problems().into_iter().chain(self.content_problems(rule));
            problems.extend(all.map(|p| format!("{}: {id}: {p}", rule.file)));
        }
        problems
    }

    /// The gaps of a draft, else what is wrong with the examples.
    fn content_problems(&self, rule: &Rule) -> Vec<String> {
        if let Some(draft) = lint::draft_problem(&rule.signature) {
            return vec![draft];
        }
        lint::too_few_hits(&rule.signature).into_iter().chain(self.example_problems(rule)).collect()
    }

    fn example_problems(&self, rule: &Rule) -> Vec<String> {
        let signature = &rule.signature;
        let mut problems = Vec::new();
        for hit in &signature.hits {
            let found = self.matches(facts_of(hit));
            match found.first() {
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
            if self.matches(facts_of(miss)).iter().any(|found| found.rule.id == signature.id) {
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

impl Rule {
    fn new(file: &str, signature: Signature) -> Self {
        Self { signature, file: file.to_owned(), patterns: OnceLock::new(), unless: OnceLock::new() }
    }

    fn try_on<'a>(&'a self, text: &str, facts: Facts<'_>) -> Option<Match<'a>> {
        let signature = &self.signature;
        let type_known = in_scope(&signature.scope.types, facts.resource_type)?;
        let status_known = in_scope(&signature.scope.statuses, facts.status)?;
        if self.unless.get_or_init(|| compile(&signature.unless)).iter().any(|veto| veto.is_match(text)) {
            return None;
        }
        let captures = self.capture(text)?;
        let doubt = if type_known && status_known { 0.0 } else { 0.02 };
        Some(Match { rule: signature, captures, confidence: (signature.confidence - doubt).max(0.0) })
    }

    fn capture(&self, text: &str) -> Option<BTreeMap<String, String>> {
        if self.signature.patterns.is_empty() {
            return Some(BTreeMap::new());
        }
        let patterns = self.patterns.get_or_init(|| compile(&self.signature.patterns));
        patterns.iter().find_map(|pattern| {
            let captures = pattern.captures(text)?;
            let named = pattern.capture_names().flatten();
            Some(
                named
                    .filter_map(|name| {
                        Some((name.to_owned(), captures.name(name)?.as_str().trim().to_owned()))
                    })
                    .collect(),
            )
        })
    }

    fn problems(&self) -> Vec<String> {
        let signature = &self.signature;
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
        let broken = signature.patterns.iter().chain(&signature.unless).filter_map(|p| regex(p).err());
        problems.extend(broken.map(|error| error.to_string()));
        problems.extend(self.placeholder_problems());
        problems
    }

    fn placeholder_problems(&self) -> Vec<String> {
        let signature = &self.signature;
        let names: BTreeSet<String> = compile(&signature.patterns)
            .iter()
            .flat_map(|pattern| pattern.capture_names().flatten().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let texts = [&signature.cause, &signature.fix].into_iter();
        texts
            .chain(&signature.remedy.value)
            .chain(&signature.remedy.commands)
            .chain(&signature.destroys)
            .chain(&signature.decide)
            .flat_map(|text| template::placeholders(text))
            .filter(|name| !names.contains(name) && !context::NAMES.contains(&name.as_str()))
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

/// One line, single spaces, straight quotes: what the patterns are written against.
pub(crate) fn normalise(text: &str) -> String {
    let straight = text.replace(['’', '‘'], "'").replace(['“', '”'], "\"");
    straight.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn compile(patterns: &[String]) -> Vec<Regex> {
    patterns.iter().filter_map(|pattern| regex(pattern).ok()).collect()
}

fn regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build()
}
