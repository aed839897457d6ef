//! The storage of a deployment as it is now: the volumes of an instance, the claims of a cluster.

mod claim;
mod volume;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

pub use claim::{Claim, Claims, claims};
pub use volume::{Volume, Volumes, volumes};

use crate::ask::{Answer, Answers, Ask, Asker, Names, chain, distinct, parsed};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(20);

const STORAGE: &str = include_str!("../../data/storage.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    volumes: Vec<Ask>,
    claims: Vec<Ask>,
}

async fn asked(asks: &[Ask], names: &Names, environment: BTreeMap<String, String>) -> Answers {
    let asker = Asker::new(environment, names.get("profile").map(str::to_owned), None, PATIENCE);
    chain(&asker, asks, names).await
}

/// The document that answers a question.
///
/// # Errors
/// Why there is none; `absent` says what it means that there is nothing of the kind.
fn document(answers: &Answers, id: &str, absent: &str) -> Result<std::sync::Arc<serde_json::Value>, String> {
    match answers.of(id) {
        Answer::Seen(document) => Ok(document),
        Answer::Absent => Err(absent.to_owned()),
        Answer::Unseen(reason) => Err(reason),
    }
}

/// The IAM actions that looking takes, sorted.
pub fn actions() -> Vec<String> {
    let questions: Questions = parsed(STORAGE);
    distinct(questions.volumes.into_iter().chain(questions.claims).filter_map(|ask| ask.allows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_parse() {
        let questions: Questions = toml::from_str(STORAGE).unwrap();
        assert_eq!((questions.volumes.len(), questions.claims.len()), (3, 4));
    }
}
