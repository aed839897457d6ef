//! What an approval binds to besides what runs: the account, the scripts, the variables that children see.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The circumstances that a plan was made for. All but [`Binding::account_unknown`] and [`Binding::passed`] are part
/// of the plan's digest and are checked again when it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The AWS account, as STS names it; absent where the target needs none or it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region that the AWS SDK resolves, where no input states one; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Why the account is not known, where the target needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_unknown: Option<String>,
    /// The scripts and templates that would run, by path relative to the checkout, with the SHA-256 of their bytes;
    /// empty before a clone, whose files are not there yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// Which of the operator's variables reach the children: names, or beginnings that end in `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<String>,
    /// Those of the operator's variables that this lets through at the moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<String>,
}

/// The AWS account that a plan would change, as far as it could be found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// This one.
    Known(String),
    /// It could not be found out, and why.
    Unknown(String),
}

impl Binding {
    /// Whether a variable of the operator's environment reaches the children.
    pub fn lets_through(&self, variable: &str) -> bool {
        self.passes.iter().any(|pattern| fits(pattern, variable))
    }

    /// The variables that reach the children.
    #[must_use]
    pub fn trim(&self, variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let through = variables.iter().filter(|(name, _)| self.lets_through(name));
        through.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// Whether a name is the pattern, or begins as a pattern that ends in `*`.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_variables_and_named_beginnings_get_through() {
        let passes = ["PATH", "LC_*"].map(str::to_owned).to_vec();
        let binding = Binding { passes, ..Binding::default() };
        for (name, expected) in [("PATH", true), ("PATHS", false), ("LC_ALL", true), ("XLC_ALL", false)] {
            assert_eq!(binding.lets_through(name), expected, "{name}");
        }
    }
}
