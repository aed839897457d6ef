//! Route 53 hosted zone ids.

/// The longest id Route 53 documents (`ResourceId`).
const MAX: usize = 32;

/// Takes an id with or without the `/hostedzone/` that the Route 53 API puts before it.
///
/// AWS's own ids start with Z; emulators' need not.
pub(super) fn check(raw: &str) -> Result<String, String> {
    let id = raw.trim_start_matches('/').strip_prefix("hostedzone/").unwrap_or(raw);
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if !id.is_empty() && id.len() <= MAX && id.bytes().all(allowed) {
        return Ok(id.to_owned());
    }
    let accepted = "a zone id is up to 32 upper-case letters and digits, such as Z0123456789ABC";
    let upper = id.to_ascii_uppercase();
    Err(match !id.is_empty() && id.len() <= MAX && upper.bytes().all(allowed) {
        true => format!("{accepted}; did you mean {upper}?"),
        false if id.contains('.') => format!("{accepted}; this looks like the zone's name"),
        false => accepted.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn ids_of_aws_and_of_emulators_are_taken() {
        for id in ["Z123", "Z1234567890", "Z0123456789ABCDEFGHIJ", "UQGV2Q0Y7AFH"] {
            assert_eq!(check(id), Ok(id.to_owned()));
        }
    }

    #[test]
    fn the_prefix_of_the_api_is_cut_off() {
        assert_eq!(check("/hostedzone/Z123"), Ok("Z123".to_owned()));
        assert_eq!(check("hostedzone/Z123"), Ok("Z123".to_owned()));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        assert!(check("z123").unwrap_err().ends_with("did you mean Z123?"));
        assert!(check("acme.io").unwrap_err().ends_with("this looks like the zone's name"));
        for raw in ["", "Z 1", "Z-1", "Z1;id", "/hostedzone/", &"Z".repeat(33)] {
            assert!(check(raw).is_err(), "{raw}");
        }
    }
}
