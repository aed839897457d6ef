//! Free text: a template's parameter, a tag.

use super::{either, nearest};

/// The longest value that a parameter of a template takes, in bytes ("CloudFormation quotas", AWS).
const MAX: usize = 4096;

/// Takes any text of a length that CloudFormation does.
pub(super) fn check(raw: &str) -> Result<String, String> {
    match raw.len() > MAX || raw.contains('\0') {
        true => Err(format!("at most {MAX} bytes of text are accepted")),
        false => Ok(raw.to_owned()),
    }
}

/// Takes one of `words`, exactly: a template compares them by case.
pub(super) fn check_one_of(raw: &str, words: &[String]) -> Result<String, String> {
    if words.iter().any(|word| word == raw) {
        return Ok(raw.to_owned());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Err(match nearest(raw, words.iter().copied()) {
        Some(word) => format!("must be {}; did you mean {word}?", either(&words)),
        None => format!("must be {}", either(&words)),
    })
}

#[cfg(test)]
mod tests {
    use super::{check, check_one_of};

    #[test]
    fn text_is_taken_up_to_the_length_that_the_service_takes() {
        assert!(check("").is_ok() && check("a b=c\n").is_ok() && check(&"x".repeat(4097)).is_err());
    }

    #[test]
    fn an_allowed_value_is_taken_in_its_own_case_only() {
        let words = ["public".to_owned(), "private".to_owned()];
        assert!(check_one_of("public", &words).is_ok());
        assert!(check_one_of("Public", &words).unwrap_err().ends_with("did you mean public?"));
    }
}
