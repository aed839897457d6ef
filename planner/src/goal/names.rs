//! Reads names after their labels: key pair, stack, cluster, git ref, hosted zone, sender name.

use super::item::{Item, Mean, Why};
use super::key::Key;
use super::lexicon::Cue;
use super::reading::Reading;
use super::unlabelled;

/// Characters that would mean something to a shell.
const META: &str = "$;|&<>`\\\n";

/// Names of branches that are ordinary words.
const BRANCHES: [&str; 10] =
    ["main", "master", "develop", "dev", "stable", "trunk", "staging", "production", "next", "latest"];

/// How a label leads to its value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Link {
    /// Side by side: "cluster blue-1".
    Bare,
    /// By a verb or a word between: "the cluster is blue-1".
    Verb,
    /// By a mark or "called": "cluster: blue-1".
    Marked,
}

/// A value as it stands in the text.
pub(super) struct Raw<'t> {
    pub(super) value: &'t str,
    pub(super) to: usize,
    quoted: bool,
    safe: bool,
}

/// Reads all names; what they cover is no vocabulary any more.
pub(super) fn read(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        match reading.mean(at) {
            Mean::Label(key) if named(key) => label(reading, at, key),
            Mean::Label(Key::Init) => skipped(reading, at),
            Mean::Label(Key::EmailFrom) => quoted_sender(reading, at),
            Mean::Cue(Cue::Called) => unlabelled::called(reading, at),
            Mean::Cue(Cue::As) => unlabelled::sent_as(reading, at),
            Mean::Unknown => {
                unlabelled::bracketed(reading, at);
                unlabelled::beside_target(reading, at);
                unlabelled::introduced(reading, at);
                unlabelled::version(reading, at);
            }
            _ => {}
        }
    }
}

/// "init: skip": the word is the mode, not an order to leave out what follows.
fn skipped(reading: &mut Reading<'_>, at: usize) {
    let (start, link) = link(reading, at + 1);
    if link != Link::Bare && reading.is(start, Cue::Drop) {
        reading.items[start].mean = Mean::Value(Key::Init, "skip");
    }
}

/// "sender 'Fern CI'": a quotation after the sender is its name.
fn quoted_sender(reading: &mut Reading<'_>, at: usize) {
    let (start, _) = link(reading, at + 1);
    let name = raw(reading, start, Key::EmailFromName).filter(|raw| raw.quoted && !raw.value.contains('@'));
    if name.is_some() && matches!(reading.mean(start), Mean::Punct('"' | '\'' | '`')) {
        super::mail::sender_name(reading, at, start);
    }
}

fn named(key: Key) -> bool {
    matches!(
        key,
        Key::KeyPair | Key::StackName | Key::ClusterName | Key::Ref | Key::HostedZoneId | Key::EmailFromName
    )
}

fn label(reading: &mut Reading<'_>, at: usize, key: Key) {
    let (start, link) = led(reading, at, key);
    if key == Key::EmailFromName {
        return super::mail::sender_name(reading, at, start);
    }
    let raw = raw(reading, start, key);
    match raw.filter(|raw| acceptable(reading, start, key, link, raw)) {
        Some(raw) => take(reading, at, key, start, &raw),
        None if link == Link::Bare => before_label(reading, at, key),
        None => {}
    }
}

/// Where the value of the label at `at` begins: "cluster eks fern", "for the name of the cluster please put fern".
fn led(reading: &Reading<'_>, at: usize, key: Key) -> (usize, Link) {
    let kind = key == Key::ClusterName && matches!(reading.mean(at + 1), Mean::Value(Key::Target, "eks"));
    let (start, found) = link(reading, at + 1 + usize::from(kind));
    let next = reading.skip_filler(start);
    let verb = reading
        .items
        .get(next)
        .is_some_and(|item| item.says(reading.text, &["put", "use", "take", "write", "choose", "set"]));
    let name = reading.words(at).to_ascii_lowercase().contains("name");
    if verb && name { (reading.skip_filler(next + 1), Link::Verb) } else { (start, found) }
}

