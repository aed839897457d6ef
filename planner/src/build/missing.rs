//! Required inputs without a value, and how to find one.

use super::context::Context;
use super::template::fill;
use crate::Request;
use crate::catalog::{Catalog, InputSpec};
use crate::plan::MissingInput;
use crate::resolve::{matters, unnamed, wavers};

/// The required inputs of the action that have no value.
pub(super) fn inputs(context: &Context<'_>) -> Vec<MissingInput> {
    let takes = |spec: &&InputSpec| context.catalog.takes(context.target, spec);
    let lacking = context.catalog.inputs().iter().filter(takes).filter(|spec| {
        let refused = context.resolution.refused.contains_key(&spec.name);
        let nameless = unnamed(context.request, context.target, spec);
        let needed = is_required(context, spec) || is_open(context, spec) || refused || nameless;
        context.resolution.get(&spec.name).is_none() && needed
    });
    lacking.map(|spec| described(context, spec)).collect()
}

/// Whether the action cannot do without it.
fn is_required(context: &Context<'_>, spec: &InputSpec) -> bool {
    match context.is_deploy() {
        true => context.used(&spec.name).is_some_and(|used| used.required),
        false => context.target.teardown_placeholders().contains(&spec.name.as_str()),
    }
}

/// Whether the goal's text wavers between values, so that a default would be a guess.
fn is_open(context: &Context<'_>, spec: &InputSpec) -> bool {
    wavers(context.request, &spec.name) && matters(spec, context.target, context.request.action)
}

fn described(context: &Context<'_>, spec: &InputSpec) -> MissingInput {
    let find = spec.find.iter().find_map(|find| fill(find, |name| context.value(name)));
    let missing = missing(spec, find, context.request);
    match context.resolution.refused.get(&spec.name) {
        Some(why) => MissingInput { help: format!("{}; {why}", spec.help), ..missing },
        None => missing,
    }
}

/// The target itself, where nobody named one.
pub(super) fn target(catalog: &Catalog, request: &Request) -> Vec<MissingInput> {
    catalog.input("target").map(|spec| missing(spec, None, request)).into_iter().collect()
}

fn missing(spec: &InputSpec, find: Option<String>, request: &Request) -> MissingInput {
    let offered = request.goal.unresolved.iter().find(|unresolved| unresolved.slot == spec.name);
    let help = match offered {
        Some(offered) => format!("{}; the goal leaves it open: {}", spec.help, offered.choices.join(" or ")),
        None => spec.help.clone(),
    };
    MissingInput { name: spec.name.clone(), flag: spec.usage(), help, find }
}
