//! Runs an approved plan step by step and says how it ended.

mod commands;
mod context;
mod deploy;
mod fix;
mod native_fix;
mod offer;
mod ports;
mod recheck;
mod record;
mod report;
mod stack;
mod steps;
mod wait;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use provision_planner::plan::{ApprovedPlan, Plan, Step, StepKind};
use provision_planner::{Secret, Secrets};
use serde_json::json;

pub use context::{Arbiter, Change, Decision, Diagnose, Proposal, Replan, Resumed, RunContext};
pub use report::{Failure, Outcome, Report, StepReport, StopReason};

use crate::error::ExecutorError;
use crate::event::{Event, Observer};
use crate::journal::{Journal, RecordKind};
use crate::mask::{Masker, looks_secret};

/// A value that only its variable's name marks as a secret is masked from this length on:
/// shorter ones are words such as `enabled`.
const SHORTEST_GUESSED_SECRET: usize = 8;

/// Runs a plan to its end.
///
/// Steps run in the plan's order; the first that fails ends the run. A failed deploy is diagnosed and, with the
/// arbiter's approval, fixed and tried again at most `plan.retries` times. Failing to keep the journal is a warning.
pub async fn run(
    plan: ApprovedPlan,
    secrets: &Secrets,
    context: RunContext,
    observer: &dyn Observer,
    arbiter: &dyn Arbiter,
) -> Report {
    let mut runner = Runner::new(plan, secrets, context, observer, arbiter);
    let lock = match runner.lock() {
        Ok(lock) => lock,
        Err(error) => return runner.refused(error),
    };
    runner.open_journal();
    let outcome = runner.steps().await;
    runner.note("end", json!({ "outcome": outcome.name() }));
    drop(lock);
    Report { outcome, plan: runner.plan.plan().clone(), steps: runner.reports, retries: runner.retries }
}

/// How a step ended, if not well; boxed since it carries a diagnosis.
type Ended = Result<(), Box<Outcome>>;

struct Runner<'a> {
    plan: ApprovedPlan,
    secrets: &'a Secrets,
    context: RunContext,
    /// What children inherit of the operator's variables.
    inherited: BTreeMap<String, String>,
    observer: &'a dyn Observer,
    arbiter: &'a dyn Arbiter,
    /// Everything to mask, for rebuilding the masker when more becomes known.
    known: Vec<Secret>,
    masker: Masker,
    journal: Mutex<Option<Journal>>,
    reports: Vec<StepReport>,
    retries: u8,
    /// The id of the stack that this run created, if it created one.
    made: Mutex<Option<String>>,
}

impl<'a> Runner<'a> {
    fn new(
        plan: ApprovedPlan,
        secrets: &'a Secrets,
        context: RunContext,
        observer: &'a dyn Observer,
        arbiter: &'a dyn Arbiter,
    ) -> Self {
        let known = known_secrets(plan.plan(), secrets, &context);
        let masker = Masker::new(&known);
        let inherited = plan.plan().binding.trim(&context.environment);
        let (journal, reports, retries) = (Mutex::new(None), Vec::new(), 0);
        Self {
            plan,
            secrets,
            context,
            inherited,
            observer,
            arbiter,
            known,
            masker,
            journal,
            reports,
            retries,
            made: Mutex::new(None),
        }
    }

    /// The report of a run that another one keeps from starting.
    fn refused(self, error: ExecutorError) -> Report {
        let step = self.plan().steps.first().map_or_else(String::new, |step| step.id.clone());
        let plan = self.plan.plan().clone();
        Report { outcome: Outcome::NotStarted { step, error }, plan, steps: Vec::new(), retries: 0 }
    }

    fn plan(&self) -> &Plan {
        self.plan.plan()
    }

    async fn steps(&mut self) -> Outcome {
        let mut next = self.plan().steps.first().cloned();
        while let Some(step) = next {
            if self.context.interrupt.is_raised() {
                return Outcome::Interrupted { step: step.id };
            }
            if let Err(outcome) = self.one(&step).await {
                return *outcome;
            }
            next = self.after(&step.id);
        }
        Outcome::Done
    }

