//! Keeps of a log the lines that matter with those around them, and its end.

use memchr::{memchr_iter, memrchr_iter};

use super::kept::{Kept, Place};
use super::scan::{Block, Class, Hit};

/// How many lines around one that matters are kept: readers look up to 60 lines up and down for the names,
/// reasons and wrapped cells of a failure, and less far for those of an event that went well.
const AROUND_TELLING: usize = 64;
const AROUND_CALM: usize = 24;
/// The most bytes kept around a line on one side; only logs with very long lines come near.
const AROUND_BYTES: usize = 256 << 10;
/// How many of the last lines are kept: they say how the run ended.
pub(crate) const TAIL: usize = 1000;
/// The most bytes of them.
const TAIL_BYTES: usize = 1 << 20;
/// Lines that do not matter are kept up to this many bytes: all of a text with so few is read as one message.
const ASIDE: usize = 64 << 10;

/// The lines of a log, block by block.
#[derive(Debug)]
pub(super) struct LineSieve {
    newline: u8,
    /// Where the next block stands.
    place: Place,
    /// The last line of which the surroundings are wanted.
    keep_until: usize,
    /// How many bytes of surroundings may still follow.
    keep_bytes: usize,
    /// How much the line matters that they surround.
    keep_class: Class,
    /// The lines directly before the next block that nothing was decided about.
    recent: Stretch,
    /// The first lines that do not matter.
    aside: Vec<Stretch>,
    aside_bytes: usize,
}

/// Some whole lines.
#[derive(Debug)]
struct Stretch {
    place: Place,
    text: Vec<u8>,
    lines: usize,
}

impl Stretch {
    fn empty(place: Place) -> Self {
        Self { place, text: Vec::new(), lines: 0 }
    }

    /// The last lines, and where they stand.
    fn tail(&self, newline: u8) -> (Place, &[u8]) {
        tail(self.place, &self.text, self.lines, newline)
    }
}

/// The last of some lines, of which so many stand at a place, and where those begin.
fn tail(place: Place, text: &[u8], lines: usize, newline: u8) -> (Place, &[u8]) {
    let bounded = text.len().saturating_sub(TAIL_BYTES);
    let (start, last) = last_lines(&text[bounded..], TAIL, newline);
    let cut = bounded + start;
    (Place { offset: place.offset + cut as u64, line: place.line + lines - last }, &text[cut..])
}

/// A place inside a block.
#[derive(Debug, Clone, Copy)]
struct Spot {
    byte: usize,
    line: usize,
}

impl LineSieve {
    /// Lines ended by the given byte, the first of which stands at a place.
    pub(super) fn new(place: Place, newline: u8) -> Self {
        let recent = Stretch::empty(place);
        let (keep_until, keep_bytes, keep_class) = (0, 0, Class::Calm);
        let (aside, aside_bytes) = (Vec::new(), 0);
        Self { newline, place, keep_until, keep_bytes, keep_class, recent, aside, aside_bytes }
    }

    /// Takes the next block of lines, and gives back memory that is of no more use.
    pub(super) fn take(&mut self, block: Block, kept: &mut Kept) -> Vec<u8> {
        let mut spot = Spot { byte: 0, line: self.place.line };
        for hit in &block.hits {
            self.below(&block, &mut spot, hit.start, kept);
            self.above(&block, spot, hit, kept);
            let place = self.at(Spot { byte: hit.start, line: self.place.line + hit.line });
            kept.push(place, &block.bytes[hit.start..hit.end], hit.class);
            self.surround(place.line, hit.class);
            let ended = block.bytes[hit.end - 1] == self.newline;
            spot = Spot { byte: hit.end, line: place.line + usize::from(ended) };
        }
        self.below(&block, &mut spot, block.bytes.len(), kept);
        let Block { bytes, lines, .. } = block;
        let here = self.place;
        self.place = Place { offset: here.offset + bytes.len() as u64, line: here.line + lines };
        if spot.byte == 0 && lines >= TAIL && self.has_dropped() {
            return self.hold(here, bytes, lines);
        }
        let place = Place { offset: here.offset + spot.byte as u64, line: spot.line };
        self.wait(place, &bytes[spot.byte..], lines + here.line - spot.line);
        bytes
    }

