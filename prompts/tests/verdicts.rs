//! Redaction takes nothing away that the rules need: no verdict changes.

use std::path::{Path, PathBuf};

use provision_prompts::Redactor;
use provision_rules::{Diagnosis, Facts, Rulebook};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/events")
}

/// Status, rule and category of the root and of every further cause.
fn told(diagnosis: &Diagnosis) -> String {
    let all = diagnosis.verdict.iter().chain(&diagnosis.also);
    let told: Vec<String> = all.map(|verdict| format!("{:?} {:?}", verdict.rule, verdict.category)).collect();
    format!("{:?} {told:?}", diagnosis.status)
}

#[test]
fn no_verdict_of_a_fixture_changes_by_redaction() {
    let book = Rulebook::builtin_with([]).unwrap();
    let mut compared = 0;
    let mut changed = Vec::new();
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = String::from_utf8(std::fs::read(&path).unwrap()) else { continue };
        let Ok(before) = provision_rules::diagnose(text.as_bytes(), &book) else { continue };
        let redacted = Redactor::new([]).unwrap().redact(&text);
        let after = provision_rules::diagnose(redacted.as_str().as_bytes(), &book);
        let after = after.map_or_else(|error| error.to_string(), |after| told(&after));
        compared += 1;
        if told(&before) != after {
            changed.push(format!("{}: {} became {after}", path.display(), told(&before)));
        }
    }
    assert!(compared >= 30, "only {compared} fixtures were read");
    assert_eq!(changed, Vec::<String>::new());
}

#[test]
fn no_example_of_the_rules_changes_its_rule_by_redaction() {
    let book = Rulebook::builtin_with([]).unwrap();
    let mut changed = Vec::new();
    let mut compared = 0;
    for example in book.signatures().flat_map(|signature| &signature.hits) {
        let rule = |text: &str| {
            let (resource_type, status) = (example.resource_type.as_deref(), example.status.as_deref());
            let found = book.matches(Facts { text, resource_type, status });
            found.first().map(|best| best.rule.id.clone())
        };
        let redacted = Redactor::new([]).unwrap().redact(&example.text);
        compared += 1;
        if rule(&example.text) != rule(redacted.as_str()) {
            changed.push(format!(
                "{:?} became {:?}: {redacted}",
                rule(&example.text),
                rule(redacted.as_str())
            ));
        }
    }
    assert!(compared >= 500, "only {compared} examples");
    assert!(changed.is_empty(), "{} of {compared} changed:\n{}", changed.len(), changed.join("\n"));
}
