//! What a run asks for: flags, goal, configuration, environment, and facts about the machine.

use std::collections::BTreeMap;
use std::fmt;

use crate::goal::Goal;
use crate::plan::Action;

/// Everything a plan is built from.
///
/// Its `Debug` shows names only: flags and the environment may hold secrets.
#[derive(Clone, Default)]
pub struct Request {
    /// What to do to the target.
    pub action: Action,
    /// What the goal's text states.
    pub goal: Goal,
    /// Flags as given, by input name (`hosted_zone_id`, not `--hosted-zone-id`); switches as `true` or `false`.
    pub flags: BTreeMap<String, String>,
    /// The configuration file's values, by input name.
    pub config: BTreeMap<String, String>,
    /// The operator's environment.
    pub environment: BTreeMap<String, String>,
    /// The user's own commands, as given, in order.
    pub post_steps: Vec<String>,
    /// Variables of the operator's environment to hand on besides those that the catalog names; a trailing `*` stands
    /// for any rest.
    pub pass_env: Vec<String>,
    /// What is known about the machine and the checkout.
    pub facts: Facts,
}

/// What is known about the machine and the platform's checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The folder of a checkout that was found, if one was.
    pub checkout: Option<String>,
    /// The system, as install hints name it: `debian`, `fedora`, `macos`; absent when unknown.
    pub os: Option<String>,
    /// Texts of the checkout's files that the plan needs, by path relative to the checkout.
    /// See [`crate::needed_files`].
    pub files: BTreeMap<String, String>,
    /// The SHA-256 of the files that approval covers, by path relative to the checkout.
    /// See [`crate::covered_paths`].
    pub hashes: BTreeMap<String, String>,
    /// The text of the CloudFormation template that the request deploys, if it deploys one and the file is there.
    /// See [`crate::template_file`].
    pub template: Option<String>,
}

impl Request {
    /// The same request with one input set as if its flag had been given; for a retry with a fix.
    #[must_use]
    pub fn with_override(&self, input: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.flags.insert(input.to_owned(), value.to_owned());
        changed
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("action", &self.action)
            .field("slots", &self.goal.slots.keys().collect::<Vec<_>>())
            .field("flags", &self.flags.keys().collect::<Vec<_>>())
            .field("config", &self.config.keys().collect::<Vec<_>>())
            .field("post_steps", &self.post_steps.len())
            .field("facts", &self.facts.checkout)
            .finish_non_exhaustive()
    }
}
