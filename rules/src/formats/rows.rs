//! Events that stand in one row: bars, tabs, aligned columns, or words around a type and a status.

mod below;

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::{StackEvent, is_blank, stack_name};
use crate::formats::cells::{self, Cell, Field, Header, Separator, is_name, is_time, is_type};
use crate::formats::{Format, State, Taken};
use crate::status::{Status, may_hold_status};

/// Reads a table header, or a row with everything that continues it.
pub(super) fn read(lines: &[Line<'_>], at: usize, state: &mut State) -> Option<Taken> {
    let line = &*cells::without_number(&lines[at].text);
    if let Some(header) = Header::read(line) {
        state.header = Some(header);
        return Some(Taken { format: Format::Log, events: Vec::new(), next: at + 1 });
    }
    if !may_hold_status(line) {
        return None;
    }
    let row = Row::find(line)?;
    let fields = state.header.as_ref().and_then(|header| row.by_header(header)).or_else(|| row.by_looks())?;
    let mut event = row.event(line, &fields, lines[at].number);
    let next = below::complete(&mut event, &row, &fields, lines, at + 1);
    Some(Taken { format: row.format(line, &fields), events: vec![event], next })
}

/// Whether a line is a row of its own.
pub(super) fn is_row(line: &str) -> bool {
    Row::find(line).is_some_and(|row| row.by_looks().is_some() || row.status_at == 0)
}

/// A line cut where its separators stand.
struct Row<'t> {
    cells: Vec<Cell<'t>>,
    separator: Separator,
    status_at: usize,
    status: Status,
}

/// Where the fields of a row stand, as indices of cells.
#[derive(Debug, Default)]
struct Fields {
    time: Option<usize>,
    logical: Option<usize>,
    physical: Option<usize>,
    kind: Option<usize>,
    stack: Option<usize>,
    /// The cell the reason starts with; it goes on to the end of the line unless `reason_end` is set.
    reason: Option<usize>,
    reason_end: Option<usize>,
    /// The logical id and the reason share one cell, as the CDK prints them.
    shared: bool,
}

impl<'t> Row<'t> {
    fn find(line: &'t str) -> Option<Self> {
        let possible = |separator: &Separator| match separator {
            Separator::Bar => line.contains(['|', '│']),
            Separator::Tab => line.trim_start().contains('\t'),
            Separator::Gap | Separator::Space => true,
        };
        [Separator::Bar, Separator::Tab, Separator::Gap, Separator::Space]
            .into_iter()
            .filter(possible)
            .find_map(|separator| Self::under(line, separator))
    }

    fn under(line: &'t str, separator: Separator) -> Option<Self> {
        let cells = cells::split(line, separator);
        let (status_at, status) =
            cells.iter().take(24).enumerate().find_map(|(at, cell)| Some((at, Status::parse(cell.text)?)))?;
        let row = Self { cells, separator, status_at, status };
        row.is_plausible().then_some(row)
    }

    fn is_plausible(&self) -> bool {
        let typed = self.cells.iter().any(|cell| is_type(cell.text));
        let timed = self.cells[..self.status_at].iter().any(|cell| is_time(cell.text));
        match self.separator {
            Separator::Bar | Separator::Tab => self.cells.len() >= 2,
            Separator::Gap => {
                let named = self.status_at == 1 && is_name(self.cells[0].text);
                self.cells.len() >= 2
                    && (typed || timed || named || self.status_at == 0 && self.cells.len() > 2)
                    && !self.cells.iter().any(|cell| cell.text.contains(" AWS::"))
                    && !self.hides_type()
            }
            Separator::Space => typed,
        }
    }

    /// Whether a cell starts with a type and goes on: then blanks, not gaps, separate the fields.
    fn hides_type(&self) -> bool {
        self.cells
            .iter()
            .any(|cell| cell.text.split_once(' ').is_some_and(|(first, _)| is_type(first) && first.len() > 6))
    }

