//! Fully qualified domain names.

/// The longest name DNS carries, in its written form (RFC 1035, without the root dot).
const MAX_NAME: usize = 253;
/// The longest label (RFC 1035).
const MAX_LABEL: usize = 63;

/// Takes a host name of at least two labels; lower case from here on.
pub(super) fn check(raw: &str) -> Result<String, String> {
    let name = raw.to_ascii_lowercase();
    match fault(&name) {
        None => Ok(name),
        Some(fault) => Err(match repaired(&name) {
            Some(better) => format!("{fault}; did you mean {better}?"),
            None => format!("{fault}; a name such as ci.example.com is expected"),
        }),
    }
}

/// Whether a name is a host name; with `dotted`, one of at least two labels.
pub(super) fn is_host(name: &str, dotted: bool) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    name.len() <= MAX_NAME && labels.iter().all(|label| is_label(label)) && (!dotted || labels.len() > 1)
}

fn fault(name: &str) -> Option<String> {
    let labels: Vec<&str> = name.split('.').collect();
    if name.contains("://") || name.contains('/') {
        Some("a domain name has no scheme and no path".to_owned())
    } else if name.contains('*') {
        Some("a wildcard is not a domain name".to_owned())
    } else if name.len() > MAX_NAME {
        Some(format!("a domain name has at most {MAX_NAME} characters"))
    } else if let Some(label) = labels.iter().find(|label| !is_label(label)) {
        Some(label_fault(label))
    } else if labels.len() < 2 {
        Some("not a fully qualified domain name".to_owned())
    } else {
        let last = labels.last()?;
        last.bytes().all(|b| b.is_ascii_digit()).then(|| "an address is not a domain name".to_owned())
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !label.is_empty()
        && label.len() <= MAX_LABEL
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn label_fault(label: &str) -> String {
    if label.is_empty() {
        "not a domain name: a label is empty".to_owned()
    } else if label.len() > MAX_LABEL {
        format!("not a domain name: a label has more than {MAX_LABEL} characters")
    } else {
        "not a domain name: a label may hold letters, digits and inner hyphens".to_owned()
    }
}

/// The name without a scheme, path, port, user or outer dots, in its ASCII form, if that is one.
fn repaired(name: &str) -> Option<String> {
    let bare = name.split_once("://").map_or(name, |(_, rest)| rest);
    let bare = bare.split(['/', ':', '?', '#']).next()?.trim_start_matches("*.").trim_matches('.').trim();
    let ascii = match url::Host::parse(bare).ok()? {
        url::Host::Domain(domain) => domain.replace('_', "-"),
        _ => return None,
    };
    fault(&ascii).is_none().then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn host_names_are_taken_in_lower_case() {
        for name in
            ["pipeline.example.com", "a.io", "xn--bcher-kva.example", "1and1.example", "a-b.c-d.example"]
        {
            assert_eq!(check(name), Ok(name.to_owned()));
        }
        assert_eq!(check("CI.Example.COM"), Ok("ci.example.com".to_owned()));
    }

    #[test]
    fn what_is_nearly_a_domain_is_answered_with_the_domain() {
        for raw in ["https://ci.example.com/", "ci.example.com.", "*.ci.example.com", "ci.example.com:8443"] {
            let refused = check(raw).unwrap_err();
            assert!(refused.ends_with("did you mean ci.example.com?"), "{raw}: {refused}");
        }
        assert!(check("bücher.example").unwrap_err().ends_with("did you mean xn--bcher-kva.example?"));
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        for raw in [
            "",
            "localhost",
            "-a.example",
            "a-.example",
            "a..b",
            "10.0.0.1",
            "a b.example",
            "$(id).example",
            &long,
        ] {
            assert!(check(raw).is_err(), "{raw}");
        }
    }
}
