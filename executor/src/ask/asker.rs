//! Asks the tools: every command once however many want its answer, each with a time bound.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};

use super::problem::Problem;
use crate::tool::Tools;

/// How many tools run at a time: each is a whole interpreter, and more of them only wait for each other.
const AT_A_TIME: usize = 6;

/// An answer as it is kept: a document, or why there is none.
pub(super) type Kept = Result<Arc<Value>, Problem>;

/// Asks questions in one environment and keeps the answers.
#[derive(Debug)]
pub(crate) struct Asker {
    tools: Tools,
    profile: Option<String>,
    folder: Option<PathBuf>,
    running: Semaphore,
    kept: Mutex<HashMap<Vec<String>, Arc<OnceCell<Kept>>>>,
}

impl Asker {
    /// An asker whose children get `environment`. `folder` is where tools run that read files of the checkout.
    pub(crate) fn new(
        mut environment: BTreeMap<String, String>,
        profile: Option<String>,
        folder: Option<PathBuf>,
        timeout: Duration,
    ) -> Self {
        // A pager would wait for keys that nobody presses.
        environment.insert("AWS_PAGER".to_owned(), String::new());
        Self {
            tools: Tools { environment, timeout },
            profile,
            folder,
            running: Semaphore::new(AT_A_TIME),
            kept: Mutex::default(),
        }
    }

    /// The whole command: the AWS CLI is told format and profile.
    pub(crate) fn whole(&self, argv: &[String]) -> Vec<String> {
        let mut argv = argv.to_vec();
        if argv.first().is_some_and(|program| program == "aws") {
            argv.extend(["--output".to_owned(), "json".to_owned()]);
            argv.extend(self.profile_flag());
        }
        argv
    }

    /// The flag that names the profile, where there is one.
    pub(crate) fn profile_flag(&self) -> impl Iterator<Item = String> {
        self.profile.iter().flat_map(|name| ["--profile".to_owned(), name.clone()])
    }

    /// Asks, or says again what was answered before.
    pub(super) async fn ask(&self, argv: &[String]) -> Kept {
        let argv = self.whole(argv);
        let cell = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(kept.entry(argv.clone()).or_default())
        };
        cell.get_or_init(|| self.answer(&argv)).await.clone()
    }

    async fn answer(&self, argv: &[String]) -> Kept {
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        let program = words.first().copied().unwrap_or_default();
        // The time of a question begins when its tool does.
        let _turn = self.running.acquire().await;
        let said = match &self.folder {
            Some(folder) if program == "docker" => self.tools.ask_in(folder, &words).await,
            None if program == "docker" => Err("no checkout of the platform here; run it there".to_owned()),
            _ => self.tools.ask(&words).await,
        };
        match said {
            Ok(text) => document(&text).map(Arc::new).ok_or_else(|| Problem {
                code: None,
                text: format!("{program} printed something else than JSON"),
            }),
            Err(reason) => Err(Problem::of(&reason)),
        }
    }
}

/// What a tool printed: one JSON document, or one on each line as a list; nothing at all stands for an empty document.
fn document(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(Value::Null);
    }
    serde_json::from_str(text).ok().or_else(|| {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.map(serde_json::from_str).collect::<Result<Vec<Value>, _>>().ok().map(Value::Array)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_may_be_one_or_one_a_line_and_nothing_else() {
        assert_eq!(document("{\"a\": 1}\n"), Some(json!({ "a": 1 })));
        assert_eq!(document("{\"a\":1}\n{\"a\":2}\n"), Some(json!([{ "a": 1 }, { "a": 2 }])));
        assert_eq!(document(" \n"), Some(Value::Null));
        assert_eq!(document("<html>"), None);
    }
}
