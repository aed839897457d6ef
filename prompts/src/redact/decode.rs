//! The readings in which secrets hide: colour codes, wrapped lines, and percent, backslash and HTML escapes.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::view::{Unit, View};

/// Terminal escapes and characters nobody sees, raw or written out by a logger or by this crate's templates.
const UNSEEN: &str = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[@-Z\\\]^_]|(?:\\u001b|\\x1b|\\033|\\e|\^\[)\[[0-9;]*[mK]|\\u\{(?:[0-9a-d]|1[0-9a-f]|ad|61c|180e|20[026][0-9a-f]|feff|fe0[0-9a-e]|e0[0-9a-f]{3})\}|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4\xa6-\xaf]|\xef\xbb\xbf|\xc2\xad";
/// The end of a line with what wrapping puts around it: blanks, table borders, a continuation, a CI timestamp.
const BREAK: &str = r"[ \t]*[|]?[ \t]*\\?\r?\n[ \t]*[|]?[ \t]*(?:\d{4}-\d\d-\d\dT[\d:.]+Z? +)?";
/// Widths at which terminals wrap.
const WIDTHS: [usize; 10] = [72, 76, 78, 79, 80, 100, 119, 120, 132, 160];

/// A word longer than this is no name that stands before a value.
const LONGEST_NAME: usize = 40;

static UNSEEN_REGEX: LazyLock<Regex> = LazyLock::new(|| bytes(UNSEEN));
static BREAK_REGEX: LazyLock<Regex> = LazyLock::new(|| bytes(BREAK));

fn bytes(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("a constant that the tests of this file compile")
}

/// The text as a reader sees it.
pub(super) fn seen(text: &[u8]) -> View<'_> {
    View::without(text, UNSEEN_REGEX.find_iter(text).map(|found| found.range()))
}

/// The text as one line.
pub(super) fn unwrapped(text: &[u8]) -> View<'_> {
    View::without(text, BREAK_REGEX.find_iter(text).map(|found| found.range()))
}

/// Only the lines that seem to be wrapped ones, each joined; nothing where there are none.
pub(super) fn rejoined(text: &[u8]) -> Option<View<'_>> {
    let breaks = BREAK_REGEX.find_iter(text).map(|found| found.range());
    let soft: Vec<Range<usize>> = breaks.filter(|range| is_soft(text, range)).collect();
    if soft.is_empty() { None } else { Some(View::without(text, cuts(text, soft))) }
}

/// The soft breaks, and everything that is not on a line beside one.
fn cuts(text: &[u8], soft: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut cuts: Vec<Range<usize>> = Vec::with_capacity(2 * soft.len() + 1);
    let mut end_of_group = 0;
    for gap in soft {
        let start = line_start(text, gap.start);
        if start > end_of_group {
            // One newline stays between two groups.
            cuts.push(end_of_group..start - 1);
        }
        end_of_group = line_end(text, gap.end).max(end_of_group);
        cuts.push(gap);
    }
    cuts.push(end_of_group..text.len());
    cuts.retain(|cut| !cut.is_empty());
    cuts
}

fn line_start(text: &[u8], at: usize) -> usize {
    text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |ahead| at + ahead)
}

/// Whether a word seems to go on behind the end of its line.
fn is_soft(text: &[u8], gap: &Range<usize>) -> bool {
    let before = gap.start.checked_sub(1).map(|at| text[at]);
    if !before.is_some_and(is_token) || !text.get(gap.end).copied().is_some_and(is_token) {
        return false;
    }
    if text[gap.clone()].contains(&b'\\') {
        return true;
    }
    let rest = &text[gap.end..];
    let inside = |byte: &u8| is_token(*byte) && *byte != b'=';
    let (next, behind) = rest.split_at(rest.iter().take(256).take_while(|byte| inside(byte)).count());
    let name = matches!(behind, [b':', ..])
        || matches!(behind, [b'=', value, ..] if is_token(*value) && *value != b'=');
    let name = name && next.len() < LONGEST_NAME;
    let number = next.len() <= 4 && next.iter().all(u8::is_ascii_digit);
    let full = WIDTHS.contains(&(gap.start - line_start(text, gap.start)));
    !name && !number && (full || looks_random(next))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_.~%-".contains(&byte)
}

