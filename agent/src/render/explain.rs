//! Why the root was chosen, as text: every failed event under its stack with its label.

use std::fmt::Write;

use provision_rules::{ExplainedEvent, ExplainedOperation, Explanation, Role, StackNode};

use crate::render::layout::{visible, wrap};
use crate::terminal::{BAD, DIM, HEAD, WARN, paint, safe};

/// How many operations are listed.
const MAX_OPERATIONS: usize = 20;
/// How many rows a reason may take.
const MAX_ROWS: usize = 3;

/// The tree of stacks with their failed events.
pub fn explanation(found: &Explanation, width: usize) -> String {
    if found.stacks.is_empty() {
        let line = "no stack events in this text: the cause was found in its wording";
        return format!("{} {line}\n", paint(HEAD, "Chosen "));
    }
    let mut text = String::new();
    for (row, line) in wrap(&found.why, width.saturating_sub(8)).into_iter().enumerate() {
        let label = if row == 0 { "Chosen" } else { "" };
        let _ = writeln!(text, "{}{line}", paint(HEAD, format!("{label:<8}")));
    }
    text.push_str(&operations(&found.operations, width));
    for stack in &found.stacks {
        stack_tree(&mut text, stack, 0, width);
    }
    text
}

/// The operations of stacks that have several, or of the first few stacks: which was diagnosed and why no other.
fn operations(all: &[ExplainedOperation], width: usize) -> String {
    let mut text = String::new();
    for (row, operation) in all.iter().take(MAX_OPERATIONS).enumerate() {
        let label = if row == 0 { "Read" } else { "" };
        let stack = operation.stack.as_deref().map_or_else(|| "a stack that is not named".to_owned(), safe);
        let verb = operation.operation.as_deref().unwrap_or("operation");
        let line = format!(
            "{stack}: {verb}, lines {}-{}, {}",
            operation.first_line, operation.last_line, operation.why
        );
        for (part, line) in wrap(&line, width.saturating_sub(10)).into_iter().enumerate() {
            let label = if part == 0 { label } else { "" };
            let mark = if operation.diagnosed && part == 0 { paint(BAD, "▸") } else { " ".to_owned() };
            let _ = writeln!(text, "{}{mark} {line}", paint(HEAD, format!("{label:<8}")));
        }
    }
    if all.len() > MAX_OPERATIONS {
        let _ =
            writeln!(text, "          {}", paint(DIM, format!("and {} more", all.len() - MAX_OPERATIONS)));
    }
    text
}

fn stack_tree(text: &mut String, stack: &StackNode, depth: usize, width: usize) {
    let indent = "  ".repeat(depth);
    let name = stack.name.as_deref().map_or_else(|| "a stack that is not named".to_owned(), safe);
    let _ = writeln!(text, "{indent}{}", paint(HEAD, name));
    for event in &stack.failures {
        text.push_str(&event_rows(event, &indent, width));
    }
    for nested in &stack.nested {
        stack_tree(text, nested, depth + 1, width);
    }
}

/// The event in one line with its label, then why it has it, then what it said.
fn event_rows(event: &ExplainedEvent, indent: &str, width: usize) -> String {
    let named = [&event.logical_id, &event.resource_type, &event.status];
    let subject: Vec<String> = named.into_iter().flatten().map(|part| safe(part)).collect();
    let (label, style) = label(event.role);
    let number = paint(DIM, format!("{:>5} │", event.line));
    let bar = paint(DIM, "      │");
    let room = width.saturating_sub(indent.len() + 10).max(20);
    let mut text = format!("{indent}{number} {}", paint(style, label));
    let subject = subject.join("  ");
    if visible(&text) + 2 + visible(&subject) > width {
        let below = wrap(&subject, room).into_iter().map(|line| format!("\n{indent}{bar}   {line}"));
        text.extend(below);
        text.push('\n');
    } else {
        let _ = writeln!(text, "  {subject}");
    }
    for line in wrap(&event.why, room) {
        let _ = writeln!(text, "{indent}{bar}   {line}");
    }
    let mut rows = wrap(&safe(&event.reason), room);
    if rows.len() > MAX_ROWS {
        rows.truncate(MAX_ROWS);
        rows.push("…".to_owned());
    }
    for line in rows.iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "{indent}{bar}   {}", paint(DIM, line));
    }
    text
}

fn label(role: Role) -> (&'static str, anstyle::Style) {
    match role {
        Role::Root => ("root", BAD),
        Role::Cause => ("cause", WARN),
        Role::Consequence => ("consequence", DIM),
        Role::Cancelled => ("cancelled", DIM),
        Role::RollbackEcho => ("rollback echo", DIM),
        Role::ParentEcho => ("parent echo", DIM),
        Role::Repeated => ("repeated", DIM),
    }
}
