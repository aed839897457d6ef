//! The servers that are known by name, as data: where they are, what they want, what they can do.

use serde::Deserialize;

use super::error::LlmError;

const PROVIDERS: &str = include_str!("providers.toml");

/// A server that speaks the OpenAI protocol.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What `--ai-provider` takes.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where it is; names of variables stand in braces.
    pub base_url: String,
    /// A variable that replaces the address.
    #[serde(default)]
    pub base_url_var: Option<String>,
    /// The variables with the key, the first that is set counts.
    pub key_var: Vec<String>,
    /// Whether it may be called without a key although it has variables for one.
    #[serde(default)]
    pub key_optional: bool,
    /// The model when nobody names one.
    #[serde(default)]
    pub model: Option<String>,
    /// Whether it can be held to a JSON schema.
    pub structured: bool,
    /// Whether it lists its models.
    pub models: bool,
    /// The field that limits the answer.
    pub limit_field: String,
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Of what is sent.
    pub input: f64,
    /// Of what comes back.
    pub output: f64,
}

/// What is known of the models whose name starts so.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    start: String,
    input: f64,
    output: f64,
    #[serde(default)]
    effort: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    provider: Vec<Provider>,
    model: Vec<Known>,
}

fn file() -> Result<File, LlmError> {
    toml::from_str(PROVIDERS).map_err(|error| LlmError::Internal { message: error.to_string() })
}

/// Every provider.
///
/// # Errors
/// When the data do not parse; a test proves that they do.
pub fn all() -> Result<Vec<Provider>, LlmError> {
    Ok(file()?.provider)
}

/// What is known of a model, by the longest known start of its name. Vendors' prefixes (`openai.`) do not count.
fn known(model: &str) -> Option<Known> {
    let fits = file().ok()?.model.into_iter().filter(|known| model.starts_with(&known.start));
    fits.max_by_key(|known| known.start.len())
}

/// The price of a model, where it is known.
pub fn price(model: &str) -> Option<Price> {
    known(model).map(|known| Price { input: known.input, output: known.output })
}

/// How much a model is told to think before it answers, where it has to be told.
pub fn effort(model: &str) -> Option<String> {
    known(model)?.effort
}

impl Provider {
    /// The address with the environment's values filled in.
    ///
    /// # Errors
    /// When a variable it needs is not set.
    pub fn address(&self, variable: impl Fn(&str) -> Option<String>) -> Result<String, LlmError> {
        if let Some(address) = self.base_url_var.as_deref().and_then(&variable) {
            return Ok(address.trim_end_matches('/').to_owned());
        }
        let mut address = String::new();
        let mut rest = self.base_url.as_str();
        while let Some((before, hole)) = rest.split_once('{') {
            let (hole, after) = hole.split_once('}').unwrap_or((hole, ""));
            let (name, fallback) = hole.split_once('|').map_or((hole, None), |(n, f)| (n, Some(f)));
            let missing = || LlmError::Unset { provider: self.name.clone(), variable: name.to_owned() };
            let value = variable(name).or_else(|| fallback.map(str::to_owned)).ok_or_else(missing)?;
            address.push_str(before);
            address.push_str(value.trim_end_matches('/'));
            rest = after;
        }
        Ok((address + rest).trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Provider {
        all().unwrap().into_iter().find(|provider| provider.name == name).unwrap()
    }

    #[test]
    fn every_provider_has_a_name_of_its_own_and_an_address() {
        let names: Vec<String> = all().unwrap().into_iter().map(|provider| provider.name).collect();
        assert_eq!(names, ["openai", "anthropic", "ollama", "vllm", "azure", "bedrock", "custom"]);
        for provider in all().unwrap() {
            let address = provider.address(|_| Some("https://filled.example/".to_owned())).unwrap();
            assert!(address.starts_with("http") && !address.contains(['{', '}']), "{address}");
        }
    }

    #[test]
    fn variables_fill_an_address_or_replace_it() {
        let address = named("bedrock").address(|name| (name == "AWS_REGION").then(|| "eu-west-1".to_owned()));
        assert_eq!(address.unwrap(), "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1");
        let bare = named("bedrock").address(|_| None).unwrap();
        assert_eq!(bare, "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1");
        let azure = named("azure").address(|_| None);
        assert!(
            matches!(azure, Err(LlmError::Unset { variable, .. }) if variable == "AZURE_OPENAI_ENDPOINT")
        );
        let moved = named("openai").address(|_| Some("http://127.0.0.1:9/v1/".to_owned())).unwrap();
        assert_eq!(moved, "http://127.0.0.1:9/v1");
    }

    #[test]
    fn the_price_of_the_longest_known_start_counts() {
        assert_eq!(price("gpt-4.1-mini-2025-04-14"), Some(Price { input: 0.4, output: 1.6 }));
        assert_eq!(price("gpt-4.1-2025-04-14"), Some(Price { input: 2.0, output: 8.0 }));
        assert_eq!(price("llama3.1"), None);
        assert_eq!(effort("gpt-6-luna-2026-09-22").as_deref(), Some("none"));
        assert_eq!((effort("gpt-4.1-mini"), effort("llama3.1")), (None, None));
    }
}