    /// The step that follows, in the plan as it is now: a fix may have changed it.
    fn after(&self, id: &str) -> Option<Step> {
        self.plan().steps.iter().skip_while(|step| step.id != id).nth(1).cloned()
    }

    async fn one(&mut self, step: &Step) -> Ended {
        let started = Instant::now();
        self.announce(step);
        self.record(
            RecordKind::Intent,
            &step.id,
            json!({ "kind": step.kind, "effect": step.effect, "commands": texts(step) }),
        );
        let ended = if self.is_done_already(step) { self.pass_over(step) } else { self.perform(step).await };
        let took = started.elapsed();
        let name = ended.as_ref().err().map_or("done", |outcome| outcome.name());
        self.record(RecordKind::Outcome, &step.id, json!({ "outcome": name, "seconds": took.as_secs_f64() }));
        self.conclude(&step.id, ended.is_ok(), took);
        ended
    }

    async fn perform(&mut self, step: &Step) -> Ended {
        self.recheck(step).await?;
        self.ports_free(step).await?;
        match step.kind {
            StepKind::Bootstrap => self.bootstrap(step).await,
            StepKind::EnvFile => self.env_file(step),
            StepKind::Deploy => self.deploy(step).await,
            StepKind::Health => self.health(step).await,
            StepKind::SmokeTest if step.commands.is_empty() => self.smoke_test(step).await,
            StepKind::Init | StepKind::SmokeTest | StepKind::Operator | StepKind::PostStep => {
                self.post_step(step).await
            }
            StepKind::Teardown => self.teardown(step).await,
            StepKind::Await => self.wait(step).await,
            StepKind::Notice => Ok(()),
        }
    }

    fn announce(&self, step: &Step) {
        let steps = &self.plan().steps;
        let index = steps.iter().position(|other| other.id == step.id).map_or(0, |at| at + 1);
        let (id, title) = (step.id.clone(), step.title.clone());
        self.tell(Event::StepStarted { step: id, kind: step.kind, title, index, total: steps.len() });
        if !step.notes.is_empty() {
            self.tell(Event::Notes { step: step.id.clone(), lines: step.notes.clone() });
        }
    }

    fn conclude(&mut self, id: &str, ok: bool, took: Duration) {
        self.reports.push(StepReport { id: id.to_owned(), ok, took });
        self.tell(Event::StepFinished { step: id.to_owned(), ok, took });
    }

    fn tell(&self, event: Event) {
        self.observer.event(event);
    }

    fn warn(&self, text: String) {
        self.tell(Event::Warning { text: self.masker.text(&text) });
    }

    /// Masks these values, too, from now on.
    fn also_mask(&mut self, secrets: impl IntoIterator<Item = Secret>) {
        self.known.extend(secrets);
        self.masker = Masker::new(&self.known);
    }
}

/// Everything known to be secret before the run: the inputs' secrets, a password in the repository's URL,
/// and what the operator's environment holds under a telling name.
fn known_secrets(plan: &Plan, secrets: &Secrets, context: &RunContext) -> Vec<Secret> {
    let url = plan.bootstrap.as_ref().and_then(|bootstrap| crate::bootstrap::password(&bootstrap.url));
    secrets.values().cloned().chain(url).chain(guessed(&context.environment)).collect()
}

/// The values of variables whose names say that they are secret.
fn guessed<'v>(
    variables: impl IntoIterator<Item = (impl AsRef<str> + 'v, impl AsRef<str> + 'v)>,
) -> Vec<Secret> {
    let telling = variables.into_iter().filter(|(name, value)| {
        looks_secret(name.as_ref()) && value.as_ref().len() >= SHORTEST_GUESSED_SECRET
    });
    telling.map(|(_, value)| Secret::new(value.as_ref().to_owned())).collect()
}

fn texts(step: &Step) -> Vec<&str> {
    step.commands.iter().map(|command| command.text.as_str()).collect()
}
