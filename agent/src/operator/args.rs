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
    /// Have the platform issue a long-lived token and keep it in AWS Secrets Manager
    ///
    /// The platform's Lambdas read it from there. The token itself is never printed. The secret is named
    /// `pipeline-builder/<organisation>/platform`, or after the scope where one is given; PLATFORM_SECRET_NAME
    /// overrides that.
    #[command(name = "store-token")]
    StoreToken(StoreTokenArgs),
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

    /// Say what would be stored where; issues and stores nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Region of the secret. Default: AWS_REGION, else CDK_DEFAULT_REGION, else us-east-1
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
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
