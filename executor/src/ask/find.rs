//! Takes values out of a JSON answer, by pointer and by what an entry has to have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::spec::{Find, Names};

/// The value that a search finds in an answer: of the first entry that fits.
pub(super) fn found(find: &Find, answer: &Value, names: &Names) -> Option<String> {
    match &find.within {
        None => text_at(answer, &find.take).map(Cow::into_owned),
        Some(list) => {
            let fitting = items(answer, list, &find.matching, names);
            fitting.into_iter().find_map(|item| text_at(item, &find.take)).map(Cow::into_owned)
        }
    }
}

/// The entries of a list that have what they have to have. A condition whose placeholders are not known fits nothing.
pub(crate) fn items<'a>(
    answer: &'a Value,
    list: &str,
    matching: &BTreeMap<String, String>,
    names: &Names,
) -> Vec<&'a Value> {
    let entries = answer.pointer(list).and_then(Value::as_array);
    let fits = |item: &&Value| {
        matching.iter().all(|(pointer, wanted)| {
            let wanted = names.fill(wanted);
            wanted.is_some_and(|wanted| text_at(item, pointer).is_some_and(|text| matches(&wanted, &text)))
        })
    };
    entries.into_iter().flatten().filter(fits).collect()
}

/// The text, number or truth value at a pointer; an empty pointer is the value itself.
pub(crate) fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<Cow<'a, str>> {
    match value.pointer(pointer)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        other @ (Value::Number(_) | Value::Bool(_)) => Some(Cow::Owned(other.to_string())),
        _ => None,
    }
}

/// Whether a text is the wanted one; a `*` stands for anything.
fn matches(wanted: &str, text: &str) -> bool {
    let mut parts = wanted.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        Names { known: [("domain".to_owned(), "ci.example.com".to_owned())].into(), ..Names::default() }
    }

    #[test]
    fn the_first_entry_that_fits_gives_the_value() {
        let answer = json!({ "List": [
            { "Domain": "other.example.com", "Arn": "a" },
            { "Domain": "ci.example.com", "Arn": "b" },
        ] });
        let find = Find {
            name: "arn".to_owned(),
            within: Some("/List".to_owned()),
            matching: [("/Domain".to_owned(), "{domain}".to_owned())].into(),
            take: "/Arn".to_owned(),
        };
        assert_eq!(found(&find, &answer, &names()).as_deref(), Some("b"));
        assert_eq!(found(&find, &answer, &Names::default()), None, "an unknown name fits nothing");
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (wanted, text, expected) in [
            ("*-events", "demo-email-events", true),
            ("/aws/eks/*", "/aws/eks/demo", true),
            ("*mail*", "demo-email-events", true),
            ("demo", "demo2", false),
            ("demo", "demo", true),
            ("a-*renewal*", "a-token-renewal", true),
            ("a-*renewal*", "a-token", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(matches(wanted, text), expected, "{wanted} {text}");
        }
    }

    #[test]
    fn numbers_and_truth_values_are_text_and_objects_are_not() {
        let value = json!({ "n": 200, "b": false, "o": {} });
        assert_eq!(text_at(&value, "/n").as_deref(), Some("200"));
        assert_eq!(text_at(&value, "/b").as_deref(), Some("false"));
        assert_eq!(text_at(&value, "/o"), None);
    }
}
