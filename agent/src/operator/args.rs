//! The flags of the operator commands.

use clap::{Args, Subcommand};

use super::deployment::DeploymentArgs;
use crate::cli::GateArgs;

/// Commands about a platform that runs already.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Compare the platform's pipeline registry with the live stacks; changes nothing
    ///
    /// Reads the registry from the platform (PLATFORM_BASE_URL with PLATFORM_TOKEN, or PLATFORM_IDENTIFIER and
    /// PLATFORM_PASSWORD) and every stack with the tag `pipeline-builder`. Exit code 0: no drift; 1: drift was
    /// found; 2: something could not be read, so the answer is not complete.
    #[command(name = "audit-stacks")]
    AuditStacks(AuditArgs),
    /// Have the platform issue a long-lived token and keep it in AWS Secrets Manager
    ///
    /// The platform's Lambdas read it from there. The token itself is never printed. The secret is named
    /// `pipeline-builder/<organisation>/platform`, or after the scope where one is given; PLATFORM_SECRET_NAME
    /// overrides that. With --schedule a stack is deployed that renews the token before it expires: its plan is shown
    /// and asked about first.
    #[command(name = "store-token")]
    StoreToken(StoreTokenArgs),
    /// Report what pipelines do to the platform: EventBridge rule, queue with a dead-letter queue, Lambda function
    ///
    /// Deploys the stack `pipeline-builder-events` through CloudFormation's API; the plan and then the change set are
    /// shown before anything changes. Again it changes only what differs. The function reads its token from Secrets
    /// Manager (`provision store-token --scope reporting:ingest`, then --scoped-ingest here). --json prints the plan
    /// and runs nothing; with --yes it runs and prints the result.
    #[command(name = "setup-events")]
    SetupEvents(SetupEventsArgs),
    /// Show how a deployment stands: stacks, health, certificate, DNS, mail, pods, last run, costs; changes nothing
    ///
    /// Every part is looked at side by side with the platform's own tools (aws, kubectl, docker); what cannot be seen
    /// is said with why. Exit code 0: all that was seen is well; 1: something is wrong; 2: nothing could be seen, or
    /// wrong usage.
    Status(StatusArgs),
    /// Show the storage of a deployment and what it should be, or grow it after showing a plan
    ///
    /// ec2: the data volume, by how plugins are loaded; --grow GIB modifies it and shows the steps on the instance.
    /// eks: the volume claims; --pvc NAME --grow GIB. Storage never shrinks.
    Storage(StorageArgs),
    /// List what a teardown left that costs money or blocks the next deploy, with the commands that remove it
    ///
    /// Removes nothing. Exit code 0: nothing is left; 1: something is; 2: something could not be looked at.
    Leftovers(DeploymentArgs),
}

impl OperatorCommand {
    /// Whether it takes a target of the catalog, and so needs the catalog and the configuration.
    pub fn names_a_deployment(&self) -> bool {
        matches!(self, Self::Status(_) | Self::Storage(_) | Self::Leftovers(_))
    }
}

/// Flags of commands that ask the platform's API.
#[derive(Debug, Args)]
pub struct PlatformArgs {
    /// The platform's URL
    #[arg(long, value_name = "URL", env = "PLATFORM_BASE_URL", hide_env_values = true)]
    pub platform_url: Option<String>,

    /// Accept a certificate that does not verify, such as a self-signed one
    #[arg(long)]
    pub no_verify_ssl: bool,
}

/// Flags of `provision audit-stacks`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Where the platform is.
    #[command(flatten)]
    pub platform: PlatformArgs,

    /// Region to scan, or `all`; may be given several times. Default: AWS_REGION, else CDK_DEFAULT_REGION, else
    /// us-east-1
    #[arg(long, value_name = "REGION")]
    pub region: Vec<String>,

    /// Only this organisation's pipelines and stacks
    #[arg(long, value_name = "ID")]
    pub org: Option<String>,

    /// Profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Print one line only, for a cron mail
    #[arg(long)]
    pub summary: bool,
}

/// Flags of `provision store-token`.
#[derive(Debug, Args)]
pub struct StoreTokenArgs {
    /// Where the platform is.
    #[command(flatten)]
    pub platform: PlatformArgs,

    /// How long the token is valid
    #[arg(long, value_name = "1..365", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=365))]
    pub days: u64,

    /// What the token may do, such as `reporting:ingest`; default: what its user may do
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    pub scope: Option<String>,

    /// Deploy a stack that renews the token, each time half of its validity is over
    #[arg(long)]
    pub schedule: bool,

    /// With a schedule of your own, as EventBridge writes it: "rate(7 days)" or "cron(0 5 1 * ? *)", in UTC; implies
    /// --schedule
    #[arg(long, value_name = "EXPR", value_parser = schedule)]
    pub cron: Option<String>,

    /// Say what would be stored and deployed where; issues, stores and deploys nothing
    #[arg(long)]
    pub dry_run: bool,

    /// What counts as approval of the schedule's stack.
    #[command(flatten)]
    pub gate: GateArgs,

    /// Region of the secret. Default: AWS_REGION, else CDK_DEFAULT_REGION, else us-east-1
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// Flags of `provision setup-events`.
#[derive(Debug, Args)]
pub struct SetupEventsArgs {
    /// Where the platform is.
    #[command(flatten)]
    pub platform: PlatformArgs,

    /// Use the token whose scope is reporting:ingest, the only one that the platform takes events from
    #[arg(long)]
    pub scoped_ingest: bool,

    /// Region of the pipelines. Default: AWS_REGION, else CDK_DEFAULT_REGION, else us-east-1
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Delete the stack instead: shows what is removed, then asks for the name
    #[arg(long, conflicts_with = "scoped_ingest")]
    pub teardown: bool,

    /// With --teardown: delete without the typed name, for CI
    #[arg(long, requires = "teardown")]
    pub force: bool,

    /// What counts as approval.
    #[command(flatten)]
    pub gate: GateArgs,
}

/// A schedule that EventBridge takes.
fn schedule(text: &str) -> Result<String, String> {
    provision_planner::value::schedule(text)
}

/// Flags of `provision status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Which deployment.
    #[command(flatten)]
    pub deployment: DeploymentArgs,

    /// Look again every so many seconds until Ctrl-C; with --json one document per line
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "10",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub watch: Option<u64>,

    /// How long one question to a tool may take
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
}

/// Flags of `provision storage`.
#[derive(Debug, Args)]
pub struct StorageArgs {
    /// Which deployment.
    #[command(flatten)]
    pub deployment: DeploymentArgs,

    /// ec2: how plugins are loaded: build_image, prebuilt-cleanup or prebuilt
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,

    /// ec2: the volume with the data, where it cannot be told by itself
    #[arg(long, value_name = "ID")]
    pub volume: Option<String>,

    /// eks: the volume claim
    #[arg(long, value_name = "NAME")]
    pub pvc: Option<String>,

    /// Grow to this size in GiB
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub grow: Option<u64>,

    /// Approve the plan without asking
    #[arg(long, short = 'y')]
    pub yes: bool,

    /// Approve exactly the plan with this digest
    #[arg(long, value_name = "DIGEST", value_parser = crate::cli::digest, conflicts_with = "yes")]
    pub approve: Option<String>,
}

/// A scope as the platform writes them: words with colons.
fn scope(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
    match text {
        "" => Err("a scope cannot be empty".to_owned()),
        _ if text.chars().all(plain) => Ok(text.to_owned()),
        _ => Err("a scope has letters, digits, and : - _ . only".to_owned()),
    }
}
