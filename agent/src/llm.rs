//! The optional model: asked for a hypothesis about a failure, after the rules have answered.
//!
//! It is asked only when `--model` names one. What it says is printed as its opinion and changes nothing:
//! not the verdict, not the fix, not the exit code. Any trouble with it is one quiet line.

use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
    CreateChatCompletionRequestArgs,
};
use provision_planner::Secret;
use provision_prompts::{Prompt, Redactor};
use provision_rules::Verdict;

/// How long the model may take; nobody waits longer for an opinion.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest answer, in tokens.
const MAX_TOKENS: u32 = 400;
/// The longest answer that is shown, in characters.
const MAX_ANSWER: usize = 4000;
/// Variables whose values never leave the machine, whatever text they stand in.
const SECRET_VARIABLES: [&str; 6] = [
    "OPENAI_API_KEY",
    "GHCR_TOKEN",
    "PLATFORM_PASSWORD",
    "PLATFORM_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What the named model thinks of a failure, or why there is no answer.
///
/// # Errors
/// One line for the user, without any secret.
pub async fn hypothesis(model: &str, verdict: &Verdict) -> Result<String, String> {
    let known: Vec<Secret> =
        SECRET_VARIABLES.iter().filter_map(|name| std::env::var(name).ok()).map(Secret::new).collect();
    let mut redactor = Redactor::new(&known).map_err(|error| error.to_string())?;
    let prompt = provision_prompts::diagnosis(verdict, &mut redactor).map_err(|error| error.to_string())?;
    let answer = tokio::time::timeout(TIMEOUT, ask(model, &prompt)).await;
    let answer = answer.map_err(|_| format!("no answer within {} s", TIMEOUT.as_secs()))??;
    let answer: String = answer.trim().chars().take(MAX_ANSWER).collect();
    if answer.is_empty() { Err("an empty answer".to_owned()) } else { Ok(redactor.restore(&answer)) }
}

async fn ask(model: &str, prompt: &Prompt) -> Result<String, String> {
    let messages: [ChatCompletionRequestMessage; 2] = [
        ChatCompletionRequestSystemMessage::from(prompt.system.as_str()).into(),
        ChatCompletionRequestUserMessage::from(prompt.user.as_str()).into(),
    ];
    let mut request = CreateChatCompletionRequestArgs::default();
    let request = request.model(model).messages(messages).max_completion_tokens(MAX_TOKENS).build();
    let request = request.map_err(|error| error.to_string())?;
    let client = Client::with_config(configuration()?);
    let answer = client.chat().create(request).await.map_err(|error| brief(&error.to_string()))?;
    Ok(answer.choices.into_iter().next().and_then(|choice| choice.message.content).unwrap_or_default())
}

/// `OPENAI_BASE_URL` for another server than the default one; `OPENAI_API_KEY` where the server wants a key.
fn configuration() -> Result<OpenAIConfig, String> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let (key, base) = (variable("OPENAI_API_KEY"), variable("OPENAI_BASE_URL"));
    if key.is_none() && base.is_none() {
        return Err("neither OPENAI_API_KEY nor OPENAI_BASE_URL is set".to_owned());
    }
    let config = OpenAIConfig::new().with_api_key(key.unwrap_or_default());
    Ok(base.map_or(config.clone(), |base| config.with_api_base(base)))
}

/// The first line of an error; servers answer with whole pages.
fn brief(error: &str) -> String {
    error.lines().next().unwrap_or_default().chars().take(200).collect()
}
