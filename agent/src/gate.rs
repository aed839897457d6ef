//! The questions at the gate, and what counts as an answer.

use provision_planner::plan::{Approval, ApprovedPlan, Plan, Refusal};
use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};

use crate::error::CommandError;
use crate::terminal;

/// What the command line says about approval.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// `--yes`.
    pub yes: bool,
    /// `--accept-model`: `--yes` covers values that a model filled in.
    pub accept_model: bool,
    /// `--force`.
    pub force: bool,
    /// `--approve`: the digest of the plan that was approved.
    pub approve: Option<String>,
    /// `--confirm`: the name of what is destroyed.
    pub confirm: Option<String>,
}

impl Consent {
    /// What `--yes` means on this command line.
    pub fn unasked(&self) -> Approval {
        if self.accept_model { Approval::YesWithModel } else { Approval::Yes }
    }

    /// Whether the command line says something about approval, so that nobody needs to be asked.
    pub fn is_given(&self) -> bool {
        self.yes || self.force || self.approve.is_some() || self.confirm.is_some()
    }
}

/// Takes a shown plan through the gate: by flag where that suffices, else by asking.
///
/// # Errors
/// Not approved, when the answer is no or there is nobody to ask; interrupted, on Ctrl-C.
pub fn pass(plan: Plan, consent: &Consent) -> Result<ApprovedPlan, CommandError> {
    let shown = plan.digest.clone();
    if let Some(approved) = consent.approve.as_ref().filter(|approved| **approved != shown) {
        let message =
            format!("another plan was approved: {approved}; this one is {shown}; nothing was changed");
        return Err(not_approved(message));
    }
    let approval = approval(&plan, consent)?;
    ApprovedPlan::new(plan, &shown, &approval).map_err(|refusal| match refusal {
        Refusal::NameNotTyped { expected } => {
            not_approved(format!("the name does not match: {expected} was not typed; nothing was changed"))
        }
        other => not_approved(format!("{other}; nothing was changed")),
    })
}

fn approval(plan: &Plan, consent: &Consent) -> Result<Approval, CommandError> {
    let typed_name = plan.destruction.as_ref().filter(|destruction| destruction.irreversible);
    match typed_name {
        _ if consent.force => Ok(Approval::Force),
        Some(_) if consent.confirm.is_some() => {
            Ok(Approval::Typed(consent.confirm.clone().unwrap_or_default()))
        }
        Some(destruction) => {
            let question = format!("Type {} to destroy it: ", destruction.confirm);
            let nobody = "what cannot be undone needs its name: --confirm NAME, or --force; --yes and --approve do not cover it";
            Ok(Approval::Typed(ask(&question, nobody)?))
        }
        None if consent.yes => Ok(consent.unasked()),
        None if consent.approve.is_some() => Ok(Approval::Digest(plan.digest.clone())),
        None => confirm("Run this plan? [y/N] ", &plan.digest).map(|()| Approval::Confirmed),
    }
}

fn confirm(question: &str, digest: &str) -> Result<(), CommandError> {
    if yes(question, &format!("not a terminal and no --yes or --approve {digest}"))? {
        Ok(())
    } else {
        Err(not_approved("declined; nothing was changed".to_owned()))
    }
}

/// Asks a yes-or-no question; everything but a clear yes is no.
///
/// # Errors
/// Not approved when there is nobody to ask; interrupted, on Ctrl-C.
pub fn yes(question: &str, nobody: &str) -> Result<bool, CommandError> {
    let answer = ask(question, nobody)?;
    Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Asks one line on the terminal, also when standard input is a pipe.
///
/// # Errors
/// Not approved when there is nobody to ask or no answer; interrupted, on Ctrl-C.
pub fn ask(question: &str, nobody: &str) -> Result<String, CommandError> {
    if !terminal::is_interactive() {
        let message = format!("nobody to ask: {nobody}. The plan is above; nothing was changed.");
        return Err(not_approved(message));
    }
    let config = Config::builder().behavior(Behavior::PreferTerm).build();
    let mut editor = DefaultEditor::with_config(config).map_err(CommandError::internal)?;
    match editor.readline(question) {
        Ok(answer) => Ok(answer.trim().to_owned()),
        Err(ReadlineError::Eof) => Err(not_approved("no answer; nothing was changed".to_owned())),
        Err(ReadlineError::Interrupted) => Err(CommandError::Interrupted),
        Err(error) => Err(CommandError::internal(error)),
    }
}

fn not_approved(message: String) -> CommandError {
    CommandError::NotApproved { message }
}
