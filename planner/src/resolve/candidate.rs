//! Where a value may come from, and how a refused one is named.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::text_of;
use crate::catalog::InputSpec;
use crate::goal::Source;
use crate::{PlannerError, Request};

/// A value as somebody or something stated it.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) raw: String,
    pub(super) source: Source,
    /// The variable it came from, when the environment supplied it.
    pub(super) variable: Option<&'a str>,
    /// The words it came from, when the goal states it.
    words: Option<&'a str>,
}

/// The candidate of the highest rank; environment and defaults count only for a `known` target.
pub(super) fn best<'a>(
    spec: &'a InputSpec,
    default: Option<&str>,
    request: &'a Request,
    known: bool,
) -> Option<Candidate<'a>> {
    flag(spec, request)
        .or_else(|| goal(spec, request))
        .or_else(|| config(spec, request))
        .or_else(|| environment(spec, request).filter(|_| known))
        .or_else(|| default.filter(|_| known).map(|raw| plain(raw, Source::Default)))
}

fn plain<'a>(raw: &str, source: Source) -> Candidate<'a> {
    Candidate { raw: raw.to_owned(), source, variable: None, words: None }
}

/// The value of a flag.
pub(super) fn flag<'a>(spec: &InputSpec, request: &Request) -> Option<Candidate<'a>> {
    request.flags.get(&spec.name).map(|raw| plain(raw, Source::Flag))
}

fn goal<'a>(spec: &InputSpec, request: &'a Request) -> Option<Candidate<'a>> {
    let slot = request.goal.slots.get(&spec.name)?;
    Some(Candidate {
        raw: text_of(&slot.value),
        source: slot.source,
        variable: None,
        words: slot.words.as_deref(),
    })
}

fn config<'a>(spec: &InputSpec, request: &Request) -> Option<Candidate<'a>> {
    request.config.get(&spec.name).map(|raw| plain(raw, Source::Config))
}

fn environment<'a>(spec: &'a InputSpec, request: &Request) -> Option<Candidate<'a>> {
    let is_set = |name: &String| request.environment.get(name).is_some_and(|value| !value.is_empty());
    if spec.instead.iter().any(is_set) {
        return None;
    }
    spec.environment.iter().find_map(|name| {
        let raw = request.environment.get(name).filter(|raw| !raw.is_empty())?;
        Some(Candidate { variable: Some(name), ..plain(raw, Source::Environment) })
    })
}

impl Candidate<'_> {
    /// The value, checked; what a flag without a value means is filled in.
    pub(super) fn check(&self, spec: &InputSpec, targets: &[&str]) -> Result<Value, PlannerError> {
        let raw = match &spec.bare {
            Some(bare) if matches!(self.raw.as_str(), "" | "true") => bare,
            Some(_) if self.raw == "false" => return Ok(Value::Bool(false)),
            _ => &self.raw,
        };
        spec.kind.check(raw, targets).map_err(|reason| PlannerError::InvalidValue {
            input: spec.name.clone(),
            subject: self.subject(spec),
            reason,
        })
    }

    /// The flag, variable or words with the value; a secret's value is left out.
    fn subject(&self, spec: &InputSpec) -> String {
        let with = |name: &str, joint: &str| match spec.secret {
            true => name.to_owned(),
            false => format!("{name}{joint}{}", one_line(&self.raw)),
        };
        match (self.source, self.words, self.variable) {
            (Source::Prompt, Some(words), _) if !spec.secret => {
                format!("\"{}\" in the goal ({} {})", one_line(words), spec.flag, one_line(&self.raw))
            }
            (Source::Prompt, ..) => with(&format!("the goal's {}", spec.name), " "),
            (Source::Model, ..) => with(&format!("the model's {}", spec.name), " "),
            (Source::Config, ..) => with(&format!("configuration: {}", spec.name), " = "),
            (Source::Environment, _, Some(variable)) => with(variable, "="),
            _ if spec.family.is_some() => with(&spec.flag, "="),
            _ => with(&spec.flag, " "),
        }
    }
}

/// What may be a secret in a value that is none: a GitHub token, or the user part of a URL.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:gh[pousr]|github_pat)_\w+|(://)[^/@\s]+@").expect("a constant pattern compiles")
});

/// A value for a message: secrets masked, control characters made visible, cut at a length that fits a line.
fn one_line(text: &str) -> String {
    const MAX: usize = 80;
    let text = SECRET.replace_all(text, "$1***");
    let visible: String = text.chars().take(MAX).flat_map(visible).collect();
    match text.chars().count() > MAX {
        true => format!("{visible}…"),
        false => visible,
    }
}

fn visible(c: char) -> Vec<char> {
    match c.is_control() {
        true => c.escape_default().collect(),
        false => vec![c],
    }
}
