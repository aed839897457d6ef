//! Puts back together what a table or a terminal width has broken.

use crate::decode::Line;
use crate::event::is_blank;
use crate::formats::cells::{self, Separator};
use crate::formats::{rows, serverless};
use crate::status::may_hold_status;

/// The longest run of lines taken as one reason.
const LONGEST: usize = 40;

/// Text found in the lines below a row.
#[derive(Debug, Default)]
pub(super) struct Below {
    /// The text, with `\n` where it is uncertain whether a blank was broken or a word.
    pub(super) text: String,
    /// The number of the line it starts on.
    pub(super) line: usize,
    /// The index of the first line not taken.
    pub(super) next: usize,
}

/// The paragraph below a row, up to a blank line or the start of something else.
pub(super) fn paragraph(lines: &[Line<'_>], from: usize) -> Option<Below> {
    let blank = |at: usize| lines.get(at).is_some_and(|line| line.text.trim().is_empty());
    let start = if blank(from) && !blank(from + 1) { from + 1 } else { from };
    let end = (start..lines.len().min(start + LONGEST))
        .find(|at| blank(*at) || starts_something(&lines[*at].text))
        .unwrap_or(lines.len().min(start + LONGEST));
    if end <= start {
        return None;
    }
    let pieces: Vec<&str> = lines[start..end].iter().map(|line| &*line.text).collect();
    Some(Below { text: unwrap(&pieces), line: lines[start].number, next: end })
}

/// Joins lines: at the width of a terminal directly, elsewhere with a mark that may be a blank.
pub(super) fn unwrap(pieces: &[&str]) -> String {
    let length = |piece: &&str| piece.chars().count();
    let width = pieces.iter().map(length).max().unwrap_or(0);
    let full = pieces.iter().filter(|piece| length(piece) == width).count();
    let hard = width >= 60 && (full >= 2 || matches!(width, 80 | 100 | 112 | 120 | 132));
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        out.push_str(if at == 0 { piece.trim_start() } else { piece });
        if at + 1 < pieces.len() && !(hard && length(piece) == width) {
            out.push('\n');
        }
    }
    out
}

/// Whether a line starts an event or another part of a tool's output rather than going on with a reason.
pub(super) fn starts_something(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "❌",
        "✖",
        "✘",
        "×",
        "✗",
        "›",
        "✨",
        "✅",
        "✔",
        "⠋",
        "⠙",
        "⠹",
        "⠸",
        "🛑",
        "[█",
        "[·",
        "[▌",
        "[▏",
        "[▎",
        "[▍",
        "[▋",
        "[▊",
        "[▉",
        "---",
        "===",
        "Failed resources:",
        "Deploying ",
        "Error:",
        "ERROR",
        "Outputs",
        "View the full error",
        "Stack ARN",
        "at Object.",
        "Traceback",
    ];
    let text = line.trim_start();
    is_blank(text)
        || STARTS.iter().any(|start| text.starts_with(start))
        || is_bar(text)
        || may_hold_status(line) && (rows::is_row(line) || serverless::is_head(text))
        || line.split(['\t', '|']).next().is_some_and(|cell| !cell.is_empty() && cells::is_time(cell.trim()))
}

/// Whether a line draws how far something is: `uploads [ =====---------- ] 1/2`.
fn is_bar(line: &str) -> bool {
    let drawn =
        |bar: &str| bar.len() > 9 && bar.bytes().all(|b| matches!(b, b'=' | b'-' | b'#' | b'.' | b'>'));
    line.rsplit_once(']').is_some_and(|(before, count)| {
        cells::is_progress(count.trim()) && before.rsplit_once('[').is_some_and(|(_, bar)| drawn(bar.trim()))
    })
}

/// Cells that continue the columns of a table row.
#[derive(Debug)]
pub(super) struct Columns {
    /// For each column the pieces found below the row.
    pub(super) pieces: Vec<Vec<String>>,
    /// The index of the first line not taken.
    pub(super) next: usize,
}

