//! One block of lines: how many there are, and which of them are worth keeping.

use memchr::{memchr, memchr_iter, memrchr};

use crate::decode;
use crate::signs::{self, Sign};
use crate::status::may_hold_status;
use crate::stems::Stems;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// It belongs to events that went well, or surrounds what matters.
    Calm,
    /// It tells of a failure, or of a stack itself.
    Telling,
}

/// A line worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// How many lines of the block stand above it.
    pub(super) line: usize,
    /// Where it begins, in bytes of the block.
    pub(super) start: usize,
    /// Where the next line begins.
    pub(super) end: usize,
    pub(super) class: Class,
}

/// A block of whole lines that was looked through. Looking through is all the work there is for most of a
/// large log; it needs nothing but the block, so several threads can do it.
#[derive(Debug)]
pub struct Block {
    pub(super) bytes: Vec<u8>,
    pub(super) hits: Vec<Hit>,
    /// How many line ends there are.
    pub(super) lines: usize,
}

impl Block {
    /// Looks through some lines, each ended by the given byte.
    pub fn scan(bytes: Vec<u8>, newline: u8) -> Self {
        let (mut hits, mut lines, mut from) = (Vec::new(), 0, 0);
        let mut stems = Stems::new(&bytes);
        while let Some(found) = stems.find(from) {
            let start = memrchr(newline, &bytes[from..found]).map_or(from, |end| from + end + 1);
            let end = memchr(newline, &bytes[found..]).map_or(bytes.len(), |length| found + length + 1);
            lines += memchr_iter(newline, &bytes[from..start]).count();
            if let Some(class) = class(&bytes[start..end]) {
                hits.push(Hit { line: lines, start, end, class });
            }
            lines += usize::from(bytes[end - 1] == newline);
            from = end;
        }
        lines += memchr_iter(newline, &bytes[from..]).count();
        Self { bytes, hits, lines }
    }
}

/// How much a raw line matters, if it does.
pub(super) fn class(raw: &[u8]) -> Option<Class> {
    let text = String::from_utf8_lossy(raw);
    let mut lines = Vec::new();
    decode::push_raw(&mut lines, 0, text.trim_end_matches('\n'));
    lines.iter().filter_map(|line| class_of(&line.text)).max()
}

fn class_of(line: &str) -> Option<Class> {
    const OF_STACK: [&str; 3] = ["FAIL", "ROLLBACK", "CloudFormation::Stack"];
    const OF_ROW: [&str; 3] = ["omplete]", "rogress]", "ogical"];
    let has = |pieces: &[&str]| pieces.iter().any(|piece| line.contains(piece));
    let status = may_hold_status(line);
    let entry = line.ends_with(')') && has(&["(AWS::", "(Custom::"]);
    if status && has(&OF_STACK) || entry || line.contains("failed]") || signs::loud(line) == Sign::Loud {
        Some(Class::Telling)
    } else {
        (status || has(&OF_ROW)).then_some(Class::Calm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_knows_its_lines_and_which_of_them_matter() {
        let text = "calm\nstill calm\nshop | CREATE_COMPLETE | AWS::S3::Bucket | B\ncalm\nError: boom\n0 errors\ncalm";
        let block = Block::scan(text.as_bytes().to_vec(), b'\n');
        let hits: Vec<_> =
            block.hits.iter().map(|hit| (hit.line, hit.class, &text[hit.start..hit.end])).collect();
        assert_eq!(
            hits,
            [
                (2, Class::Calm, "shop | CREATE_COMPLETE | AWS::S3::Bucket | B\n"),
                (4, Class::Telling, "Error: boom\n"),
            ]
        );
        assert_eq!(block.lines, 6);
    }
}
