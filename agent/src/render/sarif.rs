//! Diagnoses as a SARIF 2.1.0 log, for code scanning and editors.
//!
//! Property names and their meaning: OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use std::fmt::Write;

use provision_rules::{Rulebook, Signature, Verdict};
use serde_json::{Value, json};

use crate::diagnoses::{Diagnoses, FileReport};
use crate::generalise;
use crate::render::layout::category;

/// The rule id of a failure that no rule knows.
const UNKNOWN: &str = "unknown-failure";

/// The log: one run, one result for each cause in each file.
pub fn sarif(found: &Diagnoses, book: &Rulebook) -> Value {
    let ids = rule_ids(found);
    let rules: Vec<Value> = ids.iter().map(|id| descriptor(id, book)).collect();
    let results: Vec<Value> = found
        .files
        .iter()
        .flat_map(|file| file.verdicts().map(|verdict| result(file, verdict, &ids)).collect::<Vec<_>>())
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "provision",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [invocation(found)],
            "artifacts": found.files.iter().map(|file| json!({ "location": { "uri": uri(&file.path) } })).collect::<Vec<_>>(),
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// The ids of all results, each once, in order.
fn rule_ids(found: &Diagnoses) -> Vec<String> {
    let mut ids: Vec<String> = found.files.iter().flat_map(FileReport::verdicts).map(rule_id).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn rule_id(verdict: &Verdict) -> String {
    verdict.rule.clone().unwrap_or_else(|| UNKNOWN.to_owned())
}

fn descriptor(id: &str, book: &Rulebook) -> Value {
    match book.rule(id) {
        Some(signature) => known(signature),
        None => json!({
            "id": id,
            "shortDescription": { "text": "A failure whose cause no rule knows." },
            "defaultConfiguration": { "level": "error" },
            "properties": { "tags": ["unknown"] },
        }),
    }
}

fn known(signature: &Signature) -> Value {
    let mut descriptor = json!({
        "id": signature.id,
        "shortDescription": { "text": signature.plain_cause() },
        "help": { "text": signature.plain_fix() },
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": [category(signature.category)], "precision": precision(signature.confidence) },
    });
    if let (Some(docs), Some(object)) = (&signature.docs, descriptor.as_object_mut()) {
        object.insert("helpUri".to_owned(), docs.as_str().into());
    }
    descriptor
}

fn precision(confidence: f64) -> &'static str {
    match confidence {
        0.95.. => "very-high",
        0.85.. => "high",
        0.6.. => "medium",
        _ => "low",
    }
}

fn result(file: &FileReport, verdict: &Verdict, ids: &[String]) -> Value {
    let id = rule_id(verdict);
    let index = ids.iter().position(|known| *known == id);
    let message = match verdict.rule {
        Some(_) => format!("{} Fix: {}", verdict.cause, verdict.fix.text),
        None => format!("{} {}", verdict.cause, verdict.root.text),
    };
    json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": "error",
        "rank": verdict.confidence * 100.0,
        "message": { "text": message },
        "locations": [location(file, verdict)],
        "partialFingerprints": { "provisionCause/v1": fingerprint(verdict) },
        "properties": { "category": category(verdict.category), "retryable": verdict.retryable },
    })
}

fn location(file: &FileReport, verdict: &Verdict) -> Value {
    let root = &verdict.root;
    let printed =
        verdict.evidence.iter().find(|evidence| evidence.line == root.line).map(|evidence| &evidence.text);
    let snippet = printed.unwrap_or(&root.text);
    let region = json!({ "startLine": root.line.max(1), "snippet": { "text": snippet } });
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&file.path) }, "region": region },
    });
    if let (Some(id), Some(object)) = (&root.logical_id, location.as_object_mut()) {
        let full = root.stack.as_ref().map_or_else(|| id.clone(), |stack| format!("{stack}/{id}"));
        object.insert(
            "logicalLocations".to_owned(),
            json!([{ "name": id, "fullyQualifiedName": full, "kind": "resource" }]),
        );
    }
    location
}

/// The same for the same cause on the same resource, whatever names and numbers the message has.
fn fingerprint(verdict: &Verdict) -> String {
    let resource = verdict.root.logical_id.as_deref().unwrap_or_default();
    format!("{}/{resource}/{}", rule_id(verdict), generalise::wording(&verdict.root.text, &[resource]))
}

fn invocation(found: &Diagnoses) -> Value {
    let unreadable = |file: &FileReport| {
        let uri = uri(&file.path);
        let place = json!({ "physicalLocation": { "artifactLocation": { "uri": uri } } });
        Some(json!({ "level": "error", "message": { "text": file.error()? }, "locations": [place] }))
    };
    let notifications: Vec<Value> = found.files.iter().filter_map(unreadable).collect();
    json!({ "executionSuccessful": found.counts.unreadable == 0, "toolExecutionNotifications": notifications })
}

/// A path as a URI reference: relative stays relative, an absolute path is a `file` URI.
fn uri(path: &str) -> String {
    let path = if path == "-" { "standard-input" } else { path.trim_start_matches("./") };
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("logs/a b:é.txt"), "logs/a%20b%3A%C3%A9.txt");
        assert_eq!(uri("/tmp/x.json"), "file:///tmp/x.json");
        assert_eq!(uri("./x.json"), "x.json");
    }
}
