//! A reading of a text with things taken out or decoded, which knows where each byte stood in the text itself.

use std::borrow::Cow;
use std::ops::Range;

/// A stretch of a view: either the same bytes as in the text below, or what one encoded unit there decodes to.
#[derive(Debug, Clone, Copy)]
struct Run {
    here: usize,
    below: usize,
    below_len: usize,
    /// Copied byte by byte, so a place inside it is known exactly.
    verbatim: bool,
}

/// What an encoded unit decodes to: at most four bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// How many bytes the unit takes in the text.
    pub(super) taken: usize,
    bytes: [u8; 4],
    len: usize,
}

impl Unit {
    /// A unit of `taken` bytes that stands for these bytes.
    pub(super) fn new(taken: usize, bytes: &[u8]) -> Self {
        let mut held = [0; 4];
        let len = bytes.len().min(4);
        held[..len].copy_from_slice(&bytes[..len]);
        Self { taken, bytes: held, len }
    }

    /// A unit that stands for a character.
    pub(super) fn character(taken: usize, character: char) -> Self {
        Self::new(taken, character.encode_utf8(&mut [0; 4]).as_bytes())
    }
}

/// A reading of a text.
#[derive(Debug, Clone)]
pub(super) struct View<'t> {
    bytes: Cow<'t, [u8]>,
    runs: Vec<Run>,
}

impl<'t> View<'t> {
    /// The text as it is.
    pub(super) fn whole(text: &'t [u8]) -> Self {
        let runs = vec![Run { here: 0, below: 0, below_len: text.len(), verbatim: true }];
        Self { bytes: Cow::Borrowed(text), runs }
    }

    /// The text without these stretches, which are in order and apart.
    pub(super) fn without(text: &'t [u8], cuts: impl IntoIterator<Item = Range<usize>>) -> Self {
        let mut made = Builder::default();
        let mut at = 0;
        for cut in cuts {
            made.copy(text, at..cut.start);
            at = cut.end;
        }
        if at == 0 {
            return Self::whole(text);
        }
        made.copy(text, at..text.len());
        made.view()
    }

    /// The text with every unit that `decode` knows, at one of the bytes `starts`, decoded; nothing if there is none.
    pub(super) fn decoded(
        text: &[u8],
        starts: &[u8],
        decode: impl Fn(&[u8]) -> Option<Unit>,
    ) -> Option<View<'static>> {
        let mut made = Builder::default();
        let (mut copied, mut at) = (0, 0);
        while let Some(found) =
            text[at..].iter().position(|byte| starts.contains(byte)).map(|ahead| at + ahead)
        {
            match decode(&text[found..]) {
                Some(unit) => {
                    made.copy(text, copied..found);
                    made.decode(found, unit);
                    copied = found + unit.taken;
                    at = copied;
                }
                None => at = found + 1,
            }
        }
        if copied == 0 {
            return None;
        }
        made.copy(text, copied..text.len());
        Some(made.view())
    }

    /// The bytes to search in.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a stretch of this view stands in the text below it.
    pub(super) fn below(&self, span: Range<usize>) -> Range<usize> {
        if span.is_empty() {
            return 0..0;
        }
        let (first, last) = (self.run(span.start), self.run(span.end - 1));
        let start = if first.verbatim { first.below + (span.start - first.here) } else { first.below };
        let end =
            if last.verbatim { last.below + (span.end - last.here) } else { last.below + last.below_len };
        start..end
    }

    fn run(&self, at: usize) -> Run {
        let next = self.runs.partition_point(|run| run.here <= at);
        self.runs[next.saturating_sub(1)]
    }
}

#[derive(Default)]
struct Builder {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl Builder {
    fn copy(&mut self, text: &[u8], range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.runs.push(Run {
            here: self.bytes.len(),
            below: range.start,
            below_len: range.len(),
            verbatim: true,
        });
        self.bytes.extend_from_slice(&text[range]);
    }

    fn decode(&mut self, below: usize, unit: Unit) {
        if unit.len > 0 {
            self.runs.push(Run { here: self.bytes.len(), below, below_len: unit.taken, verbatim: false });
            self.bytes.extend_from_slice(&unit.bytes[..unit.len]);
        }
    }

    fn view<'t>(self) -> View<'t> {
        View { bytes: Cow::Owned(self.bytes), runs: self.runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_found_again_across_what_was_cut_out() {
        let view = View::without(b"abc--def", std::iter::once(3..5));
        assert_eq!(view.bytes(), b"abcdef");
        assert_eq!(view.below(1..4), 1..6);
        assert_eq!(view.below(0..3), 0..3, "what was cut behind a stretch is not part of it");
    }

    #[test]
    fn a_stretch_is_found_again_across_what_was_decoded() {
        let unit = |text: &[u8]| text.starts_with(b"%41").then(|| Unit::new(3, b"A"));
        let view = View::decoded(b"x%41y", b"%", unit).unwrap();
        assert_eq!(view.bytes(), b"xAy");
        assert_eq!((view.below(1..2), view.below(2..3)), (1..4, 4..5));
        assert!(View::decoded(b"xy%", b"%", unit).is_none());
    }
}
