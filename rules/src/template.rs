//! Placeholders in a rule's texts: `{name}`, `{name|fallback}` and `{name|other_name|fallback}`.
//!
//! A name is one that the rule's patterns capture, or one of the facts in [`crate::context`].

use std::collections::BTreeMap;

use crate::shell::{self, Quotes};

/// What placeholders stand for, by name.
pub(crate) type Values = BTreeMap<String, String>;

/// Fills every placeholder of a text for people; one without a value becomes its fallback, or its name in words.
pub(crate) fn fill(text: &str, values: &Values) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Placeholder(place) => match place.value(values, |value| !value.is_empty()) {
                Some(value) => out.push_str(value),
                None => out.push_str(
                    &place.fallback.map_or_else(|| place.names[0].replace('_', " "), str::to_owned),
                ),
            },
        }
    }
    out
}

/// Fills every placeholder of a command. A value is quoted wherever a shell would read it otherwise; one that no
/// argument may be (it begins with `-`, it has hidden characters) counts as missing. Without a value the fallback
/// stands there, or the name in capitals.
pub(crate) fn command(text: &str, values: &Values) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quotes = Quotes::default();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => {
                out.push_str(text);
                quotes = quotes.after(text);
            }
            Piece::Placeholder(place) => match place.value(values, shell::is_fit) {
                Some(value) => out.push_str(&quotes.quote(value)),
                None => out.push_str(
                    &place.fallback.map_or_else(|| place.names[0].to_ascii_uppercase(), str::to_owned),
                ),
            },
        }
    }
    out
}

/// Whether every placeholder of a command that has no fallback has a value that may stand there.
pub(crate) fn is_complete(text: &str, values: &Values) -> bool {
    pieces(text).iter().all(|piece| match piece {
        Piece::Text(_) => true,
        Piece::Placeholder(place) => place.fallback.is_some() || place.value(values, shell::is_fit).is_some(),
    })
}

/// The text as it reads without a match: a placeholder is its fallback, or its name in angle brackets.
pub(crate) fn plain(text: &str) -> String {
    let shown = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Placeholder(place) => {
            place.fallback.map_or_else(|| format!("<{}>", place.names[0]), str::to_owned)
        }
    };
    pieces(text).into_iter().map(shown).collect()
}

/// The names of all placeholders in a text.
pub(crate) fn placeholders(text: &str) -> Vec<String> {
    let names = pieces(text).into_iter().flat_map(|piece| match piece {
        Piece::Placeholder(place) => place.names,
        Piece::Text(_) => Vec::new(),
    });
    names.map(str::to_owned).collect()
}

enum Piece<'a> {
    Text(&'a str),
    Placeholder(Place<'a>),
}

struct Place<'a> {
    /// The names to try, in order; at least one.
    names: Vec<&'a str>,
    fallback: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// What stands between the braces: names, and behind the last `|` the fallback.
    fn parse(inner: &'a str) -> Option<Self> {
        let (names, fallback) =
            inner.rsplit_once('|').map_or((inner, None), |(names, text)| (names, Some(text)));
        let names: Vec<&str> = names.split('|').collect();
        names.iter().all(|name| is_name(name)).then_some(Self { names, fallback })
    }

    fn value<'v>(&self, values: &'v Values, fits: impl Fn(&str) -> bool) -> Option<&'v str> {
        self.names.iter().filter_map(|name| values.get(*name)).map(String::as_str).find(|value| fits(value))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(open) = text.find('{') {
        let Some(length) = text[open..].find('}') else { break };
        match Place::parse(&text[open + 1..open + length]) {
            Some(place) => pieces.extend([Piece::Text(&text[..open]), Piece::Placeholder(place)]),
            None => pieces.push(Piece::Text(&text[..=open + length])),
        }
        text = &text[open + length + 1..];
    }
    pieces.push(Piece::Text(text));
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn fills_captures_fallbacks_and_names() {
        let text = "{bucket} in {region|this region} by {stack_name}";
        assert_eq!(fill(text, &values(&[("bucket", "b1")])), "b1 in this region by stack name");
    }

    #[test]
    fn the_first_name_that_has_a_value_is_used() {
        let text = "s3://{bucket|physical_id|BUCKET}";
        assert_eq!(command(text, &values(&[("physical_id", "logs")])), "s3://logs");
        assert_eq!(command(text, &values(&[])), "s3://BUCKET");
    }

    #[test]
    fn without_a_match_a_name_shows_that_it_is_one() {
        assert_eq!(plain("{bucket} in {region|this region}"), "<bucket> in this region");
    }

    #[test]
    fn leaves_braces_that_are_no_placeholder() {
        assert_eq!(
            fill("--query 'Stacks[0].{Name:StackName}' {", &values(&[])),
            "--query 'Stacks[0].{Name:StackName}' {"
        );
    }

    #[test]
    fn a_value_that_is_no_argument_is_left_out_of_a_command() {
        let hostile = values(&[("stack", "--endpoint-url=http://x.example")]);
        assert_eq!(command("aws x --stack-name {stack|STACK}", &hostile), "aws x --stack-name STACK");
        assert_eq!(command("aws x --key {key_id}", &values(&[])), "aws x --key KEY_ID");
    }

    proptest! {
        #[test]
        fn a_shell_reads_a_value_back_wherever_it_stands(value in "\\PC{1,24}|[ '\"$`\\\\!;&|<>()*?~#=a-]{1,12}") {
            prop_assume!(shell::is_fit(&value));
            let filled = command(
                "aws x {v} s3://{v}/k --a='{v}' \"b={v}.c\" --filter '\"{v}\"' 'it'\\''s {v}' end",
                &values(&[("v", &value)]),
            );
            let expected = vec![
                "aws".to_owned(), "x".to_owned(), value.clone(), format!("s3://{value}/k"), format!("--a={value}"),
                format!("b={value}.c"), "--filter".to_owned(), format!("\"{value}\""), format!("it's {value}"),
                "end".to_owned(),
            ];
            prop_assert_eq!(shlex::split(&filled), Some(expected), "{}", filled);
        }
    }
}
