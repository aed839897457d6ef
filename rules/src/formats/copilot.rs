//! AWS Copilot's progress tree: one row per resource, its state in brackets, the reason in the lines below.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::is_type;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// How many characters wide Copilot prints a reason.
const WIDTH: usize = 70;

/// Reads one row and its reason.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let row = Row::read(&lines[at].text)?;
    let end = (at + 1..lines.len().min(at + 60))
        .find(|below| !row.goes_on(&lines[*below].text))
        .unwrap_or(lines.len().min(at + 60));
    let Some(mut event) = row.event(lines[at].number) else {
        return Some(Taken { format: Format::Copilot, events: Vec::new(), next: end });
    };
    if end > at + 1 {
        let reason = joined(lines[at + 1..end].iter().map(|line| &*line.text), row.indent + 2);
        event.set_reason(&reason, lines[at + 1].number);
        event.lines.1 = lines[end - 1].number;
        // Copilot prints a reason under what failed only, also when the state is that of the rollback
        if event.depth > 0 && !event.reason.is_empty() && !event.status.is_failed() {
            event.status = Status::unspecified_failure();
        }
    }
    Some(Taken { format: Format::Copilot, events: vec![event], next: end })
}

struct Row<'t> {
    indent: usize,
    title: &'t str,
    status: Option<Status>,
}

impl<'t> Row<'t> {
    fn read(line: &'t str) -> Option<Self> {
        static ROW: OnceLock<Option<Regex>> = OnceLock::new();
        let row = ROW
            .get_or_init(|| Regex::new(r"^(\s*)- (\S.*?)\s{2,}\[([a-z ]+)\](?:\s+\[[^\]]{1,12}\])?$").ok());
        if !line.ends_with(']') {
            return None;
        }
        let found = row.as_ref()?.captures(line)?;
        let state = found.get(3)?.as_str();
        let status = Status::spoken(state);
        (status.is_some() || state == "not started").then_some(Self {
            indent: found.get(1)?.as_str().chars().count(),
            title: found.get(2)?.as_str(),
            status,
        })
    }

    /// Whether a line below belongs to the row's reason.
    fn goes_on(&self, line: &str) -> bool {
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let text = line.trim_start();
        !text.is_empty()
            && (indent == self.indent + 2 || indent == self.indent + 3)
            && !text.starts_with("- ")
            && !matches!(text, "Deployments")
            && !text.starts_with(['✘', '✔', '⠋'])
    }

    /// The event, unless the resource was never started.
    fn event(&self, number: usize) -> Option<StackEvent> {
        let mut event = StackEvent::new(self.status?, number);
        event.depth = self.indent / 2;
        let mut words = self.title.split(' ');
        if let (Some(kind), Some(id), None) = (words.next(), words.next(), words.next())
            && is_type(kind)
        {
            event.resource_type = Some(kind.to_owned());
            event.logical_id = Some(id.to_owned());
        }
        if event.depth == 0 {
            event.stack = stack_of(self.title);
            event.logical_id = event.stack.clone();
            event.resource_type = Some("AWS::CloudFormation::Stack".to_owned());
        }
        Some(event)
    }
}

fn stack_of(title: &str) -> Option<String> {
    let rest = title.split_once("infrastructure for ")?.1;
    let name = rest.trim_start_matches("stack ").trim_start_matches("the ").split([' ', '.']).next()?;
    Some(name.to_owned())
}

/// Joins reason lines: Copilot breaks at a fixed width, in the middle of words too.
fn joined<'l>(lines: impl Iterator<Item = &'l str>, indent: usize) -> String {
    let mut out = String::new();
    for line in lines {
        let text: String = line.chars().skip(indent).collect();
        out.push_str(&text);
        if text.chars().count() < WIDTH {
            out.push(' ');
        }
    }
    out
}
