//! Paths on this machine.

/// Takes anything a file system does, short of control characters.
pub(super) fn check(raw: &str) -> Result<String, String> {
    match raw.trim().is_empty() || raw.chars().any(char::is_control) {
        true => Err("a path is expected".to_owned()),
        false => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_path_may_hold_blanks_but_no_line_breaks() {
        assert!(check("/srv/my checkout").is_ok() && check("../pb").is_ok());
        assert!(check(" ").is_err() && check("a\nb").is_err());
    }
}
