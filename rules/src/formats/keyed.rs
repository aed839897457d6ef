//! Events as key and value lines: YAML, PowerShell lists, notifications, and the AWS CLI's tables that
//! turned vertical because the terminal was narrow.

use crate::decode::Line;
use crate::event::{StackEvent, stack_name};
use crate::formats::cells::Field;
use crate::formats::wrap;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// Reads a run of key and value lines that holds at least one whole event.
pub(super) fn read(lines: &[Line<'_>], at: usize, state: &mut State) -> Option<Taken> {
    if at < state.no_keys_before {
        return None;
    }
    key_value(&lines[at].text)?;
    let mut run = Run::default();
    let mut next = at;
    while let Some(line) = lines.get(next) {
        let step = run.line(lines, next);
        if step == 0 && !is_filler(&line.text) {
            break;
        }
        next += step.max(1);
    }
    run.flush();
    state.looked += next - at;
    state.no_keys_before = next;
    (!run.events.is_empty()).then_some(Taken { format: Format::Keyed, events: run.events, next })
}

/// The key, its indentation and the value of a line that names a field of an event.
fn key_value(line: &str) -> Option<(Field, &str, usize, &str)> {
    let inner = line.trim().trim_start_matches(['|', '│']).trim_end_matches(['|', '│']).trim();
    let bare = inner.trim_start_matches("- ").trim_start();
    let end = bare.find(|c: char| !c.is_ascii_alphanumeric())?;
    let key = &bare[..end];
    if !matches!(key.len(), 6..=24) || !key.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let field = Field::named(key).filter(|_| is_api_key(key))?;
    let rest = bare[end..].trim_start();
    let value = rest.strip_prefix([':', '=', '|', '│'])?;
    let indent = line.find(key)?;
    Some((field, key, indent, value.trim()))
}

/// Whether a key is spelled as the API spells it, so that prose such as `Status: ok` is no event.
fn is_api_key(key: &str) -> bool {
    key.ends_with("Id")
        || key.starts_with("Resource")
        || matches!(key, "StackName" | "Timestamp" | "ClientRequestToken")
}

fn is_filler(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || text.ends_with("StackEvents:")
        || text.trim_matches(['|', '│', '+', '-', ' ']).is_empty()
        || text.trim_matches(['|', '│', ' ']) == "StackEvents"
}

#[derive(Default)]
struct Run {
    events: Vec<StackEvent>,
    seen: Vec<String>,
    values: Vec<(Field, String, usize)>,
    lines: Option<(usize, usize)>,
}

impl Run {
    /// Takes a line with its continuation; returns how many lines that is.
    fn line(&mut self, lines: &[Line<'_>], at: usize) -> usize {
        let line = &lines[at];
        let Some((field, key, indent, value)) = key_value(&line.text) else { return 0 };
        if self.seen.iter().any(|seen| seen == key) || line.text.trim_start().starts_with("- ") {
            self.flush();
        }
        let folded = matches!(value, ">" | ">-" | ">+" | "|" | "|-" | "|+");
        let below = continuation(lines, at + 1, indent, open_quote(value));
        let first = if folded { "" } else { value };
        let pieces: Vec<String> =
            below.iter().filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect();
        let text = if folded { pieces.join(" ") } else { wrap::join_cell(first, &pieces) };
        let number = if folded && !below.is_empty() { lines[at + 1].number } else { line.number };
        self.seen.push(key.to_owned());
        self.values.push((field, unquote(&text), number));
        let last = lines[at + below.len()].number;
        self.lines = Some((self.lines.map_or(line.number, |(first, _)| first), last));
        1 + below.len()
    }

    fn flush(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.seen.clear();
        let Some(lines) = self.lines.take() else { return };
        let get = |field| values.iter().find(|(f, text, _)| *f == field && !text.is_empty());
        let Some(status) = get(Field::Status).and_then(|(_, text, _)| Status::parse(text)) else { return };
        let owned = |field| get(field).map(|(_, text, _)| text.clone());
        let mut event = StackEvent::new(status, lines.0);
        event.lines = lines;
        event.time = owned(Field::Time);
        event.logical_id = owned(Field::LogicalId);
        event.physical_id = owned(Field::PhysicalId);
        event.resource_type = owned(Field::Type);
        event.stack_arn = owned(Field::StackId);
        event.stack =
            owned(Field::StackName).or_else(|| owned(Field::StackId)).map(|id| stack_name(&id).to_owned());
        if let Some((_, text, line)) = get(Field::Reason) {
            event.set_reason(text, *line);
        }
        self.events.push(event);
    }
}

/// The quote that a value opens and does not close.
fn open_quote(value: &str) -> Option<char> {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    (value.len() == 1 || !value.ends_with(quote)).then_some(quote)
}

/// The deeper indented lines below a key. In a quoted value blank lines stand for line ends.
fn continuation<'l>(lines: &'l [Line<'_>], from: usize, indent: usize, quote: Option<char>) -> Vec<&'l str> {
    let mut open = quote.is_some();
    lines[from.min(lines.len())..]
        .iter()
        .take(40)
        .map(|line| &*line.text)
        .take_while(|text| {
            let deeper = text.len() - text.trim_start().len() > indent;
            let blank = text.trim().is_empty();
            let taken =
                blank && open || deeper && !blank && key_value(text).is_none() && !text.contains(['|', '│']);
            open &= quote.is_none_or(|quote| !text.ends_with(quote));
            taken
        })
        .map(str::trim)
        .collect()
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    match (inner('\''), inner('"')) {
        (Some(single), _) => single.replace("''", "'"),
        (_, Some(double)) => double.replace("\\\"", "\"").replace("\\n", " "),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::decode;
    use crate::formats::{State, parse_with};

    /// How many lines are looked at in a text of so many keys that make no event.
    fn looked(keys: usize) -> usize {
        let text = "LogicalResourceId: Uploads\nResourceStatusReason: a (\n".repeat(keys);
        let mut state = State::default();
        assert!(parse_with(&decode::lines(&text), &mut state).events.is_empty());
        state.looked
    }

    #[test]
    fn keys_without_an_event_are_looked_at_once() {
        assert!(looked(400) <= 2 * looked(200));
    }
}
