//! What a question is: a command with placeholders, and what to take from its answer.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Values of placeholders by name, such as `region`, and for those without one the flag that would give it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The values that are known.
    pub known: BTreeMap<String, String>,
    /// The flag that gives a value that is not, by name.
    pub flags: BTreeMap<String, String>,
}

impl Names {
    /// The value of a placeholder.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// A text with its placeholders filled in; none while one of them is not known.
    pub(crate) fn fill(&self, text: &str) -> Option<String> {
        provision_planner::fill(text, |name| self.known.get(name).cloned())
    }

    /// A command with its placeholders filled in.
    ///
    /// # Errors
    /// The name of the first placeholder without a value.
    pub(crate) fn argv(&self, words: &[String]) -> Result<Vec<String>, String> {
        let unknown = |word: &String| {
            let names = provision_planner::placeholders(word).into_iter();
            names.map(str::to_owned).find(|name| !self.known.contains_key(name))
        };
        match words.iter().find_map(unknown) {
            Some(name) => Err(name),
            None => Ok(words.iter().filter_map(|word| self.fill(word)).collect()),
        }
    }
}

/// One question.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// Its name within what it belongs to.
    pub(crate) id: String,
    /// Program and arguments, with placeholders.
    pub(crate) argv: Vec<String>,
    /// The IAM action that it takes; the policies under `docs/iam/` are held to these.
    #[serde(default)]
    pub(crate) allows: Option<String>,
    /// Error codes that mean that there is nothing of the kind.
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    /// What its answer tells the questions after it.
    #[serde(default)]
    pub(crate) find: Vec<Find>,
}

/// A value to take from an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Find {
    /// The placeholder that it fills.
    pub(crate) name: String,
    /// The list that holds it, as a JSON pointer; without it, the answer itself is looked at.
    #[serde(default, rename = "in")]
    pub(crate) within: Option<String>,
    /// What an entry of the list has to have: text by JSON pointer. A `*` stands for anything.
    #[serde(default, rename = "where")]
    pub(crate) matching: BTreeMap<String, String>,
    /// Where the value stands, as a JSON pointer.
    pub(crate) take: String,
}

/// IAM actions, each once and sorted.
pub(crate) fn distinct(actions: impl Iterator<Item = String>) -> Vec<String> {
    actions.collect::<BTreeSet<String>>().into_iter().collect()
}

/// A data file of this crate. The tests hold that each parses; a broken one would be empty rather than a crash.
pub(crate) fn parsed<T: DeserializeOwned + Default>(text: &str) -> T {
    toml::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_filled_in_or_says_what_it_lacks() {
        let known = [("region".to_owned(), "eu-west-1".to_owned())].into();
        let names = Names { known, flags: BTreeMap::new() };
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            names.argv(&words(&["aws", "--region={region}"])),
            Ok(words(&["aws", "--region=eu-west-1"]))
        );
        assert_eq!(names.argv(&words(&["aws", "{domain}"])), Err("domain".to_owned()));
    }
}
