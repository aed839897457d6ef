//! The model's opinion about a failure: every sentence with the lines it rests on, each checked by code.

use provision_prompts::{Redactor, Shown};
use provision_rules::{Diagnosis, Explanation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::LlmError;
use super::{Llm, Question, block_on, object, redactor};

/// The longest answer, in tokens.
const MAX_TOKENS: u64 = 900;
/// How many statements are taken.
const STATEMENTS: usize = 4;
/// The longest sentence that is shown, in characters.
const SENTENCE: usize = 400;

/// What a model thinks of a failure. It stands below the rules' answer and changes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Opinion {
    /// The model.
    pub model: String,
    /// What it states, the most likely cause first.
    pub statements: Vec<Statement>,
    /// What it would look at next; absent where that would have changed something.
    pub next_check: Option<String>,
    /// How sure the model says it is.
    pub confidence: Confidence,
}

/// One sentence of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Statement {
    /// The sentence.
    pub text: String,
    /// The lines that hold the words it rests on, checked; none makes it a hypothesis.
    pub lines: Vec<usize>,
}

/// How sure a model says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It guesses.
    Low,
    /// It has a reason.
    Medium,
    /// It is sure.
    High,
}

/// The answer as a model gives it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    statements: Vec<Claim>,
    next_check: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Claim {
    text: String,
    spans: Vec<Span>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Span {
    line: usize,
    words: String,
}

/// Asks what the model thinks of a failure.
///
/// # Errors
/// Why there is no opinion.
pub fn opinion(
    llm: &mut Llm,
    found: &Diagnosis,
    explanation: Option<&Explanation>,
    rules_version: &str,
) -> Result<Opinion, LlmError> {
    let mut redactor = redactor([])?;
    let (prompt, shown) = llm.settings().templates.diagnosis(found, explanation, &mut redactor)?;
    let model = llm.settings().model.clone();
    let schema = super::schema::<Answer>();
    let question = Question {
        prompt,
        schema: Some(("opinion", schema)),
        max_tokens: MAX_TOKENS,
        context: rules_version,
    };
    let accept = |text: &str, redactor: &Redactor| checked(&model, text, &shown, redactor);
    block_on(llm.converse(question, &mut redactor, accept, &mut |_| {}))
}

/// The answer with every span checked against the lines that were sent, and the identifiers put back.
fn checked(model: &str, text: &str, shown: &Shown, redactor: &Redactor) -> Result<Opinion, String> {
    let answer: Answer = object(text)?;
    let sentence = |text: &str| -> String {
        let text = redactor.restore(text.trim());
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SENTENCE).collect()
    };
    let claims = answer.statements.iter().filter(|claim| !claim.text.trim().is_empty()).take(STATEMENTS);
    let statements: Vec<Statement> = claims
        .map(|claim| Statement { text: sentence(&claim.text), lines: supported(claim, shown) })
        .collect();
    if statements.is_empty() {
        return Err("statements is empty".to_owned());
    }
    let next_check = sentence(&answer.next_check);
    Ok(Opinion {
        model: model.to_owned(),
        statements,
        next_check: (!next_check.is_empty() && only_looks(&next_check)).then_some(next_check),
        confidence: answer.confidence,
    })
}

