//! Reads values from a fixed set: target, deploy mode, init mode, instance type, number of retries, action.

use super::item::{Mean, Why};
use super::key::Key;
use super::lexicon::{Action, Cue};
use super::reading::Reading;

/// Reads every choice.
pub(super) fn read(reading: &mut Reading<'_>) {
    for at in 0..reading.items.len() {
        match reading.mean(at) {
            Mean::Value(Key::DeployMode, mode) => deploy_mode(reading, at, mode),
            Mean::Value(Key::Init, mode) => init(reading, at, mode),
            Mean::Value(key, value) => value_of(reading, at, key, value),
            Mean::InstanceType => {
                value_of(reading, at, Key::InstanceType, &reading.words(at).to_ascii_lowercase())
            }
            Mean::Label(Key::Retries) => retries(reading, at),
            Mean::Label(Key::Init) => init_label(reading, at),
            Mean::Act(action) => act(reading, at, action),
            Mean::Cue(Cue::Create) if creates(reading, at) => deploy(reading, at, Action::Deploy),
            _ => {}
        }
    }
}

fn value_of(reading: &mut Reading<'_>, at: usize, key: Key, value: &str) {
    let why = reading.refusal(at);
    let label = (at.saturating_sub(2)..at).any(|index| reading.mean(index) == Mean::Label(key));
    let strength = match value {
        "local" => 0,
        _ if label => 2,
        _ => 1,
    };
    reading.find(key, value, at, at, strength, why);
}

/// A refused mode means the other one: "no public access", "public: no".
fn deploy_mode(reading: &mut Reading<'_>, at: usize, mode: &str) {
    let why = reading.items[at].why;
    let turned = why.is_none() && matches!(reading.refusal(at), Some(Why::Negated | Why::Excluded));
    let set_aside = reading.negation(at).is_some_and(|(_, by)| reading.is(by, Cue::Instead));
    let value = match (turned, mode) {
        (true, "public") => "private",
        (true, _) => "public",
        (false, mode) => mode,
    };
    let why = why.or(set_aside.then_some(Why::Excluded));
    reading.find(Key::DeployMode, value, at, at, 1, why);
}

/// "manual" and the like count only where initialisation is spoken of.
fn init(reading: &mut Reading<'_>, at: usize, mode: &str) {
    let words = reading.words(at).to_ascii_lowercase();
    let clause = reading.items[at].clause;
    let spoken = words.contains("init")
        || reading.items.iter().any(|item| item.clause == clause && item.mean == Mean::Label(Key::Init))
        || inits_before(reading, at);
    if spoken {
        let why = reading.refusal(at);
        let sentence = reading.items[at].sentence;
        let by_hand = |item: &super::item::Item<'_>| {
            item.sentence.abs_diff(sentence) <= 1 && item.is(Cue::ByHand) && item.why.is_none()
        };
        if mode == "skip" && reading.is(at + 1, Cue::ByHand) && words.starts_with("no") {
            return reading.find(Key::Init, "manual", at, at + 1, 1, Some(Why::Negated));
        }
        let mode = if mode == "skip" && reading.items.iter().any(by_hand) { "manual" } else { mode };
        reading.find(Key::Init, mode, at, at, 1, why);
    }
}

fn inits_before(reading: &Reading<'_>, at: usize) -> bool {
    let sentence = reading.items[at].sentence;
    reading.items[..at].iter().any(|item| {
        item.sentence == sentence && matches!(item.mean, Mean::Value(Key::Init, _) | Mean::Label(Key::Init))
    })
}

/// "the init part by hand", "init: manual", "no initialisation".
fn init_label(reading: &mut Reading<'_>, at: usize) {
    let sentence = reading.items[at].sentence;
    let near = (at.saturating_sub(6)..(at + 11).min(reading.items.len()))
        .filter(|index| reading.items[*index].sentence.abs_diff(sentence) <= 1);
    let hand = near.clone().find(|index| reading.is(*index, Cue::ByHand));
    let why = reading.items[at].why;
    if let Some(hand) = hand {
        return reading.find(Key::Init, "manual", at, hand, 2, why);
    }
    let next = (at + 1..reading.items.len()).find(|index| {
        !matches!(
            reading.mean(*index),
            Mean::Filler | Mean::Punct(':' | '=' | '\u{2192}') | Mean::Cue(Cue::Be)
        )
    });
    let answer = next.map_or(Mean::Break, |next| reading.mean(next));
    let refused = matches!(answer, Mean::Cue(Cue::No | Cue::Off)) || reading.negation(at).is_some();
    match answer {
        _ if refused => reading.find(
            Key::Init,
            "skip",
            at,
            next.filter(|_| matches!(answer, Mean::Cue(Cue::No | Cue::Off))).unwrap_or(at),
            2,
            why,
        ),
        Mean::Cue(Cue::On) => reading.find(Key::Init, "auto", at, at, 2, why),
        _ => {}
    }
}

