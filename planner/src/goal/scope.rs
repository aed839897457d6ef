//! Decides what in a text does not count: questions, quotations, conditions, possibilities, plans, the past.

use super::item::{Item, Mean, Why};
use super::layout::kill;
use super::lexicon::{Action, Cue};

/// Marks every item that a scope takes out, with the reason.
pub(super) fn mark(items: &mut [Item<'_>], text: &str) {
    quotations(items, text);
    substitutions(items);
    for range in ranges(items, |item| item.sentence) {
        questions(&mut items[range.clone()], text);
        to_the_right(&mut items[range.clone()], Cue::Ignore, Why::Disregarded);
        to_the_right(&mut items[range.clone()], Cue::Said, Why::Reported);
        conditions(&mut items[range.clone()]);
        futures(&mut items[range]);
    }
    for range in ranges(items, |item| item.clause) {
        spared(&mut items[range.clone()], text);
        possibilities(&mut items[range.clone()]);
        narrated(&mut items[range.clone()], text);
        past(&mut items[range.clone()]);
        against(&mut items[range]);
    }
}

/// Ranges of neighbouring items that share a number.
fn ranges(items: &[Item<'_>], number: impl Fn(&Item<'_>) -> usize) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    let mut all = Vec::new();
    for chunk in items.chunk_by(|a, b| number(a) == number(b)) {
        all.push(start..start + chunk.len());
        start += chunk.len();
    }
    all
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

/// A sentence that ends with a question mark states nothing, unless it is a request in disguise.
fn questions(items: &mut [Item<'_>], text: &str) {
    let asks = items.iter().any(|item| item.is(Cue::Tell)) && !items.iter().any(wants);
    let marked = items.last().is_some_and(|item| item.is_punct("?"));
    let opener = items.iter().find(|item| item.mean != Mean::Filler && !item.is_punct("-*\u{2022}\"'"));
    let real = opener.is_some_and(|item| item.is(Cue::Ask));
    if asks || (marked && (real || !requests(items, text))) || should_we(items) {
        let first = items.iter().position(|item| item.mean != Mean::Filler).unwrap_or(0);
        let order = items.get(first).is_some_and(|item| item.mean == Mean::Act(Action::Deploy));
        kill(&mut items[first + usize::from(order)..], Why::Question);
    }
}

fn wants(item: &Item<'_>) -> bool {
    matches!(item.mean, Mean::Act(Action::Deploy | Action::Teardown)) && item.why.is_none()
}

/// "Could you …?", "EKS in Paris, ok?"
fn requests(items: &[Item<'_>], text: &str) -> bool {
    let asks_nicely = |item: &Item<'_>| {
        let word = text[item.from..item.to].to_ascii_lowercase();
        item.mean == Mean::Filler
            && ["could", "can", "would", "please", "pls", "plz"].contains(&word.as_str())
    };
    let cue = items.iter().any(|item| item.is(Cue::Please)) || items.iter().take(4).any(asks_nicely);
    let tag = items.iter().rev().skip(1).take(2).collect::<Vec<_>>();
    let tagged =
        matches!(tag.as_slice(), [last, before] if last.mean == Mean::Filler && before.is_punct(","));
    cue || tagged
}

/// "Should we be on EKS" without its question mark.
fn should_we(items: &[Item<'_>]) -> bool {
    let mut words = items.iter().filter(|item| item.mean != Mean::Filler);
    words.next().is_some_and(|item| item.is(Cue::Ask)) && items.iter().any(|item| item.is(Cue::Or))
}

fn to_the_right(items: &mut [Item<'_>], cue: Cue, why: Why) {
    let speaks = |at: &usize| items[*at].is(cue) && items[*at].why.is_none() && !consents(items, *at);
    let Some(start) = (0..items.len()).find(speaks) else { return };
    let stops =
        |item: &Item<'_>| item.is_any(&[Cue::But, Cue::Decide, Cue::Correct]) || item.is_punct("\u{2014}");
    let end = (start + 1..items.len()).find(|at| stops(&items[*at])).unwrap_or(items.len());
    kill(&mut items[start..end], why);
}

/// "the boss said yes, …": consent is no quotation of what follows.
fn consents(items: &[Item<'_>], at: usize) -> bool {
    let next = |index: usize| items.get(index).map(|item| item.mean);
    items[at].is(Cue::Said)
        && matches!(next(at + 1), Some(Mean::Cue(Cue::On | Cue::No) | Mean::Filler))
        && matches!(next(at + 2), Some(Mean::Punct(_) | Mean::Break | Mean::Cue(Cue::And | Cue::Decide)))
}

/// "leave the EC2 stack alone", "keep the old cluster running": what stands between is not to be touched.
fn spared(items: &mut [Item<'_>], text: &str) {
    let word = |at: usize| text[items[at].from..items[at].to].to_ascii_lowercase();
    let keeps = |at: &usize| ["leave", "keep", "leaving", "keeping"].contains(&word(*at).as_str());
    let stays =
        |at: &usize| ["alone", "untouched", "running", "alive", "intact"].contains(&word(*at).as_str());
    let Some(start) = (0..items.len()).find(keeps) else { return };
    if let Some(end) = (start + 1..items.len()).find(stays) {
        kill(&mut items[start..end], Why::Negated);
    }
}

/// "If …" takes out the rest of its sentence, and the clause that it closes.
fn conditions(items: &mut [Item<'_>]) {
    let Some(at) = items.iter().position(|item| item.is(Cue::If)) else { return };
    let start = (0..at).rev().take_while(|index| !items[*index].is_punct(",\u{2014}(")).last().unwrap_or(at);
    kill(&mut items[start..], Why::Condition);
}

/// "Later" takes out what it says later of.
fn futures(items: &mut [Item<'_>]) {
    for at in 0..items.len() {
        if items[at].is(Cue::Later) {
            let (from, to) = future_scope(items, at);
            kill(&mut items[from..to], Why::Later);
        }
    }
}

fn future_scope(items: &[Item<'_>], at: usize) -> (usize, usize) {
    let clause = items[at].clause;
    let same = |index: &usize| items[*index].clause == clause;
    let start = (0..at).rev().take_while(same).last().unwrap_or(at);
    let mut end = (at..items.len()).take_while(same).last().map_or(at, |last| last + 1);
    let content = |range: std::ops::Range<usize>| items[range].iter().any(content_or_label);
    if !content(start..end) && items.get(end).is_some_and(|item| item.is(Cue::Subject)) {
        end = (end..items.len())
            .take_while(|index| items[*index].clause == items[end].clause)
            .last()
            .map_or(end, |last| last + 1);
    }
    if content(at..end) {
        return (at, end);
    }
    if content(start..at) {
        let stop = (start..at).rev().find(|index| items[*index].is_any(&[Cue::And, Cue::Now]));
        return (stop.unwrap_or(start), end);
    }
    let predicate = items[start..at].iter().any(|item| item.is(Cue::Be));
    (if predicate { sentence_topic(items, start) } else { start }, end)
}

/// Where the words begin of which a predicate without own content is said: "the second one (…) is for later".
fn sentence_topic(items: &[Item<'_>], at: usize) -> usize {
    let stop = (0..at).rev().find(|index| items[*index].is_any(&[Cue::But, Cue::And]));
    stop.unwrap_or(0)
}

fn content_or_label(item: &Item<'_>) -> bool {
    item.is_content() || matches!(item.mean, Mean::Label(_))
}

/// "Maybe" takes out what follows in its clause; when nothing follows, what it follows.
fn possibilities(items: &mut [Item<'_>]) {
    let Some(at) = items.iter().position(|item| item.is(Cue::Maybe)) else { return };
    let after = items[at..].iter().any(content_or_label);
    let range = if after { at..items.len() } else { 0..items.len() };
    kill(&mut items[range], Why::Maybe);
}

/// "Used to", "last year": the clause is not about now, unless it orders something.
fn past(items: &mut [Item<'_>]) {
    let Some(at) = items.iter().position(|item| item.is(Cue::Past)) else { return };
    let ordered =
        items[..at].iter().any(|item| matches!(item.mean, Mean::Act(Action::Teardown | Action::Deploy)));
    if !ordered {
        kill(items, Why::Past);
    }
}

/// "We deployed to EKS", "I almost installed docker": a tale, not an order.
fn narrated(items: &mut [Item<'_>], text: &str) {
    let word = |at: usize| text[items[at].from..items[at].to].to_ascii_lowercase();
    let adverbs = ["almost", "nearly", "once", "just", "already", "first", "accidentally"];
    let told = (1..items.len()).any(|at| {
        let by = if at > 1 && adverbs.contains(&word(at - 1).as_str()) { at - 2 } else { at - 1 };
        matches!(items[at].mean, Mean::Act(Action::Deploy | Action::Teardown))
            && word(at).ends_with("ed")
            && ["we", "i"].contains(&word(by).as_str())
    });
    if told {
        kill(items, Why::Past);
    }
}

/// "EKS is too expensive", "the cluster stays".
fn against(items: &mut [Item<'_>]) {
    let Some(at) = items.iter().position(|item| item.is(Cue::Bad)) else { return };
    if items[..at].iter().any(|item| item.is(Cue::Be)) {
        kill(&mut items[..at], Why::Against);
    }
}
