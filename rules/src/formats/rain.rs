//! rain: the messages it lists below the status of a stack that did not settle well.

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::is_name;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// How far above the messages the stack's status may stand; its nested stacks are listed between.
const NEAR: usize = 40;

/// Reads the list below `Messages:`.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    if lines[at].text.trim() != "Messages:" || !below_a_stack(lines, at) {
        return None;
    }
    let mut events: Vec<StackEvent> = Vec::new();
    let mut next = at + 1;
    while let Some(line) = lines.get(next).filter(|line| !ends_list(&line.text)) {
        match (message(&line.text, line.number), events.last_mut()) {
            (Some(event), _) => events.push(event),
            (None, Some(last)) => go_on(last, line),
            (None, None) => return None,
        }
        next += 1;
    }
    (!events.is_empty()).then_some(Taken { format: Format::Summary, events, next })
}

fn ends_list(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with("failed deploying") || line.starts_with("Stack ")
}

/// Adds a line that the width of the terminal has broken off.
fn go_on(event: &mut StackEvent, line: &Line<'_>) {
    event.reason = format!("{}\n{}", event.reason, line.text.trim_end_matches('"'));
    event.lines.1 = line.number;
}

/// Whether one of the lines above tells a stack's status, as in `Stack orders: ROLLBACK_COMPLETE`.
fn below_a_stack(lines: &[Line<'_>], at: usize) -> bool {
    lines[at.saturating_sub(NEAR)..at].iter().any(|line| {
        let status = line.text.trim().strip_prefix("Stack ").and_then(|rest| rest.split_once(": "));
        status.is_some_and(|(_, status)| Status::exact(status.trim()).is_some())
    })
}

/// `- Uploads: reason`, of a resource in a nested stack `- Nested/ Uploads: reason`.
fn message(line: &str, number: usize) -> Option<StackEvent> {
    let (path, reason) = line.trim().strip_prefix("- ")?.split_once(": ")?;
    let name = path.rsplit('/').next().map(str::trim).filter(|name| is_name(name))?;
    let mut event = StackEvent::new(Status::unspecified_failure(), number);
    event.logical_id = Some(name.to_owned());
    event.set_reason(reason.trim().trim_matches('"'), number);
    Some(event)
}
