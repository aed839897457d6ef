//! One failed resource a line, in the words of two tools: the list of ParallelCluster, and key and value pairs as
//! loggers write them.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::is_type;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// How far above an entry the heading of its list may stand.
const NEAR: usize = 60;

/// Reads one line of such a list.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let line = &*lines[at].text;
    let event = if line.contains(" status=") {
        pairs(line, lines[at].number)
    } else if line.trim_start().starts_with("- ") && line.contains("::") && below_heading(lines, at) {
        entry(line, lines[at].number)
    } else {
        None
    }?;
    Some(Taken { format: Format::Log, events: vec![event], next: at + 1 })
}

fn below_heading(lines: &[Line<'_>], at: usize) -> bool {
    let above = lines[at.saturating_sub(NEAR)..at].iter().rev();
    let mut above = above.skip_while(|line| line.text.trim_start().starts_with("- "));
    above.next().is_some_and(|line| line.text.trim_end().ends_with("Failed events:"))
}

/// `- AWS::EC2::EIP Address reason`.
fn entry(line: &str, number: usize) -> Option<StackEvent> {
    let (kind, rest) = line.trim().strip_prefix("- ")?.split_once(' ').filter(|(kind, _)| is_type(kind))?;
    let (name, reason) = rest.split_once(' ')?;
    let mut event = StackEvent::new(Status::unspecified_failure(), number);
    event.resource_type = Some(kind.to_owned());
    event.logical_id = Some(name.to_owned());
    event.set_reason(reason, number);
    Some(event)
}

/// `resource=Address status=CREATE_FAILED reason="why"`.
fn pairs(line: &str, number: usize) -> Option<StackEvent> {
    static PAIRS: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = PAIRS.get_or_init(|| {
        Regex::new(r#"\bresource=([\w-]+) status=([A-Z_]+?)(?: ?reason="?(.*?)"?)?\s*$"#).ok()
    });
    let found = pattern.as_ref()?.captures(line)?;
    let mut event = StackEvent::new(Status::exact(found.get(2)?.as_str())?, number);
    event.logical_id = Some(found.get(1)?.as_str().to_owned());
    event.set_reason(found.get(3).map_or("", |reason| reason.as_str()), number);
    Some(event)
}
