//! The labelled leak set: what redaction finds of it, and what it leaves alone.

// What was measured is printed: `cargo test -p provision-prompts --test leaks -- --nocapture`.
#![allow(clippy::print_stderr)]

#[path = "common/recipe.rs"]
mod recipe;

use std::collections::BTreeSet;

use provision_prompts::Redactor;
use serde::Deserialize;

const FILES: [&str; 5] = [
    include_str!("leaks/cloud.toml"),
    include_str!("leaks/forges.toml"),
    include_str!("leaks/services.toml"),
    include_str!("leaks/keys.toml"),
    include_str!("leaks/passwords.toml"),
];
const HARMLESS: &str = include_str!("leaks/harmless.txt");
/// What stands around a secret in the logs of the set.
const BEFORE: &str = "2026-09-14T07:20:11Z INFO  deploying WebStack\n7:20:14 AM | CREATE_IN_PROGRESS | AWS::RDS::DBInstance | Db\n";
const AFTER: &str =
    "\n7:20:17 AM | CREATE_FAILED | AWS::RDS::DBInstance | Db failed\nDeploying the next stack\n";

#[derive(Deserialize)]
struct File {
    leak: Vec<Leak>,
}

#[derive(Deserialize)]
struct Leak {
    kind: String,
    value: String,
    lines: Vec<String>,
}

/// One secret in its line.
struct Case {
    kind: String,
    secret: String,
    line: String,
}

fn cases() -> Vec<Case> {
    let files = FILES.iter().map(|text| toml::from_str::<File>(text).expect("the leak files parse"));
    let leaks: Vec<Leak> = files.flat_map(|file| file.leak).collect();
    let mut cases = Vec::new();
    for leak in leaks {
        // Each line twice: with two secrets of the same kind.
        for line in leak.lines.iter().chain(&leak.lines) {
            let secret = recipe::expand(&leak.value, cases.len() as u64);
            let line = line.replace("{secret}", &secret);
            cases.push(Case { kind: leak.kind.clone(), secret, line });
        }
    }
    cases
}

/// The line as it is, and as loggers and terminals mangle it.
fn manglings(case: &Case) -> Vec<(&'static str, String)> {
    let Case { secret, line, .. } = case;
    let at = line.find(secret.as_str()).expect("every line holds its secret");
    let middle = at + secret.len() / 2;
    let mut all = vec![("plain", line.clone()), ("carriage returns", line.replace('\n', "\r\n"))];
    let coloured =
        format!("{}\u{1b}[1m{}\u{1b}[31m{}\u{1b}[0m", &line[..at], &line[at..middle], &line[middle..]);
    all.push(("colours", coloured));
    if !line.contains('\n') {
        all.push(("continued", format!("{}\\\n  {}", &line[..middle], &line[middle..])));
        all.push(("json", format!(r#"{{"level":"error","message":"{}"}}"#, json(line))));
        let start = middle.next_multiple_of(20).max(80) - middle;
        if (start + middle) % 20 == 0 && [80, 100, 120, 160].contains(&(start + middle)) {
            all.push(("wrapped", format!("{}{}\n{}", " ".repeat(start), &line[..middle], &line[middle..])));
        }
    }
    all
}

fn json(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"")
}

/// Whether a telling part of the secret still stands in the text.
fn stands(secret: &str, text: &str) -> bool {
    let lines = secret.split('\n').flat_map(|line| line.split("\\n"));
    lines.filter(|line| line.len() >= 6).any(|line| {
        let part = line.len().min(10);
        (0..=line.len() - part).any(|start| text.contains(&line[start..start + part]))
    })
}

#[test]
fn the_set_holds_enough_secrets_of_enough_kinds() {
    let cases = cases();
    let kinds: BTreeSet<&str> = cases.iter().map(|case| case.kind.as_str()).collect();
    let secrets: BTreeSet<&str> = cases.iter().map(|case| case.secret.as_str()).collect();
    assert!(secrets.len() >= 300 && kinds.len() >= 50, "{} secrets, {} kinds", secrets.len(), kinds.len());
}

#[test]
fn unknown_secrets_are_found_by_their_looks() {
    let (mut missed, mut all) = (Vec::new(), 0);
    let (mut secrets, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for case in cases() {
        secrets.insert(case.secret.clone());
        kinds.insert(case.kind.clone());
        for (how, mangled) in manglings(&case) {
            let redacted = Redactor::new([]).unwrap().redact(&format!("{BEFORE}{mangled}{AFTER}"));
            all += 1;
            if stands(&case.secret, redacted.as_str()) {
                missed.push(format!("{} ({how}): {redacted}", case.kind));
            }
        }
    }
    let recall = 1.0 - missed.len() as f64 / all as f64;
    eprintln!(
        "unknown secrets: recall {:.2} %, {} of {all} texts with {} secrets of {} kinds",
        recall * 100.0,
        all - missed.len(),
        secrets.len(),
        kinds.len()
    );
    assert!(all >= 1000 && recall >= 0.995, "recall {recall:.4} of {all}; missed:\n{}", missed.join("\n"));
}

#[test]
fn what_stands_around_a_secret_is_left_alone() {
    for case in cases() {
        let redacted = Redactor::new([]).unwrap().redact(&format!("{BEFORE}{}{AFTER}", case.line));
        assert!(redacted.as_str().starts_with(BEFORE), "{}: {redacted}", case.kind);
        assert!(redacted.as_str().ends_with(AFTER), "{}: {redacted}", case.kind);
    }
}

#[test]
fn harmless_lines_stay_as_they_are() {
    let changed: Vec<String> = HARMLESS
        .lines()
        .map(|line| (line, Redactor::new([]).unwrap().redact(line)))
        .filter(|(line, redacted)| redacted.as_str() != *line)
        .map(|(line, redacted)| format!("{line}\n  became {redacted}"))
        .collect();
    assert!(HARMLESS.lines().count() >= 60 && changed.is_empty(), "{}", changed.join("\n"));
    let whole = Redactor::new([]).unwrap().redact(HARMLESS);
    assert_eq!(whole.as_str(), HARMLESS, "together they stay as well");
}

#[test]
fn redacting_twice_changes_nothing() {
    for case in cases() {
        let mut redactor = Redactor::new([]).unwrap();
        let once = redactor.redact(&case.line);
        assert_eq!(redactor.redact(once.as_str()), once);
        assert_eq!(Redactor::new([]).unwrap().redact(once.as_str()), once, "by another redactor");
    }
}
