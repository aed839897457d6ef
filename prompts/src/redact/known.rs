//! Secrets known by value, found in every encoding they are likely to wear.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::decode;
use super::view::View;

/// A value shorter than this is not searched for: it would tear ordinary words apart.
const SHORTEST: usize = 4;
/// Encoded forms are searched for only from this length on; shorter ones occur by chance.
const SHORTEST_ENCODED: usize = 6;
/// A value shorter than this is not searched for across the ends of lines.
const SHORTEST_WRAPPED: usize = 8;
/// How often a text may have been escaped: JSON in JSON in a shell word.
const DEPTH: usize = 3;

/// The known values. Its `Debug` shows nothing of them.
#[derive(Clone, Default)]
pub(super) struct Known(Option<Automata>);

#[derive(Clone)]
struct Automata {
    /// As written.
    plain: AhoCorasick,
    /// Inside base64.
    base64: Option<AhoCorasick>,
    /// As hexadecimal digits of any case.
    hex: Option<AhoCorasick>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(***)")
    }
}

impl Known {
    /// Knows these values.
    pub(super) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut plain = BTreeSet::new();
        for value in values {
            plain.extend(whole_and_lines(value).filter(|value| value.len() >= SHORTEST));
        }
        let encoded = |forms: fn(&[u8]) -> Vec<String>| -> BTreeSet<String> {
            let all = plain.iter().filter(|value| value.len() >= SHORTEST_ENCODED);
            all.flat_map(|value| forms(value.as_bytes()))
                .filter(|form| form.len() >= SHORTEST_ENCODED)
                .collect()
        };
        let (base64, hex) = (encoded(base64_forms), encoded(hex_forms));
        Self(automaton(&plain, false).map(|plain| Automata {
            plain,
            base64: automaton(&base64, false),
            hex: automaton(&hex, true),
        }))
    }

    /// Where a value stands, in whatever encoding; in no order, and possibly overlapping.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if let Some(automata) = &self.0 {
            let seen = decode::seen(text);
            let mut report = |span: Range<usize>| found.push(seen.below(span));
            automata.find_decoded(seen.bytes(), SHORTEST, &mut report);
            let one_line = decode::unwrapped(seen.bytes());
            if one_line.bytes().len() < seen.bytes().len() {
                let mut report = |span: Range<usize>| report(one_line.below(span));
                automata.find_decoded(one_line.bytes(), SHORTEST_WRAPPED, &mut report);
            }
        }
        found
    }
}

impl Automata {
    /// Searches a text as it is, and with its escapes decoded.
    fn find_decoded(&self, text: &[u8], shortest: usize, report: &mut dyn FnMut(Range<usize>)) {
        self.find_encoded(text, report);
        self.find_plain(text, shortest, report);
        self.find_under(text, decode::backslash, DEPTH, shortest, report);
        self.find_under(text, decode::percent, 2, shortest, report);
        self.find_under(text, decode::html, 2, shortest, report);
        // A web page or a form body inside a JSON string.
        if let Some(view) = decode::backslash(text) {
            let mut report = |span: Range<usize>| report(view.below(span));
            self.find_under(view.bytes(), decode::percent, 1, shortest, &mut report);
            self.find_under(view.bytes(), decode::html, 1, shortest, &mut report);
        }
    }

    fn find_under(
        &self,
        text: &[u8],
        reading: fn(&[u8]) -> Option<View<'static>>,
        depth: usize,
        shortest: usize,
        report: &mut dyn FnMut(Range<usize>),
    ) {
        let Some(view) = reading(text).filter(|_| depth > 0) else { return };
        let mut report = |span: Range<usize>| report(view.below(span));
        self.find_plain(view.bytes(), shortest, &mut report);
        self.find_under(view.bytes(), reading, depth - 1, shortest, &mut report);
    }

    fn find_plain(&self, text: &[u8], shortest: usize, report: &mut dyn FnMut(Range<usize>)) {
        let found = self.plain.find_overlapping_iter(text).map(|found| found.range());
        found.filter(|range| range.len() >= shortest).for_each(report);
    }

    fn find_encoded(&self, text: &[u8], report: &mut dyn FnMut(Range<usize>)) {
        let found = self.base64.iter().flat_map(|automaton| automaton.find_overlapping_iter(text));
        let mut end = 0;
        for range in found.map(|found| found.range()).filter(|range| range.len() >= SHORTEST_ENCODED) {
            // The characters at both ends also hold bits of the value; the whole word goes. A word is walked once.
            if range.end > end {
                let word = base64_word(text, range);
                end = word.end;
                report(word);
            }
        }
        let found = self.hex.iter().flat_map(|automaton| automaton.find_overlapping_iter(text));
        found.for_each(|found| report(found.range()));
    }
}

fn automaton(forms: &BTreeSet<String>, any_case: bool) -> Option<AhoCorasick> {
    let built = AhoCorasickBuilder::new().ascii_case_insensitive(any_case).build(forms);
    (!forms.is_empty())
        .then(|| built.expect("secrets fit an environment, far below the automaton's 2^31 states"))
}

/// A value, the same without blanks at its ends or breaks, with `+` for blanks or without one, and its long lines.
fn whole_and_lines(value: &str) -> impl Iterator<Item = String> {
    let mut forms = vec![value.to_owned(), value.trim().to_owned()];
    if value.trim().contains('\n') {
        forms.push(value.lines().map(str::trim).collect());
        forms.extend(value.lines().map(str::trim).filter(|line| line.len() >= 8).map(str::to_owned));
    }
    if value.contains(' ') {
        forms.push(value.replace(' ', "+"));
        // A line that is wrapped at a blank loses it.
        let blanks = value.match_indices(' ').take(64);
        forms.extend(blanks.map(|(at, _)| format!("{}{}", &value[..at], &value[at + 1..])));
    }
    forms.into_iter()
}

/// What the value alone decides inside base64, at each of the three places a group can begin; of its UTF-16 too.
fn base64_forms(value: &[u8]) -> Vec<String> {
    let wide: Vec<u8> = value.iter().flat_map(|byte| [*byte, 0]).collect();
    let mut forms = Vec::new();
    for (bytes, offset) in
        [value, &wide].into_iter().flat_map(|bytes| (0..3).map(move |offset| (bytes, offset)))
    {
        let padded: Vec<u8> = std::iter::repeat_n(0, offset).chain(bytes.iter().copied()).collect();
        let (first, last) = ((8 * offset).div_ceil(6), 8 * padded.len() / 6);
        let encoded = [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)];
        forms.extend(encoded.iter().filter_map(|text| text.get(first..last)).map(str::to_owned));
    }
    forms
}

/// Hexadecimal digits, plain and with the separators dumps use.
fn hex_forms(value: &[u8]) -> Vec<String> {
    let digits: Vec<String> = value.iter().map(|byte| format!("{byte:02x}")).collect();
    ["", ":", " ", "-", ", 0x", ",0x"].map(|between| digits.join(between)).to_vec()
}

fn base64_word(text: &[u8], range: Range<usize>) -> Range<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
    let padding = |byte: &u8| inside(byte) || *byte == b'=';
    let start = text[..range.start].iter().rposition(|byte| !inside(byte)).map_or(0, |at| at + 1);
    let end =
        text[range.end..].iter().position(|byte| !padding(byte)).map_or(text.len(), |at| range.end + at);
    start..end
}
