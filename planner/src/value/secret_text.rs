//! Tokens and passwords. No message here repeats any part of the value.

/// The prefixes of GitHub's token kinds (GitHub docs, "Token formats").
const PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
/// The length of a classic token from before prefixes: 40 hexadecimal digits.
const CLASSIC: usize = 40;

/// Takes a GitHub token of any kind.
pub(super) fn check_github_token(raw: &str) -> Result<String, String> {
    let word = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let prefixed = PREFIXES.iter().any(|prefix| raw.strip_prefix(prefix).is_some_and(word));
    let classic = raw.len() == CLASSIC && raw.bytes().all(|b| b.is_ascii_hexdigit());
    match prefixed || classic {
        true => Ok(raw.to_owned()),
        false => Err("not a GitHub token: one starts with ghp_ or github_pat_ and has no blanks".to_owned()),
    }
}

/// Takes any text of one line.
pub(super) fn check_password(raw: &str) -> Result<String, String> {
    match raw.is_empty() || raw.chars().any(char::is_control) {
        true => Err("a password is expected, without line breaks or control characters".to_owned()),
        false => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_github_token, check_password};

    #[test]
    fn tokens_of_every_kind_are_taken() {
        for token in
            ["ghp_xxx", "github_pat_11AA_bb", "ghs_abc123", "0123456789abcdef0123456789abcdef01234567"]
        {
            assert_eq!(check_github_token(token), Ok(token.to_owned()));
        }
    }

    #[test]
    fn a_refusal_never_repeats_the_value() {
        for raw in ["", "sesame", "ghp_", "ghp_a b", "<token>", "ghp_a\"b", "ghp_abc\n"] {
            let refused = check_github_token(raw).unwrap_err();
            assert!(raw.is_empty() || raw == "ghp_" || !refused.contains(raw), "{refused}");
        }
        assert!(!check_password("hunter2\n").unwrap_err().contains("hunter2"));
    }

    #[test]
    fn a_password_may_hold_any_visible_character() {
        assert_eq!(check_password("s3'c\"r$e`t \\!"), Ok("s3'c\"r$e`t \\!".to_owned()));
    }
}
