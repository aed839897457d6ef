//! A target: one place the platform can be brought up in, as its catalog file states it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AbsentNote;
use crate::build::placeholders;
use crate::plan::{Action, Effect};

/// Values that inputs must have for something to apply; empty for always.
pub type When = BTreeMap<String, String>;

/// One target (`<id>.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The id, such as `eks`.
    pub id: String,
    /// The name for people.
    pub title: String,
    /// One sentence of what it brings up.
    pub summary: String,
    /// What a deploy creates.
    pub deploys: Vec<String>,
    /// The running cost, for people.
    #[serde(default)]
    pub cost: Option<String>,
    /// Whether it brings up the platform from a checkout; else it takes only the inputs that it names.
    #[serde(default = "yes")]
    pub platform: bool,
    /// Its folder in the checkout; empty for a target without one.
    #[serde(default)]
    pub folder: String,
    /// The platform's URL, with placeholders; empty for a target without one.
    #[serde(default)]
    pub url: String,
    /// Folders a sparse checkout needs.
    #[serde(default)]
    pub sparse: Vec<String>,
    /// Whether its folder needs an `.env` made from `.env.example`.
    #[serde(default)]
    pub env_file: bool,
    /// How it is brought up.
    pub deploy: Deploy,
    /// How it is taken down.
    pub teardown: Teardown,
    /// How its health is checked; absent where nothing answers.
    #[serde(default)]
    pub health: Option<Health>,
    /// How it is deployed as a CloudFormation stack through the API, without a script.
    #[serde(default)]
    pub native: Option<Native>,
    /// Where its host ports are written down.
    #[serde(default)]
    pub ports: Option<Ports>,
    /// The CloudFormation stacks it drives, with placeholders; a trailing `*` stands for any rest. Their events say
    /// why a deploy failed.
    #[serde(default)]
    pub stacks: Vec<String>,
    /// Files and folders of the checkout, relative to it, that an approval covers: what the commands run.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Whose account it changes; absent for none.
    #[serde(default)]
    pub account: Option<AccountKind>,
    /// Variables of the operator's environment that its commands need besides those of `_environment.toml`.
    #[serde(default)]
    pub passes: Vec<String>,
    /// How the platform is initialised; absent if it needs none.
    #[serde(default)]
    pub init: Option<Init>,
    /// What the machine must have.
    #[serde(default, rename = "prerequisite")]
    pub prerequisites: Vec<PrerequisiteUse>,
    /// The inputs it takes, in the order in which they are passed on.
    #[serde(default, rename = "input")]
    pub inputs: Vec<InputUse>,
    /// Things a person has to know or do.
    #[serde(default, rename = "notice")]
    pub notices: Vec<Notice>,
}

/// Whose account a target changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// An AWS account.
    Aws,
}

/// How a target is brought up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// The entrypoint, run in the target's folder; inputs are appended. Empty for a target that is native only.
    #[serde(default)]
    pub argv: Vec<String>,
    /// What it may change.
    pub effect: Effect,
    /// Variables that the entrypoint reads and that are no part of the plan: cleared.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Variables that the entrypoint hands on on purpose: shown and passed.
    #[serde(default)]
    pub uses: Vec<String>,
    /// Lines to show with the step.
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// How a target is taken down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teardown {
    /// What runs, in order; empty for a target that is native only.
    #[serde(default)]
    pub commands: Vec<CommandSpec>,
    /// What it may change.
    pub effect: Effect,
    /// Whether it cannot be undone.
    pub irreversible: bool,
    /// The input whose value, when given, is typed to confirm; else the target's id is.
    #[serde(default)]
    pub confirm: Option<String>,
    /// What is removed.
    pub removes: Vec<String>,
    /// What stays.
    pub keeps: Vec<String>,
    /// Variables that its commands read and that are no part of the plan: cleared.
    #[serde(default)]
    pub reads: Vec<String>,
}

impl Target {
    /// The inputs that a teardown names and cannot run without.
    pub fn teardown_placeholders(&self) -> Vec<&str> {
        let commands = &self.teardown.commands;
        let words = commands.iter().flat_map(|command| command.argv.iter().chain(&command.tail));
        let stack = self.native.iter().map(|native| &native.stack);
        words.chain(stack).flat_map(|word| placeholders(word)).collect()
    }
}

/// How a target is deployed as a stack through CloudFormation's API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Native {
    /// The template's file, with placeholders; relative to the target's folder where it has one.
    pub template: String,
    /// The stack's name, with placeholders.
    pub stack: String,
    /// Native only then; empty for always.
    #[serde(default)]
    pub when: When,
    /// The capabilities it acknowledges, besides those that the operator states.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The template's parameters that inputs of the target supply; all others are inputs of their own.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterSource>,
}

