//! From bytes to clean lines that still know where they stood in the input.

mod ansi;
mod prefix;
mod stream;
mod width;

use std::borrow::Cow;
use std::io::Read;

use crate::error::RulesError;

pub(crate) use stream::Decoder;

/// One line of the input, cleaned of what terminals and CI systems add.
#[derive(Debug, Clone)]
pub(crate) struct Line<'t> {
    /// Where it stands in the input, counted from 1.
    pub(crate) number: usize,
    /// Its text without colour codes, CI prefixes and trailing blanks.
    pub(crate) text: Cow<'t, str>,
}

/// Unpacked input larger than this is refused.
const UNPACKED_LIMIT_MIB: u64 = 1024;

/// Decodes bytes to text: gzip by its magic bytes, UTF-16 and UTF-8 by their marks.
///
/// # Errors
/// When the input is empty, binary, or damaged gzip.
pub(crate) fn text(input: &[u8]) -> Result<Cow<'_, str>, RulesError> {
    if input.starts_with(&[0x1f, 0x8b]) {
        let unpacked = unpack(input)?;
        return Ok(Cow::Owned(encoded(&unpacked)?.into_owned()));
    }
    encoded(input)
}

fn unpack(input: &[u8]) -> Result<Vec<u8>, RulesError> {
    let limit = UNPACKED_LIMIT_MIB << 20;
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(input)
        .take(limit + 1)
        .read_to_end(&mut out)
        .map_err(|error| RulesError::Gzip { reason: error.to_string() })?;
    if out.len() as u64 > limit {
        return Err(RulesError::TooLarge { limit_mib: UNPACKED_LIMIT_MIB });
    }
    Ok(out)
}

fn encoded(input: &[u8]) -> Result<Cow<'_, str>, RulesError> {
    let text = match input {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => plain(rest)?,
        _ => plain(input)?,
    };
    if text.trim().is_empty() { Err(RulesError::Empty) } else { Ok(text) }
}

fn plain(input: &[u8]) -> Result<Cow<'_, str>, RulesError> {
    match input.iter().take(1 << 16).position(|byte| *byte == 0) {
        Some(offset) => Err(RulesError::Binary { offset }),
        None => Ok(String::from_utf8_lossy(input)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Splits a text into clean lines. A line overwritten by carriage returns, or one that carries literal
/// `\n`, becomes several lines of the same number.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let newline = if text.contains('\n') { '\n' } else { '\r' };
    let mut lines = Vec::new();
    push_all(&mut lines, 1, text, newline);
    lines
}

/// Adds the clean lines of a text whose first line has a number. What a terminal broke is whole again.
pub(crate) fn push_all<'t>(lines: &mut Vec<Line<'t>>, first: usize, text: &'t str, newline: char) {
    let raw: Vec<&str> = text.split(newline).collect();
    match width::unbroken(&raw) {
        Some(whole) => {
            for (at, raw) in whole {
                match raw {
                    Cow::Borrowed(raw) => push_raw(lines, first + at, raw),
                    Cow::Owned(raw) => push_owned(lines, first + at, &raw),
                }
            }
        }
        None => {
            for (at, raw) in raw.into_iter().enumerate() {
                push_raw(lines, first + at, raw);
            }
        }
    }
}

/// As [`push_raw`], of text that does not last.
fn push_owned(lines: &mut Vec<Line<'_>>, number: usize, raw: &str) {
    let mut clean = Vec::new();
    push_raw(&mut clean, number, raw);
    lines.extend(clean.into_iter().map(|line| Line { number, text: Cow::Owned(line.text.into_owned()) }));
}

/// Adds the clean lines that one raw line is.
pub(crate) fn push_raw<'t>(lines: &mut Vec<Line<'t>>, number: usize, raw: &'t str) {
    let raw = raw.strip_suffix('\r').unwrap_or(raw);
    for part in raw.split('\r') {
        push(lines, number, part);
    }
}

fn push<'t>(lines: &mut Vec<Line<'t>>, number: usize, raw: &'t str) {
    let text = prefix::strip(ansi::strip(raw));
    match unfold(&text) {
        Some(parts) => {
            let parts = parts.lines().map(|part| prefix::strip(ansi::strip(part)).trim_end().to_owned());
            lines.extend(parts.map(|part| Line { number, text: Cow::Owned(part) }));
        }
        None => lines.push(Line { number, text: trimmed(text) }),
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end().len());
            Cow::Owned(text)
        }
    }
}

/// The real lines inside a line of JSON log or one with literal `\n`.
fn unfold(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.starts_with("{\"")
        && trimmed.ends_with('}')
        && let Some(message) = log_message(trimmed)
    {
        return Some(message);
    }
    // JSON escapes its own newlines; only text that is no JSON value is unfolded here.
    let json = trimmed.starts_with(['{', '[', '"']) || trimmed.contains("\": ");
    (!json && text.contains("\\n")).then(|| text.replace("\\r\\n", "\n").replace("\\n", "\n"))
}

/// The message of a structured log line, if it is one.
fn log_message(text: &str) -> Option<String> {
    const KEYS: [&str; 6] = ["message", "msg", "log", "@message", "textPayload", "line"];
    if text.contains("\"ResourceStatus\"") || !KEYS.iter().any(|key| text.contains(key)) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let found = |keys: &[&str]| keys.iter().find_map(|key| value.get(key)?.as_str().map(str::to_owned));
    let message = found(&KEYS)?;
    let detail = found(&["error", "err", "exception", "stack", "errorMessage"]);
    Some(match detail {
        Some(detail) if !message.contains(&detail) => format!("{message}: {detail}"),
        _ => message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(input: &str) -> Vec<(usize, String)> {
        lines(input).into_iter().map(|line| (line.number, line.text.into_owned())).collect()
    }

    #[test]
    fn utf16_with_a_mark_is_read() {
        let bytes: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("boom\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(text(&bytes).expect("text"), "boom\n");
    }

    #[test]
    fn binary_and_empty_input_are_refused() {
        assert!(matches!(text(b"ab\0c"), Err(RulesError::Binary { offset: 2 })));
        assert!(matches!(text(b" \n"), Err(RulesError::Empty)));
        assert!(matches!(text(&[0x1f, 0x8b, 8, 0, 1]), Err(RulesError::Gzip { .. })));
    }

    #[test]
    fn gzip_is_unpacked() {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"hello").expect("write");
        assert_eq!(text(&encoder.finish().expect("finish")).expect("text"), "hello");
    }

    #[test]
    fn overwritten_and_folded_lines_keep_their_number() {
        assert_eq!(
            texts("a\r\n- Waiting\r\u{1b}[2K- failed\nfirst\\nsecond"),
            [
                (1, "a".to_owned()),
                (2, "- Waiting".to_owned()),
                (2, "- failed".to_owned()),
                (3, "first".to_owned()),
                (3, "second".to_owned())
            ]
        );
    }

    #[test]
    fn a_structured_log_line_becomes_its_message() {
        let line = r#"{"level":"error","msg":"deploy failed\nbecause"}"#;
        assert_eq!(texts(line), [(1, "deploy failed".to_owned()), (1, "because".to_owned())]);
    }
}
