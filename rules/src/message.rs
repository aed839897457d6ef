//! Failures in text without events: a pasted message, or the log of a tool.

use std::collections::HashSet;

use crate::category::Category;
use crate::decode::Line;
use crate::incident::{beyond_summary, has_any, is_cancelled};
use crate::inner;
use crate::permissions;
use crate::rulebook::{Facts, Match, Rulebook};
use crate::sieve::TAIL;
use crate::signature::{Signature, Tier};
use crate::signs::{self, Sign};
use crate::traceback;

/// A text up to this many characters is read as one message.
const SHORT: usize = 6000;
/// A text of up to this many lines was picked out by somebody because it is a failure.
const MESSAGE_LINES: usize = 4;
/// Below this confidence a rule only goes by a status code, and any rule that reads the words goes before it.
const GUESS: f64 = 0.45;
/// How many lines below an error are read with it.
const WINDOW: usize = 6;
/// How many different error lines of a log are tried, from its start and from its end each.
const TRIED: usize = 1500;
/// How many refusals of a text are read.
const DENIED: usize = 500;

/// A failure found in text.
#[derive(Debug)]
pub(crate) struct Found<'b> {
    /// The line it stands on, as an index.
    pub(crate) at: usize,
    /// The text.
    pub(crate) text: String,
    /// The rule that knows it.
    pub(crate) best: Option<Match<'b>>,
}

/// The failure in the lines that no event was read from, if there is one. `cut` says that lines were let go
/// between these, so that they are no short text.
pub(crate) fn find<'b>(
    lines: &[Line<'_>],
    used: &[bool],
    book: &'b Rulebook,
    cut: bool,
) -> Option<Found<'b>> {
    let mut free = free(lines, used);
    without_warnings(lines, &mut free);
    let short = !cut && free.iter().map(|at| lines[*at].text.len()).sum::<usize>() <= SHORT;
    let signs = signs_of(lines, &free, if short { signs::sign } else { signs::loud });
    if ended_well(lines, &signs) {
        return None;
    }
    let beside_events = used.contains(&true);
    let found = if short {
        whole(lines, &free, &signs, (book, beside_events))
    } else {
        in_log(lines, &signs, book, None)
    }?;
    (!found.is_noise()).then(|| found.where_it_is_told(lines))
}

/// Leaves out the warnings, with what stands indented below them, where an error stands beside them.
fn without_warnings(lines: &[Line<'_>], free: &mut Vec<usize>) {
    if !free.iter().any(|at| signs::is_marked_error(&lines[*at].text)) {
        return;
    }
    let mut in_warning = false;
    free.retain(|at| {
        let line = &*lines[*at].text;
        in_warning = signs::is_warning(line) || in_warning && line.starts_with([' ', '\t']);
        !in_warning
    });
}

/// The best-known failure in the lines that no event was read from, other than by the given rule: what
/// events only point at.
pub(crate) fn elsewhere<'b>(
    lines: &[Line<'_>],
    used: &[bool],
    book: &'b Rulebook,
    not: Option<&str>,
) -> Option<Found<'b>> {
    let signs = signs_of(lines, &free(lines, used), signs::loud);
    in_log(lines, &signs, book, not).filter(|found| found.best.is_some() && !found.is_noise())
}

/// The best-known reason for which a task of a service stopped, in the lines that no event was read from.
pub(crate) fn stopped_task<'b>(lines: &[Line<'_>], used: &[bool], book: &'b Rulebook) -> Option<Found<'b>> {
    const WORDS: [&str; 5] = ["task ", "stopped", "CannotPull", "ResourceInitialization", "ContainerError"];
    let mut told = free(lines, used);
    told.retain(|at| has_any(&lines[*at].text, &WORDS));
    let signs = told.into_iter().map(|at| (at, Sign::Loud)).collect::<Vec<_>>();
    in_log(lines, &signs, book, None).filter(|found| found.best.is_some() && !found.is_noise())
}

