//! Normalises a goal's text (full-width letters, smart quotes, invisible characters) and keeps the way back.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Normalised text with, for each of its bytes, the byte of the given text it comes from.
pub(super) struct Text {
    /// The normalised text.
    pub(super) norm: String,
    origin: Vec<u32>,
}

impl Text {
    /// Normalises `given`.
    pub(super) fn new(given: &str) -> Self {
        let mut text =
            Self { norm: String::with_capacity(given.len()), origin: Vec::with_capacity(given.len() + 1) };
        for (at, ch) in given.char_indices() {
            text.push_normal(ch, at);
        }
        text.origin.push(offset(given.len()));
        text
    }

    fn push_normal(&mut self, ch: char, at: usize) {
        if matches!(ch, ' '..='~' | '\n') {
            self.norm.push(ch);
            return self.origin.push(offset(at));
        }
        if ch.is_ascii() {
            return self.push(plain(ch), at);
        }
        if invisible(ch) {
            return;
        }
        for part in std::iter::once(ch).nfkc() {
            self.push(plain(part), at);
        }
    }

    fn push(&mut self, ch: char, at: usize) {
        self.norm.push(ch);
        self.origin.resize(self.norm.len(), offset(at));
    }

    /// The byte range of the given text that the normalised range `from..to` stands for.
    pub(super) fn given_span(&self, from: usize, to: usize, given: &str) -> super::Span {
        let start = self.origin[from] as usize;
        let last = self.origin[to.max(from + 1).min(self.origin.len()) - 1] as usize;
        let end = last + given[last..].chars().next().map_or(0, char::len_utf8);
        super::Span { start, end }
    }
}

/// Goals of more than four gigabytes are cut off long before; a larger offset only shifts a span.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn invisible(ch: char) -> bool {
    matches!(ch, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

fn plain(ch: char) -> char {
    match ch {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}' | '\u{2011}' => '-',
        '\u{2013}' | '\u{2014}' | '\u{2015}' => '\u{2014}',
        '\u{2192}' | '\u{21d2}' | '\u{27f6}' => '\u{2192}',
        '\u{2022}' | '\u{25cf}' | '\u{b7}' => '\u{2022}',
        '\u{3002}' => '.',
        '\u{3001}' => ',',
        '\r' | '\u{2028}' | '\u{2029}' => '\n',
        _ if ch.is_whitespace() && ch != '\n' => ' ',
        _ => ch,
    }
}

/// Lower case without accents: the form in which words are compared.
pub(crate) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfd().filter(|ch| !is_combining_mark(*ch)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_letters_become_plain_and_the_span_leads_back() {
        let given = "on ｅｋｓ “now”";
        let text = Text::new(given);
        assert_eq!(text.norm, "on eks \"now\"");
        let span = text.given_span(3, 6, given);
        assert_eq!(&given[span.start..span.end], "ｅｋｓ");
    }

    #[test]
    fn words_are_folded_to_lower_case_without_accents() {
        assert_eq!(fold("São"), "sao");
        assert_eq!(fold("ZÜRICH"), "zurich");
    }
}
