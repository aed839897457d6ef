//! Deploys and teardowns that drive CloudFormation stacks: through the API, or by a script whose stacks are followed.

use std::time::Duration;

use provision_planner::plan::{StackPlan, Step};
use provision_rules::Diagnosis;

use super::Runner;
use super::steps::Commands;
use crate::cloudformation::client::{self, Patience};
use crate::cloudformation::follow::{Follower, Listener};
use crate::cloudformation::native::{Engine, Stopped, Surroundings};
use crate::error::ExecutorError;
use crate::event::Event;
use crate::evidence::StackEvidence;
use crate::process::{Exit, Tail};

/// How long it may take to find out region and credentials; off AWS, asking for them ends in nothing.
const SETUP: Duration = Duration::from_secs(10);
/// How long the last look at the stacks may take when a script has failed.
const LAST: Duration = Duration::from_secs(20);

/// How one try of a step ended.
pub(super) enum Tried {
    Done,
    Interrupted,
    /// Somebody said no to what it would do.
    Declined(String),
    /// It failed; the stacks' events are there where they could be read.
    Failed {
        exit: Exit,
        tail: Tail,
        evidence: StackEvidence,
    },
    /// It could not be run.
    Broken(ExecutorError),
}

impl Runner<'_> {
    /// One try of a deploy or teardown, by the API or by its commands.
    pub(super) async fn attempt(&self, step: &Step) -> Tried {
        match &self.plan().stack {
            Some(stack) => self.native(step, stack).await,
            None => self.scripted(step).await,
        }
    }

    /// Runs the step's commands, and follows the stacks they drive meanwhile.
    async fn scripted(&self, step: &Step) -> Tried {
        let Some(source) = self.plan().evidence.clone() else {
            return tried(self.commands(step).await, StackEvidence::default());
        };
        let tell = |event| self.tell(self.masked(event));
        let meaning = |json: &str| self.meaning(json);
        let mut follower = None;
        let following = async {
            let setup = client::new(source.region.as_deref(), source.profile.as_deref(), Patience::LOOK);
            match tokio::time::timeout(SETUP, setup).await {
                Ok(client) => {
                    let listener = Listener { step: &step.id, tell: &tell, diagnose: &meaning };
                    follower.insert(Follower::new(client, &source.stacks, listener)).run().await;
                }
                Err(_) => {
                    let reason =
                        "the stacks' events: the AWS region could not be found out in time".to_owned();
                    tell(Event::StackNotVisible { step: step.id.clone(), reason });
                }
            }
        };
        let running = self.commands(step);
        tokio::pin!(running);
        let ended = tokio::select! {
            biased;
            ended = &mut running => Some(ended),
            () = following => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => running.await,
        };
        let mut evidence = StackEvidence::default();
        if let (Commands::Failed { .. }, Some(follower)) = (&ended, &mut follower) {
            tokio::select! {
                () = follower.last_look(LAST) => {}
                () = self.context.interrupt.reached(1) => {}
            }
            evidence = follower.evidence();
        }
        tried(ended, evidence)
    }

    /// Deploys or deletes a stack through the API.
    async fn native(&self, step: &Step, stack: &StackPlan) -> Tried {
        let tell = |event| self.tell(self.masked(event));
        let record = |kind, data| self.record(kind, &step.id, data);
        let around = Surroundings {
            interrupt: &self.context.interrupt,
            tell: &tell,
            record: &record,
            step: &step.id,
            made: &self.made,
        };
        let engine = match Engine::new(stack, around).await {
            Ok(engine) => engine,
            Err(error) => return Tried::Broken(error),
        };
        let meaning = |json: &str| self.meaning(json);
        let listener = Listener { step: &step.id, tell: &tell, diagnose: &meaning };
        let mut follower = Follower::new(engine.client(), std::slice::from_ref(&stack.name), listener);
        let ended = match stack.template {
            Some(_) => engine.deploy(&self.checkout(), self.secrets, self.arbiter, &mut follower).await,
            None => engine.delete(&mut follower).await,
        };
        match ended {
            Ok(()) => Tried::Done,
            Err(Stopped::Interrupted) => Tried::Interrupted,
            Err(Stopped::Declined(reason)) => Tried::Declined(reason),
            Err(Stopped::Broken(error)) => Tried::Broken(error),
            Err(Stopped::Failed { status, text }) => {
                let mut tail = Tail::default();
                tail.push(self.masker.text(&text), self.context.tail);
                Tried::Failed { exit: Exit::Stack { status }, tail, evidence: follower.evidence() }
            }
        }
    }

    /// What stack events mean, with the secrets in them masked.
    fn meaning(&self, json: &str) -> Diagnosis {
        (self.context.diagnose)(self.masker.text(json).as_bytes())
    }

    /// An event about stacks with the secrets in its texts masked.
    fn masked(&self, event: Event) -> Event {
        match event {
            Event::StackChanged(mut change) => {
                change.reason = change.reason.map(|reason| self.masker.text(&reason));
                for said in change.hook.iter_mut().filter_map(|hook| hook.said.as_mut()) {
                    *said = self.masker.text(said);
                }
                Event::StackChanged(change)
            }
            Event::StackOutputs { step, stack, mut outputs } => {
                for output in &mut outputs {
                    output.value = self.masker.text(&output.value);
                }
                Event::StackOutputs { step, stack, outputs }
            }
            Event::StackNotVisible { step, reason } => {
                Event::StackNotVisible { step, reason: self.masker.text(&reason) }
            }
            other => other,
        }
    }
}

fn tried(ended: Commands, evidence: StackEvidence) -> Tried {
    match ended {
        Commands::Done => Tried::Done,
        Commands::Interrupted => Tried::Interrupted,
        Commands::Broken { error, .. } => Tried::Broken(error),
        Commands::Failed { exit, tail, .. } => Tried::Failed { exit, tail, evidence },
    }
}
