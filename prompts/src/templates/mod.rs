//! The prompts: templates in `templates/` or the caller's own, filled with redacted values only.

mod fence;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use provision_rules::{Category, Verdict};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::PromptsError;
use crate::redact::{Redacted, Redactor};

const DIAGNOSE_SYSTEM: &str = "diagnose.system.j2";
const DIAGNOSE_USER: &str = "diagnose.user.j2";
/// The templates that come with the product.
const BUILTIN: [(&str, &str); 2] = [
    (DIAGNOSE_SYSTEM, include_str!("../../templates/diagnose.system.j2")),
    (DIAGNOSE_USER, include_str!("../../templates/diagnose.user.j2")),
];

/// What is sent to a model: both parts free of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The instructions.
    pub system: Redacted,
    /// The data.
    pub user: Redacted,
    /// Which templates made it, for the key of a cache: changes whenever one of their texts does.
    pub version: String,
}

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

    /// The prompt that asks for a hypothesis about a failure. It holds the verdict, never the raw file.
    ///
    /// # Errors
    /// When a template does not render, or a secret or a planted canary would leave the machine.
    pub fn diagnosis(&self, verdict: &Verdict, redactor: &mut Redactor) -> Result<Prompt, PromptsError> {
        let failure = Failure::of(verdict, redactor);
        let prompt = Prompt {
            system: self.render(DIAGNOSE_SYSTEM, Value::from_iter::<[(&str, Value); 0]>([]))?,
            user: self.render(DIAGNOSE_USER, Value::from(Serde(&failure)))?,
            version: self.version([DIAGNOSE_SYSTEM, DIAGNOSE_USER]),
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
    fn version<const N: usize>(&self, names: [&str; N]) -> String {
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

/// The prompt that asks for a hypothesis about a failure, by the product's own templates.
///
/// # Errors
/// As [`Templates::diagnosis`].
pub fn diagnosis(verdict: &Verdict, redactor: &mut Redactor) -> Result<Prompt, PromptsError> {
    Templates::default().diagnosis(verdict, redactor)
}

/// What the user template shows; every text in it is redacted.
#[derive(Serialize)]
struct Failure {
    rule: Option<String>,
    cause: String,
    category: Category,
    subject: String,
    message: String,
    evidence: Vec<Line>,
    /// The evidence as one text, each line behind its number.
    lines: String,
}

#[derive(Serialize)]
struct Line {
    number: usize,
    text: String,
}

impl Failure {
    fn of(verdict: &Verdict, redactor: &mut Redactor) -> Self {
        let root = &verdict.root;
        let named = [&root.logical_id, &root.resource_type, &root.status];
        let subject = named.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let texts = [&verdict.cause, &subject, &root.text].into_iter();
        for text in texts.chain(verdict.evidence.iter().map(|line| &line.text)) {
            redactor.reserve(text);
        }
        let mut clean = |text: &str| redactor.redact(text).as_str().to_owned();
        let evidence: Vec<Line> =
            verdict.evidence.iter().map(|line| Line { number: line.line, text: clean(&line.text) }).collect();
        let lines = evidence.iter().map(|line| format!("{}: {}\n", line.number, line.text)).collect();
        Self {
            rule: verdict.rule.clone(),
            cause: clean(&verdict.cause),
            category: verdict.category,
            subject: clean(&subject),
            message: clean(&root.text),
            evidence,
            lines,
        }
    }
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
