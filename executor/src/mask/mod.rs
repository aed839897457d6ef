//! Masks secrets in text that arrives in pieces, however the pieces are cut.

mod names;
mod variants;

use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use provision_planner::Secret;

pub(crate) use names::looks_secret;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Knows the secrets of a run in every form they are likely to show up in.
///
/// Values shorter than four bytes are not masked. Its `Debug` shows nothing of them.
#[derive(Clone, Default)]
pub struct Masker(Option<Arc<Patterns>>);

struct Patterns {
    forms: Vec<Vec<u8>>,
    longest: usize,
    starts: [bool; 256],
    automaton: AhoCorasick,
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masker(***)")
    }
}

impl Masker {
    /// A masker for these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let forms: BTreeSet<Vec<u8>> =
            secrets.into_iter().flat_map(|secret| variants::of(secret.expose())).collect();
        Self(Patterns::new(forms.into_iter().collect()).map(Arc::new))
    }

    /// The text with every secret as `***`.
    pub fn text(&self, text: &str) -> String {
        let mut masked = Vec::with_capacity(text.len());
        let mut stream = self.stream();
        stream.push(text.as_bytes(), &mut masked);
        stream.finish(&mut masked);
        String::from_utf8_lossy(&masked).into_owned()
    }

    /// Masks one stream of bytes.
    pub fn stream(&self) -> MaskStream {
        MaskStream { patterns: self.0.clone(), held: Vec::new(), covered: 0, in_mask: false }
    }
}

impl Patterns {
    fn new(forms: Vec<Vec<u8>>) -> Option<Self> {
        let longest = forms.iter().map(Vec::len).max()?;
        let mut starts = [false; 256];
        for first in forms.iter().filter_map(|form| form.first()) {
            starts[usize::from(*first)] = true;
        }
        let automaton = AhoCorasick::new(&forms)
            .expect("secrets fit a command line or an environment, far below the automaton's 2^31 states");
        Some(Self { forms, longest, starts, automaton })
    }

    /// Where the first unfinished secret could begin; everything before it is decided.
    fn undecided(&self, text: &[u8]) -> usize {
        let from = text.len().saturating_sub(self.longest - 1);
        (from..text.len()).find(|&at| self.begins(&text[at..])).unwrap_or(text.len())
    }

    fn begins(&self, tail: &[u8]) -> bool {
        self.starts[usize::from(tail[0])]
            && self.forms.iter().any(|form| form.len() > tail.len() && form.starts_with(tail))
    }

    /// The stretches of `text` that belong to a secret, in order and merged.
    fn covered(&self, text: &[u8], already: usize) -> Vec<(usize, usize)> {
        let found = self.automaton.find_overlapping_iter(text).map(|found| (found.start(), found.end()));
        let mut all: Vec<_> = found.collect();
        all.extend((already > 0).then_some((0, already)));
        all.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        merged
    }
}

/// Masks one stream of bytes; what could be the beginning of a secret is held back until it is decided.
#[derive(Clone)]
pub struct MaskStream {
    patterns: Option<Arc<Patterns>>,
    held: Vec<u8>,
    /// How many bytes of `held` are known to belong to a secret that began before it.
    covered: usize,
    in_mask: bool,
}

impl MaskStream {
    /// Takes the next piece and appends to `out` what is decided.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let Some(patterns) = self.patterns.clone() else {
            out.extend_from_slice(piece);
            return;
        };
        self.held.extend_from_slice(piece);
        let decided = patterns.undecided(&self.held);
        self.emit(&patterns, decided, out);
    }

    /// Appends the rest to `out`: the stream is at its end.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(patterns) = self.patterns.clone() {
            self.emit(&patterns, self.held.len(), out);
        }
    }

    fn emit(&mut self, patterns: &Patterns, until: usize, out: &mut Vec<u8>) {
        let covered = patterns.covered(&self.held, self.covered);
        let mut at = 0;
        for &(start, end) in covered.iter().take_while(|(start, _)| *start < until) {
            self.plain(at, start, out);
            self.masked(out);
            at = end.min(until);
        }
        self.plain(at, until, out);
        self.covered = covered.last().map_or(0, |(_, end)| end.saturating_sub(until));
        self.held.drain(..until);
    }

    fn plain(&mut self, from: usize, to: usize, out: &mut Vec<u8>) {
        if from < to {
            out.extend_from_slice(&self.held[from..to]);
            self.in_mask = false;
        }
    }

    fn masked(&mut self, out: &mut Vec<u8>) {
        if !self.in_mask {
            out.extend_from_slice(MASK.as_bytes());
            self.in_mask = true;
        }
    }
}
