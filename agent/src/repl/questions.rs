//! Which question a line asks. The wordings are data (`questions.toml`).

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::error::CommandError;

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// A failed deploy that is loaded.
    Incident,
    /// The plan.
    Plan,
    /// Whatever is there.
    Any,
}

/// A question that a session can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The intent's id in `questions.toml`.
    pub intent: String,
    /// What it needs to be answered.
    pub about: About,
    /// The resource or input it names.
    pub subject: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pronouns: Vec<String>,
    intent: Vec<Intent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Intent {
    id: String,
    about: About,
    patterns: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests hold the examples"))]
    examples: Vec<String>,
}

struct Intents {
    all: Vec<Compiled>,
    pronouns: Vec<String>,
}

struct Compiled {
    intent: Intent,
    patterns: Vec<Regex>,
}

static INTENTS: LazyLock<Result<Intents, String>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("questions.toml")).map_err(|error| error.to_string())?;
    let compile = |intent: Intent| {
        let patterns: Result<Vec<Regex>, _> =
            intent.patterns.iter().map(|pattern| Regex::new(pattern)).collect();
        patterns.map(|patterns| Compiled { intent, patterns }).map_err(|error| error.to_string())
    };
    let all = file.intent.into_iter().map(compile).collect::<Result<Vec<Compiled>, String>>()?;
    Ok(Intents { all, pronouns: file.pronouns })
});

/// The questions that a line may ask, the likeliest first; none for what reads like no question known.
///
/// # Errors
/// When the data is at fault, which the tests rule out.
pub fn read(line: &str) -> Result<Vec<Question>, CommandError> {
    let intents = INTENTS.as_ref().map_err(CommandError::internal)?;
    let text = line.trim().trim_end_matches(['?', '.', '!', ' ']).to_lowercase();
    let asked = |compiled: &Compiled| {
        let found = compiled.patterns.iter().find_map(|pattern| pattern.captures(&text))?;
        let subject = found.name("subject").map(|subject| subject.as_str().trim().to_owned());
        if subject.as_ref().is_some_and(|subject| intents.pronouns.contains(subject)) {
            return None;
        }
        Some(Question { intent: compiled.intent.id.clone(), about: compiled.intent.about, subject })
    };
    Ok(intents.all.iter().filter_map(asked).collect())
}

/// Whether a line is put as a question.
pub fn is_question(line: &str) -> bool {
    const STARTS: [&str; 12] =
        ["why", "what", "which", "when", "where", "who", "how", "is", "are", "did", "does", "was"];
    let first = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    line.trim_end().ends_with('?') || STARTS.contains(&first.trim_end_matches("'s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_reaches_its_intent() {
        let intents = INTENTS.as_ref().expect("the data is sound");
        for compiled in &intents.all {
            for example in &compiled.intent.examples {
                let found = read(example).expect("readable");
                let of_kind = found.iter().find(|question| question.about == compiled.intent.about);
                assert_eq!(
                    of_kind.map(|q| q.intent.as_str()),
                    Some(compiled.intent.id.as_str()),
                    "{example}"
                );
            }
        }
    }

    #[test]
    fn a_question_names_its_subject() {
        let subject =
            |line: &str| read(line).expect("readable").into_iter().find_map(|question| question.subject);
        assert_eq!(subject("Why was the queue cancelled?").as_deref(), Some("queue"));
        assert_eq!(subject("what happened to my OrderQueue").as_deref(), Some("orderqueue"));
        assert_eq!(subject("use another region").as_deref(), Some("region"));
    }

    #[test]
    fn goals_are_no_questions() {
        for goal in [
            "deploy to EKS in us-east-1 with email",
            "make it public",
            "drop the samples",
            "ec2 in Tokyo, domain a.example",
            "tear it down",
            "add the plugins",
            "use eu-west-1",
        ] {
            assert_eq!(read(goal).expect("readable"), [], "{goal}");
            assert!(!is_question(goal), "{goal}");
        }
        assert!(is_question("can you do it?") && is_question("why did it exit"));
    }
}
