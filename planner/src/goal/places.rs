//! Reads where: regions by code and by place name, the domain, the hosted zone's id.

use super::item::{Mean, Why};
use super::key::Key;
use super::lexicon::{Action, Cue};
use super::names::harmless;
use super::reading::Reading;

/// Reads regions, domains and zone ids.
pub(super) fn read(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        match reading.mean(at) {
            Mean::Region(code) => region(reading, at, code, false),
            Mean::Place(code) => region(reading, at, code, true),
            Mean::Domain => domain(reading, at),
            Mean::ZoneId => zone(reading, at),
            Mean::Url if labelled(reading, at, Key::Domain) => site(reading, at),
            _ => {}
        }
    }
}

fn region(reading: &mut Reading<'_>, at: usize, code: &'static str, place: bool) {
    let why = reading
        .refusal(at)
        .or_else(|| (place && people(reading, at)).then_some(Why::People))
        .or_else(|| left(reading, at, place));
    let why = why.or_else(|| (place && stray(reading, at)).then_some(Why::Unclear));
    let strength = if labelled(reading, at, Key::Region) || hosted(reading, at) { 2 } else { 1 };
    reading.find(Key::Region, code, at, at, strength, why);
}

/// "my dog Tokyo": a place right after an unknown noun is that noun's name.
fn stray(reading: &Reading<'_>, at: usize) -> bool {
    at > 0
        && reading.mean(at - 1) == Mean::Unknown
        && reading.words(at - 1).len() > 2
        && reading.mean(at + 1) != Mean::Label(Key::Region)
}

/// "the Dublin office", "we sit in Paris".
fn people(reading: &Reading<'_>, at: usize) -> bool {
    let after = reading.skip_filler(at + 1);
    let next = [after, reading.skip_filler(after + 1)];
    let company = reading.is(next[0], Cue::People)
        || (matches!(reading.mean(next[0]), Mean::Unknown) && reading.is(next[1], Cue::People));
    let seat = reading.before(at).is_some_and(|before| {
        reading.items[before].is_any(&[Cue::Based, Cue::People])
            || (reading.is(before, Cue::In)
                && reading
                    .before(before)
                    .is_some_and(|who| reading.items[who].is_any(&[Cue::People, Cue::Based])))
    });
    company || (seat && !houses(reading, at))
}

/// "the cluster is to live in Paris": what lives there is the platform.
fn houses(reading: &Reading<'_>, at: usize) -> bool {
    let clause = reading.items[at].clause;
    let lives = |item: &super::item::Item<'_>| {
        item.is(Cue::Based) && {
            let words = reading.text[item.from..item.to].to_ascii_lowercase();
            ["live", "sit", "stay", "located", "based"].iter().any(|verb| words.starts_with(verb))
        }
    };
    let subject = |item: &super::item::Item<'_>| {
        matches!(
            item.mean,
            Mean::Value(Key::Target, _) | Mean::Label(Key::ClusterName | Key::StackName | Key::Target)
        ) || item.is_any(&[Cue::It, Cue::Thing])
            || item.says(reading.text, &["it is", "it's"])
    };
    let before: Vec<_> = reading.items[..at].iter().filter(|item| item.clause == clause).collect();
    before.iter().any(|item| subject(item))
        && before.iter().any(|item| lives(item))
        && !before.iter().any(|item| item.is(Cue::Subject))
}

/// "from Dublin" is where something comes from; "remove from eu-west-3" is not.
fn left(reading: &Reading<'_>, at: usize, place: bool) -> Option<Why> {
    let from = reading.before(at).is_some_and(|before| reading.is(before, Cue::From));
    let sentence = reading.items[at].sentence;
    let removing = reading
        .items
        .iter()
        .any(|item| item.sentence == sentence && item.mean == Mean::Act(Action::Teardown));
    (from && !removing && (place || moves(reading, at))).then_some(Why::Excluded)
}

/// "from us-east-1 to us-east-2".
fn moves(reading: &Reading<'_>, at: usize) -> bool {
    let next = reading.skip_filler(at + 1);
    reading.is(next, Cue::To)
}

/// Whether the label of `key` leads to the item, with only light words in between.
fn labelled(reading: &Reading<'_>, at: usize, key: Key) -> bool {
    let mut steps = 0;
    for index in (0..at).rev() {
        match reading.mean(index) {
            Mean::Label(label) => return label == key,
            Mean::Filler
            | Mean::Punct(':' | '=' | '\u{2192}' | '"' | '\'' | '`')
            | Mean::Cue(
                Cue::Be | Cue::To | Cue::In | Cue::OnWord | Cue::As | Cue::Called | Cue::Hosted | Cue::Into,
            ) => {}
            Mean::Unknown if steps < 1 => steps += 1,
            _ => return false,
        }
    }
    false
}

