//! Reads where the platform's code comes from and goes to: repository, and work directory.

use super::item::{Mean, Why};
use super::key::Key;
use super::lexicon::Cue;
use super::names::harmless;
use super::reading::Reading;

/// Reads the repository and the work directory.
pub(super) fn read(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        match reading.mean(at) {
            Mean::Url => url(reading, at),
            Mean::Path => path(reading, at),
            Mean::Label(Key::Workdir) => relative(reading, at),
            Mean::Cue(Cue::Clone) => clone(reading, at),
            Mean::Label(Key::Repo) => ticked(reading, at),
            _ => {}
        }
    }
}

fn url(reading: &mut Reading<'_>, at: usize) {
    let address = reading.words(at).trim_end_matches('/').to_owned();
    let cue = led(reading, at, |mean| {
        matches!(mean, Mean::Label(Key::Repo | Key::Ref) | Mean::Cue(Cue::Clone | Cue::Code | Cue::From))
    });
    let reference = led(reading, at, |mean| mean == Mean::Cue(Cue::See)) && !cue;
    if reference || !(cue || hosts_code(&address)) {
        return;
    }
    let rest = &reading.text[reading.items[at].to..];
    let runs_on = super::names::runs_on(rest)
        || (rest.starts_with([';', '|', '&', '`']) && rest[1..].starts_with(char::is_alphanumeric));
    let why = if safe(&address) && !runs_on { reading.refusal(at) } else { Some(Why::Unsafe) };
    reading.find(Key::Repo, address, at, at, 2, why);
}

/// Whether one of the few items before `at` is a cue.
fn led(reading: &Reading<'_>, at: usize, cue: impl Fn(Mean<'_>) -> bool) -> bool {
    let sentence = reading.items[at].sentence;
    (at.saturating_sub(7)..at)
        .any(|index| reading.items[index].sentence == sentence && cue(reading.mean(index)))
}

/// An address of a repository by its look: ends in `.git`, or is `host/owner/name` of a code host.
fn hosts_code(address: &str) -> bool {
    let host =
        ["https://github.com/", "https://gitlab.com/", "https://bitbucket.org/", "https://codeberg.org/"];
    let owner_and_name = |rest: &str| rest.split('/').filter(|part| !part.is_empty()).count() == 2;
    address.ends_with(".git")
        || address.starts_with("git@")
        || host.iter().any(|host| address.strip_prefix(host).is_some_and(owner_and_name))
}

/// Only encrypted transports, no secret inside, nothing a shell or git could run.
fn safe(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let body = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("ssh://"))
        .or_else(|| lower.strip_prefix("git@"));
    let chars = |c: char| c.is_ascii_alphanumeric() || "-._~:/@+%?=#".contains(c);
    body.is_some_and(|body| !body.is_empty() && !body.starts_with(['-', '/']) && body.chars().all(chars))
        && !lower.contains("..")
        && harmless(address)
}

/// "repo: yes" on a form: the default one.
fn ticked(reading: &mut Reading<'_>, at: usize) {
    let marked = reading.items.get(at + 1).is_some_and(|mark| mark.is_punct(":=\u{2192}"));
    let yes = marked && reading.is(at + 2, Cue::On) && reading.boundary_or_end(at + 3);
    if yes || (marked && reading.words(at + 2).eq_ignore_ascii_case("default")) {
        let why = reading.items[at].why;
        reading.find(Key::Repo, true, at, at + 2, 0, why);
    }
}

