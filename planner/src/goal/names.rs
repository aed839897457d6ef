//! Reads names after their labels: key pair, stack, cluster, git ref, hosted zone, sender name.

use super::item::{Item, Mean, Why};
use super::key::Key;
use super::lexicon::Cue;
use super::reading::Reading;

/// Characters that would mean something to a shell.
const META: &str = "$;|&<>`\\\n";

/// Names of branches that are ordinary words.
const BRANCHES: [&str; 10] =
    ["main", "master", "develop", "dev", "stable", "trunk", "staging", "production", "next", "latest"];

/// How a label leads to its value.
#[derive(Clone, Copy, PartialEq)]
enum Link {
    /// Side by side: "cluster blue-1".
    Bare,
    /// By a verb or a word between: "the cluster is blue-1".
    Verb,
    /// By a mark or "called": "cluster: blue-1".
    Marked,
}

/// A value as it stands in the text.
struct Raw<'t> {
    value: &'t str,
    to: usize,
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
            Mean::Cue(Cue::Called) => called(reading, at),
            Mean::Cue(Cue::As) => sent_as(reading, at),
            Mean::Unknown => {
                bracketed(reading, at);
                beside_target(reading, at);
                introduced(reading, at);
                version(reading, at);
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

/// "mail on as 'Fern CI' from ci@…": a quotation between "as" and the sender is its name.
fn sent_as(reading: &mut Reading<'_>, at: usize) {
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
fn link(reading: &Reading<'_>, from: usize) -> (usize, Link) {
    let (mut at, mut link) = (from, Link::Bare);
    loop {
        match reading.mean(at) {
            Mean::Punct(':' | '=' | '\u{2192}') | Mean::Cue(Cue::Called) => link = Link::Marked,
            Mean::Cue(Cue::Be) => link = if link == Link::Marked { link } else { Link::Verb },
            Mean::Filler if link != Link::Bare && reading.items[at].exact => {}
            Mean::Punct('*') => {}
            Mean::Cue(Cue::To | Cue::As) if link != Link::Bare => {}
            _ => return (at, link),
        }
        at += 1;
    }
}

/// The value that begins at the item `at`, quoted or bare.
fn raw<'t>(reading: &Reading<'t>, at: usize, key: Key) -> Option<Raw<'t>> {
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

fn clean(value: &str, key: Key) -> bool {
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
fn closes(reading: &Reading<'_>, at: usize, to: usize) -> bool {
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

fn take(reading: &mut Reading<'_>, at: usize, key: Key, start: usize, raw: &Raw<'_>) {
    let end = cover(reading, start, raw.to);
    let why = if raw.safe { reading.items[at].why.or(reading.items[start].why) } else { Some(Why::Unsafe) };
    let value =
        raw.value.rsplit('/').next().filter(|_| key == Key::HostedZoneId).unwrap_or(raw.value).to_owned();
    reading.find(key, value, at, end, 2, why);
}

/// Turns the items up to the byte `to` into a name and returns the last of them.
fn cover(reading: &mut Reading<'_>, start: usize, to: usize) -> usize {
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

/// "called X" away from its label: the nearest thing before it that can have a name.
fn called(reading: &mut Reading<'_>, at: usize) {
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

/// "tear down eks fern-1": a name right behind the target names its cluster or stack.
fn beside_target(reading: &mut Reading<'_>, at: usize) {
    let value = reading.words(at).to_owned();
    let before = at.checked_sub(1).map_or(Mean::Break, |before| reading.mean(before));
    let act = before == Mean::Act(super::lexicon::Action::Teardown);
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
    let removing =
        reading.items[..at].iter().any(|item| item.mean == Mean::Act(super::lexicon::Action::Teardown));
    let free = reading.mean(at) == Mean::Unknown && !reading.lexicon.nameless(&super::text::fold(&value));
    if free && hyphen && (digit || removing) && closes(reading, at, reading.items[at].to) {
        reading.items[at].mean = Mean::Name;
        let why = reading.items[at].why;
        reading.find(key, value, at, at, 1, why);
    }
}

/// "kill the old stack? It's fern-old": a name said of what the sentence before calls by its kind.
fn introduced(reading: &mut Reading<'_>, at: usize) {
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
fn version(reading: &mut Reading<'_>, at: usize) {
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

/// "call the new one …": an order to name what is made, whatever it is.
fn order_to_name(reading: &Reading<'_>, at: usize) -> bool {
    let words = reading.words(at).to_ascii_lowercase();
    words.starts_with("call ") || words.starts_with("name ")
}

/// "blue-1 (EKS, …)": a name with its kind in brackets.
fn bracketed(reading: &mut Reading<'_>, at: usize) {
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

/// Whether a value holds nothing that a shell could take for its own.
pub(super) fn harmless(value: &str) -> bool {
    !value.contains(|c: char| META.contains(c)) && !value.contains("../") && !value.contains("***")
}
