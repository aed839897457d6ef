//! The forms in which a secret shows up in output: raw, escaped, percent-encoded, base64, hex.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Values shorter than this are not masked: they would blank out ordinary text and so give themselves away.
pub(super) const SHORTEST_SECRET: usize = 4;

/// Encoded forms are masked only from this length on; shorter ones occur by chance.
const SHORTEST_ENCODED: usize = 6;

/// Every form of `secret` worth masking, without duplicates.
pub(super) fn of(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::new();
    for value in [secret, secret.trim()].into_iter().chain(long_lines(secret)) {
        if value.len() >= SHORTEST_SECRET {
            forms.insert(value.as_bytes().to_vec());
            forms.extend(escaped(value).into_iter().map(String::into_bytes));
        }
        if value.len() >= SHORTEST_ENCODED {
            forms.extend(encoded(value).into_iter().map(String::into_bytes));
        }
    }
    forms
}

/// The lines of a secret that has several, such as a private key; output shows them one by one.
fn long_lines(secret: &str) -> impl Iterator<Item = &str> {
    secret.lines().map(str::trim).filter(|line| line.len() >= 8)
}

/// As JSON strings, shell words, URLs and forms write it.
fn escaped(value: &str) -> [String; 6] {
    let json = serde_json::Value::from(value).to_string();
    [
        json[1..json.len() - 1].to_owned(),
        value.replace('\'', r"'\''"),
        backslashed(value),
        percent(value, RFC_3986),
        percent(value, JAVASCRIPT),
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    ]
}

/// As `printf %q` writes it.
fn backslashed(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./:=@%+,".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

fn encoded(text: &str) -> Vec<String> {
    let value = text.as_bytes();
    let hex = value.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let mut forms = vec![
        lowered(&percent(text, RFC_3986)),
        lowered(&percent(text, JAVASCRIPT)),
        hex.to_uppercase(),
        hex,
        STANDARD.encode(value),
        STANDARD_NO_PAD.encode(value),
        URL_SAFE.encode(value),
        URL_SAFE_NO_PAD.encode(value),
    ];
    for offset in 0..3 {
        forms.extend(inside_base64(value, offset));
    }
    forms.retain(|form| form.len() >= SHORTEST_ENCODED);
    forms
}

/// The characters that `value` alone decides inside a longer base64 text, when it starts `offset` bytes into a group.
fn inside_base64(value: &[u8], offset: usize) -> [String; 2] {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(value);
    let first = (8 * offset).div_ceil(6);
    let last = 8 * padded.len() / 6;
    [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)]
        .map(|text| text.get(first..last).unwrap_or_default().to_owned())
}

/// What RFC 3986 leaves unencoded besides letters and digits.
const RFC_3986: &[u8] = b"-_.~";
/// What JavaScript's `encodeURIComponent` leaves unencoded besides letters and digits.
const JAVASCRIPT: &[u8] = b"-_.~!*'()";

fn percent(value: &str, plain: &[u8]) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// The same with the hexadecimal digits of its escapes in lower case.
fn lowered(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(part.len().min(2));
        format!("{text}%{}{rest}", digits.to_lowercase())
    })
}
