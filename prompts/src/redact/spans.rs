//! Stretches of text: merging them, and putting other text in their place.

use std::collections::BTreeMap;
use std::ops::Range;

/// A stretch that is to be replaced. Of stretches that overlap, the one of the lowest rank names what both become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) span: Range<usize>,
    pub(super) rank: usize,
    pub(super) with: String,
}

/// The stretches in order, those that overlap as one.
pub(super) fn merged(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_by_key(|stretch| (stretch.span.start, stretch.rank));
    let mut merged: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for next in stretches {
        match merged.last_mut() {
            Some(last) if next.span.start < last.span.end => {
                last.span.end = last.span.end.max(next.span.end);
                if next.rank < last.rank {
                    (last.rank, last.with) = (next.rank, next.with);
                }
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// The text with each of these stretches, in order and apart, replaced.
pub(super) fn replaced(text: &str, stretches: &[Stretch]) -> String {
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    for stretch in stretches {
        let (start, end) =
            (character_start(text, stretch.span.start).max(at), character_end(text, stretch.span.end));
        made.push_str(&text[at..start]);
        made.push_str(&stretch.with);
        at = end;
    }
    made.push_str(&text[at..]);
    made
}

fn character_start(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

fn character_end(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// The parts of a span outside of these spans, which are in order and apart.
pub(super) fn outside(span: &Range<usize>, inner: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = span.start;
    for inner in touching(span, inner) {
        if inner.start > at {
            parts.push(at..inner.start);
        }
        at = at.max(inner.end);
    }
    if at < span.end {
        parts.push(at..span.end);
    }
    parts
}

/// The spans, of those in order and apart, that share a byte with `span`.
pub(super) fn touching<'s>(span: &Range<usize>, spans: &'s [Range<usize>]) -> &'s [Range<usize>] {
    let first = spans.partition_point(|other| other.end <= span.start);
    let last = spans.partition_point(|other| other.start < span.end);
    &spans[first..last.max(first)]
}

/// Ground that is taken: who comes first stays.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// Takes a span, unless part of it is taken already.
    pub(super) fn take(&mut self, span: &Range<usize>) -> bool {
        let before = self.0.range(..span.end).next_back();
        let free = !span.is_empty() && before.is_none_or(|(_, end)| *end <= span.start);
        if free {
            self.0.insert(span.start, span.end);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(span: Range<usize>, rank: usize, with: &str) -> Stretch {
        Stretch { span, rank, with: with.to_owned() }
    }

    #[test]
    fn overlapping_stretches_become_one_of_the_lowest_rank() {
        let all = merged(vec![stretch(4..9, 1, "b"), stretch(0..5, 2, "a"), stretch(9..10, 3, "c")]);
        assert_eq!(all, [stretch(0..9, 1, "b"), stretch(9..10, 3, "c")]);
        assert_eq!(replaced("0123456789x", &all), "bcx");
    }

    #[test]
    fn a_character_is_never_cut() {
        assert_eq!(replaced("aéb", &[stretch(2..3, 0, "_")]), "a_b");
    }

    #[test]
    fn what_lies_outside_is_told_from_what_lies_inside() {
        let inner = [2..4, 6..8];
        assert_eq!(outside(&(0..7), &inner), [0..2, 4..6]);
        assert!(outside(&(6..8), &inner).is_empty());
        assert_eq!(touching(&(4..7), &inner).to_vec(), vec![6..8]);
    }

    #[test]
    fn ground_is_taken_once() {
        let mut taken = Taken::default();
        assert!(taken.take(&(4..8)) && taken.take(&(0..4)));
        assert!(!taken.take(&(7..9)) && !taken.take(&(0..20)) && taken.take(&(8..9)));
    }
}
