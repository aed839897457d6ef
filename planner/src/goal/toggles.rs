//! Reads features that are on or off: email, the loads, smoke test, events, bootstrap image, lean, SES identity.

use super::item::{Item, Mean, Why};
use super::key::Key;
use super::layout::is_load;
use super::lexicon::{Action, Cue, Meaning};
use super::pronouns;
use super::reading::Reading;

/// Where the state of a feature is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Side {
    /// Before it: "no samples".
    Before { weak: bool },
    /// After it: "samples off".
    After,
}

/// The state of one feature, with the item that says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) on: bool,
    side: Side,
    pub(super) by: usize,
}

/// What stands between two features of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Join {
    And,
    Or,
    Comma,
}

/// Reads every feature named in the text.
pub(super) fn read(reading: &mut Reading<'_>) {
    let toggles: Vec<(usize, Key)> = (0..reading.items.len()).filter_map(|at| toggle(reading, at)).collect();
    let mut states: Vec<Option<State>> = toggles.iter().map(|(at, _)| state(reading, *at)).collect();
    spread(reading, &toggles, &mut states);
    for ((at, key), state) in toggles.iter().zip(&states) {
        note(reading, *at, *key, *state);
    }
    pronouns::read(reading, &toggles);
    loads(reading);
    everything_but(reading, &toggles);
}

/// "with all plugins": "all" goes with the feature that follows, and is not every load.
pub(super) fn settle(items: &mut [Item<'_>], text: &str) {
    for at in 0..items.len() {
        let all = text[..items[at].to]
            .get(items[at].to.saturating_sub(4)..)
            .is_some_and(|end| end.eq_ignore_ascii_case(" all"));
        let next = items[at + 1..].iter().find(|item| item.mean != Mean::Filler).map(|item| item.mean);
        if items[at].mean == Mean::Toggle(Key::WithAll)
            && all
            && matches!(next, Some(Mean::Toggle(key)) if is_load(key))
        {
            items[at].mean = Mean::Cue(Cue::With);
        }
    }
}

/// "Loads: all".
fn loads(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len().saturating_sub(2) {
        let marked = reading.items[at + 1].is_punct(":=\u{2192}");
        let all = reading.words(at + 2).eq_ignore_ascii_case("all") && reading.boundary_or_end(at + 3);
        if reading.mean(at) == Mean::Label(Key::WithAll) && marked && all {
            let why = reading.items[at].why;
            reading.find(Key::WithAll, true, at, at + 2, 2, why);
        }
    }
}

fn toggle(reading: &Reading<'_>, at: usize) -> Option<(usize, Key)> {
    match reading.mean(at) {
        Mean::Toggle(key) => Some((at, key)),
        _ => None,
    }
}

fn note(reading: &mut Reading<'_>, at: usize, key: Key, state: Option<State>) {
    let bare = reading.items[at].says(reading.text, &["everything", "all"]);
    if key == Key::WithAll && bare && matches!(reading.mean(at + 1), Mean::Value(..)) {
        return;
    }
    let why = reading.items[at].why;
    if matches!(why, Some(Why::Question | Why::Maybe))
        && let Some((on, by)) = answer(reading, at)
    {
        return reading.find(key, on, at, by, 2, None);
    }
    let addressed = key == Key::Email && matches!(reading.mean(reading.skip_filler(at + 1)), Mean::Email);
    match state {
        Some(State { side: Side::Before { .. }, on: true, .. }) if addressed => {}
        Some(state) => reading.find(key, state.on, state.by, at, 2, why),
        None if key == Key::SkipSesIdentity
            || ((key != Key::WithAll || several(reading, at) || !removing(reading, at))
                && alone(reading, at, key)) =>
        {
            reading.find(key, true, at, at, 1, why)
        }
        None if why.is_none() => reading.find(key, true, at, at, 0, Some(Why::Unclear)),
        None => reading.find(key, true, at, at, 0, why),
    }
}

/// Whether the sentence takes something down: "delete everything".
fn removing(reading: &Reading<'_>, at: usize) -> bool {
    let sentence = reading.items[at].sentence;
    reading.items.iter().any(|item| {
        item.sentence == sentence
            && (item.mean == Mean::Act(Action::Teardown) || item.is_any(&[Cue::Drop, Cue::Ignore]))
    })
}

/// Whether "all" says of what, as in "all loads"; a bare "everything" needs a verb.
fn several(reading: &Reading<'_>, at: usize) -> bool {
    let words = reading.words(at).to_ascii_lowercase();
    words.contains(' ') && !words.ends_with("it")
}

/// The "yes" or "no" that opens the sentence after a question: "there is a smoke test? yeah, run that".
fn answer(reading: &Reading<'_>, at: usize) -> Option<(bool, usize)> {
    let sentence = reading.items[at].sentence;
    let next = (at..reading.items.len()).find(|index| reading.items[*index].sentence > sentence)?;
    let opener = reading.skip_filler(next);
    let comma = opener > next && reading.items.get(opener).is_some_and(|item| item.is_punct(","));
    let first = if comma { reading.skip_filler(opener + 1) } else { opener };
    let alone = reading.boundary_or_end(reading.skip_filler(first + 1));
    let asked = reading.items[next - 1].is_punct("?");
    let no = reading.is(first, Cue::No)
        && alone
        && asked
        && !reading.items[first + 1..].first().is_some_and(|c| c.is_punct(","));
    match reading.mean(first) {
        Mean::Cue(Cue::On) => Some((true, first)),
        Mean::Cue(Cue::Off) if alone => Some((false, first)),
        _ if no => Some((false, first)),
        _ => None,
    }
}

/// Whether the feature stands in a clause without any unknown word, as in "eks, samples, lean".
fn alone(reading: &Reading<'_>, at: usize, key: Key) -> bool {
    let next = reading.skip_filler(at + 1);
    let other = matches!(
        reading.mean(next),
        Mean::Punct(':' | '=' | '<') | Mean::Email | Mean::Cue(Cue::From | Cue::To | Cue::Identity)
    );
    (key != Key::Email || !other) && !portion(reading, at).iter().any(odd)
}

/// The part of the clause around `at` that no colon divides.
fn portion<'r, 'l>(reading: &'r Reading<'l>, at: usize) -> &'r [Item<'l>] {
    let clause = reading.items[at].clause;
    let inside =
        |index: &usize| reading.items[*index].clause == clause && !reading.items[*index].is_punct(":");
    let start = (0..at).rev().take_while(inside).last().unwrap_or(at);
    let parted = |index: usize| {
        let no = index + usize::from(reading.is(index, Cue::And));
        let toggle = matches!(reading.mean(reading.skip_filler(no + 1)), Mean::Toggle(_));
        reading.is(no, Cue::No) && (no > index || toggle)
    };
    let end = (at..reading.items.len()).take_while(|index| inside(index) && !parted(*index)).last();
    let end = end.unwrap_or(at);
    &reading.items[start..=end]
}

