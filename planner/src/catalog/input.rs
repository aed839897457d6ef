//! An input: one thing a user may state, whatever the target.

use serde::Deserialize;

use crate::plan::Action;
use crate::value::ValueType;

/// One input of the shared vocabulary (`_inputs.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// The slot name, such as `hosted_zone_id`.
    pub name: String,
    /// The flag, such as `--hosted-zone-id`.
    pub flag: String,
    /// The flag that says no, such as `--no-email`.
    #[serde(default)]
    pub negative: Option<String>,
    /// What its value must be.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// The heading it stands under in `--help`.
    pub heading: String,
    /// One line for `--help` and for a missing value.
    pub help: String,
    /// What stands for the value in `--help`, such as `ZONE`; absent for a switch.
    #[serde(default)]
    pub placeholder: Option<String>,
    /// Whether the value must never be shown.
    #[serde(default)]
    pub secret: bool,
    /// The value that the flag means when it stands alone; then its value is optional.
    #[serde(default)]
    pub bare: Option<String>,
    /// The value when nobody states one.
    #[serde(default)]
    pub default: Option<String>,
    /// Variables of the operator's environment that may supply it, first one first.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Variables of the operator's environment that stand for something else in its place, such as keys for a
    /// profile: where one is set, [`InputSpec::environment`] supplies nothing; where it has a value, commands do not
    /// get them.
    #[serde(default)]
    pub instead: Vec<String>,
    /// Commands that list candidates; the first whose placeholders are known is shown.
    #[serde(default)]
    pub find: Vec<String>,
    /// Whether every target takes it, and for which actions it then matters; empty when targets name it themselves.
    #[serde(default)]
    pub everywhere: Vec<Action>,
    /// What to say where it has no value.
    #[serde(default)]
    pub absent: Option<AbsentNote>,
    /// How one occurrence of the flag is written, where it may be given several times; each occurrence is then an
    /// input of its own, named `<name>.<key>`.
    #[serde(default)]
    pub each: Option<Each>,
    /// The input with [`InputSpec::each`] that this one is an entry of. No file states it.
    #[serde(skip)]
    pub family: Option<String>,
}

/// How one occurrence of a flag that may be given several times is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Each {
    /// `KEY=VALUE`.
    Pair,
    /// A word, which is then `true`.
    Word,
}

/// What to say about an input without a value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbsentNote {
    /// The step it is said at.
    pub step: String,
    /// The line.
    pub note: String,
}

impl InputSpec {
    /// Whether its flag takes a value (a switch does not).
    pub fn takes_value(&self) -> bool {
        !self.kind.is_switch()
    }

    /// The flag as somebody who has to give it writes it: an entry of a family with its key and `=`.
    pub fn usage(&self) -> String {
        match (&self.family, self.kind.is_switch()) {
            (Some(_), false) => format!("{}=VALUE", self.flag),
            _ => self.flag.clone(),
        }
    }

    /// Whether the flag's value may be left out.
    pub fn value_is_optional(&self) -> bool {
        self.bare.is_some()
    }
}
