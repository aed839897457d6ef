//! What the machine must have for a plan.

use super::context::Context;
use super::template::fill;
use crate::Prerequisite;
use crate::plan::{PrerequisiteResult, PrerequisiteStatus};
use crate::template::MAX_BYTES;

/// The checks of the target, for this action and these inputs, ready to run.
pub(super) fn checks(context: &Context<'_>, clones: bool) -> Vec<Prerequisite> {
    let target = context
        .target
        .prerequisites
        .iter()
        .filter(|used| used.on.contains(&context.request.action) && context.resolution.holds(&used.when));
    let ids = target.map(|used| used.id.as_str()).chain(clones.then_some("git"));
    ids.filter_map(|id| context.catalog.prerequisite(id)).map(|check| filled(context, check)).collect()
}

/// The check with the plan's values in its commands; a command without them is left out.
fn filled(context: &Context<'_>, check: &Prerequisite) -> Prerequisite {
    let argv = |argv: &Vec<String>| argv.iter().map(|word| fill(word, |name| context.value(name))).collect();
    Prerequisite { any: check.any.iter().filter_map(argv).collect(), ..check.clone() }
}

/// A check that has not run.
pub(super) fn unchecked(check: &Prerequisite) -> PrerequisiteResult {
    PrerequisiteResult {
        id: check.id.clone(),
        title: check.title.clone(),
        status: PrerequisiteStatus::Unchecked,
        found: None,
        detail: None,
        install: None,
    }
}

/// What keeps the template from being deployed, if anything does.
pub(super) fn no_template(context: &Context<'_>) -> Option<PrerequisiteResult> {
    let path = context.template_path().filter(|_| context.is_deploy())?;
    let (status, detail, install) = match &context.request.facts.template {
        None => (
            PrerequisiteStatus::Missing,
            format!("{path}: no such file"),
            "name the template's file; one in a checkout is there once it is cloned".to_owned(),
        ),
        Some(text) if text.len() > MAX_BYTES && context.resolution.get("template_bucket").is_none() => (
            PrerequisiteStatus::Failed,
            format!("{path} has {} bytes; CloudFormation takes at most {MAX_BYTES} in a request", text.len()),
            "--template-bucket NAME stores it in an S3 bucket of yours, up to 1 MB".to_owned(),
        ),
        Some(_) => return None,
    };
    Some(PrerequisiteResult {
        id: "template".to_owned(),
        title: "template".to_owned(),
        status,
        found: None,
        detail: Some(detail),
        install: Some(install),
    })
}

/// That nothing says which region is meant.
pub(super) fn no_region() -> PrerequisiteResult {
    PrerequisiteResult {
        id: "region".to_owned(),
        title: "AWS region".to_owned(),
        status: PrerequisiteStatus::Missing,
        found: None,
        detail: Some("no flag, variable or profile names one".to_owned()),
        install: Some("--region REGION, AWS_REGION, or a region in the AWS profile".to_owned()),
    }
}

/// The checkout that is not there, if commands need one.
pub(super) fn no_checkout(context: &Context<'_>, clones: bool) -> Option<PrerequisiteResult> {
    let lacking = context.needs_checkout() && !clones && context.request.facts.checkout.is_none();
    lacking.then(|| PrerequisiteResult {
        id: "checkout".to_owned(),
        title: "platform checkout".to_owned(),
        status: PrerequisiteStatus::Missing,
        found: None,
        detail: Some(match context.resolution.stated("workdir") {
            Some(workdir) => format!("{} holds no {}", workdir.text(), context.target.folder),
            None => format!("no folder here holds {}", context.target.folder),
        }),
        install: Some("--repo clones it; --workdir DIR names one that is there".to_owned()),
    })
}
