//! The prompts: templates in `templates/` or the caller's own, filled with redacted values only.

mod fence;
mod goal;
mod incident;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use provision_rules::{Diagnosis, Explanation};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::PromptsError;
use crate::prompt::Prompt;
use crate::redact::{Redacted, Redactor};
use incident::Incident;

pub use goal::{GoalQuestion, OpenSlot, StatedSlot};
pub use incident::Shown;

/// The templates that come with the product, by name.
const BUILTIN: [(&str, &str); 10] = [
    ("ask.system.j2", include_str!("../../templates/ask.system.j2")),
    ("ask.user.j2", include_str!("../../templates/ask.user.j2")),
    ("check.system.j2", include_str!("../../templates/check.system.j2")),
    ("check.user.j2", include_str!("../../templates/check.user.j2")),
    ("diagnose.system.j2", include_str!("../../templates/diagnose.system.j2")),
    ("diagnose.user.j2", include_str!("../../templates/diagnose.user.j2")),
    ("goal.system.j2", include_str!("../../templates/goal.system.j2")),
    ("goal.user.j2", include_str!("../../templates/goal.user.j2")),
    ("rule.system.j2", include_str!("../../templates/rule.system.j2")),
    ("rule.user.j2", include_str!("../../templates/rule.user.j2")),
];

/// The templates of all prompts.
#[derive(Debug, Clone)]
pub struct Templates(BTreeMap<String, String>);

impl Default for Templates {
    fn default() -> Self {
        Self(BUILTIN.map(|(name, text)| (name.to_owned(), text.to_owned())).into())
    }
}

impl Templates {
    /// The names of all templates; a file of that name in the user's folder replaces it.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// The text of a template.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Replaces a template.
    ///
    /// # Errors
    /// When there is no template of that name, or the text does not parse.
    pub fn replace(&mut self, name: &str, text: String) -> Result<(), PromptsError> {
        if !self.0.contains_key(name) {
            return Err(PromptsError::UnknownTemplate { name: name.to_owned() });
        }
        environment().template_from_str(&text).map_err(|source| failed(name, source))?;
        self.0.insert(name.to_owned(), text);
        Ok(())
    }

    /// The prompt that asks for a hypothesis about a failure, and the lines its answer may rest on. It holds the
    /// incident, never the raw file.
    ///
    /// # Errors
    /// When there is no failure, a template does not render, or a secret or a planted canary would leave the machine.
    pub fn diagnosis(
        &self,
        found: &Diagnosis,
        explanation: Option<&Explanation>,
        redactor: &mut Redactor,
    ) -> Result<(Prompt, Shown), PromptsError> {
        let incident = incident(found, explanation, redactor)?;
        let prompt = self.prompt("diagnose", &incident, redactor)?;
        Ok((prompt, incident.into_shown()))
    }

    /// The prompt that asks for the slots of a goal that the parser left open.
    ///
    /// # Errors
    /// When a template does not render, or a secret or a planted canary would leave the machine.
    pub fn goal(&self, question: &GoalQuestion<'_>, redactor: &mut Redactor) -> Result<Prompt, PromptsError> {
        let goal = goal::Goal::of(question, redactor);
        self.prompt("goal", &goal, redactor)
    }

    /// The prompt that asks for the words of a rule: `draft` is what the failure's message gives away.
    ///
    /// # Errors
    /// As [`Templates::diagnosis`].
    pub fn rule(
        &self,
        found: &Diagnosis,
        draft: &str,
        categories: &[&str],
        redactor: &mut Redactor,
    ) -> Result<Prompt, PromptsError> {
        redactor.reserve(draft);
        let incident = incident(found, None, redactor)?;
        let draft = redactor.redact(draft).as_str().to_owned();
        let values = Drafted { incident, draft, categories: categories.join(", ") };
        self.prompt("rule", &values, redactor)
    }

