//! Waits for the end of an operation while a follower tells what happens.

use std::time::Duration;

use tokio::time::Instant;

use super::state::{State, describe};
use super::{Engine, Stopped};
use crate::cloudformation::client::{Kind, Problem};
use crate::cloudformation::follow::{Follower, is_running};
use crate::error::ExecutorError;

/// How long the stack may stay out of sight before the wait is given up; the operation goes on in the cloud.
const BLIND: Duration = Duration::from_secs(15 * 60);
/// The same for credentials that stopped working: somebody has to log in again.
const LOCKED_OUT: Duration = Duration::from_secs(20);
/// How long a stack may still show the state from before an operation that was just begun.
const SETTLING: Duration = Duration::from_secs(20);
/// How long the last look at the events may take.
const LAST: Duration = Duration::from_secs(20);

impl Engine<'_> {
    /// Waits until the stack's operation has ended; well only if the stack then is as wanted.
    pub(super) async fn until_done(&self, follower: &mut Follower<'_>) -> Result<(), Stopped> {
        let name = self.stack.name.clone();
        match self.until_at_rest(&name, follower).await? {
            Some(state) if state.is_well() => Ok(()),
            Some(state) => Err(failed(&state)),
            None => Err(Stopped::Failed {
                status: "deleted by somebody else".to_owned(),
                text: format!("Stack {name} was deleted by somebody else while it was being deployed"),
            }),
        }
    }

    /// Waits until the stack is deleted.
    pub(super) async fn until_gone(&self, id: &str, follower: &mut Follower<'_>) -> Result<(), Stopped> {
        match self.until_at_rest(id, follower).await? {
            None => Ok(()),
            Some(state) if state.status == "DELETE_COMPLETE" => Ok(()),
            Some(state) => Err(failed(&state)),
        }
    }

    /// Waits until nothing is under way in a stack; none if it is gone.
    async fn until_at_rest(
        &self,
        stack: &str,
        follower: &mut Follower<'_>,
    ) -> Result<Option<State>, Stopped> {
        let begun = Instant::now();
        let mut blind: Option<Instant> = None;
        loop {
            let seen = self.or_interrupted(self.glance(stack, follower)).await?;
            match seen {
                Ok((Some(state), look))
                    if is_running(&state.status) || (!follower.has_news() && begun.elapsed() < SETTLING) =>
                {
                    blind = None;
                    self.or_interrupted(follower.wait(look)).await?;
                }
                Ok((state, _)) => {
                    follower.last_look(LAST).await;
                    return Ok(state);
                }
                Err(problem) => {
                    let since = *blind.get_or_insert_with(Instant::now);
                    let bound = if problem.kind == Kind::Refused { LOCKED_OUT } else { BLIND };
                    if since.elapsed() > bound || problem.kind == Kind::Other {
                        return Err(self.lost(&problem));
                    }
                    self.or_interrupted(follower.wait_out(&problem)).await?;
                }
            }
        }
    }

    /// The stack's state, after a look at its events; that those cannot be read is not held against it.
    async fn glance(
        &self,
        stack: &str,
        follower: &mut Follower<'_>,
    ) -> Result<(Option<State>, crate::cloudformation::follow::Look), Problem> {
        let state = describe(&self.client, stack).await?;
        let look = match follower.look().await {
            Ok(look) => look,
            Err(problem) => {
                tracing::debug!(problem = problem.text, "the events could not be read");
                crate::cloudformation::follow::Look::Refused
            }
        };
        Ok((state, look))
    }

    fn lost(&self, problem: &Problem) -> Stopped {
        Stopped::Broken(ExecutorError::StackOutOfSight {
            stack: self.stack.name.clone(),
            reason: problem.text.clone(),
        })
    }
}

fn failed(state: &State) -> Stopped {
    let text = state.reason.clone().unwrap_or_default();
    Stopped::Failed { status: state.status.clone(), text }
}
