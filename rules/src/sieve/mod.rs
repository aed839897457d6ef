//! Inputs of any size in little memory: a first pass keeps only what can matter, with the lines around it.
//!
//! Bytes are fed as they come. A text up to a limit is kept whole. A larger one is sieved: of a log, the lines
//! with a status or a sign of failure stay, with those around them and the end of the log; of a JSON document,
//! its records. What stays is read as if it were the input, each line with the number it has there.

mod document;
mod kept;
mod lines;
mod scan;

use document::DocumentSieve;
use kept::{Kept, Place, Run};
use lines::LineSieve;

use crate::decode::{self, Decoder, Line};
use crate::diagnose::{self, Cuts, DiagnoseOptions};
use crate::error::RulesError;
use crate::explain::{self, Explanation};
use crate::rulebook::Rulebook;
use crate::verdict::Diagnosis;

pub(crate) use lines::TAIL;
pub use scan::Block;

/// A line is read in pieces of this many bytes when it is longer.
const LONGEST_LINE: usize = 1 << 20;

/// How much of an input is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Inputs up to this many bytes, unpacked, are kept whole.
    pub whole: usize,
    /// Of a larger input, this many bytes are kept at most.
    pub kept: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { whole: 4 << 20, kept: 6 << 20 }
    }
}

/// Takes an input piece by piece, and diagnoses what came so far.
#[derive(Debug)]
pub struct Intake {
    decoder: Decoder,
    text: Text,
}

/// The decoded input.
#[derive(Debug)]
struct Text {
    limits: Limits,
    kept: Kept,
    mode: Mode,
}

#[derive(Debug)]
enum Mode {
    /// All of it, as long as that is little.
    Whole(Vec<u8>),
    Lines {
        sieve: LineSieve,
        splitter: Splitter,
    },
    Document(Box<DocumentSieve>),
}

impl Default for Intake {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Intake {
    /// Nothing yet.
    pub fn new(limits: Limits) -> Self {
        let text = Text { limits, kept: Kept::new(limits.kept), mode: Mode::Whole(Vec::new()) };
        Self { decoder: Decoder::default(), text }
    }

    /// Takes the next bytes of the input: text, UTF-16 or gzip.
    ///
    /// # Errors
    /// When the input is binary or damaged gzip.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), RulesError> {
        let Self { decoder, text } = self;
        decoder.feed(bytes, &mut |decoded| {
            text.add(decoded);
            Ok(())
        })
    }

    /// Ends the input.
    ///
    /// # Errors
    /// When it is empty or gzip data is cut off.
    pub fn end(&mut self) -> Result<(), RulesError> {
        let Self { decoder, text } = self;
        decoder.finish(&mut |decoded| {
            text.add(decoded);
            Ok(())
        })?;
        text.end();
        Ok(())
    }

    /// For an input of lines that needs no decoding, once it has become large: what cuts the bytes from here on
    /// into blocks of whole lines. Blocks may be scanned on several threads; they have to come back to
    /// [`Intake::take`] in their order, instead of more bytes to [`Intake::feed`].
    pub fn splitter(&mut self) -> Option<Splitter> {
        match &mut self.text.mode {
            Mode::Lines { splitter, .. } if self.decoder.is_plain() => Some(splitter.take_over()),
            _ => None,
        }
    }

    /// Takes the next block of an input that is cut by [`Intake::splitter`], and gives back memory for another.
    pub fn take(&mut self, block: Block) -> Vec<u8> {
        match &mut self.text.mode {
            Mode::Lines { sieve, .. } => sieve.take(block, &mut self.text.kept),
            Mode::Whole(_) | Mode::Document(_) => Vec::new(),
        }
    }

