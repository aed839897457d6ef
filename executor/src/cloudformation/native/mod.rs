//! Brings a stack to what its plan says, or deletes it, through the API: no script, no AWS CLI.

mod change_set;
mod effect;
mod follow_through;
mod preview;
mod state;
mod store;
mod template;

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use aws_sdk_cloudformation::Client;
use provision_planner::Secrets;
use provision_planner::plan::{Approval, StackPlan};
use serde_json::Value;

pub use preview::{Preview, ResourceChange};
pub(crate) use state::describe;

use super::client::{self, Patience, Problem};
use super::follow::Follower;
use crate::error::ExecutorError;
use crate::event::Event;
use crate::interrupt::Interrupt;
use crate::journal::RecordKind;
use crate::run::Arbiter;
use change_set::Made;

/// Why a native operation did not come to its end.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The user interrupted.
    Interrupted,
    /// It was not approved.
    Declined(String),
    /// CloudFormation refused it or it failed.
    Failed {
        /// How it ended, such as `ROLLBACK_COMPLETE`.
        status: String,
        /// What the service says.
        text: String,
    },
    /// This program's own work failed.
    Broken(ExecutorError),
}

/// Everything a native operation works with.
pub(crate) struct Engine<'a> {
    client: Client,
    stack: &'a StackPlan,
    /// Makes requests that are sent twice count once; unique to this try.
    token: String,
    around: Surroundings<'a>,
}

/// What a native operation tells and asks of the run that it is a step of.
pub(crate) struct Surroundings<'a> {
    pub(crate) interrupt: &'a Interrupt,
    /// Takes events.
    pub(crate) tell: &'a (dyn Fn(Event) + Send + Sync),
    /// Writes to the journal.
    pub(crate) record: &'a (dyn Fn(RecordKind, Value) + Send + Sync),
    /// The step's id.
    pub(crate) step: &'a str,
    /// The id of the stack that this run created, for a later try to know its own.
    pub(crate) made: &'a Mutex<Option<String>>,
}

impl<'a> Engine<'a> {
    /// Sets up the client; cheap on the network.
    pub(crate) async fn new(stack: &'a StackPlan, around: Surroundings<'a>) -> Result<Self, ExecutorError> {
        let client = client::new(stack.region.as_deref(), stack.profile.as_deref(), Patience::CHANGE).await;
        Ok(Self { client, stack, token: token()?, around })
    }

    /// The client, for a follower.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Deploys: change set, review, execution, and then waits for the end.
    pub(crate) async fn deploy(
        &self,
        folder: &std::path::Path,
        secrets: &Secrets,
        review: &dyn Arbiter,
        follower: &mut Follower<'_>,
    ) -> Result<(), Stopped> {
        let template = template::read(folder, self.stack).map_err(Stopped::Broken)?;
        let template = self.body(template).await?;
        self.validate(&template).await?;
        let mut current = self.current().await?;
        if let Some(stillborn) = current.take_if(|state| state.is_stillborn()) {
            self.clear(&stillborn, review, follower).await?;
        }
        let making = self.change_set(&template, secrets, current.as_ref());
        let preview = match self.journaled("CreateChangeSet", making).await? {
            Made::Unchanged => {
                self.note("the stack is as the template says already; nothing was changed");
                return self.outputs().await;
            }
            Made::Ready(preview) => preview,
        };
        (self.around.tell)(Event::StackPreviewed(Box::new(preview.clone())));
        let approval = self.or_interrupted(review.execute(&preview)).await;
        match approval {
            Ok(Some(approval)) if preview.admits(&approval) => {}
            refused => {
                self.discard(&preview).await;
                refused?;
                return Err(Stopped::Declined(
                    "the change set was not executed and is deleted again".to_owned(),
                ));
            }
        }
        if let Err(problem) = follower.skip_what_is_there().await {
            tracing::debug!(problem = problem.text, "the earlier events could not be read");
        }
        self.remember(&preview).await;
        self.journaled("ExecuteChangeSet", async {
            self.execute(&preview).await?;
            self.until_done(follower).await
        })
        .await?;
        self.outputs().await
    }

    /// Deletes the stack and waits until it is gone.
    pub(crate) async fn delete(&self, follower: &mut Follower<'_>) -> Result<(), Stopped> {
        let Some(state) = self.current().await? else {
            self.note("there is no such stack; nothing was changed");
            return Ok(());
        };
        self.remove(&state, follower).await
    }

