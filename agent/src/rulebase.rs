//! The rules of a run: the built-in ones, and a user's own from `--rules DIR` and the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use provision_rules::{Rulebook, RulesError, check_pattern};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::config::toml_files;
use crate::error::CommandError;

/// The built-in rules with those of folders added, for a diagnosis: without one, the examples are left out.
///
/// # Errors
/// A usage error that names file and line when a rule of a folder cannot be used.
pub fn load(folders: &[PathBuf]) -> Result<Rulebook, CommandError> {
    if folders.is_empty() { Ok(Rulebook::builtin()) } else { whole(folders) }
}

/// The same with every rule's examples, for work on the rules themselves.
///
/// # Errors
/// As [`load`].
pub fn whole(folders: &[PathBuf]) -> Result<Rulebook, CommandError> {
    let files = files(folders)?;
    for (name, text) in &files {
        check_form(name, text)?;
    }
    let book = Rulebook::builtin_with(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    check_ids(&book, &files)?;
    Ok(book)
}

/// A digest of all rules: changes whenever one of them does.
pub fn version(book: &Rulebook) -> String {
    let mut digest = Sha256::new();
    for rule in book.signatures() {
        digest.update(format!("{rule:?}\n"));
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The rules of folders alone, with the name of each file and its text.
///
/// # Errors
/// A usage error when the folder or a file cannot be read, or there is none.
pub fn files(folders: &[PathBuf]) -> Result<Vec<(String, String)>, CommandError> {
    let found: Result<Vec<_>, _> =
        folders.iter().map(|folder| toml_files("--rules", "rule", folder)).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Where the ids and patterns of a file stand.
#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    rule: Vec<RulePlaces>,
}

#[derive(Deserialize)]
struct RulePlaces {
    id: Spanned<String>,
    #[serde(default)]
    patterns: Vec<Spanned<String>>,
    #[serde(default)]
    unless: Vec<Spanned<String>>,
}

/// Refuses a file that does not parse, has a bad pattern, or a rule of bad form.
fn check_form(name: &str, text: &str) -> Result<(), CommandError> {
    let book = Rulebook::parse([(name, text)]).map_err(|error| unreadable(name, text, error))?;
    let places: Places = toml::from_str(text).map_err(CommandError::internal)?;
    for pattern in places.rule.iter().flat_map(|rule| rule.patterns.iter().chain(&rule.unless)) {
        let reason = |reason: String| at(name, text, pattern.span().start, &format!("bad pattern: {reason}"));
        check_pattern(pattern.get_ref()).map_err(reason)?;
    }
    match book.form_problems().first() {
        None => Ok(()),
        Some(problem) => {
            let start = places.rule.iter().find(|rule| *rule.id.get_ref() == problem.rule);
            let offset = start.map_or(0, |rule| rule.id.span().start);
            Err(at(name, text, offset, &format!("{}: {}", problem.rule, problem.message)))
        }
    }
}

fn unreadable(name: &str, text: &str, error: RulesError) -> CommandError {
    match error {
        RulesError::Signatures { source, .. } => {
            at(name, text, source.span().map_or(0, |span| span.start), source.message())
        }
        other => other.into(),
    }
}

/// Refuses an id that a built-in rule or another rule of the folder has.
fn check_ids(book: &Rulebook, files: &[(String, String)]) -> Result<(), CommandError> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for signature in book.signatures() {
        *uses.entry(&signature.id).or_default() += 1;
    }
    for (name, text) in files {
        let places: Places = toml::from_str(text).map_err(CommandError::internal)?;
        let taken =
            places.rule.iter().rfind(|rule| uses.get(rule.id.get_ref().as_str()).is_some_and(|n| *n > 1));
        if let Some(rule) = taken {
            let id = rule.id.get_ref();
            let owner = book.file_of(id).unwrap_or_default();
            return Err(at(
                name,
                text,
                rule.id.span().start,
                &format!("the id {id} is taken (first in {owner})"),
            ));
        }
    }
    Ok(())
}

fn at(name: &str, text: &str, offset: usize, message: &str) -> CommandError {
    let line = text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
    CommandError::usage(format!("{name}: line {line}: {}", message.replace('\n', " ")))
}
