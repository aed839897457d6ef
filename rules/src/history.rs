//! Every event of a text in the order it happened, each failed one with what it is; for looking around in an incident.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnose::DiagnoseOptions;
use crate::error::RulesError;
use crate::event::{StackEvent, stack_name};
use crate::explain::{Role, role_of};
use crate::incident::{self, Incident};

/// The events of a text, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The events in the order they happened.
    pub events: Vec<HistoryEvent>,
    /// For each nested stack its parent, as far as the text tells.
    pub nested: Vec<Nesting>,
}

/// A nested stack and the stack it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Nesting {
    /// The nested stack's name.
    pub child: String,
    /// The name of the stack it is a resource of.
    pub parent: String,
}

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryEvent {
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// The time as printed.
    pub time: Option<String>,
    /// The stack, where the text names it.
    pub stack: Option<String>,
    /// The resource's logical id, where the text tells it.
    pub logical_id: Option<String>,
    /// The resource's type, where the text tells it.
    pub resource_type: Option<String>,
    /// The status, where the text prints one.
    pub status: Option<String>,
    /// The reason as printed, on one line.
    pub reason: String,
    /// What it is; only for an event that tells of a failure in a diagnosed operation.
    pub role: Option<Role>,
    /// Why it is that.
    pub why: Option<String>,
}

/// Reads the events that [`diagnose`](crate::diagnose()) works on; none for a text without stack events.
///
/// # Errors
/// As [`diagnose`](crate::diagnose()).
pub fn history(input: &[u8], options: DiagnoseOptions) -> Result<History, RulesError> {
    let text = crate::decode::text(input)?;
    let lines = crate::decode::lines(&text);
    let mut parsed = crate::formats::parse(&lines);
    options.check(&parsed)?;
    let events = incident::in_order(&parsed);
    let incident = Incident::read(&mut parsed);
    let roles = roles(&incident);
    let nested = nesting(&events);
    let events = events.iter().map(|event| told(event, roles.get(&key(event)).copied())).collect();
    Ok(History { events, nested })
}

/// What identifies an event within one text; several may stand on one line.
type Key<'e> = (usize, usize, Option<&'e str>, &'static str, &'e str);

fn key(event: &StackEvent) -> Key<'_> {
    (event.lines.0, event.lines.1, event.logical_id.as_deref(), event.status.name(), &event.reason)
}

fn roles(incident: &Incident) -> HashMap<Key<'_>, (Role, &'static str)> {
    let mut roles = HashMap::new();
    for (at, failure) in incident.failures.iter().enumerate() {
        roles.insert(key(&failure.event), (role_of(failure, incident.root == Some(at)), failure.why));
    }
    roles
}

fn nesting(events: &[StackEvent]) -> Vec<Nesting> {
    let link = |event: &StackEvent| {
        let id = event.physical_id.as_deref().filter(|id| id.contains(":stack/"))?;
        let (child, parent) = (stack_name(id), event.stack.as_deref()?);
        let nested = event.is_stack() && child != parent;
        nested.then(|| Nesting { child: child.to_owned(), parent: parent.to_owned() })
    };
    let mut seen = std::collections::HashSet::new();
    events.iter().filter_map(link).filter(|nesting| seen.insert(nesting.clone())).collect()
}

fn told(event: &StackEvent, role: Option<(Role, &'static str)>) -> HistoryEvent {
    HistoryEvent {
        line: event.reason_line,
        time: event.time.clone(),
        stack: event.stack.clone(),
        logical_id: event.logical_id.clone(),
        resource_type: event.resource_type.clone(),
        status: event.status.printed().map(str::to_owned),
        reason: event.reason.split_whitespace().collect::<Vec<_>>().join(" "),
        role: role.map(|(role, _)| role),
        why: role.map(|(_, why)| why.to_owned()),
    }
}
