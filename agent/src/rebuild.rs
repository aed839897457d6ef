//! A request made again from a plan document: only its typed inputs are taken, never its commands.

use std::collections::BTreeMap;

use provision_executor as executor;
use provision_planner::goal::{Goal, Slot, Source};
use provision_planner::plan::{Action, PLAN_SCHEMA, Plan, ResolvedInput, StepKind};
use provision_planner::{Catalog, Request};

use crate::config::Config;
use crate::error::CommandError;
use crate::facts;

/// Reads a plan document and checks that it is one, whole and as it was printed.
///
/// # Errors
/// A usage error for what is no plan; not approved, for one that was changed since it was printed.
pub fn read(name: &str, text: &str) -> Result<Plan, CommandError> {
    let plan: Plan = serde_json::from_str(text).map_err(|error| {
        CommandError::usage(format!("{name}: not a plan of `provision … --json`: {error}"))
    })?;
    if plan.schema != PLAN_SCHEMA {
        let message = format!("{name}: a plan of {}, and this version reads {PLAN_SCHEMA}", plan.schema);
        return Err(CommandError::usage(message));
    }
    let now = plan.current_digest();
    if now != plan.digest {
        return Err(CommandError::NotApproved {
            message: format!(
                "{name}: changed since it was printed: its digest is {now}, not {}",
                plan.digest
            ),
        });
    }
    Ok(plan)
}

/// The request that a plan answers, as it would be made here and now.
///
/// Commands are assembled anew from it, so a document can state values but never what runs. Secrets are not in a plan:
/// they come from `given` flags or the environment.
///
/// # Errors
/// A usage error for a flag that would change the plan; what keeps this machine from being looked at.
pub fn request(
    plan: &Plan,
    given: BTreeMap<String, String>,
    catalog: &Catalog,
    config: &Config,
) -> Result<Request, CommandError> {
    if plan.action == Action::Change {
        let message =
            "a plan that changes storage is made anew from what is there now: run `provision storage` again";
        return Err(CommandError::usage(message));
    }
    let is_secret = |name: &String| catalog.input(name).is_some_and(|input| input.secret);
    if let Some(name) = given.keys().find(|name| !is_secret(name)) {
        let flag = catalog.input(name).map_or_else(|| name.clone(), |input| input.flag.clone());
        return Err(CommandError::usage(format!("{flag} would change the plan; make a new one with it")));
    }
    let stated = plan.inputs.iter().filter(|input| input.source != Source::Default && !input.secret);
    // What a model filled in stays a model's: `--yes` alone does not cover it here either.
    let (filled, stated): (Vec<_>, Vec<_>) = stated.partition(|input| input.source == Source::Model);
    let slots = filled.into_iter().map(|input| {
        let slot = Slot { value: input.value.clone(), source: Source::Model, words: None, span: None };
        (input.name.clone(), slot)
    });
    let goal = Goal { slots: slots.collect(), ..Goal::default() };
    let mut flags: BTreeMap<String, String> =
        stated.into_iter().filter_map(|input| Some((input.name.clone(), text(input)?))).collect();
    flags.extend(given);
    let own = plan.steps.iter().filter(|step| step.kind == StepKind::PostStep);
    let mut request = Request {
        action: plan.action,
        goal,
        flags,
        config: config.inputs(),
        environment: executor::variables(),
        post_steps: own.flat_map(|step| &step.commands).map(|command| command.text.clone()).collect(),
        pass_env: plan.binding.passes.clone(),
        ..Request::default()
    };
    request.facts = facts::gather(catalog, &request)?;
    Ok(request)
}

fn text(input: &ResolvedInput) -> Option<String> {
    match &input.value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
