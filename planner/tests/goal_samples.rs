//! Every goal under `tests/goals` is understood exactly as its line says.

use std::collections::BTreeMap;
use std::path::Path;

use provision_planner::goal::{Goal, parse};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Sample {
    id: String,
    goal: String,
    slots: BTreeMap<String, Value>,
}

fn samples(file: &Path) -> Vec<Sample> {
    let text = std::fs::read_to_string(file).expect("a readable file");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

fn files() -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goals");
    folder.read_dir().expect("the folder of samples").map(|entry| entry.expect("an entry").path()).collect()
}

/// The slots read, without those that a reader may or may not infer.
fn stated(goal: &Goal, wanted: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let inferred = |name: &str, value: &Value| {
        let mail = ["email_from", "email_from_name", "alert_email", "skip_ses_identity"];
        !wanted.contains_key(name)
            && ((name == "action" && value == "deploy")
                || (name == "email" && *value == true && mail.iter().any(|key| wanted.contains_key(*key))))
    };
    let slots = goal.slots.iter().map(|(name, slot)| (name.clone(), slot.value.clone()));
    slots.filter(|(name, value)| !inferred(name, value)).collect()
}

#[test]
fn every_sample_is_understood_as_written() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for sample in files().iter().flat_map(|file| samples(file)) {
        let got = stated(&parse(&sample.goal), &sample.slots);
        count += 1;
        if got != sample.slots {
            wrong.push(format!(
                "{}: {:?}\n  read   {got:?}\n  wanted {:?}",
                sample.id, sample.goal, sample.slots
            ));
        }
    }
    assert!(count >= 200, "only {count} samples were found");
    assert!(wrong.is_empty(), "{} of {count} goals were misread:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_slot_is_justified_by_words_of_the_text() {
    for sample in files().iter().flat_map(|file| samples(file)) {
        let goal = parse(&sample.goal);
        let text = goal.text.as_deref().expect("the text is kept");
        for (name, slot) in &goal.slots {
            let span = slot.span.expect("a span");
            assert_eq!(slot.words.as_deref(), Some(&text[span.start..span.end]), "{}: {name}", sample.id);
        }
        for ignored in &goal.ignored {
            assert_eq!(ignored.words, text[ignored.span.start..ignored.span.end], "{}", sample.id);
        }
    }
}
