//! What each category usually means for a person, read from `categories.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::category::Category;
use crate::verdict::Effect;

/// The table as `build.rs` makes it from `categories.toml`.
const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/categories.json"));

static FAMILIES: LazyLock<HashMap<Category, Family>> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("a constant that a test of this file reads"));

/// What the causes of one category have in common.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    /// The family as a headline.
    pub(crate) title: String,
    /// What carrying out the usual fix does.
    pub(crate) effect: Effect,
    /// Seconds before the next try, for a cause that passes.
    pub(crate) wait: u64,
    /// Why that long, and what shortens it.
    pub(crate) advice: String,
    /// Whether its texts seldom tell the cause.
    #[serde(default)]
    pub(crate) decides: bool,
}

/// What a category usually means.
pub(crate) fn of(category: Category) -> &'static Family {
    &FAMILIES[&category]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_its_family() {
        let schema = serde_json::to_value(schemars::schema_for!(Category)).expect("a schema");
        let names = schema["oneOf"].as_array().expect("a list of names");
        assert_eq!(names.len(), FAMILIES.len());
        for name in names {
            let category: Category = serde_json::from_value(name["const"].clone()).expect("a category");
            assert!(!of(category).title.ends_with('.') && of(category).advice.ends_with('.'), "{name}");
        }
    }
}
