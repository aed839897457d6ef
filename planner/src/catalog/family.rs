//! Inputs that no file lists: the entries of a flag given several times, and a template's parameters.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Catalog, Each, InputSpec, InputUse, Native, Target};
use crate::resolve::{named_target, stated_text};
use crate::template::{self, Parameter};
use crate::value::{ValueType, nearest};
use crate::{PlannerError, Request};

/// The family whose entries are a template's parameters.
pub(crate) const PARAMETERS: &str = "param";
/// The switch that lets parameters keep the values that the stack has.
const KEEP: &str = "keep_params";
/// A variable with this beginning and a parameter's name supplies the parameter.
const VARIABLE: &str = "PROVISION_PARAM_";

/// The catalog with the inputs that this request adds to it.
///
/// # Errors
/// When the template of the request does not parse, or a parameter is stated that it does not have.
pub(crate) fn extended<'a>(
    catalog: &'a Catalog,
    request: &Request,
) -> Result<Cow<'a, Catalog>, PlannerError> {
    let mut specs = stated(catalog, request)?;
    let mut uses = Vec::new();
    let target = named_target(catalog, request);
    let native = target.and_then(|target| target.native_for(catalog, request));
    if let (Some(target), Some(native), Some(text)) = (target, native, &request.facts.template) {
        let declared = declared(catalog, target, request, text)?;
        refuse_unknown(&specs, native, &declared)?;
        let own = declared.iter().filter(|parameter| !native.parameters.contains_key(&parameter.name));
        let keep = stated_text(catalog, target, request, KEEP).is_some_and(|value| value == "true");
        for parameter in own {
            let spec = of_parameter(catalog, parameter);
            specs.retain(|other| other.name != spec.name);
            uses.push(used(&spec.name, parameter.default.is_none() && !keep));
            specs.push(spec);
        }
    }
    if specs.is_empty() {
        return Ok(Cow::Borrowed(catalog));
    }
    let target = target.map(|target| target.id.clone());
    let mut catalog = catalog.clone();
    let stated = specs.iter().filter(|spec| uses.iter().all(|used| used.name != spec.name));
    let stated: Vec<InputUse> = stated.map(|spec| used(&spec.name, false)).collect();
    if let Some(target) = catalog.targets.iter_mut().find(|other| Some(&other.id) == target.as_ref()) {
        let takes = |used: &InputUse| {
            let family = used.name.split('.').next();
            target.inputs.iter().any(|other| Some(other.name.as_str()) == family)
        };
        let stated: Vec<InputUse> = stated.into_iter().filter(takes).collect();
        target.inputs.extend(stated.into_iter().chain(uses));
    }
    catalog.inputs.extend(specs);
    Ok(Cow::Owned(catalog))
}

impl Target {
    /// How this request deploys the target through the API, if it does.
    pub(crate) fn native_for(&self, catalog: &Catalog, request: &Request) -> Option<&Native> {
        let stated = |name: &str| stated_text(catalog, self, request, name);
        let holds =
            |native: &&Native| native.when.iter().all(|(name, value)| stated(name).as_ref() == Some(value));
        self.native.as_ref().filter(holds)
    }
}

/// The entries that flags and configuration state.
fn stated(catalog: &Catalog, request: &Request) -> Result<Vec<InputSpec>, PlannerError> {
    let names: BTreeSet<&String> = request.flags.keys().chain(request.config.keys()).collect();
    let entry = |name: &&String| {
        let (family, key) = name.split_once('.')?;
        let family = catalog.input(family).filter(|spec| spec.each.is_some())?;
        Some(checked_key(family, key).map(|key| entry(family, &key)))
    };
    names.iter().filter_map(entry).collect()
}

