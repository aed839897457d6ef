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

/// The operations to diagnose: of each stack the last one that failed, unless a later one repaired it.
pub(super) fn failed(events: &[StackEvent]) -> Vec<Operation> {
    let mut stacks: Vec<Option<String>> = Vec::new();
    let mut histories: HashMap<Option<String>, Vec<Operation>> = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        if !histories.contains_key(&event.stack) {
            stacks.push(event.stack.clone());
        }
        let history = histories.entry(event.stack.clone()).or_default();
        if history.last().is_none_or(|last| starts_new(last, event)) {
            history.push(Operation::new(event));
        }
        if let Some(last) = history.last_mut() {
            last.take(at, event);
        }
    }
    stacks.iter().filter_map(|stack| last_failed(histories.remove(stack)?)).collect()
}

fn last_failed(history: Vec<Operation>) -> Option<Operation> {
    let mut found = None;
    for operation in history {
        if operation.failed && !operation.recovered() {
            found = Some(operation);
        } else if operation.succeeded && operation.verb != Some("delete") {
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

    /// Whether everything that failed was tried again within the operation, and the stack ended well.
    fn recovered(&self) -> bool {
        self.succeeded && !self.own_failed && self.open.is_empty()
    }
}
