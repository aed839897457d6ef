//! The steps other than the deploy: clone, `.env`, health, smoke test, post-steps, teardown.

use std::path::PathBuf;

use provision_planner::plan::{CommandLine, HealthProbe, Step, StepKind};
use serde_json::json;

use super::report::{Failure, Outcome};
use super::stack::Tried;
use super::{Ended, Runner, commands, guessed};
use crate::alive::{RUN_VARIABLE, STEP_VARIABLE};
use crate::bootstrap;
use crate::env_file::{self, EnvFile};
use crate::error::ExecutorError;
use crate::event::Event;
use crate::health::{Health, Prober};
use crate::process::{self, Control, Exit, Progress, Tail};
use crate::smoke;

/// How a step's commands ended.
pub(super) enum Commands {
    Done,
    Interrupted,
    /// One failed.
    Failed {
        exit: Exit,
        /// What all of them printed up to then.
        tail: Tail,
        /// How many ended well before it.
        done: usize,
    },
    /// One could not be run.
    Broken {
        error: ExecutorError,
        done: usize,
    },
}

impl Runner<'_> {
    pub(super) fn checkout(&self) -> PathBuf {
        commands::checkout(self.plan(), &self.context.base)
    }

    pub(super) fn control(&self) -> Control {
        Control {
            timeout: self.context.command_timeout,
            tail: self.context.tail,
            ..Control::new(self.context.interrupt.clone(), self.masker.clone())
        }
    }

    pub(super) async fn bootstrap(&mut self, step: &Step) -> Ended {
        let Some(wanted) = self.plan().bootstrap.clone() else { return Ok(()) };
        let surroundings = bootstrap::Surroundings {
            base: &self.context.base,
            environment: &self.inherited,
            control: &self.control(),
            progress: &|progress| self.progress(&step.id, progress),
        };
        match bootstrap::fetch(&wanted, &surroundings).await {
            Ok(fetched) => {
                self.tell(Event::Notes { step: step.id.clone(), lines: vec![fetched.to_string()] });
                Ok(())
            }
            Err(ExecutorError::Interrupted) => Err(interrupted(step)),
            Err(error) => Err(not_started(step, error)),
        }
    }

    pub(super) fn env_file(&mut self, step: &Step) -> Ended {
        let dir = self.plan().command.as_ref().map_or_else(String::new, |command| command.dir.clone());
        let created = commands::folder(&self.checkout(), &dir)
            .and_then(|folder| Ok((env_file::create(&folder)?, folder)));
        let (line, folder) = match created {
            Ok((EnvFile::Created { secrets }, folder)) => {
                let line = format!(".env created from .env.example with {} generated values", secrets.len());
                self.also_mask(secrets);
                (line, folder)
            }
            Ok((EnvFile::Kept, folder)) => (".env is there already and stays as it is".to_owned(), folder),
            Ok((EnvFile::NoExample, folder)) => ("no .env.example: nothing to create".to_owned(), folder),
            Err(error) => return Err(not_started(step, error)),
        };
        // Also those that somebody else put there: the scripts may print them.
        let text = std::fs::read_to_string(folder.join(".env")).unwrap_or_default();
        self.also_mask(guessed(env_file::values(&text)));
        self.tell(Event::Notes { step: step.id.clone(), lines: vec![line] });
        Ok(())
    }

    pub(super) async fn health(&mut self, step: &Step) -> Ended {
        let Some(probe) = self.plan().health.clone() else { return Ok(()) };
        let url = probe.url.clone();
        let revive = || self.revive(&probe);
        let health = match Prober::new(&probe, &self.context.interrupt, self.observer, &revive) {
            Ok(prober) => prober.wait().await,
            Err(error) => Health::Failed { detail: error.to_string() },
        };
        match health {
            Health::Healthy => Ok(()),
            Health::Degraded { detail } => Err(Box::new(Outcome::Degraded { url, detail })),
            Health::Failed { detail } => Err(Box::new(Outcome::HealthFailed { url, detail })),
            Health::Interrupted => Err(interrupted(step)),
        }
    }

    /// Starts the gateway's port forward again, detached.
    fn revive(&self, probe: &HealthProbe) -> bool {
        let Some(command) = &probe.revive else { return false };
        let started = self.resolve(command).and_then(|invocation| process::start_detached(&invocation));
        started.is_ok()
    }

    pub(super) fn resolve(&self, command: &CommandLine) -> Result<process::Invocation, ExecutorError> {
        commands::resolve(command, &self.checkout(), &self.inherited, self.secrets)
    }

    /// Reads what the step names, all of it, and fails if one answer is not as it should be.
    pub(super) async fn smoke_test(&mut self, step: &Step) -> Ended {
        let accept_self_signed = self.plan().health.as_ref().is_some_and(|health| health.accept_self_signed);
        let tell = |line: String| {
            self.note("probe", json!({ "step": step.id, "answer": line }));
            let lines = vec![self.masker.text(&line)];
            self.tell(Event::Notes { step: step.id.clone(), lines });
        };
        let tested = tokio::select! {
            () = self.context.interrupt.reached(1) => return Err(interrupted(step)),
            tested = smoke::test(&step.probes, self.secrets, accept_self_signed, &tell) => tested,
        };
        let failure = match tested {
            Ok(bad) if bad.is_empty() => return Ok(()),
            Ok(bad) => Failure::Answer(self.masker.text(&smoke::summary(&bad, step.probes.len()))),
            Err(error) => Failure::Error(error),
        };
        Err(Box::new(Outcome::PostStepFailed {
            step: step.id.clone(),
            failure,
            resume: self.resume(step, 0),
        }))
    }

    pub(super) async fn post_step(&mut self, step: &Step) -> Ended {
        let (failure, done) = match self.commands(step).await {
            Commands::Done => return Ok(()),
            Commands::Interrupted => return Err(interrupted(step)),
            Commands::Failed { exit, done, .. } => (Failure::Exit(exit), done),
            Commands::Broken { error, done } => (Failure::Error(error), done),
        };
        let resume = self.resume(step, done);
        Err(Box::new(Outcome::PostStepFailed { step: step.id.clone(), failure, resume }))
    }

    /// What is left to run by hand: the rest of this step's commands, then those of the steps after it.
    pub(super) fn resume(&self, step: &Step, done: usize) -> Vec<String> {
        let later = self.plan().steps.iter().skip_while(|other| other.id != step.id).skip(1);
        let rest = step.commands.iter().skip(done).chain(later.flat_map(|step| &step.commands));
        rest.map(in_folder).collect()
    }

    pub(super) async fn teardown(&mut self, step: &Step) -> Ended {
        let since = jiff::Timestamp::now();
        let (failure, diagnosis) = match self.attempt(step).await {
            Tried::Done => return Ok(()),
            Tried::Interrupted => return Err(interrupted(step)),
            Tried::Declined(reason) => return Err(declined(step, reason)),
            Tried::Failed { exit, tail, evidence } => {
                let (diagnosis, _) = self.explain(&tail, evidence, since).await;
                (Failure::Exit(exit), Some(Box::new(diagnosis)))
            }
            Tried::Broken(error) => (Failure::Error(error), None),
        };
        Err(Box::new(Outcome::TeardownFailed { step: step.id.clone(), failure, diagnosis }))
    }

    /// Runs a step's commands in order up to the first that fails.
    pub(super) async fn commands(&self, step: &Step) -> Commands {
        let mut printed = Tail::default();
        for (done, command) in step.commands.iter().enumerate() {
            if self.context.interrupt.is_raised() {
                return Commands::Interrupted;
            }
            let result = match self.command(step, command).await {
                Ok(result) => result,
                Err(error) => return Commands::Broken { error, done },
            };
            printed.extend(result.tail, self.context.tail);
            match (result.interrupted, result.exit) {
                (true, _) => return Commands::Interrupted,
                (false, exit) if !exit.is_success() => return Commands::Failed { exit, tail: printed, done },
                _ => {}
            }
        }
        Commands::Done
    }

    async fn command(
        &self,
        step: &Step,
        command: &CommandLine,
    ) -> Result<process::ProcessResult, ExecutorError> {
        let mut invocation = self.resolve(command)?;
        if step.kind == StepKind::Operator {
            invocation.argv = commands::own(&invocation.argv)?;
        }
        for (name, value) in [(RUN_VARIABLE, &self.context.run_id), (STEP_VARIABLE, &step.id)] {
            invocation.env.insert(name.to_owned(), value.clone());
        }
        self.command_intent(step, command);
        let (id, text) = (step.id.clone(), self.masker.text(&command.text));
        self.tell(Event::CommandStarted { step: id, text, dir: invocation.dir.clone() });
        let result =
            process::run(&invocation, &self.control(), &|progress| self.progress(&step.id, progress)).await?;
        self.command_outcome(step, command, &result);
        if result.left_open {
            self.warn(format!(
                "step {}: something that it started still runs and holds its output open",
                step.id
            ));
        }
        self.tell(Event::CommandFinished {
            step: step.id.clone(),
            exit: result.exit.clone(),
            took: result.took,
        });
        Ok(result)
    }

    fn progress(&self, step: &str, progress: Progress) {
        let step = step.to_owned();
        self.tell(match progress {
            Progress::Started(pid) => return self.note("started", json!({ "step": step, "pid": pid })),
            Progress::Line(stream, line) => Event::Output { step, stream, line },
            Progress::Forwarded(killed) => Event::InterruptForwarded { step, killed },
        });
    }
}

/// The command as text, with the folder it belongs in.
fn in_folder(command: &CommandLine) -> String {
    if command.dir.is_empty() { command.text.clone() } else { format!("({}) {}", command.dir, command.text) }
}

pub(super) fn interrupted(step: &Step) -> Box<Outcome> {
    Box::new(Outcome::Interrupted { step: step.id.clone() })
}

pub(super) fn declined(step: &Step, reason: String) -> Box<Outcome> {
    Box::new(Outcome::Declined { step: step.id.clone(), reason })
}

pub(super) fn not_started(step: &Step, error: ExecutorError) -> Box<Outcome> {
    Box::new(Outcome::NotStarted { step: step.id.clone(), error })
}
