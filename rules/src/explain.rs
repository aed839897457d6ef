//! Why the root was chosen: every failed event under its stack, with what it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decode::Line;
use crate::diagnose::DiagnoseOptions;
use crate::error::RulesError;
use crate::event::stack_name;
use crate::incident::{Failure, Incident, Label, Outcome};

/// The failed events of an incident as a tree of stacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The operations of each stack in the order they happened, and which of them are diagnosed.
    #[serde(default)]
    pub operations: Vec<ExplainedOperation>,
    /// The stacks that are nobody's child, in the order they failed.
    pub stacks: Vec<StackNode>,
    /// Why the root is the root.
    pub why: String,
}

/// A create, update, delete or import of a stack, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedOperation {
    /// The stack's name, where the text tells it.
    pub stack: Option<String>,
    /// `create`, `update`, `delete` or `import`, where the text tells it.
    pub operation: Option<String>,
    /// The first line it was read from, counted from 1.
    pub first_line: usize,
    /// The last line it was read from.
    pub last_line: usize,
    /// Whether it is one that is diagnosed.
    pub diagnosed: bool,
    /// How it ended, and why it is diagnosed or not.
    pub why: String,
}

/// A stack with its failed events and its nested stacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StackNode {
    /// The stack's name, where the text tells it.
    pub name: Option<String>,
    /// The failed events in the order they happened.
    pub failures: Vec<ExplainedEvent>,
    /// Nested stacks with failed events of their own.
    pub nested: Vec<StackNode>,
}

/// A failed event and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedEvent {
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// The resource's logical id, where the text tells it.
    pub logical_id: Option<String>,
    /// The resource's type, where the text tells it.
    pub resource_type: Option<String>,
    /// The status, where the text prints one.
    pub status: Option<String>,
    /// The reason as printed.
    pub reason: String,
    /// What it is.
    pub role: Role,
    /// Why it is that.
    pub why: String,
}

/// What a failed event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The cause the verdict is about.
    Root,
    /// Another cause, independent of the root.
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

/// Explains the choice that [`diagnose`](crate::diagnose()) makes on the same input; a text without stack
/// events has an explanation without stacks.
///
/// # Errors
/// As [`diagnose`](crate::diagnose()).
pub fn explain(input: &[u8], options: DiagnoseOptions) -> Result<Explanation, RulesError> {
    let text = crate::decode::text(input)?;
    of_lines(&crate::decode::lines(&text), options)
}

/// As [`explain`], of clean lines.
///
/// # Errors
/// When JSON events are cut off in the middle.
pub(crate) fn of_lines(lines: &[Line<'_>], options: DiagnoseOptions) -> Result<Explanation, RulesError> {
    let mut parsed = crate::formats::parse(lines);
    options.check(&parsed)?;
    let incident = Incident::read(&mut parsed);
    let operations = incident.operations.iter().map(operation).collect();
    Ok(Explanation { operations, stacks: tree(&incident), why: incident.why.to_owned() })
}

fn operation(outcome: &Outcome) -> ExplainedOperation {
    ExplainedOperation {
        stack: outcome.stack.clone(),
        operation: outcome.verb.map(str::to_owned),
        first_line: outcome.lines.0,
        last_line: outcome.lines.1,
        diagnosed: outcome.diagnosed,
        why: outcome.why.to_owned(),
    }
}

fn tree(incident: &Incident) -> Vec<StackNode> {
    let mut flat: Vec<StackNode> = Vec::new();
    for (at, failure) in incident.failures.iter().enumerate() {
        let name = &failure.event.stack;
        let position = flat.iter().position(|node| node.name == *name).unwrap_or_else(|| {
            flat.push(StackNode { name: name.clone(), ..StackNode::default() });
            flat.len() - 1
        });
        flat[position].failures.push(explained(failure, incident.root == Some(at)));
    }
    nest(flat, &parents(&incident.failures))
}

/// For each nested stack its parent, as far as an event of the parent names it.
fn parents(failures: &[Failure]) -> Vec<(String, String)> {
    let link = |failure: &Failure| {
        let event = &failure.event;
        let named = event.physical_id.as_deref().into_iter().chain(event.reason.split_whitespace());
        let child = named.filter(|_| event.is_stack()).find(|id| id.contains(":stack/")).map(stack_name)?;
        let parent = event.stack.as_deref().filter(|parent| *parent != child)?;
        Some((child.to_owned(), parent.to_owned()))
    };
    failures.iter().filter_map(link).collect()
}

/// Puts each stack under its parent; one whose chain of parents leads back to itself stays where it is.
fn nest(mut flat: Vec<StackNode>, parents: &[(String, String)]) -> Vec<StackNode> {
    let names: Vec<Option<String>> = flat.iter().map(|node| node.name.clone()).collect();
    for name in names.into_iter().flatten().rev() {
        let Some((_, parent)) = parents.iter().find(|(child, _)| *child == name) else { continue };
        let Some(at) = flat.iter().position(|node| node.name.as_ref() == Some(&name)) else { continue };
        let node = flat.remove(at);
        match flat.iter_mut().find_map(|root| find(root, parent)) {
            Some(home) => home.nested.insert(0, node),
            None => flat.insert(at, node),
        }
    }
    flat
}

fn find<'n>(node: &'n mut StackNode, name: &str) -> Option<&'n mut StackNode> {
    if node.name.as_deref() == Some(name) {
        return Some(node);
    }
    node.nested.iter_mut().find_map(|nested| find(nested, name))
}

fn explained(failure: &Failure, root: bool) -> ExplainedEvent {
    let event = &failure.event;
    ExplainedEvent {
        line: event.reason_line,
        logical_id: event.logical_id.clone(),
        resource_type: event.resource_type.clone(),
        status: event.status.printed().map(str::to_owned),
        reason: event.reason.split_whitespace().collect::<Vec<_>>().join(" "),
        role: role_of(failure, root),
        why: failure.why.to_owned(),
    }
}

/// What a failed event is.
pub(crate) fn role_of(failure: &Failure, root: bool) -> Role {
    match failure.label {
        _ if root => Role::Root,
        Label::Cause => Role::Cause,
        Label::Consequence => Role::Consequence,
        Label::Cancelled => Role::Cancelled,
        Label::RollbackEcho => Role::RollbackEcho,
        Label::ParentEcho => Role::ParentEcho,
        Label::Repeated => Role::Repeated,
    }
}
