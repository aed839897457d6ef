//! Checks a catalog as a whole: names resolve, placeholders are known, defaults are valid.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::{Catalog, InputSpec, Native, Note, Pass, Target, When};
use crate::PlannerError;
use crate::build::{is_variable_pattern, placeholders};
use crate::value::nearest;

/// Placeholders that are no inputs.
const EXTRA: [&str; 3] = ["url", "target", "init_command"];

/// Refuses a catalog whose parts do not fit together; `files` are those read last, for the message.
pub(super) fn check(catalog: &Catalog, files: &[&str]) -> Result<(), PlannerError> {
    inputs(catalog).map_err(|reason| error("_inputs.toml", files, reason))?;
    for load in &catalog.loads {
        for name in std::iter::once(&load.input).chain(&load.also_by) {
            known_input(catalog, name).map_err(|reason| error("_loads.toml", files, reason))?;
        }
    }
    if let Some(name) = catalog.passes.iter().find(|name| !is_variable_pattern(name)) {
        return Err(error("_environment.toml", files, not_a_variable(name)));
    }
    operator(catalog).map_err(|reason| error("_operator.toml", files, reason))?;
    if let Some(path) = catalog.reports.iter().find(|path| !path.starts_with('/')) {
        return Err(error("_probes.toml", files, format!("{path}: a route begins with /")));
    }
    for target in &catalog.targets {
        let file = format!("{}.toml", target.id);
        self::target(catalog, target).map_err(|reason| error(&file, files, reason))?;
    }
    Ok(())
}

/// The error under the name the file was read by; by its usual name if it was read earlier.
fn error(usual: &str, files: &[&str], reason: String) -> PlannerError {
    let named = |file: &&&str| Path::new(file).file_name().is_some_and(|name| name == usual);
    let file = files.iter().find(named).copied().or(match files {
        [one] => Some(*one),
        _ => None,
    });
    PlannerError::Catalog { file: file.unwrap_or(usual).to_owned(), line: None, reason }
}

fn not_a_variable(name: &str) -> String {
    format!("passes: {name:?} is no name of a variable, and no beginning of one that ends in *")
}

fn inputs(catalog: &Catalog) -> Result<(), String> {
    let mut flags = BTreeSet::new();
    for input in &catalog.inputs {
        for flag in std::iter::once(&input.flag).chain(&input.negative) {
            let well_formed = flag.strip_prefix("--").is_some_and(|word| !word.is_empty());
            if !well_formed || !flags.insert(flag) {
                return Err(format!("{}: the flag {flag} is malformed or taken twice", input.name));
            }
        }
        if input.takes_value() != input.placeholder.is_some() {
            return Err(format!(
                "{}: a placeholder belongs to what takes a value, and only there",
                input.name
            ));
        }
        if input.each.is_some() && (!input.takes_value() || input.secret) {
            return Err(format!(
                "{}: a flag given several times takes values, and none are secret",
                input.name
            ));
        }
        for value in input.default.iter().chain(&input.bare) {
            valid(catalog, input, value)?;
        }
        for find in &input.find {
            known_placeholders(catalog, find)?;
        }
    }
    Ok(())
}

fn target(catalog: &Catalog, target: &Target) -> Result<(), String> {
    if target.platform == target.folder.is_empty() {
        return Err("a target of the platform has a folder, and only such a target".to_owned());
    }
    let inside =
        |path: &String| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if let Some(path) =
        std::iter::once(&target.folder).chain(&target.sparse).chain(&target.covers).find(|path| !inside(path))
    {
        return Err(format!("{path} leaves the checkout"));
    }
    if let Some(name) = target.passes.iter().find(|name| !is_variable_pattern(name)) {
        return Err(not_a_variable(name));
    }
    for used in &target.inputs {
        let input = known_input(catalog, &used.name)?;
        if let Some(default) = &used.default {
            valid(catalog, input, default)?;
        }
        if input.secret && used.deploy.iter().chain(&used.teardown).any(is_argument) {
            return Err(format!("{} is a secret: it may be passed through the environment only", used.name));
        }
    }
    for used in &target.prerequisites {
        if catalog.prerequisite(&used.id).is_none() {
            let near = nearest(&used.id, catalog.prerequisites.iter().map(|p| p.id.as_str()));
            return Err(format!("no prerequisite is named {}{}", used.id, hint(near)));
        }
        known_conditions(catalog, &used.when)?;
    }
    if let Some(name) = &target.teardown.confirm {
        known_input(catalog, name)?;
    }
    if let Some(native) = &target.native {
        self::native(catalog, native)?;
    }
    commands(catalog, target)?;
    texts(catalog, target)
}

