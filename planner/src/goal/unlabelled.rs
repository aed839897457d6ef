//! Reads names that no label introduces: beside their target, after "called" or "it is", by their form.

use super::item::Mean;
use super::key::Key;
use super::lexicon::{Action, Cue};
use super::names::{clean, closes, cover, link, raw, take};
use super::reading::Reading;

/// "mail on as 'Fern CI' from ci@…": a quotation between "as" and the sender is its name.
pub(super) fn sent_as(reading: &mut Reading<'_>, at: usize) {
    let quote = reading.mean(at + 1);
    if !matches!(quote, Mean::Punct('"' | '\'' | '`')) {
        return;
    }
    let close = (at + 2..reading.items.len().min(at + 9)).find(|index| reading.mean(*index) == quote);
    let from = close.is_some_and(|close| {
        matches!(
            reading.mean(close + 1),
            Mean::Cue(Cue::From) | Mean::Label(Key::EmailFrom) | Mean::Punct('<')
        ) && matches!(reading.mean(close + 2), Mean::Email)
    });
    if from {
        super::mail::sender_name(reading, at, at + 1);
    }
}

/// "tear down eks fern-1": a name right behind the target names its cluster or stack.
pub(super) fn beside_target(reading: &mut Reading<'_>, at: usize) {
    let value = reading.words(at).to_owned();
    let before = at.checked_sub(1).map_or(Mean::Break, |before| reading.mean(before));
    let act = before == Mean::Act(Action::Teardown);
    let named = |mean: Mean<'_>| match mean {
        Mean::Value(Key::Target, "eks") => Some(Key::ClusterName),
        Mean::Value(Key::Target, "ec2") => Some(Key::StackName),
        _ => None,
    };
    let anywhere = || reading.items.iter().find_map(|item| named(item.mean)).filter(|_| act);
    let Some(key) = named(before).or_else(anywhere) else { return };
    let hyphen = value.contains('-')
        && value.len() > 3
        && clean(&value, key)
        && !super::misspelt::formed_as_region(&value);
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let removing = reading.items[..at].iter().any(|item| item.mean == Mean::Act(Action::Teardown));
    let free = reading.mean(at) == Mean::Unknown && !reading.lexicon.nameless(&super::text::fold(&value));
    if free && hyphen && (digit || removing) && closes(reading, at, reading.items[at].to) {
        reading.items[at].mean = Mean::Name;
        let why = reading.items[at].why;
        reading.find(key, value, at, at, 1, why);
    }
}

/// "kill the old stack? It's fern-old": a name said of what the sentence before calls by its kind.
pub(super) fn introduced(reading: &mut Reading<'_>, at: usize) {
    let said =
        at > 1 && reading.items[at - 1].is_any(&[Cue::It, Cue::Decide, Cue::Be]) && reading.stops(at - 2);
    let value = reading.words(at).to_owned();
    if !said || reading.mean(at) != Mean::Unknown || !value.contains('-') {
        return;
    }
    let sentence = reading.items[at].sentence;
    let kind =
        (0..at).rev().take_while(|index| sentence - reading.items[*index].sentence <= 1).find_map(|index| {
            match reading.mean(index) {
                Mean::Label(key @ (Key::ClusterName | Key::StackName | Key::KeyPair)) => Some(key),
                _ => None,
            }
        });
    if let Some(key) = kind.filter(|key| clean(&value, *key) && closes(reading, at, reading.items[at].to)) {
        reading.items[at].mean = Mean::Name;
        let why = reading.items[at].why;
        reading.find(key, value, at, at, 1, why);
    }
}

/// "clone … at v1.2.0": a version by its form, right after what leads to one.
pub(super) fn version(reading: &mut Reading<'_>, at: usize) {
    let value = reading.words(at);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let formed =
        value.strip_prefix('v').is_some_and(|rest| rest.contains('.') && rest.split('.').all(digits));
    let led = at.checked_sub(1).is_some_and(|before| {
        reading.items[before].says(reading.text, &["at", "from", "@", "to"])
            || matches!(
                reading.mean(before),
                Mean::Url | Mean::Label(Key::Repo) | Mean::Cue(Cue::Clone | Cue::Code)
            )
            || reading.items[before].is_punct("@")
    });
    if formed && led {
        reading.items[at].mean = Mean::Name;
        let why = reading.items[at].why;
        reading.find(Key::Ref, value.to_owned(), at, at, 1, why);
    }
}

