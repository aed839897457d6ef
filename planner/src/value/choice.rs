//! One of a fixed set of words.

use super::{either, nearest};

/// Takes one of `words`, in any case.
pub(super) fn check(raw: &str, words: &[&str]) -> Result<String, String> {
    if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(raw)) {
        return Ok((*word).to_owned());
    }
    let accepted = either(words);
    Err(match nearest(raw, words.iter().copied()) {
        Some(word) => format!("must be {accepted}; did you mean {word}?"),
        None => format!("must be {accepted}"),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    const MODES: [&str; 2] = ["private", "public"];

    #[test]
    fn a_word_is_taken_in_any_case() {
        assert_eq!(check("Public", &MODES), Ok("public".to_owned()));
    }

    #[test]
    fn a_misspelt_word_is_answered_with_the_near_one() {
        assert_eq!(check("pubic", &MODES), Err("must be private or public; did you mean public?".to_owned()));
        assert_eq!(check("vpn", &MODES), Err("must be private or public".to_owned()));
    }
}