/// "clone the repository", "repo cloned fresh": the default one.
fn clone(reading: &mut Reading<'_>, at: usize) {
    let sentence = reading.items[at].sentence;
    let named = |index: &usize| {
        matches!(reading.mean(*index), Mean::Label(Key::Repo) | Mean::Cue(Cue::Code))
            || (*index == at + 1 && reading.is(*index, Cue::It))
            || says_repo(reading.words(*index))
    };
    let near = |index: &usize| reading.items.get(*index).is_some_and(|item| item.sentence == sentence);
    let after = (at + 1..at + 6).take_while(near).find(named);
    let before = || (at.saturating_sub(4)..at).filter(near).find(named);
    let done = reading.before(at).is_some_and(|index| reading.words(index).eq_ignore_ascii_case("already"));
    let noun = at > 0
        && reading.items[at - 1].says(reading.text, &["the", "a", "our"])
        && reading.items[at].says(reading.text, &["clone"]);
    let own = (noun || complete(reading.words(at))).then_some(at);
    let Some(other) = after.or_else(before).or(own).filter(|_| !done) else { return };
    let why = reading.refusal(at).or(reading.items[other].why);
    reading.find(Key::Repo, true, at.min(other), at.max(other), 0, why);
}

/// "fresh clone", "clone repo": says by itself what is cloned.
fn complete(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    says_repo(&words) || (words.contains(' ') && words.ends_with(['e', 't']) && !words.starts_with("check"))
}

fn says_repo(words: &str) -> bool {
    words.to_ascii_lowercase().contains("repo")
}

fn path(reading: &mut Reading<'_>, at: usize) {
    let value = reading.words(at).to_owned();
    let cue = |mean: Mean<'_>| matches!(mean, Mean::Label(Key::Workdir) | Mean::Cue(Cue::Into));
    let fetched = |mean: Mean<'_>| matches!(mean, Mean::Cue(Cue::Clone | Cue::Code) | Mean::Label(Key::Repo));
    let sentence = reading.items[at].sentence;
    let fetching = reading.items[..at]
        .iter()
        .any(|item| item.sentence == sentence && (fetched(item.mean) || item.mean == Mean::Url));
    let inside =
        reading.before(at).is_some_and(|before| reading.items[before].is_any(&[Cue::In, Cue::To, Cue::Into]));
    let local = reading.before(at).and_then(|before| reading.before(before)).is_some_and(|target| {
        matches!(reading.mean(target), Mean::Value(Key::Target, "docker" | "minikube"))
    });
    if !(led(reading, at, cue) || (inside && (fetching || local))) {
        return;
    }
    let why = if sound(&value) && !continued(reading, at) { reading.refusal(at) } else { Some(Why::Unsafe) };
    reading.find(Key::Workdir, value, at, at, 2, why);
}

/// A path without a step upwards and without a character of the shell.
fn sound(path: &str) -> bool {
    path.split('/').all(|part| part != "..") && !path.contains("$") && harmless(path)
}

/// Whether something a shell would read hangs on the path.
fn continued(reading: &Reading<'_>, at: usize) -> bool {
    reading
        .items
        .get(at + 1)
        .is_some_and(|next| next.from == reading.items[at].to && next.is_punct("$`|&<>\\*"))
        || super::names::runs_on(&reading.text[reading.items[at].to..])
}

/// "workdir = build/pb": a relative directory needs a mark before it.
fn relative(reading: &mut Reading<'_>, at: usize) {
    let mut start = at + 1;
    let mut marked = false;
    while matches!(
        reading.mean(start),
        Mean::Punct(':' | '=' | '\u{2192}' | '`' | '"' | '\'') | Mean::Cue(Cue::Be | Cue::Called)
    ) {
        marked |= !matches!(reading.mean(start), Mean::Punct('`' | '"' | '\''));
        start += 1;
    }
    let short = reading.words(at).to_ascii_lowercase().replace([' ', '-', '_'], "");
    let Some(item) = reading.items.get(start) else { return };
    if item.mean != Mean::Unknown || !(marked || (short.starts_with("work") && shaped(reading.words(start))))
    {
        return;
    }
    let rest = &reading.text[item.from..];
    let end = rest.find(|c: char| !(c.is_alphanumeric() || "._-/".contains(c))).unwrap_or(rest.len());
    let value = rest[..end].trim_end_matches(['.', '-']).to_owned();
    let why = if sound(&value) && !value.contains("..") { reading.refusal(start) } else { Some(Why::Unsafe) };
    reading.find(Key::Workdir, value, at, start, 2, why);
}

fn shaped(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit() || "-_".contains(c))
}
