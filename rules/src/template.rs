//! Placeholders in a rule's texts: `{name}` and `{name|fallback}`.

use std::collections::BTreeMap;

/// Fills every placeholder; one without a capture becomes its fallback, or its name in words.
pub(crate) fn fill(text: &str, captures: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Placeholder { name, fallback } => {
                match captures.get(name).filter(|value| !value.is_empty()) {
                    Some(value) => out.push_str(value),
                    None => out.push_str(&fallback.map_or_else(|| name.replace('_', " "), str::to_owned)),
                }
            }
        }
    }
    out
}

/// The text as it reads without a match: a placeholder is its fallback, or its name in angle brackets.
pub(crate) fn plain(text: &str) -> String {
    let shown = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Placeholder { name, fallback } => fallback.map_or_else(|| format!("<{name}>"), str::to_owned),
    };
    pieces(text).into_iter().map(shown).collect()
}

/// The names of all placeholders in a text.
pub(crate) fn placeholders(text: &str) -> Vec<String> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Placeholder { name, .. } => Some(name.to_owned()),
            Piece::Text(_) => None,
        })
        .collect()
}

enum Piece<'a> {
    Text(&'a str),
    Placeholder { name: &'a str, fallback: Option<&'a str> },
}

fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(open) = text.find('{') {
        let Some(length) = text[open..].find('}') else { break };
        let inner = &text[open + 1..open + length];
        let (name, fallback) = inner.split_once('|').map_or((inner, None), |(n, f)| (n, Some(f)));
        let is_name = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if is_name {
            pieces.push(Piece::Text(&text[..open]));
            pieces.push(Piece::Placeholder { name, fallback });
        } else {
            pieces.push(Piece::Text(&text[..=open + length]));
        }
        text = &text[open + length + 1..];
    }
    pieces.push(Piece::Text(text));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn fills_captures_fallbacks_and_names() {
        let text = "{bucket} in {region|this region} by {stack_name}";
        assert_eq!(fill(text, &captures(&[("bucket", "b1")])), "b1 in this region by stack name");
    }

    #[test]
    fn without_a_match_a_name_shows_that_it_is_one() {
        assert_eq!(plain("{bucket} in {region|this region}"), "<bucket> in this region");
    }

    #[test]
    fn leaves_braces_that_are_no_placeholder() {
        assert_eq!(
            fill("--query 'Stacks[0].{Name:StackName}' {", &captures(&[])),
            "--query 'Stacks[0].{Name:StackName}' {"
        );
    }
}
