//! The draft of a rule: what a failure's message gives away, and gaps for what only a person knows.

use std::fmt::Write;

use provision_rules::{DRAFT, Rulebook, Verdict};

use crate::generalise::{self, Piece};

/// How many characters of fixed wording a pattern takes up before it stops.
const PATTERN: usize = 90;
/// The longest literal.
const LITERAL: usize = 60;
/// What handlers wrap around a service's own message.
const WRAPPER: &str = "Resource handler returned message: \"";

/// A rule as TOML for the root of an unknown failure. Everything that says [`DRAFT`] is left to a person.
pub fn rule(verdict: &Verdict, source: &str, book: &Rulebook) -> String {
    let root = &verdict.root;
    let message = root.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let names: Vec<&str> =
        [&root.logical_id, &root.stack].into_iter().flatten().map(String::as_str).collect();
    let pieces = generalise::pieces(core(&message), &names);
    let mut text = format!(
        "# Drafted from {source}, line {}. Whatever says {DRAFT:?} is for you to write.\n[[rule]]\n",
        root.line
    );
    let mut put = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    put(format!("id = {}", quoted(&id(root.resource_type.as_deref(), &pieces, book))));
    put(format!("title = \"{DRAFT}: the cause in a few words\""));
    put("category = \"unknown\" # the family of the cause; `provision rules list` shows those in use"
        .to_owned());
    put("confidence = 0.9".to_owned());
    put("retryable = false # true only where the very same run, later, plausibly succeeds".to_owned());
    if let Some(kind) = &root.resource_type {
        put(format!("scope = {{ types = [{}] }}", quoted(kind)));
    }
    put(format!(
        "literals = [{}]",
        quoted(&literal(&pieces).unwrap_or_else(|| format!("{DRAFT}: fixed wording")))
    ));
    if let Some(pattern) = pattern(&pieces) {
        put(format!("patterns = [{}]", quoted(&pattern)));
    }
    put(format!(
        "cause = \"{DRAFT}: the cause in one sentence; what a pattern captures may stand in it in braces\""
    ));
    put(format!("fix = \"{DRAFT}: what to do\""));
    let hit = hit(&message, root.resource_type.as_deref(), root.status.as_deref());
    put(format!("hits = [{hit}, \"{DRAFT}: the same failure in other words or with other names\"]"));
    put(format!("near_misses = [\"{DRAFT}: a text that looks alike and has another cause\"]"));
    text
}

/// The service's own words, without what handlers put around and behind them.
fn core(message: &str) -> &str {
    let inner = message.strip_prefix(WRAPPER).unwrap_or(message);
    let end = [" (Service: ", "\" (RequestToken: ", " (RequestToken: "]
        .iter()
        .filter_map(|tail| inner.find(tail))
        .min();
    inner[..end.unwrap_or(inner.len())].trim_end_matches('"')
}

fn hit(message: &str, resource_type: Option<&str>, status: Option<&str>) -> String {
    let text = quoted(message);
    let facts = [("type", resource_type), ("status", status)];
    let facts: String =
        facts.iter().filter_map(|(key, value)| Some(format!(", {key} = {}", quoted((*value)?)))).collect();
    if facts.is_empty() { text } else { format!("{{ text = {text}{facts} }}") }
}

/// A TOML string, in whatever quotes it needs.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What kind of resource it is and the first words of the message, with a number where the id is taken.
fn id(resource_type: Option<&str>, pieces: &[Piece], book: &Rulebook) -> String {
    let kind = resource_type.and_then(|kind| kind.rsplit("::").next()).unwrap_or_default();
    let fixed = pieces.iter().filter_map(|piece| match piece {
        Piece::Fixed(text) => Some(text.as_str()),
        Piece::Variable { .. } => None,
    });
    let words =
        fixed.flat_map(|text| text.split(|c: char| !c.is_ascii_alphabetic())).filter(|word| word.len() > 2);
    let parts: Vec<String> = std::iter::once(kind)
        .chain(words.take(4))
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let base = if parts.is_empty() { "new-rule".to_owned() } else { parts.join("-") };
    let base: String = base.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let free = |id: &String| book.signatures().all(|rule| rule.id != *id);
    std::iter::once(base.clone()).chain((2..).map(|n| format!("{base}-{n}"))).find(free).unwrap_or(base)
}