/// Whether an item makes the words around it more than a list of wishes.
fn odd(item: &Item<'_>) -> bool {
    let cues = [
        Cue::Subject,
        Cue::Unknown,
        Cue::Foreign,
        Cue::Not,
        Cue::No,
        Cue::Ignore,
        Cue::Or,
        Cue::Leave,
        Cue::Bad,
        Cue::People,
    ];
    matches!(item.mean, Mean::Unknown | Mean::Punct('?' | '\'' | '"')) || item.is_any(&cues)
}

/// What the words around a feature say of it.
fn state(reading: &Reading<'_>, at: usize) -> Option<State> {
    let before = before(reading, at);
    let Some(after) = after(reading, at) else { return before };
    match before {
        // "no email needed", "without samples loaded": the negation is said of the whole.
        Some(State { on: false, by, .. }) if after.on => match reading.mean(by) {
            Mean::Cue(Cue::Not | Cue::No | Cue::Drop | Cue::Except) | Mean::Act(_) => before,
            _ => Some(after),
        },
        Some(State { on: false, by, .. }) if reading.is(by, Cue::Not) => Some(State { on: true, ..after }),
        _ => Some(after),
    }
}

/// The state said after the feature: "samples: no", "mail is switched off".
pub(super) fn after(reading: &Reading<'_>, at: usize) -> Option<State> {
    if let Some(by) = reading.waved_off(at) {
        return Some(State { on: false, side: Side::After, by });
    }
    let mut next = at + 1;
    let mut marked = false;
    if reading.words(next).eq_ignore_ascii_case("of") && reading.stops(next + 1) {
        return Some(State { on: false, side: Side::After, by: next });
    }
    while matches!(
        reading.mean(next),
        Mean::Filler
            | Mean::Cue(Cue::Be)
            | Mean::Punct(':' | '=' | '\u{2192}' | '"' | '\'' | '`' | '~' | '*')
    ) || reading.items.get(next).is_some_and(|item| item.why == Some(Why::Struck))
    {
        marked |= matches!(reading.mean(next), Mean::Punct(':' | '=' | '\u{2192}'));
        next += 1;
    }
    let on = match reading.mean(next) {
        Mean::Cue(Cue::On | Cue::Wanted) => true,
        Mean::Cue(Cue::With) if marked => true,
        Mean::Cue(Cue::Drop) if marked => false,
        Mean::Cue(Cue::Off) => false,
        Mean::Cue(Cue::OnWord) => ends(reading, next + 1).then_some(true)?,
        Mean::Cue(Cue::In) => (at_end(reading, next + 1) || marked).then_some(true)?,
        Mean::Cue(Cue::Out) => at_end(reading, next + 1).then_some(false)?,
        Mean::Cue(Cue::No) => (marked || answers(reading, next + 1)).then_some(false)?,
        Mean::Cue(Cue::Not) if reading.boundary_or_end(next + 1) => false,
        Mean::Cue(Cue::Not) => matches!(
            reading.mean(past_be(reading, next + 1)),
            Mean::Cue(Cue::With | Cue::Wanted | Cue::On | Cue::OnWord)
        )
        .then_some(false)?,
        Mean::Act(Action::Deploy) if participle(reading, next) => true,
        Mean::Act(Action::Teardown) if participle(reading, next) => false,
        Mean::Number(1) if marked => true,
        Mean::Number(0) if marked => false,
        _ => return None,
    };
    Some(State { on, side: Side::After, by: next })
}

