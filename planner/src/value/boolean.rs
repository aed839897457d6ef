//! Switches.

/// Takes the words people and configuration files use for on and off.
pub(super) fn check(raw: &str) -> Result<bool, String> {
    match raw.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("a switch: true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn words_for_on_and_off_are_taken_and_others_are_not() {
        assert!(["true", "Yes", "on", "1"].iter().all(|word| check(word) == Ok(true)));
        assert!(["false", "NO", "off", "0"].iter().all(|word| check(word) == Ok(false)));
        assert!(check("maybe").is_err());
    }
}
