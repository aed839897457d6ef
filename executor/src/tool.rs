//! Asks the operator's own tools (aws, kubectl, docker) a read-only question and brings back what they printed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::event::Stream;
use crate::interrupt::Interrupt;
use crate::mask::Masker;
use crate::process::{self, Control, Invocation, Progress};

/// How much of an answer is kept.
const LIMIT: usize = 32 * 1024 * 1024;

/// Asks questions with one environment and one time limit each.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The environment that the tools get.
    pub environment: BTreeMap<String, String>,
    /// How long one question may take.
    pub timeout: Duration,
}

impl Tools {
    /// What a tool prints on standard output.
    ///
    /// # Errors
    /// One line: what the tool says, or why it did not start or end.
    pub async fn ask(&self, argv: &[&str]) -> Result<String, String> {
        self.ask_in(&std::env::temp_dir(), argv).await
    }

    /// As [`Tools::ask`], for a tool that reads files of the folder it runs in.
    ///
    /// # Errors
    /// As [`Tools::ask`].
    pub async fn ask_in(&self, folder: &Path, argv: &[&str]) -> Result<String, String> {
        let invocation = Invocation {
            argv: argv.iter().map(|&arg| arg.to_owned()).collect(),
            dir: folder.to_owned(),
            env: self.environment.clone(),
        };
        let mut control = Control::new(Interrupt::new(), Masker::default());
        control.timeout = Some(self.timeout);
        let output = Mutex::new(String::new());
        let keep = |progress: Progress| {
            let Progress::Line(Stream::Stdout, line) = progress else { return };
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            if output.len() + line.len() < LIMIT {
                output.push_str(&line);
                output.push('\n');
            }
        };
        let result = process::run(&invocation, &control, &keep).await.map_err(|error| error.to_string())?;
        let program = argv.first().copied().unwrap_or_default();
        match &result.exit {
            process::Exit::FailedToStart { not_found: true, .. } => {
                Err(format!("{program} is not installed"))
            }
            exit if !exit.is_success() => {
                let told =
                    result.tail.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim();
                Err(if told.is_empty() { format!("{program}: {exit}") } else { told.to_owned() })
            }
            _ => Ok(output.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// As [`Tools::ask`], for a tool that prints one JSON document.
    ///
    /// # Errors
    /// As [`Tools::ask`], and when what is printed is no JSON.
    pub async fn ask_json(&self, argv: &[&str]) -> Result<Value, String> {
        let text = self.ask(argv).await?;
        let program = argv.first().copied().unwrap_or_default();
        serde_json::from_str(&text).map_err(|_| format!("{program} printed something else than JSON"))
    }
}