    /// Holds back a whole block as it is, without copying it, and lets go what was held back before.
    fn hold(&mut self, place: Place, text: Vec<u8>, lines: usize) -> Vec<u8> {
        let before = std::mem::replace(&mut self.recent, Stretch { place, text, lines });
        self.let_go(before.place, &before.text);
        before.text
    }

    /// The pieces that are kept besides: the end of the log, and calm lines as long as they are few.
    pub(super) fn rest(&self) -> Vec<(Place, &[u8])> {
        let aside = self.aside.iter().map(|stretch| (stretch.place, &*stretch.text));
        aside.chain([self.recent.tail(self.newline)]).collect()
    }

    /// Whether lines were let go.
    pub(super) fn has_dropped(&self) -> bool {
        self.aside_bytes > ASIDE
    }

    fn at(&self, spot: Spot) -> Place {
        Place { offset: self.place.offset + spot.byte as u64, line: spot.line }
    }

    /// The lines below this one are wanted too.
    fn surround(&mut self, line: usize, class: Class) {
        let until = line + around(class);
        if until >= self.keep_until || class == Class::Telling {
            self.keep_class = class;
        }
        self.keep_until = self.keep_until.max(until);
        self.keep_bytes = AROUND_BYTES;
    }

    /// Keeps the lines from a spot that still belong to what stands above them.
    fn below(&mut self, block: &Block, spot: &mut Spot, end: usize, kept: &mut Kept) {
        let wanted = (self.keep_until + 1).saturating_sub(spot.line);
        let bytes = &block.bytes[spot.byte..end];
        if wanted == 0 || bytes.is_empty() || self.keep_bytes == 0 {
            return;
        }
        let bytes = &bytes[..bytes.len().min(self.keep_bytes)];
        let (length, lines) = first_lines(bytes, wanted, self.newline);
        kept.push(self.at(*spot), &bytes[..length], self.keep_class);
        self.keep_bytes -= length;
        *spot = Spot { byte: spot.byte + length, line: spot.line + lines };
    }

    /// Keeps the lines above a hit, from a spot or from the lines before the block; those further up are let go.
    fn above(&mut self, block: &Block, spot: Spot, hit: &Hit, kept: &mut Kept) {
        let wanted = around(hit.class);
        let bytes = &block.bytes[spot.byte..hit.start];
        let bounded = bytes.len().saturating_sub(AROUND_BYTES);
        let (from, lines) = last_lines(&bytes[bounded..], wanted, self.newline);
        let from = bounded + from;
        let first = Spot { byte: spot.byte + from, line: self.place.line + hit.line - lines };
        let recent = std::mem::replace(&mut self.recent, Stretch::empty(self.place));
        if from == 0 && lines < wanted {
            let (cut, _) = last_lines(&recent.text, wanted - lines, self.newline);
            let gone = memchr_iter(self.newline, &recent.text[..cut]).count();
            let place = Place { offset: recent.place.offset + cut as u64, line: recent.place.line + gone };
            kept.push(place, &recent.text[cut..], hit.class);
            self.let_go(recent.place, &recent.text[..cut]);
        } else {
            self.let_go(recent.place, &recent.text);
            self.let_go(self.at(spot), &bytes[..from]);
        }
        kept.push(self.at(first), &bytes[from..], hit.class);
    }

    /// Holds back lines that may turn out to stand above something, or at the end.
    fn wait(&mut self, place: Place, text: &[u8], lines: usize) {
        if self.recent.text.is_empty() || lines >= TAIL || text.len() >= TAIL_BYTES {
            let before = std::mem::replace(&mut self.recent, Stretch::empty(place));
            self.let_go(before.place, &before.text);
            self.hold_end(place, text, lines);
        } else {
            self.recent.text.extend_from_slice(text);
            self.recent.lines += lines;
        }
        if self.recent.lines > 2 * TAIL || self.recent.text.len() > 2 * TAIL_BYTES {
            let Stretch { place, text, lines } = std::mem::replace(&mut self.recent, Stretch::empty(place));
            self.hold_end(place, &text, lines);
        }
    }

