//! The flags of the operator commands.

use clap::{Args, Subcommand};

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
