//! Secrets out of what is shown on this machine: what identifies something stays readable.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::patterns::SECRETS;
use super::{PASSES, Redactor};
use crate::error::PromptsError;

/// The shortest token that no name stands before and no prefix tells.
const LONG_RUN: usize = 32;
/// Where the list of hints ends in the file of patterns.
const REST: &str = "\n[words]";

static HINTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let head = SECRETS.split_once(REST).map_or(SECRETS, |(head, _)| head);
    let hints: Hints = toml::from_str(head).ok()?;
    AhoCorasick::builder().ascii_case_insensitive(true).build(&hints.hints).ok()
});
static REDACTOR: LazyLock<Result<Redactor, PromptsError>> = LazyLock::new(|| Redactor::new([]));

#[derive(Deserialize)]
struct Hints {
    hints: Vec<String>,
}

/// Whether a text may hold a secret; quick, so that the patterns are read and compiled only for such a text.
pub fn may_hold_secret(text: &str) -> bool {
    let Some(hints) = HINTS.as_ref() else { return true };
    // the id of a request, which nearly every failure has
    let without = |range: std::ops::Range<usize>| !text[..range.start].ends_with("Request");
    has_long_run(text) || hints.find_iter(text).any(|found| without(found.range()))
}

/// Whether so many letters and digits stand in a row that they may be random.
fn has_long_run(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| run.len() >= LONG_RUN)
}

/// The text with every secret that is known by its looks as `[secret:kind]`; identifiers stay.
///
/// # Errors
/// When the pattern files do not parse; their tests prove that they do.
pub fn without_secrets(text: &str) -> Result<Cow<'_, str>, PromptsError> {
    if !may_hold_secret(text) {
        return Ok(Cow::Borrowed(text));
    }
    let redactor = REDACTOR.as_ref().map_err(PromptsError::patterns)?;
    let mut shown = Cow::Borrowed(text);
    for _ in 0..PASSES {
        match redactor.destroyed(&shown) {
            Some(next) => shown = Cow::Owned(next),
            None => break,
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_identifiers_stay() {
        let text = "arn:aws:iam::111122223333:role/orchard by ops@orchard.example at https://ops:h0rse-battery@git.example/x";
        assert_eq!(
            without_secrets(text).expect("patterns"),
            "arn:aws:iam::111122223333:role/orchard by ops@orchard.example at https://ops:[secret:url-password]@git.example/x"
        );
    }

    #[test]
    fn the_id_of_a_request_is_no_reason_to_look() {
        assert!(!may_hold_secret(
            "Bucket orchard exists (RequestToken: 0a1b, HandlerErrorCode: AlreadyExists)"
        ));
        assert!(may_hold_secret("token=x"));
    }
}
