//! A prompt, and the one form in which it may leave the machine: its exact bytes, checked once more.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::PromptsError;
use crate::redact::{Redacted, Redactor};

/// What is sent to a model; every part is free of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The instructions.
    pub system: Redacted,
    /// The data.
    pub user: Redacted,
    /// Earlier answers that would not do, each with what was wrong with it.
    pub repairs: Vec<(Redacted, Redacted)>,
    /// Which templates made it, for the key of a cache: changes whenever one of their texts does.
    pub version: String,
}

/// How a prompt is put to a server.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The JSON schema the answer must have, with its name, where the server can be held to one.
    pub schema: Option<(&'a str, &'a Value)>,
    /// The field that limits the answer: `max_completion_tokens`, or `max_tokens` for older servers.
    pub limit_field: &'a str,
    /// The longest answer, in tokens.
    pub max_tokens: u64,
    /// How much the model is told to think before it answers; nothing for models that take no such word.
    pub effort: Option<&'a str>,
    /// Whether the answer is wanted piece by piece.
    pub stream: bool,
}

/// The body of a request: exactly the bytes that leave the machine. Only [`Prompt::seal`] makes one.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Outgoing(Box<RawValue>);

impl Outgoing {
    /// The bytes as text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl Prompt {
    /// The same prompt after an answer that would not do, for another try.
    #[must_use]
    pub fn repaired(&self, answer: Redacted, problem: Redacted) -> Self {
        let mut next = self.clone();
        next.repairs.push((answer, problem));
        next
    }

    /// Closes the prompt into the bytes that may be sent.
    ///
    /// # Errors
    /// When a secret known by value or a planted canary stands in them, in whatever encoding.
    pub fn seal(&self, envelope: &Envelope<'_>, redactor: &Redactor) -> Result<Outgoing, PromptsError> {
        let text = self.body(envelope).to_string();
        let checked = Redacted::assembled(text);
        redactor.check(&checked)?;
        let raw = RawValue::from_string(checked.as_str().to_owned());
        raw.map(Outgoing).map_err(|error| PromptsError::Body { reason: error.to_string() })
    }

    fn body(&self, envelope: &Envelope<'_>) -> Value {
        let mut body = json!({ "model": envelope.model, "messages": self.messages() });
        body[envelope.limit_field] = envelope.max_tokens.into();
        if let Some((name, schema)) = envelope.schema {
            body["response_format"] = json!({
                "type": "json_schema",
                "json_schema": { "name": name, "strict": true, "schema": schema },
            });
        }
        if let Some(effort) = envelope.effort {
            body["reasoning_effort"] = effort.into();
        }
        if envelope.stream {
            body["stream"] = true.into();
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }

    fn messages(&self) -> Vec<Value> {
        let message = |role: &str, text: &Redacted| json!({ "role": role, "content": text.as_str() });
        let start = [message("system", &self.system), message("user", &self.user)];
        let repairs = self.repairs.iter();
        let repairs =
            repairs.flat_map(|(answer, problem)| [message("assistant", answer), message("user", problem)]);
        start.into_iter().chain(repairs).collect()
    }
}

#[cfg(test)]
mod tests {
    use provision_planner::Secret;

    use super::*;

    fn prompt(redactor: &mut Redactor, user: &str) -> Prompt {
        let (system, user) = (redactor.redact("Answer."), redactor.redact(user));
        Prompt { system, user, repairs: Vec::new(), version: String::new() }
    }

    fn envelope<'a>(model: &'a str, schema: Option<(&'a str, &'a Value)>) -> Envelope<'a> {
        Envelope { model, schema, limit_field: "max_tokens", max_tokens: 9, effort: None, stream: true }
    }

    #[test]
    fn the_bytes_hold_the_prompt_the_schema_and_the_repairs() {
        let mut redactor = Redactor::new([]).unwrap();
        let asked = prompt(&mut redactor, "why \"x\"?");
        let (answer, problem) = (redactor.redact("{"), redactor.redact("not JSON"));
        let schema = json!({"type": "object"});
        let asked = asked.repaired(answer, problem);
        let sealed = asked.seal(&envelope("tiny", Some(("shape", &schema))), &redactor).unwrap();
        insta::assert_snapshot!(sealed.as_str(), @r#"{"model":"tiny","messages":[{"role":"system","content":"Answer."},{"role":"user","content":"why \"x\"?"},{"role":"assistant","content":"{"},{"role":"user","content":"not JSON"}],"max_tokens":9,"response_format":{"type":"json_schema","json_schema":{"name":"shape","strict":true,"schema":{"type":"object"}}},"stream":true,"stream_options":{"include_usage":true}}"#);
        assert_eq!(serde_json::to_string(&sealed).unwrap(), sealed.as_str(), "serialised as it is");
    }

    #[test]
    fn only_models_that_take_it_are_told_how_much_to_think() {
        let mut redactor = Redactor::new([]).unwrap();
        let asked = prompt(&mut redactor, "why?");
        let body = |effort| asked.body(&Envelope { effort, ..envelope("tiny", None) });
        assert_eq!(body(Some("none"))["reasoning_effort"], "none");
        assert!(body(None).get("reasoning_effort").is_none());
    }

    #[test]
    fn a_secret_anywhere_in_the_bytes_stops_them() {
        let secret = Secret::new("hunt\"er2-value".to_owned());
        let mut redactor = Redactor::new([&secret]).unwrap();
        let asked = prompt(&mut redactor, "the value is hunt\"er2-value");
        assert!(asked.seal(&envelope("tiny", None), &redactor).is_ok(), "redacted before");
        let refused = asked.seal(&envelope("hunt\"er2-value", None), &redactor);
        assert!(matches!(refused, Err(PromptsError::Leak)));
    }
}
