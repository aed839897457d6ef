//! Names of S3 buckets.

/// Takes what S3 takes for a new bucket ("Bucket naming rules", Amazon S3 User Guide). A URL is a mistake for the name.
pub(super) fn check(raw: &str) -> Result<String, String> {
    let accepted = "a bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens";
    let name = raw.strip_prefix("s3://").unwrap_or(raw).split('/').next().unwrap_or_default();
    match (is_name(raw), is_name(name)) {
        (true, _) => Ok(raw.to_owned()),
        (false, true) => Err(format!("{accepted}; did you mean {name}?")),
        (false, false) => Err(accepted.to_owned()),
    }
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(plain) && text.bytes().last().is_some_and(plain);
    let inner = text.bytes().all(|byte| plain(byte) || byte == b'.' || byte == b'-');
    (3..=63).contains(&text.len()) && ends && inner && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_of_buckets_are_taken() {
        for name in ["cf-templates-1a2b-us-east-1", "acme.templates", "abc"] {
            assert_eq!(check(name), Ok(name.to_owned()));
        }
    }

    #[test]
    fn a_url_is_answered_with_its_bucket() {
        assert!(check("s3://acme-templates/stacks").unwrap_err().ends_with("did you mean acme-templates?"));
        for raw in ["ab", "Acme", "-acme", "acme.", "a..b", "acme_templates", &"a".repeat(64)] {
            assert!(check(raw).is_err(), "{raw}");
        }
    }
}