/// The refusals in the lines that no event was read from, each with the lines below it.
pub(crate) fn denied(lines: &[Line<'_>], used: &[bool]) -> Vec<String> {
    let free = (0..lines.len()).filter(|at| !used[*at] && permissions::may_deny(&lines[*at].text));
    free.take(DENIED).map(|at| paragraph(lines, at)).collect()
}

/// The lines with text that no event was read from.
fn free(lines: &[Line<'_>], used: &[bool]) -> Vec<usize> {
    (0..lines.len()).filter(|at| !used[*at] && !lines[*at].text.trim().is_empty()).collect()
}

fn signs_of(lines: &[Line<'_>], free: &[usize], sign: fn(&str) -> Sign) -> Vec<(usize, Sign)> {
    let mut signs: Vec<(usize, Sign)> = free.iter().map(|at| (*at, sign(&lines[*at].text))).collect();
    traceback::mark(lines, &mut signs);
    signs
}

impl Found<'_> {
    /// The same failure at the line that tells it, where the line it was found on only announces it.
    fn where_it_is_told(self, lines: &[Line<'_>]) -> Self {
        match traceback::told_above(lines, self.at) {
            Some(at) => Self { at, text: lines[at].text.trim().to_owned(), ..self },
            None => self,
        }
    }

    fn is_noise(&self) -> bool {
        let category = self.best.as_ref().map(|best| best.rule.category);
        matches!(category, Some(Category::Cancelled | Category::NoChanges))
            || self.best.is_none() && (is_cancelled(&self.text) || beyond_summary(&self.text).is_empty())
    }
}

/// Whether the last thing the text says about the run is that it ended well.
fn ended_well(lines: &[Line<'_>], signs: &[(usize, Sign)]) -> bool {
    let last_error = signs.iter().rev().find(|(_, sign)| *sign == Sign::Loud).map(|(at, _)| *at);
    let end = signs.last().map_or(0, |(at, _)| lines[*at].number);
    let tail = signs.iter().rev().map(|(at, _)| *at).take_while(|at| end - lines[*at].number < TAIL);
    let last_success = tail.into_iter().find(|at| signs::ends_well(&lines[*at].text));
    last_success.is_some_and(|success| last_error.is_none_or(|error| success > error))
}

/// A short text as one message.
fn whole<'b>(
    lines: &[Line<'_>],
    free: &[usize],
    signs: &[(usize, Sign)],
    (book, beside_events): (&'b Rulebook, bool),
) -> Option<Found<'b>> {
    let text = free.iter().map(|at| &*lines[*at].text).collect::<Vec<_>>().join("\n");
    let best = best(book, Facts { text: &text, ..Facts::default() });
    let loudest = signs.iter().map(|(_, sign)| *sign).max().unwrap_or(Sign::None);
    let known = best.as_ref().is_some_and(|best| best.rule.tier > Tier::General);
    // a few lines are a message somebody picked out; more, or any beside events, are a log, where soft words prove
    // nothing
    let message = free.len() <= MESSAGE_LINES && !beside_events && !text.starts_with(['{', '[']);
    let needed = if message { Sign::Soft } else { Sign::Loud };
    let picked_out = best.is_some() && is_one_plain_line(lines, free);
    if !known && !picked_out && loudest < needed {
        return None;
    }
    let place = |best: &Match<'_>| line_of(lines, free, signs, book, &best.rule.id);
    let is_calm = |best: &Match<'_>| {
        place(best).is_some_and(|at| signs.contains(&(at, Sign::None)) && signs::is_calm(&lines[at].text))
    };
    // what a calm line beside a loud one says in general words is not what failed
    let best = best.filter(|best| known || loudest < Sign::Loud || picked_out || !is_calm(best));
    let at = best.as_ref().map_or_else(|| first_with(signs, loudest), place)?;
    // a retry among other lines is no failure, whatever it was that was retried
    let doubtful = free.len() > MESSAGE_LINES || free.len() > 1 && signs::is_calm(&lines[at].text);
    if known && doubtful && !is_signed(signs, at) {
        return None;
    }
    let text = if best.is_some() && free.len() > 1 || !message { paragraph(lines, at) } else { text };
    Some(Found { at, text, best })
}

/// Whether the text is a single line that tells no progress: what it says is a message, even in calm words.
fn is_one_plain_line(lines: &[Line<'_>], free: &[usize]) -> bool {
    let plain = |at: &usize| !signs::is_calm(&lines[*at].text) && !signs::ends_well(&lines[*at].text);
    lines.iter().filter(|line| !line.text.trim().is_empty()).count() == 1 && free.first().is_some_and(plain)
}

/// Whether a line, or one of the few around it, uses words of failure.
fn is_signed(signs: &[(usize, Sign)], at: usize) -> bool {
    let here = signs.partition_point(|(line, _)| *line < at);
    signs[here.saturating_sub(3)..].iter().take(8).any(|(_, sign)| *sign > Sign::None)
}

fn first_with(signs: &[(usize, Sign)], sign: Sign) -> Option<usize> {
    signs.iter().find(|(_, s)| *s == sign).or(signs.first()).map(|(at, _)| *at)
}

/// The first line, or the first few lines together, on which a rule matches.
fn line_of(
    lines: &[Line<'_>],
    free: &[usize],
    signs: &[(usize, Sign)],
    book: &Rulebook,
    id: &str,
) -> Option<usize> {
    let has = |text: &str| book.best(Facts { text, ..Facts::default() }, |rule| rule.id == id).is_some();
    if let Some(at) = free.iter().find(|at| has(&lines[**at].text)) {
        return Some(*at);
    }
    let joined = |window: &[usize]| window.iter().map(|at| &*lines[*at].text).collect::<Vec<_>>().join(" ");
    let windows = [2, 4, 8].into_iter().flat_map(|size| free.windows(size));
    let found = windows.take(200).find(|window| has(&joined(window))).map(|window| window[0]);
    found.or_else(|| first_with(signs, Sign::Loud))
}

/// The line and those below it, up to a blank one or the next entry of a log.
fn paragraph(lines: &[Line<'_>], at: usize) -> String {
    let below = lines[at + 1..].iter().take(WINDOW - 1).map(|line| &*line.text);
    let below = below.take_while(|line| !line.trim().is_empty() && !starts_entry(line));
    std::iter::once(&*lines[at].text).chain(below).collect::<Vec<_>>().join("\n")
}

/// Whether a line begins with a date or a time, as the entries of a log do.
fn starts_entry(line: &str) -> bool {
    let shape: String = line.trim_start_matches(['[', '(', ' ', '\t']).chars().take(10).collect();
    let digits: String = shape.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    digits.starts_with("0000-00-00") || digits.starts_with("0000/00/00") || digits.starts_with("00:00:00")
}

/// The most telling error of a log: the best-known one, and of those the first.
fn in_log<'b>(
    lines: &[Line<'_>],
    signs: &[(usize, Sign)],
    book: &'b Rulebook,
    not: Option<&str>,
) -> Option<Found<'b>> {
    let errors: Vec<usize> =
        signs.iter().filter(|(_, sign)| *sign == Sign::Loud).map(|(at, _)| *at).collect();
    let skipped = errors.len().saturating_sub(2 * TRIED);
    let tried = errors.iter().enumerate().filter(|(n, _)| *n < TRIED || *n >= TRIED + skipped);
    let mut seen = HashSet::new();
    let mut chosen: Option<Found<'b>> = None;
    for (_, at) in tried {
        if !seen.insert(lines[*at].text.trim()) {
            continue;
        }
        let text = paragraph(lines, *at);
        let best = best(book, Facts { text: &text, ..Facts::default() })
            .filter(|best| not.is_none_or(|not| best.rule.id != not));
        if rank(best.as_ref()) > chosen.as_ref().map_or(-1, |found| rank(found.best.as_ref())) {
            chosen = Some(Found { at: *at, text, best });
        }
    }
    chosen
}

fn rank(best: Option<&Match<'_>>) -> i32 {
    match best {
        Some(best) if best.rule.category == Category::Unknown => 0,
        Some(best) if best.confidence < GUESS => 1,
        Some(best) => 2 + best.rule.tier as i32,
        None => 0,
    }
}

/// The rule that knows a text best: what a wrapper holds before the wrapper itself, and a text whose broken
/// words are joined where the text as it stands says nothing.
pub(crate) fn best<'b>(book: &'b Rulebook, facts: Facts<'_>) -> Option<Match<'b>> {
    let direct = best_unwrapped(book, facts);
    if !facts.text.contains('\n') || direct.as_ref().is_some_and(|found| found.rule.tier > Tier::General) {
        return direct;
    }
    rejoined(facts.text).iter().fold(direct, |best, text| {
        let joined = best_unwrapped(book, Facts { text, ..facts });
        if rank(joined.as_ref()) > rank(best.as_ref()) { joined } else { best }
    })
}

/// A text whose lines may have been broken to a width, put together in the ways they break: anywhere, anywhere
/// with an indentation, and between words.
fn rejoined(text: &str) -> [String; 3] {
    let trimmed: Vec<&str> = text.lines().map(str::trim).collect();
    let squeezed = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    [squeezed, trimmed.concat(), trimmed.join(" ")]
}

/// Whether the wrapper's own code tells more than a status code inside it. That a handler failed inside does not:
/// the service's refusal stands behind it.
fn says_more(outer: &Match<'_>, inner: &Match<'_>) -> bool {
    inner.confidence < GUESS
        && outer.confidence > inner.confidence
        && outer.rule.category != Category::InternalFailure
}

fn best_unwrapped<'b>(book: &'b Rulebook, facts: Facts<'_>) -> Option<Match<'b>> {
    let noise = |rule: &Signature| matches!(rule.category, Category::NoChanges | Category::Cancelled);
    // what a service reports of its own connections says nothing of the way from this machine to it
    let elsewhere = |rule: &Signature| rule.category == Category::Network;
    let wrapped = inner::messages(facts.text);
    // what is no failure by itself is one inside a wrapper that says so
    let mut outer = book.best(facts, |rule| wrapped.is_empty() || !noise(rule));
    if outer.as_ref().is_some_and(|found| found.rule.category == Category::Cancelled) {
        // an echo of a failure in the same text as the failure is not what the text tells
        let told = book.best(facts, |rule| !noise(rule) && rule.tier > Tier::General);
        outer = told.or(outer);
    }
    let inner = wrapped
        .into_iter()
        .rev()
        .find_map(|text| book.best(Facts { text, ..facts }, |rule| !noise(rule) && !elsewhere(rule)));
    match (outer, inner) {
        (Some(outer), Some(inner)) if says_more(&outer, &inner) => Some(outer),
        (Some(outer), Some(inner)) if inner.rule.tier >= outer.rule.tier => Some(inner),
        (None, inner) => inner,
        (outer, _) => outer,
    }
}
