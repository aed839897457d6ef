//! A line cut into cells, and what each cell is by its looks.

use std::borrow::Cow;

use crate::event::is_blank;
use crate::status::Status;

/// A piece of a line with the character column it starts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell<'t> {
    /// The column, in characters.
    pub(crate) column: usize,
    /// The byte offset in the line.
    pub(crate) offset: usize,
    /// The text, trimmed.
    pub(crate) text: &'t str,
}

/// What separates the cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// `|` or `│`.
    Bar,
    /// Tabs.
    Tab,
    /// Two or more spaces.
    Gap,
    /// Any blank.
    Space,
}

/// The cells of a line under one separator.
pub(crate) fn split(line: &str, separator: Separator) -> Vec<Cell<'_>> {
    match separator {
        Separator::Bar => bars(line),
        Separator::Tab => at_each(line, |_, c| c == '\t'),
        Separator::Gap => gaps(line, 2),
        Separator::Space => gaps(line, 1),
    }
}

/// A row of a log that was copied with its line numbers, as a table of which the row's own bars are escaped.
pub(crate) fn without_number(line: &str) -> Cow<'_, str> {
    let row = line.split_once(" | ").filter(|(number, row)| {
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && row.contains("\\|")
    });
    row.map_or(Cow::Borrowed(line), |(_, row)| Cow::Owned(row.replace("\\|", "|")))
}

fn bars(line: &str) -> Vec<Cell<'_>> {
    let mut cells = at_each(line, |before, c| (c == '|' || c == '│') && before != Some('\\'));
    while cells.first().is_some_and(|cell| cell.text.is_empty()) {
        cells.remove(0);
    }
    while cells.last().is_some_and(|cell| cell.text.is_empty()) {
        cells.pop();
    }
    cells
}

fn at_each(line: &str, splits: impl Fn(Option<char>, char) -> bool) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let (mut start, mut start_column, mut before) = (0, 0, None);
    for (column, (offset, c)) in line.char_indices().enumerate() {
        if splits(before, c) {
            cells.push(cell(line, start, offset, start_column));
            (start, start_column) = (offset + c.len_utf8(), column + 1);
        }
        before = Some(c);
    }
    cells.push(cell(line, start, line.len(), start_column));
    cells
}

fn cell(line: &str, start: usize, end: usize, column: usize) -> Cell<'_> {
    let raw = &line[start..end];
    let text = raw.trim_start();
    let skipped = raw.len() - text.len();
    Cell { column: column + raw[..skipped].chars().count(), offset: start + skipped, text: text.trim_end() }
}

fn gaps(line: &str, width: usize) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let (mut blanks, mut blank_from) = (0, 0);
    for (column, (offset, c)) in line.char_indices().enumerate() {
        if c.is_whitespace() {
            blank_from = if blanks == 0 { offset } else { blank_from };
            blanks += if c == '\t' { width } else { 1 };
            continue;
        }
        if let Some((start, start_column)) = open.filter(|_| blanks >= width) {
            cells.push(Cell { column: start_column, offset: start, text: &line[start..blank_from] });
            open = None;
        }
        open = open.or(Some((offset, column)));
        blanks = 0;
    }
    if let Some((start, column)) = open {
        cells.push(Cell { column, offset: start, text: line[start..].trim_end() });
    }
    cells
}

/// Whether a cell is a resource type, also one that a column has cut off.
pub(crate) fn is_type(text: &str) -> bool {
    let mut parts = text.split("::");
    let first = parts.next().unwrap_or_default();
    let named = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@'));
    !first.is_empty()
        && first.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.contains("::")
        && named(first)
        && parts.all(named)
}

/// Whether a cell is a time or a date, in any of the usual spellings.
pub(crate) fn is_time(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let clock = text.match_indices(':').any(|(at, _)| is_clock(text, at));
    let numeric = text.starts_with(|c: char| c.is_ascii_digit());
    let worded = starts_with_day_or_month(text);
    let dated = numeric && (6..=8).contains(&digits) && text.len() <= 10 && is_date(text);
    text.len() <= 72 && digits >= 4 && (clock && (numeric || worded) || dated)
}

fn is_clock(text: &str, colon: usize) -> bool {
    let bytes = text.as_bytes();
    let before = colon > 0 && bytes[colon - 1].is_ascii_digit();
    let after = bytes.len() > colon + 2 && bytes[colon + 1..colon + 3].iter().all(u8::is_ascii_digit);
    before && after && text.split_whitespace().all(|word| word.len() <= 34)
}

fn is_date(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/' | b'.'))
        && text.bytes().filter(|b| !b.is_ascii_digit()).count() == 2
}