/// The longest stretch of fixed wording, cut at a word's end.
fn literal(pieces: &[Piece]) -> Option<String> {
    let fixed = pieces.iter().filter_map(|piece| match piece {
        Piece::Fixed(text) => Some(text.trim_matches(|c: char| !c.is_alphanumeric())),
        Piece::Variable { .. } => None,
    });
    let longest = fixed.max_by_key(|text| text.len()).filter(|text| text.len() >= 4)?;
    let mut literal = String::new();
    for word in longest.split(' ') {
        if !literal.is_empty() && literal.len() + word.len() >= LITERAL {
            break;
        }
        if !literal.is_empty() {
            literal.push(' ');
        }
        literal.push_str(word);
    }
    Some(literal)
}

/// The wording as a regular expression; the first of each kind of name is captured.
fn pattern(pieces: &[Piece]) -> Option<String> {
    let mut pattern = String::new();
    let (mut fixed, mut seen) = (0, Vec::new());
    for piece in pieces {
        match piece {
            Piece::Fixed(text) => {
                pattern.push_str(&regex::escape(text));
                fixed += text.len();
            }
            Piece::Variable { .. } if fixed >= PATTERN => break,
            Piece::Variable { kind, text } => {
                let inner = text.split(' ').map(|_| r"\S+").collect::<Vec<_>>().join(" ");
                let group = if seen.contains(kind) { inner } else { format!("(?<{kind}>{inner})") };
                pattern.push_str(&group);
                seen.push(*kind);
            }
        }
    }
    (fixed >= 4).then(|| pattern.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use provision_rules::{Facts, Root};

    use super::*;

    fn unknown(text: &str, kind: Option<&str>) -> Verdict {
        let found = provision_rules::diagnose(
            b"Winch CREATE_FAILED the sprocket jammed",
            &Rulebook::parse([]).expect("empty"),
        );
        let verdict = found.expect("readable").verdict.expect("a failure");
        let root = Root {
            logical_id: Some("Winch".to_owned()),
            resource_type: kind.map(str::to_owned),
            text: text.to_owned(),
            line: 3,
            ..Root::default()
        };
        Verdict { root, ..verdict }
    }

    /// The draft parses, its only problem is that it is one, and it matches the message it was made from.
    fn holds(text: &str, kind: Option<&str>) -> String {
        let draft = rule(&unknown(text, kind), "events.txt", &Rulebook::parse([]).expect("empty"));
        let book = Rulebook::parse([("draft.toml", draft.as_str())])
            .unwrap_or_else(|error| panic!("{error}\n{draft}"));
        let problems = book.problems();
        assert!(problems.len() == 1 && problems[0].contains("still a draft"), "{problems:?}\n{draft}");
        assert_eq!(book.matches(Facts { text, resource_type: kind, status: None }).len(), 1, "{draft}");
        draft
    }

    #[test]
    fn a_draft_is_a_rule_for_its_message_with_names_left_open() {
        let text = "Resource handler returned message: \"Winch 42 of arn:aws:iam::111122223333:role/W cannot lift 'crate-9' (Service: Winch, Status Code: 400)\" (RequestToken: 1-2, HandlerErrorCode: X)";
        insta::assert_snapshot!(holds(text, Some("Custom::Winch")), @r#"
        # Drafted from events.txt, line 3. Whatever says "FILL IN" is for you to write.
        [[rule]]
        id = "winch-cannot-lift"
        title = "FILL IN: the cause in a few words"
        category = "unknown" # the family of the cause; `provision rules list` shows those in use
        confidence = 0.9
        retryable = false # true only where the very same run, later, plausibly succeeds
        scope = { types = ["Custom::Winch"] }
        literals = ["cannot lift"]
        patterns = ['''(?<name>\S+) \S+ of (?<arn>\S+) cannot lift '\S+'''']
        cause = "FILL IN: the cause in one sentence; what a pattern captures may stand in it in braces"
        fix = "FILL IN: what to do"
        hits = [{ text = """Resource handler returned message: "Winch 42 of arn:aws:iam::111122223333:role/W cannot lift 'crate-9' (Service: Winch, Status Code: 400)" (RequestToken: 1-2, HandlerErrorCode: X)""", type = "Custom::Winch" }, "FILL IN: the same failure in other words or with other names"]
        near_misses = ["FILL IN: a text that looks alike and has another cause"]
        "#);
    }

    #[test]
    fn drafts_of_odd_messages_hold_too() {
        for text in [
            "Received response status [FAILED] from custom resource. Message returned: it's \"odd\" ''' \\ (x",
            "boom: 12345678-1234-1234-1234-123456789012 at 2026-01-01 10:00:00",
            "The thing broke",
        ] {
            holds(text, None);
        }
    }
}