    /// The prompt for a free question, with the incident it is about where one is loaded.
    ///
    /// # Errors
    /// As [`Templates::diagnosis`], except that there need not be a failure.
    pub fn question(
        &self,
        question: &str,
        about: Option<(&Diagnosis, Option<&Explanation>)>,
        redactor: &mut Redactor,
    ) -> Result<Prompt, PromptsError> {
        redactor.reserve(question);
        let failed = about.filter(|(found, _)| found.verdict.is_some());
        let incident =
            failed.map(|(found, explanation)| incident(found, explanation, redactor)).transpose()?;
        let question = redactor.redact(question).as_str().to_owned();
        self.prompt("ask", &Asked { question, incident }, redactor)
    }

    /// The prompt that tries whether a server answers in a schema.
    ///
    /// # Errors
    /// When a template does not render, or holds a secret.
    pub fn check(&self, redactor: &Redactor) -> Result<Prompt, PromptsError> {
        self.prompt("check", &(), redactor)
    }

    /// The two templates of a purpose, filled.
    fn prompt(
        &self,
        purpose: &str,
        values: &impl Serialize,
        redactor: &Redactor,
    ) -> Result<Prompt, PromptsError> {
        let (system, user) = (format!("{purpose}.system.j2"), format!("{purpose}.user.j2"));
        let prompt = Prompt {
            system: self.render(&system, Value::from_iter::<[(&str, Value); 0]>([]))?,
            user: self.render(&user, Value::from(Serde(values)))?,
            repairs: Vec::new(),
            version: self.version([&system, &user]),
        };
        redactor.check(&prompt.system)?;
        redactor.check(&prompt.user)?;
        Ok(prompt)
    }

    fn render(&self, name: &str, values: Value) -> Result<Redacted, PromptsError> {
        let text = self.text(name).unwrap_or_default();
        let rendered = environment().render_str(text, values);
        rendered.map(Redacted::assembled).map_err(|source| failed(name, source))
    }

    /// A digest of these templates' texts.
    fn version<const N: usize>(&self, names: [&String; N]) -> String {
        let mut digest = Sha256::new();
        for name in names {
            digest.update(name);
            digest.update([0]);
            digest.update(self.text(name).unwrap_or_default());
            digest.update([0]);
        }
        digest.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

fn incident(
    found: &Diagnosis,
    explanation: Option<&Explanation>,
    redactor: &mut Redactor,
) -> Result<Incident, PromptsError> {
    let verdict = found.verdict.as_ref().ok_or(PromptsError::NoFailure)?;
    Ok(Incident::of(found, verdict, explanation, redactor))
}

/// What the templates of a rule show.
#[derive(Serialize)]
struct Drafted {
    incident: Incident,
    draft: String,
    categories: String,
}

/// What the templates of a free question show.
#[derive(Serialize)]
struct Asked {
    question: String,
    incident: Option<Incident>,
}

/// Templates that refuse what is not there, and in which data always stands quoted or fenced.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(write);
    environment.add_filter("fenced", |text: &str, name: Option<&str>| {
        Value::from_safe_string(fence::fenced(text, name.unwrap_or("data")))
    });
    environment
}

/// Writes a value: a text that no filter has made safe stands in quotes, on one line.
fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::String if !value.is_safe() => {
            let quoted = fence::quoted(value.as_str().unwrap_or_default());
            out.write_str(&quoted).map_err(|error| Error::new(ErrorKind::WriteFailure, error.to_string()))
        }
        ValueKind::String | ValueKind::Number | ValueKind::Bool | ValueKind::Undefined => {
            minijinja::escape_formatter(out, state, value)
        }
        kind => {
            Err(Error::new(ErrorKind::InvalidOperation, format!("a {kind} cannot be written into a prompt")))
        }
    }
}

fn failed(name: &str, source: Error) -> PromptsError {
    PromptsError::Template { name: name.to_owned(), source }
}

#[cfg(test)]
mod tests;
