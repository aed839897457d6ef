//! Reads catalog files and merges them into a catalog.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Catalog, InputSpec, Operator, Target};
use crate::value::nearest;
use crate::{PlannerError, Prerequisite};

/// One load of an initialisation (`_loads.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// The input that asks for it.
    pub input: String,
    /// The input that asks for it along with others, such as `with_all`.
    #[serde(default)]
    pub also_by: Option<String>,
    /// The variable that tells the initialisation, `y` or `n`.
    pub variable: String,
    /// The folders it needs in the checkout.
    pub folders: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputFile {
    input: Vec<InputSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadFile {
    load: Vec<Load>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrerequisiteFile {
    prerequisite: Vec<Prerequisite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeFile {
    reports: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentFile {
    passes: Vec<String>,
}

/// Reads one file and merges it by its name.
pub(super) fn merge(catalog: &mut Catalog, file: &str, text: &str) -> Result<(), PlannerError> {
    match Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or(file) {
        "_inputs.toml" => {
            let parsed: InputFile = parse(file, text)?;
            replace_all(&mut catalog.inputs, parsed.input, |input| &input.name);
        }
        "_loads.toml" => {
            let parsed: LoadFile = parse(file, text)?;
            replace_all(&mut catalog.loads, parsed.load, |load| &load.input);
        }
        "_prerequisites.toml" => {
            let parsed: PrerequisiteFile = parse(file, text)?;
            replace_all(&mut catalog.prerequisites, parsed.prerequisite, |prerequisite| &prerequisite.id);
        }
        "_environment.toml" => {
            let parsed: EnvironmentFile = parse(file, text)?;
            replace_all(&mut catalog.passes, parsed.passes, |name| name);
        }
        "_operator.toml" => {
            let parsed: Operator = parse(file, text)?;
            catalog.operator = parsed;
        }
        "_probes.toml" => {
            let parsed: ProbeFile = parse(file, text)?;
            catalog.reports = parsed.reports;
        }
        shared if shared.starts_with('_') => return Err(unknown_shared_file(file, shared)),
        _ => {
            let target: Target = parse(file, text)?;
            replace_all(&mut catalog.targets, vec![target], |target| &target.id);
            catalog.targets.sort_by(|a, b| a.id.cmp(&b.id));
        }
    }
    Ok(())
}

fn unknown_shared_file(file: &str, name: &str) -> PlannerError {
    let known = [
        "_environment.toml",
        "_inputs.toml",
        "_loads.toml",
        "_operator.toml",
        "_prerequisites.toml",
        "_probes.toml",
    ];
    let hint = nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
    PlannerError::Catalog {
        file: file.to_owned(),
        line: None,
        reason: format!("a shared file is {}{hint}", crate::value::either(&known)),
    }
}

fn replace_all<T>(existing: &mut Vec<T>, new: Vec<T>, name: impl Fn(&T) -> &String) {
    for item in new {
        match existing.iter_mut().find(|old| name(old) == name(&item)) {
            Some(old) => *old = item,
            None => existing.push(item),
        }
    }
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, PlannerError> {
    toml::from_str(text).map_err(|error| PlannerError::Catalog {
        file: file.to_owned(),
        line: error.span().map(|span| line_of(text, span.start)),
        reason: with_near_miss(error.message()),
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// Serde's message in one line, with the nearest expected name where one was unknown.
fn with_near_miss(message: &str) -> String {
    let message = message.replace('\n', " ");
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown ").then(|| quoted.next()).flatten();
    match unknown.and_then(|word| nearest(word, quoted)) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message,
    }
}
