//! The words of the vocabulary, and which one a misspelt word was meant to be.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Known words by number, with an index of their spellings with letters left out.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
    /// Whether misspellings of the words now learnt are understood, and the words for which they are not.
    strict: bool,
    exact: HashSet<u32>,
    /// Words that are right as they are and mean nothing here.
    blocked: HashSet<String>,
    index: HashMap<u64, Vec<u32>, BuildHasherDefault<Plain>>,
}

/// The word of the vocabulary that a written word stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sense {
    pub(super) number: u32,
    /// Whether it is spelt right.
    pub(super) exact: bool,
}

/// Keys of the index are hashes already; they are used as they are.
#[derive(Debug, Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// How many single edits (a swap of neighbours counts as one) a word of this length may be wrong by.
fn tolerance(letters: usize) -> usize {
    match letters {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    }
}

impl Spelling {
    /// The number of `word`, which becomes known.
    pub(super) fn learn(&mut self, word: &str) -> u32 {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(word.to_owned()).or_insert_with(|| {
            self.words.push(word.to_owned());
            next
        });
        if number == next && self.strict {
            self.exact.insert(number);
        } else if !self.strict {
            self.exact.remove(&number);
        }
        number
    }

    /// Whether misspellings of the words learnt from now on are to be understood.
    pub(super) fn forgive(&mut self, typos: bool) {
        self.strict = !typos;
    }

    /// Keeps `word` from being taken for a misspelling.
    pub(super) fn block(&mut self, word: &str) {
        self.blocked.insert(word.to_owned());
    }

    /// Whether the word is an ordinary one that means nothing here.
    pub(super) fn blocked(&self, word: &str) -> bool {
        self.blocked.contains(word)
    }

    /// Builds the index; to be called when every word is known.
    pub(super) fn index(&mut self) {
        let exact = &self.exact;
        for (number, word) in (0..).zip(&self.words).filter(|(number, _)| !exact.contains(number)) {
            let letters: Vec<char> = word.chars().collect();
            each_omission(&letters, tolerance(letters.len()), |hash| {
                let list = self.index.entry(hash).or_default();
                if list.last() != Some(&number) {
                    list.push(number);
                }
            });
        }
    }

    /// The number of the word meant: itself if known, else the one nearest within the tolerance.
    pub(super) fn find(&self, word: &str) -> Option<Sense> {
        if let Some(number) = self.numbers.get(word) {
            return Some(Sense { number: *number, exact: true });
        }
        let letters: Vec<char> = word.chars().collect();
        let spellable = letters.iter().all(|c| c.is_ascii_lowercase()) && (3..=24).contains(&letters.len());
        if !spellable || self.blocked.contains(word) {
            return None;
        }
        self.nearest(word, &letters).map(|number| Sense { number, exact: false })
    }

    fn nearest(&self, word: &str, letters: &[char]) -> Option<u32> {
        let mut best: Option<(usize, usize, u32)> = None;
        each_omission(letters, tolerance(letters.len()), |hash| {
            for number in self.index.get(&hash).into_iter().flatten() {
                if let Some(cost) = cost(word, &self.words[*number as usize]) {
                    let rank = (cost.0, cost.1, *number);
                    best = Some(best.map_or(rank, |old| old.min(rank)));
                }
            }
        });
        best.map(|(_, _, number)| number)
    }
}

/// How far a misspelt word is from a known one; nothing when too far.
///
/// Three letters allow only a swap, four only an edit that keeps the first letter or a swap: "ecs" is not "eks".
fn cost(word: &str, known: &str) -> Option<(usize, usize)> {
    let limit = tolerance(word.len().min(known.len()));
    let distance = if word.len().abs_diff(known.len()) > limit {
        return None;
    } else {
        strsim::osa_distance(word, known)
    };
    if distance > limit {
        return None;
    }
    let same_start = word.as_bytes().first() == known.as_bytes().first();
    let swap = word.len() == known.len() && sorted(word) == sorted(known);
    let allowed = match word.len().min(known.len()) {
        0..=3 => swap,
        4 => swap || same_start,
        _ => same_start || swap || distance == 1,
    };
    allowed.then_some((distance, usize::from(!same_start) + usize::from(!swap)))
}

fn sorted(word: &str) -> Vec<u8> {
    let mut bytes = word.as_bytes().to_vec();
    bytes.sort_unstable();
    bytes
}

/// Calls `visit` with a hash of the word and of every form with up to `edits` letters left out.
fn each_omission(letters: &[char], edits: usize, mut visit: impl FnMut(u64)) {
    visit(hash(letters, usize::MAX, usize::MAX));
    for first in 0..letters.len() {
        if edits >= 1 {
            visit(hash(letters, first, usize::MAX));
        }
        if edits >= 2 {
            (first + 1..letters.len()).for_each(|second| visit(hash(letters, first, second)));
        }
    }
}

/// FNV-1a over the letters but two.
fn hash(letters: &[char], skip: usize, also: usize) -> u64 {
    let kept = letters.iter().enumerate().filter(|(at, _)| *at != skip && *at != also);
    kept.fold(0xcbf2_9ce4_8422_2325, |hash, (_, letter)| {
        (hash ^ u64::from(*letter)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling() -> Spelling {
        let mut spelling = Spelling::default();
        for word in ["eks", "domain", "kubernetes", "down", "vpn", "without"] {
            spelling.learn(word);
        }
        spelling.block("dawn");
        spelling.index();
        spelling
    }

    fn meant(word: &str) -> Option<String> {
        let spelling = spelling();
        spelling.find(word).map(|sense| spelling.words[sense.number as usize].clone())
    }

    #[test]
    fn small_slips_are_understood() {
        for (slip, word) in [
            ("domian", "domain"),
            ("kubernets", "kubernetes"),
            ("donw", "down"),
            ("vnp", "vpn"),
            ("wihtout", "without"),
        ] {
            assert_eq!(meant(slip).as_deref(), Some(word), "{slip}");
        }
    }

    #[test]
    fn other_words_are_not_bent_into_known_ones() {
        for word in ["ecs", "dawn", "main", "x", "d0main", "kubectl"] {
            assert_eq!(meant(word), None, "{word}");
        }
    }
}
