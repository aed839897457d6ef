//! The gate: the only maker of an approved plan.

use thiserror::Error;

use super::{Action, Plan};
use crate::goal::Source;

/// What somebody, or a flag, said to a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// A person answered yes at the prompt that showed this plan.
    Confirmed,
    /// `--yes` was given.
    Yes,
    /// `--yes` was given, and `--accept-model` with it.
    YesWithModel,
    /// `--approve` named this digest.
    Digest(String),
    /// A person typed this name.
    Typed(String),
    /// `--force` was given.
    Force,
}

/// A plan that passed the gate. Only [`ApprovedPlan::new`] makes one.
#[derive(Debug, Clone)]
pub struct ApprovedPlan(Plan);

/// Why the gate refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// An input or prerequisite is missing.
    #[error("the plan is blocked")]
    Blocked,
    /// The plan changed between being shown and being approved.
    #[error("the plan changed since it was shown: its digest is {now}, not {shown}")]
    Changed {
        /// The digest that was shown.
        shown: String,
        /// The digest of the plan as it is.
        now: String,
    },
    /// Another plan was approved.
    #[error("another plan was approved: {approved}; this one is {now}")]
    OtherPlan {
        /// The digest that was approved.
        approved: String,
        /// The digest of this plan.
        now: String,
    },
    /// A model filled in values, and nobody looked at them.
    #[error(
        "a model filled in {inputs}: --yes does not cover that; look at the plan and answer, or add --accept-model"
    )]
    ModelFilled {
        /// The inputs, by name.
        inputs: String,
    },
    /// An irreversible teardown needs the resource's name typed.
    #[error("this cannot be undone: type {expected} to confirm")]
    NameNotTyped {
        /// The name that must be typed.
        expected: String,
    },
}

impl ApprovedPlan {
    /// Lets a plan through if it is complete, is the one that was shown, and the approval suffices for what it does.
    ///
    /// # Errors
    /// The refusal, when one of the three does not hold.
    pub fn new(plan: Plan, shown_digest: &str, approval: &Approval) -> Result<Self, Refusal> {
        if !plan.is_ready() {
            return Err(Refusal::Blocked);
        }
        // Recomputed, since the field is part of a document that anybody may have edited.
        let now = plan.current_digest();
        if now != shown_digest {
            return Err(Refusal::Changed { shown: shown_digest.to_owned(), now });
        }
        if let Approval::Digest(approved) = approval
            && *approved != now
        {
            return Err(Refusal::OtherPlan { approved: approved.clone(), now });
        }
        let filled = model_filled(&plan);
        if !filled.is_empty() && matches!(approval, Approval::Yes | Approval::Force) {
            return Err(Refusal::ModelFilled { inputs: filled.join(", ") });
        }
        match expected_name(&plan) {
            Some(expected) if !names(approval, expected) => {
                Err(Refusal::NameNotTyped { expected: expected.to_owned() })
            }
            _ => Ok(Self(plan)),
        }
    }

    /// The plan itself.
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}

/// The inputs whose values a model filled in.
fn model_filled(plan: &Plan) -> Vec<&str> {
    let filled = plan.inputs.iter().filter(|input| input.source == Source::Model);
    filled.map(|input| input.name.as_str()).collect()
}

/// The name that must be typed, for a teardown that cannot be undone.
fn expected_name(plan: &Plan) -> Option<&str> {
    let destruction =
        plan.destruction.as_ref().filter(|d| d.irreversible && plan.action == Action::Teardown)?;
    Some(&destruction.confirm)
}

fn names(approval: &Approval, expected: &str) -> bool {
    match approval {
        Approval::Force => true,
        Approval::Typed(name) => name == expected,
        Approval::Confirmed | Approval::Yes | Approval::YesWithModel | Approval::Digest(_) => false,
    }
}
