//! The optional model. It fills gaps and offers opinions; it never acts, never sees a secret, and is never needed.
//!
//! Everything that leaves goes through [`Llm::converse`]: a prompt of redacted parts, sealed into its exact bytes,
//! within the command's ceilings. Any trouble is an [`LlmError`], and the caller goes on without the model.

pub mod args;
mod budget;
mod cache;
mod diagnosis;
mod egress;
mod error;
mod goal;
mod hint;
mod provider;
mod rule;
mod secrets;
mod settings;
mod transport;
mod trial;
mod wire;

use std::time::{Duration, Instant};

use provision_prompts::{Envelope, Outgoing, Prompt, Redactor};
use serde_json::Value;

pub use args::{ModelArgs, ModelConfig};
pub use diagnosis::{Confidence, Opinion, Statement, opinion};
pub use error::LlmError;
pub use goal::fill;
pub use hint::hint;
pub use rule::{Unmatched, rule};
pub use secrets::redactor;
pub use settings::{Availability, Settings, availability};
pub use trial::{models, trial};

use crate::terminal;
use budget::Budget;
use cache::Entry;
use transport::{Reply, Transport};

/// How often an answer that will not do is sent back with what is wrong with it.
const REPAIRS: usize = 2;
/// How often a request is tried again when the server is busy or the answer breaks off.
const RETRIES: u32 = 2;
/// The first pause between two tries; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(400);

/// A model, and what this command has used of it.
pub struct Llm {
    settings: Settings,
    budget: Budget,
}

/// What is asked, and in what form the answer has to come.
pub struct Question<'a> {
    /// The prompt.
    pub prompt: Prompt,
    /// The schema of the answer with its name; none for free text.
    pub schema: Option<(&'a str, Value)>,
    /// The longest answer, in tokens.
    pub max_tokens: u64,
    /// What else decides the answer, for the key of the cache: the version of the rules.
    pub context: &'a str,
}

impl Llm {
    /// A model that nothing has been asked yet.
    pub fn new(settings: Settings) -> Self {
        let budget = Budget::new(settings.limits, provider::price(&settings.model));
        Self { settings, budget }
    }

    /// How it is set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tokens used so far, and US dollars where the price is known.
    pub fn used(&self) -> (u64, Option<f64>) {
        self.budget.used()
    }

