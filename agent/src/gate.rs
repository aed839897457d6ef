//! The questions at the gate, and what counts as an answer.

use provision_planner::plan::{Approval, ApprovedPlan, Plan, Refusal};
use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};

use crate::error::CommandError;
use crate::terminal;

/// What the command line says about approval.
#[derive(Debug, Clone, Copy)]
pub struct Consent {
    /// `--yes`.
    pub yes: bool,
    /// `--force`.
    pub force: bool,
}

/// Takes a shown plan through the gate: by flag where that suffices, else by asking.
///
/// # Errors
/// Not approved, when the answer is no or there is nobody to ask; interrupted, on Ctrl-C.
pub fn pass(plan: Plan, consent: Consent) -> Result<ApprovedPlan, CommandError> {
    let approval = approval(&plan, consent)?;
    let shown = plan.digest.clone();
    ApprovedPlan::new(plan, &shown, &approval).map_err(|refusal| match refusal {
        Refusal::NameNotTyped { expected } => {
            not_approved(format!("the name does not match: {expected} was not typed; nothing was changed"))
        }
        other => not_approved(format!("{other}; nothing was changed")),
    })
}

fn approval(plan: &Plan, consent: Consent) -> Result<Approval, CommandError> {
    let typed_name = plan.destruction.as_ref().filter(|destruction| destruction.irreversible);
    match typed_name {
        _ if consent.force => Ok(Approval::Force),
        Some(destruction) => {
            let question = format!("Type {} to destroy it: ", destruction.confirm);
            let nobody = "--yes does not cover what cannot be undone; --force does";
            Ok(Approval::Typed(ask(&question, nobody)?))
        }
        None if consent.yes => Ok(Approval::Yes),
        None => confirm("Run this plan? [y/N] ").map(|()| Approval::Confirmed),
    }
}

fn confirm(question: &str) -> Result<(), CommandError> {
    if yes(question, "not a terminal and no --yes")? {
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
