//! The plan: a typed, validated document of everything a run would do.
//!
//! It is what `--json` prints, what the gate shows and approves, and what the executor runs.

mod binding;
mod command;
mod diff;
mod digest;
mod gate;
mod ports;
mod quote;
mod schema;
mod stack;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use binding::{Account, Binding};
pub use command::{CommandLine, EnvValue};
pub use diff::{Drift, InputChange, diff, drift};
pub(crate) use digest::digest;
pub use digest::sha256;
pub use gate::{Approval, ApprovedPlan, Refusal};
pub use ports::PortSource;
pub use quote::quote;
pub use schema::schema;
pub use stack::{StackPlan, TemplateFile};

use crate::goal::{Goal, Source};

/// The schema name every plan carries.
pub const PLAN_SCHEMA: &str = "provision.plan/v1";

/// Everything a run would do, in order, with where each value came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Always [`PLAN_SCHEMA`].
    pub schema: String,
    /// Whether it could run as it stands.
    pub status: PlanStatus,
    /// What it does to the target.
    pub action: Action,
    /// The target, once known.
    pub target: Option<TargetSummary>,
    /// What was understood of the wishes, from text and flags, slot by slot.
    pub goal: Goal,
    /// Every input of the target with its value and origin.
    pub inputs: Vec<ResolvedInput>,
    /// Variables of the operator's environment that the target's scripts would read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<EnvironmentNote>,
    /// The folder of the platform's checkout that commands run in; absent while there is none.
    pub checkout: Option<String>,
    /// What the machine must have, with what was found.
    pub prerequisites: Vec<PrerequisiteResult>,
    /// The flags of required inputs that have no value, such as `--hosted-zone-id`.
    pub missing: Vec<String>,
    /// For each missing flag, what it is and how to find its value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_help: Vec<MissingInput>,
    /// The exact deploy (or teardown) command; its text form shows secrets as `***`.
    pub command: Option<CommandLine>,
    /// How the checkout is fetched, when `--repo` asks for it.
    pub bootstrap: Option<Bootstrap>,
    /// What runs, in order.
    pub steps: Vec<Step>,
    /// What was asked for or is usual but will not run, and why.
    pub skipped: Vec<SkippedStep>,
    /// How health is checked after the deploy.
    pub health: Option<HealthProbe>,
    /// Where the reasons of a failed deploy or teardown stand besides the command's own output.
    /// Filled from the catalog for targets that drive CloudFormation stacks; absent for the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceSource>,
    /// The CloudFormation stack that is deployed or deleted through the API rather than by a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackPlan>,
    /// What a teardown removes and how it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destruction: Option<Destruction>,
    /// Host ports the target binds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// Where the host ports are written down, to be read again once the checkout is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports_from: Option<PortSource>,
    /// The running cost, such as `about $150-400 a month`.
    pub cost: Option<String>,
    /// How many times a failed deploy may be fixed and tried again.
    pub retries: u8,
    /// No further try begins once so many minutes have passed since the first; absent for no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_minutes: Option<u64>,
    /// The circumstances that an approval binds to besides what runs.
    #[serde(default)]
    pub binding: Binding,
    /// `sha256:` and the digest of everything that would run; approval binds to it.
    pub digest: String,
}

/// Whether a plan could run as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlanStatus {
    /// Nothing is missing.
    Ready,
    /// An input or a prerequisite is missing.
    Blocked,
}

/// What a plan does to its target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Bring it up.
    #[default]
    Deploy,
    /// Take it down.
    Teardown,
    /// Change one thing of what is there.
    Change,
}

/// The target in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSummary {
    /// The catalog id, such as `eks`.
    pub id: String,
    /// The name for people, such as `EKS`.
    pub title: String,
    /// One sentence of what it brings up.
    pub summary: String,
    /// What a deploy creates, one thing per entry.
    pub deploys: Vec<String>,
}

/// An input with its value and where that came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResolvedInput {
    /// The slot name, such as `hosted_zone_id`.
    pub name: String,
    /// The flag that sets it.
    pub flag: String,
    /// The value; a secret stands as `***`.
    pub value: serde_json::Value,
    /// Whether it is a secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Where the value comes from.
    pub source: Source,
}

/// A variable of the operator's environment that the target's scripts would read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentNote {
    /// The variable's name.
    pub name: String,
    /// Whether its value is used or the variable is cleared for the child.
    pub treatment: Treatment,
    /// Why, in one clause.
    pub reason: String,
}

/// What happens to a variable of the operator's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// Its value is taken as an input.
    Used,
    /// The child does not get it.
    Cleared,
}

/// Something the machine must have, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrerequisiteResult {
    /// The catalog id, such as `kubectl`.
    pub id: String,
    /// The name for people.
    pub title: String,
    /// How the check ended.
    pub status: PrerequisiteStatus,
    /// What was found: a version, an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What went wrong, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How to get it on this system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<String>,
}

