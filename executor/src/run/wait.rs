//! Asks a command again and again until it says what is waited for.

use std::time::Duration;

use provision_planner::plan::{CommandLine, Step, Until};
use tokio::time::{Instant, sleep};

use super::report::{Failure, Outcome};
use super::steps::interrupted;
use super::{Ended, Runner};
use crate::event::{Event, Stream};
use crate::process::{self, Control, ProcessResult};

/// How often a command may fail in a row before waiting is given up.
const FAILURES: u32 = 3;

impl Runner<'_> {
    pub(super) async fn wait(&self, step: &Step) -> Ended {
        let (Some(until), Some(command)) = (&step.until, step.commands.first()) else { return Ok(()) };
        let failure = tokio::select! {
            () = self.context.interrupt.reached(1) => return Err(interrupted(step)),
            ended = self.until(step, until, command) => match ended {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            },
        };
        let resume = self.resume(step, 0);
        Err(Box::new(Outcome::PostStepFailed { step: step.id.clone(), failure, resume }))
    }

    async fn until(&self, step: &Step, until: &Until, command: &CommandLine) -> Result<(), Failure> {
        self.command_intent(step, command);
        let invocation = self.resolve(command).map_err(Failure::Error)?;
        self.tell(Event::CommandStarted {
            step: step.id.clone(),
            text: command.text.clone(),
            dir: invocation.dir.clone(),
        });
        let deadline = Instant::now() + Duration::from_secs(until.at_most_seconds);
        let control = Control { timeout: Some(Duration::from_secs(60)), ..self.control() };
        let (mut last, mut failures) = (String::new(), 0);
        loop {
            let result = process::run(&invocation, &control, &|_| {}).await.map_err(Failure::Error)?;
            let said = result.tail.summary(1);
            failures = if result.is_success() { 0 } else { failures + 1 };
            let ended = ended(until, &said, &result, failures);
            if said != last {
                self.tell(Event::Output {
                    step: step.id.clone(),
                    stream: Stream::Stdout,
                    line: said.clone(),
                });
                last = said;
            }
            if let Some(ended) = ended {
                self.command_outcome(step, command, &result);
                return ended;
            }
            if Instant::now() >= deadline {
                self.command_outcome(step, command, &result);
                return Err(Failure::Answer(format!("still {last:?} after {} s", until.at_most_seconds)));
            }
            sleep(Duration::from_secs(until.every_seconds.max(1))).await;
        }
    }
}

/// Whether an answer ends the waiting, and how.
fn ended(until: &Until, said: &str, result: &ProcessResult, failures: u32) -> Option<Result<(), Failure>> {
    let has = |texts: &[String]| texts.iter().any(|text| text == said);
    match result.is_success() {
        true if has(&until.prints) => Some(Ok(())),
        true if has(&until.fails_on) => Some(Err(Failure::Answer(format!("it says {said:?}")))),
        true => None,
        false => (failures >= FAILURES).then(|| Err(Failure::Exit(result.exit.clone()))),
    }
}
