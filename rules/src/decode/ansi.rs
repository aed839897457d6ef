//! Removes terminal control sequences, also those whose ESC byte a copy has lost.

use std::borrow::Cow;

/// The text without colour codes, cursor movements and titles.
pub(super) fn strip(text: &str) -> Cow<'_, str> {
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\u{1b}', '\u{9b}', '\u{8}', '\\', '^', '[']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match sequence(rest) {
            Some(length) => rest = &rest[length..],
            None => {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..first]);
                rest = &rest[first..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn may_hold(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, 0x1b | 0x08 | 0xc2))
        || text.contains('[')
            && (text.contains("m") || text.contains("[K") || text.contains("[2K") || text.contains("[0K"))
}

/// The length of the control sequence the text starts with.
fn sequence(text: &str) -> Option<usize> {
    if text.starts_with('\u{8}') {
        return Some(1);
    }
    for escape in ["\u{1b}", "\\u001b", "\\u001B", "\\x1b", "\\x1B", "\\033", "\\e", "^["] {
        if let Some(rest) = text.strip_prefix(escape) {
            let real = escape.len() == 1;
            return escaped(rest, real).map(|length| escape.len() + length);
        }
    }
    if let Some(rest) = text.strip_prefix('\u{9b}') {
        return Some('\u{9b}'.len_utf8() + parameters(rest)?);
    }
    orphan(text)
}

fn escaped(rest: &str, real: bool) -> Option<usize> {
    match rest.as_bytes().first() {
        Some(b'[') => parameters(&rest[1..]).map(|length| length + 1),
        Some(b']') if real => Some(title(rest)),
        Some(byte) if real && byte.is_ascii() => Some(1),
        _ if real => Some(0),
        _ => None,
    }
}

/// Parameter bytes and the final byte of a control sequence.
fn parameters(rest: &str) -> Option<usize> {
    let length = rest.bytes().take_while(|b| matches!(b, 0x20..=0x3f)).count();
    rest.as_bytes().get(length).filter(|b| matches!(b, 0x40..=0x7e)).map(|_| length + 1)
}

/// An operating-system command up to its terminator.
fn title(rest: &str) -> usize {
    rest.find(['\u{7}', '\u{1b}']).map_or(rest.len(), |end| end + 1)
}

/// A colour code without its ESC byte, such as `[31m` or `[1;33m` or `[2K`.
fn orphan(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('[')?;
    let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
    let last = *rest.as_bytes().get(digits)?;
    // `[10m]` is a duration; a colour code is followed by a bracket only where another code follows that
    let behind = rest.get(digits + 1..)?;
    let closed = behind.starts_with(']') && !behind.starts_with("][");
    let colour = last == b'm' && (1..=16).contains(&digits);
    // `[KmsKey]` is a name; a bare erase code has no letter behind it
    let named = digits == 0 && behind.starts_with(|c: char| c.is_ascii_alphanumeric());
    let erase = last == b'K' && digits <= 1 && !named;
    ((colour || erase) && !closed).then_some(digits + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_with_and_without_escape_are_removed() {
        for text in ["\u{1b}[31mred\u{1b}[0m", "[31mred[0m", "\\u001b[1;31mred\\u001b[0m", "^[[31mred^[[39m"]
        {
            assert_eq!(strip(text), "red", "{text}");
        }
        assert_eq!(strip("\u{1b}[2K\u{1b}[1A\u{1b}[1Gx\u{1b}]0;title\u{7}y"), "xy");
    }

    #[test]
    fn brackets_that_are_no_colour_stay() {
        for text in [
            "[71.6s] [10m] [Main]",
            "failed to create: [Role]",
            "failed to create: [KmsKey, Kiln]",
            "[2023-01-01]",
            "a\\b ^x",
        ] {
            assert_eq!(strip(text), text);
        }
    }
}
