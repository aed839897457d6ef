//! An audit of stacks as text, one line, Markdown and SARIF.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::operator::{AuditDocument, FindingDocument};
use crate::render::layout::{columns, plural, wrap};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// The whole audit, for a terminal of the given width.
pub fn text(audit: &AuditDocument, width: usize) -> String {
    let mut text = String::new();
    let (mark, style) = match (audit.complete, audit.findings.is_empty()) {
        (false, _) => ("?", WARN),
        (true, true) => ("✓", GOOD),
        (true, false) => ("✗", BAD),
    };
    let _ = writeln!(text, "{} {}", paint(style, mark), safe(&summary(audit)));
    for (kind, title) in [
        ("orphaned", "Orphaned stacks: live, but no pipeline of the registry belongs to them"),
        ("missing", "Missing stacks: registered, but not live and usable"),
    ] {
        text.push_str(&section(audit, kind, title));
    }
    if !audit.problems.is_empty() {
        let _ = writeln!(text, "\n{}", paint(WARN, "Not read, so this is not the whole answer"));
        for line in audit.problems.iter().flat_map(|problem| wrap(&safe(problem), width.saturating_sub(2))) {
            let _ = writeln!(text, "  {line}");
        }
    }
    let notes = notes(audit);
    if !notes.is_empty() {
        let _ = writeln!(text, "\n{}", paint(DIM, notes));
    }
    text
}

fn section(audit: &AuditDocument, kind: &str, title: &str) -> String {
    let found: Vec<&FindingDocument> = audit.findings.iter().filter(|finding| finding.kind == kind).collect();
    if found.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 4]> = found.iter().map(|finding| row(finding)).collect();
    let mut next: Vec<&str> = found.iter().map(|finding| finding.next.as_str()).collect();
    next.dedup();
    let next: String = next.into_iter().map(|next| format!("  → {next}\n")).collect();
    format!("\n{}\n{}{}", paint(HEAD, title), columns(&rows, 2), paint(DIM, next))
}

fn row(finding: &FindingDocument) -> [String; 4] {
    let known = |value: &Option<String>| safe(value.as_deref().unwrap_or("–"));
    let whose = finding.pipeline_name.as_ref().map(|name| format!("pipeline {name}"));
    let whose = whose.or_else(|| finding.org.as_ref().map(|org| format!("org {org}")));
    [
        known(&finding.region),
        known(&finding.stack),
        safe(finding.status.as_deref().unwrap_or("no such stack")),
        safe(&whose.unwrap_or_default()),
    ]
}

/// The audit in one line, for a cron mail or a log.
pub fn summary(audit: &AuditDocument) -> String {
    let count = |kind: &str| audit.findings.iter().filter(|finding| finding.kind == kind).count();
    let stacks: usize = audit.regions.iter().map(|region| region.tagged).sum();
    let read = format!(
        "{} against {} in {}",
        plural(audit.pipelines, "pipeline", "pipelines"),
        plural(stacks, "tagged stack", "tagged stacks"),
        plural(audit.regions.len(), "region", "regions"),
    );
    let found = match audit.findings.len() {
        0 if audit.complete => "no drift".to_owned(),
        0 => "no drift in what was read".to_owned(),
        _ => format!("drift: {} orphaned, {} missing", count("orphaned"), count("missing")),
    };
    let incomplete = if audit.complete {
        String::new()
    } else {
        format!("; INCOMPLETE, {}", plural(audit.problems.len(), "part was not read", "parts were not read"))
    };
    format!("{found} ({read}){incomplete}")
}

/// What was left out of the judgement, in one line.
fn notes(audit: &AuditDocument) -> String {
    let parts = [
        (audit.not_scanned, "pipelines in regions that were not read"),
        (audit.in_progress, "tagged stacks being changed right now"),
        (audit.other_orgs, "tagged stacks of other or no organisations"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { String::new() } else { format!("Left out: {}", parts.join(" · ")) }
}

/// The audit as Markdown.
pub fn markdown(audit: &AuditDocument) -> String {
    let mut text = format!("### Stack audit: {}\n", cell(&summary(audit)));
    if !audit.findings.is_empty() {
        text.push_str(
            "\n| kind | region | stack | status | pipeline or organisation |\n|---|---|---|---|---|\n",
        );
    }
    for finding in &audit.findings {
        let [region, stack, status, whose] = row(finding).map(|value| cell(&value));
        let _ = writeln!(text, "| {} | {region} | {stack} | {status} | {whose} |", finding.kind);
    }
    for problem in &audit.problems {
        let _ = writeln!(text, "\n- not read: {}", cell(problem));
    }
    text
}

/// Text inside a table: nothing in it may end the cell or become markup.
fn cell(text: &str) -> String {
    let special = |c: char| matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '&');
    safe(text).chars().fold(String::new(), |mut cell, c| {
        if special(c) {
            cell.push('\\');
        }
        cell.push(c);
        cell
    })
}

/// The audit as a SARIF 2.1.0 log: each finding a result, located at its stack.
pub fn sarif(audit: &AuditDocument) -> Value {
    let rules = [
        (
            "orphaned-stack",
            "A live stack with the platform's tag that no pipeline of the registry belongs to",
        ),
        ("missing-stack", "A pipeline of the registry whose stack is not live and usable"),
    ];
    let notification = |problem: &String| json!({ "level": "error", "message": { "text": problem } });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "provision",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } })),
            } },
            "invocations": [{
                "executionSuccessful": audit.complete,
                "toolExecutionNotifications": audit.problems.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": audit.findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(finding: &FindingDocument) -> Value {
    let [region, stack, status, whose] = row(finding);
    json!({
        "ruleId": format!("{}-stack", finding.kind),
        "level": "warning",
        "message": { "text": format!("{stack} in {region}: {status} {whose}. Next: {}", finding.next) },
        "locations": [{ "logicalLocations": [{ "name": stack, "fullyQualifiedName": format!("{region}/{stack}"), "kind": "resource" }] }],
    })
}
