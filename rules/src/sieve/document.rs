//! Keeps of a JSON document its records, each in one piece.
//!
//! A record is an object in the outermost array, or an object that stands by itself. What lies between
//! records is kept as it is, so that what is kept of a document reads like one.

use memchr::{memchr_iter, memchr2};

use super::kept::{Kept, Place};
use super::scan::Class;
use crate::signs::{self, Sign};

/// A record, or what lies between two, is at most this long, in bytes; what is longer is no document of events.
const LONGEST: usize = 1 << 20;
/// How deep values may be nested.
const DEPTH: usize = 96;

/// Why the bytes are no document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoDocument;

/// A JSON document, byte by byte.
#[derive(Debug)]
pub(super) struct DocumentSieve {
    /// Where the next byte stands.
    place: Place,
    /// What nothing was decided about yet, and where it stands.
    pending: Vec<u8>,
    pending_at: Place,
    /// The brackets that are open.
    open: Vec<u8>,
    /// The quote that ends the present string.
    quote: Option<u8>,
    escaped: bool,
    /// How many brackets are open around the present record.
    record: Option<usize>,
}

impl DocumentSieve {
    /// A document that begins at a place.
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            pending: Vec::new(),
            pending_at: place,
            open: Vec::new(),
            quote: None,
            escaped: false,
            record: None,
        }
    }

    /// What nothing was decided about yet.
    pub(super) fn rest(&self) -> Vec<(Place, &[u8])> {
        vec![(self.pending_at, &*self.pending)]
    }

    /// What nothing was decided about yet, to be read as lines.
    pub(super) fn give_up(&mut self) -> (Place, Vec<u8>) {
        (self.pending_at, std::mem::take(&mut self.pending))
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Where the bytes turn out to be no document, with how many of them were taken; those that were not, and
    /// what nothing was decided about, are lines.
    pub(super) fn take(&mut self, bytes: &[u8], kept: &mut Kept) -> Result<(), (usize, NoDocument)> {
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            if let Some(quote) = self.quote {
                at += self.in_string(quote, &bytes[at..]);
                continue;
            }
            if matches!(bytes[at], b'{' | b'}' | b'[' | b']') {
                self.add(&bytes[from..at]);
                from = at;
            }
            self.outside(bytes[at], kept).map_err(|no| (from, no))?;
            at += 1;
            if bytes[at - 1] == b'}' {
                self.add(&bytes[from..at]);
                from = at;
                self.close(kept);
            }
        }
        self.add(&bytes[from..]);
        if self.pending.len() > LONGEST { Err((at, NoDocument)) } else { Ok(()) }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        self.place.offset += bytes.len() as u64;
        self.place.line += memchr_iter(b'\n', bytes).count();
    }

    /// How many bytes go on with the present string.
    fn in_string(&mut self, quote: u8, bytes: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            return 1;
        }
        match memchr2(quote, b'\\', bytes) {
            Some(at) if bytes[at] == b'\\' => {
                self.escaped = true;
                at + 1
            }
            Some(at) => {
                self.quote = None;
                at + 1
            }
            None => bytes.len(),
        }
    }

    /// Looks at one byte outside strings.
    fn outside(&mut self, byte: u8, kept: &mut Kept) -> Result<(), NoDocument> {
        match byte {
            b'"' | b'\'' if !self.open.is_empty() => self.quote = Some(byte),
            b'{' | b'[' => self.open(byte, kept)?,
            b'}' | b']' => {
                let opening = if byte == b'}' { b'{' } else { b'[' };
                self.open.pop().filter(|open| *open == opening).ok_or(NoDocument)?;
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if self.open.is_empty() => return Err(NoDocument),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, byte: u8, kept: &mut Kept) -> Result<(), NoDocument> {
        if self.open.len() >= DEPTH {
            return Err(NoDocument);
        }
        if byte == b'{' && self.record.is_none() && self.open.contains(&b'[') {
            self.record = Some(self.open.len());
            if self.pending.iter().any(|byte| !matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n')) {
                self.flush(Class::Telling, kept);
            }
        }
        self.open.push(byte);
        Ok(())
    }

    /// Keeps the record that has just ended, if one has.
    fn close(&mut self, kept: &mut Kept) {
        if self.record == Some(self.open.len()) || self.open.is_empty() {
            let class = class(&self.pending);
            self.flush(class, kept);
            self.record = None;
        }
    }

    fn flush(&mut self, class: Class, kept: &mut Kept) {
        kept.push(self.pending_at, &self.pending, class);
        self.pending.clear();
        self.pending_at = self.place;
    }
}

/// Whether a record tells of a failure or of a stack itself.
fn class(record: &[u8]) -> Class {
    let text = String::from_utf8_lossy(record);
    let telling = ["FAIL", "ROLLBACK", "CloudFormation::Stack"].iter().any(|piece| text.contains(piece));
    if telling || signs::loud(&text) == Sign::Loud { Class::Telling } else { Class::Calm }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces a document is kept in, fed so many bytes at a time.
    fn pieces(text: &str, step: usize) -> Vec<(usize, String)> {
        let start = Place { offset: 0, line: 1 };
        // every piece is larger than what a piece is filled up to, so that each stands for itself
        let (mut sieve, mut kept) = (DocumentSieve::new(start), Kept::new(1 << 30));
        for bytes in text.as_bytes().chunks(step) {
            sieve.take(bytes, &mut kept).expect("a document");
        }
        kept.runs(&sieve.rest())
            .into_iter()
            .map(|run| (run.line, String::from_utf8_lossy(&run.text).into_owned()))
            .collect()
    }

    #[test]
    fn all_of_a_small_document_is_kept_however_it_is_fed() {
        let text = "{\"StackEvents\": [\n  {\"A\": \"x } ] \\\" y\"},\n  {\"B\": [{\"C\": 1}]}\n]}\n{\"StackEvents\": []}\n";
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(pieces(text, step), [(1, text.to_owned())], "{step} bytes at a time");
        }
    }

    #[test]
    fn records_that_went_well_make_room_and_the_rest_stays_a_document() {
        let filler = "x".repeat(2000);
        let event = |nth: usize| {
            let status = if nth == 5 { "CREATE_FAILED" } else { "CREATE_COMPLETE" };
            format!(
                "  {{\"LogicalResourceId\": \"R{nth}\", \"ResourceStatus\": \"{status}\", \"Filler\": \"{filler}\"}}"
            )
        };
        let events: Vec<String> = (0..40).map(event).collect();
        let text = format!("{{\"StackEvents\": [\n{}\n]}}\n", events.join(",\n"));
        let (mut sieve, mut kept) = (DocumentSieve::new(Place { offset: 0, line: 1 }), Kept::new(20_000));
        sieve.take(text.as_bytes(), &mut kept).expect("a document");
        let runs = kept.runs(&sieve.rest());
        let whole: String = runs.iter().map(|run| String::from_utf8_lossy(&run.text)).collect();
        assert!(whole.starts_with("{\"StackEvents\": [") && whole.ends_with("]}\n"), "{whole}");
        assert!(whole.contains("\"R5\"") && whole.contains("\"R39\"") && !whole.contains("\"R12\""));
        assert!(kept.left_out() > 20);
    }

    #[test]
    fn what_is_no_document_is_told() {
        for text in ["[Container] 2026", "{ \"a\" ]", "{} and more"] {
            let (mut sieve, mut kept) = (DocumentSieve::new(Place { offset: 0, line: 1 }), Kept::new(100));
            assert!(sieve.take(text.as_bytes(), &mut kept).is_err() || text.starts_with("[C"), "{text}");
        }
    }
}
