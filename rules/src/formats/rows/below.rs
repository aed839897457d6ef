//! What stands below a row and belongs to it: cells that a column has wrapped, and the paragraph of a reason.

use std::sync::OnceLock;

use regex::Regex;

use super::{Fields, Row};
use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::{self, Separator};
use crate::formats::wrap;
use crate::status::Status;

/// How many lines below a row are searched for the end of its reason.
const REASON: usize = 48;

/// Adds what stands below the row to the event; returns the index of the first line not taken.
pub(super) fn complete(
    event: &mut StackEvent,
    row: &Row<'_>,
    fields: &Fields,
    lines: &[Line<'_>],
    from: usize,
) -> usize {
    let mut next = from;
    if matches!(row.separator, Separator::Gap) && row.status_at == 0 {
        next = complete_columns(event, row, fields, lines, from);
    } else if row.separator == Separator::Bar {
        next = complete_bars(event, row, fields, lines, from);
    }
    let open = event.reason.is_empty() || is_unfinished(&event.reason);
    let rolls_back = event.status.is_rollback() && event.status.is_in_progress();
    let telling = event.status.is_failed() || rolls_back || !event.reason.is_empty();
    if next == from
        && open
        && telling
        && let Some(below) = wrap::paragraph(&lines[..next_entry(lines, from)], from)
    {
        let text = row.own_cell(&lines[from - 1].text, &below.text);
        if event.reason.is_empty() {
            event.set_reason(text, below.line);
        } else {
            event.reason = format!("{}\n{text}", event.reason);
        }
        next = below.next;
    }
    event.lines.1 = lines[next - 1].number;
    next
}

/// The index of the next line that a logger wrote by itself: a clock's time and a level lead it. A reason ends there.
fn next_entry(lines: &[Line<'_>], from: usize) -> usize {
    static ENTRY: OnceLock<Option<Regex>> = OnceLock::new();
    let entry = ENTRY.get_or_init(|| {
        Regex::new(r"^\s*\[?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: [AP]M)?\]? \[?(?:INFO|WARN|ERROR|DEBUG)\b").ok()
    });
    let is_entry = |line: &Line<'_>| entry.as_ref().is_some_and(|entry| entry.is_match(&line.text));
    lines[from..].iter().take(REASON).position(is_entry).map_or(lines.len(), |at| from + at)
}

/// Whether a quote or bracket is still open at the end, or something is announced.
fn is_unfinished(reason: &str) -> bool {
    let count = |c: char| reason.matches(c).count();
    count('(') > count(')') || count('[') > count(']') || count('"') % 2 == 1 || reason.ends_with(':')
}

fn complete_columns(
    event: &mut StackEvent,
    row: &Row<'_>,
    fields: &Fields,
    lines: &[Line<'_>],
    from: usize,
) -> usize {
    let starts: Vec<usize> = row.cells.iter().map(|cell| cell.column).take(4).collect();
    let found = wrap::columns(lines, from, &starts, !event.reason.is_empty());
    let below =
        |at: Option<usize>| at.and_then(|at| found.pieces.get(at)).filter(|pieces| !pieces.is_empty());
    if let Some(status) = below(Some(0)) {
        let whole = format!("{}{}", row.text(0), status.concat());
        event.status = Status::exact(&whole).unwrap_or(event.status);
    }
    if let (Some(kind), Some(pieces)) = (&mut event.resource_type, below(fields.kind)) {
        kind.push_str(&pieces.concat());
    }
    if let (Some(id), Some(pieces)) = (&mut event.logical_id, below(fields.logical)) {
        id.push_str(&pieces.concat());
    }
    let reason_at = fields.reason.unwrap_or_else(|| starts.len().max(3));
    if let Some(pieces) = below(Some(reason_at)) {
        event.reason = wrap::join_cell(&event.reason, pieces);
    }
    found.next
}

/// Rows of a bar table that only continue cells of the row above.
fn complete_bars(
    event: &mut StackEvent,
    row: &Row<'_>,
    fields: &Fields,
    lines: &[Line<'_>],
    from: usize,
) -> usize {
    let Some(reason_at) = fields.reason.filter(|_| !fields.shared) else { return from };
    let column = row.cells[reason_at].column;
    let mut pieces = Vec::new();
    let mut next = from;
    while let Some(line) = lines.get(next).filter(|line| line.text.trim_start().starts_with(['|', '│'])) {
        let cells = cells::split(&line.text, Separator::Bar);
        let [only] = cells.as_slice() else { break };
        let rule = only.text.bytes().all(|b| matches!(b, b'-' | b'+' | b'='));
        if only.column.abs_diff(column) > 1 || rule {
            break;
        }
        pieces.push(only.text.to_owned());
        next += 1;
    }
    event.reason = wrap::join_cell(&event.reason, &pieces);
    next
}

/// A reason without its cell's borders and the date that some tools put before it.
pub(super) fn clean_reason(reason: &str) -> String {
    static DATE: OnceLock<Option<Regex>> = OnceLock::new();
    let date = DATE.get_or_init(|| {
        Regex::new(r"^(?:\w{3} )?\w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d(?: GMT[+-]\d{4}(?: \([^)]*\))?)?\s*").ok()
    });
    let reason = reason.trim().trim_end_matches(['|', '│']).trim();
    let rest = date.as_ref().and_then(|date| date.find(reason)).map_or(0, |found| found.end());
    reason[rest..].replace("\\|", "|")
}
