//! A misspelt region is an open question: the default region would be a guess at where somebody's money goes.

use super::{Goal, Ignored, Span, Unresolved};
use crate::regions;

/// Asks for the region where the text names something that is nearly one and none that is.
pub(super) fn ask_region(goal: &mut Goal) {
    let settled =
        goal.slots.contains_key("region") || goal.unresolved.iter().any(|open| open.slot == "region");
    let Some(text) = goal.text.as_deref().filter(|_| !settled) else { return };
    let taken =
        |word: &str| goal.slots.values().any(|slot| slot.words.as_deref().is_some_and(|w| w.contains(word)));
    let noted =
        |span: Span| goal.ignored.iter().any(|i| i.span.start <= span.start && span.end <= i.span.end);
    let found = words(text).find(|(word, span)| is_nearly_region(word) && !taken(word) && !noted(*span));
    let Some((word, span)) = found else { return };
    let choices: Vec<String> = regions::suggest(word).into_iter().map(str::to_owned).collect();
    let reason = "there is no such AWS region".to_owned();
    let ignored = Ignored { words: word.to_owned(), span, slot: Some("region".to_owned()), reason };
    goal.ignored.push(ignored);
    goal.unresolved.push(Unresolved { slot: "region".to_owned(), choices });
}

/// The runs of letters, digits and hyphens, with where they stand.
fn words(text: &str) -> impl Iterator<Item = (&str, Span)> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty()).map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        (word, Span { start, end: start + word.len() })
    })
}

/// Whether a word has the form of a region's code, real or not: "us-east-9".
pub(super) fn formed_as_region(word: &str) -> bool {
    let mut parts = word.split('-');
    let start =
        parts.next().is_some_and(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let end =
        parts.next_back().is_some_and(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()));
    start && end && parts.next().is_some()
}

/// Two hyphens and a number at the end, as every code has, and a real code within a few edits.
pub(super) fn is_nearly_region(word: &str) -> bool {
    let shaped = word.matches('-').count() >= 2
        && word
            .rsplit('-')
            .next()
            .is_some_and(|last| last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit()));
    shaped && !regions::is_region(word) && !regions::suggest(word).is_empty()
}

#[cfg(test)]
mod tests {
    use crate::goal::parse;

    #[test]
    fn a_misspelt_region_is_asked_for_with_the_near_ones() {
        let goal = parse("deploy to eks in us-esat-1");
        assert!(!goal.slots.contains_key("region"));
        assert_eq!(goal.unresolved[0].slot, "region");
        assert_eq!(goal.unresolved[0].choices[0], "us-east-1");
    }

    #[test]
    fn a_name_that_looks_like_a_region_is_no_question() {
        let goal = parse("eks in eu-west-1, cluster eu-team-1");
        assert!(goal.unresolved.is_empty(), "{:?}", goal.unresolved);
        assert!(parse("eks, cluster named eu-wets-1").unresolved.is_empty());
    }
}
