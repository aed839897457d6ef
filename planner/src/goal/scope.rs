//! Decides what in a text does not count: questions, quotations, conditions, possibilities, plans, the past.

use super::item::{Item, Mean, Why};
use super::layout::kill;
use super::lexicon::{Action, Cue};
use super::quoted;

/// Marks every item that a scope takes out, with the reason.
pub(super) fn mark(items: &mut [Item<'_>], text: &str) {
    quoted::mark(items, text);
    for range in ranges(items, |item| item.sentence) {
        if !topic(items, &range, text) {
            let counted = recounted(items, range.end);
            questions(&mut items[range.clone()], text, counted);
        }
        to_the_right(&mut items[range.clone()], Cue::Ignore, Why::Disregarded, text);
        to_the_right(&mut items[range.clone()], Cue::Said, Why::Reported, text);
        conditions(&mut items[range.clone()], text);
        futures(&mut items[range]);
    }
    for range in ranges(items, |item| item.clause) {
        spared(&mut items[range.clone()], text);
        permissions(&mut items[range.clone()], text);
        possibilities(&mut items[range.clone()]);
        narrated(&mut items[range.clone()], text);
        past(&mut items[range.clone()], text);
        against(&mut items[range], text);
    }
}

/// Ranges of neighbouring items that share a number.
pub(super) fn ranges(items: &[Item<'_>], number: impl Fn(&Item<'_>) -> usize) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    let mut all = Vec::new();
    for chunk in items.chunk_by(|a, b| number(a) == number(b)) {
        all.push(start..start + chunk.len());
        start += chunk.len();
    }
    all
}

