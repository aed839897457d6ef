//! The flags of the model layer, and the `[model]` table of the configuration.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::egress::Egress;

/// Flags about the model; every command takes them.
#[derive(Debug, Default, Clone, Args)]
pub struct ModelArgs {
    /// Model to ask for what the parser and the rules leave open; it never changes their answers
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "PROVISION_MODEL",
        hide_env_values = true,
        help_heading = "Model"
    )]
    pub model: Option<String>,

    /// Server that is asked: openai, anthropic, ollama, vllm, azure, bedrock, or custom at OPENAI_BASE_URL
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "PROVISION_AI_PROVIDER",
        hide_env_values = true,
        help_heading = "Model"
    )]
    pub ai_provider: Option<String>,

    /// How far a request to a model may go
    #[arg(
        long,
        global = true,
        value_name = "WHERE",
        env = "PROVISION_LLM_EGRESS",
        hide_env_values = true,
        help_heading = "Model"
    )]
    pub llm_egress: Option<Egress>,

    /// Print what would be sent to the model, byte for byte; sends nothing and does nothing else
    #[arg(long, global = true, help_heading = "Model")]
    pub show_prompt: bool,

    /// Ask the model again although the same question was answered before
    #[arg(long, global = true, help_heading = "Model")]
    pub no_cache: bool,

    /// Most tokens that one command may use, both ways together [default: 20000]
    #[arg(long, global = true, value_name = "NUMBER", help_heading = "Model")]
    pub llm_max_tokens: Option<u64>,

    /// Most seconds that one command may wait for the model [default: 30]
    #[arg(long, global = true, value_name = "SECONDS", help_heading = "Model")]
    pub llm_max_seconds: Option<u64>,

    /// Most money, in US dollars, that one command may spend where the model's price is known [default: 0.10]
    #[arg(long, global = true, value_name = "USD", value_parser = dollars, help_heading = "Model")]
    pub llm_max_cost: Option<f64>,

    /// Folder with prompt templates of your own, which replace the built-in ones of the same name
    #[arg(long, global = true, value_name = "DIR", help_heading = "Model")]
    pub prompts: Option<PathBuf>,

    /// With --yes: also approve values that a model has filled in
    #[arg(long, global = true, help_heading = "Gate")]
    pub accept_model: bool,
}

fn dollars(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err("not an amount of money".to_owned()) }
}

/// The `[model]` table of the configuration; flags win over it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// As `--ai-provider`.
    pub provider: Option<String>,
    /// As `--model`.
    pub name: Option<String>,
    /// The server's address, instead of the provider's.
    pub base_url: Option<String>,
    /// As `--llm-egress`.
    pub egress: Option<Egress>,
    /// As `--prompts`; from the folder of the configuration file.
    pub prompts: Option<PathBuf>,
    /// As `--llm-max-tokens`.
    pub max_tokens: Option<u64>,
    /// As `--llm-max-seconds`.
    pub max_seconds: Option<u64>,
    /// As `--llm-max-cost`.
    pub max_cost: Option<f64>,
}
