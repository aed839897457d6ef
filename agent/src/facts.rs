//! Facts about this machine that a plan needs: the checkout, its files, the system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use provision_executor::{self as executor, System};
use provision_planner::catalog::Target;
use provision_planner::plan::Action;
use provision_planner::{Catalog, Facts, Request};

use crate::error::CommandError;

/// No file of a checkout that a plan reads is larger than this, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Looks around on this machine for what the request's plan needs to know.
///
/// # Errors
/// When the current folder or a file of the checkout cannot be read.
pub fn gather(catalog: &Catalog, request: &Request) -> Result<Facts, CommandError> {
    let os = System::here().names().first().cloned();
    let target = provision_planner::lookup(catalog, request, "target").and_then(|id| catalog.target(&id));
    let Some(target) = target else { return Ok(Facts { os, ..Facts::default() }) };
    let start = std::env::current_dir().map_err(CommandError::internal)?;
    if !target.platform {
        let template = template(catalog, request, target, &start)?;
        return Ok(Facts { os, template, ..Facts::default() });
    }
    let Some(checkout) = checkout(catalog, request, target, &start) else {
        return Ok(Facts { os, ..Facts::default() });
    };
    let mut files = BTreeMap::new();
    for name in provision_planner::needed_files(target) {
        if let Some(text) = executor::read_small(&checkout.join(&name), MAX_FILE)? {
            files.insert(name, text);
        }
    }
    let template = template(catalog, request, target, &checkout.join(&target.folder))?;
    let hashes = executor::hash_files(&checkout, provision_planner::covered_paths(target))?;
    Ok(Facts { checkout: Some(checkout.display().to_string()), os, files, hashes, template })
}

/// The text of the template that the request deploys, if it deploys one and the file is there.
fn template(
    catalog: &Catalog,
    request: &Request,
    target: &Target,
    folder: &Path,
) -> Result<Option<String>, CommandError> {
    let file = provision_planner::template_file(catalog, request, target);
    let deploys = request.action == Action::Deploy;
    let Some(file) = file.filter(|_| deploys) else { return Ok(None) };
    if let Some(text) = executor::builtin_template(&file) {
        return Ok(Some(text));
    }
    executor::read_small(&folder.join(file), MAX_FILE).map_err(|error| CommandError::usage(error.to_string()))
}

/// The checkout to work in: the given folder, or one around the current folder, or one that `--repo` made below it.
fn checkout(catalog: &Catalog, request: &Request, target: &Target, start: &Path) -> Option<PathBuf> {
    let find = |workdir: Option<&Path>| executor::find_checkout(start, workdir, &target.folder);
    if let Some(workdir) = provision_planner::lookup(catalog, request, "workdir") {
        return find(Some(Path::new(&workdir)));
    }
    let usual = catalog.input("workdir").and_then(|input| input.default.clone());
    find(None).or_else(|| find(Some(Path::new(&usual?))))
}
