//! A command as data: argument vector, environment, folder; and the text a person can paste into a shell.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A command that the executor starts without a shell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandLine {
    /// The folder it runs in, relative to the checkout; empty for the checkout itself.
    pub dir: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Variables set for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, EnvValue>,
    /// Variables of the operator's environment that it must not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
    /// The same as text, quoted for a shell, secrets as `***`.
    pub text: String,
}

/// The value of a variable: plain, or a secret by the name of its input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EnvValue {
    /// A value that may be shown.
    Plain(String),
    /// A secret, by the name of the input it belongs to.
    Secret {
        /// The input's name.
        secret: String,
    },
}
