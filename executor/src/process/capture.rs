//! Cuts a child's masked output into lines and keeps a bounded tail of them.

use std::collections::VecDeque;

use crate::event::Stream;
use crate::mask::{MaskStream, Masker};

/// A line longer than this is passed on in pieces.
const LONGEST_LINE: usize = 16 * 1024;

/// How much of the output is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TailLimits {
    /// Lines at most.
    pub lines: usize,
    /// Bytes at most, line ends included.
    pub bytes: usize,
}

impl Default for TailLimits {
    fn default() -> Self {
        Self { lines: 20_000, bytes: 4 * 1024 * 1024 }
    }
}

/// The last lines of what a child printed, both streams as they arrived, secrets masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
    dropped: u64,
}

impl Tail {
    /// The kept lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// How many older lines were let go.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The kept lines as one text.
    pub fn text(&self) -> String {
        self.lines().fold(String::with_capacity(self.bytes), |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        })
    }

    /// The last `count` lines that are not blank, oldest first, joined by `; `.
    pub fn summary(&self, count: usize) -> String {
        let mut last: Vec<&str> =
            self.lines().rev().map(str::trim).filter(|l| !l.is_empty()).take(count).collect();
        last.reverse();
        last.join("; ")
    }

    /// Adds a line and lets go of the oldest beyond the limits.
    pub(crate) fn push(&mut self, line: String, limits: TailLimits) {
        self.bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.lines.len() > limits.lines || self.bytes > limits.bytes {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len() + 1;
            self.dropped += 1;
        }
    }

    /// Appends what a later command printed.
    pub(crate) fn extend(&mut self, later: Self, limits: TailLimits) {
        self.dropped += later.dropped;
        for line in later.lines {
            self.push(line, limits);
        }
    }
}

/// One stream of a child: masks, cuts into lines.
pub(super) struct Lines {
    stream: Stream,
    mask: MaskStream,
    masked: Vec<u8>,
}

impl Lines {
    pub(super) fn new(stream: Stream, masker: &Masker) -> Self {
        Self { stream, mask: masker.stream(), masked: Vec::new() }
    }

    /// Takes a piece of output and hands every line it completes to `sink`.
    pub(super) fn push(&mut self, piece: &[u8], sink: &mut impl FnMut(Stream, String)) {
        self.mask.push(piece, &mut self.masked);
        let mut from = 0;
        while let Some(length) = line_length(&self.masked[from..]) {
            sink(self.stream, text(&self.masked[from..from + length]));
            from += length;
        }
        self.masked.drain(..from);
    }

    /// Hands over what is left: the stream is at its end.
    pub(super) fn finish(&mut self, sink: &mut impl FnMut(Stream, String)) {
        self.mask.finish(&mut self.masked);
        self.push(&[], sink);
        if !self.masked.is_empty() {
            sink(self.stream, text(&std::mem::take(&mut self.masked)));
        }
    }
}

/// The length of the first line with its end, or of the piece to pass on if there is no end in sight.
fn line_length(bytes: &[u8]) -> Option<usize> {
    let window = &bytes[..bytes.len().min(LONGEST_LINE)];
    match window.iter().position(|&byte| byte == b'\n') {
        Some(end) => Some(end + 1),
        None if bytes.len() > LONGEST_LINE => Some(whole_characters(window)),
        None => None,
    }
}

/// The length of `bytes` up to the last whole character.
fn whole_characters(bytes: &[u8]) -> usize {
    let start = bytes.iter().rposition(|&byte| byte & 0xC0 != 0x80).unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[start..]) {
        Err(error) if error.error_len().is_none() && start > 0 => start,
        _ => bytes.len(),
    }
}

/// A line without its end; what a carriage return overwrote on a terminal is gone here, too.
fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let shown = line.rsplit(|&byte| byte == b'\r').next().unwrap_or(line);
    String::from_utf8_lossy(shown).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::new(Stream::Stdout, &Masker::default());
        let mut seen = Vec::new();
        let mut sink = |_, line| seen.push(line);
        for piece in pieces {
            lines.push(piece, &mut sink);
        }
        lines.finish(&mut sink);
        seen
    }

    #[test]
    fn lines_are_the_same_however_the_reads_are_cut() {
        assert_eq!(lines_of(&[b"one\ntw", b"o\r\n", b"three"]), ["one", "two", "three"]);
    }

    #[test]
    fn a_spinner_leaves_its_last_frame() {
        assert_eq!(lines_of(&[b"10%\r50%\r100%\n"]), ["100%"]);
    }

    #[test]
    fn a_line_without_end_arrives_in_bounded_pieces_and_whole_characters() {
        let long = "ä".repeat(LONGEST_LINE);
        let seen = lines_of(&[b"x", long.as_bytes()]);
        assert!(seen.iter().all(|piece| piece.len() <= LONGEST_LINE));
        assert_eq!(seen.concat(), format!("x{long}"));
    }

    #[test]
    fn the_tail_keeps_the_last_lines_within_both_limits() {
        let mut tail = Tail::default();
        for n in 0..10 {
            tail.push(format!("line {n}"), TailLimits { lines: 4, bytes: 24 });
        }
        assert_eq!(tail.lines().collect::<Vec<_>>(), ["line 7", "line 8", "line 9"]);
        assert_eq!((tail.dropped(), tail.text().len()), (7, 21));
    }
}
