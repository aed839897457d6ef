//! Names of EC2 key pairs.

/// The longest name EC2 takes (`CreateKeyPair`: up to 255 ASCII characters).
const MAX: usize = 255;

/// Takes what EC2 takes: ASCII without control characters and outer blanks. A path is a mistake for the file's name.
pub(super) fn check(raw: &str) -> Result<String, String> {
    let printable = raw.bytes().all(|b| (0x20..0x7f).contains(&b));
    if raw.is_empty() || !printable || raw.len() > MAX || raw.trim() != raw {
        return Err(format!("a key pair's name is 1 to {MAX} printable ASCII characters"));
    }
    match raw.rsplit_once('/').and_then(|(_, file)| file.strip_suffix(".pem")) {
        Some(stem) if !stem.is_empty() => {
            Err(format!("the key pair's name is expected, not its file; did you mean {stem}?"))
        }
        _ => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_of_key_pairs_are_taken() {
        for name in ["my-keypair", "prod_key.2", "Ops key (2026)"] {
            assert_eq!(check(name), Ok(name.to_owned()));
        }
    }

    #[test]
    fn a_key_file_is_answered_with_its_name() {
        assert!(check("~/.ssh/ops.pem").unwrap_err().ends_with("did you mean ops?"));
        assert!(check("").is_err() && check(" ops").is_err() && check("schlüssel").is_err());
    }
}