    fn text(&self, at: usize) -> &'t str {
        self.cells[at].text
    }

    fn kind_at(&self) -> Option<usize> {
        self.cells.iter().position(|cell| is_type(cell.text))
    }

    fn name_within(&self, range: std::ops::Range<usize>) -> Option<usize> {
        range.rev().find(|at| is_name(self.text(*at)) && !is_type(self.text(*at)))
    }

    fn filled_from(&self, from: usize) -> Option<usize> {
        (from..self.cells.len()).find(|at| !is_blank(self.text(*at)) && !is_time(self.text(*at)))
    }

    fn by_header(&self, header: &Header) -> Option<Fields> {
        if header.separator != self.separator
            || self.cells.len() > header.fields.len()
            || self.separator == Separator::Gap
        {
            return None;
        }
        let at =
            |field| header.fields.iter().position(|f| *f == Some(field)).filter(|i| *i < self.cells.len());
        if at(Field::Status) != Some(self.status_at) {
            return None;
        }
        let reason = at(Field::Reason);
        Some(Fields {
            time: at(Field::Time),
            logical: at(Field::LogicalId),
            physical: at(Field::PhysicalId),
            kind: at(Field::Type).filter(|i| is_type(self.text(*i))),
            stack: at(Field::StackName).or_else(|| at(Field::StackId)),
            reason,
            reason_end: reason.filter(|i| i + 1 < header.fields.len()).map(|i| i + 1),
            shared: false,
        })
    }

    fn by_looks(&self) -> Option<Fields> {
        let mut fields = match self.kind_at() {
            Some(kind) if kind > self.status_at => self.status_first(kind),
            Some(kind) => self.type_first(kind),
            None => self.untyped(),
        }?;
        fields.time = self.cells.iter().position(|cell| is_time(cell.text));
        Some(fields)
    }

    /// `status … type …`: the CDK, SAM, the console, and the API's own alphabetical order.
    fn status_first(&self, kind: usize) -> Option<Fields> {
        let api = (kind + 1..self.cells.len()).any(|at| self.text(at).starts_with("arn:"));
        let before =
            (0..self.status_at).find(|at| is_name(self.text(*at)) && self.text(*at) != "STACKEVENTS");
        if let (true, Some(logical)) = (api, before) {
            return Some(self.api_order(kind, logical));
        }
        if let Some(fields) = self.type_last(kind) {
            return Some(fields);
        }
        let stack_leads = self.stack_leads(kind);
        let adjacent =
            self.name_within(self.status_at.saturating_sub(1)..self.status_at).filter(|_| !stack_leads);
        let between = self.name_within(self.status_at + 1..kind);
        let base = Fields { kind: Some(kind), ..Fields::default() };
        if let Some(logical) = between.or(adjacent.filter(|_| self.separator != Separator::Space)) {
            return Some(Fields { logical: Some(logical), reason: self.filled_from(kind + 1), ..base });
        }
        let logical = self.filled_from(kind + 1)?;
        let stack = before.filter(|_| self.separator == Separator::Bar);
        let shared = self.separator == Separator::Bar && self.text(logical).contains(' ');
        let reason = if shared { Some(logical) } else { self.filled_from(logical + 1) };
        Some(Fields { logical: Some(logical), stack, reason, shared, ..base })
    }

    /// `name status reason type`: a console's columns in another order. One word between the status and the type may
    /// as well be the name.
    fn type_last(&self, kind: usize) -> Option<Fields> {
        let between = self.status_at + 1..kind;
        let words: usize = between.clone().map(|at| self.text(at).split(' ').count()).sum();
        let blank = between.clone().all(|at| is_blank(self.text(at)));
        if kind + 1 != self.cells.len() || words == 0 || words == 1 && !blank {
            return None;
        }
        let logical = self.name_within(self.status_at.checked_sub(1)?..self.status_at)?;
        let zone = self.text(logical).starts_with("UTC") || self.text(logical).starts_with("GMT");
        let reason = between.clone().find(|at| !is_blank(self.text(*at)));
        (!zone).then_some(Fields {
            logical: Some(logical),
            kind: Some(kind),
            reason,
            reason_end: reason.map(|_| kind),
            ..Fields::default()
        })
    }

    /// `stack | status | type | name | reason`, as SST prints it: behind the type stands one word, a name, where a
    /// row that starts with the resource has its reason.
    fn stack_leads(&self, kind: usize) -> bool {
        self.separator == Separator::Bar
            && kind == self.status_at + 1
            && self.cells.get(kind + 1).is_some_and(|cell| is_name(cell.text) && !cell.text.contains(' '))
    }

    fn api_order(&self, kind: usize, logical: usize) -> Fields {
        let reason = (self.status_at + 1..kind).find(|at| !is_blank(self.text(*at)));
        let id = |at: &usize| self.text(*at).contains(":stack/");
        Fields {
            logical: Some(logical),
            physical: (logical + 1..self.status_at).find(|at| !is_blank(self.text(*at))),
            kind: Some(kind),
            stack: (kind + 1..self.cells.len()).find(id),
            reason,
            reason_end: reason.map(|_| kind),
            ..Fields::default()
        }
    }

    /// `… type … status reason`.
    fn type_first(&self, kind: usize) -> Option<Fields> {
        let between = self.name_within(kind + 1..self.status_at);
        let logical = between.or_else(|| self.name_within(kind.saturating_sub(1)..kind))?;
        Some(Fields {
            logical: Some(logical),
            kind: Some(kind),
            reason: self.filled_from(self.status_at + 1),
            ..Fields::default()
        })
    }

    /// `time name status reason`, or `status name reason`.
    fn untyped(&self) -> Option<Fields> {
        let api = self.text(0) == "STACKEVENTS" && self.status_at > 2 && is_name(self.text(2));
        let logical = match self.name_within(0..self.status_at) {
            Some(_) if api => 2,
            Some(name) => name,
            None if self.status_at == 0 && self.cells.len() >= 3 && is_name(self.text(1)) => 1,
            None => return None,
        };
        let reason = self.filled_from(self.status_at.max(logical) + 1);
        Some(Fields { logical: Some(logical), reason, ..Fields::default() })
    }

    fn event(&self, line: &str, fields: &Fields, number: usize) -> StackEvent {
        let get = |at: Option<usize>| at.map(|at| self.text(at)).filter(|text| !is_blank(text));
        let mut event = StackEvent::new(self.status, number);
        event.time = get(fields.time).map(str::to_owned);
        event.physical_id = get(fields.physical).map(str::to_owned);
        event.resource_type = get(fields.kind).map(str::to_owned);
        event.stack_arn = get(fields.stack).filter(|text| text.contains(":stack/")).map(str::to_owned);
        event.stack = get(fields.stack).map(|text| stack_name(text).to_owned());
        let (logical, rest) = match get(fields.logical) {
            Some(text) if fields.shared => split_shared(text),
            Some(text) => (text, ""),
            None => ("", ""),
        };
        event.logical_id = (!logical.is_empty()).then(|| logical.to_owned());
        if fields.shared {
            // the reason may hold bars itself, so it goes on to the end of the line
            let cell = self.cells[fields.logical.unwrap_or(0)];
            let start = cell.offset + cell.text.len() - rest.len();
            event.set_reason(&below::clean_reason(line.get(start..).unwrap_or(rest)), number);
        } else if let Some(reason) = self.reason(line, fields) {
            event.set_reason(&below::clean_reason(reason), number);
        }
        event
    }

    /// Of the text below a row whose reason has line ends in it, what still belongs to the reason's cell.
    fn own_cell<'l>(&self, line: &str, below: &'l str) -> &'l str {
        let end = match self.separator {
            Separator::Tab => below.find('\t'),
            Separator::Bar if line.trim_start().starts_with('|') => below.find('|'),
            _ => None,
        };
        below[..end.unwrap_or(below.len())].trim_end()
    }

    fn reason<'l>(&self, line: &'l str, fields: &Fields) -> Option<&'l str> {
        let from = self.cells[fields.reason?].offset;
        let last = fields.reason_end.filter(|end| *end < self.cells.len());
        let end = last.map_or(line.len(), |end| self.cells[end].offset);
        line.get(from..end)
    }

    fn format(&self, line: &str, fields: &Fields) -> Format {
        let status_leads = self.status_at == 0;
        let iso = fields.time.is_some_and(|at| self.text(at).contains('T') && self.text(at).len() >= 19);
        let cdk = fields.kind == Some(self.status_at + 1) && fields.logical > fields.kind;
        match self.separator {
            Separator::Bar if cdk && !line.trim_start().starts_with('|') => Format::Cdk,
            Separator::Bar if line.trim_start().starts_with('|') => Format::CliTable,
            Separator::Tab if iso || self.text(0) == "STACKEVENTS" => Format::CliText,
            Separator::Bar | Separator::Tab => Format::Console,
            _ if status_leads => Format::Sam,
            _ if self.kind_at().is_some_and(|kind| kind < self.status_at) => Format::Sam,
            _ => Format::Console,
        }
    }
}

