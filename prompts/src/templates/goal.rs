//! A goal as the templates show it: the sentence, what the parser read, and the slots it left open.

use serde::Serialize;

use crate::redact::Redactor;

/// What the model is asked about a goal.
#[derive(Debug, Clone)]
pub struct GoalQuestion<'a> {
    /// The goal's text.
    pub text: &'a str,
    /// What the parser read in it.
    pub stated: Vec<StatedSlot>,
    /// What it left open.
    pub open: Vec<OpenSlot>,
}

/// A slot that the text states.
#[derive(Debug, Clone)]
pub struct StatedSlot {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A slot that the parser left open.
#[derive(Debug, Clone)]
pub struct OpenSlot {
    /// Its name.
    pub name: String,
    /// What it means.
    pub help: String,
    /// The values it takes, where they are few.
    pub choices: Vec<String>,
}

/// What the user template shows; every text of the user's is redacted.
#[derive(Debug, Serialize)]
pub(super) struct Goal {
    text: String,
    stated: String,
    open: String,
}

impl Goal {
    pub(super) fn of(question: &GoalQuestion<'_>, redactor: &mut Redactor) -> Self {
        redactor.reserve(question.text);
        question.stated.iter().for_each(|slot| redactor.reserve(&slot.value));
        let text = redactor.redact(question.text).as_str().to_owned();
        let stated = question.stated.iter().map(|slot| format!("{}: {}\n", slot.name, slot.value));
        let stated = redactor.redact(&stated.collect::<String>()).as_str().to_owned();
        let open: String = question.open.iter().map(line).collect();
        let open = redactor.redact(&open).as_str().to_owned();
        Self { text, stated, open }
    }
}

fn line(slot: &OpenSlot) -> String {
    match slot.choices.is_empty() {
        true => format!("{}: {}\n", slot.name, slot.help),
        false => format!("{}: {} (one of: {})\n", slot.name, slot.help, slot.choices.join(", ")),
    }
}
