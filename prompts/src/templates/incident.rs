//! A failure as the templates show it: the root, what else failed, the rules' verdict; never the raw file.

use std::collections::BTreeMap;

use provision_rules::{Category, Diagnosis, Explanation, Role, StackNode, Verdict};
use serde::Serialize;

use crate::redact::{Redacted, Redactor};

/// How many failed events are shown besides the root.
const EVENTS: usize = 40;
/// The longest text of one line, in characters.
const LONGEST: usize = 600;

/// The lines that a prompt shows, by number: what an answer may rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown(BTreeMap<usize, Vec<String>>);

impl Shown {
    /// Whether the line of this number was shown, and holds these words.
    pub fn holds(&self, line: usize, words: &str) -> bool {
        let wanted = folded(words);
        let texts = self.0.get(&line).into_iter().flatten();
        wanted.len() >= 3 && texts.map(|text| folded(text)).any(|text| text.contains(&wanted))
    }

    fn add(&mut self, line: usize, text: &str) {
        self.0.entry(line).or_default().push(text.to_owned());
    }
}

/// In small letters with single blanks.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What the user templates show of a failure; every text in it is redacted.
#[derive(Debug, Serialize)]
pub(super) struct Incident {
    rule: Option<String>,
    cause: String,
    category: Category,
    operation: String,
    subject: String,
    message: String,
    /// The root's own lines, each behind its number.
    lines: String,
    /// The other failed events, each behind its number and with what it is.
    events: String,
    /// Other causes that the rules found, one on each line.
    also: String,
    #[serde(skip)]
    shown: Shown,
}

/// One numbered line.
struct Numbered {
    line: usize,
    text: String,
}

impl Incident {
    pub(super) fn of(
        found: &Diagnosis,
        verdict: &Verdict,
        explanation: Option<&Explanation>,
        redactor: &mut Redactor,
    ) -> Self {
        let root = &verdict.root;
        let named = [&root.logical_id, &root.resource_type, &root.status];
        let subject = named.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let evidence: Vec<Numbered> = verdict.evidence.iter().map(|e| numbered(e.line, &e.text)).collect();
        let events = explanation.map(others).unwrap_or_default();
        let also: Vec<Numbered> =
            found.also.iter().map(|other| numbered(other.root.line, &other.cause)).collect();
        for text in [&evidence, &events, &also].into_iter().flatten().map(|line| &line.text) {
            redactor.reserve(text);
        }
        [&verdict.cause, &subject, &root.text].into_iter().for_each(|text| redactor.reserve(text));
        let mut shown = Shown::default();
        let lines = block(&evidence, redactor, &mut shown);
        let events = block(&events, redactor, &mut shown);
        let also = block(&also, redactor, &mut Shown::default());
        let mut clean = |text: &str| redactor.redact(text).as_str().to_owned();
        let message = clean(&clipped(&root.text));
        shown.add(root.line, &message);
        Self {
            rule: verdict.rule.clone(),
            cause: clean(&verdict.cause),
            category: verdict.category,
            operation: found.source.operation.clone().unwrap_or_else(|| "deploy".to_owned()),
            subject: clean(&subject),
            message,
            lines,
            events,
            also,
            shown,
        }
    }

    pub(super) fn into_shown(self) -> Shown {
        self.shown
    }
}

fn numbered(line: usize, text: &str) -> Numbered {
    Numbered { line, text: clipped(text) }
}

/// In one line, cut where it gets long.
fn clipped(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// The failed events that are not the root, in the order they happened.
fn others(explanation: &Explanation) -> Vec<Numbered> {
    let mut found = Vec::new();
    explanation.stacks.iter().for_each(|stack| collect(stack, &mut found));
    found.truncate(EVENTS);
    found
}

fn collect(stack: &StackNode, found: &mut Vec<Numbered>) {
    let others = stack.failures.iter().filter(|event| event.role != Role::Root);
    found.extend(others.map(|event| {
        let facts = [&event.logical_id, &event.resource_type, &event.status];
        let facts = facts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        numbered(event.line, &format!("{facts} ({}): {}", role(event.role), event.reason))
    }));
    stack.nested.iter().for_each(|nested| collect(nested, found));
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Root => "root",
        Role::Cause => "another cause",
        Role::Consequence => "a consequence",
        Role::Cancelled => "cancelled",
        Role::RollbackEcho => "rollback",
        Role::ParentEcho => "repeats its nested stack",
        Role::Repeated => "told again",
    }
}

/// The lines as one redacted block, each behind its number.
///
/// They are redacted together, since a key may stand on several of them; where that swallows a line end, the rest of
/// the block stands behind the first number.
fn block(lines: &[Numbered], redactor: &mut Redactor, shown: &mut Shown) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let joined = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let clean: Redacted = redactor.redact(&joined);
    let parts: Vec<&str> = clean.as_str().split('\n').collect();
    if parts.len() != lines.len() {
        let first = lines.first().map_or(0, |line| line.line);
        shown.add(first, clean.as_str());
        return format!("{first}: {clean}\n");
    }
    let mut text = String::new();
    for (line, part) in lines.iter().zip(parts) {
        shown.add(line.line, part);
        text.push_str(&format!("{}: {part}\n", line.line));
    }
    text
}