/// `Path (LogicalId) reason` or `LogicalId reason`, as the CDK prints them.
fn split_shared(text: &str) -> (&str, &str) {
    static SHARED: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = SHARED.get_or_init(|| Regex::new(r"^(\S+) \((\w+)\)(?: |$)").ok()).as_ref();
    if let Some(found) = pattern.and_then(|pattern| pattern.captures(text)) {
        let id = found.get(2).map_or("", |id| id.as_str());
        let end = found.get(0).map_or(0, |whole| whole.end());
        return (id, text[end..].trim());
    }
    text.split_once(' ').map_or((text, ""), |(id, rest)| (id, rest.trim()))
}

#[cfg(test)]
mod tests {
    use crate::decode;
    use crate::formats::parse;

    fn told(line: &str) -> Option<(Option<String>, Option<String>, String)> {
        let event = parse(&decode::lines(line)).events.into_iter().next()?;
        Some((event.logical_id, event.resource_type, event.reason))
    }

    #[test]
    fn a_type_at_the_end_of_a_row_ends_the_reason() {
        let want = |reason: &str| {
            Some((Some("Kiln".to_owned()), Some("AWS::EC2::Instance".to_owned()), reason.to_owned()))
        };
        let time = "2024-07-06 18:08:57 UTC+0200";
        for gap in ["  ", " "] {
            let row = format!(
                "{time}  Kiln  CREATE_FAILED The image is gone (Request ID: 1){gap}AWS::EC2::Instance"
            );
            assert_eq!(told(&row), want("The image is gone (Request ID: 1)"), "{row}");
        }
        assert_eq!(told(&format!("{time}  Kiln  CREATE_IN_PROGRESS  - AWS::EC2::Instance")), want(""));
    }

    #[test]
    fn a_name_between_status_and_type_is_the_resources() {
        let found = told("18:08:57 UTC+0200 CREATE_FAILED Kiln AWS::EC2::Instance");
        assert_eq!(found.and_then(|found| found.0).as_deref(), Some("Kiln"));
    }
}
