//! What a diagnosis says: the document behind `--diagnose --json` and its parts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::permissions::Policy;

/// The schema name every diagnosis document carries.
pub const DIAGNOSIS_SCHEMA: &str = "provision.diagnosis/v1";

/// The answer to "why did this fail?".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// Always [`DIAGNOSIS_SCHEMA`].
    pub schema: String,
    /// Whether the text shows a failure at all.
    pub status: Status,
    /// The root cause; absent exactly when the status is healthy.
    pub verdict: Option<Verdict>,
    /// Other causes that are independent of the first.
    pub also: Vec<Verdict>,
    /// What has to be allowed, where actions were refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Failed events that were set aside, by why.
    pub noise: Noise,
    /// What was read.
    pub source: Source,
}

impl Diagnosis {
    /// The diagnosis of a text that shows no failure.
    pub fn healthy(source: Source) -> Self {
        let (schema, noise) = (DIAGNOSIS_SCHEMA.to_owned(), Noise::default());
        Self { schema, status: Status::Healthy, verdict: None, also: Vec::new(), policy: None, noise, source }
    }
}

/// Whether a text shows a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// At least one failure was found.
    Failed,
    /// Nothing failed.
    Healthy,
}

/// What kind of text the events were read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The format the text was read as, such as `describe-stack-events` or `log`.
    pub format: String,
    /// How many lines the text has.
    pub lines: usize,
    /// How many stack events were read from it.
    pub events: usize,
    /// The stack whose failed operation was diagnosed, where the text names it.
    pub stack: Option<String>,
    /// The failed operation: `create`, `update`, `delete`, `import` or `rollback`.
    pub operation: Option<String>,
    /// The order the events stand in: `oldest-first`, `newest-first` or `mixed`.
    pub order: Option<String>,
    /// How many lines that matter were left out, because the input has more of them than are kept in memory: of
    /// healthy events all but the last, of failures those in the middle.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One cause, why it was chosen, and what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The id of the rule that knows this cause; absent when none does.
    pub rule: Option<String>,
    /// The cause as a headline of a few words.
    #[serde(default)]
    pub title: String,
    /// The family of the cause.
    pub category: Category,
    /// How sure the rule is, from 0 to 1.
    pub confidence: f64,
    /// Whether the very same run, later, plausibly succeeds.
    pub retryable: bool,
    /// The cause in one sentence, captured names filled in.
    pub cause: String,
    /// What to do.
    pub fix: Fix,
    /// The one live command that decides, where the text does not tell the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide: Option<String>,
    /// The event or line the cause was read from.
    pub root: Root,
    /// The lines that carry the cause, first the root's own.
    pub evidence: Vec<Evidence>,
    /// What the rule captured from the text, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub captures: BTreeMap<String, String>,
    /// Where the fix is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Known causes that come close, for a verdict without a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<Candidate>,
}

/// The remedy of a cause: text for people, a type for the executor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// What to do, captured names filled in.
    pub text: String,
    /// What the fix changes.
    pub kind: FixKind,
    /// What carrying it out does; absent where there is no fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// What it destroys, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroys: Option<String>,
    /// For [`FixKind::Param`]: the input to change, by its slot name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// For [`FixKind::Param`]: the value to give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Seconds to wait before the next try; there for every cause that passes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
    /// Why that long, and what shortens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_advice: Option<String>,
    /// For [`FixKind::Operator`]: commands for a person to run, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
}

/// What a fix changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// Nothing the tool can do or suggest as a command.
    #[default]
    None,
    /// Wait, then run again unchanged.
    Wait,
    /// Run again unchanged.
    Rerun,
    /// Change one input, then run again.
    Param,
    /// Something a person has to do outside the tool.
    Operator,
}

/// What carrying out a fix does, from harmless to irreversible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It only looks, or waits.
    Read,
    /// It changes files or settings of the operator's machine, or the template.
    LocalWrite,
    /// It makes something new in the account.
    CloudCreate,
    /// It changes something that exists in the account, its permissions and quotas included.
    CloudChange,
    /// It makes a resource anew, and with it a new identity.
    Replace,
    /// It deletes something.
    Delete,
}

/// The event or line a cause was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// The resource's logical id, where the text names one.
    pub logical_id: Option<String>,
    /// The resource's type, where the text names one.
    pub resource_type: Option<String>,
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// The text of the failure.
    pub text: String,
    /// The status the event reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The stack it belongs to, where the text names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
}

/// One line of the input that carries the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The line, counted from 1.
    pub line: usize,
    /// Its text, without colour codes.
    pub text: String,
}

/// A known cause that comes close to an unknown failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// The rule's id.
    pub rule: String,
    /// How close, from 0 to 1.
    pub score: f64,
}

/// How many failed events were set aside, by why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// Cancelled because something else failed.
    pub cancelled: usize,
    /// Events of the rollback that followed.
    pub rollback: usize,
    /// A parent repeating its child's failure.
    pub parent_echo: usize,
    /// Failures that follow from the cause.
    pub consequence: usize,
    /// The same failure told again.
    pub repeated: usize,
}