/// Where the value of a label begins, and what leads to it.
pub(super) fn link(reading: &Reading<'_>, from: usize) -> (usize, Link) {
    let (mut at, mut link) = (from, Link::Bare);
    loop {
        match reading.mean(at) {
            Mean::Punct(':' | '=' | '\u{2192}') | Mean::Cue(Cue::Called) => link = Link::Marked,
            Mean::Cue(Cue::Be) => link = if link == Link::Marked { link } else { Link::Verb },
            Mean::Filler if reading.items[at].says(reading.text, &["same"]) => return (at, link),
            Mean::Filler if link != Link::Bare && reading.items[at].exact => {}
            Mean::Punct('*') => {}
            Mean::Cue(Cue::To | Cue::As) if link != Link::Bare => {}
            _ => return (at, link),
        }
        at += 1;
    }
}

/// The value that begins at the item `at`, quoted or bare.
pub(super) fn raw<'t>(reading: &Reading<'t>, at: usize, key: Key) -> Option<Raw<'t>> {
    let item = reading.items.get(at)?;
    if item.mean == Mean::Break {
        return None;
    }
    let text: &'t str = reading.text;
    let rest = &text[item.from..];
    let quote = rest.chars().next().filter(|c| "\"'`<".contains(*c));
    if let Some(quote) = quote {
        let close = if quote == '<' { '>' } else { quote };
        let inner = rest[1..].split_once(close)?.0;
        let from = item.from + 1;
        return Some(Raw {
            value: inner.trim(),
            to: from + inner.len(),
            quoted: true,
            safe: clean(inner, key),
        });
    }
    let extra = if key == Key::Ref { "._-/+" } else { "._-" };
    let zone = rest.strip_prefix("/hostedzone/").filter(|_| key == Key::HostedZoneId);
    let (item_from, rest) =
        zone.map_or((item.from, rest), |zone| (item.from + rest.len() - zone.len(), zone));
    let end = rest.find(|c: char| !(c.is_alphanumeric() || extra.contains(c))).unwrap_or(rest.len());
    let value = rest[..end].trim_end_matches(['.', '-', '/']);
    let after = rest[end..].chars().next();
    let safe = clean(value, key) && !runs_on(&rest[end..]) && !after.is_some_and(|c| "$`\\@%".contains(c));
    Some(Raw { value, to: item_from + value.len(), quoted: false, safe })
}

pub(super) fn clean(value: &str, key: Key) -> bool {
    let path = key == Key::Ref;
    !value.contains("..")
        && !value.starts_with(['-', '.', '+', '/'])
        && value.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c) || (path && c == '/'))
}

/// Whether a shell command hangs on the value: "blue;reboot", "blue && curl …".
pub(super) fn runs_on(rest: &str) -> bool {
    let tail = rest.trim_start_matches([' ', '\t']);
    let glued = rest.starts_with([';', '|', '&']) && rest[1..].starts_with(|c: char| !c.is_whitespace());
    let command = tail.trim_start_matches([';', '|', '&', ' ']);
    let shell = [
        "rm ",
        "curl ",
        "wget ",
        "sudo ",
        "bash",
        "sh ",
        "cat ",
        "chmod ",
        "reboot",
        "shutdown",
        "nc ",
        "echo ",
        "eval ",
        "python",
        "drop table",
        "kill ",
    ];
    let joined = tail.starts_with(['|', '&']) || (rest.starts_with(';') && !rest.starts_with("; "));
    let lower: String = command.chars().take(12).flat_map(char::to_lowercase).collect();
    (joined && shell.iter().any(|name| lower.starts_with(name)))
        || (glued && rest.starts_with("&&"))
        || tail.starts_with("$(")
}