/// "2 retries", "retry up to 3 times", "no retries".
fn retries(reading: &mut Reading<'_>, at: usize) {
    let why = reading.items[at].why.filter(|why| *why != Why::Condition);
    let count =
        count_of_it(reading, at).or_else(|| count_before(reading, at)).or_else(|| count_after(reading, at));
    if let Some((number, by)) = count {
        return reading.find(Key::Retries, number, by, at, 2, why);
    }
    let next = (at + 1..reading.items.len()).find(|index| {
        !matches!(
            reading.mean(*index),
            Mean::Filler | Mean::Punct(':' | '=' | '\u{2192}') | Mean::Cue(Cue::Be)
        )
    });
    let off = next.is_some_and(|next| {
        reading.items[next].is(Cue::Off) || (reading.is(next, Cue::No) && reading.boundary(next + 1))
    });
    if off || reading.negation(at).is_some() {
        reading.find(Key::Retries, 0, at, at, 1, why);
    }
}

fn count_before(reading: &Reading<'_>, at: usize) -> Option<(u32, usize)> {
    let before = (at.saturating_sub(2)..at).rev().find(|index| reading.mean(*index) != Mean::Filler)?;
    let signed = before.checked_sub(1).map(|sign| reading.items[sign]);
    let signed = signed.is_some_and(|sign| sign.is_punct("-") && sign.to == reading.items[before].from);
    match reading.mean(before) {
        Mean::Number(number) if !signed => Some((number, before)),
        _ => None,
    }
}

fn count_after(reading: &Reading<'_>, at: usize) -> Option<(u32, usize)> {
    for index in at + 1..(at + 10).min(reading.items.len()) {
        match reading.mean(index) {
            Mean::Number(number) => return Some((number, index)),
            Mean::Filler
            | Mean::Punct(',' | ':' | '=' | '\u{2192}' | '(' | '"')
            | Mean::Cue(Cue::Be | Cue::To | Cue::Failure | Cue::It | Cue::OnWord)
            | Mean::Label(Key::Retries) => {}
            Mean::Unknown if index <= at + 3 => {}
            Mean::Cue(Cue::If) if reading.items[index].says(reading.text, &["until", "till"]) => {}
            _ => return None,
        }
    }
    None
}

/// "the retries … set it to 4": the number given to "it" in the same or the next sentence.
fn count_of_it(reading: &Reading<'_>, at: usize) -> Option<(u32, usize)> {
    let sentence = reading.items[at].sentence;
    let near =
        (at + 1..reading.items.len()).take_while(|index| reading.items[*index].sentence <= sentence + 1);
    let verbs = ["make", "set", "raise", "bump", "put", "increase", "lower", "reduce", "change"];
    let handled = |it: usize| reading.items[it - 1].says(reading.text, &verbs);
    near.filter(|index| reading.is(*index, Cue::It) && handled(*index)).find_map(|it| {
        let to = reading.skip_filler(it + 1);
        let number =
            reading.skip_filler(to + usize::from(reading.items.get(to)?.is_any(&[Cue::To, Cue::Be])));
        match reading.mean(number) {
            Mean::Number(count) => Some((count, number)),
            _ => None,
        }
    })
}

fn act(reading: &mut Reading<'_>, at: usize, action: Action) {
    match action {
        Action::Teardown => teardown(reading, at),
        Action::Deploy | Action::Deployment => deploy(reading, at, action),
    }
}

/// "create an EC2 box": what is created is the platform, not an SES identity.
fn creates(reading: &Reading<'_>, at: usize) -> bool {
    says_create(reading, at)
        && matches!(
            reading.mean(reading.skip_filler(at + 1)),
            Mean::Value(Key::Target, _) | Mean::InstanceType
        )
}

/// "the docker setup", "an install": the thing, not the order.
fn noun(reading: &Reading<'_>, at: usize) -> bool {
    let words = ["setup", "install", "deploy", "build", "start", "release", "launch", "host"];
    let like = reading.items[at].says(reading.text, &words);
    like && at > 0
        && (matches!(reading.mean(at - 1), Mean::Value(Key::Target, _))
            || reading.items[at - 1]
                .says(reading.text, &["the", "a", "an", "this", "that", "my", "our", "your", "old", "new"]))
}

/// "I'll set it up again": what the speaker means to do himself.
fn own_plan(reading: &Reading<'_>, at: usize) -> bool {
    let who = ["i'll", "we'll", "i will", "we will"];
    (at.saturating_sub(2)..at).any(|index| reading.items[index].says(reading.text, &who))
}

/// Whether the word is a form of "create".
pub(super) fn says_create(reading: &Reading<'_>, at: usize) -> bool {
    reading.words(at).get(..5).is_some_and(|head| head.eq_ignore_ascii_case("creat"))
}

