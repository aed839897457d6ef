//! Names shown to people, such as the sender of a mail.

const MAX: usize = 128;

/// Takes any text of one line. A line break would let a name write further mail headers.
pub(super) fn check(raw: &str) -> Result<String, String> {
    if raw.trim().is_empty() {
        Err("a name is expected".to_owned())
    } else if raw.chars().any(char::is_control) {
        Err("a name has no line breaks or control characters".to_owned())
    } else if raw.chars().count() > MAX {
        Err(format!("a name has at most {MAX} characters"))
    } else {
        Ok(raw.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn any_single_line_is_a_name() {
        assert_eq!(check("Ci \"Bot\" & Söhne $5"), Ok("Ci \"Bot\" & Söhne $5".to_owned()));
    }

    #[test]
    fn a_line_break_is_refused_since_it_would_start_a_header() {
        assert!(check("Bot\r\nBcc: x@y.z").is_err());
        assert!(check("  ").is_err() && check(&"n".repeat(129)).is_err());
    }
}
