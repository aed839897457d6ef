//! Lists of failed resources that tools print at the end: the CDK's, Amplify's, and rows that start with
//! the names a "resource(s) failed to" line gives.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::{Format, State, Taken, wrap};
use crate::incident::failed_names;
use crate::status::Status;

/// How far around a "resource(s) failed to" line its rows may stand.
const NEAR: usize = 60;

/// Reads one entry of such a list, or all rows around a line that names the failed resources.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let line = &*lines[at].text;
    let taken = |events, next| Taken { format: Format::Summary, events, next };
    if line.contains("::") && line.ends_with(')') {
        let (event, next) = typed_entry(lines, at)?;
        return Some(taken(vec![event], next));
    }
    if line.contains("The resource ") && line.contains(" state") {
        let (event, next) = state_entry(lines, at)?;
        return Some(taken(vec![event], next));
    }
    if line.contains("resource(s) failed to") {
        let events = named_rows(lines, at);
        let next = events.iter().map(|(index, _)| index + 1).max().unwrap_or(at + 1).max(at + 1);
        return Some(taken(events.into_iter().map(|(_, event)| event).collect(), next));
    }
    None
}

fn regex(cell: &'static OnceLock<Option<Regex>>, pattern: &str) -> Option<&'static Regex> {
    cell.get_or_init(|| Regex::new(pattern).ok()).as_ref()
}

fn group<'t>(found: &Captures<'t>, at: usize) -> &'t str {
    found.get(at).map_or("", |group| group.as_str())
}