/// Where the value of a template's parameter comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterSource {
    /// The input that supplies it.
    pub input: String,
    /// What its values become; others are taken as they are.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// A command with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSpec {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Where it runs.
    #[serde(rename = "in")]
    pub place: Place,
    /// Whether the inputs are appended.
    #[serde(default)]
    pub inputs: bool,
    /// Arguments after the inputs.
    #[serde(default)]
    pub tail: Vec<String>,
    /// Variables set for it; one whose placeholders have no value is left out.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the target's folder of the checkout.
    Folder,
    /// At the root of the checkout.
    Checkout,
    /// Anywhere; no checkout is needed.
    Anywhere,
}

/// How health is checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Appended to the URL; probed first.
    pub health: String,
    /// Appended to the URL; probed once health is up.
    pub ready: String,
    /// Seconds until health counts as failed.
    pub timeout_seconds: u64,
    /// Seconds between probes.
    pub poll_seconds: u64,
    /// Seconds readiness gets once health is up.
    pub ready_grace_seconds: u64,
    /// Whether the certificate is self-signed; it is accepted on localhost only.
    #[serde(default)]
    pub self_signed: bool,
    /// A detached command that brings a dead port forward back.
    #[serde(default)]
    pub revive: Option<Vec<String>>,
    /// Lines to show with the step.
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// Where a target's host ports are written down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ports {
    /// The file, relative to the target's folder.
    pub file: String,
    /// How it is written.
    pub format: PortFormat,
    /// A command, run in the target's folder, that prints something if the target's own stack is what binds them.
    #[serde(default)]
    pub own: Vec<String>,
    /// The ports to assume while the file is not there.
    #[serde(default)]
    pub default: Vec<u16>,
}

/// How ports are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PortFormat {
    /// `ports:` of the services of a compose file.
    Compose,
    /// `port_forward "Name" svc "H:C …"` lines of a shell script.
    PortForward,
}

/// How the platform is initialised.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Init {
    /// The command that does it.
    pub command: CommandSpec,
    /// What it may change.
    pub effect: Effect,
    /// Variables that it takes from the operator's environment on purpose.
    #[serde(default)]
    pub uses: Vec<String>,
    /// What happens in each mode of the `init` input.
    pub mode: BTreeMap<String, InitMode>,
}

/// What happens in one mode.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitMode {
    /// Who runs the command.
    pub by: Actor,
    /// Which loads run.
    pub loads: Loads,
    /// Whether the loads' folders are needed in the checkout here.
    #[serde(default)]
    pub folders: bool,
    /// Lines to show; `{init_command}` stands for the command as text.
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// Who initialises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// This program, as a step.
    Provision,
    /// The deploy itself.
    Deploy,
    /// A person, later.
    Operator,
    /// Nobody.
    Nobody,
}

/// Which loads an initialisation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loads {
    /// Those that were asked for.
    Asked,
    /// All that `--with-all` covers, asked for or not.
    All,
    /// None.
    None,
}

/// A prerequisite of a target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrerequisiteUse {
    /// Its id in `_prerequisites.toml`.
    pub id: String,
    /// The actions that need it.
    #[serde(default = "both_actions")]
    pub on: Vec<Action>,
    /// Needed only then.
    #[serde(default)]
    pub when: When,
}

/// How a target takes an input.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputUse {
    /// The input's name.
    pub name: String,
    /// Whether a deploy cannot do without it. A teardown cannot do without what its commands name.
    #[serde(default)]
    pub required: bool,
    /// The target's own default.
    #[serde(default)]
    pub default: Option<String>,
    /// How a deploy is told; absent if the entrypoint is not.
    #[serde(default)]
    pub deploy: Option<Pass>,
    /// How a teardown is told; absent if it is not.
    #[serde(default)]
    pub teardown: Option<Pass>,
    /// What to say where it has no value, on this target.
    #[serde(default)]
    pub absent: Option<AbsentNote>,
}

/// How a value reaches a script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// This flag, then the value.
    #[serde(default)]
    pub flag: Option<String>,
    /// These arguments for this value.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<String>>,
    /// These variables.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Passed only then.
    #[serde(default)]
    pub when: When,
}

/// A line for people, perhaps under a condition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The line, with placeholders; values are quoted for a shell.
    pub text: String,
    /// Said only then.
    #[serde(default)]
    pub when: When,
}

/// A step that runs nothing: what a person has to know or do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The step's id.
    pub id: String,
    /// One line.
    pub title: String,
    /// Whether it stands right after health or after the smoke test.
    pub after: NoticePlace,
    /// Given only then.
    #[serde(default)]
    pub when: When,
    /// The lines.
    pub notes: Vec<Note>,
}

/// Where a notice stands among the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticePlace {
    /// After health, before the initialisation.
    Health,
    /// After the smoke test, before the user's own steps.
    SmokeTest,
}

fn yes() -> bool {
    true
}

fn both_actions() -> Vec<Action> {
    vec![Action::Deploy, Action::Teardown]
}
