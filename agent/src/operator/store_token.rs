//! `provision store-token`: a long-lived platform token, issued and kept in Secrets Manager without being shown; with a
//! schedule also the stack that renews it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use provision_executor::{self as executor, AwsTarget, IssuedToken, PlatformApi, StoredSecret};
use provision_planner::Secret;
use serde_json::{Value, json};

use super::args::StoreTokenArgs;
use super::stack::{Prepared, pretty};
use super::{access, renewal};
use crate::cli::Global;
use crate::commands::{consent, provision};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::gate::Consent;
use crate::terminal::{self, DIM, GOOD, paint, safe};

/// The schema name of what `store-token --json` prints.
const SCHEMA: &str = "provision.stored-token/v1";
/// What the secret's description says.
const DESCRIPTION: &str = "Platform token for the pipeline platform's Lambdas";
/// One day.
const DAY: u64 = 24 * 60 * 60;

/// Where the token goes and what is known of it before it is issued.
#[derive(Debug)]
pub struct Place {
    /// The secret's name.
    pub name: String,
    /// The organisation.
    pub org: String,
    /// The region.
    pub region: String,
    /// How long the token is valid.
    pub days: u64,
    /// What it may do; absent for everything that its user may.
    pub scope: Option<String>,
    platform: String,
}

/// What was stored.
struct Stored {
    secret: StoredSecret,
    expires: Timestamp,
}

/// Issues, stores, and says where; with a schedule, deploys what renews it, once that is approved.
///
/// # Errors
/// A usage error before anything is asked; what the platform, Secrets Manager or the gate refuses.
pub async fn run(args: &StoreTokenArgs, global: &Global) -> Result<Exit, CommandError> {
    let vars = executor::variables();
    let schedule = renewal::schedule(args)?;
    let region = access::region(args.region.as_deref(), &vars)?;
    let api = PlatformApi::connect(access::platform(&args.platform, &vars)?).await?;
    let place = place(args, &vars, &api, region)?;
    let Some(expression) = schedule else {
        let document = match args.dry_run {
            true => document(&place, None),
            false => document(&place, Some(&store(&api, &place, args.profile.as_ref()).await?)),
        };
        return show(&document, global);
    };
    let wanted = renewal::wanted(&place, &expression, args.profile.as_ref()).await;
    let prepared = Prepared::new(wanted, global).await?;
    let consent = consent(&args.gate);
    if args.dry_run || (global.wants_json() && !consent.is_given()) {
        return preview(&place, &expression, &prepared, global);
    }
    let job = Job { api, place, expression, profile: args.profile.clone() };
    job.run(prepared, consent, global).await
}

/// A token that is to be stored and renewed.
struct Job {
    api: PlatformApi,
    place: Place,
    expression: String,
    profile: Option<String>,
}

impl Job {
    /// First the gate, then the token, then the stack: what nobody approves leaves no token behind.
    async fn run(self, prepared: Prepared, consent: Consent, global: &Global) -> Result<Exit, CommandError> {
        if global.wants_json() {
            terminal::keep_for_document();
        }
        let first = would(&document(&self.place, None));
        terminal::out(&format!("First {first}.\nThen this stack keeps it renewed:\n\n"));
        provision::print(&prepared.plan);
        if !prepared.plan.is_ready() {
            return prepared.blocked(global);
        }
        let approved = prepared.approve(consent)?;
        let stored = store(&self.api, &self.place, self.profile.as_ref()).await?;
        let mut document = document(&self.place, Some(&stored));
        terminal::out(&("\n".to_owned() + &text(&document)));
        let ended = approved.run().await?;
        document["schedule"] = json!({ "expression": self.expression, "run": ended.document });
        if global.wants_json() {
            terminal::document(&pretty(&document)?);
        }
        Ok(ended.exit)
    }
}

/// What would be done; nothing is.
fn preview(
    place: &Place,
    expression: &str,
    prepared: &Prepared,
    global: &Global,
) -> Result<Exit, CommandError> {
    let mut document = document(place, None);
    document["schedule"] = json!({ "expression": expression, "plan": prepared.plan });
    if global.wants_json() {
        terminal::out(&pretty(&document)?);
    } else {
        terminal::out(&text(&document));
        terminal::out("\nThe stack that would keep it renewed:\n\n");
        provision::print(&prepared.plan);
    }
    Ok(if prepared.plan.is_ready() { Exit::Done } else { Exit::Blocked })
}

async fn store(api: &PlatformApi, place: &Place, profile: Option<&String>) -> Result<Stored, CommandError> {
    let now = Timestamp::now();
    let issued = api.generate_token(place.days * DAY, place.scope.as_deref()).await?;
    let expires = expiry(now, issued.expires_in)?;
    let target = AwsTarget { region: Some(place.region.clone()), profile: profile.cloned() };
    let value = secret_value(place, &issued, now, expires);
    let secret = executor::store_secret(&target, &place.name, DESCRIPTION, &value).await?;
    Ok(Stored { secret, expires })
}

fn place(
    args: &StoreTokenArgs,
    vars: &BTreeMap<String, String>,
    api: &PlatformApi,
    region: String,
) -> Result<Place, CommandError> {
    let org = access::organization(api)?;
    let named = access::named_secret(vars);
    let name = named.unwrap_or_else(|| access::secret_name(&org, args.scope.as_deref()));
    let platform = api.base_url().to_owned();
    Ok(Place { name, org, region, days: args.days, scope: args.scope.clone(), platform })
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

fn document(place: &Place, stored: Option<&Stored>) -> Value {
    json!({
        "schema": SCHEMA,
        "dry_run": stored.is_none(),
        "secret": place.name,
        "region": place.region,
        "organization": place.org,
        "scope": place.scope,
        "platform": place.platform,
        "days": place.days,
        "arn": stored.map(|stored| &stored.secret.arn),
        "created": stored.map(|stored| stored.secret.created),
        "expires_at": stored.map(|stored| stored.expires.to_string()),
        "schedule": null,
    })
}

fn show(document: &Value, global: &Global) -> Result<Exit, CommandError> {
    terminal::out(&if global.wants_json() { pretty(document)? } else { text(document) });
    Ok(Exit::Done)
}

fn text(document: &Value) -> String {
    if document["dry_run"] == true {
        return format!("Would do: {}. Nothing was changed.\n", would(document));
    }
    let did = if document["created"] == true { "created" } else { "got a new version" };
    format!(
        "{} {} in {} {did}{}\n  valid until {}\n  {}\n",
        paint(GOOD, "✓"),
        field(document, "secret"),
        field(document, "region"),
        scope(document),
        field(document, "expires_at"),
        paint(DIM, "the token is in the secret only; it was not printed"),
    )
}

/// What is done with the token, as a clause.
fn would(document: &Value) -> String {
    format!(
        "a token is issued by {} for {}{}\nand stored as {} in {}",
        field(document, "platform"),
        crate::render::plural(
            document["days"].as_u64().and_then(|days| usize::try_from(days).ok()).unwrap_or(0),
            "day",
            "days"
        ),
        scope(document),
        field(document, "secret"),
        field(document, "region"),
    )
}

fn field(document: &Value, name: &str) -> String {
    safe(document[name].as_str().unwrap_or("–"))
}

fn scope(document: &Value) -> String {
    document["scope"].as_str().map_or_else(String::new, |scope| format!(", scope {}", safe(scope)))
}