fn acceptable(reading: &Reading<'_>, at: usize, key: Key, link: Link, raw: &Raw<'_>) -> bool {
    if reading.text[reading.items[at].from..].starts_with('<') && raw.quoted {
        return false;
    }
    let ordinary = key != Key::KeyPair && reading.lexicon.plain(&super::text::fold(raw.value));
    let shaped = raw.value.contains(|c: char| c.is_ascii_digit() || "-_./".contains(c));
    if raw.value.is_empty() {
        return !raw.safe;
    }
    let item = &reading.items[at];
    if key == Key::HostedZoneId {
        return zone(item, raw, link);
    }
    if matches!(item.mean, Mean::Region(_) | Mean::Domain | Mean::Email | Mean::Url | Mean::InstanceType)
        && link != Link::Marked
        && !raw.quoted
    {
        return false;
    }
    let nameless =
        !raw.quoted && link != Link::Marked && reading.lexicon.nameless(&super::text::fold(raw.value));
    if nameless || item.is_any(&[Cue::Unknown, Cue::Off, Cue::No, Cue::Not]) {
        return false;
    }
    let common = BRANCHES.contains(&raw.value.to_ascii_lowercase().as_str());
    match link {
        _ if raw.quoted => true,
        Link::Marked => !matches!(
            raw.value.to_ascii_lowercase().as_str(),
            "default" | "the" | "a" | "an" | "same" | "none" | "yes" | "on"
        ),
        _ if key == Key::Ref && common => true,
        Link::Bare if names_environment(key, raw.value) && closes(reading, at, raw.to) => true,
        Link::Verb => (shaped && vocabulary_free(item, raw)) || (item.mean == Mean::Unknown && !ordinary),
        Link::Bare if shaped => vocabulary_free(item, raw),
        Link::Bare => {
            (item.mean == Mean::Unknown || (key == Key::KeyPair && name_like(item)))
                && !ordinary
                && closes(reading, at, raw.to)
        }
    }
}

/// Words that are no name by themselves but are one right behind "cluster" or "stack".
const ENVIRONMENTS: [&str; 14] = [
    "prod",
    "production",
    "staging",
    "stage",
    "stg",
    "dev",
    "development",
    "test",
    "qa",
    "uat",
    "demo",
    "sandbox",
    "lab",
    "preview",
];

fn names_environment(key: Key, value: &str) -> bool {
    matches!(key, Key::ClusterName | Key::StackName)
        && ENVIRONMENTS.contains(&value.to_ascii_lowercase().as_str())
}

/// A place may name a key pair, and so may a word that is no more than close to the vocabulary.
fn name_like(item: &Item<'_>) -> bool {
    let near = !matches!(item.mean, Mean::Punct(_) | Mean::Break) && !item.exact;
    near || matches!(item.mean, Mean::Place(_))
}

/// Whether the value that begins with the item is none of the vocabulary: unknown, or longer than the known word.
fn vocabulary_free(item: &Item<'_>, raw: &Raw<'_>) -> bool {
    let longer = !raw.quoted && raw.to > item.to && raw.value.contains('/');
    longer
        || matches!(item.mean, Mean::Unknown | Mean::Number(_) | Mean::ZoneId | Mean::Domain | Mean::Punct(_))
}

/// A zone id: letters and digits, one digit at least unless a mark introduces it.
fn zone(item: &Item<'_>, raw: &Raw<'_>, link: Link) -> bool {
    let letters = raw.value.bytes().all(|b| b.is_ascii_alphanumeric());
    let digit = raw.value.bytes().any(|b| b.is_ascii_digit());
    let loud =
        raw.value.len() >= 4 && raw.value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    matches!(item.mean, Mean::Unknown | Mean::ZoneId | Mean::Number(_) | Mean::Punct(_) | Mean::Path)
        && letters
        && raw.value.len() <= 32
        && (digit && (loud || link != Link::Bare || raw.value.len() >= 8) || (loud && link == Link::Marked))
}

