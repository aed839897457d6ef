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

/// The slots as lines of a form, as a person would hand them on.
fn rendered(slots: &BTreeMap<String, Value>) -> String {
    let line = |(name, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}: {value}", name.replace('_', " "))
    };
    slots.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_was_understood_reads_the_same_when_handed_on_as_a_form() {
    let mut wrong = Vec::new();
    for sample in files().iter().flat_map(|file| samples(file)) {
        let form = rendered(&sample.slots);
        let got: BTreeMap<String, Value> =
            parse(&form).slots.into_iter().map(|(name, slot)| (name, slot.value)).collect();
        if got != sample.slots {
            wrong.push(format!("{form}\n  read {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} forms were misread:\n{}", wrong.len(), wrong.join("\n"));
}

/// Goals labelled by somebody else before the parser had read them.
#[test]
fn fresh_goals_are_understood_above_the_floors() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goals_fresh/goals.jsonl");
    let (mut right, mut read, mut wanted, mut exact, mut goals) = (0, 0, 0, 0, 0);
    for sample in samples(&file) {
        let got = stated(&parse(&sample.goal), &sample.slots);
        right += got.iter().filter(|(name, value)| sample.slots.get(*name) == Some(value)).count();
        (read, wanted) = (read + got.len(), wanted + sample.slots.len());
        exact += usize::from(got == sample.slots);
        goals += 1;
    }
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let (precision, recall, exact) = (share(right, read), share(right, wanted), share(exact, goals));
    assert!(precision >= 0.99 && recall >= 0.95 && exact >= 0.88, "{precision:.3} {recall:.3} {exact:.3}");
}
