//! `provision status`: one screen of how a deployment stands, seen from outside.

use std::sync::Arc;
use std::time::Duration;

use provision_executor::status::{Finding, Look, State};
use provision_planner::Catalog;
use serde::Serialize;

use super::args::StatusArgs;
use super::deployment::{Deployment, LastRun};
use crate::cli::Global;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::run::{Heard, diagnoser};
use crate::{render, rulebase, terminal};

/// The schema name of what `status --json` prints.
const SCHEMA: &str = "provision.status/v1";

/// How a deployment stands.
#[derive(Debug, Serialize)]
pub struct StatusDocument {
    /// Always `provision.status/v1`.
    pub schema: &'static str,
    /// Which deployment.
    pub title: String,
    /// The target's id.
    pub target: String,
    /// When it was looked at.
    pub at: String,
    /// The worst of what was seen; `unseen` where nothing was.
    pub state: State,
    /// Part by part.
    pub findings: Vec<Finding>,
    /// What this tool ran last for it.
    pub last_run: Option<LastRun>,
    /// What it costs, as far as it is known.
    pub costs: Vec<String>,
    /// The inputs that were taken from an earlier run.
    pub remembered: Vec<String>,
}

/// Looks, prints, and says how it stands; with `--watch` again and again.
///
/// # Errors
/// A usage error before anything is looked at.
pub async fn run(
    args: &StatusArgs,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    if !global.rules.is_empty() {
        rulebase::load(&global.rules)?;
    }
    let Some(seconds) = args.watch else {
        // The tools that are asked end with the look, not after it.
        let document = tokio::select! {
            document = look(args, global, catalog, config) => document?,
            _ = tokio::signal::ctrl_c() => return Err(CommandError::Interrupted),
        };
        show(&document, global, false)?;
        return Ok(exit(document.state));
    };
    let mut last = Exit::NOTHING_SEEN;
    loop {
        let document = tokio::select! {
            document = look(args, global, catalog, config) => document?,
            _ = tokio::signal::ctrl_c() => return Ok(last),
        };
        last = exit(document.state);
        show(&document, global, true)?;
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            _ = tokio::signal::ctrl_c() => return Ok(last),
        }
    }
}

async fn look(
    args: &StatusArgs,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<StatusDocument, CommandError> {
    let deployment = Deployment::find(&args.deployment, catalog, config)?;
    let diagnose = diagnoser(global.rules.clone(), Heard::default());
    let look = Look {
        plan: deployment.plan(),
        names: &deployment.names,
        environment: deployment.tools(),
        folder: deployment.folder.clone(),
        diagnose: Arc::as_ref(&diagnose),
        patience: Duration::from_secs(args.timeout),
    };
    let findings = look.all().await;
    Ok(document(&deployment, findings))
}

fn document(deployment: &Deployment, findings: Vec<Finding>) -> StatusDocument {
    let seen = findings.iter().map(|finding| finding.state).filter(|state| *state != State::Unseen);
    let whole = deployment.plan().cost.clone();
    let there = findings.iter().flat_map(|finding| finding.costs.clone());
    StatusDocument {
        schema: SCHEMA,
        title: deployment.title(),
        target: deployment.target().to_owned(),
        at: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        state: seen.max().unwrap_or(State::Unseen),
        costs: whole.into_iter().chain(there).collect(),
        last_run: deployment.last.clone(),
        remembered: deployment.remembered.clone(),
        findings,
    }
}

fn show(document: &StatusDocument, global: &Global, again: bool) -> Result<(), CommandError> {
    if global.wants_json() {
        let text = match again {
            true => serde_json::to_string(document),
            false => serde_json::to_string_pretty(document),
        };
        terminal::out(&(text.map_err(CommandError::internal)? + "\n"));
        return Ok(());
    }
    let text = render::status::text(document, terminal::width());
    match again {
        true => terminal::redraw(&text),
        false => terminal::out(&text),
    }
    Ok(())
}

fn exit(state: State) -> Exit {
    match state {
        State::Well | State::Attention => Exit::Done,
        State::Wrong => Exit::NOT_WELL,
        State::Unseen => Exit::NOTHING_SEEN,
    }
}