/// The program of these commands is this one, and no secret stands in their arguments.
fn operator(catalog: &Catalog) -> Result<(), String> {
    for credentials in &catalog.operator.credentials {
        credentials.inputs.iter().try_for_each(|name| known_input(catalog, name).map(drop))?;
        known_conditions(catalog, &credentials.unless)?;
    }
    catalog.operator.env.values().try_for_each(|text| known_placeholders(catalog, text))?;
    for step in &catalog.operator.steps {
        known_conditions(catalog, &step.when)?;
        if step.argv.first().is_none_or(|program| program != "provision") {
            return Err(format!("{}: the program of these commands is provision", step.id));
        }
        for text in &step.argv {
            known_placeholders(catalog, text)?;
            no_secret(catalog, text)?;
        }
    }
    Ok(())
}

fn native(catalog: &Catalog, native: &Native) -> Result<(), String> {
    known_placeholders(catalog, &native.template)?;
    known_placeholders(catalog, &native.stack)?;
    no_secret(catalog, &native.stack)?;
    native.parameters.values().try_for_each(|source| known_input(catalog, &source.input).map(drop))?;
    known_conditions(catalog, &native.when)
}

fn commands(catalog: &Catalog, target: &Target) -> Result<(), String> {
    let init = target.init.iter().map(|init| &init.command);
    for command in target.teardown.commands.iter().chain(init) {
        if command.argv.is_empty() {
            return Err("a command has no program".to_owned());
        }
        for text in command.argv.iter().chain(&command.tail) {
            known_placeholders(catalog, text)?;
            no_secret(catalog, text)?;
        }
        command.env.values().try_for_each(|text| known_placeholders(catalog, text))?;
    }
    let only_native = target.native.as_ref().is_some_and(|native| native.when.is_empty());
    match target.deploy.argv.is_empty() && !only_native {
        true => Err("deploy has no program".to_owned()),
        false => std::iter::once(&target.url)
            .chain(&target.stacks)
            .try_for_each(|text| known_placeholders(catalog, text)),
    }
}

fn is_argument(pass: &Pass) -> bool {
    pass.flag.is_some() || !pass.values.is_empty()
}

/// Arguments are visible to every user of the machine.
fn no_secret(catalog: &Catalog, text: &str) -> Result<(), String> {
    let secret = |name: &&str| catalog.input(name).is_some_and(|input| input.secret);
    match placeholders(text).into_iter().find(secret) {
        Some(name) => Err(format!("{name} is a secret: it may not stand in an argument")),
        None => Ok(()),
    }
}

fn texts(catalog: &Catalog, target: &Target) -> Result<(), String> {
    let modes = target.init.iter().flat_map(|init| init.mode.values());
    let notes: Vec<&Note> = (target.deploy.notes.iter())
        .chain(target.health.iter().flat_map(|health| &health.notes))
        .chain(modes.flat_map(|mode| &mode.notes))
        .chain(target.notices.iter().flat_map(|notice| &notice.notes))
        .collect();
    for note in notes {
        known_placeholders(catalog, &note.text)?;
        known_conditions(catalog, &note.when)?;
    }
    target.notices.iter().try_for_each(|notice| known_conditions(catalog, &notice.when))
}

fn valid(catalog: &Catalog, input: &InputSpec, value: &str) -> Result<(), String> {
    let checked = input.kind.check(value, &catalog.ids());
    checked.map(drop).map_err(|reason| format!("{}: {value}: {reason}", input.name))
}

fn known_conditions(catalog: &Catalog, when: &When) -> Result<(), String> {
    when.keys().try_for_each(|name| known_input(catalog, name).map(drop))
}

fn known_placeholders(catalog: &Catalog, text: &str) -> Result<(), String> {
    for name in placeholders(text) {
        if !EXTRA.contains(&name) {
            known_input(catalog, name)?;
        }
    }
    Ok(())
}

fn known_input<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a InputSpec, String> {
    catalog.input(name).ok_or_else(|| {
        let near = nearest(name, catalog.inputs.iter().map(|input| input.name.as_str()));
        format!("no input is named {name}{}", hint(near))
    })
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
}
