//! What the agent brings to a run: who decides about fixes, how a plan is rebuilt, what an outcome means.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use provision_executor::{
    Arbiter, Change, Decision, Diagnose, ExecutorError, Outcome, Preview, Proposal, Replan,
};
use provision_planner::plan::{Account, Approval, Plan};
use provision_planner::{Catalog, Draft, Request};
use provision_rules::{Diagnosis, Source, diagnose};

use crate::exit::Exit;
use crate::gate::{self, Consent};
use crate::render::{self, Progress};
use crate::terminal;
use crate::{masking, rulebase};

/// Decides about fixes: `--yes` says yes, else the person at the terminal is asked.
pub struct Gatekeeper {
    /// What the command line says about approval.
    pub consent: Consent,
    /// The display that has to step aside for a question.
    pub progress: Arc<Progress>,
}

#[async_trait]
impl Arbiter for Gatekeeper {
    async fn consider(&self, proposal: &Proposal) -> Decision {
        let text = render::proposal(proposal);
        if let Some(approval) = self.given(&proposal.after) {
            self.progress.stage().say(&text);
            return Decision::Apply(approval);
        }
        if !self.progress.stage().attended().await {
            return Decision::Decline;
        }
        let agreed = self.progress.pause(|| {
            terminal::out(&text);
            gate::yes("  Apply this fix and try again? [y/N] ", "not a terminal and no --yes")
        });
        match agreed {
            Ok(true) => Decision::Apply(Approval::Confirmed),
            Ok(false) | Err(_) => Decision::Decline,
        }
    }

    async fn execute(&self, preview: &Preview) -> Option<Approval> {
        if preview.losses().next().is_some() {
            return self.named(&preview.stack, "to execute this and lose the data").await;
        }
        if self.consent.is_given() {
            return Some(Approval::Yes);
        }
        if !self.progress.stage().attended().await {
            return None;
        }
        let question =
            format!("Execute {}? [y/N] ", render::plural(preview.changes.len(), "change", "changes"));
        let agreed = self.progress.pause(|| gate::yes(&question, "not a terminal and no --yes"));
        agreed.is_ok_and(|agreed| agreed).then_some(Approval::Confirmed)
    }

    async fn clear(&self, stack: &str, status: &str) -> Option<Approval> {
        let text = format!(
            "\n{stack} is in {status}: its first creation failed, nothing of it is in use, and it can only be deleted.\n"
        );
        self.progress.stage().say(&text);
        self.named(stack, "to delete it and create it anew").await
    }
}

impl Gatekeeper {
    /// The typed name, or `--force`; `--yes` covers no destruction.
    async fn named(&self, name: &str, purpose: &str) -> Option<Approval> {
        if self.consent.force {
            return Some(Approval::Force);
        }
        if let Some(confirmed) = &self.consent.confirm {
            return Some(Approval::Typed(confirmed.clone()));
        }
        if !self.progress.stage().attended().await {
            return None;
        }
        let question = format!("Type {name} {purpose}: ");
        let nobody = "what cannot be undone needs its name: --confirm NAME, or --force; --yes and --approve do not cover it";
        match self.progress.pause(|| gate::ask(&question, nobody)) {
            Ok(typed) => Some(Approval::Typed(typed)),
            Err(error) => {
                self.progress.pause(|| terminal::err(&render::error(&error)));
                None
            }
        }
    }
}

impl Gatekeeper {
    /// The approval that the command line gives to a changed plan: `--approve` only to one with that very digest.
    fn given(&self, plan: &Plan) -> Option<Approval> {
        let approved = self.consent.approve.as_ref().filter(|approved| **approved == plan.digest);
        if self.consent.yes { Some(self.consent.unasked()) } else { approved.cloned().map(Approval::Digest) }
    }
}

/// Rebuilds the plan of this command line with one input changed, on top of the changes before it.
pub struct Replanner {
    catalog: Catalog,
    request: Mutex<Request>,
}

impl Replanner {
    /// Starts from what was asked for.
    pub fn new(catalog: Catalog, request: Request) -> Self {
        Self { catalog, request: Mutex::new(request) }
    }
}

impl Replan for Replanner {
    fn replan(&self, plan: &Plan, change: &Change) -> Result<Plan, String> {
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = request.with_override(&change.input, &change.value);
        let draft =
            provision_planner::build(&self.catalog, changed.clone()).map_err(|error| error.to_string())?;
        *request = changed;
        Ok(again(draft, plan))
    }
}

/// A rebuilt plan with what was found out for the one before it.
fn again(draft: Draft, plan: &Plan) -> Plan {
    let binding = &plan.binding;
    let known = binding.account.clone().map(Account::Known);
    let account = known.or_else(|| binding.account_unknown.clone().map(Account::Unknown));
    let draft = account.into_iter().fold(draft, Draft::with_account);
    let draft =
        binding.region.clone().into_iter().fold(draft, |draft, region| draft.with_region(Some(region)));
    draft.with_results(plan.prerequisites.clone()).0
}

/// How many of the texts that were diagnosed are remembered.
const REMEMBERED: usize = 4;

/// A text and what was found in it.
type Read = (Vec<u8>, Diagnosis);

/// The last texts that a run diagnosed, with what was found in them; the newest last.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<Read>>>);

impl Heard {
    fn add(&self, text: &[u8], found: &Diagnosis) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() == REMEMBERED {
            heard.remove(0);
        }
        heard.push((text.to_vec(), found.clone()));
    }

    /// The text behind a diagnosis.
    pub fn text(&self, of: &Diagnosis) -> Option<Vec<u8>> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().rev().find(|(_, found)| found == of).map(|(text, _)| text.clone())
    }
}

/// The rules engine as the executor wants it, with the user's own rules. They are loaded on the first failure.
pub fn diagnoser(rules: Vec<PathBuf>, heard: Heard) -> Arc<Diagnose> {
    Arc::new(move |text| {
        let found = rulebase::load(&rules).and_then(|book| masking::diagnosis(diagnose(text, &book)?));
        // Output that is empty or no text says nothing; that the command failed stands in its exit code.
        let found = found.unwrap_or_else(|_| Diagnosis::healthy(Source::default()));
        heard.add(text, &found);
        found
    })
}

/// The exit code an outcome stands for.
pub fn exit(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Done => Exit::Done,
        Outcome::NotStarted { error: ExecutorError::Drifted { .. }, .. } => Exit::NotApproved,
        Outcome::NotStarted {
            error: ExecutorError::Locked { .. } | ExecutorError::PortsTaken { .. },
            ..
        } => Exit::Blocked,
        Outcome::NotStarted { .. }
        | Outcome::DeployFailed { .. }
        | Outcome::HealthFailed { .. }
        | Outcome::Degraded { .. } => Exit::DeployFailed,
        Outcome::PostStepFailed { .. } | Outcome::TeardownFailed { .. } => Exit::StepFailed,
        Outcome::Declined { .. } => Exit::NotApproved,
        Outcome::Interrupted { .. } => Exit::Interrupted,
        _ => Exit::Internal,
    }
}

/// The exit code that an outcome in a journal stands for, by its short name.
pub fn exit_of(outcome: &str) -> Exit {
    match outcome {
        "done" => Exit::Done,
        "post-step-failed" | "teardown-failed" => Exit::StepFailed,
        "declined" => Exit::NotApproved,
        "interrupted" => Exit::Interrupted,
        _ => Exit::DeployFailed,
    }
}
