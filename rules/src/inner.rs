//! Takes messages out of the wrappers that services put around them.

use std::sync::OnceLock;

use regex::Regex;

/// Wrappers; the first group is what they wrap.
const WRAPPERS: &[&str] = &[
    r#"(?is)Resource handler returned message:\s*"(.+)"\s*\(RequestToken"#,
    r"(?is)Resource handler returned message:\s*(.+?)\s*(?:\(RequestToken|$)",
    r"(?is)Received response status \[FAILED\] from custom resource\.\s*Message returned:\s*(.+?)\s*(?:\(RequestId: [^)]*\)\s*)?$",
    r"(?is)Resource provider operation failed:\s*(.+)$",
    r"(?is)The following hook\(s\) failed:\s*\[[^\]]*\]:?\s*(.+)$",
    r"(?is)Waiter encountered a terminal failure state.*?Reason:\s*(.+)$",
    r"(?is)The stack named \S+ failed (?:creation|to deploy)[^:]*:\s*[A-Z_]+(?:[:(]\s*)(.+)$",
];

/// What the wrappers around a message hold, the outermost first.
pub(crate) fn messages(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut current = text;
    while found.len() < 4 {
        let Some(inner) = patterns().iter().find_map(|pattern| {
            let inner = pattern.captures(current)?.get(1)?.as_str().trim();
            (!inner.is_empty() && inner.len() < current.len()).then_some(inner)
        }) else {
            break;
        };
        found.push(inner);
        current = inner;
    }
    found
}

fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| WRAPPERS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrapper_compiles() {
        assert_eq!(patterns().len(), WRAPPERS.len());
    }

    #[test]
    fn a_message_is_taken_out_of_its_wrapper() {
        let text = r#"Resource handler returned message: "Bucket "b" is gone" (RequestToken: 1, HandlerErrorCode: NotFound)"#;
        assert_eq!(messages(text), [r#"Bucket "b" is gone"#]);
        let text = "Received response status [FAILED] from custom resource. Message returned: no such zone (RequestId: 1-2)";
        assert_eq!(messages(text), ["no such zone"]);
    }
}
