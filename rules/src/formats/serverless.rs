//! The Serverless Framework: its progress lines and the error it ends with, in versions 2 to 4.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::is_type;
use crate::formats::{Format, State, Taken, wrap};
use crate::status::{Status, may_hold_status};

/// Reads one progress line, or one error with the lines of its reason.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let (task, text) = without_task(lines[at].text.trim());
    let taken = |event, next| Taken { format: Format::Serverless, events: vec![event], next };
    if let Some(name) = text.strip_prefix("An error occurred") {
        // of tasks that run side by side, the lines below may be another one's
        let lines = if task { &lines[..=at] } else { lines };
        return provisioning(lines, at, name).map(|(event, next)| taken(event, next));
    }
    if !may_hold_status(text) {
        return None;
    }
    if let Some(event) = progress(text, lines[at].number) {
        return Some(taken(event, at + 1));
    }
    if let Some(event) = plugin(text, lines[at].number) {
        return Some(Taken { format: Format::Log, events: vec![event], next: at + 1 });
    }
    error(lines, at, text).map(|(event, next)| taken(event, next))
}

/// The line without the name of the task that printed it, as runners of several put it before each, and whether
/// there is one.
fn without_task(text: &str) -> (bool, &str) {
    let name = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c));
    match name {
        Some((name, rest)) if is_name(name) => (true, rest.trim_start()),
        _ => (false, text),
    }
}

/// Whether a line starts an event of this format.
pub(super) fn is_head(text: &str) -> bool {
    let first = text.split([':', ' ']).next().unwrap_or_default();
    Status::exact(first).is_some() && (text[first.len()..].starts_with(": ") || text.contains(" - "))
}

/// `CREATE_IN_PROGRESS - AWS::S3::Bucket - Uploads`, with or without a product name before it.
fn progress(text: &str, number: usize) -> Option<StackEvent> {
    let parts: Vec<&str> = text.split(" - ").map(str::trim).collect();
    let at = parts.iter().take(3).position(|part| Status::exact(part).is_some())?;
    let kind = parts.get(at + 1).filter(|part| is_type(part))?;
    let name = parts.get(at + 2).filter(|part| !part.is_empty())?;
    let mut event = StackEvent::new(Status::exact(parts[at])?, number);
    event.resource_type = Some((*kind).to_owned());
    event.logical_id = name.split_whitespace().next().map(str::to_owned);
    event.set_reason(&parts[at + 3..].join(" - "), number);
    Some(event)
}

/// `Uploads - AWS::S3::Bucket - CREATE_FAILED - reason`, as the plugins of Jenkins print it.
fn plugin(text: &str, number: usize) -> Option<StackEvent> {
    let mut parts = text.splitn(4, " - ").map(str::trim);
    let (name, kind, status) = (parts.next()?, parts.next()?, parts.next()?);
    let mut event = StackEvent::new(Status::exact(status)?, number);
    event.resource_type = Some(kind).filter(|kind| is_type(kind)).map(str::to_owned);
    event.logical_id = name.split_whitespace().last().map(str::to_owned);
    event.set_reason(parts.next().unwrap_or_default(), number);
    event.resource_type.is_some().then_some(event)
}

/// `CREATE_FAILED: Uploads (AWS::S3::Bucket)` and the reason below or behind it.
fn error(lines: &[Line<'_>], at: usize, text: &str) -> Option<(StackEvent, usize)> {
    static HEAD: OnceLock<Option<Regex>> = OnceLock::new();
    let head = HEAD.get_or_init(|| {
        Regex::new(
            r"^(?:\W*\w*Error\w*: )?([A-Z_]+(?:FAILED|ROLLBACK_IN_PROGRESS)): ([\w-]+) \(([\w:@-]+)\)[:.]?\s*(.*)$",
        )
        .ok()
    });
    let found = head.as_ref()?.captures(text)?;
    let mut event = StackEvent::new(Status::exact(found.get(1)?.as_str())?, lines[at].number);
    event.logical_id = Some(found.get(2)?.as_str().to_owned());
    event.resource_type = Some(found.get(3)?.as_str().to_owned()).filter(|kind| is_type(kind));
    let behind = found.get(4).map_or("", |rest| rest.as_str());
    Some(with_reason(event, behind, lines, at))
}

/// `An error occurred: Uploads - reason`, or the reason in a list below.
fn provisioning(lines: &[Line<'_>], at: usize, rest: &str) -> Option<(StackEvent, usize)> {
    let rest = rest.strip_prefix(" while provisioning your stack").unwrap_or(rest).strip_prefix(": ")?;
    let (name, reason) = rest.split_once(" - ").unwrap_or((rest, ""));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut event = StackEvent::new(Status::unspecified_failure(), lines[at].number);
    event.logical_id = Some(name.to_owned());
    let below = lines.get(at + 1).map_or("", |line| line.text.trim_start());
    if reason.is_empty() && !below.starts_with("- ") {
        return None;
    }
    Some(with_reason(event, reason, lines, at))
}

fn with_reason(mut event: StackEvent, behind: &str, lines: &[Line<'_>], at: usize) -> (StackEvent, usize) {
    let mut next = at + 1;
    event.set_reason(behind, lines[at].number);
    if let Some(below) = wrap::paragraph(lines, next) {
        if event.reason.is_empty() {
            event.set_reason(below.text.trim_start_matches("- "), below.line);
        } else {
            event.reason = format!("{}\n{}", event.reason, below.text);
        }
        next = below.next;
    }
    event.lines.1 = lines[next - 1].number;
    (event, next)
}
