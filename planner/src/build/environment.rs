//! What becomes of the operator's variables that the target's scripts would read.

use std::collections::BTreeMap;

use super::context::Context;
use crate::plan::{EnvValue, EnvironmentNote, Treatment};

/// A note for each variable that is set and that could change this run.
pub(super) fn notes(context: &Context<'_>) -> Vec<EnvironmentNote> {
    let target = context.target;
    let (reads, uses) = match context.is_deploy() {
        true => (&target.deploy.reads, &target.deploy.uses),
        false => (&target.teardown.reads, &EMPTY),
    };
    let supplied = supplied(context);
    let own = context.variables();
    let mut notes: BTreeMap<&str, EnvironmentNote> = BTreeMap::new();
    for name in supplied.keys() {
        notes.insert(name, note(name, Treatment::Used, format!("supplies {}", supplied[name])));
    }
    let init_uses = target.init.iter().filter(|_| context.is_deploy()).flat_map(|init| &init.uses);
    for name in uses.iter().chain(init_uses).filter(|name| is_set(context, name)) {
        notes
            .entry(name)
            .or_insert_with(|| note(name, Treatment::Used, "the initialisation reads it".to_owned()));
    }
    for name in reads.iter().chain(own.keys()).filter(|name| is_set(context, name)) {
        if let Some(reason) = clearing(context, name, own.get(name)) {
            notes.entry(name).or_insert_with(|| note(name, Treatment::Cleared, reason));
        }
    }
    for settled in context.resolution.inputs.iter().filter(|settled| context.matters(settled)) {
        for name in settled.spec.instead.iter().filter(|name| is_set(context, name)) {
            let reason = format!("{} comes before it", settled.spec.flag);
            notes.entry(name).or_insert_with(|| note(name, Treatment::Cleared, reason));
        }
    }
    notes.into_values().collect()
}

static EMPTY: Vec<String> = Vec::new();

fn note(name: &str, treatment: Treatment, reason: String) -> EnvironmentNote {
    EnvironmentNote { name: name.to_owned(), treatment, reason }
}

fn is_set(context: &Context<'_>, name: &str) -> bool {
    context.request.environment.contains_key(name)
}

/// The variables that supply an input, with its flag.
fn supplied<'a>(context: &'a Context<'a>) -> BTreeMap<&'a str, &'a str> {
    let inputs = context.resolution.inputs.iter().filter(|settled| context.matters(settled));
    inputs.filter_map(|settled| Some((settled.variable?, settled.spec.flag.as_str()))).collect()
}

/// Why a variable does not reach the scripts as it is; none if it reaches them with the same value.
fn clearing(context: &Context<'_>, name: &str, own: Option<&EnvValue>) -> Option<String> {
    match own {
        None => Some("the scripts read it, and it would change this run unseen".to_owned()),
        Some(EnvValue::Plain(value)) if context.request.environment.get(name) == Some(value) => None,
        Some(EnvValue::Plain(value)) => Some(format!("this plan sets it to {value}")),
        Some(EnvValue::Secret { secret }) => Some(format!("this plan sets it from {secret}")),
    }
}