/// `Path  (AWS::S3::Bucket Uploads)` of the CDK, or `Resource Name: Uploads (AWS::S3::Bucket)` of Amplify.
fn typed_entry(lines: &[Line<'_>], at: usize) -> Option<(StackEvent, usize)> {
    static CDK: OnceLock<Option<Regex>> = OnceLock::new();
    static AMPLIFY: OnceLock<Option<Regex>> = OnceLock::new();
    let line = without_branch(&lines[at].text);
    let mut event = StackEvent::new(Status::unspecified_failure(), lines[at].number);
    if let Some(found) = regex(&CDK, r"^\S+\s+\((\w+(?:::[\w@-]+)+) (\w+)\)$")?.captures(line) {
        event.resource_type = Some(group(&found, 1).to_owned());
        event.logical_id = Some(group(&found, 2).to_owned());
        return Some(indented(event, lines, at));
    }
    let found = regex(&AMPLIFY, r"^Resource Name: (\S+) \((\w+(?:::[\w@-]+)+)\)$")?.captures(line)?;
    event.logical_id = Some(group(&found, 1).to_owned());
    event.resource_type = Some(group(&found, 2).to_owned());
    amplify_reason(event, lines, at)
}

/// The line without the branches of a tree before it, as the CDK draws its constructs.
fn without_branch(line: &str) -> &str {
    line.trim().trim_start_matches(['│', '├', '└', '─', ' '])
}

/// Takes the deeper indented lines below as the reason.
fn indented(mut event: StackEvent, lines: &[Line<'_>], at: usize) -> (StackEvent, usize) {
    let below: Vec<&str> = lines[at + 1..]
        .iter()
        .take(30)
        .map(|line| &*line.text)
        .take_while(|text| text.starts_with("  ") && !text.trim().is_empty())
        .collect();
    if let Some(first) = lines.get(at + 1).filter(|_| !below.is_empty()) {
        let reason = |text: &&str| text.trim().trim_start_matches(['🛑', ' ']).to_owned();
        event.set_reason(&below.iter().map(reason).collect::<Vec<_>>().join("\n"), first.number);
        event.lines.1 = lines[at + below.len()].number;
    }
    (event, at + 1 + below.len())
}

fn amplify_reason(mut event: StackEvent, lines: &[Line<'_>], at: usize) -> Option<(StackEvent, usize)> {
    let reason = (at + 1..lines.len().min(at + 4)).find(|i| lines[*i].text.trim().starts_with("Reason: "))?;
    let text = lines[reason].text.trim().trim_start_matches("Reason: ");
    let kind = lines[reason - 1].text.trim().strip_prefix("Event Type: ").unwrap_or_default();
    let status = format!("{}_FAILED", kind.trim().to_ascii_uppercase());
    event.status = Status::exact(&status).unwrap_or(event.status);
    event.set_reason(text, lines[reason].number);
    event.lines.1 = lines[reason].number;
    // below the reason stands where to look it up
    let url =
        lines[reason + 1..].iter().take(NEAR).position(|line| line.text.trim_start().starts_with("URL: "));
    let lines = &lines[..url.map_or(lines.len(), |url| reason + 1 + url)];
    let goes_on = lines.get(reason + 1).is_some_and(|line| !line.text.trim().is_empty());
    let below = wrap::paragraph(lines, reason + 1).filter(|_| goes_on);
    let next = below.as_ref().map_or(reason + 1, |below| below.next);
    if let Some(below) = below {
        event.reason = format!("{}\n{}", event.reason, below.text);
    }
    Some((event, next))
}

/// `The resource Ready is in a CREATE_FAILED state`, its type and its reason in the lines below.
fn state_entry(lines: &[Line<'_>], at: usize) -> Option<(StackEvent, usize)> {
    static STATE: OnceLock<Option<Regex>> = OnceLock::new();
    static TYPE: OnceLock<Option<Regex>> = OnceLock::new();
    let found = regex(&STATE, r"The resource (\w+) is in a ([A-Z_]+) state")?.captures(&lines[at].text)?;
    let mut event = StackEvent::new(Status::exact(group(&found, 2))?, lines[at].number);
    event.logical_id = Some(group(&found, 1).to_owned());
    let mut next = at + 1;
    let kind = regex(&TYPE, r"This (\w+(?:::[\w@-]+)+) resource is in a")?;
    if let Some(found) = lines.get(next).and_then(|line| kind.captures(&line.text)) {
        event.resource_type = Some(group(&found, 1).to_owned());
        next += 1;
    }
    if let Some(below) = wrap::paragraph(lines, next) {
        event.set_reason(&below.text, below.line);
        next = below.next;
    }
    event.lines.1 = lines[next - 1].number;
    Some((event, next))
}

/// The rows around a summary line that start with one of the names it gives.
fn named_rows(lines: &[Line<'_>], at: usize) -> Vec<(usize, StackEvent)> {
    let text: Vec<&str> = lines[at..lines.len().min(at + 4)].iter().map(|line| &*line.text).collect();
    let names = failed_names(&text.join(" "));
    let window = at.saturating_sub(NEAR)..lines.len().min(at + NEAR);
    let contiguous = |index: &usize| !lines[*index].text.trim().is_empty();
    let after = (at + 1..window.end).take_while(contiguous);
    let before = (window.start..at).rev().take_while(contiguous);
    let mut rows: Vec<usize> = before.chain(after).collect();
    rows.sort_unstable();
    rows.into_iter().filter_map(|index| Some((index, named_row(lines, index, &names)?))).collect()
}

/// `Name   reason` or `- Name: reason`, the name possibly cut off by its column.
fn named_row(lines: &[Line<'_>], index: usize, names: &[String]) -> Option<StackEvent> {
    let text = lines[index].text.trim_start_matches([' ', '-', '*', '\t']);
    let word = text.split([' ', ':', '\t']).next().unwrap_or_default();
    let name = names.iter().find(|name| *name == word || word.len() >= 12 && name.starts_with(word))?;
    let reason = text[word.len()..].trim_start_matches([' ', ':', '\t', '-', '–']).trim();
    if reason.is_empty() || reason.contains("resource(s) failed to") {
        return None;
    }
    let mut event = StackEvent::new(Status::unspecified_failure(), lines[index].number);
    event.logical_id = Some(name.clone());
    event.set_reason(reason, lines[index].number);
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;

    #[test]
    fn the_cdks_tree_of_refused_resources_is_read() {
        let text = "Early validation failed for change set cdk-deploy:\n └─ Orders\n     └─ Guard  (AWS::IAM::Policy Guard41C0)\n        🛑 Required property [PolicyName] not found (at /Resources/Guard41C0/Properties)\n";
        let lines = decode::lines(text);
        let taken = read(&lines, 2, &mut State::default()).expect("an entry");
        assert_eq!(taken.events[0].logical_id.as_deref(), Some("Guard41C0"));
        assert!(taken.events[0].reason.starts_with("Required property [PolicyName]"));
        assert_eq!(taken.events[0].reason_line, 4);
    }
}