    /// How many bytes of the input are held in memory.
    pub fn held(&self) -> usize {
        let Text { kept, mode, .. } = &self.text;
        let pieces = |rest: Vec<(Place, &[u8])>| rest.iter().map(|(_, text)| text.len()).sum::<usize>();
        kept.bytes()
            + match mode {
                Mode::Whole(bytes) => bytes.len(),
                Mode::Lines { sieve, splitter } => pieces(sieve.rest()) + splitter.open.len(),
                Mode::Document(document) => pieces(document.rest()),
            }
    }

    /// The diagnosis of what came so far.
    ///
    /// # Errors
    /// When there was nothing but blanks, or JSON events are cut off in the middle.
    pub fn diagnosis(&self, book: &Rulebook, options: DiagnoseOptions) -> Result<Diagnosis, RulesError> {
        match &self.text.mode {
            Mode::Whole(bytes) => diagnose::diagnose_with(bytes, book, options),
            _ => self.text.with_lines(|lines, cuts| diagnose::of_lines(lines, cuts, book, options)),
        }
    }

    /// The explanation of the same.
    ///
    /// # Errors
    /// As [`Intake::diagnosis`].
    pub fn explanation(&self, options: DiagnoseOptions) -> Result<Explanation, RulesError> {
        match &self.text.mode {
            Mode::Whole(bytes) => explain::explain(bytes, options),
            _ => self.text.with_lines(|lines, _| explain::of_lines(lines, options)),
        }
    }
}

impl Text {
    fn add(&mut self, bytes: &[u8]) {
        match &mut self.mode {
            Mode::Whole(whole) => {
                whole.extend_from_slice(bytes);
                if whole.len() > self.limits.whole {
                    let whole = std::mem::take(whole);
                    self.mode = Mode::of(&whole);
                    self.add_first(whole);
                }
            }
            Mode::Lines { sieve, splitter } => {
                if let Some(lines) = splitter.split(bytes) {
                    sieve.take(Block::scan(lines, splitter.newline), &mut self.kept);
                }
            }
            Mode::Document(document) => {
                if let Err((taken, _)) = document.take(bytes, &mut self.kept) {
                    let (place, mut rest) = document.give_up();
                    rest.extend_from_slice(&bytes[taken..]);
                    self.mode = Mode::lines(place, b'\n');
                    self.add(&rest);
                }
            }
        }
    }

    /// Adds what was whole until now.
    fn add_first(&mut self, whole: Vec<u8>) {
        match &mut self.mode {
            Mode::Lines { sieve, splitter } => {
                if let Some(lines) = splitter.split_first(whole) {
                    sieve.take(Block::scan(lines, splitter.newline), &mut self.kept);
                }
            }
            Mode::Whole(_) | Mode::Document(_) => self.add(&whole),
        }
    }

    fn end(&mut self) {
        if let Mode::Lines { sieve, splitter } = &mut self.mode {
            let last = splitter.end();
            sieve.take(Block::scan(last, splitter.newline), &mut self.kept);
        }
    }

    fn with_lines<T>(&self, read: impl FnOnce(&[Line<'_>], Cuts) -> T) -> T {
        let (rest, calm, newline) = match &self.mode {
            Mode::Whole(_) => (Vec::new(), false, b'\n'),
            Mode::Lines { sieve, splitter } => (sieve.rest(), sieve.has_dropped(), splitter.newline),
            Mode::Document(document) => (document.rest(), false, b'\n'),
        };
        let runs = self.kept.runs(&rest);
        let left_out = self.kept.left_out();
        read(&lines_of(&texts(runs), newline), Cuts { calm: calm || left_out > 0, left_out })
    }
}

impl Mode {
    fn of(head: &[u8]) -> Self {
        let start = Place { offset: 0, line: 1 };
        if is_document(head) {
            return Self::Document(Box::new(DocumentSieve::new(start)));
        }
        let old_mac = !head.contains(&b'\n') && head.contains(&b'\r');
        Self::lines(start, if old_mac { b'\r' } else { b'\n' })
    }

    fn lines(place: Place, newline: u8) -> Self {
        Self::Lines { sieve: LineSieve::new(place, newline), splitter: Splitter::new(newline) }
    }
}

/// Whether a text begins as a JSON document rather than as lines, each of which may be a JSON record.
fn is_document(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    match text {
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'{' | b']', ..]),
        [b'{', ..] => {
            let line = text.split(|byte| *byte == b'\n').next().unwrap_or(text).trim_ascii_end();
            let has = |key: &[u8]| memchr::memmem::find(line, key).is_some();
            !line.ends_with(b"}") || has(b"\"StackEvents\"") || has(b"\"OperationEvents\"")
        }
        _ => false,
    }
}

