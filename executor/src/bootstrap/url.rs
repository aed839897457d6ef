//! Repository URLs as git takes them: which ones mean the same repository, and the passwords in them.

use std::path::Path;

use provision_planner::Secret;
use url::Url;

/// What git is given: a local path made absolute, anything else as it is.
pub(super) fn resolve(source: &str, base: &Path) -> String {
    let path = base.join(source);
    if path.exists() { path.to_string_lossy().into_owned() } else { source.to_owned() }
}

/// The password in a URL, if there is one.
pub(crate) fn password(source: &str) -> Option<Secret> {
    let url = Url::parse(source).ok()?;
    url.password().map(|password| Secret::new(password.to_owned()))
}

/// The URL as it may be shown.
pub(super) fn without_password(source: &str) -> String {
    match Url::parse(source) {
        Ok(mut url) if url.password().is_some() => {
            // Fails only for URLs that cannot have a password.
            let _ = url.set_password(None);
            url.to_string()
        }
        _ => source.to_owned(),
    }
}

/// Whether two URLs name the same repository, whatever the protocol: `git@host:a/b.git` is `https://host/a/b`.
pub(super) fn same_repository(a: &str, b: &str, base: &Path) -> bool {
    identity(a, base) == identity(b, base)
}

fn identity(source: &str, base: &Path) -> String {
    let local = source.strip_prefix("file://").unwrap_or(source);
    if let Ok(path) = base.join(local).canonicalize() {
        return bare(&path.to_string_lossy()).to_owned();
    }
    match Url::parse(source) {
        Ok(url) if url.has_host() => {
            format!("{}/{}", url.host_str().unwrap_or_default(), bare(url.path())).to_lowercase()
        }
        _ => scp(source).to_lowercase(),
    }
}

/// `user@host:path`, the form that ssh users write.
fn scp(source: &str) -> String {
    match source.split_once(':') {
        Some((host, path)) => format!("{}/{}", host.rsplit('@').next().unwrap_or(host), bare(path)),
        None => bare(source).to_owned(),
    }
}

fn bare(path: &str) -> &str {
    let path = path.trim_matches('/');
    path.strip_suffix("/.git").or_else(|| path.strip_suffix(".git")).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_many_spellings() {
        let base = Path::new("/nowhere");
        let https = "https://example.com/acme/platform.git";
        for same in [
            "https://example.com/acme/platform",
            "https://someone@example.com/acme/platform.git/",
            "git@example.com:acme/platform.git",
            "ssh://git@example.com/acme/platform.git",
        ] {
            assert!(same_repository(https, same, base), "{same}");
        }
        assert!(!same_repository(https, "https://example.com/other/platform.git", base));
        assert!(!same_repository(https, "https://example.org/acme/platform.git", base));
    }

    #[test]
    fn a_password_is_found_and_not_shown() {
        let url = "https://bot:s3cr3t-value@example.com/acme/platform.git";
        assert_eq!(password(url).unwrap().expose(), "s3cr3t-value");
        assert_eq!(without_password(url), "https://bot@example.com/acme/platform.git");
        assert_eq!(without_password("../platform"), "../platform");
    }
}
