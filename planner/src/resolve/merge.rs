//! The goal as the plan shows it: what the text states and what the flags state, slot by slot.

use serde_json::Value;

use super::{MASK, candidate};
use crate::catalog::{Catalog, InputSpec, Target};
use crate::goal::{Goal, Ignored, Slot, Source, Span};
use crate::plan::Action;
use crate::{PlannerError, Request};

/// The goal with flags laid over it, secrets masked, and a note for what the target does not take.
pub(super) fn goal(
    catalog: &Catalog,
    request: &Request,
    target: Option<&Target>,
    ids: &[&str],
) -> Result<Goal, PlannerError> {
    let mut goal = request.goal.clone();
    mask(catalog, &mut goal);
    if let Some(target) = target {
        note_inapplicable(catalog, target, &mut goal);
    }
    for spec in catalog.inputs() {
        if let Some(candidate) = candidate::flag(spec, request) {
            let value = candidate.check(spec, ids)?;
            let value = if spec.secret { Value::from(MASK) } else { value };
            goal.slots.insert(spec.name.clone(), from_flag(value));
        }
    }
    state_action(request.action, &mut goal);
    Ok(goal)
}

fn from_flag(value: Value) -> Slot {
    Slot { value, source: Source::Flag, words: None, span: None }
}

/// A secret in the text is used, and never shown again.
fn mask(catalog: &Catalog, goal: &mut Goal) {
    for (name, slot) in &mut goal.slots {
        if catalog.input(name).is_some_and(|spec| spec.secret) {
            *slot = Slot { value: Value::from(MASK), words: Some(MASK.to_owned()), ..slot.clone() };
        }
    }
}

fn note_inapplicable(catalog: &Catalog, target: &Target, goal: &mut Goal) {
    let inapplicable = |name: &String| catalog.input(name).filter(|spec| !catalog.takes(target, spec));
    // "No mail" asks nothing of a target that sends none.
    let asks = |slot: &Slot| slot.value != Value::Bool(false);
    let notes: Vec<Ignored> = (goal.slots.iter())
        .filter(|(_, slot)| asks(slot))
        .filter_map(|(name, slot)| Some(ignored(slot, inapplicable(name)?, target)))
        .collect();
    goal.ignored.extend(notes);
}

fn ignored(slot: &Slot, spec: &InputSpec, target: &Target) -> Ignored {
    Ignored {
        words: slot.words.clone().unwrap_or_else(|| super::text_of(&slot.value)),
        span: slot.span.unwrap_or(Span { start: 0, end: 0 }),
        slot: Some(spec.name.clone()),
        reason: format!("{} takes no {}", target.title, spec.flag),
    }
}

/// The action asked for by flag wins over the text's; a deploy nobody spelt out is not stated.
fn state_action(action: Action, goal: &mut Goal) {
    let (word, other) = match action {
        Action::Deploy | Action::Change => ("deploy", "teardown"),
        Action::Teardown => ("teardown", "deploy"),
    };
    let stated = goal.slots.get("action").and_then(|slot| slot.value.as_str());
    if stated == Some(other) || (stated.is_none() && action == Action::Teardown) {
        goal.slots.insert("action".to_owned(), from_flag(Value::from(word)));
    }
}
