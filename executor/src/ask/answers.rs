//! Asks the questions that belong together: side by side where they can, in turn where one needs another's answer.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::Value;

use super::asker::Asker;
use super::find;
use super::spec::{Ask, Names};

/// What became of one question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// It was answered.
    Seen(Arc<Value>),
    /// There is nothing of the kind.
    Absent,
    /// It was not answered, or could not be asked, and why.
    Unseen(String),
}

/// The answers to questions that belong together, and the names that are known with them.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// What was known before, and what the answers told.
    pub(crate) names: Names,
    answers: Vec<(String, Answer)>,
}

impl Answers {
    /// What became of a question.
    pub(crate) fn of(&self, id: &str) -> Answer {
        let found = self.answers.iter().find(|(asked, _)| asked == id);
        found.map_or_else(|| Answer::Unseen("it was not asked".to_owned()), |(_, answer)| answer.clone())
    }

    /// The document that answers a question.
    pub(crate) fn seen(&self, id: &str) -> Option<Arc<Value>> {
        match self.of(id) {
            Answer::Seen(document) => Some(document),
            Answer::Absent | Answer::Unseen(_) => None,
        }
    }

    /// Why a question has no answer, where it has none.
    pub(crate) fn why_not(&self, id: &str) -> Option<String> {
        match self.of(id) {
            Answer::Unseen(reason) => Some(reason),
            Answer::Seen(_) | Answer::Absent => None,
        }
    }
}

/// Asks all questions of a chain.
pub(crate) async fn chain(asker: &Asker, asks: &[Ask], names: &Names) -> Answers {
    let mut answers = Answers { names: names.clone(), answers: Vec::new() };
    let mut open: Vec<&Ask> = asks.iter().collect();
    while !open.is_empty() {
        let (ready, later): (Vec<&Ask>, Vec<&Ask>) =
            open.into_iter().partition(|ask| answers.names.argv(&ask.argv).is_ok());
        if ready.is_empty() {
            give_up(asks, &later, &mut answers);
            break;
        }
        let asked = join_all(ready.iter().map(|ask| one(asker, ask, &answers.names))).await;
        for (ask, answer) in ready.into_iter().zip(asked) {
            learn(ask, &answer, &mut answers.names);
            answers.answers.push((ask.id.clone(), answer));
        }
        open = later;
    }
    answers
}

async fn one(asker: &Asker, ask: &Ask, names: &Names) -> Answer {
    let Ok(argv) = names.argv(&ask.argv) else { return Answer::Unseen("it was not asked".to_owned()) };
    match asker.ask(&argv).await {
        Ok(document) => Answer::Seen(document),
        Err(problem) if problem.code.as_ref().is_some_and(|code| ask.absent.contains(code)) => Answer::Absent,
        Err(problem) => Answer::Unseen(problem.text),
    }
}

/// Takes from an answer what later questions need.
fn learn(ask: &Ask, answer: &Answer, names: &mut Names) {
    let Answer::Seen(document) = answer else { return };
    for wanted in &ask.find {
        if let Some(value) = find::found(wanted, document, names) {
            names.known.insert(wanted.name.clone(), value);
        }
    }
}

/// Questions that need what nobody gave and no answer told.
fn give_up(asks: &[Ask], open: &[&Ask], answers: &mut Answers) {
    for ask in open {
        let lacking = answers.names.argv(&ask.argv).err().unwrap_or_default();
        let answer = without(asks, &lacking, answers);
        answers.answers.push((ask.id.clone(), answer));
    }
}

/// What stands for the answer to a question that lacks a name.
fn without(asks: &[Ask], lacking: &str, answers: &Answers) -> Answer {
    let teller = asks.iter().find(|ask| ask.find.iter().any(|find| find.name == lacking));
    match teller.map(|ask| answers.of(&ask.id)) {
        None => {
            let flag = answers.names.flags.get(lacking).cloned();
            Answer::Unseen(format!("{} is not given", flag.unwrap_or_else(|| lacking.replace('_', " "))))
        }
        // Its answer tells no such thing, so there is none.
        Some(Answer::Seen(_) | Answer::Absent) => Answer::Absent,
        Some(unseen) => unseen,
    }
}
