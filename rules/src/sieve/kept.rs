//! What is kept of a large input: pieces of it in their order, never more than a given number of bytes.

use std::collections::VecDeque;

use super::scan::Class;

/// The longest piece that lines are added to, in bytes; what is left out is left out by pieces.
const PIECE: usize = 4096;

/// Consecutive bytes of the input.
#[derive(Debug)]
struct Piece {
    /// Where it stands in the input, in bytes.
    offset: u64,
    /// The number of the line it begins in, counted from 1.
    line: usize,
    text: Vec<u8>,
    class: Class,
}

/// Where some bytes stand in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// In bytes, counted from 0.
    pub(super) offset: u64,
    /// The line, counted from 1.
    pub(super) line: usize,
}

/// Bytes of the input without a gap.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The number of the line they begin in, counted from 1.
    pub(super) line: usize,
    pub(super) text: Vec<u8>,
}

/// The pieces.
#[derive(Debug)]
pub(super) struct Kept {
    pieces: VecDeque<Piece>,
    bytes: usize,
    limit: usize,
    /// How many lines were kept at first and left out later.
    left_out: usize,
}

impl Kept {
    /// Nothing yet; at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { pieces: VecDeque::new(), bytes: 0, limit, left_out: 0 }
    }

    /// How many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many lines that matter were left out.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// Keeps some bytes that stand behind all that was kept before.
    pub(super) fn push(&mut self, place: Place, text: &[u8], class: Class) {
        if text.is_empty() {
            return;
        }
        self.bytes += text.len();
        match self.pieces.back_mut() {
            Some(last) if last.goes_on_at(place.offset) && last.text.len() < PIECE && last.class == class => {
                last.text.extend_from_slice(text);
            }
            _ => self.pieces.push_back(Piece {
                offset: place.offset,
                line: place.line,
                text: text.to_vec(),
                class,
            }),
        }
        if self.bytes > self.limit {
            self.leave_out();
        }
    }

    /// Makes room. Events that went well go first, the newest of them last. If that is not enough, the middle
    /// goes: the oldest part has the first failure, the newest the operation that failed last.
    fn leave_out(&mut self) {
        let newest = self.limit / 4;
        let calm = |piece: &Piece, _: usize, behind: usize| piece.class == Class::Calm && behind > newest;
        self.retain(|piece, before, behind| !calm(piece, before, behind));
        if self.bytes > self.limit / 4 * 3 {
            let (oldest, newest) = (self.limit / 4, self.limit / 2);
            self.retain(|_, before, behind| before < oldest || behind <= newest);
        }
    }

    /// Keeps the pieces that a test wants; it is told how many bytes stand before a piece, and from it on.
    fn retain(&mut self, wanted: impl Fn(&Piece, usize, usize) -> bool) {
        let (total, mut before, mut left_out) = (self.bytes, 0, 0);
        self.pieces.retain(|piece| {
            let keep = wanted(piece, before, total - before);
            before += piece.text.len();
            left_out += if keep { 0 } else { piece.lines() };
            keep
        });
        self.bytes = self.pieces.iter().map(|piece| piece.text.len()).sum();
        self.left_out += left_out;
    }

    /// All that is kept, together with other pieces, as runs without gaps.
    pub(super) fn runs(&self, others: &[(Place, &[u8])]) -> Vec<Run> {
        let own = self.pieces.iter().map(|piece| (piece.offset, piece.line, piece.text.as_slice()));
        let others = others.iter().map(|(place, text)| (place.offset, place.line, *text));
        let mut all: Vec<(u64, usize, &[u8])> = own.chain(others).collect();
        all.sort_by_key(|(offset, _, _)| *offset);
        let mut runs: Vec<Run> = Vec::new();
        let mut end = None;
        for (offset, line, text) in all {
            match runs.last_mut().filter(|_| end == Some(offset)) {
                Some(run) => run.text.extend_from_slice(text),
                None => runs.push(Run { line, text: text.to_vec() }),
            }
            end = Some(offset + text.len() as u64);
        }
        runs
    }
}

impl Piece {
    fn goes_on_at(&self, offset: u64) -> bool {
        self.offset + self.text.len() as u64 == offset
    }

    fn lines(&self) -> usize {
        memchr::memchr_iter(b'\n', &self.text).count().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(limit: usize, pieces: impl IntoIterator<Item = (usize, Class)>) -> (Vec<usize>, usize) {
        let mut kept = Kept::new(limit);
        for (line, class) in pieces {
            // every piece stands for itself: there is a gap behind each
            kept.push(Place { offset: line as u64 * 11, line }, b"123456789\n", class);
        }
        (kept.runs(&[]).iter().map(|run| run.line).collect(), kept.left_out())
    }

    #[test]
    fn what_goes_on_is_one_run() {
        let mut kept = Kept::new(100);
        kept.push(Place { offset: 0, line: 1 }, b"a\n", Class::Calm);
        kept.push(Place { offset: 2, line: 2 }, b"b\n", Class::Telling);
        kept.push(Place { offset: 9, line: 5 }, b"c\n", Class::Telling);
        let between: (Place, &[u8]) = (Place { offset: 4, line: 3 }, b"x\n");
        let lines = |runs: Vec<Run>| runs.iter().map(|run| (run.line, run.text.len())).collect::<Vec<_>>();
        assert_eq!(lines(kept.runs(&[])), [(1, 4), (5, 2)]);
        assert_eq!(lines(kept.runs(&[between])), [(1, 6), (5, 2)]);
    }

    #[test]
    fn events_that_went_well_make_room_first() {
        let class = |line: usize| if line == 3 { Class::Telling } else { Class::Calm };
        let (lines, left_out) = kept(100, (1..=11).map(|line| (line, class(line))));
        assert_eq!((lines, left_out), (vec![3, 10, 11], 8));
    }

    #[test]
    fn of_too_many_failures_the_first_and_the_last_stay() {
        let (lines, left_out) = kept(100, (1..=11).map(|line| (line, Class::Telling)));
        assert_eq!((lines, left_out), (vec![1, 2, 3, 7, 8, 9, 10, 11], 3));
    }
}
