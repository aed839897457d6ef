//! Goals in plain words: what a text states, slot by slot, and what it left open.
//!
//! The text is masked (`secret`), normalised (`text`), cut into tokens (`token`), grouped into items by the
//! lexicon (`item`), divided into sentences and clauses (`layout`), freed of what does not count (`quoted`,
//! `scope`), read slot by slot (`names`, `unlabelled`, `choices`, `places`, `toggles`, `pronouns`, `mail`,
//! `source`), put right (`amend`) and decided (`decide`).

mod amend;
mod choices;
mod decide;
mod item;
mod key;
mod layout;
mod lexicon;
mod mail;
mod misspelt;
mod names;
mod parse;
mod places;
mod pronouns;
mod quoted;
mod reading;
mod scope;
mod secret;
mod source;
mod spelling;
mod text;
mod toggles;
mod token;
mod unlabelled;

pub use lexicon::{Lexicon, LexiconError};
pub use parse::{parse, parse_with};
pub(crate) use text::fold;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was understood of a goal.
///
/// A slot is there only if the text states it; nothing is guessed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Goal {
    /// The text as given, tokens and passwords masked; absent when only flags were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The stated wishes by slot name, such as `target`, `region` or `hosted_zone_id`.
    pub slots: BTreeMap<String, Slot>,
    /// Words that name a value but were not taken, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Ignored>,
    /// Slots for which the text offers several values and decides for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unresolved: Vec<Unresolved>,
    /// What the user should know about the text, such as a token that was pasted into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Goal {
    /// Whether the text clearly asks to take something down.
    pub fn wants_teardown(&self) -> bool {
        self.slots.get("action").is_some_and(|slot| slot.value == "teardown")
    }
}

/// One stated wish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Slot {
    /// The value: text, a boolean, or a whole number.
    pub value: Value,
    /// Where the value comes from.
    pub source: Source,
    /// The words that justify it, as they stand in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Where those words stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

/// A byte range of the goal's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Where a value comes from; a later one in this list yields to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A flag on the command line.
    Flag,
    /// The goal's text.
    Prompt,
    /// The optional model, for a slot that the text left open.
    Model,
    /// The configuration file.
    Config,
    /// A variable of the environment.
    Environment,
    /// The target's own default.
    Default,
}

/// Words that name a value but were not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ignored {
    /// The words, as they stand in the text (masked where they are a secret).
    pub words: String,
    /// Where they stand.
    pub span: Span,
    /// The slot they would have filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
    /// Why they were not taken, such as "mentioned as a later option".
    pub reason: String,
}

/// A slot for which the text offers several values and decides for none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unresolved {
    /// The slot's name.
    pub slot: String,
    /// The values offered, in the order of the text.
    pub choices: Vec<String>,
}
