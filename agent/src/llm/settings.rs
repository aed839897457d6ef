//! Which model is asked, where, and within which bounds: flags over configuration over environment over presets.

use std::path::{Path, PathBuf};
use std::time::Duration;

use provision_planner::Secret;
use provision_prompts::Templates;

use super::args::{ModelArgs, ModelConfig};
use super::egress::Egress;
use super::error::LlmError;
use super::provider::{self, Provider};
use crate::error::CommandError;

/// Ceilings of one command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Tokens, both ways together.
    pub tokens: u64,
    /// Time spent waiting.
    pub time: Duration,
    /// US dollars, where the price is known.
    pub cost: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tokens: 20_000, time: Duration::from_secs(30), cost: 0.10 }
    }
}

/// Everything a request to a model needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's kind.
    pub provider: Provider,
    /// The server's address, without a slash at its end.
    pub address: String,
    /// The key, where there is one.
    pub key: Option<Secret>,
    /// The model's name.
    pub model: String,
    /// How far a request may go.
    pub egress: Egress,
    /// The ceilings.
    pub limits: Limits,
    /// Where answers are kept; nowhere with `--no-cache` or without a home.
    pub cache: Option<PathBuf>,
    /// Whether the prompt is shown instead of sent.
    pub show: bool,
    /// Whether a model, a provider or `--show-prompt` was asked for, rather than found by a key in the environment.
    pub explicit: bool,
    /// The templates.
    pub templates: Templates,
}

/// Whether a model can be asked.
#[derive(Debug)]
pub enum Availability {
    /// It can.
    On(Box<Settings>),
    /// It cannot.
    Off {
        /// Why.
        reason: LlmError,
        /// Whether somebody asked for one all the same.
        explicit: bool,
    },
}

/// A variable of the environment that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// What flags, configuration and environment say about the model.
///
/// # Errors
/// A usage error for a provider that does not exist or a template that cannot be used.
pub fn availability(args: &ModelArgs, config: &ModelConfig) -> Result<Availability, CommandError> {
    let flagged = args.ai_provider.as_ref().filter(|name| !name.is_empty());
    let named = flagged.or(config.provider.as_ref());
    let provider = chosen(named, config.base_url.is_some())?;
    let model = args.model.clone().filter(|name| !name.is_empty()).or_else(|| config.name.clone());
    let explicit = named.is_some() || model.is_some() || args.show_prompt;
    let templates = templates(args.prompts.as_deref().or(config.prompts.as_deref()))?;
    let found = model.or_else(|| provider.model.clone()).ok_or_else(|| no_model(&provider));
    let address = match &config.base_url {
        Some(address) if flagged.is_none() => Ok(address.clone()),
        _ => provider.address(variable),
    };
    let egress = args.llm_egress.or(config.egress).unwrap_or_default();
    let all = found.and_then(|model| Ok((model, address?, key(&provider, explicit, args.show_prompt)?)));
    let all = match egress {
        Egress::None if !args.show_prompt => Err(off("--llm-egress none keeps everything here")),
        _ => all,
    };
    Ok(match all {
        Err(reason) => Availability::Off { reason, explicit },
        Ok((model, address, key)) => Availability::On(Box::new(Settings {
            limits: limits(args, config),
            cache: cache(args),
            show: args.show_prompt,
            provider,
            address,
            key,
            model,
            egress,
            explicit,
            templates,
        })),
    })
}

fn off(reason: &str) -> LlmError {
    LlmError::Off { reason: reason.to_owned() }
}

fn no_model(provider: &Provider) -> LlmError {
    off(&format!("{} has no default model; name one with --model", provider.name))
}

/// The provider named, or the one that the environment suggests.
fn chosen(named: Option<&String>, own_address: bool) -> Result<Provider, CommandError> {
    let own = own_address || variable("OPENAI_BASE_URL").is_some();
    let name = named.map_or(if own { "custom" } else { "openai" }, String::as_str);
    let all = provider::all().map_err(CommandError::internal)?;
    let names: Vec<String> = all.iter().map(|provider| provider.name.clone()).collect();
    all.into_iter().find(|provider| provider.name == name).ok_or_else(|| {
        CommandError::usage(format!("--ai-provider {name}: no such provider; there are {}", names.join(", ")))
    })
}

/// The key. Without one a server that wants none is only used when it was asked for.
fn key(provider: &Provider, explicit: bool, show: bool) -> Result<Option<Secret>, LlmError> {
    let found = provider.key_var.iter().find_map(|name| variable(name));
    match (found, provider.key_var.first()) {
        (Some(key), _) => Ok(Some(Secret::new(key))),
        (None, _) if show => Ok(None),
        (None, Some(name)) if !provider.key_optional => {
            Err(LlmError::Unset { provider: provider.name.clone(), variable: name.clone() })
        }
        (None, _) if explicit => Ok(None),
        (None, _) => Err(off("nobody named one with --model")),
    }
}

fn limits(args: &ModelArgs, config: &ModelConfig) -> Limits {
    let usual = Limits::default();
    Limits {
        tokens: args.llm_max_tokens.or(config.max_tokens).unwrap_or(usual.tokens),
        time: args.llm_max_seconds.or(config.max_seconds).map_or(usual.time, Duration::from_secs),
        cost: args.llm_max_cost.or(config.max_cost).unwrap_or(usual.cost),
    }
}

/// `$XDG_CACHE_HOME/provision/llm`, else below `~/.cache`.
fn cache(args: &ModelArgs) -> Option<PathBuf> {
    let base = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")))?;
    (!args.no_cache).then(|| base.join("provision/llm"))
}

/// The built-in templates with those of a folder laid over them.
fn templates(folder: Option<&Path>) -> Result<Templates, CommandError> {
    let mut templates = Templates::default();
    let Some(folder) = folder else { return Ok(templates) };
    let problem = |what: &Path, error: &dyn std::fmt::Display| {
        CommandError::usage(format!("--prompts {}: {error}", what.display()))
    };
    let mut found = 0;
    for entry in std::fs::read_dir(folder).map_err(|error| problem(folder, &error))? {
        let path = entry.map_err(|error| problem(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "j2") {
            let text = std::fs::read_to_string(&path).map_err(|error| problem(&path, &error))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            templates.replace(&name, text).map_err(|error| problem(&path, &error))?;
            found += 1;
        }
    }
    if found > 0 { Ok(templates) } else { Err(problem(folder, &"no templates (*.j2) in this folder")) }
}