/// "called X" away from its label: the nearest thing before it that can have a name.
pub(super) fn called(reading: &mut Reading<'_>, at: usize) {
    let (start, _) = link(reading, at);
    if follows_sender(reading, at) {
        return super::mail::sender_name(reading, at, start);
    }
    let Some(raw) = raw(reading, start, Key::KeyPair).filter(|raw| !raw.value.is_empty()) else { return };
    if !matches!(reading.mean(start), Mean::Unknown | Mean::Place(_) | Mean::Punct('"' | '\'' | '`')) {
        return;
    }
    match owner(reading, at) {
        Some(key) => take(reading, at, key, start, &raw),
        None => {
            cover(reading, start, raw.to);
        }
    }
}

/// "sender ci@example.org, name Fern CI": the name goes with the sender just named.
fn follows_sender(reading: &Reading<'_>, at: usize) -> bool {
    let joined = |index: &usize| {
        !matches!(
            reading.mean(*index),
            Mean::Punct(',' | '>') | Mean::Filler | Mean::Cue(Cue::And | Cue::With)
        )
    };
    let Some(address) = (0..at).rev().find(joined) else { return false };
    let label = (address.saturating_sub(4)..address).rev().find_map(|index| match reading.mean(index) {
        Mean::Label(key) => Some(key),
        Mean::Cue(Cue::From) => Some(Key::EmailFrom),
        _ => None,
    });
    reading.mean(address) == Mean::Email && label == Some(Key::EmailFrom)
}

/// "Name: fern-7" on a line of its own names the environment that the form is about.
fn named_field(reading: &Reading<'_>, at: usize) -> Option<Key> {
    let opens =
        at == 0 || matches!(reading.mean(at - 1), Mean::Break | Mean::Punct('-' | '*' | '\u{2022}' | '|'));
    let marked = matches!(reading.mean(at + 1), Mean::Punct(':' | '=' | '\u{2192}'));
    let ends = matches!(reading.mean(at + 3), Mean::Break | Mean::Punct('|' | '`'));
    if !(opens && marked && ends) {
        return None;
    }
    reading.items.iter().filter(|item| item.why.is_none()).find_map(|item| match item.mean {
        Mean::Value(Key::Target, "eks") => Some(Key::ClusterName),
        Mean::Value(Key::Target, "ec2") => Some(Key::StackName),
        _ => None,
    })
}

/// "call the new one …": an order to name what is made, whatever it is.
fn order_to_name(reading: &Reading<'_>, at: usize) -> bool {
    let words = reading.words(at).to_ascii_lowercase();
    words.starts_with("call ") || words.starts_with("name ")
}

fn owner(reading: &Reading<'_>, at: usize) -> Option<Key> {
    if let Some(key) = named_field(reading, at) {
        return Some(key);
    }
    let sentence = reading.items[at].sentence;
    let before = reading.before(at)?;
    if reading.mean(before) == Mean::Unknown {
        return None;
    }
    let pronoun = reading.words(at).split(' ').any(|word| word.eq_ignore_ascii_case("it"))
        || (at > 0 && reading.is(at - 1, Cue::It));
    let near = |index: &usize| sentence - reading.items[*index].sentence <= usize::from(pronoun);
    let same = (0..at).rev().take_while(near);
    let owner = |index: usize| match reading.mean(index) {
        Mean::Label(key @ (Key::ClusterName | Key::StackName | Key::KeyPair)) => Some(key),
        Mean::Value(Key::Target, "eks") => Some(Key::ClusterName),
        _ => None,
    };
    let after = (at..reading.items.len()).take_while(|index| reading.items[*index].sentence == sentence);
    same.filter_map(owner)
        .next()
        .or_else(|| after.filter_map(owner).next().filter(|_| order_to_name(reading, at)))
}

/// "blue-1 (EKS, …)": a name with its kind in brackets.
pub(super) fn bracketed(reading: &mut Reading<'_>, at: usize) {
    if reading.mean(at + 1) != Mean::Punct('(') {
        return;
    }
    let value = reading.words(at).to_owned();
    let shaped = value.contains('-') && value.len() > 3 && clean(&value, Key::ClusterName);
    let key = match reading.mean(at + 2) {
        Mean::Value(Key::Target, "eks") => Key::ClusterName,
        Mean::Value(Key::Target, "ec2") => Key::StackName,
        _ => return,
    };
    if shaped {
        let why = reading.items[at].why;
        reading.items[at].mean = Mean::Name;
        reading.find(key, value, at, at, 1, why);
    }
}
