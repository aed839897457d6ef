//! What must not leave: the secrets this process knows, and a planted one that proves the redaction.

use provision_planner::Secret;
use provision_prompts::Redactor;

use super::error::LlmError;

/// Parts of the names of variables that hold secrets.
const TELLING: [&str; 9] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"];
/// Ends of names of variables that hold something else: a place, a switch.
const PLACES: [&str; 8] = ["_FILE", "_PATH", "_DIR", "_URL", "_URI", "_ARN", "_NAME", "_ENABLED"];
/// A shorter value is as likely an ordinary word.
const SHORTEST: usize = 6;

/// A redactor that knows the secrets of the environment by value, and `more` besides; with a value planted in
/// every text.
///
/// # Errors
/// When the redaction patterns cannot be used, or the system gives no random bytes.
pub fn redactor<'a>(more: impl IntoIterator<Item = &'a Secret>) -> Result<Redactor, LlmError> {
    let mut known: Vec<Secret> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| is_telling(name) && value.len() >= SHORTEST)
        .map(|(_, value)| Secret::new(value))
        .collect();
    known.extend(more.into_iter().filter(|secret| secret.expose().len() >= SHORTEST).cloned());
    Ok(Redactor::new(&known)?.planting(&canary()?))
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    TELLING.iter().any(|part| name.contains(part)) && !PLACES.iter().any(|end| name.ends_with(end))
}

/// A value that nobody else has.
fn canary() -> Result<Secret, LlmError> {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|error| LlmError::Internal { message: error.to_string() })?;
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    Ok(Secret::new(letters.chain(['7', 'x']).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_tell_secrets_from_places() {
        for secret in [
            "GHCR_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "openai_api_key",
            "PLATFORM_PASSWORD",
            "AWS_ACCESS_KEY_ID",
        ] {
            assert!(is_telling(secret), "{secret}");
        }
        for other in ["AWS_WEB_IDENTITY_TOKEN_FILE", "PATH", "HOME", "SECRET_ARN", "SSH_AUTH_SOCK"] {
            assert!(!is_telling(other), "{other}");
        }
    }

    #[test]
    fn every_planted_value_is_destroyed() {
        for _ in 0..200 {
            let mut redactor = Redactor::new([]).unwrap().planting(&canary().unwrap());
            let text = redactor.redact("stack shop failed\nwith no reason");
            assert_eq!(text.as_str(), "stack shop failed\nwith no reason");
            assert!(redactor.check(&text).is_ok());
        }
    }
}
