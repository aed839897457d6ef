//! The stack that renews a stored token before it expires (`provision store-token --schedule`).

use std::collections::BTreeMap;

use provision_executor::AwsTarget;
use provision_planner::plan::Action;
use provision_planner::value;

use super::access;
use super::args::StoreTokenArgs;
use super::setup_events::secret_check;
use super::stack::Wanted;
use super::store_token::Place;
use crate::error::CommandError;

/// How every such stack's name begins.
const PREFIX: &str = "pipeline-builder-renewal-";
/// No function's name is longer; the function is named after its stack.
const LONGEST: usize = 64;
/// One day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// The schedule that the flags ask for, if they ask for one.
///
/// # Errors
/// A usage error for a rate at which the token would expire in between.
pub fn schedule(args: &StoreTokenArgs) -> Result<Option<String>, CommandError> {
    let Some(expression) = &args.cron else { return Ok(args.schedule.then(|| usual(args.days))) };
    match value::period(expression) {
        Some(seconds) if seconds >= args.days * DAY => Err(CommandError::usage(format!(
            "--cron {expression}: a token of {} would expire before it is renewed; pass more --days or a shorter rate",
            crate::render::plural(usize::try_from(args.days).unwrap_or_default(), "day", "days")
        ))),
        _ => Ok(Some(expression.clone())),
    }
}

/// Each time half of the validity is over.
fn usual(days: u64) -> String {
    match days / 2 {
        0 => "rate(12 hours)".to_owned(),
        1 => "rate(1 day)".to_owned(),
        half => format!("rate({half} days)"),
    }
}

/// The stack that renews the token of a place.
pub async fn wanted(place: &Place, expression: &str, profile: Option<&String>) -> Wanted {
    let issuer = match &place.scope {
        Some(_) => access::secret_name(&place.org, None),
        None => place.name.clone(),
    };
    let target = AwsTarget { region: Some(place.region.clone()), profile: profile.cloned() };
    // what has no scope is stored by this very run
    let check = match &place.scope {
        Some(_) => secret_check(&target, &issuer, None).await,
        None => None,
    };
    Wanted {
        target: "renewal",
        action: Action::Deploy,
        name: stack_name(&place.name),
        region: place.region.clone(),
        profile: profile.cloned(),
        parameters: BTreeMap::from([
            ("PlatformSecretName", place.name.clone()),
            ("IssuerSecretName", issuer),
            ("TokenDays", place.days.to_string()),
            ("TokenScope", place.scope.clone().unwrap_or_default()),
            ("ScheduleExpression", expression.to_owned()),
        ]),
        prerequisites: check.into_iter().collect(),
    }
}

/// One stack for each secret, named after the last part of its name.
fn stack_name(secret: &str) -> String {
    let last = secret.rsplit('/').next().unwrap_or(secret);
    let plain = last.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let name: String = PREFIX.chars().chain(plain).take(LONGEST).collect();
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_schedule_renews_well_before_the_end() {
        for (days, expected) in
            [(1, "rate(12 hours)"), (2, "rate(1 day)"), (3, "rate(1 day)"), (30, "rate(15 days)")]
        {
            assert_eq!(usual(days), expected);
            assert_eq!(value::schedule(&usual(days)).as_deref(), Ok(expected));
            assert!(value::period(expected).expect("a rate") < days * DAY);
        }
    }

    #[test]
    fn stacks_are_named_after_the_secret() {
        assert_eq!(stack_name("pipeline-builder/orchard/platform"), "pipeline-builder-renewal-platform");
        assert_eq!(stack_name("team/ci token"), "pipeline-builder-renewal-ci-token");
        assert!(stack_name(&"x".repeat(300)).len() <= LONGEST);
    }
}
