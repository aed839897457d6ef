//! A rule drafted by the model from a failure that no rule knows: its words are the model's, its proof is the engine's.

use provision_prompts::Redactor;
use provision_rules::{Diagnosis, Verdict};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::{Table, Value};

use super::error::LlmError;
use super::{Llm, Question, block_on, object, redactor};

/// The longest answer, in tokens.
const MAX_TOKENS: u64 = 900;
/// The shortest literal that can tell one failure from another, in characters.
const SHORTEST: usize = 6;

/// The answer as a model gives it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    title: String,
    category: String,
    cause: String,
    fix: String,
    retryable: bool,
    literals: Vec<String>,
    another_hit: String,
    near_misses: Vec<String>,
}

/// What a rule is drafted from.
pub struct Unmatched<'a> {
    /// The diagnosis that holds it.
    pub found: &'a Diagnosis,
    /// The failure that no rule knows.
    pub verdict: &'a Verdict,
    /// What its message alone gives away, as TOML.
    pub draft: &'a str,
    /// The families of causes that rules may name.
    pub categories: &'a [String],
}

/// Asks for the words of a rule, and hands each try to `prove`, which says what does not hold of it.
///
/// # Errors
/// Why there is no rule that holds.
pub fn rule(
    llm: &mut Llm,
    unmatched: &Unmatched<'_>,
    rules_version: &str,
    mut prove: impl FnMut(&str) -> Result<(), String>,
) -> Result<String, LlmError> {
    let mut redactor = redactor([])?;
    // The prompt is about this failure, which need not be the first of its file.
    let about = Diagnosis { verdict: Some(unmatched.verdict.clone()), ..unmatched.found.clone() };
    let names: Vec<&str> = unmatched.categories.iter().map(String::as_str).collect();
    let prompt = llm.settings().templates.rule(&about, unmatched.draft, &names, &mut redactor)?;
    let schema = Some(("rule", super::schema::<Answer>()));
    let question = Question { prompt, schema, max_tokens: MAX_TOKENS, context: rules_version };
    let accept = |answer: &str, _: &Redactor| {
        let text = merged(unmatched, &object(answer)?)?;
        prove(&text).map(|()| text)
    };
    block_on(llm.converse(question, &mut redactor, accept, &mut |_| {}))
}

/// The draft with the model's words in it. Commands, the scope and the pattern are never a model's.
fn merged(unmatched: &Unmatched<'_>, answer: &Answer) -> Result<String, String> {
    let message = folded(&unmatched.verdict.root.text);
    let foreign = answer.literals.iter().find(|literal| !message.contains(&folded(literal)));
    if let Some(literal) = foreign {
        return Err(format!("the literal {literal:?} does not stand in the message"));
    }
    if answer.literals.is_empty() || answer.literals.iter().any(|literal| literal.len() < SHORTEST) {
        return Err("there must be literals, each of six characters or more".to_owned());
    }
    let names = unmatched.verdict.root.logical_id.iter().chain(&unmatched.verdict.root.stack);
    if let Some(name) = names.clone().find(|name| answer.literals.iter().any(|l| l.contains(name.as_str()))) {
        return Err(format!("{name} is a name of this one failure and belongs into no literal"));
    }
    let mut file: Table = unmatched.draft.parse().map_err(|_| "the draft is broken".to_owned())?;
    let rule = file.get_mut("rule").and_then(|rules| rules.get_mut(0)).and_then(Value::as_table_mut);
    let rule = rule.ok_or("the draft holds no rule")?;
    for (key, text) in [
        ("title", &answer.title),
        ("category", &answer.category),
        ("cause", &answer.cause),
        ("fix", &answer.fix),
    ] {
        rule.insert(key.to_owned(), Value::from(text.trim()));
    }
    rule.insert("retryable".to_owned(), Value::from(answer.retryable));
    rule.insert("literals".to_owned(), list(&answer.literals));
    rule.insert("near_misses".to_owned(), list(&answer.near_misses));
    if let Some(Value::Array(hits)) = rule.get_mut("hits") {
        hits.truncate(1);
        hits.extend(hits.first().cloned().map(|first| retold(first, answer.another_hit.trim())));
    }
    // The literals alone have to carry the rule: a pattern made from one message would not fit the next.
    rule.remove("patterns");
    toml::to_string(&file).map_err(|error| error.to_string())
}

/// The same example with another text.
fn retold(example: Value, text: &str) -> Value {
    match example {
        Value::Table(mut facts) => {
            facts.insert("text".to_owned(), Value::from(text));
            Value::Table(facts)
        }
        _ => Value::from(text),
    }
}

fn list(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(|text| Value::from(text.trim())).collect())
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
