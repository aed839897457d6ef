//! Takes out somebody else's words: quotations, fenced blocks, conversations, command lines, shell substitutions.

use super::item::{Item, Mean, Why};
use super::layout::kill;
use super::lexicon::Cue;
use super::scope::ranges;

/// Programs whose name at the head of a command line makes the rest of it a quoted command.
const PROGRAMS: [&str; 11] =
    ["eksctl", "kubectl", "helm", "terraform", "aws", "cdk", "sudo", "bash", "curl", "gcloud", "az"];

/// Marks every item that stands in somebody else's words.
pub(super) fn mark(items: &mut [Item<'_>], text: &str) {
    quotations(items, text);
    blocks(items, text);
    roles(items, text);
    commands(items, text);
    substitutions(items);
}

/// A quotation that holds an action, or follows "said", is somebody else's words.
fn quotations(items: &mut [Item<'_>], text: &str) {
    let mut open: Option<usize> = None;
    for at in 0..items.len() {
        match items[at].mean {
            Mean::Break => open = None,
            Mean::Punct('"' | '\'' | '`') => open = close_or_open(items, text, open, at),
            _ => {}
        }
    }
}

/// Text between fences, between "begin log" and "end log", and quoted lines of a mail: somebody else's words.
fn blocks(items: &mut [Item<'_>], text: &str) {
    let fence = |item: &Item<'_>, mark: &str| item.is_punct("`><") && text[item.from..].starts_with(mark);
    between(items, |item| fence(item, "```"), |item| fence(item, "```"));
    between(items, |item| fence(item, ">>>"), |item| fence(item, "<<<"));
    between(items, |item| item.says(text, &["begin"]), |item| item.says(text, &["end"]));
    let ranges = ranges(items, |item| item.sentence);
    let quoted: Vec<_> = ranges.into_iter().filter(|range| quotes(items, range.start, text)).collect();
    let own = |item: &Item<'_>| {
        item.is_content() && !quoted.iter().any(|range| items[range.start].sentence == item.sentence)
    };
    if items.iter().any(own) {
        quoted.into_iter().for_each(|range| kill(&mut items[range], Why::Quoted));
    }
}

/// "SYSTEM: … USER: …": of a conversation pasted in, only the user's own words count.
fn roles(items: &mut [Item<'_>], text: &str) {
    let role = |from: usize, names: &[&str]| {
        (from..items.len().saturating_sub(1))
            .find(|at| items[*at].says(text, names) && items[at + 1].is_punct(":"))
    };
    let machine = role(0, &["system", "assistant", "bot", "ai", "model"]);
    if let Some((start, end)) =
        machine.and_then(|start| Some((start, role(start, &["user", "human", "me"])?)))
    {
        kill(&mut items[start..end], Why::Quoted);
    }
}

/// Whether a line begins at the item with the mark of a quoted mail.
fn quotes(items: &[Item<'_>], at: usize, text: &str) -> bool {
    let opens = text[..items[at].from].trim_end_matches(' ').chars().next_back().is_none_or(|c| c == '\n');
    opens && items[at].is_punct(">")
}

/// Marks what stands between an item that opens and the next that closes, after it.
fn between(items: &mut [Item<'_>], open: impl Fn(&Item<'_>) -> bool, close: impl Fn(&Item<'_>) -> bool) {
    let Some(start) = items.iter().position(open) else { return };
    let past =
        (start + 1..items.len()).find(|at| items[*at].from > items[start].to + 1).unwrap_or(items.len());
    if let Some(end) = (past..items.len()).find(|at| close(&items[*at])) {
        kill(&mut items[start..=end], Why::Quoted);
    }
}

/// "eksctl delete cluster --name prod": a command line is no wish.
fn commands(items: &mut [Item<'_>], text: &str) {
    if !items.iter().any(|item| item.is_punct("\u{2013}")) {
        return;
    }
    for at in 0..items.len() {
        let word = text[items[at].from..items[at].to].split(' ').next().unwrap_or("");
        if items[at].why.is_some() || !PROGRAMS.contains(&word) {
            continue;
        }
        let ends = |item: &Item<'_>| item.mean == Mean::Break || item.is_punct(";<\"'`");
        let end = items[at..].iter().position(ends).map_or(items.len(), |found| at + found);
        if items[at..end].iter().any(|item| item.is_punct("\u{2013}")) {
            kill(&mut items[at..end], Why::Quoted);
        }
    }
}

/// `$(…)` is for a shell; nothing in it is a wish.
fn substitutions(items: &mut [Item<'_>]) {
    for at in 1..items.len() {
        if items[at].is_punct("({") && items[at - 1].is_punct("$") && items[at - 1].to == items[at].from {
            let close = (at..items.len())
                .find(|index| items[*index].is_punct(")}") || items[*index].mean == Mean::Break);
            let end = close.unwrap_or(items.len());
            kill(&mut items[at - 1..end], Why::Unsafe);
        }
    }
}

fn close_or_open(items: &mut [Item<'_>], text: &str, open: Option<usize>, at: usize) -> Option<usize> {
    let same = open.filter(|start| items[*start].mean == items[at].mean);
    let Some(start) = same else { return open.or(Some(at)) };
    let whole = text[..items[start].from].trim().is_empty() && text[items[at].to..].trim().is_empty();
    let inner = &items[start + 1..at];
    let answer = start.checked_sub(1).is_none_or(|before| items[before].is_punct(":=\u{2192}"));
    let acts = inner.iter().any(|item| matches!(item.mean, Mean::Act(_))) && (inner.len() > 1 || !answer);
    let said =
        items[start.saturating_sub(4)..start].iter().any(|item| item.is_any(&[Cue::Said, Cue::Ignore]));
    if !whole && (acts || said) {
        kill(&mut items[start..=at], Why::Quoted);
    }
    None
}
