//! Settles each input's value: flag over goal over model over configuration over environment over default.

mod candidate;
mod merge;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::{Catalog, InputSpec, InputUse, Load, Target, When, extended};
use crate::goal::{Goal, Source};
use crate::plan::{Action, ResolvedInput};
use crate::value::{ValueType, nearest};
use crate::{PlannerError, Request, Secret, Secrets};
use candidate::Candidate;

/// What stands for a secret in anything shown.
pub(crate) const MASK: &str = "***";

/// One input with its settled value.
#[derive(Debug, Clone)]
pub(crate) struct Settled<'a> {
    pub(crate) spec: &'a InputSpec,
    /// The value; for a secret, [`MASK`].
    pub(crate) value: Value,
    pub(crate) source: Source,
    /// The variable it came from, when the environment supplied it.
    pub(crate) variable: Option<&'a str>,
}

/// Every settled input of a request.
#[derive(Debug)]
pub(crate) struct Resolution<'a> {
    pub(crate) target: Option<&'a Target>,
    /// In the order in which the target takes them.
    pub(crate) inputs: Vec<Settled<'a>>,
    pub(crate) goal: Goal,
    pub(crate) secrets: Secrets,
    /// Values of the goal that their inputs do not take, by input name, with why: open questions, not mistakes of
    /// the command line.
    pub(crate) refused: BTreeMap<String, String>,
}

impl Settled<'_> {
    /// The value as text.
    pub(crate) fn text(&self) -> String {
        text_of(&self.value)
    }
}

impl<'a> Resolution<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Settled<'a>> {
        self.inputs.iter().find(|settled| settled.spec.name == name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(Settled::text)
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|settled| settled.value == Value::Bool(true))
    }

    /// The value if somebody stated it, rather than the environment or a default supplying it.
    pub(crate) fn stated(&self, name: &str) -> Option<&Settled<'a>> {
        self.get(name).filter(|settled| settled.source < Source::Environment)
    }

    pub(crate) fn holds(&self, when: &When) -> bool {
        when.iter().all(|(name, value)| self.text(name).as_ref() == Some(value))
    }
}

pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Settles every input of a request.
pub(crate) fn resolve<'a>(
    catalog: &'a Catalog,
    request: &'a Request,
) -> Result<Resolution<'a>, PlannerError> {
    known_names(catalog, &request.flags, "flags")?;
    known_names(catalog, &request.config, "configuration")?;
    let ids = catalog.ids();
    let target = target_of(catalog, request, &ids)?;
    let (mut inputs, mut secrets, mut refused) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for (spec, used) in inputs_of(catalog, target) {
        let default = default_of(spec, used, target, request.action);
        // Where the text wavers between values, a default would be a guess.
        let known =
            target.is_some_and(|target| !unnamed(request, target, spec)) && !wavers(request, &spec.name);
        let Some(candidate) = candidate::best(spec, default, request, known) else { continue };
        match candidate.check(spec, &ids) {
            Ok(value) => {
                let value = at_home(spec, value, request);
                inputs.push(settle(spec, value, &candidate, &mut secrets));
            }
            Err(error) if matches!(candidate.source, Source::Prompt | Source::Model) => {
                refused.insert(spec.name.clone(), error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    inputs.extend(implied(catalog, &inputs));
    reject_inapplicable(catalog, request, target)?;
    let goal = merge::goal(catalog, request, target, &ids)?;
    Ok(Resolution { target, inputs, goal, secrets, refused })
}

/// The value that somebody stated for one input, or the environment supplied; for looking around on the machine
/// before the plan is built. Nothing for a default, a secret, or a request that [`build`](crate::build()) refuses.
pub fn lookup(catalog: &Catalog, request: &Request, name: &str) -> Option<String> {
    let catalog = extended(catalog, request).ok()?;
    let resolution = resolve(&catalog, request).ok()?;
    let settled = resolution.get(name).filter(|settled| settled.source < Source::Default)?;
    let value = settled.value.as_str().filter(|_| !settled.spec.secret);
    value.map(str::to_owned)
}

/// A settled input as the plan shows it.
pub(crate) fn shown(settled: &Settled<'_>) -> ResolvedInput {
    ResolvedInput {
        name: settled.spec.name.clone(),
        flag: settled.spec.flag.clone(),
        value: settled.value.clone(),
        secret: settled.spec.secret,
        source: settled.source,
    }
}

/// The loads that another input, such as `with_all`, asks for along with others and that nobody spoke of.
fn implied<'a>(catalog: &'a Catalog, inputs: &[Settled<'a>]) -> Vec<Settled<'a>> {
    let get = |name: &str| inputs.iter().find(|settled| settled.spec.name == name);
    let imply = |load: &'a Load| {
        let all = get(load.also_by.as_ref()?).filter(|all| all.value == Value::Bool(true))?;
        let spec = catalog.input(&load.input).filter(|spec| get(&spec.name).is_none())?;
        Some(Settled { spec, ..all.clone() })
    };
    catalog.loads().iter().filter_map(imply).collect()
}

/// Whether the goal's text offers several values for an input and decides for none.
pub(crate) fn wavers(request: &Request, name: &str) -> bool {
    request.goal.unresolved.iter().any(|unresolved| unresolved.slot == name)
}

/// Whether this is the name of what a goal's text wants destroyed: the text or a flag has to give it, since a default
/// would destroy something that nobody named.
pub(crate) fn unnamed(request: &Request, target: &Target, spec: &InputSpec) -> bool {
    let teardown = &target.teardown;
    request.action == Action::Teardown
        && request.goal.text.is_some()
        && teardown.irreversible
        && teardown.confirm.as_deref() == Some(&spec.name)
}

/// A path with a leading `~` put at the operator's home; nothing else does so where no shell reads it.
fn at_home(spec: &InputSpec, value: Value, request: &Request) -> Value {
    let home =
        request.environment.get("HOME").filter(|home| !home.is_empty() && spec.kind == ValueType::Path);
    let rest = value
        .as_str()
        .and_then(|path| path.strip_prefix('~'))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (home, rest) {
        (Some(home), Some(rest)) => Value::from(format!("{}{rest}", home.trim_end_matches('/'))),
        _ => value,
    }
}

fn settle<'a>(
    spec: &'a InputSpec,
    value: Value,
    candidate: &Candidate<'a>,
    secrets: &mut Secrets,
) -> Settled<'a> {
    let shown = match spec.secret {
        true => {
            secrets.insert(spec.name.clone(), Secret::new(text_of(&value)));
            Value::from(MASK)
        }
        false => value,
    };
    Settled { spec, value: shown, source: candidate.source, variable: candidate.variable }
}

/// The target named by flag, goal or configuration, if it is one.
pub(crate) fn named_target<'a>(catalog: &'a Catalog, request: &'a Request) -> Option<&'a Target> {
    target_of(catalog, request, &catalog.ids()).ok().flatten()
}

/// What somebody stated for an input, or the default of the target or of the input, as written.
pub(crate) fn stated_text(
    catalog: &Catalog,
    target: &Target,
    request: &Request,
    name: &str,
) -> Option<String> {
    let spec = catalog.input(name)?;
    let used = target.inputs.iter().find(|used| used.name == name);
    let default = used.and_then(|used| used.default.as_deref()).or(spec.default.as_deref());
    candidate::best(spec, default, request, true).map(|candidate| candidate.raw)
}

/// The target named by flag, goal or configuration.
fn target_of<'a>(
    catalog: &'a Catalog,
    request: &'a Request,
    ids: &[&str],
) -> Result<Option<&'a Target>, PlannerError> {
    let Some(spec) = catalog.input("target") else { return Ok(None) };
    let Some(candidate) = candidate::best(spec, None, request, true) else { return Ok(None) };
    let id = text_of(&candidate.check(spec, ids)?);
    Ok(catalog.target(&id))
}