    /// A stack that was never brought up is in the way: with consent it is deleted first.
    async fn clear(
        &self,
        state: &state::State,
        review: &dyn Arbiter,
        follower: &mut Follower<'_>,
    ) -> Result<(), Stopped> {
        if self.is_own(&state.id) {
            self.note("the stack that this run made was rolled back; the empty rest of it is deleted first");
            return self.remove(state, follower).await;
        }
        let approval = self.or_interrupted(review.clear(&self.stack.name, &state.status)).await?;
        let named = approval.is_some_and(|approval: Approval| preview::names(&approval, &self.stack.name));
        if !named {
            return Err(Stopped::Declined(format!(
                "{} is in {}: it was never brought up and can only be deleted; that needs its typed name",
                self.stack.name, state.status
            )));
        }
        self.remove(state, follower).await
    }

    /// Whether this very run created the stack, so that nothing in it can be older.
    fn is_own(&self, id: &str) -> bool {
        self.around.made.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(id)
    }

    /// Remembers that this run created the stack.
    async fn remember(&self, preview: &Preview) {
        if !preview.creates {
            return;
        }
        if let Ok(Some(state)) = self.current().await {
            *self.around.made.lock().unwrap_or_else(PoisonError::into_inner) = Some(state.id);
        }
    }

    async fn remove(&self, state: &state::State, follower: &mut Follower<'_>) -> Result<(), Stopped> {
        if state.protected {
            return Err(Stopped::Failed {
                status: "termination protection".to_owned(),
                text: format!(
                    "Stack [{}] cannot be deleted while TerminationProtection is enabled",
                    self.stack.name
                ),
            });
        }
        if let Err(problem) = follower.skip_what_is_there().await {
            tracing::debug!(problem = problem.text, "the earlier events could not be read");
        }
        let request = self.client.delete_stack().stack_name(&state.id).client_request_token(&self.token);
        self.journaled("DeleteStack", async {
            if let Err(error) = self.or_interrupted(request.send()).await? {
                return Err(self.refused("DeleteStack", &Problem::of(&error)));
            }
            self.until_gone(&state.id, follower).await
        })
        .await
    }

    async fn execute(&self, preview: &Preview) -> Result<(), Stopped> {
        let request = self.client.execute_change_set().change_set_name(&preview.change_set);
        let request = request.stack_name(&self.stack.name).client_request_token(&self.token);
        // Not interruptible: whether it was taken has to be known.
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let problem = Problem::of(&error);
                // The answer was lost, but the request may have arrived: the stack says.
                let taken = self.current().await.ok().flatten().is_some_and(|state| {
                    super::follow::is_running(&state.status) && !state.is_only_reviewed()
                });
                if taken { Ok(()) } else { Err(self.refused("ExecuteChangeSet", &problem)) }
            }
        }
    }

    async fn outputs(&self) -> Result<(), Stopped> {
        let outputs = self.current().await?.map(|state| state.outputs).unwrap_or_default();
        let (step, stack) = (self.around.step.to_owned(), self.stack.name.clone());
        (self.around.tell)(Event::StackOutputs { step, stack, outputs });
        Ok(())
    }

    async fn current(&self) -> Result<Option<state::State>, Stopped> {
        let found = self.or_interrupted(describe(&self.client, &self.stack.name)).await?;
        found.map_err(|problem| self.refused("DescribeStacks", &problem))
    }

    fn note(&self, line: &str) {
        (self.around.tell)(Event::Notes { step: self.around.step.to_owned(), lines: vec![line.to_owned()] });
    }

    /// What the service said no to, worded as the AWS CLI words it, for the rules to read.
    fn refused(&self, operation: &str, problem: &Problem) -> Stopped {
        let text = match problem.text.split_once(": ") {
            Some((code, message)) if !code.contains(' ') => {
                format!("An error occurred ({code}) when calling the {operation} operation: {message}")
            }
            _ => format!("{operation}: {}", problem.text),
        };
        Stopped::Failed { status: format!("{operation} refused"), text }
    }

    /// The result, unless the user interrupts before.
    async fn or_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            done = work => Ok(done),
            () = self.around.interrupt.reached(1) => Err(Stopped::Interrupted),
        }
    }
}

/// A name that no other run has: 16 hexadecimal digits.
fn token() -> Result<String, ExecutorError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| ExecutorError::NoRandomness { reason: error.to_string() })?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}