/// The first item from `at` on that is neither light nor a form of "to be".
fn past_be(reading: &Reading<'_>, at: usize) -> usize {
    let next = reading.skip_filler(at);
    if reading.is(next, Cue::Be) { past_be(reading, next + 1) } else { next }
}

fn participle(reading: &Reading<'_>, at: usize) -> bool {
    reading.words(at).to_ascii_lowercase().ends_with("ed")
}

/// "on" switches on unless it is the preposition of what follows.
fn ends(reading: &Reading<'_>, at: usize) -> bool {
    let next = reading.skip_filler(at);
    !matches!(reading.mean(next), Mean::Value(..) | Mean::Place(_) | Mean::Region(_) | Mean::Domain)
}

/// "samples no, plugins yes" answers for the samples; in "lean no samples" the "no" is for what follows.
fn answers(reading: &Reading<'_>, at: usize) -> bool {
    let next = reading.skip_filler(at);
    let told =
        |at: usize| reading.items.get(at).is_some_and(|item| item.is_any(&[Cue::On, Cue::Off, Cue::No]));
    at_end(reading, at) && (!matches!(reading.mean(next), Mean::Toggle(_)) || told(next + 1))
}

fn at_end(reading: &Reading<'_>, at: usize) -> bool {
    let next = reading.skip_filler(at);
    next >= reading.items.len()
        || reading.boundary(next)
        || matches!(reading.mean(next), Mean::Toggle(_) | Mean::Cue(Cue::On | Cue::Off | Cue::No | Cue::Now))
}

