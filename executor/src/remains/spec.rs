//! A kind of thing that a teardown can leave behind, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ask::{Ask, parsed};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leftovers {
    pub(super) leftover: Vec<Leftover>,
}

/// How one kind is looked for and spoken of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leftover {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) targets: Vec<String>,
    /// The questions whose answers list such things.
    pub(super) lists: Vec<String>,
    /// The list in an answer, as a JSON pointer; empty where the answer is the thing itself.
    #[serde(rename = "in")]
    pub(super) within: String,
    #[serde(default, rename = "where")]
    pub(super) matching: BTreeMap<String, String>,
    /// Names for fields of an entry: JSON pointers, or another name.
    pub(super) take: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) says: String,
    #[serde(default)]
    pub(super) price: Option<Price>,
    /// Why it stands in the way of the next deploy.
    #[serde(default)]
    pub(super) blocks: Option<String>,
    /// What is gone once it is removed.
    #[serde(default)]
    pub(super) loses: Option<String>,
    #[serde(default)]
    pub(super) remove: Vec<Vec<String>>,
    /// The command that removes it depends on its `type`.
    #[serde(default)]
    pub(super) by_type: bool,
    /// What has to be removed before it.
    #[serde(default)]
    pub(super) first: Option<First>,
    pub(super) ask: Vec<Ask>,
}

/// What it costs a month.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) dollars: f64,
    /// The field that the price is multiplied with.
    #[serde(default)]
    pub(super) times: Option<String>,
}

/// Things inside an entry that have to go before it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct First {
    pub(super) argv: Vec<String>,
    pub(super) allows: String,
    #[serde(rename = "in")]
    pub(super) within: String,
    pub(super) take: BTreeMap<String, String>,
    pub(super) remove: Vec<String>,
}

impl Leftover {
    /// The IAM actions that looking takes.
    pub(super) fn actions(self) -> Vec<String> {
        let first = self.first.map(|first| first.allows);
        self.ask.into_iter().filter_map(|ask| ask.allows).chain(first).collect()
    }
}

/// The commands that remove resources, by type.
pub(super) fn removals() -> BTreeMap<String, Vec<String>> {
    parsed(include_str!("../../data/removals.toml"))
}