fn hosted(reading: &Reading<'_>, at: usize) -> bool {
    let before = reading.before(at).is_some_and(|before| reading.is(before, Cue::Hosted));
    before || reading.mean(at + 1) == Mean::Label(Key::Region)
}

/// Ends of file names and hosts of well-known services, which are no domain for the platform.
const FILES: [&str; 22] = [
    "sh", "yml", "yaml", "json", "md", "txt", "toml", "py", "js", "ts", "rs", "log", "zip", "pdf", "png",
    "html", "xml", "env", "tf", "pem", "csv", "conf",
];
const SERVICES: [&str; 14] = [
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "ghcr.io",
    "docker.io",
    "amazonaws.com",
    "amazon.com",
    "google.com",
    "slack.com",
    "docker.com",
    "quay.io",
    "gmail.com",
    "atlassian.net",
    "zoom.us",
];

fn domain(reading: &mut Reading<'_>, at: usize) {
    let value = reading.words(at).to_ascii_lowercase();
    let labelled = labelled(reading, at, Key::Domain);
    let file = value.rsplit('.').next().is_some_and(|end| FILES.contains(&end)) && !labelled;
    let service = SERVICES.iter().any(|host| value == *host || value.ends_with(&format!(".{host}")));
    let wild =
        at >= 1 && reading.items[at - 1].is_punct("*@") && reading.items[at - 1].to == reading.items[at].from;
    if file || service || wild || zone_name(reading, at) {
        return;
    }
    if misspelt_size(&value) {
        return reading.find(Key::InstanceType, value, at, at, 1, Some(Why::NoSuchType));
    }
    let glued = reading.items.get(at + 1).is_some_and(|next| {
        next.from == reading.items[at].to && (next.is_punct("$`\\@%&") || next.mean == Mean::Path)
    });
    let rest = &reading.text[reading.items[at].to..];
    let path = rest.starts_with('/') && rest[1..].starts_with(|c: char| !c.is_whitespace());
    let why = reading
        .refusal(at)
        .or((glued || path).then_some(Why::Unsafe))
        .or(torn(&value, rest).then_some(Why::Torn))
        .or_else(|| reference(reading, at).then_some(Why::Unlabelled));
    reading.find(Key::Domain, value, at, at, if labelled { 2 } else { 1 }, why);
}

/// "m5.xlarg": an instance family with nearly a size.
fn misspelt_size(value: &str) -> bool {
    let Some((family, size)) = value.split_once('.') else { return false };
    let letters = family.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    let formed = letters.is_empty()
        && (2..=5).contains(&family.len())
        && family.starts_with(|c: char| c.is_ascii_lowercase())
        && family[1..].contains(|c: char| c.is_ascii_digit());
    let size = size.trim_start_matches(|c: char| c.is_ascii_digit());
    formed
        && ["xlarge", "large", "medium", "small", "micro", "nano"]
            .iter()
            .any(|known| strsim::osa_distance(size, known) <= 2)
}

/// "ci.fern,io": a comma stands where a dot was meant.
fn torn(value: &str, rest: &str) -> bool {
    let tail = rest.strip_prefix(',').unwrap_or("");
    let end: String = tail.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    let tops = ["io", "com", "org", "net", "dev", "app", "example", "cloud", "co", "eu", "de", "uk", "ai"];
    value.matches('.').count() == 1 && tops.contains(&end.to_ascii_lowercase().as_str())
}

/// "hosted zone example.org": the zone's name, not the platform's.
fn zone_name(reading: &Reading<'_>, at: usize) -> bool {
    labelled(reading, at, Key::HostedZoneId)
}

/// "see docs.example.org", "from old.example.org".
fn reference(reading: &Reading<'_>, at: usize) -> bool {
    reading
        .before(at)
        .is_some_and(|before| reading.items[before].is_any(&[Cue::See, Cue::From, Cue::Said, Cue::Foreign]))
}

fn zone(reading: &mut Reading<'_>, at: usize) {
    let why = reading.refusal(at);
    reading.find(Key::HostedZoneId, reading.words(at).to_owned(), at, at, 1, why);
}

/// `site: https://ci.example.org/`: the host of a labelled address; the platform serves it by https in any case.
fn site(reading: &mut Reading<'_>, at: usize) {
    let address = reading.words(at);
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let Some(host) = host.map(|host| host.trim_end_matches('/')) else { return };
    if super::token::is_domain(host) && harmless(host) {
        let why = reading.refusal(at);
        reading.find(Key::Domain, host.to_ascii_lowercase(), at, at, 2, why);
        reading.items[at].mean = Mean::Name;
    }
}
