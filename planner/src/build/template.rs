//! Placeholders such as `{domain}` in the catalog's texts and arguments.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::plan::quote;

static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{([a-z][a-z0-9_]*)\}").expect("a constant pattern compiles"));

/// The names of the placeholders in a text.
pub fn placeholders(text: &str) -> Vec<&str> {
    PLACEHOLDER.captures_iter(text).filter_map(|found| found.get(1)).map(|name| name.as_str()).collect()
}

/// The text with values in place; none if one of them has no value. Values are never looked at for placeholders.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let known = placeholders(text).into_iter().all(|name| value(name).is_some());
    let replaced =
        || PLACEHOLDER.replace_all(text, |found: &Captures<'_>| value(&found[1]).unwrap_or_default());
    known.then(|| replaced().into_owned())
}

/// As [`fill`], for a line that a person pastes into a shell: values are quoted, except the command itself.
pub(super) fn fill_quoted(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    fill(text, |name| {
        let value = value(name)?;
        Some(if name == "init_command" { value } else { quote(&value).into_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::{fill, fill_quoted, placeholders};

    fn value(name: &str) -> Option<String> {
        match name {
            "domain" => Some("ci.example.com".to_owned()),
            "tricky" => Some("{domain} $(id)".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn values_are_put_in_once_and_never_read_for_placeholders() {
        assert_eq!(
            fill("https://{domain}/{tricky}", value).unwrap(),
            "https://ci.example.com/{domain} $(id)"
        );
        assert_eq!(fill_quoted("run {tricky}", value).unwrap(), "run '{domain} $(id)'");
    }

    #[test]
    fn a_text_with_an_unknown_value_is_no_text() {
        assert_eq!(fill("{domain} {nothing}", value), None);
    }

    #[test]
    fn braces_of_other_languages_are_no_placeholders() {
        assert!(placeholders("docker version --format {{.Server.Version}} ${HOME} {Name:x}").is_empty());
    }
}
