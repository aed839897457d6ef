//! Watches a live stack that something else drives, until it is at rest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::client::{self, Kind, Patience, Problem};
use super::follow::{Follower, Listener, Look, is_running};
use super::native::describe;
use crate::event::{Event, Observer};
use crate::evidence::StackEvidence;
use crate::interrupt::Interrupt;

/// How long it may take to find out region and credentials; off AWS, asking for them ends in nothing.
const SETUP: Duration = Duration::from_secs(10);
/// How long the last look at the events may take.
const LAST: Duration = Duration::from_secs(20);
/// What the events are told under.
const STEP: &str = "watch";

/// A stack to watch, and where it is; absent parts are what the AWS SDK resolves.
#[derive(Debug, Clone, Copy)]
pub struct WatchedStack<'a> {
    /// Its name or id.
    pub name: &'a str,
    /// The region.
    pub region: Option<&'a str>,
    /// The profile of the AWS configuration.
    pub profile: Option<&'a str>,
}

/// What became of a watched stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackWatched {
    /// Its last status; none if it is gone.
    pub status: Option<String>,
    /// Whether it is at rest, rather than that somebody ended the watching.
    pub at_rest: bool,
    /// The events of the operation.
    pub evidence: StackEvidence,
}

/// Tells what happens to a stack and those nested in it until nothing is under way any more, or until interrupted.
/// Only the operation that is under way counts, or the last one of a stack at rest.
///
/// # Errors
/// Why the stack cannot be seen, in one line.
pub async fn watch_stack(
    watched: WatchedStack<'_>,
    interrupt: &Interrupt,
    observer: &dyn Observer,
    diagnose: &(dyn Fn(&[u8]) -> provision_rules::Diagnosis + Send + Sync),
) -> Result<StackWatched, String> {
    let setup = client::new(watched.region, watched.profile, Patience::LOOK);
    let late = "the AWS region could not be found out in time";
    let client = timeout(SETUP, setup).await.map_err(|_| late.to_owned())?;
    // What was there before the watching is shown as the tree, not as so many lines.
    let begun = AtomicBool::new(false);
    let tell = |event: Event| {
        if begun.load(Ordering::Relaxed) || !matches!(event, Event::StackChanged(_)) {
            observer.event(event);
        }
    };
    let meaning = |json: &str| diagnose(json.as_bytes());
    let listener = Listener { step: STEP, tell: &tell, diagnose: &meaning };
    let mut follower = Follower::new(client.clone(), &[watched.name.to_owned()], listener);
    follower.skip_earlier_operations().await.map_err(|problem| problem.text)?;
    loop {
        let seen = tokio::select! {
            seen = glance(&client, watched.name, &mut follower) => seen,
            () = interrupt.reached(1) => break,
        };
        begun.store(true, Ordering::Relaxed);
        let wait = match seen {
            Ok((status, look)) if status.as_deref().is_some_and(is_running) => follower.wait(look),
            Ok((status, _)) => {
                follower.last_look(LAST).await;
                return Ok(StackWatched { status, at_rest: true, evidence: follower.evidence() });
            }
            Err(problem) if problem.is_passing() => {
                tokio::select! {
                    () = follower.wait_out(&problem) => continue,
                    () = interrupt.reached(1) => break,
                }
            }
            Err(problem) => return Err(problem.text),
        };
        tokio::select! {
            () = wait => {}
            () = interrupt.reached(1) => break,
        }
    }
    Ok(StackWatched { status: None, at_rest: false, evidence: follower.evidence() })
}

/// The stack's status, after a look at its events.
async fn glance(
    client: &aws_sdk_cloudformation::Client,
    name: &str,
    follower: &mut Follower<'_>,
) -> Result<(Option<String>, Look), Problem> {
    let state = describe(client, name).await?;
    if state.is_none() && !follower.has_news() {
        return Err(Problem { text: format!("there is no stack {name}"), kind: Kind::Missing });
    }
    let look = follower.look().await?;
    Ok((state.map(|state| state.status), look))
}
