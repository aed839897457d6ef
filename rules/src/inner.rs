//! Takes messages out of the wrappers that services put around them.

use crate::incident::has_any;
use crate::pattern::Pattern;

/// A wrapper around messages.
struct Wrapper {
    /// What a text with it has; its expression is built for the first text that does.
    words: &'static str,
    /// The first group is what it wraps.
    pattern: Pattern,
}

const fn wrapper(words: &'static str, pattern: &'static str) -> Wrapper {
    Wrapper { words, pattern: Pattern::new(pattern) }
}

static WRAPPERS: [Wrapper; 8] = [
    wrapper(
        "handler returned message",
        r#"(?is)Resource handler returned message:\s*"(.+)"\s*\(RequestToken"#,
    ),
    wrapper(
        "handler returned message",
        r"(?is)Resource handler returned message:\s*(.+?)\s*(?:\(RequestToken|$)",
    ),
    wrapper(
        "response status",
        r"(?is)Received response status \[FAILED\] from custom resource\.\s*Message returned:\s*(.+?)\s*(?:\(RequestId: [^)]*\)\s*)?$",
    ),
    wrapper("provider operation", r"(?is)Resource provider operation failed:\s*(.+)$"),
    wrapper("exception while calling", r"(?is)exception while calling [\w.-]+:\s*(.+)$"),
    wrapper("hook(s) failed", r"(?is)The following hook\(s\) failed:\s*\[[^\]]*\]:?\s*(.+)$"),
    wrapper("terminal failure", r"(?is)Waiter encountered a terminal failure state.*?Reason:\s*(.+)$"),
    wrapper(
        "stack named",
        r"(?is)The stack named \S+ failed (?:creation|to deploy)[^:]*:\s*[A-Z_]+(?:[:(]\s*)(.+)$",
    ),
];

impl Wrapper {
    /// What a text holds in this wrapper.
    fn inner<'t>(&self, text: &'t str) -> Option<&'t str> {
        if !has_any(text, &[self.words]) {
            return None;
        }
        let inner = self.pattern.captures(text)?.get(1)?.trim();
        (!inner.is_empty() && inner.len() < text.len()).then_some(inner)
    }
}

/// What the wrappers around a message hold, the outermost first.
pub(crate) fn messages(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut current = text;
    while found.len() < 4 {
        let Some(inner) = WRAPPERS.iter().find_map(|wrapper| wrapper.inner(current)) else { break };
        found.push(inner);
        current = inner;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrapper_compiles() {
        for wrapper in &WRAPPERS {
            wrapper.pattern.assert_reads();
        }
    }

    #[test]
    fn a_message_is_taken_out_of_its_wrapper() {
        let text = r#"Resource handler returned message: "Bucket "b" is gone" (RequestToken: 1, HandlerErrorCode: NotFound)"#;
        assert_eq!(messages(text), [r#"Bucket "b" is gone"#]);
        let text = "Received response status [FAILED] from custom resource. Message returned: no such zone (RequestId: 1-2)";
        assert_eq!(messages(text), ["no such zone"]);
    }
}
