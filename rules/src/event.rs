//! The one event model every format is read into.

use crate::status::Status;

/// One line of a stack's history, whatever tool printed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackEvent {
    /// The time as printed.
    pub(crate) time: Option<String>,
    /// The name of the stack the event belongs to, where the text names it.
    pub(crate) stack: Option<String>,
    /// The ARN of that stack, where the text has it.
    pub(crate) stack_arn: Option<String>,
    /// The resource's logical id; a stack's own events carry the stack's name here.
    pub(crate) logical_id: Option<String>,
    /// The resource's physical id.
    pub(crate) physical_id: Option<String>,
    /// The resource's type.
    pub(crate) resource_type: Option<String>,
    /// The function behind a custom resource, where its properties are in the text.
    pub(crate) service_token: Option<String>,
    /// The status reported.
    pub(crate) status: Status,
    /// The reason reported, empty when none is.
    pub(crate) reason: String,
    /// The first and last line it was read from, counted from 1.
    pub(crate) lines: (usize, usize),
    /// The line its reason starts on, or its first line.
    pub(crate) reason_line: usize,
    /// How deep a tree the tool prints it in.
    pub(crate) depth: usize,
    /// The run of same-format events it stands in.
    pub(crate) block: usize,
}

impl StackEvent {
    /// An event with a status, read from one line; everything else unknown.
    pub(crate) fn new(status: Status, line: usize) -> Self {
        Self {
            time: None,
            stack: None,
            stack_arn: None,
            logical_id: None,
            physical_id: None,
            resource_type: None,
            service_token: None,
            status,
            reason: String::new(),
            lines: (line, line),
            reason_line: line,
            depth: 0,
            block: 0,
        }
    }

    /// Sets the reason unless it is one of the spellings of "none".
    pub(crate) fn set_reason(&mut self, reason: &str, line: usize) {
        let reason = reason.trim();
        if !is_blank(reason) {
            reason.clone_into(&mut self.reason);
            self.reason_line = line;
        }
    }

    /// Whether it is about a stack: the stack's own event, or a nested stack's in its parent.
    pub(crate) fn is_stack(&self) -> bool {
        self.resource_type.as_deref().is_some_and(|t| t.starts_with("AWS::CloudFormation::Sta"))
            || (self.stack.is_some() && self.stack == self.logical_id)
    }

    /// Whether it is the stack's own event rather than one of a resource in it.
    pub(crate) fn is_own_stack(&self) -> bool {
        self.stack.is_some() && self.stack == self.logical_id
    }
}

/// Whether a cell says nothing.
pub(crate) fn is_blank(text: &str) -> bool {
    let text = text.trim();
    matches!(text, "None" | "null" | "N/A" | "n/a")
        || text.chars().all(|c| matches!(c, '-' | '—' | '–' | '|' | '│' | '+' | '=' | ' ' | ':'))
}

/// The stack's name in a stack ARN, or the text itself.
pub(crate) fn stack_name(id: &str) -> &str {
    match id.split_once(":stack/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
        None => id,
    }
}
