//! What an operation through the API writes into the journal: each request that changes something before it is sent,
//! and what came of it once that is known.

use std::future::Future;

use serde_json::json;

use super::{Engine, Stopped};
use crate::error::ExecutorError;
use crate::journal::RecordKind;

impl Engine<'_> {
    /// Does something that changes the cloud between its two records. Of work whose end was not seen, nothing is
    /// written afterwards: resuming the run finds out.
    pub(super) async fn journaled<T>(
        &self,
        request: &str,
        work: impl Future<Output = Result<T, Stopped>>,
    ) -> Result<T, Stopped> {
        let command = format!("cloudformation {request} {}", self.stack.name);
        (self.around.record)(RecordKind::Intent, json!({ "command": command }));
        let done = work.await;
        let exit = match &done {
            Ok(_) => "done".to_owned(),
            Err(Stopped::Interrupted | Stopped::Broken(ExecutorError::StackOutOfSight { .. })) => {
                return done;
            }
            Err(Stopped::Broken(error)) => error.to_string(),
            Err(Stopped::Declined(reason)) => reason.clone(),
            Err(Stopped::Failed { status, .. }) => status.clone(),
        };
        (self.around.record)(RecordKind::Outcome, json!({ "command": command, "exit": exit }));
        done
    }
}
