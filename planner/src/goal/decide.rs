//! From everything the text names to the slots: one value each, or a reason for none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::{Mean, Why};
use super::key::Key;
use super::lexicon::Cue;
use super::names::harmless;
use super::reading::{Find, Reading};

/// What became of the finds.
#[derive(Default)]
pub(super) struct Decision {
    pub(super) taken: BTreeMap<Key, Find>,
    pub(super) ignored: Vec<Find>,
    pub(super) unresolved: Vec<(Key, Vec<Value>)>,
}

/// Decides every slot.
pub(super) fn decide(reading: &mut Reading<'_>) -> Decision {
    let mut finds = std::mem::take(&mut reading.finds);
    guard(&mut finds);
    retired(reading, &mut finds);
    local(&mut finds);
    default_repo(&mut finds);
    let mut by_key: BTreeMap<Key, Vec<Find>> = BTreeMap::new();
    for find in finds {
        by_key.entry(find.key).or_default().push(find);
    }
    let mut decision = Decision::default();
    for (key, mut finds) in by_key {
        finds.sort_by_key(|find| find.from);
        settle(reading, key, finds, &mut decision);
    }
    if decision.unresolved.iter().any(|(key, _)| *key == Key::Action) {
        let dropped = std::mem::take(&mut decision.taken).into_values();
        decision.ignored.extend(dropped.map(|find| Find { why: Some(Why::Unclear), ..find }));
    }
    decision
}

/// The last gate: whatever was read, a text value with a character of the shell is not taken.
fn guard(finds: &mut [Find]) {
    for find in finds {
        if find.value.as_str().is_some_and(|value| !harmless(value)) {
            find.why = Some(Why::Unsafe);
        }
    }
}

/// "We need the cluster fern-7 no longer, destroy it": what is not needed any more is what goes.
fn retired(reading: &Reading<'_>, finds: &mut [Find]) {
    let gone = |find: &&Find| find.key == Key::Action && find.value == "teardown" && find.why.is_none();
    let Some(sentence) = finds.iter().find(gone).map(|find| reading.items[find.item].sentence) else {
        return;
    };
    let keys = [Key::ClusterName, Key::StackName, Key::Target, Key::Region];
    for index in 0..finds.len() {
        let find = &finds[index];
        let alone = !finds.iter().any(|other| other.key == find.key && other.why.is_none());
        let near = reading.items[find.item].sentence.abs_diff(sentence) <= 1;
        let unneeded = find.why == Some(Why::Negated) && reading.unneeded(find.item);
        if keys.contains(&find.key) && near && alone && unneeded {
            finds[index].why = None;
        }
    }
}

/// "laptop" and the like mean docker, unless another local target is named.
fn local(finds: &mut Vec<Find>) {
    let firm =
        finds.iter().any(|find| find.key == Key::Target && find.why.is_none() && find.value != "local");
    finds.retain(|find| !(find.key == Key::Target && find.value == "local" && firm));
    for find in finds.iter_mut().filter(|find| find.key == Key::Target && find.value == "local") {
        find.value = "docker".into();
    }
}

/// "clone it" beside the address of a repository means that one.
fn default_repo(finds: &mut Vec<Find>) {
    let addressed = |find: &Find| find.key == Key::Repo && find.value.is_string() && find.why.is_none();
    if finds.iter().any(addressed) {
        finds.retain(|find| find.key != Key::Repo || find.value != true);
    }
}

fn settle(reading: &Reading<'_>, key: Key, finds: Vec<Find>, decision: &mut Decision) {
    let (mut alive, dead): (Vec<Find>, Vec<Find>) = finds.into_iter().partition(|find| find.why.is_none());
    let asked = if alive.is_empty() {
        choices(dead.iter().filter(|find| find.why == Some(Why::Question)))
    } else {
        Vec::new()
    };
    if asked.len() > 1 {
        decision.unresolved.push((key, asked));
    }
    decision.ignored.extend(dead);
    narrow(reading, key, &mut alive, &mut decision.ignored);
    let values = choices(alive.iter());
    match values.len() {
        0 => {}
        1 => {
            let best = alive.into_iter().rev().max_by_key(|find| find.strength);
            decision.taken.extend(best.map(|find| (key, find)));
        }
        _ => decision.unresolved.push((key, values)),
    }
}

fn choices<'f>(finds: impl Iterator<Item = &'f Find>) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for find in finds {
        if !values.iter().any(|value| same(value, &find.value)) {
            values.push(find.value.clone());
        }
    }
    values
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// Of several values, keeps those after a correction, else those with a label.
fn narrow(reading: &Reading<'_>, key: Key, alive: &mut Vec<Find>, ignored: &mut Vec<Find>) {
    if choices(alive.iter()).len() < 2 {
        return;
    }
    if let Some(turn) = turn(reading, key, alive) {
        replace(alive, ignored, |find| find.from >= turn);
    }
    if choices(alive.iter()).len() > 1 && alive.iter().any(|find| !others_wish(reading, find)) {
        let own: Vec<usize> =
            alive.iter().filter(|find| !others_wish(reading, find)).map(|find| find.from).collect();
        replace(alive, ignored, |find| own.contains(&find.from));
    }
    let top = alive.iter().map(|find| find.strength).max().unwrap_or(0);
    let firm: Vec<Find> = alive.iter().filter(|find| find.strength == top).cloned().collect();
    if choices(alive.iter()).len() > 1 && choices(firm.iter()).len() == 1 && !listed(reading, alive) {
        replace(alive, ignored, |find| find.strength == top);
    }
}

