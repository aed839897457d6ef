//! Where a request may go: nowhere, to this machine, or anywhere.

use std::net::IpAddr;

use clap::ValueEnum;
use serde::Deserialize;
use url::{Host, Url};

use super::error::LlmError;

/// How far a request to a model may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Egress {
    /// Nothing is sent at all
    None,
    /// Only to this machine: a loopback address
    Local,
    /// Anywhere the provider is
    #[default]
    Any,
}

impl Egress {
    /// The address, if a request may go there.
    ///
    /// # Errors
    /// When it is no web address, or the policy keeps requests from it.
    pub fn admit(self, address: &str) -> Result<Url, LlmError> {
        let unusable =
            |reason: &str| LlmError::Address { address: shown(address), reason: reason.to_owned() };
        let url = Url::parse(address).map_err(|error| unusable(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(unusable("it does not begin with http:// or https:// and a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("a name or password stands in it; the key belongs into its variable"));
        }
        match self {
            Self::Any => Ok(url),
            Self::Local if is_local(&url) => Ok(url),
            Self::Local | Self::None => Err(LlmError::Egress { policy: self.name(), host: host(&url) }),
        }
    }

    /// As the flag names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Local => "local",
            Self::Any => "any",
        }
    }
}

/// Whether the address is a loopback one. Names are not looked up, but for `localhost`, which is pinned to loopback
/// when a request is made.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Host and port, for people.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// An address for a message, without what may be a password.
fn shown(address: &str) -> String {
    let end = address.rfind('@').map_or(0, |at| at + 1);
    let start = if end > 0 { "***@" } else { "" };
    format!("{start}{}", address[end..].chars().take(120).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_is_this_machine_and_nothing_else() {
        for local in
            ["http://127.0.0.1:1/v1", "http://localhost:1/v1", "http://[::1]:1/v1", "http://127.9.9.9/v1"]
        {
            assert!(Egress::Local.admit(local).is_ok(), "{local}");
            assert!(Egress::None.admit(local).is_err(), "{local}");
        }
        let away = [
            "https://api.openai.com/v1",
            "http://127.0.0.1.evil.example/v1",
            "http://localhost.evil.example/v1",
            "http://10.0.0.1/v1",
            "http://169.254.169.254/v1",
            "http://0.0.0.0/v1",
            "http://[::ffff:10.0.0.1]/v1",
        ];
        for away in away {
            assert!(matches!(Egress::Local.admit(away), Err(LlmError::Egress { .. })), "{away}");
            assert!(Egress::Any.admit(away).is_ok(), "{away}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused_without_showing_a_password() {
        for bad in ["", "localhost:1", "file:///etc/passwd", "ftp://x/y", "unix:/x"] {
            assert!(matches!(Egress::Any.admit(bad), Err(LlmError::Address { .. })), "{bad}");
        }
        let error = Egress::Any.admit("https://me:hunter22@host.example/v1").unwrap_err().to_string();
        assert!(!error.contains("hunter22") && error.contains("host.example"), "{error}");
    }
}
