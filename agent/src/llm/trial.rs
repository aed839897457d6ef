//! A trial of a server: does it answer, and in a schema.

use provision_prompts::Redactor;
use schemars::JsonSchema;
use serde::Deserialize;

use super::error::LlmError;
use super::{Llm, Question, block_on, object, redactor};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    word: String,
    number: u32,
}

/// Asks for a fixed object.
///
/// # Errors
/// Why it did not come.
pub fn trial(llm: &mut Llm) -> Result<(), LlmError> {
    let mut redactor = redactor([])?;
    let prompt = llm.settings().templates.check(&redactor)?;
    let schema = Some(("check", super::schema::<Answer>()));
    let question = Question { prompt, schema, max_tokens: 200, context: "check" };
    let accept = |text: &str, _: &Redactor| {
        let answer: Answer = object(text)?;
        let right = answer.word == "ready" && answer.number == 7;
        if right { Ok(()) } else { Err("it is not the object asked for".to_owned()) }
    };
    block_on(llm.converse(question, &mut redactor, accept, &mut |_| {}))
}

/// The names of a server's models.
///
/// # Errors
/// Why they cannot be listed.
pub fn models(llm: &mut Llm) -> Result<Vec<String>, LlmError> {
    block_on(llm.models())
}
