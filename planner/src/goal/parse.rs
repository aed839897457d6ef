//! The way from a text to a goal.

use serde_json::Value;

use super::decide::{Decision, decide};
use super::item::{Mean, Why, build};
use super::key::Key;
use super::lexicon::{Cue, Lexicon};
use super::misspelt;
use super::reading::{Find, Reading};
use super::text::Text;
use super::{
    Goal, Ignored, Slot, Source, Unresolved, amend, choices, layout, mail, names, places, scope, secret,
    source, toggles, token,
};

/// What the user is told of a secret in the text.
const SECRET: &str = "the text held a token or password: it was not used and is masked; \
    pass a token as GHCR_TOKEN in the environment and a password by its own flag";

/// Reads a goal with the lexicon that comes with the program.
///
/// The same text always gives the same goal; nothing but the text is looked at.
pub fn parse(text: &str) -> Goal {
    parse_with(Lexicon::builtin(), text)
}

/// Reads a goal with a lexicon of one's own.
pub fn parse_with(lexicon: &Lexicon, text: &str) -> Goal {
    let (given, secret) = secret::mask(text);
    let text = Text::new(&given);
    let tokens = token::scan(&text.norm);
    let mut reading =
        Reading { text: &text.norm, items: build(&tokens, lexicon), lexicon, finds: Vec::new() };
    read(&mut reading);
    let decision = decide(&mut reading);
    let mut goal = goal(decision, &text, &given);
    if secret {
        goal.warnings.push(SECRET.to_owned());
    }
    goal.text = Some(given);
    misspelt::ask_region(&mut goal);
    goal
}

/// Fills `reading` with everything the text names.
pub(super) fn read(reading: &mut Reading<'_>) {
    layout::divide(&mut reading.items, reading.text);
    toggles::settle(&mut reading.items, reading.text);
    mail::without_address(&mut reading.items, reading.text);
    names::read(reading);
    scope::mark(&mut reading.items, reading.text);
    reading.refuse_names();
    mail::read(reading);
    places::read(reading);
    source::read(reading);
    choices::read(reading);
    toggles::read(reading);
    amend::read(reading);
    leftovers(reading);
}

/// Notes words that look like a value and were read as none, so that nothing is dropped in silence: "mars-1".
fn leftovers(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        let word = reading.words(at);
        let lower = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
        let value = lower && word.contains('-') && word.ends_with(|c: char| c.is_ascii_digit());
        let open = reading.items[at].mean == Mean::Unknown && reading.items[at].why.is_none();
        if open && value && !misspelt::is_nearly_region(word) {
            let placed = reading.before(at).is_some_and(|before| {
                reading.is(before, Cue::In) || reading.mean(before) == Mean::Label(Key::Region)
            });
            let why = if placed { Why::NoSuchRegion } else { Why::Unlabelled };
            reading.find(Key::Region, word.to_owned(), at, at, 0, Some(why));
        }
    }
}

fn goal(decision: Decision, text: &Text, given: &str) -> Goal {
    let words = |find: &Find| {
        let span = text.given_span(find.from, find.to, given);
        (given[span.start..span.end].to_owned(), span)
    };
    let slot = |find: &Find| {
        let (words, span) = words(find);
        Slot { value: find.value.clone(), source: Source::Prompt, words: Some(words), span: Some(span) }
    };
    let ignored = |find: &Find| {
        let (words, span) = words(find);
        let slot = (find.why != Some(Why::Unlabelled)).then(|| find.key.name().to_owned());
        Ignored { words, span, slot, reason: find.why.unwrap_or(Why::Unclear).text().to_owned() }
    };
    let mut skipped: Vec<Ignored> = decision.ignored.iter().map(ignored).collect();
    skipped.sort_by_key(|ignored| ignored.span);
    skipped.dedup();
    Goal {
        slots: decision.taken.iter().map(|(key, find)| (key.name().to_owned(), slot(find))).collect(),
        ignored: skipped,
        unresolved: decision
            .unresolved
            .iter()
            .map(|(key, values)| Unresolved {
                slot: key.name().to_owned(),
                choices: values.iter().map(plain).collect(),
            })
            .collect(),
        ..Goal::default()
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