fn starts_with_day_or_month(text: &str) -> bool {
    const WORDS: [&str; 19] = [
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
        "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    WORDS.iter().any(|word| text.starts_with(word))
}

/// Whether a cell counts progress, such as `3/17` or `[3/17]`.
pub(crate) fn is_progress(text: &str) -> bool {
    let inner = text.trim_matches(['[', ']', '(', ')']);
    inner.split_once('/').is_some_and(|(a, b)| {
        let number = |s: &str| !s.trim().is_empty() && s.trim().bytes().all(|b| b.is_ascii_digit());
        number(a) && number(b)
    })
}

/// Whether a cell is a random id or an event id rather than a name somebody chose.
pub(crate) fn is_event_id(text: &str) -> bool {
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    uuid || ["-CREATE_", "-UPDATE_", "-DELETE_", "-IMPORT_"].iter().any(|part| text.contains(part))
}

/// Whether a cell can be a logical id, a construct path or a stack's name.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '$' | '~' | '@' | '+');
    !is_blank(text)
        && text.len() <= 255
        && text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && text.chars().all(plain)
        && !is_time(text)
        && !is_progress(text)
        && !is_event_id(text)
        && Status::parse(text).is_none()
}

/// Which column of a table holds which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The field of each column, `None` for one that is not used.
    pub(crate) fields: Vec<Option<Field>>,
    /// What separates the columns.
    pub(crate) separator: Separator,
}

/// A field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The time.
    Time,
    /// The logical id.
    LogicalId,
    /// The physical id.
    PhysicalId,
    /// The status.
    Status,
    /// The type.
    Type,
    /// The status reason.
    Reason,
    /// The stack's name.
    StackName,
    /// The stack's ARN.
    StackId,
    /// A column that is known and not used.
    Other,
}

impl Field {
    /// The field a column title or a key names.
    pub(crate) fn named(title: &str) -> Option<Self> {
        let key: String =
            title.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
        Some(match key.as_str() {
            "timestamp" | "time" | "date" => Self::Time,
            "logicalid" | "logicalresourceid" | "resource" | "logicalresource" => Self::LogicalId,
            "physicalid" | "physicalresourceid" => Self::PhysicalId,
            "status" | "resourcestatus" | "stackstatus" => Self::Status,
            "type" | "resourcetype" => Self::Type,
            "statusreason" | "resourcestatusreason" | "reason" | "stackstatusreason" => Self::Reason,
            "stackname" | "stack" => Self::StackName,
            "stackid" => Self::StackId,
            "eventid"
            | "clientrequesttoken"
            | "detailedstatus"
            | "resourceproperties"
            | "hooktype"
            | "hookstatus"
            | "hookinvocations"
            | "operationid"
            | "hookstatusreason"
            | "hookfailuremode"
            | "hookinvocationpoint" => Self::Other,
            _ => return None,
        })
    }
}

impl Header {
    /// Reads a header: a line whose cells name at least a status and a logical id or a reason.
    pub(crate) fn read(line: &str) -> Option<Self> {
        if line.len() > 4000 || !(line.contains("tatus") || line.contains("STATUS")) {
            return None;
        }
        [Separator::Bar, Separator::Tab, Separator::Gap].into_iter().find_map(|separator| {
            let cells = split(line, separator);
            let fields: Vec<_> = cells.iter().map(|cell| Field::named(cell.text)).collect();
            let has = |field| fields.contains(&Some(field));
            let whole = fields.iter().all(Option::is_some) && fields.len() >= 2;
            let titled = has(Field::Status) || has(Field::Reason);
            (whole && titled && (has(Field::LogicalId) || has(Field::Type)))
                .then_some(Self { fields, separator })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_several_locales_are_times() {
        for text in [
            "2021-04-27 15:03:29 UTC+0100",
            "11:06:58 UTC+0900",
            "11:47:06 PM",
            "2026-11-22T20:40:43.560191Z",
            "27/04/2021, 15:03:29",
            "27.04.2021 15:03",
            "Apr 27, 2021 3:03:29 PM",
            "Wed Mar 11 2020 16:02:10 GMT-0700 (Pacific Daylight Time)",
        ] {
            assert!(is_time(text), "{text}");
        }
        for text in ["AWS::S3::Bucket", "db2024", "3/17", "Queue", "10.40.1.128/25"] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn escaped_bars_do_not_split() {
        let cells: Vec<_> = split("a | b \\| c |", Separator::Bar).into_iter().map(|c| c.text).collect();
        assert_eq!(cells, ["a", "b \\| c"]);
    }
}
