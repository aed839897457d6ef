//! What is fixed in a failure message and what changes from one failure to the next.

use std::sync::OnceLock;

use regex::Regex;

/// A stretch of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Wording that every such failure has.
    Fixed(String),
    /// A name, number or id of this one failure.
    Variable {
        /// What kind of thing it is, in one word.
        kind: &'static str,
        /// The thing itself.
        text: String,
    },
}

/// The kinds of things that change, each with its pattern; an earlier one wins where two begin together.
const KINDS: [(&str, &str); 8] = [
    ("arn", r"arn:aws[a-z-]*:[^\s\x22',;()\]]*[^\s\x22',;()\].:]"),
    ("url", r"https?://[^\s\x22'()<>]*[^\s\x22'()<>.,:;]"),
    ("id", r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    ("time", r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?"),
    ("address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "region",
        r"\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central)[a-z]*-\d[a-z]?\b",
    ),
    (
        "name",
        r"(?:\b[\w]+(?:[/.-][\w]+)*[/.-])?\b[A-Za-z_-]*\d[\w-]*(?:[/.:-][\w-]+)*\b|\b[\w-]+(?:\.[\w-]+){2,}\b",
    ),
    ("quoted", r#"'[^'\s]{1,200}'|"[^"\s]{1,200}"|\[[^\]\s]{1,200}\]"#),
];

fn finder() -> &'static Regex {
    static FINDER: OnceLock<Regex> = OnceLock::new();
    FINDER.get_or_init(|| {
        let groups: Vec<String> =
            KINDS.iter().map(|(kind, pattern)| format!("(?<{kind}>{pattern})")).collect();
        #[allow(clippy::expect_used)]
        Regex::new(&groups.join("|")).expect("a constant pattern, compiled by a test")
    })
}

/// Splits a message into wording and what changes. `names` are known names of this one failure, such as its
/// logical id, wherever they stand as a word.
pub fn pieces(message: &str, names: &[&str]) -> Vec<Piece> {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut pieces = Vec::new();
    let mut from = 0;
    for (start, end, kind) in variables(&message, names) {
        push_fixed(&mut pieces, &message[from..start]);
        pieces.push(Piece::Variable { kind, text: message[start..end].to_owned() });
        from = end;
    }
    push_fixed(&mut pieces, &message[from..]);
    pieces
}

fn push_fixed(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Fixed(text.to_owned()));
    }
}

/// Start, end and kind of everything that changes, in order and without overlaps.
fn variables(message: &str, names: &[&str]) -> Vec<(usize, usize, &'static str)> {
    let mut found: Vec<(usize, usize, &'static str)> =
        finder().captures_iter(message).filter_map(|c| variable(&c)).collect();
    for name in names.iter().filter(|name| name.len() > 2) {
        let word = |(at, text): (usize, &str)| {
            is_word(message, at, at + text.len()).then_some((at, at + text.len(), "name"))
        };
        found.extend(message.match_indices(name).filter_map(word));
    }
    found.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
    let mut last = 0;
    found.retain(|(start, end, _)| {
        let apart = *start >= last;
        last = if apart { *end } else { last };
        apart
    });
    found
}

/// What one find is; quotes and brackets stay with the wording, and a resource type is wording itself.
fn variable(captures: &regex::Captures<'_>) -> Option<(usize, usize, &'static str)> {
    let (kind, found) = KINDS.iter().find_map(|(kind, _)| Some((*kind, captures.name(kind)?)))?;
    if kind == "quoted" {
        let inner = &found.as_str()[1..found.len() - 1];
        return (!inner.contains("::")).then_some((found.start() + 1, found.end() - 1, "name"));
    }
    Some((found.start(), found.end(), kind))
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !text[..start].ends_with(part) && !text[end..].starts_with(part)
}

/// The wording alone: equal for two failures that differ only in names, numbers and ids.
pub fn wording(message: &str, names: &[&str]) -> String {
    let shown = |piece: Piece| match piece {
        Piece::Fixed(text) => text,
        Piece::Variable { kind, .. } => format!("<{kind}>"),
    };
    pieces(message, names).into_iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_ids_change_and_the_wording_stays() {
        let cases = [
            (
                "Winch 42 of arn:aws:iam::111122223333:role/Winch refused at 2026-03-01T10:00:00Z.",
                "Winch <name> of <arn> refused at <time>.",
            ),
            (
                "The subnet 'subnet-0a1b2c3d' is not in eu-west-1b (Request ID: 0f8fad5b-d9cb-469f-a165-70867728950e)",
                "The subnet '<name>' is not in <region> (Request ID: <id>)",
            ),
            (
                "Resource of type 'AWS::SQS::Queue' with identifier 'orders' exists",
                "Resource of type 'AWS::SQS::Queue' with identifier '<name>' exists",
            ),
            ("mail from ops@acme.example via https://a.example/x?y=1.", "mail from <address> via <url>."),
        ];
        for (message, want) in cases {
            assert_eq!(wording(message, &[]), want);
        }
    }

    #[test]
    fn known_names_change_only_where_they_stand_as_a_word() {
        assert_eq!(wording("Seeder: the Seeders met Seeder", &["Seeder"]), "<name>: the Seeders met <name>");
    }

    #[test]
    fn pieces_put_together_are_the_message() {
        let message = "queue orders-7 in eu-west-1 has 3 consumers";
        let text: String = pieces(message, &[])
            .into_iter()
            .map(|piece| match piece {
                Piece::Fixed(text) | Piece::Variable { text, .. } => text,
            })
            .collect();
        assert_eq!(text, message);
    }
}
