//! Divides a goal into sentences and clauses, and reads its marks: strike-through, tick boxes, headings.

use super::item::{Item, Mean, Why};
use super::key::Key;
use super::lexicon::{Action, Cue};

/// Numbers the sentences and clauses of `items` and marks what the layout takes out.
pub(super) fn divide(items: &mut [Item<'_>], text: &str) {
    settle_questions(items);
    corrections(items);
    minus(items, text);
    header_rows(items);
    tables(items);
    number(items);
    strike(items);
    boxes(items);
    replaced(items);
    headings(items, text);
}

/// "Lean? yes." is an answer to a form, not a question: the mark becomes a colon.
fn settle_questions(items: &mut [Item<'_>]) {
    for at in 0..items.len() {
        if items[at].is_punct("?") && answered(items, at) {
            items[at].mean = Mean::Punct(':');
        }
    }
}

/// "in eu-west-1, no in eu-west-2": a "no" before a preposition denies nothing that follows; it corrects.
fn corrections(items: &mut [Item<'_>]) {
    for at in 1..items.len().saturating_sub(2) {
        let prepares = items[at + 1].is_any(&[Cue::In, Cue::To]);
        let place =
            matches!(items[at + 2].mean, Mean::Region(_) | Mean::Place(_) | Mean::Value(Key::Target, _));
        if items[at].is(Cue::No) && items[at - 1].is_punct(",;.\u{2014}") && prepares && place {
            items[at].mean = Mean::Cue(Cue::Correct);
        }
    }
}

/// "+ events - samples": beside plus signs a minus leaves out the feature behind it.
fn minus(items: &mut [Item<'_>], text: &str) {
    let plus = items.iter().any(|item| item.is_punct(",") && text[item.from..].starts_with('+'));
    for at in 0..items.len().saturating_sub(1) {
        if plus && items[at].is_punct("-") && matches!(items[at + 1].mean, Mean::Toggle(_)) {
            items[at].mean = Mean::Cue(Cue::No);
        }
    }
}

/// "Email | no": a row of two cells is a label and its value.
fn tables(items: &mut [Item<'_>]) {
    for at in 1..items.len() {
        let label = matches!(items[at - 1].mean, Mean::Label(_) | Mean::Toggle(_));
        let opens = at < 2 || items[at - 2].mean == Mean::Break || items[at - 2].is_punct("|");
        if items[at].is_punct("|") && label && opens && !more_cells(items, at) {
            items[at].mean = Mean::Punct(':');
        }
    }
}

/// "| target | email |" above a row of values: its cells name columns and state nothing.
fn header_rows(items: &mut [Item<'_>]) {
    let mut at = 0;
    while at < items.len() {
        let end = line_end(items, at);
        let below = line_end(items, (end + 1).min(items.len()));
        let bars = |from: usize, to: usize| {
            items[from..to.max(from)].iter().filter(|item| item.is_punct("|")).count()
        };
        let columns = bars(at, end);
        let plain = items[at..end].iter().all(|item| {
            matches!(
                item.mean,
                Mean::Label(_) | Mean::Toggle(_) | Mean::Unknown | Mean::Filler | Mean::Punct(_)
            )
        });
        if columns > 1 && plain && bars((end + 1).min(below), below) == columns {
            kill(&mut items[at..end], Why::Heading);
        }
        at = end + 1;
    }
}

/// Whether the line goes on with another cell; a bar at its very end closes the row.
fn more_cells(items: &[Item<'_>], at: usize) -> bool {
    let end = line_end(items, at);
    (at + 1..end.saturating_sub(1)).any(|index| items[index].is_punct("|"))
}

fn answered(items: &[Item<'_>], at: usize) -> bool {
    let asked: Vec<_> = items[..at]
        .iter()
        .rev()
        .take_while(|item| !ends_sentence(item) && !item.is_punct(":"))
        .filter(|item| item.mean != Mean::Filler)
        .collect();
    let thing = |item: &&Item<'_>| matches!(item.mean, Mean::Toggle(_) | Mean::Label(_) | Mean::Value(..));
    let short = (1..=3).contains(&asked.len())
        && asked.iter().any(thing)
        && !asked.iter().any(|item| item.is_any(&[Cue::Or, Cue::Ask]));
    let reply = items[at + 1..].iter().find(|item| item.mean != Mean::Filler && !item.is_punct(":"));
    let label = asked.len() == 1 && matches!(asked[0].mean, Mean::Label(_));
    short
        && reply.is_some_and(|item| {
            item.is_any(&[Cue::On, Cue::Off, Cue::No]) || (label && item.mean != Mean::Break)
        })
}

fn ends_sentence(item: &Item<'_>) -> bool {
    item.mean == Mean::Break || item.is_punct(".!?;")
}

fn number(items: &mut [Item<'_>]) {
    let (mut sentence, mut clause, mut said) = (0, 0, false);
    for at in 0..items.len() {
        if starts_clause(&items[at]) && (said || !items[at].is_any(&[Cue::Subject, Cue::Decide])) {
            clause += 1;
            said = false;
        }
        items[at].sentence = sentence;
        items[at].clause = clause;
        said |= items[at].is_content() || matches!(items[at].mean, Mean::Label(_) | Mean::Unknown);
        if ends_sentence(&items[at]) {
            sentence += 1;
        }
        if ends_sentence(&items[at]) || ends_clause(items, at) {
            clause += 1;
            said = false;
        }
    }
}

fn starts_clause(item: &Item<'_>) -> bool {
    item.is_any(&[Cue::But, Cue::Clause, Cue::Subject, Cue::If, Cue::Except, Cue::Decide])
}

fn ends_clause(items: &[Item<'_>], at: usize) -> bool {
    let spaced = || {
        let before = at == 0 || items[at - 1].to < items[at].from;
        before && items.get(at + 1).is_none_or(|next| next.from > items[at].to)
    };
    items[at].is_punct(",\u{2014}()|\u{2022}[]") || (items[at].is_punct("-/") && spaced())
}

/// Marks what stands between two `~~`.
fn strike(items: &mut [Item<'_>]) {
    let tildes: Vec<usize> = (0..items.len()).filter(|at| items[*at].is_punct("~")).collect();
    let pairs: Vec<usize> = tildes
        .windows(2)
        .filter(|pair| pair[1] == pair[0] + 1 && items[pair[0]].to == items[pair[1]].from)
        .map(|pair| pair[0])
        .collect();
    for pair in pairs.chunks_exact(2) {
        kill(&mut items[pair[0]..pair[1]], Why::Struck);
    }
}

/// Marks everything in `items` that is not already marked.
pub(super) fn kill(items: &mut [Item<'_>], why: Why) {
    items.iter_mut().for_each(|item| {
        item.why.get_or_insert(why);
    });
}

/// A tick box: where it begins and ends, and whether it is ticked.
#[derive(Clone, Copy)]
struct Tick {
    from: usize,
    to: usize,
    ticked: bool,
}

/// Marks what the boxes leave out: in a choice the empty ones, in a list of tasks the ticked ones.
fn boxes(items: &mut [Item<'_>]) {
    let ticks: Vec<Tick> = (0..items.len()).filter_map(|at| tick(items, at)).collect();
    let ends: Vec<usize> =
        ticks.iter().enumerate().map(|(index, tick)| scope_end(items, tick, ticks.get(index + 1))).collect();
    let acts = |tick: &Tick, end: usize| {
        items[tick.to..end]
            .iter()
            .any(|item| matches!(item.mean, Mean::Act(Action::Deploy | Action::Teardown)))
    };
    let tasks = ticks
        .iter()
        .zip(&ends)
        .any(|(tick, end)| !tick.ticked && items[tick.from].is_punct("[") && acts(tick, *end));
    for (tick, end) in ticks.iter().zip(ends) {
        match (tasks, tick.ticked) {
            (false, false) => kill(&mut items[tick.from..end], Why::Unchecked),
            (true, true) => kill(&mut items[tick.from..end], Why::Done),
            _ => {}
        }
    }
}

fn scope_end(items: &[Item<'_>], tick: &Tick, next: Option<&Tick>) -> usize {
    let line = (tick.to..items.len()).find(|at| items[*at].mean == Mean::Break).unwrap_or(items.len());
    next.map_or(line, |next| next.from.min(line))
}

fn tick(items: &[Item<'_>], at: usize) -> Option<Tick> {
    if items[at].is_punct("\u{2611}\u{2705}\u{2714}\u{2610}\u{274c}\u{2b1c}\u{2717}\u{2718}") {
        let ticked = items[at].is_punct("\u{2611}\u{2705}\u{2714}");
        return Some(Tick { from: at, to: at + 1, ticked });
    }
    let close = |at: usize| items.get(at).is_some_and(|item| item.is_punct(")]"));
    if !items[at].is_punct("([") {
        return None;
    }
    if close(at + 1) {
        return Some(Tick { from: at, to: at + 2, ticked: false });
    }
    let mark = items.get(at + 1)?;
    let crossed = mark.to - mark.from == 1 && matches!(mark.mean, Mean::Unknown | Mean::Punct('*'));
    (crossed && close(at + 2)).then_some(Tick { from: at, to: at + 3, ticked: true })
}

/// "From: EC2" above "To: EKS" is what is given up.
fn replaced(items: &mut [Item<'_>]) {
    let lead = |at: usize, cue: Cue| {
        (at == 0 || items[at - 1].mean == Mean::Break || is_bullet(&items[at - 1]))
            && items[at].is(cue)
            && items.get(at + 1).is_some_and(|next| next.is_punct(":"))
    };
    let from = (0..items.len()).find(|at| lead(*at, Cue::From));
    let to = (0..items.len()).find(|at| lead(*at, Cue::To));
    if let (Some(from), Some(to)) = (from, to)
        && from < to
    {
        let end = line_end(items, from);
        kill(&mut items[from..end], Why::Replaced);
    }
}

/// Marks lines under a heading that states no wish, such as "Rollback plan: …".
fn headings(items: &mut [Item<'_>], text: &str) {
    let mut at = 0;
    while at < items.len() {
        let end = line_end(items, at);
        if let Some(colon) = heading(items, at, end).or_else(|| kept(items, text, at, end)) {
            let stop = if colon + 1 >= end { bullets_end(items, end) } else { end };
            kill(&mut items[at..stop], Why::Heading);
            at = stop.max(end);
        } else {
            at = end;
        }
        at += 1;
    }
}

fn line_end(items: &[Item<'_>], at: usize) -> usize {
    (at..items.len()).find(|index| items[*index].mean == Mean::Break).unwrap_or(items.len())
}

/// The colon of a line whose heading takes it out.
fn heading(items: &[Item<'_>], at: usize, end: usize) -> Option<usize> {
    let first = (at..end).find(|index| !is_bullet(&items[*index]) && items[*index].mean != Mean::Filler)?;
    let dead = items[first].is_any(&[Cue::Heading, Cue::Past, Cue::Later, Cue::Maybe, Cue::People, Cue::See]);
    let colon = (first + 1..end.min(first + 4)).find(|index| items[*index].is_punct(":"))?;
    let plain = items[first + 1..colon].iter().all(|item| {
        matches!(
            item.mean,
            Mean::Unknown | Mean::Filler | Mean::Label(_) | Mean::Cue(Cue::Thing | Cue::People)
        )
    });
    (dead && plain).then_some(colon)
}

/// "Keep:" above a list names what is not to be touched.
fn kept(items: &[Item<'_>], text: &str, at: usize, end: usize) -> Option<usize> {
    let first = (at..end).find(|index| !is_bullet(&items[*index]) && items[*index].mean != Mean::Filler)?;
    let keeps = ["keep", "leave", "do not touch", "don't touch"];
    let word = &text[items[first].from..items[first].to];
    let colon = first + 1;
    let alone = colon + 1 == end && items.get(colon).is_some_and(|item| item.is_punct(":"));
    (alone && keeps.iter().any(|keep| word.eq_ignore_ascii_case(keep))).then_some(colon)
}

fn is_bullet(item: &Item<'_>) -> bool {
    item.is_punct("-*\u{2022}#>") || matches!(item.mean, Mean::Number(_))
}

/// The end of the bulleted lines that begin after the line break at `at`.
fn bullets_end(items: &[Item<'_>], at: usize) -> usize {
    let mut end = at;
    while items.get(end + 1).is_some_and(|item| item.is_punct("-*\u{2022}")) {
        end = line_end(items, end + 1);
    }
    end
}

/// Whether the item answers for a feature: a toggle, or a label that is one.
pub(super) fn is_load(key: Key) -> bool {
    matches!(key, Key::WithPlugins | Key::WithCompliance | Key::WithSamples)
}
