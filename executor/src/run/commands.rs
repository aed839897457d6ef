//! Resolves a plan's command line against checkout, environment and secrets, and runs it.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use provision_planner::Secrets;
use provision_planner::plan::{CommandLine, EnvValue, Plan};

use crate::error::ExecutorError;
use crate::process::Invocation;

/// The folder of the platform's checkout.
pub(super) fn checkout(plan: &Plan, base: &Path) -> PathBuf {
    let workdir = plan.bootstrap.as_ref().map(|bootstrap| bootstrap.workdir.as_str());
    plan.checkout.as_deref().or(workdir).map_or_else(|| base.to_owned(), |folder| base.join(folder))
}

/// A folder of the checkout, as a plan names it.
pub(super) fn folder(checkout: &Path, dir: &str) -> Result<PathBuf, ExecutorError> {
    let inside =
        Path::new(dir).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err(ExecutorError::OutsideCheckout { path: dir.to_owned() });
    }
    let path = if dir.is_empty() { checkout.to_owned() } else { checkout.join(dir) };
    if path.is_dir() { Ok(path) } else { Err(ExecutorError::NoFolder { path }) }
}

/// The command with every reference resolved.
pub(super) fn resolve(
    command: &CommandLine,
    checkout: &Path,
    inherited: &BTreeMap<String, String>,
    secrets: &Secrets,
) -> Result<Invocation, ExecutorError> {
    let mut env = inherited.clone();
    env.retain(|name, _| !command.unset.contains(name));
    for (name, value) in &command.env {
        env.insert(name.clone(), plain(value, secrets)?);
    }
    Ok(Invocation { argv: command.argv.clone(), dir: folder(checkout, &command.dir)?, env })
}

/// A command of this tool's own, with this very program in place of its name: it need not be on the PATH.
pub(super) fn own(argv: &[String]) -> Result<Vec<String>, ExecutorError> {
    let program = std::env::current_exe().map_err(ExecutorError::file("find", Path::new("provision")))?;
    let rest = argv.iter().skip(1).cloned();
    Ok(std::iter::once(program.display().to_string()).chain(rest).collect())
}

fn plain(value: &EnvValue, secrets: &Secrets) -> Result<String, ExecutorError> {
    match value {
        EnvValue::Plain(value) => Ok(value.clone()),
        EnvValue::Secret { secret } => match secrets.get(secret) {
            Some(secret) => Ok(secret.expose().to_owned()),
            None => Err(ExecutorError::SecretMissing { name: secret.clone() }),
        },
    }
}
