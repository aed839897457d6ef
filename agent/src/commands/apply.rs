//! `provision apply FILE`: runs a plan that was printed before, if it is still exactly that plan.

use std::collections::BTreeMap;
use std::path::Path;

use provision_planner::Catalog;
use provision_planner::plan::{Plan, drift};

use super::provision::{self, Session};
use crate::cli::{GateArgs, Global};
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::gate::Consent;
use crate::{input, rebuild, render, terminal};

/// Plans anew from the document's inputs, compares, and runs what both agree on.
///
/// # Errors
/// A usage error for what is no plan; not approved when it was changed, or when something differs from it now.
pub fn run(
    path: &Path,
    gate: &GateArgs,
    given: BTreeMap<String, String>,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let (bytes, name) = input::read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| CommandError::usage(format!("{name}: not a text")))?;
    let approved = rebuild::read(&name, &text)?;
    let consent = Consent { accept_model: global.llm.accept_model, ..consent(gate) };
    if let Some(other) = consent.approve.as_ref().filter(|digest| **digest != approved.digest) {
        return Err(CommandError::NotApproved {
            message: format!(
                "{name} is the plan {}, and {other} was approved; nothing was changed",
                approved.digest
            ),
        });
    }
    let request = rebuild::request(&approved, given, catalog, config)?;
    let runtime = provision::runtime()?;
    let (plan, secrets) =
        runtime.block_on(provision::planned(catalog, &request, Some(provision::PATIENCE)))?;
    if global.wants_json() {
        let document = serde_json::to_string_pretty(&plan).map_err(CommandError::internal)?;
        terminal::out(&(document + "\n"));
        return Ok(if plan.digest == approved.digest { Exit::Done } else { Exit::NotApproved });
    }
    refuse_drift(&approved, &plan)?;
    provision::print(&plan);
    if !plan.is_ready() {
        return Ok(Exit::Blocked);
    }
    let session = Session { catalog, request, consent, rules: global.rules.clone(), resumed: None };
    provision::gated(plan, secrets, &session)
}

/// What the flags of a command that runs an existing plan say about approval.
pub fn consent(gate: &GateArgs) -> Consent {
    Consent {
        yes: gate.yes,
        approve: gate.approve.clone(),
        confirm: gate.confirm.clone(),
        ..Consent::default()
    }
}

/// Shows what differs from the plan that was approved, and refuses.
///
/// # Errors
/// Not approved, when the digests differ.
pub fn refuse_drift(approved: &Plan, now: &Plan) -> Result<(), CommandError> {
    if approved.digest == now.digest {
        return Ok(());
    }
    terminal::out(&render::drift(&drift(approved, now), terminal::width()));
    Err(CommandError::NotApproved {
        message: format!(
            "this is not the plan that was approved: it is {} now; nothing was changed",
            now.digest
        ),
    })
}
