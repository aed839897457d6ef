//! Fixed pieces of text that every line worth a second look has one of, and the search for them.
//!
//! A vectorised search for all of them is many times faster than an automaton, and this search decides how long a
//! large log takes.

use std::sync::OnceLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, Span};

/// Pieces of the words that make a line loud, and of lines that carry a status or belong to those that do.
///
/// A word of failure is written in small letters, with a capital, or in capitals; a piece without the first
/// letter stands for the first two of these.
///
/// With more than thirty-two pieces the search takes twice as long. It deals them out to eight sets, one after the
/// other, except that pieces whose first four letters have the same lower halves share a set. Where a text has letters
/// of one set in a row, it looks closer. So the order is one that gives sets whose letters make no usual word when they
/// are mixed; sorted, the search is up to twice as slow.
const PIECES: &[&str] = &[
    "CRITICAL",
    "xception",
    "ot successful",
    "SEVERE",
    "panic",
    "returned mess",
    "uthori",
    "rror",
    "fail",
    "xited ",
    "_COMPLETE",
    "ould n",
    "annot",
    "an't",
    "Fault",
    "tus Code",
    "nable to",
    "xit ",
    "(AWS::",
    "enied",
    "FATAL",
    "_IN_P",
    "BackOff",
    "ERR!",
    "ogical",
    "$fault",
    "ENIED",
    "Fail",
    "FAIL",
    "fatal",
    "RROR",
    "tus code",
];

/// Pieces of lines that rarely stand without a line that has one of the others: shouted phrases, the announcement of
/// an error, events that went well. A text that is kept whole is searched for them too.
const RARE: &[&str] = &[
    "NABLE TO",
    "ANNOT",
    "OULD N",
    "ouldn't",
    "UTHORI",
    "Traceb",
    "rrImage",
    "k end>",
    "while parsing a ",
    "while scanning a ",
    "ROLLBACK_",
    "_SKIPPED",
    "plete]",
    "gress]",
    "(Custom::",
];

/// Pieces outside ASCII, looked for only where there is something outside ASCII.
const SYMBOLS: &[&str] = &["❌", "✖", "✘", "✗", "🛑", "× ", "×\t", "an’t", "ouldn’t"];

/// A search for the first of several fixed texts.
enum Search {
    Vector(Searcher),
    /// Where the processor has no vector instructions.
    Automaton(AhoCorasick),
    /// Not possible for these few short texts; then every place counts as found.
    Everywhere,
}

impl Search {
    fn new(pieces: &[&str]) -> Self {
        let vector = Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(pieces).build();
        let automaton = || AhoCorasick::new(pieces).map_or(Self::Everywhere, Self::Automaton);
        vector.map_or_else(automaton, Self::Vector)
    }

    /// Where the first piece at or behind `from` begins.
    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Vector(searcher) => {
                searcher.find_in(bytes, Span { start: from, end: bytes.len() }).map(|found| found.start())
            }
            Self::Automaton(automaton) => automaton.find(&bytes[from..]).map(|found| from + found.start()),
            Self::Everywhere => Some(from).filter(|from| *from < bytes.len()),
        }
    }
}

/// The first piece of a set, looked for ahead of the place that was asked for.
struct Cursor<'s> {
    search: &'s Search,
    next: Option<usize>,
}

impl Cursor<'_> {
    fn at_or_behind(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        if self.next.is_some_and(|next| next < from) {
            self.next = self.search.find(bytes, from);
        }
        self.next
    }
}

/// Finds the pieces in some bytes, from place to place.
pub(crate) struct Stems<'b> {
    bytes: &'b [u8],
    cursors: Vec<Cursor<'static>>,
}

impl<'b> Stems<'b> {
    /// A search through these bytes.
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        let cursor = |search| Cursor { search, next: Search::find(search, bytes, 0) };
        Self { bytes, cursors: Searches::get().of(bytes).map(cursor).collect() }
    }

    /// Where the first piece at or behind `from` begins; `from` never goes back.
    pub(crate) fn find(&mut self, from: usize) -> Option<usize> {
        let bytes = self.bytes;
        self.cursors.iter_mut().filter_map(|cursor| cursor.at_or_behind(bytes, from)).min()
    }
}

/// Whether a line has any of the pieces, the rare ones among them.
pub(crate) fn has_any(line: &str) -> bool {
    let (bytes, searches) = (line.as_bytes(), Searches::get());
    searches.of(bytes).chain([&searches.rare]).any(|search| search.find(bytes, 0).is_some())
}

/// The searches for all pieces.
struct Searches {
    frequent: Search,
    rare: Search,
    symbols: Search,
}

impl Searches {
    fn get() -> &'static Self {
        static SEARCHES: OnceLock<Searches> = OnceLock::new();
        SEARCHES.get_or_init(|| Self {
            frequent: Search::new(PIECES),
            rare: Search::new(RARE),
            symbols: Search::new(SYMBOLS),
        })
    }

    /// Those for the frequent pieces that some bytes need.
    fn of(&self, bytes: &[u8]) -> impl Iterator<Item = &Search> {
        [&self.frequent].into_iter().chain((!bytes.is_ascii()).then_some(&self.symbols))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_in_their_order_across_the_sets() {
        let text = "calm ✘ then CREATE_COMPLETE then Error";
        let mut stems = Stems::new(text.as_bytes());
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = stems.find(from) {
            found.push(&text[at..at + 3]);
            from = at + 3;
        }
        assert_eq!(found, ["✘", "_CO", "rro"]);
    }

    #[test]
    fn calm_words_have_none_of_the_pieces() {
        for line in ["compiled the default module in 3 ms", "queue drained, 12 left", "✅ done ✔ ready ⠋"]
        {
            assert!(!has_any(line), "{line}");
        }
    }

    #[test]
    fn every_search_runs_on_this_processor_or_falls_back() {
        let searches = Searches::get();
        for search in [&searches.frequent, &searches.rare, &searches.symbols] {
            assert!(!matches!(search, Search::Everywhere));
        }
    }
}
