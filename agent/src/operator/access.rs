//! Who is asking the platform, and which regions are meant: from flags, the environment, or the person at the terminal.

use std::collections::BTreeMap;

use provision_executor::{
    PlatformAccess, PlatformApi, PlatformCredentials, claims_organization, platform_base,
};
use provision_planner::{Secret, regions};

use super::args::PlatformArgs;
use crate::error::CommandError;
use crate::gate;
use crate::terminal;

/// How to reach the platform's API.
///
/// # Errors
/// A usage error when the URL or the credentials are missing and there is nobody to ask.
pub fn platform(
    args: &PlatformArgs,
    vars: &BTreeMap<String, String>,
) -> Result<PlatformAccess, CommandError> {
    let base_url = url(args)?;
    Ok(PlatformAccess { base_url, credentials: credentials(vars)?, verify_tls: !args.no_verify_ssl })
}

/// The platform's URL.
///
/// # Errors
/// A usage error when it is missing or no URL of a platform.
pub fn url(args: &PlatformArgs) -> Result<String, CommandError> {
    let hint =
        || Some("pass --platform-url, or set PLATFORM_BASE_URL, such as https://ci.acme.io".to_owned());
    let missing =
        || CommandError::Usage { message: "the platform's URL is missing".to_owned(), hint: hint() };
    let url = args.platform_url.clone().filter(|url| !url.is_empty()).ok_or_else(missing)?;
    let base = platform_base(&url)
        .map_err(|error| CommandError::Usage { message: error.to_string(), hint: hint() })?;
    Ok(base.as_str().trim_end_matches('/').to_owned())
}

/// The organisation of whoever asks the platform.
///
/// # Errors
/// A usage error when a token names none.
pub fn organization(api: &PlatformApi) -> Result<String, CommandError> {
    claims_organization(api.token()).ok_or_else(|| CommandError::Usage {
        message: "the platform's token names no organisation, so the secret cannot be named".to_owned(),
        hint: Some("log in as a user of an organisation, or renew PLATFORM_TOKEN".to_owned()),
    })
}

/// The secret's documented name: the organisation, then `platform`, or the scope with dashes for what is no letter or
/// digit.
pub fn secret_name(org: &str, scope: Option<&str>) -> String {
    let dashed =
        |scope: &str| scope.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let last: String = scope.map_or_else(|| "platform".to_owned(), dashed);
    format!("pipeline-builder/{org}/{last}")
}

/// The name that the environment gives the secret instead.
pub fn named_secret(vars: &BTreeMap<String, String>) -> Option<String> {
    vars.get("PLATFORM_SECRET_NAME").filter(|name| !name.is_empty()).cloned()
}

/// A token, else a login from the environment, else a login asked for.
fn credentials(vars: &BTreeMap<String, String>) -> Result<PlatformCredentials, CommandError> {
    let set = |name: &str| vars.get(name).filter(|value| !value.is_empty()).cloned();
    if let Some(token) = set("PLATFORM_TOKEN") {
        return Ok(PlatformCredentials::Token(Secret::new(token)));
    }
    if let (Some(identifier), Some(password)) = (set("PLATFORM_IDENTIFIER"), set("PLATFORM_PASSWORD")) {
        return Ok(PlatformCredentials::Login { identifier, password: Secret::new(password) });
    }
    if !terminal::is_interactive() {
        return Err(CommandError::Usage {
            message: "no credentials for the platform".to_owned(),
            hint: Some("set PLATFORM_TOKEN, or PLATFORM_IDENTIFIER and PLATFORM_PASSWORD".to_owned()),
        });
    }
    let identifier = match set("PLATFORM_IDENTIFIER") {
        Some(identifier) => identifier,
        None => gate::ask("Platform user (e-mail): ", "no PLATFORM_TOKEN")?,
    };
    let password = rpassword::prompt_password("Platform password: ").map_err(CommandError::internal)?;
    Ok(PlatformCredentials::Login { identifier, password: Secret::new(password) })
}

/// The one region that a command works in: the flag's, else what the environment names, else `us-east-1`.
///
/// # Errors
/// A usage error for a code that is no region.
pub fn region(flag: Option<&str>, vars: &BTreeMap<String, String>) -> Result<String, CommandError> {
    let set = |name: &str| vars.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let chosen = flag.or_else(|| set("AWS_REGION")).or_else(|| set("CDK_DEFAULT_REGION"));
    checked(chosen.unwrap_or("us-east-1"))
}

/// A region's code, checked.
///
/// # Errors
/// A usage error for a code that is no region.
pub fn checked(code: &str) -> Result<String, CommandError> {
    if let Some(region) = regions::find(code) {
        return Ok(region.code.clone());
    }
    let near = regions::suggest(code).join(" or ");
    let guess = if near.is_empty() { String::new() } else { format!("; did you mean {near}?") };
    Err(CommandError::usage(format!("--region {code}: no such AWS region{guess}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_region_is_the_flags_then_the_environments_then_the_default() {
        let both = vars(&[("AWS_REGION", "eu-west-1"), ("CDK_DEFAULT_REGION", "us-west-2")]);
        assert_eq!(region(Some("eu-north-1"), &both).ok().as_deref(), Some("eu-north-1"));
        assert_eq!(region(None, &both).ok().as_deref(), Some("eu-west-1"));
        assert_eq!(
            region(None, &vars(&[("CDK_DEFAULT_REGION", "us-west-2")])).ok().as_deref(),
            Some("us-west-2")
        );
        assert_eq!(region(None, &vars(&[])).ok().as_deref(), Some("us-east-1"));
        assert!(region(Some("us-esat-1"), &both).is_err());
    }

    #[test]
    fn the_secret_is_named_after_the_organisation_and_the_scope() {
        assert_eq!(secret_name("orchard", None), "pipeline-builder/orchard/platform");
        assert_eq!(
            secret_name("orchard", Some("reporting:ingest")),
            "pipeline-builder/orchard/reporting-ingest"
        );
    }

    #[test]
    fn a_token_wins_over_a_login() {
        let found = credentials(&vars(&[
            ("PLATFORM_TOKEN", "t"),
            ("PLATFORM_IDENTIFIER", "ops@acme.io"),
            ("PLATFORM_PASSWORD", "p"),
        ]));
        assert!(matches!(found, Ok(PlatformCredentials::Token(_))));
    }
}
