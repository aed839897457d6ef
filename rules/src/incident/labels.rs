//! Says of each failed event what it is: a cause, or one of the kinds of noise around it.

use std::collections::{HashMap, HashSet};

use super::operations::Operation;
use super::{
    Failure, beyond_nested, beyond_summary, is_by_operator, is_cancelled, is_empty_handed, tells_failure,
};
use crate::event::StackEvent;

/// What a failed event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// It has a reason of its own.
    Cause,
    /// It follows from another failure.
    Consequence,
    /// It was cancelled because something else failed.
    Cancelled,
    /// It belongs to the rollback.
    RollbackEcho,
    /// A stack repeating what failed in it.
    ParentEcho,
    /// The same failure told again.
    Repeated,
}

/// Whether an event tells of a failure, by its status or, on a status that is none, by its reason.
pub(super) fn is_failure(event: &StackEvent) -> bool {
    if event.status.is_failed() {
        return true;
    }
    if event.is_own_stack() && event.status.is_rollback() {
        return event.status.is_in_progress() && !event.status.name().contains("CLEANUP")
            || event.status.name() == "ROLLBACK_COMPLETE"
            || tells_failure(&event.reason);
    }
    // What is done is no failure, whatever is remarked about it.
    if !event.is_own_stack() && event.status.is_complete() && !event.status.is_rollback() {
        return false;
    }
    !is_routine(&event.reason) && (tells_failure(&event.reason) || is_cancelled(&event.reason))
}

/// What CloudFormation writes while all goes well.
fn is_routine(reason: &str) -> bool {
    const ROUTINE: &[&str] = &[
        "Resource creation Initiated",
        "User Initiated",
        "Transformation succeeded",
        "Requested update require",
        "Eventual consistency check initiated",
        "CONFIGURATION_COMPLETE",
        "Resource update Initiated",
        "Rolling update initiated",
        "New instance(s) added",
        "Successfully",
        "Temporarily setting",
        "Received SUCCESS",
    ];
    reason.is_empty() || ROUTINE.iter().any(|routine| reason.starts_with(routine))
}

/// Labels the failures of the given operations, in the order they happened.
pub(super) fn label(events: &[StackEvent], operations: &[Operation]) -> Vec<Failure> {
    let mut at: Vec<usize> = operations.iter().flat_map(|operation| &operation.events).copied().collect();
    at.sort_unstable();
    let rollback = rollback_starts(events, operations);
    let facts = Facts::gather(events, &at);
    let mut told = Told::default();
    at.iter()
        .filter(|at| is_failure(&events[**at]))
        .map(|at| {
            let event = &events[*at];
            let late = rollback.get(&event.stack).is_some_and(|start| at > start);
            let telling = telling(&event.reason);
            let (label, why) = facts.label(*at, event, &telling, late, &mut told);
            Failure { event: event.clone(), label, why, telling }
        })
        .collect()
}

/// The part of a reason that may hold a cause.
fn telling(reason: &str) -> String {
    let inner = beyond_nested(reason);
    let rest = beyond_summary(inner.as_deref().unwrap_or(reason));
    if inner.is_none() && rest.len() + 2 >= reason.trim().len() { reason.trim().to_owned() } else { rest }
}

/// For each stack of a non-delete operation, where its rollback starts.
fn rollback_starts(events: &[StackEvent], operations: &[Operation]) -> HashMap<Option<String>, usize> {
    let start = |operation: &Operation| {
        let starts = |at: &&usize| {
            let event = &events[**at];
            event.is_own_stack() && event.status.is_rollback() && event.status.is_in_progress()
        };
        operation.events.iter().find(starts).copied()
    };
    operations.iter().filter_map(|operation| Some((operation.stack.clone(), start(operation)?))).collect()
}

/// What was told so far, so that a second telling is recognised.
#[derive(Default)]
struct Told {
    reasons: HashSet<(Option<String>, String)>,
    resources: HashSet<String>,
}

impl Told {
    /// Whether this is new, and whether its resource has told another failure before.
    fn tell(&mut self, event: &StackEvent, print: String) -> (bool, bool) {
        let new = self.reasons.insert((event.logical_id.clone(), print));
        let before = event.logical_id.as_ref().is_some_and(|id| !self.resources.insert(id.clone()));
        (new, before)
    }
}

struct Facts {
    /// The reasons that resources gave, to recognise a stack that repeats one.
    resource_reasons: HashSet<String>,
    /// Resources that gave a reason with any of their events.
    explained: HashSet<Option<String>>,
    /// Whether any resource gave a reason of its own.
    any_reason: bool,
    /// Events of a tree with a telling event below them.
    parents: HashSet<usize>,
}

