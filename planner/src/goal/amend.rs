//! Reads corrections that name no slot: "cluster fern. No, fern-2", "email on, actually off", "2 retries, no, 3".

use super::item::{Mean, Why};
use super::key::Key;
use super::lexicon::Cue;
use super::reading::{Find, Reading};

/// How firmly a correction ties its value to the slot: more than a label does.
const FIRM: u8 = 3;

/// Gives the value behind each bare correction to the slot named last before it.
pub(super) fn read(reading: &mut Reading<'_>) {
    for at in 1..reading.items.len() {
        let opens = reading.stops(at - 1) || reading.boundary(at - 1);
        if opens && reading.items[at].why.is_none() && reading.items[at].is_any(&[Cue::On, Cue::Off]) {
            switched(reading, at);
        }
        if opens
            && reading.items[at].why.is_none()
            && reading.items[at].is_any(&[Cue::No, Cue::Correct, Cue::Decide])
        {
            amend(reading, at);
        }
    }
}

/// "… had email on. Off this time.": a state by itself, said of now.
fn switched(reading: &mut Reading<'_>, at: usize) {
    let now = reading.skip_filler(at + 1);
    if reading.is(now, Cue::Now) && reading.boundary_or_end(reading.skip_filler(now + 1)) {
        let on = reading.is(at, Cue::On);
        give(reading, at, at, on.into(), |find| find.value.is_boolean());
    }
}

fn amend(reading: &mut Reading<'_>, at: usize) {
    let comma = reading.items.get(at + 1).is_some_and(|next| next.is_punct(",\u{2014}"));
    let value = reading.skip_filler(at + 1 + usize::from(comma));
    let bare = reading.boundary_or_end(reading.skip_filler(value + 1));
    if !bare || (reading.is(at, Cue::No) && !comma) {
        return;
    }
    match reading.mean(value) {
        Mean::Number(count) => give(reading, at, value, count.into(), |find| find.key == Key::Retries),
        Mean::Cue(Cue::On | Cue::OnWord) => {
            give(reading, at, value, true.into(), |find| find.value.is_boolean())
        }
        Mean::Cue(Cue::Off | Cue::Out) => {
            give(reading, at, value, false.into(), |find| find.value.is_boolean())
        }
        Mean::Unknown if shaped(reading.words(value)) => {
            let name = reading.words(value).to_owned();
            give(reading, at, value, name.into(), |find| named(find.key));
        }
        _ => {}
    }
}

fn named(key: Key) -> bool {
    matches!(key, Key::ClusterName | Key::StackName | Key::KeyPair | Key::Ref)
}

/// Whether a word looks like a name of a resource.
fn shaped(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit() || "-_".contains(c))
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn give(
    reading: &mut Reading<'_>,
    at: usize,
    by: usize,
    value: serde_json::Value,
    fits: impl Fn(&Find) -> bool,
) {
    let sentence = reading.items[at].sentence;
    let near = |find: &&Find| {
        let there = reading.items[find.item].sentence;
        find.item < at && sentence - there <= 2 && find.why.is_none_or(|why| why == Why::Past) && fits(find)
    };
    let last = reading.finds.iter().filter(near).max_by_key(|find| find.to);
    let Some(key) = last.filter(|find| find.value != value).map(|find| find.key) else { return };
    reading.find(key, value, by, by, FIRM, None);
}