/// The texts of runs, with the number of the line each begins in.
fn texts(runs: Vec<Run>) -> Vec<(usize, String)> {
    let text = |bytes| {
        String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    };
    runs.into_iter().map(|run| (run.line, text(run.text))).collect()
}

/// Clean lines of texts between which something is missing. Two blank lines stand for what is missing: nothing
/// that is read goes on over them.
fn lines_of(texts: &[(usize, String)], newline: u8) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (first, text) in texts {
        if let Some(last) = lines.last().map(|line| line.number) {
            let number = (last + 1).min(*first);
            lines.extend(std::iter::repeat_n(Line { number, text: "".into() }, 2));
        }
        let ended = text.strip_suffix(newline as char).unwrap_or(text);
        decode::push_all(&mut lines, *first, ended, newline as char);
    }
    lines
}

/// Cuts bytes as they come into blocks of whole lines.
#[derive(Debug)]
pub struct Splitter {
    newline: u8,
    /// The line that has not ended yet.
    open: Vec<u8>,
}

impl Splitter {
    pub(crate) fn new(newline: u8) -> Self {
        Self { newline, open: Vec::new() }
    }

    fn take_over(&mut self) -> Self {
        Self { newline: self.newline, open: std::mem::take(&mut self.open) }
    }

    /// The byte that ends a line.
    pub fn newline(&self) -> u8 {
        self.newline
    }

    /// Puts the line that has not ended yet in front of a block that the next bytes are read into, and says how long
    /// it is. The block grows where it is too short for it.
    pub fn begin(&mut self, block: &mut Vec<u8>) -> usize {
        let open = self.open.len();
        if block.len() < open {
            block.resize(open, 0);
        }
        block[..open].copy_from_slice(&self.open);
        self.open.clear();
        open
    }

    /// How many bytes of a block are whole lines; the rest is held for the next one. `None` where no line ends in it
    /// and it is not very long either.
    pub fn cut(&mut self, block: &[u8]) -> Option<usize> {
        let end = memchr::memrchr(self.newline, block).map(|last| last + 1);
        let end = end.or_else(|| (block.len() > LONGEST_LINE).then_some(block.len()))?;
        self.open.extend_from_slice(&block[end..]);
        Some(end)
    }

    /// The whole lines that there are with the next bytes. A very long line comes in pieces.
    pub fn split(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let end = memchr::memrchr(self.newline, bytes).map(|last| last + 1);
        let Some(end) = end.or_else(|| (self.open.len() + bytes.len() > LONGEST_LINE).then_some(bytes.len()))
        else {
            self.open.extend_from_slice(bytes);
            return None;
        };
        let mut lines = Vec::with_capacity(self.open.len() + end);
        lines.extend_from_slice(&self.open);
        lines.extend_from_slice(&bytes[..end]);
        self.open.clear();
        self.open.extend_from_slice(&bytes[end..]);
        Some(lines)
    }

    /// As [`Splitter::split`] of the first bytes, which are not copied.
    fn split_first(&mut self, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let Some(last) = memchr::memrchr(self.newline, &bytes) else { return self.split(&bytes) };
        self.open.extend_from_slice(&bytes[last + 1..]);
        bytes.truncate(last + 1);
        Some(bytes)
    }

    /// The last line, where the input ends without a line end.
    pub fn end(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.open)
    }
}