/// The lines that really hold what a claim says they hold. One false span makes the whole claim unsupported.
fn supported(claim: &Claim, shown: &Shown) -> Vec<usize> {
    if !claim.spans.iter().all(|span| shown.holds(span.line, &span.words)) {
        return Vec::new();
    }
    let mut lines: Vec<usize> = claim.spans.iter().map(|span| span.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Words by which a sentence does more than look. A model's advice to change something is not shown: what to do is
/// the rules' business, and somebody may copy it.
const CHANGES: [&str; 26] = [
    "delete",
    "destroy",
    "terminate",
    "remove",
    "drop",
    "purge",
    "rm ",
    "rmdir",
    "--force",
    "--yes",
    "apply",
    "create-",
    "update-",
    "put-",
    "attach-",
    "detach-",
    "modify-",
    "reset",
    "revoke",
    "disable",
    "sudo",
    "curl",
    "wget",
    "| sh",
    "| bash",
    "chmod",
];

fn only_looks(sentence: &str) -> bool {
    let sentence = sentence.to_lowercase();
    !CHANGES.iter().any(|word| sentence.contains(word))
}

#[cfg(test)]
mod tests {
    use provision_prompts::Templates;
    use provision_rules::{DiagnoseOptions, Rulebook, diagnose, explain};

    use super::*;

    const EVENTS: &str = "\
10:00:01 AM | CREATE_FAILED | AWS::SQS::Queue | Orders | queue arn:aws:sqs:eu-west-1:111122223333:orders-7 was refused
10:00:02 AM | CREATE_FAILED | AWS::SNS::Topic | Alerts | Resource creation cancelled
";

    fn answered(answer: &str) -> Result<Opinion, String> {
        let found = diagnose(EVENTS.as_bytes(), &Rulebook::parse([]).unwrap()).unwrap();
        let explanation = explain(EVENTS.as_bytes(), DiagnoseOptions::default()).unwrap();
        let mut redactor = redactor([]).unwrap();
        let (_, shown) = Templates::default().diagnosis(&found, Some(&explanation), &mut redactor).unwrap();
        checked("tiny", answer, &shown, &redactor)
    }

    fn with(statements: &str, next_check: &str) -> String {
        format!(r#"{{"statements": [{statements}], "next_check": "{next_check}", "confidence": "low"}}"#)
    }

    #[test]
    fn a_span_counts_only_if_the_line_was_shown_and_holds_the_words() {
        let claim = |spans: &str| {
            format!(r#"{{"text": "The queue hidden-name-1 was refused.", "spans": [{spans}]}}"#)
        };
        let lines = |spans: &str| answered(&with(&claim(spans), "look")).unwrap().statements[0].lines.clone();
        assert_eq!(lines(r#"{"line": 1, "words": "was  Refused"}"#), [1]);
        assert_eq!(lines(r#"{"line": 2, "words": "cancelled"}, {"line": 1, "words": "refused"}"#), [1, 2]);
        assert_eq!(lines(r#"{"line": 2, "words": "was refused"}"#), Vec::<usize>::new(), "another line");
        assert_eq!(lines(r#"{"line": 9, "words": "was refused"}"#), Vec::<usize>::new(), "no such line");
        assert_eq!(lines(r#"{"line": 1, "words": ""}"#), Vec::<usize>::new(), "claims nothing");
        assert_eq!(
            lines(r#"{"line": 1, "words": "refused"}, {"line": 1, "words": "quota"}"#),
            Vec::<usize>::new(),
            "one false span spoils the claim"
        );
    }

    #[test]
    fn identifiers_come_back_into_the_sentences() {
        let claim = r#"{"text": "The queue hidden-name-1 was refused.", "spans": []}"#;
        let opinion = answered(&with(claim, "Look at hidden-name-1.")).unwrap();
        assert_eq!(opinion.statements[0].text, "The queue orders-7 was refused.");
        assert_eq!(opinion.next_check.as_deref(), Some("Look at orders-7."));
    }

    #[test]
    fn a_next_check_that_changes_something_is_left_out() {
        let claim = r#"{"text": "x y z", "spans": []}"#;
        for bad in ["Delete the stack.", "aws s3 rm s3://x --recursive", "kubectl apply -f x", "sudo reboot"]
        {
            assert_eq!(answered(&with(claim, bad)).unwrap().next_check, None, "{bad}");
        }
        let look = "Run aws sqs list-queues and compare the names.";
        assert_eq!(answered(&with(claim, look)).unwrap().next_check.as_deref(), Some(look));
    }

    #[test]
    fn what_is_not_in_the_form_goes_back() {
        for bad in ["", "no idea", "{}", "} {", &with("", "x"), r#"{"statements": 1}"#] {
            assert!(answered(bad).is_err(), "{bad}");
        }
        let claim = r#"{"text": "x y z", "spans": []}"#;
        assert!(answered(&format!("Here you are:\n```json\n{}\n```", with(claim, "look"))).is_ok());
    }
}
