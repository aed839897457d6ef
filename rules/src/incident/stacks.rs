//! Finds out which stack each event belongs to where the tool does not print it.

use std::collections::BTreeSet;

use crate::event::{StackEvent, stack_name};
use crate::status::Status;

/// Fills in the stacks of the events, as far as the text tells.
pub(super) fn name(events: &mut [StackEvent]) {
    for event in events.iter_mut() {
        name_own(event);
    }
    let mut own: BTreeSet<String> = events.iter().filter_map(own_name).collect();
    if own.is_empty() {
        own.extend(only_stack(events));
    }
    for event in events.iter_mut() {
        if event.stack.is_none() && event.logical_id.as_ref().is_some_and(|id| own.contains(id)) {
            event.stack.clone_from(&event.logical_id);
        }
    }
    if let (Some(only), 1) = (own.first(), own.len()) {
        for event in events.iter_mut().filter(|event| event.stack.is_none()) {
            event.stack = Some(only.clone());
        }
    }
}

/// The one stack the events are about, when no other is named and nothing says it is nested.
fn only_stack(events: &[StackEvent]) -> Option<String> {
    let stacks = || events.iter().filter(|event| event.is_stack() && event.stack.is_none());
    let names: BTreeSet<&String> = stacks().filter_map(|event| event.logical_id.as_ref()).collect();
    let nested = stacks().any(|event| event.reason.contains("mbedded stack"));
    let starts = stacks().any(|event| event.status.starts_operation());
    (names.len() == 1 && starts && !nested).then(|| names.first().map(|name| (*name).clone())).flatten()
}

/// A stack's own event names its ARN as the physical id.
fn name_own(event: &mut StackEvent) {
    let Some(physical) = event.physical_id.as_deref().filter(|id| id.contains(":stack/")) else { return };
    if event.stack.is_none() && Some(stack_name(physical)) == event.logical_id.as_deref() {
        event.stack.clone_from(&event.logical_id);
    }
}

/// The stack's name, if the event can only be a stack's own.
fn own_name(event: &StackEvent) -> Option<String> {
    if event.stack.is_some() && event.stack == event.logical_id {
        return event.logical_id.clone();
    }
    let typed = event.resource_type.is_none() || event.is_stack();
    let named = event.stack.is_none() && event.logical_id.is_some() && typed;
    let only_stacks = event.status.is_rollback()
        || event.status == Status::exact("REVIEW_IN_PROGRESS")?
        || is_started(event);
    (named && only_stacks).then(|| event.logical_id.clone()).flatten()
}

fn is_started(event: &StackEvent) -> bool {
    event.reason == "User Initiated"
        || event.reason.starts_with("Transformation succeeded")
        || event.reason.contains("resource(s) failed to") && !event.reason.contains("mbedded stack")
}
