//! Reads e-mail addresses by their role (sender, alerts, admin), the sender's name, and what is said of the SES identity.

use super::item::{Item, Mean, Why};
use super::key::Key;
use super::lexicon::{Action, Cue};
use super::reading::Reading;

/// Reads every address and the SES identity.
pub(super) fn read(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        if reading.mean(at) == Mean::Email {
            address(reading, at);
        }
    }
    identity(reading);
}

/// A word for a role in the mail is no more than a word for mail where the sentence holds no address:
/// "send no mails from the new environment", "e-mail notifications: off".
pub(super) fn without_address(items: &mut [Item<'_>], text: &str) {
    let addressed = |items: &[Item<'_>], sentence: usize| {
        items.iter().any(|item| item.sentence.abs_diff(sentence) <= 1 && item.mean == Mean::Email)
    };
    for at in 0..items.len() {
        if !matches!(items[at].mean, Mean::Label(Key::EmailFrom | Key::AlertEmail)) {
            continue;
        }
        let word = text[items[at].from..items[at].to].to_ascii_lowercase();
        let mailing = ["mail", "email"].iter().any(|mail| word.starts_with(mail)) && word.ends_with("from");
        let follows = at > 0 && items[at - 1].mean == Mean::Toggle(Key::Email);
        let notice = word.contains("notification") && (word.contains("mail") || follows);
        let mean = items[at].mean;
        let led = items
            .get(at + 1)
            .is_some_and(|next| next.is_punct(":=\u{2192}") || next.is_any(&[Cue::To, Cue::Be]));
        if (led && !follows && !notice) || addressed(items, items[at].sentence) {
            continue;
        }
        if (mean == Mean::Label(Key::EmailFrom) && mailing) || (notice && !follows) {
            items[at].mean = Mean::Toggle(Key::Email);
        } else if mean == Mean::Label(Key::AlertEmail) && follows {
            items[at].mean = Mean::Filler;
        }
    }
}

fn address(reading: &mut Reading<'_>, at: usize) {
    let value = reading.words(at).to_owned();
    let role = role_before(reading, at)
        .or_else(|| role_after(reading, at))
        .or_else(|| mailbox(&value).map(|key| (key, at)));
    let why = reading.items[at].why.or_else(|| negated(reading, at, role));
    match role {
        Some((key, label)) => {
            if key == Key::EmailFrom && why.is_none() {
                display_name(reading, at, label);
            }
            reading.find(key, value, label, at, 2, why);
        }
        None => reading.find(Key::EmailFrom, value, at, at, 0, Some(why.unwrap_or(Why::Unlabelled))),
    }
}

fn negated(reading: &Reading<'_>, at: usize, role: Option<(Key, usize)>) -> Option<Why> {
    let start = role.map_or(at, |(_, label)| label.min(at));
    reading.negation(at).or_else(|| reading.negation(start)).map(|found| found.0)
}

/// A mailbox that nobody reads can only be a sender.
fn mailbox(address: &str) -> Option<Key> {
    let user = address.split('@').next().unwrap_or("").to_ascii_lowercase();
    let plain = user.replace(['-', '_', '.'], "");
    (plain.contains("noreply") || plain.contains("donotreply")).then_some(Key::EmailFrom)
}

fn role(mean: Mean<'_>) -> Option<Key> {
    match mean {
        Mean::Label(key @ (Key::EmailFrom | Key::AlertEmail | Key::AdminEmail)) => Some(key),
        Mean::Label(Key::EmailFromName) | Mean::Cue(Cue::From) => Some(Key::EmailFrom),
        _ => None,
    }
}

/// The nearest label to the left, with few other words in between.
fn role_before(reading: &Reading<'_>, at: usize) -> Option<(Key, usize)> {
    let (mut unknown, mut commas) = (0, 0);
    for index in (0..at).rev() {
        if let Some(key) = role(reading.mean(index)) {
            return Some((merged(reading, key, index), index));
        }
        match reading.mean(index) {
            Mean::Unknown => unknown += 1,
            Mean::Punct(',') => commas += 1,
            Mean::Punct('.' | ';' | '!' | '?')
            | Mean::Break
            | Mean::Email
            | Mean::Label(_)
            | Mean::Cue(Cue::See | Cue::But) => return None,
            Mean::Value(..) | Mean::Act(_) | Mean::Place(_) | Mean::Region(_) => unknown += 2,
            _ => {}
        }
        if unknown > 3 || commas > 1 {
            return None;
        }
    }
    None
}

/// "alerts from …": the label before "from" decides when both stand together; "bounce alerts go to the admin …".
fn merged(reading: &Reading<'_>, key: Key, at: usize) -> Key {
    let before = reading.before(at).map(|index| reading.mean(index));
    match before {
        Some(Mean::Label(label @ (Key::EmailFrom | Key::AlertEmail))) if key == Key::EmailFrom => label,
        _ => key,
    }
}

/// "X as sender", "X gets the alerts".
fn role_after(reading: &Reading<'_>, at: usize) -> Option<(Key, usize)> {
    let mut unknown = 0;
    for index in at + 1..(at + 8).min(reading.items.len()) {
        match reading.mean(index) {
            Mean::Label(key @ (Key::EmailFrom | Key::AlertEmail | Key::AdminEmail)) => {
                return Some((key, index));
            }
            Mean::Unknown if unknown < 1 => unknown += 1,
            Mean::Filler | Mean::Punct('(' | '>' | '"' | '\'' | '`' | ':') | Mean::Toggle(Key::Email) => {}
            Mean::Cue(Cue::As | Cue::Be | Cue::To | Cue::With | Cue::It) => {}
            _ => return None,
        }
    }
    None
}

/// The name that goes with a sender: `Name <address>` or `address as "Name"`.
fn display_name(reading: &mut Reading<'_>, at: usize, label: usize) {
    if at >= 1 && reading.mean(at - 1) == Mean::Punct('<') {
        let from = (label + 1..at).find(|index| {
            !matches!(reading.mean(*index), Mean::Filler | Mean::Cue(_) | Mean::Punct(_))
                || capital(reading.words(*index))
        });
        if let Some(from) = from.filter(|from| *from < at - 1) {
            let text = &reading.text[reading.items[from].from..reading.items[at - 1].from];
            let name = text.trim().trim_matches(['"', '\'', ' ']).to_owned();
            let last = at - 2;
            push_name(reading, &name, from, last);
        }
        return;
    }
    let next = (at + 1..(at + 3).min(reading.items.len())).find(|index| reading.is(*index, Cue::As));
    if let Some(next) = next.filter(|next| {
        reading.mean(next + 1) != Mean::Filler && !matches!(reading.mean(next + 1), Mean::Label(_))
    }) {
        sender_name(reading, next, next + 1);
    }
}

fn capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// Reads a sender's name from the item `start` on; `at` is its label.
pub(super) fn sender_name(reading: &mut Reading<'_>, at: usize, start: usize) {
    let text = reading.text;
    let Some(item) = reading.items.get(start) else { return };
    if let Some(quote) = text[item.from..].chars().next().filter(|c| "\"'`".contains(*c)) {
        let Some((name, _)) = text[item.from + 1..].split_once(quote) else { return };
        let end = (start + 1..reading.items.len())
            .take_while(|index| reading.items[*index].to <= item.from + 1 + name.len())
            .last();
        let name = name.to_owned();
        return push_name(reading, &name, at.min(start), end.unwrap_or(start));
    }
    let Some(last) = words_end(reading, start) else { return };
    let name = text[reading.items[start].from..reading.items[last].to].to_owned();
    push_name(reading, &name, start, last);
}

/// The last item of an unquoted name: to the end of the phrase, or while the words are capitalised.
fn words_end(reading: &Reading<'_>, start: usize) -> Option<usize> {
    let stops = |at: usize| {
        let item = &reading.items[at];
        let cues = [
            Cue::With,
            Cue::From,
            Cue::To,
            Cue::And,
            Cue::As,
            Cue::In,
            Cue::OnWord,
            Cue::But,
            Cue::Drop,
            Cue::No,
        ];
        matches!(item.mean, Mean::Punct(_) | Mean::Break | Mean::Email | Mean::Url)
            || (item.is_any(&cues) && !capital(reading.words(at)))
    };
    let end = (start..reading.items.len().min(start + 6)).take_while(|at| !stops(*at)).last()?;
    let capitals = (start..=end).take_while(|at| capital(reading.words(*at))).last();
    Some(capitals.unwrap_or(end))
}

fn push_name(reading: &mut Reading<'_>, name: &str, from: usize, to: usize) {
    let fine =
        !name.is_empty() && name.chars().count() <= 64 && !name.contains('@') && super::names::harmless(name);
    let why = if fine { reading.items[from].why } else { Some(Why::Unsafe) };
    reading.find(Key::EmailFromName, name.to_owned(), from, to, 2, why);
    for index in from..=to {
        if !matches!(reading.mean(index), Mean::Label(_) | Mean::Cue(Cue::As)) {
            reading.items[index].mean = Mean::Name;
        }
    }
}

/// "The identity exists already", "do not create another": the SES identity is not to be created.
fn identity(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        if !reading.is(at, Cue::Identity) || reading.items[at].why.is_some() {
            continue;
        }
        let sentence = reading.items[at].sentence;
        let near: Vec<usize> = (0..reading.items.len())
            .filter(|index| reading.items[*index].sentence.abs_diff(sentence) <= 1)
            .collect();
        let same: Vec<usize> =
            near.iter().copied().filter(|index| reading.items[*index].sentence == sentence).collect();
        let kept = same.iter().find(|index| reading.is(**index, Cue::Exists) && !denied(reading, **index));
        let spared = near.iter().find(|index| {
            (creates(reading, **index) || reading.items[**index].is_any(&[Cue::Another, Cue::Identity]))
                && denied(reading, **index)
        });
        let answer = same.iter().find(|index| creates(reading, **index) && refused(reading, at));
        if let Some(by) = kept.or(spared).or(answer).copied() {
            reading.find(Key::SkipSesIdentity, true, at.min(by), at.max(by), 2, None);
        }
    }
}

fn creates(reading: &Reading<'_>, at: usize) -> bool {
    let verb =
        matches!(reading.mean(at), Mean::Act(Action::Deploy)) && super::choices::says_create(reading, at);
    verb || reading.is(at, Cue::Create)
}

fn denied(reading: &Reading<'_>, at: usize) -> bool {
    (at.saturating_sub(4)..at)
        .rev()
        .take_while(|index| !reading.stops(*index))
        .any(|index| reading.items[index].is_any(&[Cue::Not, Cue::No, Cue::Drop, Cue::Instead]))
}

/// "create SES identity: no".
fn refused(reading: &Reading<'_>, at: usize) -> bool {
    let next = (at + 1..reading.items.len()).find(|index| {
        !matches!(
            reading.mean(*index),
            Mean::Filler | Mean::Punct(':' | '=' | '\u{2192}') | Mean::Cue(Cue::Be | Cue::Create)
        )
    });
    next.is_some_and(|next| reading.items[next].is_any(&[Cue::No, Cue::Off]))
}
