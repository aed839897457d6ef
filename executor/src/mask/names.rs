//! Which variables hold a secret, judged by their names.

/// Whether a variable of this name usually holds a secret.
pub(crate) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let telling =
        ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "PRIVATE_KEY", "ENCRYPTION_KEY"];
    // A file that holds a token is not the token.
    let place =
        ["_FILE", "_PATH", "_DIR", "_URL", "_URI", "_ARN", "_NAME", "_ID", "_TTL", "_EXPIRY", "_EXPIRES_IN"];
    telling.iter().any(|word| name.contains(word)) && !place.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_of_places() {
        for name in
            ["AWS_SECRET_ACCESS_KEY", "GHCR_TOKEN", "POSTGRES_PASSWORD", "openai_api_key", "JWT_SECRET"]
        {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["AWS_WEB_IDENTITY_TOKEN_FILE", "HOME", "PLATFORM_SECRET_NAME", "KEYBOARD", "TOKEN_TTL"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
