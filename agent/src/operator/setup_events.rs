//! `provision setup-events`: the stack that reports what pipelines do to the platform.

use std::collections::BTreeMap;

use provision_executor::{self as executor, AwsTarget, PlatformApi};
use provision_planner::plan::{Action, PrerequisiteResult, PrerequisiteStatus, quote};

use super::access;
use super::args::SetupEventsArgs;
use super::stack::{self, Wanted};
use crate::cli::Global;
use crate::commands::consent;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::gate::Consent;
use crate::terminal::{self, WARN, paint, safe};

/// The stack's name.
const STACK: &str = "pipeline-builder-events";
/// The scope of the token that the platform takes events from.
const SCOPE: &str = "reporting:ingest";

/// Plans, asks, deploys (or deletes), and shows how to check it.
///
/// # Errors
/// A usage error before anything is asked; what the platform, the planner or the gate refuses.
pub async fn run(args: &SetupEventsArgs, global: &Global) -> Result<Exit, CommandError> {
    let vars = executor::variables();
    let region = access::region(args.region.as_deref(), &vars)?;
    let wanted = Wanted {
        target: "events",
        action: if args.teardown { Action::Teardown } else { Action::Deploy },
        name: STACK.to_owned(),
        region,
        profile: args.profile.clone(),
        parameters: BTreeMap::new(),
        prerequisites: Vec::new(),
    };
    let wanted = if args.teardown { wanted } else { complete(wanted, args, &vars).await? };
    let consent = Consent { force: args.force, ..consent(&args.gate) };
    stack::run(wanted, consent, global).await
}

/// What a deploy needs besides: the template's parameters, and the secret they name.
async fn complete(
    wanted: Wanted,
    args: &SetupEventsArgs,
    vars: &BTreeMap<String, String>,
) -> Result<Wanted, CommandError> {
    let url = access::url(&args.platform)?;
    let scope = args.scoped_ingest.then_some(SCOPE);
    let secret = match access::named_secret(vars) {
        Some(name) => name,
        None => {
            let api = PlatformApi::connect(access::platform(&args.platform, vars)?).await?;
            if scope.is_none() {
                warn(&format!(
                    "the platform takes events only from a token whose scope is {SCOPE}; --scoped-ingest uses that one"
                ));
            }
            access::secret_name(&access::organization(&api)?, scope)
        }
    };
    let target = AwsTarget { region: Some(wanted.region.clone()), profile: wanted.profile.clone() };
    let prerequisites = secret_check(&target, &secret, scope).await.into_iter().collect();
    let parameters = [("PlatformBaseUrl", url), ("PlatformSecretName", secret)].into();
    Ok(Wanted { parameters, prerequisites, ..wanted })
}

/// Whether the secret is there; nothing where that cannot be seen, which is said.
pub async fn secret_check(target: &AwsTarget, name: &str, scope: Option<&str>) -> Option<PrerequisiteResult> {
    let found = match executor::find_secret(target, name).await {
        Ok(found) => found,
        Err(error) => {
            warn(&format!("whether the secret {name} is there cannot be seen: {error}"));
            return None;
        }
    };
    let scope = scope.map_or_else(String::new, |scope| format!(" --scope {}", quote(scope)));
    let region = target.region.as_deref().map_or_else(String::new, |region| format!(" --region {region}"));
    let (status, detail, install) = match found {
        true => (PrerequisiteStatus::Ok, None, None),
        false => (
            PrerequisiteStatus::Missing,
            Some(format!("there is no secret {name}")),
            Some(format!("provision store-token{scope}{region}")),
        ),
    };
    let found = found.then(|| name.to_owned());
    Some(PrerequisiteResult {
        id: "secret".to_owned(),
        title: "secret".to_owned(),
        status,
        found,
        detail,
        install,
    })
}

fn warn(text: &str) {
    terminal::err(&format!("{} {}\n", paint(WARN, "!"), safe(text)));
}
