//! `provision store-token`: a long-lived platform token, issued and kept in Secrets Manager without being shown.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use provision_executor::{self as executor, AwsTarget, IssuedToken, PlatformApi};
use provision_planner::Secret;
use serde_json::{Value, json};

use super::access;
use super::args::StoreTokenArgs;
use crate::cli::Global;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::terminal::{self, DIM, GOOD, paint, safe};

/// The schema name of what `store-token --json` prints.
const SCHEMA: &str = "provision.stored-token/v1";
/// What the secret's description says.
const DESCRIPTION: &str = "Platform token for the pipeline platform's Lambdas";
/// One day.
const DAY: u64 = 24 * 60 * 60;

/// Where the token goes and what is known of it before it is issued.
#[derive(Debug)]
struct Place {
    name: String,
    org: String,
    region: String,
    days: u64,
    scope: Option<String>,
    platform: String,
}

/// Issues, stores, and says where.
///
/// # Errors
/// A usage error before anything is asked; what the platform or Secrets Manager refuses.
pub async fn run(args: &StoreTokenArgs, global: &Global) -> Result<Exit, CommandError> {
    let vars = executor::variables();
    let region = access::region(args.region.as_deref(), &vars)?;
    let api = PlatformApi::connect(access::platform(&args.platform, &vars)?).await?;
    let place = place(args, &vars, &api, region)?;
    if args.dry_run {
        return show(&document(&place, None, None), global);
    }
    let now = Timestamp::now();
    let issued = api.generate_token(place.days * DAY, place.scope.as_deref()).await?;
    let expires = expiry(now, issued.expires_in)?;
    let target = AwsTarget { region: Some(place.region.clone()), profile: args.profile.clone() };
    let value = secret_value(&place, &issued, now, expires);
    let stored = executor::store_secret(&target, &place.name, DESCRIPTION, &value).await?;
    show(&document(&place, Some((&stored.arn, stored.created)), Some(expires)), global)
}

fn place(
    args: &StoreTokenArgs,
    vars: &BTreeMap<String, String>,
    api: &PlatformApi,
    region: String,
) -> Result<Place, CommandError> {
    let override_name = vars.get("PLATFORM_SECRET_NAME").filter(|name| !name.is_empty()).cloned();
    let org = executor::claims_organization(api.token()).ok_or_else(|| CommandError::Usage {
        message: "the platform's token names no organisation, so the secret cannot be named".to_owned(),
        hint: Some("log in as a user of an organisation, or renew PLATFORM_TOKEN".to_owned()),
    })?;
    let name = override_name.unwrap_or_else(|| secret_name(&org, args.scope.as_deref()));
    let platform = api.base_url().to_owned();
    Ok(Place { name, org, region, days: args.days, scope: args.scope.clone(), platform })
}

/// The documented name: the organisation, then `platform` or the scope with dashes for what is no letter or digit.
pub fn secret_name(org: &str, scope: Option<&str>) -> String {
    let dashed =
        |scope: &str| scope.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let last: String = scope.map_or_else(|| "platform".to_owned(), dashed);
    format!("pipeline-builder/{org}/{last}")
}

fn expiry(now: Timestamp, seconds: u64) -> Result<Timestamp, CommandError> {
    let seconds = i64::try_from(seconds).map_err(CommandError::internal)?;
    now.checked_add(SignedDuration::from_secs(seconds)).map_err(CommandError::internal)
}

/// The documented JSON of the secret.
fn secret_value(place: &Place, issued: &IssuedToken, now: Timestamp, expires: Timestamp) -> Secret {
    let mut value = json!({
        "username": place.org,
        "password": issued.access.expose(),
        "platformUrl": place.platform,
        "expiresIn": issued.expires_in,
        "expiresAt": expires.to_string(),
        "createdAt": now.to_string(),
    });
    if let (Some(refresh), Some(fields)) = (&issued.refresh, value.as_object_mut()) {
        fields.insert("refreshToken".to_owned(), refresh.expose().into());
    }
    Secret::new(value.to_string())
}

fn document(place: &Place, stored: Option<(&str, bool)>, expires: Option<Timestamp>) -> Value {
    json!({
        "schema": SCHEMA,
        "dry_run": stored.is_none(),
        "secret": place.name,
        "region": place.region,
        "organization": place.org,
        "scope": place.scope,
        "platform": place.platform,
        "days": place.days,
        "arn": stored.map(|(arn, _)| arn),
        "created": stored.map(|(_, created)| created),
        "expires_at": expires.map(|expires| expires.to_string()),
    })
}

fn show(document: &Value, global: &Global) -> Result<Exit, CommandError> {
    let text = if global.wants_json() {
        serde_json::to_string_pretty(document).map_err(CommandError::internal)? + "\n"
    } else {
        text(document)
    };
    terminal::out(&text);
    Ok(Exit::Done)
}

fn text(document: &Value) -> String {
    let field = |name: &str| safe(document[name].as_str().unwrap_or("–"));
    let scope =
        document["scope"].as_str().map_or_else(String::new, |scope| format!(", scope {}", safe(scope)));
    let (secret, region) = (field("secret"), field("region"));
    if document["dry_run"] == true {
        return format!(
            "Would have a token issued by {} for {} days{scope}\nand store it as {secret} in {region}. Nothing was changed.\n",
            field("platform"),
            document["days"],
        );
    }
    let did = if document["created"] == true { "created" } else { "got a new version" };
    format!(
        "{} {secret} in {region} {did}{scope}\n  valid until {}\n  {}\n",
        paint(GOOD, "✓"),
        field("expires_at"),
        paint(DIM, "the token is in the secret only; it was not printed"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_named_after_the_organisation_and_the_scope() {
        assert_eq!(secret_name("orchard", None), "pipeline-builder/orchard/platform");
        assert_eq!(
            secret_name("orchard", Some("reporting:ingest")),
            "pipeline-builder/orchard/reporting-ingest"
        );
    }
}
