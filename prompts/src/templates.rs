//! The prompts: templates in `templates/`, filled with redacted values only.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use provision_rules::{Category, Verdict};
use serde::Serialize;

use crate::error::PromptsError;
use crate::redact::{Redacted, Redactor};

const DIAGNOSE_SYSTEM: &str = include_str!("../templates/diagnose.system.j2");
const DIAGNOSE_USER: &str = include_str!("../templates/diagnose.user.j2");

/// What is sent to a model: both parts free of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The instructions.
    pub system: Redacted,
    /// The data.
    pub user: Redacted,
}

/// What the user template shows; every text in it is redacted.
#[derive(Serialize)]
struct Failure<'a> {
    rule: Option<&'a str>,
    cause: String,
    category: Category,
    subject: String,
    message: String,
    evidence: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    number: usize,
    text: String,
}

/// The prompt that asks for a hypothesis about a failure. It holds the verdict, never the raw file.
///
/// # Errors
/// When a template does not render, or a known secret would leave the machine.
pub fn diagnosis(verdict: &Verdict, redactor: &mut Redactor) -> Result<Prompt, PromptsError> {
    let mut clean = |text: &str| redactor.redact(text).as_str().to_owned();
    let root = &verdict.root;
    let named = [&root.logical_id, &root.resource_type, &root.status];
    let subject = named.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let evidence: Vec<Line> =
        verdict.evidence.iter().map(|line| Line { number: line.line, text: clean(&line.text) }).collect();
    let failure = Failure {
        rule: verdict.rule.as_deref(),
        cause: clean(&verdict.cause),
        category: verdict.category,
        subject: clean(&subject),
        message: clean(&root.text),
        evidence,
    };
    let prompt = Prompt {
        system: render("diagnose.system", DIAGNOSE_SYSTEM, Value::UNDEFINED)?,
        user: render("diagnose.user", DIAGNOSE_USER, Value::from(Serde(&failure)))?,
    };
    if redactor.leaks(&prompt.user) { Err(PromptsError::Leak) } else { Ok(prompt) }
}

fn render(name: &str, source: &str, values: Value) -> Result<Redacted, PromptsError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let rendered = environment.render_str(source, values);
    rendered.map(Redacted::assembled).map_err(|source| PromptsError::Template { name: name.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use provision_rules::{Evidence, Fix, Root};

    use super::*;

    fn verdict() -> Verdict {
        Verdict {
            rule: None,
            category: Category::Unknown,
            confidence: 0.0,
            retryable: false,
            cause: "no rule knows this cause".to_owned(),
            fix: Fix::default(),
            root: Root {
                logical_id: Some("Seeder".to_owned()),
                resource_type: Some("Custom::Seeder".to_owned()),
                line: 7,
                text: "failed for 123456789012 with password=hunter22".to_owned(),
                status: Some("CREATE_FAILED".to_owned()),
                stack: None,
            },
            evidence: vec![Evidence { line: 7, text: "token t0psecret, failed".to_owned() }],
            captures: std::collections::BTreeMap::new(),
            docs: None,
            near: Vec::new(),
        }
    }

    #[test]
    fn a_prompt_holds_the_verdict_without_secrets() {
        let mut redactor = Redactor::new([&provision_planner::Secret::new("t0psecret".to_owned())]).unwrap();
        let prompt = diagnosis(&verdict(), &mut redactor).unwrap();
        insta::assert_snapshot!(prompt.user.as_str(), @r"
        No known rule matches this failure.
        Failed: Seeder Custom::Seeder CREATE_FAILED
        Message: failed for [account-1] with password=[secret:assigned-secret]
        7: token [secret], failed
        ");
    }
}
