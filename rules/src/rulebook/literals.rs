//! Which rules a text may match: an index of their literals that is ready as it stands in the binary.
//!
//! Every literal is filed under one piece of four bytes, the one that the fewest other literals have. A search takes the
//! pieces of a text one by one; most are in no literal, which one bit tells. Where one is, the literals filed under it are
//! compared with the text around it. `build.rs` includes this file and writes the tables of the built-in rules as
//! constants: an automaton over the same literals would be built at every start.

use std::borrow::Cow;
use std::collections::HashMap;

/// How many bytes a piece has.
const PIECE: usize = 4;
/// How many bits tell whether a piece may be in a literal, as a power of two.
const BITS: u32 = 16;

/// A literal, filed under one of its pieces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The rule it belongs to, by its position.
    pub(crate) rule: u32,
    /// Where it begins in the text of all literals, in bytes.
    pub(crate) start: u32,
    /// How long it is, in bytes.
    pub(crate) length: u16,
    /// Where the piece stands in it, in bytes.
    pub(crate) at: u16,
}

/// The literals of all rules, in small letters.
#[derive(Debug, Clone)]
pub(crate) struct Literals {
    /// All literals, one behind the other.
    pub(crate) text: Cow<'static, str>,
    /// One bit for each hash of a piece that literals are filed under.
    pub(crate) bits: Cow<'static, [u64]>,
    /// The pieces, sorted.
    pub(crate) pieces: Cow<'static, [u32]>,
    /// Where the literals of each piece begin in `entries`; one more for the end.
    pub(crate) starts: Cow<'static, [u32]>,
    /// The literals, by their pieces.
    pub(crate) entries: Cow<'static, [Entry]>,
    /// Rules with a literal too short for a piece: every text may match them.
    pub(crate) always: Cow<'static, [u32]>,
}

impl Literals {
    /// Files literals, each with the position of its rule.
    pub(crate) fn file<'l>(literals: impl IntoIterator<Item = (u32, &'l str)>) -> Self {
        let literals: Vec<(u32, String)> =
            literals.into_iter().map(|(rule, literal)| (rule, literal.to_ascii_lowercase())).collect();
        let uses = uses(&literals);
        let (mut text, mut filed, mut always) = (String::new(), Vec::new(), Vec::new());
        for (rule, literal) in &literals {
            match rarest(literal, &uses) {
                Some((piece, at)) => filed.push((piece, entry(*rule, literal, at, &mut text))),
                None => always.push(*rule),
            }
        }
        filed.sort_by_key(|(piece, entry)| (*piece, entry.rule, entry.start));
        let (mut pieces, mut starts, mut bits) = (Vec::new(), Vec::new(), vec![0; 1 << (BITS - 6)]);
        for (position, (piece, _)) in filed.iter().enumerate() {
            if pieces.last() != Some(piece) {
                pieces.push(*piece);
                starts.push(position as u32);
                bits[slot(*piece).0] |= slot(*piece).1;
            }
        }
        starts.push(filed.len() as u32);
        let entries: Vec<Entry> = filed.into_iter().map(|(_, entry)| entry).collect();
        Self {
            text: text.into(),
            bits: bits.into(),
            pieces: pieces.into(),
            starts: starts.into(),
            entries: entries.into(),
            always: always.into(),
        }
    }

    /// The rules one of whose literals is in a text of small letters, by their positions, each once.
    pub(crate) fn rules_in(&self, text: &str) -> Vec<u32> {
        let mut found = self.always.to_vec();
        for (at, window) in text.as_bytes().windows(PIECE).enumerate() {
            let piece = piece_of(window);
            let (word, bit) = slot(piece);
            if self.bits[word] & bit != 0 {
                self.compare(text.as_bytes(), at, piece, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Compares the literals filed under a piece with the text in which it was found.
    fn compare(&self, text: &[u8], at: usize, piece: u32, found: &mut Vec<u32>) {
        let Ok(position) = self.pieces.binary_search(&piece) else { return };
        let (first, end) = (self.starts[position] as usize, self.starts[position + 1] as usize);
        for entry in &self.entries[first..end] {
            let Some(start) = at.checked_sub(usize::from(entry.at)) else { continue };
            let literal = &self.text.as_bytes()[entry.start as usize..][..usize::from(entry.length)];
            if text[start..].starts_with(literal) {
                found.push(entry.rule);
            }
        }
    }
}

/// How many literals have each piece.
fn uses(literals: &[(u32, String)]) -> HashMap<u32, usize> {
    let mut uses = HashMap::new();
    for (_, literal) in literals {
        for window in literal.as_bytes().windows(PIECE) {
            *uses.entry(piece_of(window)).or_default() += 1;
        }
    }
    uses
}

/// The piece of a literal that the fewest literals have, and where it stands.
fn rarest(literal: &str, uses: &HashMap<u32, usize>) -> Option<(u32, usize)> {
    let fits = literal.len() <= usize::from(u16::MAX);
    let pieces = literal.as_bytes().windows(PIECE).map(piece_of).zip(0..);
    pieces.filter(|_| fits).min_by_key(|(piece, _)| uses.get(piece).copied().unwrap_or_default())
}

/// Adds a literal to the text of all, unless it is there.
fn entry(rule: u32, literal: &str, at: usize, text: &mut String) -> Entry {
    let start = text.find(literal).unwrap_or_else(|| {
        text.push_str(literal);
        text.len() - literal.len()
    });
    Entry { rule, start: start as u32, length: literal.len() as u16, at: at as u16 }
}

fn piece_of(window: &[u8]) -> u32 {
    window.iter().fold(0, |piece, byte| piece << 8 | u32::from(*byte))
}

/// The word and the bit that stand for a piece.
fn slot(piece: u32) -> (usize, u64) {
    let hash = piece.wrapping_mul(0x9E37_79B1) >> (32 - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_any_literal_at_any_place() {
        let literals =
            Literals::file([(0, "Already Exists"), (1, "exist"), (1, "taken"), (2, "limit exceeded")]);
        for (text, rules) in [
            ("already exists", vec![0, 1]),
            ("it already exists.", vec![0, 1]),
            ("is taken, and taken", vec![1]),
            ("limit exceede", vec![]),
            ("the limit exceeded", vec![2]),
            ("", vec![]),
            ("exi", vec![]),
        ] {
            assert_eq!(literals.rules_in(text), rules, "{text}");
        }
    }

    #[test]
    fn a_literal_too_short_for_a_piece_is_never_missed() {
        assert_eq!(Literals::file([(0, "eip")]).rules_in("x"), [0]);
    }

    proptest::proptest! {
        #[test]
        fn the_same_rules_are_found_as_by_looking_for_each_literal(
            literals in proptest::collection::vec("[ab éZ]{1,7}", 1..12), text in "[ab éz]{0,40}"
        ) {
            let filed = Literals::file((0..).zip(literals.iter().map(String::as_str)));
            let found = filed.rules_in(&text);
            for (rule, literal) in (0..).zip(&literals) {
                let has = literal.len() < PIECE || text.contains(&literal.to_ascii_lowercase());
                proptest::prop_assert_eq!(found.contains(&rule), has, "{}", literal);
            }
        }
    }
}
