//! Elastic Beanstalk's CLI: `2025-03-06 07:45:02    ERROR   Creating … failed Reason: …`.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// Reads one error line that carries a reason.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let line = &*lines[at].text;
    let (head, reason) = line.split_once("Reason: ")?;
    let found = pattern()?.captures(head)?;
    let what = found.get(2)?.as_str();
    let number = lines[at].number;
    let mut event = StackEvent::new(Status::unspecified_failure(), number);
    event.time = found.get(1).map(|time| time.as_str().to_owned());
    event.set_reason(reason, number);
    if let Some((_, rest)) = what.split_once("Stack named '") {
        event.stack = rest.split('\'').next().map(str::to_owned);
        event.logical_id = event.stack.clone();
        event.resource_type = Some("AWS::CloudFormation::Stack".to_owned());
        let state = rest.split('\'').find_map(Status::exact);
        event.status = state.unwrap_or(event.status);
    } else if !what.contains("failed") {
        return None;
    }
    Some(Taken { format: Format::Beanstalk, events: vec![event], next: at + 1 })
}

fn pattern() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN
        .get_or_init(|| {
            Regex::new(
                r"^\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: UTC[+-]\d{4})?)?\s*(?:ERROR|WARN)[:\s]\s*(.+)$",
            )
            .ok()
        })
        .as_ref()
}