/// A word has to be one that its family takes; the key of a pair may be anything.
fn checked_key(family: &InputSpec, key: &str) -> Result<String, PlannerError> {
    if family.each == Some(Each::Pair) {
        return Ok(key.to_owned());
    }
    let checked = family.kind.check(key, &[]).map_err(|reason| PlannerError::InvalidValue {
        input: family.name.clone(),
        subject: format!("{} {key}", family.flag),
        reason,
    })?;
    Ok(checked.as_str().unwrap_or(key).to_owned())
}

fn entry(family: &InputSpec, key: &str) -> InputSpec {
    let kind = match family.each {
        Some(Each::Word) => ValueType::Boolean,
        _ => family.kind.clone(),
    };
    InputSpec {
        name: format!("{}.{key}", family.name),
        flag: format!("{} {key}", family.flag),
        kind,
        each: None,
        family: Some(family.name.clone()),
        environment: Vec::new(),
        ..family.clone()
    }
}

fn declared(
    catalog: &Catalog,
    target: &Target,
    request: &Request,
    text: &str,
) -> Result<Vec<Parameter>, PlannerError> {
    template::parameters(text).map_err(|reason| {
        let path = stated_text(catalog, target, request, "template");
        PlannerError::Template { path: path.unwrap_or_else(|| "the template".to_owned()), reason }
    })
}

/// A parameter that the template does not have, or that another flag supplies, is a mistake of the command line.
fn refuse_unknown(specs: &[InputSpec], native: &Native, declared: &[Parameter]) -> Result<(), PlannerError> {
    for spec in specs.iter().filter(|spec| spec.family.as_deref() == Some(PARAMETERS)) {
        let name = spec.name.split_once('.').map_or("", |(_, name)| name);
        let supplied = native.parameters.get(name);
        if supplied.is_none() && declared.iter().any(|parameter| parameter.name == name) {
            continue;
        }
        let near = nearest(name, declared.iter().map(|parameter| parameter.name.as_str()));
        let reason = match (supplied, near) {
            (Some(source), _) => format!("the input {} supplies this parameter", source.input),
            (None, Some(near)) => format!("the template has no such parameter; did you mean {near}?"),
            (None, None) => "the template has no such parameter".to_owned(),
        };
        return Err(PlannerError::InvalidValue {
            input: spec.name.clone(),
            subject: spec.flag.clone(),
            reason,
        });
    }
    Ok(())
}

fn of_parameter(catalog: &Catalog, parameter: &Parameter) -> InputSpec {
    let family = catalog.input(PARAMETERS).cloned().unwrap_or_else(|| plain(PARAMETERS));
    let kind = match parameter.allowed.is_empty() {
        true => ValueType::Text,
        false => ValueType::OneOf(parameter.allowed.clone()),
    };
    InputSpec {
        kind,
        help: help(parameter),
        secret: parameter.no_echo,
        default: parameter.default.clone(),
        environment: vec![format!("{VARIABLE}{}", parameter.name)],
        ..entry(&family, &parameter.name)
    }
}

fn help(parameter: &Parameter) -> String {
    let allowed = match parameter.allowed.is_empty() {
        true => String::new(),
        false => format!(": {}", parameter.allowed.join(", ")),
    };
    match &parameter.description {
        Some(description) => format!("{description} ({}{allowed})", parameter.kind),
        None => format!("the template's parameter ({}{allowed})", parameter.kind),
    }
}

fn plain(name: &str) -> InputSpec {
    InputSpec {
        name: name.to_owned(),
        flag: format!("--{name}"),
        negative: None,
        kind: ValueType::Text,
        heading: "Stack".to_owned(),
        help: String::new(),
        placeholder: None,
        secret: false,
        bare: None,
        default: None,
        environment: Vec::new(),
        instead: Vec::new(),
        find: Vec::new(),
        everywhere: Vec::new(),
        absent: None,
        each: Some(Each::Pair),
        family: None,
    }
}

fn used(name: &str, required: bool) -> InputUse {
    InputUse { name: name.to_owned(), required, default: None, deploy: None, teardown: None, absent: None }
}