/// The inputs to settle, with how the target uses them; without a target, all of them.
fn inputs_of<'a>(
    catalog: &'a Catalog,
    target: Option<&'a Target>,
) -> Vec<(&'a InputSpec, Option<&'a InputUse>)> {
    let Some(target) = target else {
        return catalog.inputs().iter().map(|spec| (spec, None)).collect();
    };
    let named: Vec<_> = (target.inputs.iter())
        .filter_map(|used| catalog.input(&used.name).map(|spec| (spec, Some(used))))
        .collect();
    let is_named = |spec: &InputSpec| target.inputs.iter().any(|used| used.name == spec.name);
    let general = catalog
        .inputs()
        .iter()
        .filter(|spec| target.platform && !spec.everywhere.is_empty() && !is_named(spec));
    named.into_iter().chain(general.map(|spec| (spec, None))).collect()
}

/// The default, unless the action has no use for the input.
fn default_of<'a>(
    spec: &'a InputSpec,
    used: Option<&'a InputUse>,
    target: Option<&Target>,
    action: Action,
) -> Option<&'a str> {
    let relevant = target.is_some_and(|target| matters(spec, target, action));
    used.and_then(|used| used.default.as_deref()).or(spec.default.as_deref()).filter(|_| relevant)
}

/// Whether an input matters to an action on a target that takes it.
pub(crate) fn matters(spec: &InputSpec, target: &Target, action: Action) -> bool {
    match action {
        Action::Deploy | Action::Change => true,
        Action::Teardown => {
            let passed = |used: &InputUse| used.name == spec.name && used.teardown.is_some();
            (target.platform && spec.everywhere.contains(&action))
                || target.inputs.iter().any(passed)
                || target.teardown_placeholders().contains(&spec.name.as_str())
        }
    }
}

fn known_names(catalog: &Catalog, given: &BTreeMap<String, String>, place: &str) -> Result<(), PlannerError> {
    match given.keys().find(|name| catalog.input(name).is_none()) {
        None => Ok(()),
        Some(name) => Err(PlannerError::UnknownInput {
            place: place.to_owned(),
            name: name.clone(),
            suggestion: nearest(name, catalog.inputs().iter().map(|i| i.name.as_str())).map(str::to_owned),
        }),
    }
}

/// An explicit flag that the target does not take is a mistake.
fn reject_inapplicable(
    catalog: &Catalog,
    request: &Request,
    target: Option<&Target>,
) -> Result<(), PlannerError> {
    let Some(target) = target else { return Ok(()) };
    for (name, value) in &request.flags {
        let Some(spec) = catalog.input(name).filter(|spec| !catalog.takes(target, spec)) else { continue };
        let negated = value == "false";
        return Err(PlannerError::Inapplicable {
            flag: spec.negative.clone().filter(|_| negated).unwrap_or_else(|| spec.flag.clone()),
            target: target.id.clone(),
            taken_by: catalog.takers(spec).into_iter().map(str::to_owned).collect(),
        });
    }
    Ok(())
}
