//! `provision rules`: list, show, check and draft the rules that failures are diagnosed with.

use provision_rules::{Category, Problem, Rulebook, Signature};
use serde_json::{Value, json};

use crate::cli::{Global, OutputFormat, RulesAction};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::llm::ModelConfig;
use crate::render::{columns, plural};
use crate::terminal::{self, BAD, DIM, GOOD, WARN, paint};
use crate::{render, rulebase};

use super::rules_new::{self, Asked};

/// How near an id must be to be suggested, from 0 to 1.
const NEAR: f64 = 0.75;

/// Runs one of the commands.
///
/// # Errors
/// A usage error for an unknown id or category, a bad rule file, or a failure that needs no new rule.
pub fn run(action: &RulesAction, global: &Global, config: &ModelConfig) -> Result<Exit, CommandError> {
    let book = rulebase::whole(&global.rules)?;
    match action {
        RulesAction::List { category } => list(&book, category.as_deref(), global.format()),
        RulesAction::Show { id } => show(&book, id, global.wants_json()),
        RulesAction::Lint => lint(&book, global),
        RulesAction::Test => test(&book, global),
        RulesAction::New { from, ask, against } => {
            let asked = ask.then_some(Asked { llm: &global.llm, config, against });
            rules_new::run(&book, from, &global.rules, asked)
        }
    }
}

fn list(book: &Rulebook, family: Option<&str>, format: OutputFormat) -> Result<Exit, CommandError> {
    let family = family.map(category).transpose()?;
    let mut rules: Vec<&Signature> =
        book.signatures().filter(|rule| family.is_none_or(|family| rule.category == family)).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let text = match format {
        OutputFormat::Markdown => render::rules_page(&rules),
        OutputFormat::Json => pretty(&rules.iter().map(|rule| document(book, rule)).collect::<Vec<_>>())?,
        _ => render::rule_list(&rules, terminal::width()) + &count(&rules),
    };
    terminal::out(&text);
    Ok(Exit::Done)
}

fn count(rules: &[&Signature]) -> String {
    format!("{}\n", paint(DIM, plural(rules.len(), "rule", "rules")))
}

fn category(name: &str) -> Result<Category, CommandError> {
    serde_json::from_value(name.into()).map_err(|error| {
        let accepted = error.to_string();
        let accepted = accepted.split_once("expected one of ").map_or(accepted.as_str(), |(_, names)| names);
        CommandError::usage(format!(
            "--category {name}: no such category; there are {}",
            accepted.replace('`', "")
        ))
    })
}

fn show(book: &Rulebook, id: &str, json: bool) -> Result<Exit, CommandError> {
    let rule = book.rule(id).ok_or_else(|| no_such_rule(book, id))?;
    let file = book.file_of(id).unwrap_or_default();
    let text =
        if json { pretty(&document(book, rule))? } else { render::rule(rule, file, terminal::width()) };
    terminal::out(&text);
    Ok(Exit::Done)
}

fn no_such_rule(book: &Rulebook, id: &str) -> CommandError {
    let mut near: Vec<(f64, &str)> = book
        .signatures()
        .map(|rule| (strsim::jaro_winkler(&rule.id, id), rule.id.as_str()))
        .filter(|(score, _)| *score > NEAR)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, id)| id).collect();
    let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
    CommandError::usage(format!("{}: no such rule{hint}", terminal::safe(id)))
}

/// A rule as JSON; the names are those of the rule files.
fn document(book: &Rulebook, rule: &Signature) -> Value {
    json!({
        "id": rule.id, "title": rule.headline(), "category": rule.category, "tier": rule.tier, "confidence": rule.confidence,
        "retryable": rule.retryable, "cause": rule.cause, "fix": rule.fix, "docs": rule.docs,
        "effect": rule.usual_effect(), "destroys": rule.destroys, "decide": rule.decide,
        "wait": rule.wait().map(|(seconds, advice)| json!({ "seconds": seconds, "advice": advice })),
        "scope": { "types": rule.scope.types, "statuses": rule.scope.statuses },
        "literals": rule.literals, "patterns": rule.patterns, "unless": rule.unless,
        "remedy": { "kind": rule.remedy.kind, "input": rule.remedy.input, "value": rule.remedy.value,
            "wait_seconds": rule.remedy.wait_seconds, "commands": rule.remedy.commands },
        "hits": rule.hits.iter().map(|hit| &hit.text).collect::<Vec<_>>(),
        "near_misses": rule.near_misses.iter().map(|miss| &miss.text).collect::<Vec<_>>(),
        "file": book.file_of(&rule.id),
    })
}

/// Unsound rules fail; overlaps and loose wordings are warnings. With rules of one's own, only those are
/// warned about.
fn lint(book: &Rulebook, global: &Global) -> Result<Exit, CommandError> {
    let problems: Vec<String> = book.problems();
    let own: Vec<String> = rulebase::files(&global.rules)?.into_iter().map(|(name, _)| name).collect();
    let mut warnings = book.warnings();
    warnings.retain(|warning| own.is_empty() || own.contains(&warning.file));
    if global.wants_json() {
        let warnings: Vec<String> = warnings.iter().map(line).collect();
        terminal::out(&pretty(&json!({ "problems": problems, "warnings": warnings }))?);
    } else {
        problems.iter().for_each(|problem| terminal::out(&format!("{} {problem}\n", paint(BAD, "✗"))));
        warnings
            .iter()
            .for_each(|warning| terminal::out(&format!("{} {}\n", paint(WARN, "!"), line(warning))));
        let counts = [
            plural(book.signatures().count(), "rule", "rules"),
            plural(problems.len(), "problem", "problems"),
            plural(warnings.len(), "warning", "warnings"),
        ];
        terminal::out(&format!("{}\n", counts.join(" · ")));
    }
    Ok(if problems.is_empty() { Exit::Done } else { Exit::CHECK_FAILED })
}

fn line(problem: &Problem) -> String {
    format!("{}: {}: {}", problem.file, problem.rule, problem.message)
}

/// Every hit must be won by its rule, every near miss left alone.
fn test(book: &Rulebook, global: &Global) -> Result<Exit, CommandError> {
    let failed = book.failed_examples();
    let hits: usize = book.signatures().map(|rule| rule.hits.len()).sum();
    let misses: usize = book.signatures().map(|rule| rule.near_misses.len()).sum();
    let rules = book.signatures().count();
    if global.wants_json() {
        let failed: Vec<String> = failed.iter().map(line).collect();
        terminal::out(&pretty(
            &json!({ "rules": rules, "hits": hits, "near_misses": misses, "failed": failed }),
        )?);
    } else {
        failed.iter().for_each(|problem| terminal::out(&format!("{} {}\n", paint(BAD, "✗"), line(problem))));
        let mark = if failed.is_empty() { paint(GOOD, "✓") } else { paint(BAD, "✗") };
        let row = [
            plural(rules, "rule", "rules"),
            plural(hits, "hit", "hits"),
            plural(misses, "near miss", "near misses"),
            plural(failed.len(), "example fails", "examples fail"),
        ];
        terminal::out(&columns(&[[format!("{mark} {}", row.join(" · "))]], 0));
    }
    Ok(if failed.is_empty() { Exit::Done } else { Exit::CHECK_FAILED })
}

fn pretty(document: &impl serde::Serialize) -> Result<String, CommandError> {
    Ok(serde_json::to_string_pretty(document).map_err(CommandError::internal)? + "\n")
}
