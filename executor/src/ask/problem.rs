//! Why a question was not answered: the error code that a tool names, and one line for people.

use std::sync::LazyLock;

use regex::Regex;

static AWS_ERROR: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        r"An error occurred \((?P<code>[\w.]+)\) when calling the \w+ operation(?: \([^)]*\))?: (?P<text>.*)";
    Regex::new(pattern).expect("a constant pattern compiles")
});
static KUBERNETES_ERROR: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"Error from server(?: \((?P<code>\w+)\))?: (?P<text>.*)";
    Regex::new(pattern).expect("a constant pattern compiles")
});

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The error's code, such as `AccessDeniedException`, where the tool names one.
    pub(super) code: Option<String>,
    /// One line.
    pub(super) text: String,
}

impl Problem {
    /// Reads what a tool said.
    pub(super) fn of(said: &str) -> Self {
        let line = said.trim();
        let found = AWS_ERROR.captures(line).or_else(|| KUBERNETES_ERROR.captures(line));
        let Some(found) = found else { return Self { code: None, text: line.to_owned() } };
        let code = found.name("code").map(|code| code.as_str().to_owned());
        let text = found.name("text").map_or("", |text| text.as_str()).trim();
        let text = match &code {
            Some(code) if text.is_empty() => code.clone(),
            Some(code) => format!("{code}: {text}"),
            None => text.to_owned(),
        };
        Self { code, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_aws_or_kubernetes_error_is_read() {
        let denied = Problem::of(
            "An error occurred (AccessDeniedException) when calling the ListCertificates operation: User: arn:aws:iam::0:user/x is not authorized to perform: acm:ListCertificates",
        );
        assert_eq!(denied.code.as_deref(), Some("AccessDeniedException"));
        assert!(denied.text.starts_with("AccessDeniedException: User: arn"), "{}", denied.text);
        let retried = Problem::of(
            "aws: [ERROR]: An error occurred (ThrottlingException) when calling the GetAccount operation (reached max retries: 2): Rate exceeded",
        );
        assert_eq!(retried.text, "ThrottlingException: Rate exceeded");
        let forbidden =
            Problem::of(r#"Error from server (Forbidden): pods is forbidden: User "x" cannot list"#);
        assert_eq!(forbidden.code.as_deref(), Some("Forbidden"));
        assert_eq!(Problem::of("aws is not installed").code, None);
    }
}