    /// Asks, and hands every answer to `accept` until one will do: at most [`REPAIRS`] times it is sent back with what
    /// is wrong with it. `on_text` gets the pieces of each answer as they come.
    ///
    /// # Errors
    /// Why there is no answer that will do.
    pub async fn converse<T>(
        &mut self,
        question: Question<'_>,
        redactor: &mut Redactor,
        mut accept: impl FnMut(&str, &Redactor) -> Result<T, String>,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<T, LlmError> {
        let kept = self.kept(&question);
        if let Some(answer) = kept.as_ref().filter(|_| !self.settings.show).and_then(Entry::read)
            && let Ok(accepted) = accept(&answer, redactor)
        {
            on_text(&answer);
            return Ok(accepted);
        }
        let mut question = question;
        let mut problem = String::new();
        for _ in 0..=REPAIRS {
            let reply = self.patiently(&question, redactor, on_text).await;
            let reply = reply.map_err(|error| error.redacted(redactor))?;
            match accept(&reply.text, redactor) {
                Ok(accepted) => {
                    kept.iter().for_each(|entry| entry.write(&redactor.redact(&reply.text)));
                    return Ok(accepted);
                }
                Err(wrong) => {
                    let request = format!("That will not do: {wrong}. Answer again, in the form asked for.");
                    let (answer, request) = (redactor.redact(&reply.text), redactor.redact(&request));
                    question.prompt = question.prompt.repaired(answer, request);
                    problem = wrong;
                }
            }
        }
        Err(LlmError::Unusable { reason: problem }.redacted(redactor))
    }

    fn kept(&self, question: &Question<'_>) -> Option<Entry> {
        let schema = question.schema.as_ref().map_or_else(String::new, |(_, schema)| schema.to_string());
        let prompt = &question.prompt;
        let parts = [
            &self.settings.model,
            &self.settings.address,
            &prompt.version,
            question.context,
            &schema,
            prompt.system.as_str(),
            prompt.user.as_str(),
        ];
        self.settings.cache.as_deref().map(|folder| cache::entry(folder, &parts))
    }

    /// One answer, with a few tries where the trouble may pass and the time allows.
    async fn patiently(
        &mut self,
        question: &Question<'_>,
        redactor: &Redactor,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Reply, LlmError> {
        let mut attempt = 0;
        loop {
            let error = match self.exchange(question, redactor, on_text).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let pause = pause(&error, attempt);
            if !error.is_transient() || attempt == RETRIES || self.budget.time_left()? <= pause {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            self.budget.wait(pause);
            attempt += 1;
        }
    }

    /// One request.
    async fn exchange(
        &mut self,
        question: &Question<'_>,
        redactor: &Redactor,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Reply, LlmError> {
        // The prompt is sealed twice: first to know its length, then with the length that its answer may have.
        let draft = self.sealed(question, question.max_tokens, redactor)?;
        let granted = self.budget.grant(draft.as_str().len(), question.max_tokens)?;
        let outgoing = self.sealed(question, granted, redactor)?;
        if self.settings.show {
            terminal::out(&format!("{}\n", outgoing.as_str()));
            return Err(LlmError::Shown);
        }
        let left = self.budget.time_left()?;
        let transport = Transport::new(&self.settings, left, granted)?;
        let started = Instant::now();
        let answered = tokio::time::timeout(left, transport.ask(&outgoing, on_text)).await;
        self.budget.wait(started.elapsed());
        let reply = answered.unwrap_or_else(|_| Err(self.budget.late()));
        let (usage, received) = reply.as_ref().map_or((None, 0), |reply| (reply.usage, reply.text.len()));
        self.budget.count(usage, outgoing.as_str().len(), received);
        reply
    }

    fn sealed(
        &self,
        question: &Question<'_>,
        max_tokens: u64,
        redactor: &Redactor,
    ) -> Result<Outgoing, LlmError> {
        let provider = &self.settings.provider;
        let schema = question.schema.as_ref().filter(|_| provider.structured);
        let effort = provider::effort(&self.settings.model);
        let envelope = Envelope {
            model: &self.settings.model,
            effort: effort.as_deref(),
            schema: schema.map(|(name, schema)| (*name, schema)),
            limit_field: &provider.limit_field,
            max_tokens,
            stream: true,
        };
        Ok(question.prompt.seal(&envelope, redactor)?)
    }

    /// The names of the server's models.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub async fn models(&mut self) -> Result<Vec<String>, LlmError> {
        let left = self.budget.time_left()?;
        let transport = Transport::new(&self.settings, left, 0)?;
        tokio::time::timeout(left, transport.models()).await.unwrap_or_else(|_| Err(self.budget.late()))
    }
}

/// How long to leave a server alone: as long as it asks for, else longer from try to try.
fn pause(error: &LlmError, attempt: u32) -> Duration {
    match error {
        LlmError::Refused { wait: Some(wait), .. } => *wait,
        _ => PAUSE * 2_u32.pow(attempt),
    }
}

/// Runs one piece of work with the model to its end. The runtime is made here, since most commands need none.
///
/// # Errors
/// What the work ends with, or that no runtime could be made.
pub fn block_on<T>(work: impl Future<Output = Result<T, LlmError>>) -> Result<T, LlmError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| LlmError::Internal { message: error.to_string() })?.block_on(work)
}

/// The JSON object of an answer: some servers put a fence or a sentence around it.
///
/// # Errors
/// What is wrong with it, in words for the model.
fn object<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, String> {
    let (start, end) = (answer.find('{'), answer.rfind('}'));
    let (Some(start), Some(end)) = (start, end) else { return Err("it holds no JSON object".to_owned()) };
    if end < start {
        return Err("it holds no JSON object".to_owned());
    }
    serde_json::from_str(&answer[start..=end]).map_err(|error| error.to_string())
}

/// The JSON schema of a type, in the strict form that servers want: no further properties, all of them required.
fn schema<T: schemars::JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    strict(&mut schema);
    schema
}

/// Drops what strict servers refuse: titles, formats, bounds and the schema's own address.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            for refused in ["$schema", "title", "description", "format", "minimum"] {
                if map.get(refused).is_some_and(|value| !value.is_object()) {
                    map.remove(refused);
                }
            }
            if let Some(words) = map.get("oneOf").and_then(constants) {
                *map = [("type", "string".into()), ("enum", words)]
                    .map(|(key, value)| (key.to_owned(), value))
                    .into_iter()
                    .collect();
            }
            map.values_mut().for_each(strict);
        }
        Value::Array(list) => list.iter_mut().for_each(strict),
        _ => {}
    }
}

/// The words of a choice between constants.
fn constants(choices: &Value) -> Option<Value> {
    choices
        .as_array()?
        .iter()
        .map(|choice| choice.get("const").cloned())
        .collect::<Option<Vec<_>>>()
        .map(Value::from)
}