fn deploy(reading: &mut Reading<'_>, at: usize, action: Action) {
    let object = action == Action::Deployment
        && (at.saturating_sub(5)..at).any(|index| reading.mean(index) == Mean::Act(Action::Teardown));
    let identity = says_create(reading, at) && reading.is(reading.skip_filler(at + 1), Cue::Identity);
    if !object && !identity {
        let why = reading.items[at].why.or_else(|| reading.negation(at).map(|found| found.0));
        let strength = u8::from(action == Action::Deploy && !noun(reading, at) && !own_plan(reading, at));
        reading.find(Key::Action, "deploy", at, at, strength, why);
    }
}

/// A verb of destruction counts only with something of the platform as its object.
fn teardown(reading: &mut Reading<'_>, at: usize) {
    let sentence = reading.items[at].sentence;
    let why = reading.items[at].why.or_else(|| reading.negation(at).map(|found| found.0));
    let conditional = reading
        .items
        .iter()
        .any(|item| item.sentence == sentence && item.is(Cue::Failure))
        .then_some(Why::Condition);
    if feature_follows(reading, at) || !completes(reading, at) {
        return;
    }
    let told = reading.words(at).to_ascii_lowercase().ends_with("ed")
        && reading
            .before(at)
            .is_some_and(|who| reading.is(who, Cue::Subject) || reading.mean(who) == Mean::Unknown);
    let next = reading.skip_filler(at + 1);
    let nothing =
        reading.items.get(next).is_some_and(|item| item.says(reading.text, &["nothing", "none", "nobody"]));
    let why = why.or(told.then_some(Why::Past)).or(nothing.then_some(Why::Negated));
    if has_object(reading, at, sentence) || headline(reading, at) {
        reading.find(Key::Action, "teardown", at, at, 1, why.or(conditional));
    }
}

/// Whether the words around a verb that is one only there make it one: "it has to go.", "rm the stack".
fn completes(reading: &Reading<'_>, at: usize) -> bool {
    let words = reading.words(at);
    let next = reading.skip_filler(at + 1);
    if words.get(words.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case(" go")) {
        return reading.boundary_or_end(next);
    }
    let object = matches!(
        reading.mean(next),
        Mean::Value(Key::Target, _) | Mean::Label(Key::StackName | Key::ClusterName) | Mean::Cue(Cue::Thing)
    );
    !words.eq_ignore_ascii_case("rm") || object
}

/// "remove the samples", "delete the DNS record": not the platform.
fn feature_follows(reading: &Reading<'_>, at: usize) -> bool {
    let next = (at + 1..reading.items.len()).find(|index| {
        !matches!(reading.mean(*index), Mean::Filler | Mean::Act(_) | Mean::Cue(Cue::And | Cue::Clone))
    });
    match next.map_or(Mean::Break, |next| reading.mean(next)) {
        Mean::Toggle(key) => key != Key::WithAll,
        Mean::Label(key) => !matches!(key, Key::StackName | Key::ClusterName | Key::Target | Key::Action),
        _ => false,
    }
}

fn has_object(reading: &Reading<'_>, at: usize, sentence: usize) -> bool {
    let object = |index: usize| {
        matches!(
            reading.mean(index),
            Mean::Value(Key::Target, _)
                | Mean::Toggle(Key::WithAll)
                | Mean::Label(Key::StackName | Key::ClusterName | Key::Target)
                | Mean::Act(Action::Deployment)
                | Mean::Name
                | Mean::Cue(Cue::Thing | Cue::It)
        )
    };
    let same = |index: &usize| reading.items[*index].sentence == sentence;
    let after = (at + 1..reading.items.len()).take_while(same).take(9).any(object);
    let counted = matches!(reading.mean(reading.skip_filler(at + 1)), Mean::Number(_));
    after || counted || (0..at).rev().take_while(same).take(14).any(object)
}

/// "Teardown" as a heading, as the answer of a form, or alone on its line.
fn headline(reading: &Reading<'_>, at: usize) -> bool {
    let starts = reading.before(at).is_none_or(|before| {
        matches!(reading.mean(before), Mean::Break | Mean::Punct(':' | '=' | '\u{2192}' | ']' | '.' | ';'))
    }) || titles(reading, at);
    let next = reading.skip_filler(at + 1);
    let ends = next >= reading.items.len()
        || matches!(
            reading.mean(next),
            Mean::Break | Mean::Punct(':' | '.' | ',' | '!' | ';' | '\u{2014}' | '-')
        );
    let bracketed = at > 0
        && reading.items[at - 1].is_punct("(")
        && reading.items.get(at + 1).is_some_and(|end| end.is_punct(")"));
    bracketed || (starts && ends)
}

/// Whether only a ticket's number stands before the item on its line: "OPS-7 Teardown request".
fn titles(reading: &Reading<'_>, at: usize) -> bool {
    let line = (0..at).rev().take_while(|index| reading.mean(*index) != Mean::Break);
    let mut words = line.map(|index| (reading.mean(index), reading.words(index)));
    let number = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    words.all(|(mean, word)| {
        matches!(mean, Mean::Punct(_) | Mean::Number(_)) || (mean == Mean::Unknown && number(word))
    })
}