/// Whether the word at `at` ends its phrase, as a name does.
pub(super) fn closes(reading: &Reading<'_>, at: usize, to: usize) -> bool {
    let next = (at..reading.items.len())
        .find(|index| reading.items[*index].from >= to)
        .unwrap_or(reading.items.len());
    let next = reading.skip_filler(next);
    let cues = [
        Cue::With,
        Cue::In,
        Cue::OnWord,
        Cue::To,
        Cue::Into,
        Cue::Drop,
        Cue::No,
        Cue::From,
        Cue::As,
        Cue::Or,
        Cue::Not,
        Cue::Instead,
        Cue::Except,
        Cue::Now,
    ];
    next >= reading.items.len()
        || reading.boundary(next)
        || reading.items[next].is_any(&cues)
        || matches!(
            reading.mean(next),
            Mean::Label(_) | Mean::Value(..) | Mean::Region(_) | Mean::Place(_) | Mean::InstanceType
        )
}

pub(super) fn take(reading: &mut Reading<'_>, at: usize, key: Key, start: usize, raw: &Raw<'_>) {
    let end = cover(reading, start, raw.to);
    let former =
        at > 0 && reading.items[at - 1].says(reading.text, &["old", "previous", "former", "earlier"]);
    let why = if former && reading.removes_nothing() {
        Some(Why::Past)
    } else if raw.safe {
        reading.items[at].why.or(reading.items[start].why)
    } else {
        Some(Why::Unsafe)
    };
    let value =
        raw.value.rsplit('/').next().filter(|_| key == Key::HostedZoneId).unwrap_or(raw.value).to_owned();
    reading.find(key, value, at, end, 2, why);
}

/// Turns the items up to the byte `to` into a name and returns the last of them.
pub(super) fn cover(reading: &mut Reading<'_>, start: usize, to: usize) -> usize {
    let mut end = start;
    for index in start..reading.items.len() {
        if reading.items[index].from >= to {
            break;
        }
        reading.items[index].mean = Mean::Name;
        end = index;
    }
    end
}

/// Where the run of name characters begins that ends at `to`: "feature/x" is one name.
fn chunk_start(text: &str, to: usize) -> usize {
    let head = text[..to].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "._/-".contains(c));
    let from = head.len();
    if text[from..].starts_with(|c: char| c.is_ascii_alphanumeric()) { from } else { to }
}

/// "the blue-1 stack": the name stands before its label.
fn before_label(reading: &mut Reading<'_>, at: usize, key: Key) {
    let by_as = reading.before(at).filter(|before| reading.is(*before, Cue::As));
    let name = by_as.unwrap_or(at).checked_sub(1);
    let quoted = name.filter(|quote| by_as.is_none() && reading.items[*quote].is_punct("\"'`"));
    let name = quoted
        .and_then(|quote| quote.checked_sub(1))
        .or(name)
        .filter(|before| reading.mean(*before) == Mean::Unknown);
    let Some(name) = name else { return };
    let from = chunk_start(reading.text, reading.items[name].from);
    let value = reading.text[from..reading.items[name].to].to_owned();
    let shaped = value.contains(|c: char| c.is_ascii_digit() || "-_".contains(c)) && value.len() > 2;
    let branch = BRANCHES.contains(&value.to_ascii_lowercase().as_str());
    let free = (key == Key::Ref || by_as.is_some())
        && (branch || !reading.lexicon.plain(&super::text::fold(&value)));
    if key == Key::HostedZoneId || !(shaped || free) || !clean(&value, key) {
        return;
    }
    reading.items[name].mean = Mean::Name;
    let why = reading.items[name].why;
    reading.find(key, value, name, at, 1, why);
}

/// Whether a value holds nothing that a shell could take for its own.
pub(super) fn harmless(value: &str) -> bool {
    !value.contains(|c: char| META.contains(c)) && !value.contains("../") && !value.contains("***")
}
