//! Commands of this tool's own that follow a deploy, as their catalog file states them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::When;
use crate::plan::Effect;

/// Which commands may follow a deploy, and what lets them speak to the platform (`_operator.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Without any of these the commands are shown instead of run.
    #[serde(default)]
    pub credentials: Vec<Credentials>,
    /// Variables set for each command; one whose placeholders have no value is left out.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The commands, in order.
    #[serde(default, rename = "step")]
    pub steps: Vec<OperatorStep>,
}

/// Inputs that together let somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The inputs.
    pub inputs: Vec<String>,
    /// Of no use then; empty for never.
    #[serde(default)]
    pub unless: When,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorStep {
    /// The step's id.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it may change.
    pub effect: Effect,
    /// Asked for then.
    pub when: When,
    /// `provision` and its arguments, with placeholders.
    pub argv: Vec<String>,
}