/// Collects the wrapped cells below a row whose columns start where `starts` says.
pub(super) fn columns(lines: &[Line<'_>], from: usize, starts: &[usize], has_reason: bool) -> Columns {
    let mut found = Columns { pieces: vec![Vec::new(); starts.len().max(4)], next: from };
    while found.next < lines.len() && found.next < from + LONGEST {
        let Some(cells) = continuation(&lines[found.next].text, starts, has_reason) else { break };
        for (column, text) in cells {
            if let Some(pieces) = found.pieces.get_mut(column) {
                pieces.push(text);
            }
        }
        found.next += 1;
    }
    found
}

fn continuation(line: &str, starts: &[usize], has_reason: bool) -> Option<Vec<(usize, String)>> {
    let trimmed = line.trim();
    let rule = trimmed.bytes().all(|b| matches!(b, b'-' | b'=' | b'+'));
    if trimmed.is_empty() || (rule && trimmed.len() > 3) || may_hold_status(line) && rows::is_row(line) {
        return None;
    }
    let cells = cells::split(line, Separator::Gap);
    let first = cells.first()?;
    if trimmed.starts_with('_') && first.column <= starts[0] + 1 {
        return Some(vec![(0, trimmed.to_owned())]);
    }
    let last = starts.len() - 1;
    if first.column > starts[last] + 1 {
        return Some(vec![(last.max(3), trimmed.to_owned())]);
    }
    let shift = (1..starts.len()).find(|k| starts[*k].abs_diff(first.column) <= 1);
    let k = match shift {
        Some(k) => k,
        None => shifted(&cells, starts, has_reason)?,
    };
    Some(assign(&cells, starts, k))
}

/// The column a line continues when its own indentation was lost: the rightmost that fits its gaps.
fn shifted(cells: &[cells::Cell<'_>], starts: &[usize], has_reason: bool) -> Option<usize> {
    let last = starts.len() - 1;
    let width = starts.get(1).map_or(0, |second| second - starts[0]);
    if cells.len() == 1 {
        let fits = cells[0].text.chars().count() <= width && (has_reason || last < 3);
        return fits.then_some(last).filter(|k| *k > 0);
    }
    let offset = |cell: &cells::Cell<'_>| cell.column - cells[0].column;
    (1..starts.len()).rev().find(|k| {
        cells.iter().skip(1).all(|cell| {
            let at = offset(cell) + starts[*k];
            starts[*k + 1..].iter().any(|start| start.abs_diff(at) <= 1) || at > starts[last]
        })
    })
}

fn assign(cells: &[cells::Cell<'_>], starts: &[usize], k: usize) -> Vec<(usize, String)> {
    let base = cells[0].column;
    let column = |cell: &cells::Cell<'_>| {
        let at = cell.column - base + starts[k];
        let nearest = (0..starts.len()).rev().find(|c| starts[*c] <= at + 1).unwrap_or(0);
        let beyond = starts.len() < 4 && at > starts[starts.len() - 1] + 1;
        if beyond { 3 } else { nearest.max(k) }
    };
    cells.iter().map(|cell| (column(cell), cell.text.to_owned())).collect()
}

/// Joins the pieces of a wrapped cell: a word longer than the column was broken in the middle, every
/// other break was at a blank.
pub(super) fn join_cell(first: &str, rest: &[String]) -> String {
    let width = rest.iter().map(|p| p.chars().count()).chain([first.chars().count()]).max().unwrap_or(0);
    let mut out = first.to_owned();
    for piece in rest {
        let tail = out.rsplit(char::is_whitespace).next().unwrap_or_default().chars().count();
        let head = piece.split(char::is_whitespace).next().unwrap_or_default().chars().count();
        let hyphen = out.ends_with('-') && tail > 1;
        if !(hyphen || out.is_empty() || tail + head > width) {
            out.push(' ');
        }
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_longer_than_its_column_is_joined_without_a_blank() {
        let rest = ["dParameterValue) when", "parameter cidr is", "invalid"].map(str::to_owned);
        assert_eq!(
            join_cell("occurred (Invali", &rest),
            "occurred (InvalidParameterValue) when parameter cidr is invalid"
        );
        assert_eq!(join_cell("assumed-", &["role/x".to_owned()]), "assumed-role/x");
    }

    #[test]
    fn a_drawn_bar_is_no_part_of_a_reason() {
        assert!(starts_something("Deployed storage scans [ =======------- ] 1/2"));
        assert!(!starts_something("Value [ a ] is not one of [ b ] 1/2"));
    }

    #[test]
    fn a_line_broken_at_the_terminals_width_is_joined_without_a_blank() {
        let first = format!("{}Re", "x".repeat(78));
        assert_eq!(unwrap(&[&first, "quest ID: 1)"]), format!("{first}quest ID: 1)"));
    }
}