/// The state said before the feature: "no samples", "do not load the samples", "with samples".
pub(super) fn before(reading: &Reading<'_>, at: usize) -> Option<State> {
    let mut unknown = 0;
    let mut positive = switches_on(reading, at).then_some(at);
    for index in (0..at).rev() {
        match reading.mean(index) {
            Mean::Cue(Cue::Leave) if bothers(reading, index) => {
                return Some(State { on: false, side: Side::Before { weak: false }, by: index });
            }
            Mean::Cue(Cue::Leave) => return None,
            Mean::Cue(Cue::Off) if opens(reading, index) => {
                return Some(State { on: false, side: Side::Before { weak: false }, by: index });
            }
            Mean::Cue(Cue::Not) => {
                return Some(State { on: false, side: Side::Before { weak: false }, by: index });
            }
            Mean::Cue(Cue::Except) if none_but(reading, index) => {
                return Some(State { on: true, side: Side::Before { weak: false }, by: index });
            }
            Mean::Cue(Cue::No | Cue::Except | Cue::Instead) => {
                return Some(State {
                    on: false,
                    side: Side::Before { weak: reading.is(index, Cue::No) },
                    by: index,
                });
            }
            Mean::Cue(Cue::But)
                if reading
                    .before(index)
                    .is_some_and(|all| reading.mean(all) == Mean::Toggle(Key::WithAll))
                    && positive.is_none()
                    && is_load_at(reading, at) =>
            {
                return Some(State { on: false, side: Side::Before { weak: false }, by: index });
            }
            Mean::Act(Action::Teardown) | Mean::Cue(Cue::Drop)
                if reading.mean(at) == Mean::Toggle(Key::WithAll) && !several(reading, at) =>
            {
                return None;
            }
            Mean::Cue(Cue::Drop) | Mean::Act(Action::Teardown) => {
                let negated = index.checked_sub(1).is_some_and(|_| denied(reading, index));
                return Some(State { on: negated, side: Side::Before { weak: false }, by: index });
            }
            Mean::Cue(Cue::With | Cue::Create | Cue::Clone) | Mean::Act(Action::Deploy) => {
                positive.get_or_insert(index);
            }
            Mean::Unknown if (positive.is_none() || denied(reading, index)) && unknown < 2 => unknown += 1,
            Mean::Cue(Cue::And) if positive.is_none() && accompanied(reading, index) => {
                positive = Some(index);
                break;
            }
            Mean::Punct(':') if headed(reading, index) => {}
            _ if passes(reading, index) => {}
            _ => break,
        }
    }
    positive.map(|by| State { on: true, side: Side::Before { weak: false }, by })
}

/// "with three retries and the smoke test": "with" reaches over what is named in between.
fn accompanied(reading: &Reading<'_>, and: usize) -> bool {
    let (sentence, mut unknown) = (reading.items[and].sentence, 0);
    for index in (0..and).rev().take_while(|index| reading.items[*index].sentence == sentence) {
        match reading.mean(index) {
            Mean::Cue(Cue::With) => return !denied(reading, index),
            Mean::Cue(Cue::Be | Cue::To | Cue::Called | Cue::And | Cue::As)
            | Mean::Filler
            | Mean::Label(_)
            | Mean::Name => {}
            Mean::Number(_) | Mean::Path | Mean::Email | Mean::Domain | Mean::ZoneId | Mean::Value(..) => {}
            Mean::Punct(_) => {}
            Mean::Unknown if unknown < 3 => unknown += 1,
            _ => return false,
        }
    }
    false
}

/// Whether the phrase itself switches on: "load all", "lean profile".
fn switches_on(reading: &Reading<'_>, at: usize) -> bool {
    let words = super::text::fold(reading.words(at));
    let first = words.split([' ', '-', '_']).next().unwrap_or("");
    let verb = first == "w/" || matches!(reading.lexicon.meaning(first), Some(Meaning::Cue(Cue::With)));
    verb || (reading.mean(at) == Mean::Toggle(Key::Lean) && first.len() < words.len())
}

fn is_load_at(reading: &Reading<'_>, at: usize) -> bool {
    matches!(reading.mean(at), Mean::Toggle(key) if is_load(key))
}

/// "Not necessary are the samples": the state opens its clause.
fn opens(reading: &Reading<'_>, at: usize) -> bool {
    let before = (0..at)
        .rev()
        .find(|index| !matches!(reading.mean(*index), Mean::Filler | Mean::Cue(Cue::Be | Cue::It)));
    before.is_none_or(|before| reading.stops(before))
}

/// "no loads except the samples": the exception is what is wanted.
fn none_but(reading: &Reading<'_>, at: usize) -> bool {
    let all = reading
        .before(at)
        .filter(|all| matches!(reading.mean(*all), Mean::Label(Key::WithAll) | Mean::Toggle(Key::WithAll)));
    all.and_then(|all| reading.before(all))
        .is_some_and(|no| reading.items[no].is_any(&[Cue::No, Cue::Drop, Cue::Not]))
}

/// "do not bother with the plugins" leaves them out; "do not touch the plugins" says nothing of them.
fn bothers(reading: &Reading<'_>, at: usize) -> bool {
    reading.words(at).to_ascii_lowercase().starts_with("bother") && denied(reading, at)
}

