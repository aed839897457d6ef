//! `/ask`: the optional model's answer to a question, marked as its opinion; it changes nothing.

use std::fmt::Write;

use provision_prompts::Redactor;
use serde_json::json;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::llm::{self, Availability, Llm, LlmError, Question, Settings};
use crate::render;
use crate::repl::incident::Incident;
use crate::repl::session::Session;
use crate::repl::work;
use crate::rulebase;
use crate::terminal::{self, DIM, HEAD, paint, safe};

/// The longest answer, in tokens.
const MAX_TOKENS: u64 = 600;
/// The longest answer that is shown, in characters.
const MAX_ANSWER: usize = 4000;
/// What is asked when nothing is said.
const USUAL: &str = "Why did this fail, and what should be checked next?";

/// Asks the model. That it does not answer is no failure of the session.
///
/// # Errors
/// A usage error when no model is set up, or there is neither a question nor an incident.
pub fn run(session: &mut Session, question: &str, show_prompt: bool) -> Result<Exit, CommandError> {
    let Some(mut invocation) = session.invocation(&[])? else { return Ok(Exit::Done) };
    invocation.cli.global.llm.show_prompt |= show_prompt;
    let settings = match llm::availability(&invocation.cli.global.llm, &session.config.model)? {
        Availability::On(settings) => *settings,
        Availability::Off { reason, .. } => return Err(nobody(&reason)),
    };
    if question.is_empty() {
        session.need_incident()?;
    }
    let question = if question.is_empty() { USUAL.to_owned() } else { question.to_owned() };
    let version = session.book().map(|book| rulebase::version(&book))?;
    let (model, incident) = (settings.model.clone(), session.incident().cloned());
    if session.attended && !settings.show {
        let line = format!("asking {}; Ctrl-C gives it up", safe(&model));
        terminal::err(&format!("{}\n", paint(DIM, line)));
    }
    let asked =
        work::cancellable(session.attended, move || ask(&question, incident.as_ref(), settings, &version))?;
    match asked {
        Ok(answer) => session.say(&shown(&model, &answer), || json!({ "model": model, "answer": answer })),
        Err(LlmError::Shown) => Ok(Exit::Done),
        Err(reason) => {
            terminal::err(&format!("{}\n", paint(DIM, format!("no answer from {}: {reason}", safe(&model)))));
            Ok(Exit::Done)
        }
    }
}

fn nobody(reason: &LlmError) -> CommandError {
    CommandError::Usage {
        message: format!("there is no model to ask: {reason}"),
        hint: Some(
            "--model, --ai-provider and their keys name one; everything but /ask works without".to_owned(),
        ),
    }
}

fn ask(
    question: &str,
    incident: Option<&Incident>,
    settings: Settings,
    rules_version: &str,
) -> Result<String, LlmError> {
    let mut llm = Llm::new(settings);
    let mut redactor = llm::redactor([])?;
    let about = incident.map(|incident| (&incident.diagnosis, Some(&incident.explanation)));
    let prompt = llm.settings().templates.question(question, about, &mut redactor)?;
    let question = Question { prompt, schema: None, max_tokens: MAX_TOKENS, context: rules_version };
    let accept = |text: &str, redactor: &Redactor| match text.trim() {
        "" => Err("it is empty".to_owned()),
        text => Ok(redactor.restore(text).chars().take(MAX_ANSWER).collect()),
    };
    llm::block_on(llm.converse(question, &mut redactor, accept, &mut |_| {}))
}

fn shown(model: &str, answer: &str) -> String {
    let mut text = format!(
        "{} {}\n",
        paint(HEAD, "Opinion"),
        paint(DIM, format!("of the model {}, unverified", safe(model)))
    );
    for line in answer.lines().flat_map(|line| render::wrap(&safe(line), terminal::width().saturating_sub(2)))
    {
        let _ = writeln!(text, "  {line}");
    }
    text
}
