//! Secrets out of everything a diagnosis shows: the one place that foreign text passes on its way to an output.

use provision_prompts::{may_hold_secret, without_secrets};
use provision_rules::{Diagnosis, Evidence, Explanation, History, StackNode, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::CommandError;

/// The diagnosis without secrets in any of its texts.
///
/// # Errors
/// An internal error when the patterns cannot be used; then nothing is shown.
pub fn diagnosis(mut found: Diagnosis) -> Result<Diagnosis, CommandError> {
    if !found.verdict.iter().chain(&found.also).any(is_suspect) {
        return Ok(found);
    }
    for verdict in found.verdict.iter_mut().chain(&mut found.also) {
        verdict.evidence = evidence(std::mem::take(&mut verdict.evidence))?;
    }
    everywhere(&found)
}

/// The explanation without secrets in any of its texts.
///
/// # Errors
/// As [`diagnosis`].
pub fn explanation(found: Explanation) -> Result<Explanation, CommandError> {
    if found.stacks.iter().any(has_suspect) { everywhere(&found) } else { Ok(found) }
}

/// The events of a text without secrets in any of them.
///
/// # Errors
/// As [`diagnosis`].
pub fn history(found: History) -> Result<History, CommandError> {
    let suspect = found.events.iter().any(|event| may_hold_secret(&event.reason));
    if suspect { everywhere(&found) } else { Ok(found) }
}

/// Everything that a rule says stands in the rule or in the text of the failure.
fn is_suspect(verdict: &Verdict) -> bool {
    let texts = verdict.evidence.iter().map(|line| &line.text).chain([&verdict.root.text]);
    texts.chain(verdict.captures.values()).any(|text| may_hold_secret(text))
}

fn has_suspect(stack: &StackNode) -> bool {
    stack.failures.iter().any(|event| may_hold_secret(&event.reason)) || stack.nested.iter().any(has_suspect)
}

/// Lines together, so that a secret that is wrapped over two of them is seen. Where that joins lines, the first one
/// carries the text of all.
fn evidence(lines: Vec<Evidence>) -> Result<Vec<Evidence>, CommandError> {
    let joined = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let shown = masked(&joined)?;
    let parts: Vec<&str> = shown.split('\n').collect();
    if parts.len() == lines.len() {
        let pairs = lines.iter().zip(parts);
        return Ok(pairs.map(|(line, text)| Evidence { line: line.line, text: text.to_owned() }).collect());
    }
    Ok(lines.first().map(|line| Evidence { line: line.line, text: parts.join(" ") }).into_iter().collect())
}

/// A document with every text in it masked.
fn everywhere<T: Serialize + DeserializeOwned>(document: &T) -> Result<T, CommandError> {
    let mut value = serde_json::to_value(document).map_err(CommandError::internal)?;
    walk(&mut value)?;
    serde_json::from_value(value).map_err(CommandError::internal)
}

fn walk(value: &mut Value) -> Result<(), CommandError> {
    match value {
        Value::String(text) => *text = masked(text)?,
        Value::Array(items) => items.iter_mut().try_for_each(walk)?,
        Value::Object(members) => members.values_mut().try_for_each(walk)?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// One text without secrets.
///
/// # Errors
/// As [`diagnosis`].
pub fn text(text: &str) -> Result<String, CommandError> {
    if may_hold_secret(text) { masked(text) } else { Ok(text.to_owned()) }
}

fn masked(text: &str) -> Result<String, CommandError> {
    Ok(without_secrets(text).map_err(CommandError::internal)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<Evidence> {
        texts.iter().zip(7..).map(|(text, line)| Evidence { line, text: (*text).to_owned() }).collect()
    }

    #[test]
    fn a_secret_in_one_line_leaves_the_others_and_their_numbers() {
        let shown = evidence(lines(&["cloning", "https://ci:b4ttery-h0rse@git.example/x", "failed"]))
            .expect("patterns");
        let shown: Vec<(usize, &str)> = shown.iter().map(|line| (line.line, line.text.as_str())).collect();
        assert_eq!(
            shown,
            [(7, "cloning"), (8, "https://ci:[secret:url-password]@git.example/x"), (9, "failed")]
        );
    }

    #[test]
    fn a_secret_that_is_wrapped_is_seen() {
        let token: String = "ghp_".chars().chain("Ab3dEf6hIj9k".chars().cycle().take(36)).collect();
        let wrapped = format!("fatal: could not read from remote repository with {}", &token[..20]);
        let shown = evidence(lines(&[&wrapped, &token[20..]])).expect("patterns");
        let text = shown.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("");
        assert!(!text.contains(&token[20..]) && text.contains("[secret:"), "{text}");
    }
}