impl Facts {
    fn gather(events: &[StackEvent], at: &[usize]) -> Self {
        let mut facts = Self {
            resource_reasons: HashSet::new(),
            explained: HashSet::new(),
            any_reason: false,
            parents: HashSet::new(),
        };
        let failing = at.iter().map(|at| (*at, &events[*at])).filter(|(_, event)| is_failure(event));
        let mut path: Vec<(usize, usize)> = Vec::new();
        for (at, event) in failing {
            let own = !is_cancelled(&event.reason) && !telling(&event.reason).is_empty();
            path.retain(|(depth, _)| *depth < event.depth);
            if own && !event.is_own_stack() {
                facts.any_reason = true;
                facts.resource_reasons.insert(fingerprint(&event.reason));
                facts.explained.insert(event.logical_id.clone());
                facts.parents.extend(path.iter().map(|(_, at)| *at));
            }
            path.push((event.depth, at));
        }
        facts.nested(events, at);
        facts
    }

    /// Marks nested stacks whose own events are in the text with a reason.
    fn nested(&mut self, events: &[StackEvent], at: &[usize]) {
        let explains = |event: &StackEvent| !event.is_own_stack() && !telling(&event.reason).is_empty();
        let stacks: HashSet<&str> = at
            .iter()
            .map(|at| &events[*at])
            .filter(|event| is_failure(event) && explains(event) && !is_cancelled(&event.reason))
            .filter_map(|event| event.stack.as_deref())
            .collect();
        for at in at {
            let event = &events[*at];
            let child = event.physical_id.as_deref().filter(|id| id.contains(":stack/"));
            let child =
                child.map(crate::event::stack_name).filter(|_| event.is_stack() && !event.is_own_stack());
            if child.is_some_and(|child| stacks.contains(child)) {
                self.parents.insert(*at);
            }
        }
    }

    fn label(
        &self,
        at: usize,
        event: &StackEvent,
        telling: &str,
        late: bool,
        told: &mut Told,
    ) -> (Label, &'static str) {
        if is_cancelled(&event.reason) {
            return (Label::Cancelled, "cancelled because something else failed");
        }
        if event.reason.is_empty() {
            return self.without_reason(event, late);
        }
        if telling.is_empty() {
            return (Label::ParentEcho, "names what failed, not why");
        }
        if self.parents.contains(&at) {
            return (Label::ParentEcho, "its nested stack's own events tell why");
        }
        let print = fingerprint(&event.reason);
        if event.is_own_stack() && self.repeats(&print) {
            return (Label::ParentEcho, "repeats the reason of a resource in it");
        }
        if event.is_own_stack() && self.any_reason && is_by_operator(&event.reason) {
            return (Label::ParentEcho, "a rollback that a person started after the failure");
        }
        let (new, before) = told.tell(event, print);
        if !new {
            return (Label::Repeated, "the same failure told again");
        }
        if late && !event.is_own_stack() {
            return (Label::RollbackEcho, "happened during the rollback");
        }
        if before {
            return (Label::Consequence, "the same resource failed before with another reason");
        }
        if is_empty_handed(telling) && self.any_reason && event.is_stack() {
            return (Label::ParentEcho, "a nested stack without a reason of its own");
        }
        (Label::Cause, "has a reason of its own")
    }

    fn without_reason(&self, event: &StackEvent, late: bool) -> (Label, &'static str) {
        if event.is_own_stack() {
            return (Label::ParentEcho, "the stack's own status, without a reason");
        }
        if self.explained.contains(&event.logical_id) {
            return (Label::Repeated, "another line tells the reason");
        }
        if late {
            return (Label::RollbackEcho, "happened during the rollback");
        }
        (Label::Consequence, "failed without a reason")
    }

    /// Whether a stack's reason is, or contains, what a resource told.
    fn repeats(&self, print: &str) -> bool {
        let contained = |reason: &String| reason.len() > 24 && print.contains(reason.as_str());
        self.resource_reasons.contains(print) || self.resource_reasons.iter().take(500).any(contained)
    }
}

/// A reason without blanks, case and request ids, so that retellings compare equal.
pub(crate) fn fingerprint(reason: &str) -> String {
    let cut = ["RequestToken:", "Request ID:", "RequestId:"].iter().filter_map(|id| reason.find(id)).min();
    let head = &reason[..cut.unwrap_or(reason.len())];
    head.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
