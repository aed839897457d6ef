//! What can go wrong in this room.

use thiserror::Error;

/// An error of the rules room.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RulesError {
    /// A signature file does not parse.
    #[error("{file}: {source}")]
    Signatures {
        /// The file's name.
        file: String,
        /// What the parser says, with line and column.
        source: Box<toml::de::Error>,
    },
    /// The input has no text in it.
    #[error("the input is empty")]
    Empty,
    /// The input is a JSON document without a single event or error.
    #[error("no stack events and no error in this JSON document; nothing to diagnose")]
    NoEvents,
    /// The input is not text.
    #[error("the input is binary, not text (a zero byte at offset {offset})")]
    Binary {
        /// Where the first zero byte stands, counted from 0.
        offset: usize,
    },
    /// The input is a gzip file that does not unpack.
    #[error("the gzip data is damaged or cut off: {reason}")]
    Gzip {
        /// What the decoder says.
        reason: String,
    },
    /// The unpacked input is larger than what is read.
    #[error("the gzip data unpacks to more than {limit_mib} MiB")]
    TooLarge {
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// A JSON document of events stops in the middle.
    #[error("line {}: the JSON ends inside an event; {}", grouped(*line), whole_events(*events))]
    Truncated {
        /// The last line, counted from 1.
        line: usize,
        /// How many whole events stand before the cut.
        events: usize,
    },
}

fn whole_events(events: usize) -> String {
    match events {
        0 => "no whole event was read before it".to_owned(),
        1 => "1 whole event before it was read".to_owned(),
        many => format!("{} whole events before it were read", grouped(many)),
    }
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_document_is_told_with_its_line_and_whole_events() {
        let error = RulesError::Truncated { line: 3118, events: 211 };
        assert_eq!(
            error.to_string(),
            "line 3,118: the JSON ends inside an event; 211 whole events before it were read"
        );
    }
}
