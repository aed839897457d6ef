//! Long-lived tokens: issuing one, and what a token says about its organisation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provision_planner::Secret;
use serde_json::{Value, json};

use super::PlatformApi;
use super::http::access_token;
use crate::error::ExecutorError;

const ROUTE: &str = "api/user/generate-token";

/// A token as the platform issued it.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The token itself.
    pub access: Secret,
    /// What renews it, where the platform issues that.
    pub refresh: Option<Secret>,
    /// How long it is valid, in seconds, as the platform says; else as asked for.
    pub expires_in: u64,
}

impl PlatformApi {
    /// Has a token issued that is valid for `seconds`, for one scope or for everything the user may do.
    ///
    /// # Errors
    /// [`ExecutorError::Platform`].
    pub async fn generate_token(
        &self,
        seconds: u64,
        scope: Option<&str>,
    ) -> Result<IssuedToken, ExecutorError> {
        let mut body = json!({ "expiresIn": seconds });
        if let (Some(scope), Some(body)) = (scope, body.as_object_mut()) {
            body.insert("scope".to_owned(), scope.into());
        }
        let answer = self.post(ROUTE, &body).await?;
        let access =
            access_token(&answer).ok_or_else(|| self.problem(ROUTE, "the answer has no accessToken"))?;
        let body = answer.get("data").unwrap_or(&answer);
        let refresh = body.get("refreshToken").and_then(Value::as_str).filter(|token| !token.is_empty());
        Ok(IssuedToken {
            access,
            refresh: refresh.map(|token| Secret::new(token.to_owned())),
            expires_in: body.get("expiresIn").and_then(Value::as_u64).unwrap_or(seconds),
        })
    }
}

/// The `organizationId` in a token's payload. The signature is not checked: the platform issued the token, and the
/// organisation only names the secret that it is stored under.
pub fn claims_organization(token: &Secret) -> Option<String> {
    let payload = token.expose().split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    claims.get("organizationId")?.as_str().filter(|org| !org.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisation_is_read_from_the_payload() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"organizationId":"orchard","sub":"u1"}"#);
        let token = Secret::new(format!("e30.{payload}.c2ln"));
        assert_eq!(claims_organization(&token).as_deref(), Some("orchard"));
        assert_eq!(claims_organization(&Secret::new("opaque".to_owned())), None);
    }
}