/// "Don't load: compliance": the colon after a verb leads to what it is about.
fn headed(reading: &Reading<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|verb| {
        reading.items[verb].is_any(&[Cue::Not, Cue::No, Cue::Drop, Cue::Except, Cue::Off])
            || (reading.is(verb, Cue::With) && denied(reading, verb))
    })
}

/// "do not skip the samples".
pub(super) fn denied(reading: &Reading<'_>, at: usize) -> bool {
    reading.before(at).is_some_and(|index| reading.is(index, Cue::Not))
}

fn passes(reading: &Reading<'_>, at: usize) -> bool {
    let cues = [Cue::To, Cue::Another, Cue::It, Cue::Polite, Cue::Now, Cue::Thing, Cue::Be, Cue::Wanted];
    matches!(reading.mean(at), Mean::Filler | Mean::Number(_) | Mean::Punct('"' | '\'' | '`' | '\u{2013}'))
        || reading.items[at].is_any(&cues)
}

/// Carries a state along a list: "email, events and samples: yes", "without samples or plugins".
fn spread(reading: &Reading<'_>, toggles: &[(usize, Key)], states: &mut [Option<State>]) {
    let joins: Vec<Option<Join>> =
        toggles.windows(2).map(|pair| join(reading, pair[0].0, pair[1].0)).collect();
    for index in (0..joins.len()).rev() {
        let Some(join) = joins[index] else { continue };
        let Some(state) =
            states[index + 1].filter(|state| state.side == Side::After && states[index].is_none())
        else {
            continue;
        };
        if state.on
            || join != Join::Comma
            || listed(&joins, index)
            || marked(reading, toggles[index + 1].0, state.by)
        {
            states[index] = Some(state);
        }
    }
    for index in 0..joins.len() {
        let Some(join) = joins[index] else { continue };
        let Some(state) =
            states[index].filter(|state| state.side != Side::After && states[index + 1].is_none())
        else {
            continue;
        };
        let weak = matches!(state.side, Side::Before { weak: true });
        if state.on
            || reading.mean(state.by + 1) == Mean::Punct(':')
            || join != Join::Comma
            || alternatives(&joins, index)
            || (!weak && listed(&joins, index))
        {
            states[index + 1] = Some(state);
        }
    }
}

fn marked(reading: &Reading<'_>, from: usize, to: usize) -> bool {
    (from..to).any(|at| reading.items[at].is_punct(":=\u{2192}"))
}

/// Whether the list that holds this join ends with "and" or "or".
fn listed(joins: &[Option<Join>], from: usize) -> bool {
    joins[from..].iter().map_while(|join| *join).any(|join| join != Join::Comma)
}

fn alternatives(joins: &[Option<Join>], from: usize) -> bool {
    joins[from..].iter().map_while(|join| *join).any(|join| join == Join::Or)
}

/// How two features are joined, if nothing else stands between them.
fn join(reading: &Reading<'_>, from: usize, to: usize) -> Option<Join> {
    let mut join = None;
    for at in from + 1..to {
        let found = match reading.mean(at) {
            Mean::Cue(Cue::And) => Join::And,
            Mean::Cue(Cue::Or) => Join::Or,
            Mean::Cue(Cue::Not) if reading.words(at).eq_ignore_ascii_case("nor") => Join::Or,
            Mean::Punct(',' | '/' | '|') => Join::Comma,
            Mean::Filler => continue,
            _ => return None,
        };
        join = Some(if join.is_none() || found != Join::Comma { found } else { Join::Comma });
    }
    join.or(Some(Join::Comma))
}

/// "Everything except the samples" is the other loads by name.
fn everything_but(reading: &mut Reading<'_>, toggles: &[(usize, Key)]) {
    let taken = |key: Key, on: bool| {
        reading.finds.iter().position(|find| find.key == key && find.why.is_none() && find.value == on)
    };
    let Some(all) = taken(Key::WithAll, true) else { return };
    let loads = [Key::WithPlugins, Key::WithCompliance, Key::WithSamples];
    let off: Vec<Key> = loads.into_iter().filter(|key| taken(*key, false).is_some()).collect();
    if off.is_empty() || off.len() == loads.len() || toggles.is_empty() {
        return;
    }
    let find = reading.finds[all].clone();
    reading.finds.retain(|find| find.key != Key::WithAll);
    for key in loads.into_iter().filter(|key| !off.contains(key)) {
        reading.finds.push(super::reading::Find { key, ..find.clone() });
    }
}
