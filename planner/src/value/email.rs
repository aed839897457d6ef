//! E-mail addresses.

use super::domain;

/// The longest local part (RFC 5321).
const MAX_LOCAL: usize = 64;

/// Takes an address whose domain is fully qualified.
pub(super) fn check(raw: &str) -> Result<String, String> {
    address(raw, true)
}

/// Takes an account name in the form of an address; its domain may be a single label.
pub(super) fn check_account(raw: &str) -> Result<String, String> {
    address(raw, false)
}

fn address(raw: &str, dotted: bool) -> Result<String, String> {
    let good = raw
        .rsplit_once('@')
        .is_some_and(|(local, host)| is_local(local) && domain::is_host(&host.to_ascii_lowercase(), dotted));
    match good {
        true => Ok(raw.to_owned()),
        false if raw.contains(['<', '>']) => {
            Err("only the address is expected, without a name or angle brackets".to_owned())
        }
        false if !raw.contains('@') => Err("not an e-mail address: there is no @".to_owned()),
        false => Err("not an e-mail address; one such as ops@example.com is expected".to_owned()),
    }
}

fn is_local(local: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    !local.is_empty() && local.len() <= MAX_LOCAL && local.bytes().all(allowed) && !dots
}

#[cfg(test)]
mod tests {
    use super::{check, check_account};

    #[test]
    fn addresses_are_taken_as_they_are() {
        for address in ["ops@acme.io", "First.Last+tag@mail.example.com", "o'neil@example.com"] {
            assert_eq!(check(address), Ok(address.to_owned()));
        }
    }

    #[test]
    fn only_an_account_may_have_a_domain_of_one_label() {
        assert_eq!(check_account("admin@internal"), Ok("admin@internal".to_owned()));
        assert!(check("admin@internal").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for raw in [
            "",
            "ops",
            "@acme.io",
            "ops@",
            "a@b@",
            "a..b@acme.io",
            ".a@acme.io",
            "a b@acme.io",
            "a@acme.io\nBcc:x",
        ] {
            assert!(check(raw).is_err(), "{raw}");
        }
        assert!(check("Ops <ops@acme.io>").unwrap_err().contains("without a name"));
    }
}
