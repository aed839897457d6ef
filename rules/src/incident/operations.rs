//! Cuts each stack's history into operations and keeps those that failed last.

use std::collections::{HashMap, HashSet};

use crate::event::StackEvent;

/// One create, update, delete or import of a stack, with the rollback that ends it.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// The stack, where the text names it.
    pub(super) stack: Option<String>,
    /// What was done: `create`, `update`, `delete` or `import`, where an event says so.
    pub(super) verb: Option<&'static str>,
    /// The events, as indices in the order they happened.
    pub(super) events: Vec<usize>,
    failed: bool,
    /// Resources that failed and did not succeed later.
    open: HashSet<Option<String>>,
    own_failed: bool,
    ended: bool,
    succeeded: bool,
}

/// What became of an operation, for an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The stack, where the text names it.
    pub(crate) stack: Option<String>,
    /// What was done, where an event says so.
    pub(crate) verb: Option<&'static str>,
    /// Whether it is one that is diagnosed.
    pub(crate) diagnosed: bool,
    /// How it ended, and why it is diagnosed or not.
    pub(crate) why: &'static str,
    /// The first and last line it was read from.
    pub(crate) lines: (usize, usize),
}

/// What comes after an operation of the same stack.
#[derive(Debug, Clone, Copy)]
struct Later {
    /// Nothing.
    is_none: bool,
    /// One that makes an earlier failure history.
    repairs: bool,
}

/// The operations to diagnose: of each stack the last one that failed, unless a later one repaired it; and what
/// became of all.
pub(super) fn failed(events: &[StackEvent]) -> (Vec<Operation>, Vec<Outcome>) {
    let (mut chosen, mut outcomes) = (Vec::new(), Vec::new());
    for history in histories(events) {
        let last = last_failed(&history);
        let repaired = history.iter().rposition(Operation::repairs);
        for (at, operation) in history.iter().enumerate() {
            let later = Later {
                is_none: at + 1 == history.len(),
                repairs: repaired.is_some_and(|repair| repair > at),
            };
            outcomes.push(operation.outcome(events, last == Some(at), later));
        }
        chosen.extend(last.map(|at| history[at].clone()));
    }
    (chosen, outcomes)
}

/// The operations of each stack in the order they happened.
fn histories(events: &[StackEvent]) -> Vec<Vec<Operation>> {
    let mut places: HashMap<&Option<String>, usize> = HashMap::new();
    let mut histories: Vec<Vec<Operation>> = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let place = *places.entry(&event.stack).or_insert_with(|| {
            histories.push(Vec::new());
            histories.len() - 1
        });
        let history = &mut histories[place];
        if history.last().is_none_or(|last| starts_new(last, event)) {
            history.push(Operation::new(event));
        }
        if let Some(last) = history.last_mut() {
            last.take(at, event);
        }
    }
    histories
}

fn last_failed(history: &[Operation]) -> Option<usize> {
    let mut found = None;
    for (at, operation) in history.iter().enumerate() {
        if operation.failed && !operation.recovered() {
            found = Some(at);
        } else if operation.repairs() {
            found = None;
        }
    }
    found
}

fn starts_new(last: &Operation, event: &StackEvent) -> bool {
    event.is_own_stack() && event.status.starts_operation() && last.ended
}

impl Operation {
    fn new(event: &StackEvent) -> Self {
        Self {
            stack: event.stack.clone(),
            verb: None,
            events: Vec::new(),
            failed: false,
            open: HashSet::new(),
            own_failed: false,
            ended: false,
            succeeded: false,
        }
    }

    fn take(&mut self, at: usize, event: &StackEvent) {
        self.events.push(at);
        let status = event.status;
        let failure = super::labels::is_failure(event);
        self.failed |= failure;
        if !event.is_own_stack() {
            self.take_resource(event, failure);
            return;
        }
        self.own_failed |= failure;
        if self.verb.is_none() && !status.is_rollback() {
            self.verb = Some(status.operation());
        }
        if !status.is_in_progress() {
            self.ended = true;
            self.succeeded = status.is_complete() && !status.is_rollback();
        }
        if self.verb.is_none() && status.name().starts_with("UPDATE_ROLLBACK") {
            self.verb = Some("update");
        }
    }

    fn take_resource(&mut self, event: &StackEvent, failure: bool) {
        if failure {
            self.open.insert(event.logical_id.clone());
        } else if event.status.is_complete() {
            self.open.remove(&event.logical_id);
        }
    }

    fn outcome(&self, events: &[StackEvent], diagnosed: bool, later: Later) -> Outcome {
        let lines = self.events.iter().map(|at| events[*at].lines);
        let first = lines.clone().map(|(first, _)| first).min().unwrap_or_default();
        Outcome {
            stack: self.stack.clone(),
            verb: self.verb,
            diagnosed,
            why: self.why(diagnosed, later),
            lines: (first, lines.map(|(_, last)| last).max().unwrap_or_default()),
        }
    }

    fn why(&self, diagnosed: bool, later: Later) -> &'static str {
        match (self.failed, diagnosed) {
            (true, true) if later.is_none => "failed; it is the last one",
            (true, true) => "failed; nothing later failed or repaired it",
            (true, false) if self.recovered() => "succeeded in the end; what failed in it was tried again",
            (true, false) if later.repairs => "failed; a later one succeeded",
            (true, false) => "failed; a later one failed too",
            (false, _) if self.succeeded => "succeeded",
            (false, _) => "has no failure in this text",
        }
    }

    /// Whether its success makes an earlier failure history.
    fn repairs(&self) -> bool {
        self.succeeded && self.verb != Some("delete")
    }

    /// Whether everything that failed was tried again within the operation, and the stack ended well.
    fn recovered(&self) -> bool {
        self.succeeded && !self.own_failed && self.open.is_empty()
    }
}
