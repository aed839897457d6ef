//! What `git clone` and `git fetch` take, without what lets a URL run a command or carry a password.

/// The transports that only move data; `ext::` and other remote helpers run commands.
const SCHEMES: [&str; 5] = ["https", "http", "ssh", "git", "file"];

/// Takes a URL, an scp-like address or a local path.
pub(super) fn check_url(raw: &str) -> Result<String, String> {
    let accepted = "a git URL (https, ssh, file), user@host:path or a local path is expected";
    if raw.trim().is_empty() || raw.starts_with('-') || raw.contains("::") || has_blank(raw) {
        return Err(accepted.to_owned());
    }
    let Some((scheme, rest)) = raw.split_once("://") else {
        return Ok(raw.to_owned());
    };
    if !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(accepted.to_owned());
    }
    let user = rest.split('/').next().and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    let http = scheme.to_ascii_lowercase().starts_with("http");
    match user.is_some_and(|user| user.contains(':') || http) {
        true => Err("leave credentials out of the URL; use a git credential helper or ssh".to_owned()),
        false => Ok(raw.to_owned()),
    }
}

fn has_blank(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' '))
}

/// Takes a branch or tag name by the rules of `git check-ref-format`.
pub(super) fn check_ref(raw: &str) -> Result<String, String> {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
    let bad = raw.starts_with('-')
        || raw.ends_with('.')
        || raw.contains("..")
        || raw.contains("@{")
        || raw == "@"
        || raw.chars().any(forbidden)
        || raw.split('/').any(bad_part);
    match bad {
        true => Err("a branch or tag name is expected".to_owned()),
        false => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_ref, check_url};

    #[test]
    fn what_git_clones_is_taken() {
        for url in [
            "https://github.com/acme/platform.git",
            "ssh://git@git.example.com:2222/infra/pb.git",
            "git@git.example.com:infra/pb.git",
            "file:///srv/git/platform.git",
            "/srv/git/platform",
            "../platform",
        ] {
            assert_eq!(check_url(url), Ok(url.to_owned()));
        }
    }

    #[test]
    fn urls_that_run_commands_or_carry_credentials_are_refused() {
        for url in ["", "ext::sh -c id", "--upload-pack=id", "ftp://x/y", "a\nb"] {
            assert!(check_url(url).is_err(), "{url}");
        }
        for url in ["https://ann:hunter2@example.com/x", "https://ghp_abc@github.com/x"] {
            let refused = check_url(url).unwrap_err();
            assert!(
                refused.contains("credential")
                    && !refused.contains("hunter2")
                    && !refused.contains("ghp_abc")
            );
        }
    }

    #[test]
    fn refs_follow_the_rules_of_git() {
        for name in ["main", "v2.1.0", "feature/x", "2025.06", "hotfix-77"] {
            assert_eq!(check_ref(name), Ok(name.to_owned()));
        }
        for name in ["", "-f", "a..b", "a b", "a^", "x.lock", "a//b", "/a", "a/", "@{1}", "@", ".a", "a."] {
            assert!(check_ref(name).is_err(), "{name}");
        }
    }
}
