//! eksctl's wall of events: `AWS::EC2::VPC/VPC: CREATE_FAILED – "reason"`, and the stream of CloudFormation's action
//! for GitHub: `AWS::EC2::VPC/VPC CREATE_FAILED ERROR: reason`.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::{Format, State, Taken, wrap};
use crate::status::Status;

/// Reads one event with the lines its quoted reason goes on over.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let line = &*lines[at].text;
    if !(line.contains("::") && line.contains("/") && line.contains("_")) {
        return None;
    }
    let found = pattern()?.captures(line)?;
    let status = Status::parse(found.get(4)?.as_str())?;
    let mut event = StackEvent::new(status, lines[at].number);
    event.resource_type = Some(found.get(1)?.as_str().to_owned());
    event.logical_id = Some(found.get(2)?.as_str().to_owned());
    let mut reason = found.get(5).map_or("", |text| text.as_str()).to_owned();
    let mut next = at + 1;
    let open = reason.starts_with('"') && (reason.len() == 1 || !reason.ends_with('"'));
    if open && let Some(below) = wrap::paragraph(lines, next) {
        reason = format!("{reason}\n{}", below.text);
        next = below.next;
    }
    event.set_reason(&unquoted(&reason), lines[at].number);
    event.lines.1 = lines[next - 1].number;
    // the action prints the oldest event first
    let format = if found.get(3).is_some() { Format::Eksctl } else { Format::Log };
    Some(Taken { format, events: vec![event], next })
}

fn pattern() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN
        .get_or_init(|| {
            // the dash also as a console shows it that reads UTF-8 as another encoding
            let reason = r"(?:\s+(?:(?:[–—-]+|ΓÇô|ERROR:)\s+)?(\S.*))?$";
            Regex::new(&format!(r"(?:^|\s)(\w+(?:::[\w@-]+)+)/(\S+?)(:)? ([A-Z_]+){reason}")).ok()
        })
        .as_ref()
}

/// The text inside Go's quotes.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('"') {
        Some(inner) => inner.strip_suffix('"').unwrap_or(inner).replace("\\\"", "\"").replace("\\n", "\n"),
        None => text.to_owned(),
    }
}
