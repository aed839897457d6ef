//! A stack of the program's own, deployed or deleted as any other: plan, gate, change set, live events, journal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use provision_executor::{self as executor, Event, Report, StackOutput};
use provision_planner::plan::{
    Action, ApprovedPlan, Plan, PlanStatus, PrerequisiteResult, PrerequisiteStatus,
};
use provision_planner::{Catalog, Request, Secrets};
use serde_json::{Map, Value, json};

use crate::cli::Global;
use crate::commands::provision::{self, Session};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::gate::{self, Consent};
use crate::run::exit;
use crate::{facts, render, terminal};

/// What is wanted of a stack.
#[derive(Debug)]
pub struct Wanted {
    /// The target of the catalog.
    pub target: &'static str,
    /// Whether it is deployed or deleted.
    pub action: Action,
    /// The stack's name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// The template's parameters.
    pub parameters: BTreeMap<&'static str, String>,
    /// What has to be there besides.
    pub prerequisites: Vec<PrerequisiteResult>,
}

/// A stack's plan with everything that its run needs.
#[derive(Debug)]
pub struct Prepared {
    catalog: Catalog,
    request: Request,
    secrets: Secrets,
    rules: Vec<PathBuf>,
    /// The plan.
    pub plan: Plan,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub exit: Exit,
    /// What became of the stack, as JSON.
    pub document: Value,
}

impl Prepared {
    /// Plans; nothing changes.
    ///
    /// # Errors
    /// What the planner refuses.
    pub async fn new(wanted: Wanted, global: &Global) -> Result<Self, CommandError> {
        let catalog = Catalog::builtin()?;
        let action = wanted.action;
        let mut request = Request {
            action,
            flags: flags(&wanted),
            environment: executor::variables(),
            ..Request::default()
        };
        request.facts = facts::gather(&catalog, &request)?;
        let (mut plan, secrets) = provision::planned(&catalog, &request, None).await?;
        plan.prerequisites.extend(wanted.prerequisites);
        if plan.prerequisites.iter().any(|check| check.status != PrerequisiteStatus::Ok) {
            plan.status = PlanStatus::Blocked;
        }
        Ok(Self { catalog, request, secrets, rules: global.rules.clone(), plan })
    }

    /// Something is missing: with `--json` the document that is printed is the plan, which says what.
    ///
    /// # Errors
    /// An internal error when it cannot be printed.
    pub fn blocked(&self, global: &Global) -> Result<Exit, CommandError> {
        if global.wants_json() {
            terminal::document(&pretty(&self.plan)?);
        }
        Ok(Exit::Blocked)
    }

    /// Takes the shown plan through the gate.
    ///
    /// # Errors
    /// Not approved, or interrupted.
    pub fn approve(self, consent: Consent) -> Result<Approved, CommandError> {
        let plan = gate::pass(self.plan.clone(), &consent)?;
        Ok(Approved { prepared: self, plan, consent })
    }
}

/// A stack whose plan was approved.
#[derive(Debug)]
pub struct Approved {
    prepared: Prepared,
    plan: ApprovedPlan,
    consent: Consent,
}

impl Approved {
    /// Runs it, shows what happens, and says how it ended.
    ///
    /// # Errors
    /// What keeps the run from starting.
    pub async fn run(self) -> Result<Ended, CommandError> {
        let Self { prepared, plan, consent } = self;
        let Prepared { catalog, request, secrets, rules, .. } = prepared;
        let session = Session { catalog: &catalog, request, consent, rules, resumed: None };
        let outputs = Mutex::new(Vec::new());
        let watch = |event: &Event| {
            if let Event::StackOutputs { outputs: found, .. } = event {
                outputs.lock().unwrap_or_else(PoisonError::into_inner).clone_from(found);
            }
        };
        let report = provision::reported(plan, secrets, session, &watch).await?;
        terminal::out(&render::outcome(&report));
        let outputs = outputs.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Ended { exit: exit(&report.outcome), document: document(&report, &outputs) })
    }
}

/// The whole way of a command that is about one stack.
///
/// # Errors
/// As the steps of it.
pub async fn run(wanted: Wanted, consent: Consent, global: &Global) -> Result<Exit, CommandError> {
    let prepared = Prepared::new(wanted, global).await?;
    if global.wants_json() && !consent.is_given() {
        terminal::out(&pretty(&prepared.plan)?);
        return Ok(if prepared.plan.is_ready() { Exit::Done } else { Exit::Blocked });
    }
    if global.wants_json() {
        terminal::keep_for_document();
    }
    provision::print(&prepared.plan);
    if !prepared.plan.is_ready() {
        return prepared.blocked(global);
    }
    let ended = prepared.approve(consent)?.run().await?;
    if global.wants_json() {
        terminal::document(&pretty(&ended.document)?);
    }
    Ok(ended.exit)
}

/// A document as it is printed.
///
/// # Errors
/// An internal error when it is none.
pub fn pretty(document: &impl serde::Serialize) -> Result<String, CommandError> {
    Ok(serde_json::to_string_pretty(document).map_err(CommandError::internal)? + "\n")
}

fn flags(wanted: &Wanted) -> BTreeMap<String, String> {
    let own = [("target", wanted.target), ("stack_name", &wanted.name), ("region", &wanted.region)];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let profile = wanted.profile.iter().map(|profile| ("profile".to_owned(), profile.clone()));
    let parameters = wanted.parameters.iter().map(|(name, value)| (format!("param.{name}"), value.clone()));
    own.into_iter().chain(profile).chain(parameters).collect()
}

/// The schema name of what a run with `--json` prints.
const SCHEMA: &str = "provision.stack-run/v1";

fn document(report: &Report, outputs: &[StackOutput]) -> Value {
    let stack = report.plan.stack.as_ref();
    let outputs: Map<String, Value> =
        outputs.iter().map(|output| (output.key.clone(), output.value.clone().into())).collect();
    let verify = report.plan.steps.iter().filter(|step| step.id == "verify");
    json!({
        "schema": SCHEMA,
        "action": report.plan.action,
        "stack": stack.map(|stack| &stack.name),
        "region": stack.and_then(|stack| stack.region.as_ref()),
        "digest": report.plan.digest,
        "outcome": report.outcome.name(),
        "outputs": outputs,
        "verify": verify.flat_map(|step| &step.notes).collect::<Vec<_>>(),
    })
}