/// Whether two of the values stand side by side: "eu-west-1 / eu-west-2", "eks or ec2".
fn listed(reading: &Reading<'_>, alive: &[Find]) -> bool {
    let between =
        |pair: &[Find]| reading.text.get(pair[0].to..pair[1].from).unwrap_or("").trim().to_ascii_lowercase();
    let joins = ["/", ",", "or", "and", "&", "|", ", or", "vs", "vs.", "or maybe"];
    alive
        .windows(2)
        .any(|pair| !same(&pair[0].value, &pair[1].value) && joins.contains(&between(pair).as_str()))
}

/// "Docker it is.": the words after the value make it the choice.
fn clinched(reading: &Reading<'_>, find: &Find) -> bool {
    let end = reading.boundary_or_end(find.item + 2);
    end && reading
        .items
        .get(find.item + 1)
        .is_some_and(|item| item.says(reading.text, &["it is", "it shall be", "it will be", "wins"]))
}

/// "Kim wants email": somebody else's wish, which yields to the speaker's own.
fn others_wish(reading: &Reading<'_>, find: &Find) -> bool {
    let clause = reading.items[find.item].clause;
    let wishes = ["wants", "wanted", "likes", "liked", "prefers", "preferred", "wished", "hoped"];
    reading.items[..=find.item].iter().any(|item| item.clause == clause && item.says(reading.text, &wishes))
}

fn replace(alive: &mut Vec<Find>, ignored: &mut Vec<Find>, keep: impl Fn(&Find) -> bool) {
    let (kept, dropped) = std::mem::take(alive).into_iter().partition(|find| keep(find));
    *alive = kept;
    ignored.extend(dropped.into_iter().map(|find: Find| Find { why: Some(Why::Replaced), ..find }));
}

/// "eks … or maybe ec2 … nah, eks": where the last "no" of its own stands between two of the values.
fn refused_offer(reading: &Reading<'_>, first: usize, last: usize) -> Option<usize> {
    let alone = |at: &usize| {
        let opens =
            at.checked_sub(1).is_none_or(|before| reading.stops(before) || reading.is(before, Cue::And));
        let closes = matches!(
            reading.mean(at + 1),
            Mean::Punct(',' | '.' | '\u{2014}' | ';' | '!' | ':') | Mean::Break
        );
        reading.is(*at, Cue::No) && reading.items[*at].why.is_none() && opens && closes
    };
    let between = |at: &usize| reading.items[*at].from >= first && reading.items[*at].to <= last;
    (0..reading.items.len()).rev().find(|at| between(at) && alone(at)).map(|at| reading.items[at].from)
}

/// The byte after which the text decides anew: the last correction between two of the values.
fn turn(reading: &Reading<'_>, key: Key, alive: &[Find]) -> Option<usize> {
    let (first, last) = (alive.first()?.to, alive.last()?.from);
    let boolean = alive.iter().all(|find| find.value.is_boolean());
    let turns = |cue: Cue| {
        matches!(cue, Cue::Correct | Cue::Decide) || (boolean && cue == Cue::But && key != Key::WithAll)
    };
    let found = reading.items.iter().rev().find(|item| {
        item.from >= first
            && item.to <= last
            && item.why.is_none()
            && matches!(item.mean, Mean::Cue(cue) if turns(cue))
    });
    let found = found.map(|item| item.from);
    let clinched = || alive.iter().rev().find(|find| clinched(reading, find)).map(|find| find.from);
    let amended = || alive.iter().rev().find(|find| find.strength > 2).map(|find| find.from);
    found
        .or_else(clinched)
        .or_else(|| refused_offer(reading, first, last).filter(|_| !boolean))
        .or_else(amended)
        .or_else(|| restated(reading, alive))
}

/// "is it a or b … b.": after a choice, the one named again by itself is it.
fn restated(reading: &Reading<'_>, alive: &[Find]) -> Option<usize> {
    let [.., before, last] = alive else { return None };
    let sentence = |find: &Find| reading.items[find.item].sentence;
    let offered = alive.iter().filter(|find| sentence(find) == sentence(before)).count() > 1
        && reading.items.iter().any(|item| item.sentence == sentence(before) && item.is(Cue::Or));
    let again = alive[..alive.len() - 1].iter().any(|find| same(&find.value, &last.value));
    let but =
        |item: &super::item::Item<'_>| item.is(Cue::But) && item.from >= before.to && item.to <= last.from;
    let apart = sentence(last) > sentence(before) || reading.items.iter().any(but);
    (offered && again && apart).then_some(last.from)
}
