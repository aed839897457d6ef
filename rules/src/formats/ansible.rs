//! The result of Ansible's cloudformation module: its events without reasons, and the failed ones again with theirs.

use crate::event::StackEvent;
use crate::formats::json_value::{Member, Value, member};
use crate::status::Status;

/// The events of a result, the newest first, as the module lists them.
pub(super) fn events(members: &[Member], (first, last): (usize, usize)) -> Vec<StackEvent> {
    let lines_of = |key| member(members, key).map_or(&[][..], |list| texts(&list.value));
    let line_of = |key: &str, index: usize| match member(members, key) {
        // in a result that is printed over many lines, each text has its own
        Some(list) if first < last => list.line + 1 + index,
        _ => first,
    };
    let told = lines_of("log").iter().enumerate().filter_map(|(at, text)| failed(text, line_of("log", at)));
    let mut reasons: Vec<StackEvent> = told.collect();
    let listed = lines_of("events").iter().enumerate();
    let listed = listed.filter_map(|(at, text)| listed_event(text, line_of("events", at)));
    let mut events: Vec<StackEvent> = listed.map(|event| with_reason(event, &mut reasons)).collect();
    events.extend(reasons);
    events
}

fn texts(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        _ => &[],
    }
}

/// `StackEvent AWS::S3::Bucket Uploads CREATE_FAILED`.
fn listed_event(item: &Value, number: usize) -> Option<StackEvent> {
    let Value::Text(text) = item else { return None };
    let mut words = text.strip_prefix("StackEvent ")?.split(' ');
    let (kind, name, status) = (words.next()?, words.next()?, words.next()?);
    Some(event(kind, name, Status::exact(status)?, number))
}

/// `AWS::S3::Bucket Uploads CREATE_FAILED: reason`.
fn failed(item: &Value, number: usize) -> Option<StackEvent> {
    let Value::Text(text) = item else { return None };
    let (head, reason) = text.split_once(": ")?;
    let mut words = head.split(' ');
    let (kind, name, status) = (words.next()?, words.next()?, words.next()?);
    let status = Status::exact(status).filter(|status| status.is_failed() && words.next().is_none())?;
    let mut event = event(kind, name, status, number);
    event.set_reason(reason, number);
    Some(event)
}

fn event(kind: &str, name: &str, status: Status, number: usize) -> StackEvent {
    let mut event = StackEvent::new(status, number);
    event.resource_type = Some(kind.to_owned());
    event.logical_id = Some(name.to_owned());
    event
}

/// The event, or the same with its reason where one of those with reasons is it.
fn with_reason(event: StackEvent, reasons: &mut Vec<StackEvent>) -> StackEvent {
    let same = |other: &StackEvent| other.logical_id == event.logical_id && other.status == event.status;
    match reasons.iter().position(same) {
        Some(at) => reasons.remove(at),
        None => event,
    }
}
