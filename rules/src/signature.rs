//! The rule as written in `catalog/*.toml`: its fields and what the loader demands of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::template;
use crate::verdict::{Effect, FixKind};

/// One file of signatures.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureFile {
    /// The rules of the file.
    #[serde(default)]
    pub(crate) rule: Vec<Signature>,
}

/// One failure signature, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Permanent kebab-case id; never reused for another cause.
    pub id: String,
    /// The cause as a headline of a few words, without a full stop; demanded by the loader.
    #[serde(default)]
    pub title: String,
    /// The family of the cause.
    pub category: Category,
    /// How much the wording itself proves.
    #[serde(default)]
    pub tier: Tier,
    /// How sure a match is, from 0 to 1.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// Whether the very same run, later, plausibly succeeds.
    #[serde(default)]
    pub retryable: bool,
    /// Where the rule applies.
    #[serde(default)]
    pub scope: Scope,
    /// At least one of these must occur (any case); they make the search for candidates fast.
    pub literals: Vec<String>,
    /// Where given, at least one of these regular expressions must match; their named groups are captured.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Regular expressions that forbid a match.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The cause in one sentence; `{name}` or `{name|fallback}` stands for a capture.
    pub cause: String,
    /// What to do; placeholders as in the cause.
    pub fix: String,
    /// What the fix changes, for the executor.
    #[serde(default)]
    pub remedy: Remedy,
    /// What carrying out the fix does to the cloud; absent where the category's usual effect holds.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// What the fix would destroy, in one sentence; placeholders as in the cause.
    #[serde(default)]
    pub destroys: Option<String>,
    /// Where only a live query can decide between causes: the command that decides; placeholders as in the cause.
    #[serde(default)]
    pub decide: Option<String>,
    /// Where the fix is documented.
    #[serde(default)]
    pub docs: Option<String>,
    /// Texts that must match.
    pub hits: Vec<Example>,
    /// Texts that look alike and must not match.
    pub near_misses: Vec<Example>,
}

fn default_confidence() -> f64 {
    0.9
}

/// What a drafted rule has where a person has to write; a rule that still has it is not accepted.
pub const DRAFT: &str = "FILL IN";

/// How much a rule's wording proves. A higher tier wins over a lower one on the same text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// A class of errors by its generic wording ("is not authorized to perform").
    General,
    /// One cause by the wording of one service.
    #[default]
    Specific,
    /// One cause that a specific or general wording would otherwise mislabel.
    Exact,
}

/// Where a rule applies. An empty list applies everywhere; a fact the text does not state never excludes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Resource type globs, such as `AWS::SES::*` or `Custom::*`.
    #[serde(default)]
    pub types: Vec<String>,
    /// Status globs, such as `DELETE_*`.
    #[serde(default)]
    pub statuses: Vec<String>,
}

/// The typed part of a fix, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// What the fix changes.
    #[serde(default)]
    pub kind: FixKind,
    /// The input to change, by its slot name.
    #[serde(default)]
    pub input: Option<String>,
    /// The value to give it; placeholders as in the cause.
    #[serde(default)]
    pub value: Option<String>,
    /// Seconds to wait before the next try.
    #[serde(default)]
    pub wait_seconds: Option<u64>,
    /// Commands for a person to run; placeholders as in the cause.
    #[serde(default)]
    pub commands: Vec<String>,
}

/// A text a rule must or must not match.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "RawExample")]
pub struct Example {
    /// The failure text.
    pub text: String,
    /// The resource type it is reported on.
    pub resource_type: Option<String>,
    /// The status it is reported with.
    pub status: Option<String>,
    /// Captures the match must yield.
    pub captures: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawExample {
    Text(String),
    #[serde(rename_all = "kebab-case")]
    Full {
        text: String,
        #[serde(rename = "type")]
        resource_type: Option<String>,
        status: Option<String>,
        #[serde(default)]
        captures: BTreeMap<String, String>,
    },
}

impl From<RawExample> for Example {
    fn from(raw: RawExample) -> Self {
        match raw {
            RawExample::Text(text) => {
                Self { text, resource_type: None, status: None, captures: BTreeMap::new() }
            }
            RawExample::Full { text, resource_type, status, captures } => {
                Self { text, resource_type, status, captures }
            }
        }
    }
}

impl Signature {
    /// The cause as it reads without a match: every placeholder its fallback, or its name in angle brackets.
    pub fn plain_cause(&self) -> String {
        template::plain(&self.cause)
    }

    /// The fix as it reads without a match.
    pub fn plain_fix(&self) -> String {
        template::plain(&self.fix)
    }
}

impl Remedy {
    /// Whether the fields given are those the kind uses.
    pub(crate) fn is_consistent(&self) -> bool {
        let param = self.input.is_some() && self.value.is_some();
        let none = self.input.is_none() && self.value.is_none();
        match self.kind {
            FixKind::Param => param,
            FixKind::Operator => none && !self.commands.is_empty(),
            FixKind::Wait => none && self.wait_seconds.is_some(),
            FixKind::None | FixKind::Rerun => none,
        }
    }
}
