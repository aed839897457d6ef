//! What a machine must have before a target can be deployed from it, as data for the executor to check.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A read-only check, as the catalog states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// The id, such as `kubectl`.
    pub id: String,
    /// The name for people.
    pub title: String,
    /// Commands that each prove it; the first that succeeds settles the check.
    #[serde(default)]
    pub any: Vec<Vec<String>>,
    /// A regular expression on the command's output; the groups of the first match, joined, are what was found.
    #[serde(default)]
    pub found: Option<String>,
    /// The oldest version that works, such as `2.27`.
    #[serde(default)]
    pub minimum: Option<String>,
    /// Why it is needed.
    #[serde(default)]
    pub why: Option<String>,
    /// How to get it, by system (`debian`, `fedora`, `macos`, `any`).
    #[serde(default)]
    pub install: BTreeMap<String, String>,
}

impl Prerequisite {
    /// How to get it on a system (`debian`, `fedora`, `macos`), or on any where that one has no entry.
    pub fn install_for(&self, os: Option<&str>) -> Option<&str> {
        os.and_then(|os| self.install.get(os)).or_else(|| self.install.get("any")).map(String::as_str)
    }
}