    /// Holds back the last of some lines, and lets those before go.
    fn hold_end(&mut self, place: Place, text: &[u8], lines: usize) {
        let (at, tail) = tail(place, text, lines, self.newline);
        self.let_go(place, &text[..text.len() - tail.len()]);
        self.recent = Stretch { place: at, text: tail.to_vec(), lines: lines + place.line - at.line };
    }

    /// Lets lines go that do not matter, unless they are among the first.
    fn let_go(&mut self, place: Place, text: &[u8]) {
        if self.aside_bytes > ASIDE || text.is_empty() {
            return;
        }
        self.aside_bytes += text.len();
        if self.aside_bytes > ASIDE {
            self.aside = Vec::new();
        } else {
            self.aside.push(Stretch { place, text: text.to_vec(), lines: 0 });
        }
    }
}

fn around(class: Class) -> usize {
    match class {
        Class::Telling => AROUND_TELLING,
        Class::Calm => AROUND_CALM,
    }
}

/// How many bytes the first few lines are, and how many line ends they have.
fn first_lines(bytes: &[u8], wanted: usize, newline: u8) -> (usize, usize) {
    let ends: Vec<usize> = memchr_iter(newline, bytes).take(wanted).collect();
    let length = ends.last().filter(|_| ends.len() == wanted).map_or(bytes.len(), |end| end + 1);
    (length, ends.len())
}

/// Where the last few lines begin, and how many line ends they have.
fn last_lines(bytes: &[u8], wanted: usize, newline: u8) -> (usize, usize) {
    let open = usize::from(!bytes.is_empty() && !bytes.ends_with(&[newline]));
    let ends: Vec<usize> = memrchr_iter(newline, bytes).take(wanted - open + 1).collect();
    match ends.last().filter(|_| ends.len() + open > wanted) {
        Some(end) => (end + 1, ends.len() - 1),
        None => (0, ends.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the lines that are kept of some text fed in blocks of so many lines.
    fn numbers(text: &str, block: usize) -> Vec<usize> {
        let start = Place { offset: 0, line: 1 };
        let (mut sieve, mut kept) = (LineSieve::new(start, b'\n'), Kept::new(1 << 30));
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for lines in lines.chunks(block) {
            sieve.take(Block::scan(lines.concat().into_bytes(), b'\n'), &mut kept);
        }
        let runs = kept.runs(&sieve.rest());
        let count = |text: &[u8]| String::from_utf8_lossy(text).lines().count();
        let all = runs.iter().flat_map(|run| run.line..run.line + count(&run.text)).collect();
        let whole: Vec<&str> = text.lines().collect();
        for run in &runs {
            let first = String::from_utf8_lossy(&run.text).lines().next().map(str::to_owned);
            assert_eq!(first.as_deref(), Some(whole[run.line - 1]), "line {}", run.line);
        }
        all
    }

    fn log(lines: usize, failures: &[usize]) -> String {
        let line = |number: usize| {
            if failures.contains(&number) {
                "Error: boom\n".to_owned()
            } else {
                format!("line {number} of a calm and long log, with some words to fill it up\n")
            }
        };
        (1..=lines).map(line).collect()
    }

    #[test]
    fn lines_around_a_failure_and_the_end_are_kept_whatever_the_blocks() {
        let text = log(9000, &[3000, 3100]);
        for block in [1, 7, 63, 500, 4000, 9000] {
            let kept = numbers(&text, block);
            let around: Vec<usize> = kept.iter().copied().filter(|line| *line < 6000).collect();
            assert_eq!(around, (2936..=3164).collect::<Vec<_>>(), "blocks of {block} lines");
            assert!((8001..=9000).all(|line| kept.contains(&line)), "blocks of {block} lines");
        }
    }

    #[test]
    fn few_lines_are_all_kept() {
        let text = log(600, &[]);
        for block in [1, 50, 600] {
            assert_eq!(numbers(&text, block), (1..=600).collect::<Vec<_>>());
        }
    }
}