/// How a prerequisite check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PrerequisiteStatus {
    /// It is there and works.
    Ok,
    /// It is not installed.
    Missing,
    /// It is there but does not work.
    Failed,
    /// It did not answer in time.
    Timeout,
    /// The check did not run.
    Unchecked,
}

/// A required input without a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingInput {
    /// The slot name.
    pub name: String,
    /// The flag that sets it.
    pub flag: String,
    /// What it is, in one line.
    pub help: String,
    /// A command that lists candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<String>,
}

/// How the platform's checkout is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bootstrap {
    /// The git URL.
    pub url: String,
    /// The branch or tag.
    pub git_ref: String,
    /// The folder it is cloned into.
    pub workdir: String,
    /// The folders that are materialised.
    pub sparse: Vec<String>,
}

/// One thing that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// A short id, unique in the plan, such as `deploy` or `post-step-2`.
    pub id: String,
    /// What kind of work it is.
    pub kind: StepKind,
    /// What it may change.
    pub effect: Effect,
    /// One line for people.
    pub title: String,
    /// What runs, in order; empty where the executor itself does the work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandLine>,
    /// Lines to show when the step is reached, such as where to watch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What a smoke test reads, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
    /// For [`StepKind::Await`]: when the command has said enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
}

/// One request of a smoke test; a GET that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// The URL.
    pub url: String,
    /// The secret that goes along as a bearer token, by the name of its input; the answer then has to be JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
}

/// When a command that is asked again and again has said enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Until {
    /// The last lines that end the waiting well.
    pub prints: Vec<String>,
    /// The last lines that end it as a failure.
    pub fails_on: Vec<String>,
    /// Seconds between two tries.
    pub every_seconds: u64,
    /// Seconds after which waiting is given up.
    pub at_most_seconds: u64,
}

/// The kinds of work the executor knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Clone or extend the checkout.
    Bootstrap,
    /// Create `.env` from `.env.example`.
    EnvFile,
    /// Run the target's deploy entrypoint.
    Deploy,
    /// Probe health and readiness.
    Health,
    /// Run the platform's initialisation and its loads.
    Init,
    /// Read-only check of the running platform.
    SmokeTest,
    /// A command of this tool's own, such as `provision setup-events`.
    Operator,
    /// A command of the user's own.
    PostStep,
    /// Run the target's teardown.
    Teardown,
    /// Ask a command again and again until it says what is waited for.
    Await,
    /// Nothing runs; the notes say what a person has to do or watch.
    Notice,
}

/// What a step may change, from harmless to irreversible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Reads only.
    Read,
    /// Writes on this machine.
    LocalWrite,
    /// Creates things in the cloud.
    CloudCreate,
    /// Changes things in the cloud.
    CloudChange,
    /// Replaces things in the cloud.
    Replace,
    /// Deletes.
    Delete,
}

/// Something that will not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedStep {
    /// The step's id.
    pub id: String,
    /// Why not.
    pub reason: String,
}

/// How health is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HealthProbe {
    /// The platform's URL.
    pub url: String,
    /// Probed first.
    pub health_url: String,
    /// Probed once health is up.
    pub ready_url: String,
    /// Seconds until health counts as failed.
    pub timeout_seconds: u64,
    /// Seconds between probes.
    pub poll_seconds: u64,
    /// Seconds that readiness gets once health is up, before the platform counts as degraded.
    pub ready_grace_seconds: u64,
    /// Whether a self-signed certificate is accepted; only ever for localhost.
    pub accept_self_signed: bool,
    /// A detached command that brings the gateway's port forward back if nothing listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revive: Option<CommandLine>,
}

/// The CloudFormation stacks whose events say why a deploy failed.
///
/// The AWS CLI prints no reason when a stack fails, so the executor reads the events of these stacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSource {
    /// Stack names; a trailing `*` stands for any rest, such as `eksctl-pipeline-builder-*`.
    pub stacks: Vec<String>,
    /// The region they are in; absent to take the one that the AWS SDK resolves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The profile of the AWS configuration; absent to take the one that the AWS SDK resolves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// What a teardown removes and how it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Destruction {
    /// The name that must be typed: the given stack or cluster name, else the target's id.
    pub confirm: String,
    /// Whether it cannot be undone; then only the typed name (or `--force`) passes the gate.
    pub irreversible: bool,
    /// What is removed.
    pub removes: Vec<String>,
    /// What stays.
    pub keeps: Vec<String>,
}

impl Plan {
    /// Whether nothing is missing, by the status and by what it stands for.
    pub fn is_ready(&self) -> bool {
        let works = |result: &PrerequisiteResult| result.status == PrerequisiteStatus::Ok;
        self.status == PlanStatus::Ready && self.missing.is_empty() && self.prerequisites.iter().all(works)
    }

    /// The digest of the plan as it is now, whatever [`Plan::digest`] says.
    pub fn current_digest(&self) -> String {
        digest(self)
    }
}
