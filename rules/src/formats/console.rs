//! A console paste whose rows were broken into lines: the time and name first, the status below.

use crate::decode::Line;
use crate::event::{StackEvent, is_blank};
use crate::formats::cells::{self, Separator, is_name, is_time, is_type};
use crate::formats::{Format, State, Taken, wrap};
use crate::status::{Status, may_hold_status};

/// Reads a line that starts with a status, with what stands above and below it.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let line = lines[at].text.trim();
    if !may_hold_status(line) {
        return None;
    }
    let (status, behind) = leading_status(line)?;
    let above = above(lines, at)?;
    let mut event = StackEvent::new(status, lines[at].number);
    event.lines.0 = lines[above.start].number;
    event.time = above.time;
    event.logical_id = Some(above.name);
    event.resource_type = above.kind;
    let mut next = at + 1;
    event.set_reason(behind, lines[at].number);
    if event.reason.is_empty() && behind.is_empty() {
        next = below(&mut event, lines, at + 1);
    }
    event.lines.1 = lines[next - 1].number;
    Some(Taken { format: Format::Console, events: vec![event], next })
}

/// The status a line starts with, and what stands behind it.
fn leading_status(line: &str) -> Option<(Status, &str)> {
    let cell = cells::split(line, Separator::Tab).first()?.text;
    if let Some(status) = Status::parse(cell) {
        return Some((status, line[cell.len()..].trim().trim_start_matches("- ").trim()));
    }
    let cell = cells::split(line, Separator::Gap).first()?.text;
    Some((Status::parse(cell)?, line[cell.len()..].trim()))
}

struct Above {
    start: usize,
    time: Option<String>,
    name: String,
    kind: Option<String>,
}

/// The name, and where given the time and type, in the up to three lines above.
fn above(lines: &[Line<'_>], at: usize) -> Option<Above> {
    let mut found = Above { start: at, time: None, name: String::new(), kind: None };
    for index in (at.saturating_sub(4)..at).rev() {
        let text = lines[index].text.trim();
        if text.is_empty() {
            continue;
        }
        for cell in cells::split(text, Separator::Tab).iter().rev() {
            if is_time(cell.text) && found.time.is_none() {
                found.time = Some(cell.text.to_owned());
            } else if is_type(cell.text) && found.kind.is_none() && found.name.is_empty() {
                found.kind = Some(cell.text.to_owned());
            } else if found.name.is_empty() && is_name(cell.text) {
                cell.text.clone_into(&mut found.name);
            }
        }
        found.start = index;
        if found.time.is_some() || found.name.is_empty() {
            break;
        }
    }
    (!found.name.is_empty() && found.time.is_some()).then_some(found)
}

/// Takes the reason, and a type, from the lines below up to the next row's time. A blank cell is the reason only
/// where the row ends with it: newer consoles have a detailed status before it.
fn below(event: &mut StackEvent, lines: &[Line<'_>], from: usize) -> usize {
    let mut next = from;
    while let Some(line) = lines.get(next).map(|line| line.text.trim()).filter(|line| !line.is_empty()) {
        if starts_row(line) {
            break;
        }
        next += 1;
        if is_type(line) {
            event.resource_type = Some(line.to_owned());
        } else if !is_blank(line) && !DETAILS.contains(&line) {
            event.set_reason(line, lines[next - 1].number);
            break;
        }
    }
    next
}

/// What the console's column for a detailed status says.
const DETAILS: [&str; 3] = ["Likely root cause", "CONFIGURATION_COMPLETE", "VALIDATION_FAILED"];

/// Whether a line is the start of the next row, or of something else.
fn starts_row(line: &str) -> bool {
    let first = cells::split(line, Separator::Tab).first().map_or("", |cell| cell.text);
    is_time(first)
        || !DETAILS.contains(&line)
            && !is_blank(line)
            && (Status::parse(first).is_some() || wrap::starts_something(line))
}