/// Not a word and not a date: letters with digits among them, or capitals inside.
fn looks_random(word: &[u8]) -> bool {
    let letters = word.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let date = word.len() >= 10 && word[..4].iter().all(u8::is_ascii_digit) && word[4] == b'-';
    let inner = word.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    !date && word.len() >= 4 && ((letters > 0 && digits > 0) || inner || word.len() >= 24)
}

/// Percent escapes decoded.
pub(super) fn percent(text: &[u8]) -> Option<View<'static>> {
    View::decoded(text, b"%", |rest| Some(Unit::new(3, &[hex(rest.get(1..3)?)?])))
}

/// Backslash escapes of JSON, shells and programming languages decoded, and quotes inside shell quotes.
pub(super) fn backslash(text: &[u8]) -> Option<View<'static>> {
    View::decoded(text, br"\'", |rest| match rest {
        [b'\'', b'\\', b'\'', b'\'', ..] => Some(Unit::new(4, b"'")),
        [b'\'', b'"', b'\'', b'"', b'\'', ..] => Some(Unit::new(5, b"'")),
        [b'\\', b'u', digits @ ..] => {
            Some(Unit::character(6, char::from_u32(number(digits.get(..4)?, 16)?)?))
        }
        [b'\\', b'x', digits @ ..] => Some(Unit::new(4, &[hex(digits.get(..2)?)?])),
        [b'\\', b'n', ..] => Some(Unit::new(2, b"\n")),
        [b'\\', b't', ..] => Some(Unit::new(2, b"\t")),
        [b'\\', b'r', ..] => Some(Unit::new(2, b"\r")),
        [b'\\', next, ..] if next.is_ascii_punctuation() || *next == b' ' => Some(Unit::new(2, &[*next])),
        _ => None,
    })
}

/// HTML character references decoded.
pub(super) fn html(text: &[u8]) -> Option<View<'static>> {
    const NAMED: [(&[u8], u8); 5] =
        [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\'')];
    View::decoded(text, b"&", |rest| {
        let named = NAMED.iter().find(|(name, _)| rest.starts_with(name));
        named.map(|(name, byte)| Unit::new(name.len(), &[*byte])).or_else(|| numeric(rest))
    })
}

fn numeric(rest: &[u8]) -> Option<Unit> {
    let digits = rest.strip_prefix(b"&#")?;
    let end = digits.iter().take(8).position(|byte| *byte == b';')?;
    let value = match digits[..end].split_first()? {
        (b'x' | b'X', hexadecimal) => number(hexadecimal, 16)?,
        _ => number(&digits[..end], 10)?,
    };
    Some(Unit::character(end + 3, char::from_u32(value)?))
}

fn hex(digits: &[u8]) -> Option<u8> {
    u8::try_from(number(digits, 16)?).ok()
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(text, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(view: Option<View<'_>>) -> String {
        String::from_utf8(view.unwrap().bytes().to_vec()).unwrap()
    }

    #[test]
    fn colour_codes_and_unseen_characters_are_taken_out() {
        assert_eq!(seen("to\x1b[31mken\u{200b}s\\u001b[0m!".as_bytes()).bytes(), b"tokens!");
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(text(percent(b"a%2Fb%zz%")), "a/b%zz%");
        assert_eq!(text(backslash(br#"\"a\\b\u0026\x21 don'\''t \$x"#)), r#""a\b&! don't $x"#);
        assert_eq!(text(html(b"a&amp;b&#39;&#x2F;&nope;")), "a&b'/&nope;");
    }

    #[test]
    fn only_wrapped_lines_are_rejoined() {
        assert!(rejoined(b"password=hunter22\nDeploying the stack").is_none());
        assert!(rejoined(b"key abc1\n2026-09-14T07:20:10Z next").is_none());
        assert_eq!(text(rejoined(b"one\nkey abcd12\n34efg5 x\ntwo")), "\nkey abcd1234efg5 x");
        assert_eq!(text(rejoined(b"key abcd\\\n   efgh")), "key abcdefgh");
    }
}