/// "That VM in Osaka? Kill it.": a fragment with a question mark is what the next order is about.
fn topic(items: &[Item<'_>], range: &std::ops::Range<usize>, text: &str) -> bool {
    let asked = &items[range.clone()];
    let fragment = !asked.iter().any(|item| {
        item.is_any(&[Cue::Ask, Cue::Tell, Cue::Or, Cue::Please, Cue::Be, Cue::If, Cue::Maybe, Cue::Subject])
            || matches!(item.mean, Mean::Act(_))
            || item.says(text, &["do", "does", "did", "can", "could", "would", "should"])
    });
    let mut next = items[range.end..].iter().filter(|item| item.mean != Mean::Filler);
    let act =
        next.next().is_some_and(|item| matches!(item.mean, Mean::Act(Action::Teardown | Action::Deploy)));
    let it = next.next().is_some_and(|item| item.is(Cue::It));
    fragment && it && act && asked.last().is_some_and(|item| item.is_punct("?"))
}

/// "… two things? No, just one: …" after the item: the order stands, only its number is put right.
fn recounted(items: &[Item<'_>], at: usize) -> bool {
    let mut next = items[at..].iter().filter(|item| item.mean != Mean::Filler);
    next.next().is_some_and(|item| item.is(Cue::No))
        && next.next().is_some_and(|item| item.is_punct(","))
        && next.next().is_some_and(|item| matches!(item.mean, Mean::Number(_)))
}

/// A sentence that ends with a question mark states nothing, unless it is a request in disguise.
fn questions(items: &mut [Item<'_>], text: &str, recounted: bool) {
    let tells = |at: &usize| items[*at].is(Cue::Tell) && !intended(items, *at, text);
    let asks = (0..items.len()).find(tells).filter(|_| !items.iter().any(wants));
    let marked = items.last().is_some_and(|item| item.is_punct("?"));
    let opener = items.iter().find(|item| item.mean != Mean::Filler && !item.is_punct("-*\u{2022}\"'"));
    let real = opener.is_some_and(|item| item.is(Cue::Ask));
    let mut end = items.len();
    if let Some(at) = asks.filter(|_| !marked) {
        end = (at..items.len()).find(|index| items[*index].is_any(&[Cue::But, Cue::Decide])).unwrap_or(end);
    }
    if asks.is_some() || (marked && (real || !requests(items, text))) || should_we(items) {
        let first = items.iter().position(|item| item.mean != Mean::Filler).unwrap_or(0);
        let order = items.get(first).is_some_and(|item| {
            item.mean == Mean::Act(Action::Deploy) || (recounted && item.mean == Mean::Act(Action::Teardown))
        });
        kill(&mut items[first + usize::from(order)..end], Why::Question);
    }
}

/// "we shall look at that": what somebody means to do is no question.
fn intended(items: &[Item<'_>], at: usize, text: &str) -> bool {
    let will = ["will", "shall", "i'll", "we'll", "they'll", "he'll", "she'll"];
    items[..at]
        .iter()
        .rev()
        .take_while(|item| item.clause == items[at].clause)
        .any(|item| item.says(text, &will))
}

fn wants(item: &Item<'_>) -> bool {
    matches!(item.mean, Mean::Act(Action::Deploy | Action::Teardown)) && item.why.is_none()
}

/// "Could you …?", "EKS in Paris, ok?"
fn requests(items: &[Item<'_>], text: &str) -> bool {
    let asks_nicely = |item: &Item<'_>| {
        item.mean == Mean::Filler && item.says(text, &["could", "can", "would", "please", "pls", "plz"])
    };
    let cue = items.iter().any(|item| item.is(Cue::Please)) || items.iter().take(4).any(asks_nicely);
    let tag = items.iter().rev().skip(1).take(2).collect::<Vec<_>>();
    let tagged =
        matches!(tag.as_slice(), [last, before] if last.mean == Mean::Filler && before.is_punct(","));
    cue || tagged
}

/// "Should we be on EKS" without its question mark.
fn should_we(items: &[Item<'_>]) -> bool {
    let mut words = items.iter().filter(|item| item.mean != Mean::Filler);
    words.next().is_some_and(|item| item.is(Cue::Ask)) && items.iter().any(|item| item.is(Cue::Or))
}

fn to_the_right(items: &mut [Item<'_>], cue: Cue, why: Why, text: &str) {
    let speaks = |at: &usize| {
        items[*at].is(cue) && items[*at].why.is_none() && !consents(items, *at) && !requires(items, *at, text)
    };
    let Some(start) = (0..items.len()).find(speaks) else { return };
    let passive = start > 0 && items[start - 1].is(Cue::Be);
    let closes = items.get(start + 1).is_none_or(|next| matches!(next.mean, Mean::Punct(_) | Mean::Break));
    if cue == Cue::Ignore && (backwards(items, start) || (passive && closes)) {
        return kill(&mut items[..=start], why);
    }
    let speaker = |at: usize| {
        items[at].is(Cue::Subject)
            && items[at].says(text, &["i", "i'm", "i'll", "i'd"])
            && items[start..at].iter().any(content_or_label)
    };
    let message =
        ["ticket", "message", "request", "mail", "email", "comment", "note", "one", "issue", "order"];
    let moves_on = |at: usize| {
        let act = matches!(
            items.get(at + 1).map(|item| item.mean),
            Some(Mean::Act(Action::Deploy) | Mean::Cue(Cue::With))
        );
        items[at].is(Cue::And)
            && act
            && items[start..at]
                .iter()
                .any(|item| text[item.from..item.to].split(' ').any(|word| message.contains(&word)))
    };
    let stops = |at: usize| {
        moves_on(at)
            || items[at].is_any(&[Cue::But, Cue::Decide, Cue::Correct])
            || items[at].is_punct("\u{2014}")
            || speaker(at)
    };
    let end = (start + 1..items.len()).find(|at| stops(*at)).unwrap_or(items.len());
    let end = argument_end(items, start, text).unwrap_or(end);
    kill(&mut items[start..end], why);
}

/// `--post-step "…"`: where the quoted argument of what is disregarded ends.
fn argument_end(items: &[Item<'_>], at: usize, text: &str) -> Option<usize> {
    let quote = items.get(at + 1).filter(|item| item.is_punct("\"'"))?;
    let step = text[items[at].from..items[at].to].to_ascii_lowercase().contains("step");
    let close = (at + 2..items.len()).find(|index| items[*index].mean == quote.mean)?;
    step.then_some(close + 1)
}

/// "cancel that, …", "just kidding, …": what is to be disregarded stands before.
fn backwards(items: &[Item<'_>], at: usize) -> bool {
    let mut next = items[at + 1..].iter().filter(|item| item.mean != Mean::Filler && !item.is(Cue::It));
    let comma = next.next().is_some_and(|item| item.is_punct(",\u{2014}"));
    comma && next.any(Item::is_content)
}

/// "Kim said the sender has to be …": a requirement on a slot stands, whoever states it.
fn requires(items: &[Item<'_>], at: usize, text: &str) -> bool {
    let weighty: Vec<&Item<'_>> = items[at + 1..]
        .iter()
        .filter(|item| item.mean != Mean::Filler && !item.is(Cue::Clause))
        .take(2)
        .collect();
    let must = [
        "must be",
        "has to be",
        "have to be",
        "should be",
        "needs to be",
        "need to be",
        "must",
        "shall be",
        "will be",
    ];
    matches!(weighty.as_slice(), [thing, be]
        if matches!(thing.mean, Mean::Label(_) | Mean::Toggle(_)) && be.is(Cue::Be) && be.says(text, &must))
}

/// "the boss said yes, …": consent is no quotation of what follows.
fn consents(items: &[Item<'_>], at: usize) -> bool {
    let next = |index: usize| items.get(index).map(|item| item.mean);
    items[at].is(Cue::Said)
        && matches!(next(at + 1), Some(Mean::Cue(Cue::On | Cue::No) | Mean::Filler))
        && matches!(next(at + 2), Some(Mean::Punct(_) | Mean::Break | Mean::Cue(Cue::And | Cue::Decide)))
}

/// "you are allowed to destroy the cluster": a permission is no order.
fn permissions(items: &mut [Item<'_>], text: &str) {
    let words = ["allowed", "permitted", "authorized", "authorised", "entitled", "able", "empowered", "free"];
    let permits = |at: &usize| {
        items[*at].says(text, &words)
            && items.get(at + 1).is_some_and(|to| to.is(Cue::To))
            && items.get(at + 2).is_some_and(|act| act.mean == Mean::Act(Action::Teardown))
    };
    if let Some(at) = (0..items.len()).find(permits) {
        kill(&mut items[at..], Why::Permission);
    }
}

/// "leave the EC2 stack alone", "the docker stack stays": what is said to be kept is not to be touched.
fn spared(items: &mut [Item<'_>], text: &str) {
    let keeps = ["leave", "keep", "leaving", "keeping"];
    let state = ["alone", "untouched", "running", "alive", "intact", "as is", "as it is"];
    let say = |words: &[&str], from: usize| (from..items.len()).find(|at| items[*at].says(text, words));
    let kept = say(&keeps, 0).and_then(|start| Some((start, say(&state, start + 1)?)));
    let kept = kept.or_else(|| stays(items, text).or_else(|| protected(items)).map(|end| (0, end)));
    if let Some((start, end)) = kept {
        kill(&mut items[start..end], Why::Negated);
    }
}

/// "the cluster must not be torn down": a refused end, said of what stands before it.
fn protected(items: &[Item<'_>]) -> Option<usize> {
    let mut words = (0..items.len()).filter(|at| items[*at].mean != Mean::Filler && !items[*at].is(Cue::Be));
    let not = words.find(|at| items[*at].is(Cue::Not))?;
    let act = words.next()?;
    let passive = items[not..act].iter().any(|item| item.is(Cue::Be))
        || items[..not].last().is_some_and(|item| item.is(Cue::Be));
    (passive && items[act].mean == Mean::Act(Action::Teardown)).then_some(not)
}

/// "… stays", "… remains here": the end of what is said to stay.
fn stays(items: &[Item<'_>], text: &str) -> Option<usize> {
    let at = items.iter().position(|item| {
        item.says(text, &["stay", "stays", "remain", "remains", "must stay", "should stay", "must remain"])
    })?;
    let rest = [
        "here",
        "there",
        "put",
        "around",
        "up",
        "alive",
        "running",
        "intact",
        "untouched",
        "online",
        "as it is",
        "as is",
        "alone",
    ];
    let ends =
        |item: &Item<'_>| matches!(item.mean, Mean::Punct(_) | Mean::Break | Mean::Cue(Cue::And | Cue::But));
    let mut next = items[at + 1..].iter().filter(|item| item.mean != Mean::Filler && !item.says(text, &rest));
    next.next().is_none_or(ends).then_some(at)
}

/// "If …" takes out the clause that it closes and the rest of its sentence, up to a "but" or a "so";
/// "until …" no more than itself.
fn conditions(items: &mut [Item<'_>], text: &str) {
    let Some(at) = items.iter().position(|item| item.is(Cue::If)) else { return };
    if courteous(items, at, text) {
        return;
    }
    let term = items[at].says(text, &["until", "till"]);
    let start = (0..at).rev().take_while(|index| !items[*index].is_punct(",\u{2014}(")).last().unwrap_or(at);
    let ends = |item: &Item<'_>| {
        item.is_any(&[Cue::But, Cue::Decide]) || (term && (item.is(Cue::And) || item.is_punct(",;")))
    };
    let end = items[at..].iter().position(ends).map_or(items.len(), |found| at + found);
    kill(&mut items[if term { at } else { start }..end], Why::Condition);
}

/// "If it is all right with you, …": a condition on the listener's comfort is none.
fn courteous(items: &[Item<'_>], at: usize, text: &str) -> bool {
    let comfort = [
        "you",
        "your",
        "you'd",
        "you're",
        "you've",
        "bother",
        "trouble",
        "objections",
        "objection",
        "alright",
        "convenient",
        "inconvenient",
        "mind",
        "suits",
    ];
    let end = (at..items.len()).find(|index| matches!(items[*index].mean, Mean::Punct(_) | Mean::Break));
    let clause = &items[at..end.unwrap_or(items.len())];
    let words = |item: &Item<'_>| {
        text[item.from..item.to].split(' ').any(|word| comfort.iter().any(|c| word.eq_ignore_ascii_case(c)))
    };
    clause.iter().any(words) && !clause.iter().any(content_or_label)
}

/// "Later" takes out what it says later of.
fn futures(items: &mut [Item<'_>]) {
    for at in 0..items.len() {
        if items[at].is(Cue::Later) {
            let (from, to) = future_scope(items, at);
            kill(&mut items[from..to], Why::Later);
        }
    }
}

fn future_scope(items: &[Item<'_>], at: usize) -> (usize, usize) {
    let clause = items[at].clause;
    let same = |index: &usize| items[*index].clause == clause;
    let start = (0..at).rev().take_while(same).last().unwrap_or(at);
    let mut end = (at..items.len()).take_while(same).last().map_or(at, |last| last + 1);
    let content = |range: std::ops::Range<usize>| items[range].iter().any(content_or_label);
    if !content(start..end) && items.get(end).is_some_and(|item| item.is(Cue::Subject)) {
        end = (end..items.len())
            .take_while(|index| items[*index].clause == items[end].clause)
            .last()
            .map_or(end, |last| last + 1);
    }
    if content(at..end) {
        return (at, end);
    }
    if content(start..at) {
        let stop = (start..at).rev().find(|index| items[*index].is_any(&[Cue::And, Cue::Now]));
        return (stop.unwrap_or(start), end);
    }
    let predicate = items[start..at].iter().any(|item| item.is(Cue::Be));
    (if predicate { sentence_topic(items, start) } else { start }, end)
}

/// Where the words begin of which a predicate without own content is said: "the second one (…) is for later".
fn sentence_topic(items: &[Item<'_>], at: usize) -> usize {
    let stop = (0..at).rev().find(|index| items[*index].is_any(&[Cue::But, Cue::And]));
    stop.unwrap_or(0)
}

fn content_or_label(item: &Item<'_>) -> bool {
    item.is_content() || matches!(item.mean, Mean::Label(_))
}

/// "Maybe" takes out what follows in its clause; when nothing follows, what it follows.
fn possibilities(items: &mut [Item<'_>]) {
    let Some(at) = items.iter().position(|item| item.is(Cue::Maybe)) else { return };
    let after = items[at..].iter().any(content_or_label);
    let range = if after { at..items.len() } else { 0..items.len() };
    kill(&mut items[range], Why::Maybe);
}

/// "Used to", "last year": the clause is not about now, unless it orders something.
fn past(items: &mut [Item<'_>], text: &str) {
    let Some(at) = items.iter().position(|item| item.is(Cue::Past)) else { return };
    if items[..at].iter().any(|item| item.is(Cue::Polite)) {
        return;
    }
    let noun = |index: usize| {
        index.checked_sub(1).is_some_and(|before| {
            items[before].says(text, &["the", "last", "previous", "first", "old", "our", "my"])
        })
    };
    let ordered = (0..at).any(|index| {
        matches!(items[index].mean, Mean::Act(Action::Teardown | Action::Deploy)) && !noun(index)
    });
    let colon = items.iter().position(|item| item.is_punct(":")).filter(|colon| *colon > at + 1);
    if !ordered {
        let end = colon.unwrap_or(items.len());
        kill(&mut items[..end], Why::Past);
    }
}

/// "We deployed to EKS", "I almost installed docker": a tale, not an order.
fn narrated(items: &mut [Item<'_>], text: &str) {
    let adverbs = ["almost", "nearly", "once", "just", "already", "first", "accidentally"];
    let told = (1..items.len()).any(|at| {
        let by = if at > 1 && items[at - 1].says(text, &adverbs) { at - 2 } else { at - 1 };
        matches!(items[at].mean, Mean::Act(Action::Deploy | Action::Teardown))
            && text[items[at].from..items[at].to].ends_with("ed")
            && items[by].says(text, &["we", "i"])
    });
    if told {
        kill(items, Why::Past);
    }
}

/// The beginnings of phrases that are a verdict by themselves: "stays where it is", "crashed".
const VERDICTS: [&str; 10] =
    ["too ", "stay", "must", "remain", "fail", "crash", "hate", "suck", "scare", "broke"];

/// "EKS is too expensive", "the cluster stays".
fn against(items: &mut [Item<'_>], text: &str) {
    let Some(at) = items.iter().position(|item| item.is(Cue::Bad)) else { return };
    let words = &text[items[at].from..items[at].to];
    let verdict =
        VERDICTS.iter().any(|verb| words.get(..verb.len()).is_some_and(|w| w.eq_ignore_ascii_case(verb)));
    if verdict || items[..at].iter().any(|item| item.is(Cue::Be)) {
        let end =
            items[at..].iter().position(|item| item.is(Cue::And)).map_or(items.len(), |found| at + found);
        kill(&mut items[..end], Why::Against);
    }
}
