//! Scores the goal parser on labelled goals: `cargo run --example score_goals -- FILE.jsonl…`.
//!
//! A line is `{"id", "style", "goal", "slots"}`. An inferred `action: deploy`, and `email: true` where the text names a
//! sender or an alert address, count neither for nor against.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

use std::collections::BTreeMap;

use provision_planner::goal::parse;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Sample {
    id: String,
    style: String,
    goal: String,
    slots: BTreeMap<String, Value>,
}

#[derive(Default)]
struct Tally {
    goals: usize,
    exact: usize,
    right: usize,
    wrong: usize,
    missed: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut tally = Tally::default();
    for file in std::env::args().skip(1) {
        for line in std::fs::read_to_string(&file)?.lines() {
            let sample: Sample = serde_json::from_str(line).map_err(|error| format!("{file}: {error}"))?;
            tally.add(&sample);
        }
    }
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    println!(
        "goals {}: precision {:.3} recall {:.3} exact {:.3}",
        tally.goals,
        share(tally.right, tally.right + tally.wrong),
        share(tally.right, tally.right + tally.missed),
        share(tally.exact, tally.goals),
    );
    Ok(())
}

impl Tally {
    fn add(&mut self, sample: &Sample) {
        let goal = parse(&sample.goal);
        let got: BTreeMap<String, Value> =
            goal.slots.iter().map(|(name, slot)| (name.clone(), slot.value.clone())).collect();
        let read: Vec<_> = got.iter().filter(|(name, value)| !neutral(name, value, &sample.slots)).collect();
        let right = read.iter().filter(|(name, value)| same(sample.slots.get(*name), value)).count();
        let exact = right == read.len() && right == sample.slots.len();
        self.goals += 1;
        self.exact += usize::from(exact);
        self.right += right;
        self.wrong += read.len() - right;
        self.missed += sample.slots.len() - right;
        if !exact {
            show(sample, &read, &serde_json::to_string(&goal.ignored).unwrap_or_default());
        }
    }
}

/// Whether a reader may infer the slot or not.
fn neutral(name: &str, value: &Value, wanted: &BTreeMap<String, Value>) -> bool {
    let mail = ["email_from", "email_from_name", "alert_email", "skip_ses_identity"];
    let inferred = (name == "action" && value == "deploy")
        || (name == "email" && *value == true && mail.iter().any(|key| wanted.contains_key(*key)));
    inferred && !wanted.contains_key(name)
}

fn same(wanted: Option<&Value>, got: &Value) -> bool {
    let plain = |value: &Value| match value.as_str() {
        Some(text) => text.trim_end_matches('/').trim_end_matches(".git").to_lowercase(),
        None => value.to_string(),
    };
    wanted.is_some_and(|wanted| plain(wanted) == plain(got))
}

fn show(sample: &Sample, read: &[(&String, &Value)], ignored: &str) {
    println!("{} | {} | {}", sample.id, sample.style, sample.goal);
    let names = sample.slots.keys().chain(read.iter().map(|(name, _)| *name));
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        let got = read.iter().find(|(read, _)| *read == name).map(|(_, value)| (*value).clone());
        let wanted = sample.slots.get(name);
        if got.as_ref().is_none_or(|got| !same(wanted, got)) {
            println!("    {name}: read {}, labelled {}", text(got.as_ref()), text(wanted));
        }
    }
    println!("    ignored {ignored}");
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}
