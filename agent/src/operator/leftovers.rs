//! `provision leftovers`, and the same after a teardown: what is left and costs money or stands in the way.

use provision_executor::remains::{Remains, remains};
use provision_planner::plan::Action;
use provision_planner::{Catalog, Request};
use serde::Serialize;

use super::deployment::{Deployment, DeploymentArgs};
use crate::cli::Global;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, terminal};

/// The schema name of what `leftovers --json` prints.
const SCHEMA: &str = "provision.leftovers/v1";
/// The targets that leave something in an AWS account.
const TARGETS: [&str; 3] = ["ec2", "eks", "stack"];

/// What is left of a deployment.
#[derive(Debug, Serialize)]
pub struct LeftoversDocument {
    /// Always `provision.leftovers/v1`.
    pub schema: &'static str,
    /// Which deployment.
    pub title: String,
    /// The target's id.
    pub target: String,
    /// Whether everything was looked at.
    pub complete: bool,
    /// What it costs a month in all, in US dollars at list price, as far as it is known.
    pub dollars: f64,
    /// What is left, and what could not be looked at.
    #[serde(flatten)]
    pub remains: Remains,
}

/// Looks and prints. Changes nothing.
///
/// # Errors
/// A usage error before anything is looked at.
pub async fn run(
    args: &DeploymentArgs,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let deployment = Deployment::find(args, catalog, config)?;
    if !TARGETS.contains(&deployment.target()) {
        let message = format!("{} leaves nothing that costs money", deployment.target());
        return Err(CommandError::usage(format!("--target {message}; expected {}", TARGETS.join(", "))));
    }
    let document = tokio::select! {
        document = look(&deployment) => document,
        _ = tokio::signal::ctrl_c() => return Err(CommandError::Interrupted),
    };
    let text = match global.wants_json() {
        true => serde_json::to_string_pretty(&document).map_err(CommandError::internal)? + "\n",
        false => render::leftovers::text(&document, terminal::width()),
    };
    terminal::out(&text);
    Ok(match (document.complete, document.remains.left.is_empty()) {
        (false, _) => Exit::SCAN_INCOMPLETE,
        (true, false) => Exit::LEFT,
        (true, true) => Exit::Done,
    })
}

/// After a teardown: says what it left. Whatever comes of that, the teardown is done.
pub async fn after(request: &Request, catalog: &Catalog) {
    let torn_down = request.action == Action::Teardown;
    let deployment = torn_down.then(|| Deployment::of_request(request, catalog).ok()).flatten();
    let Some(deployment) = deployment.filter(|found| TARGETS.contains(&found.target())) else { return };
    if terminal::is_live() {
        terminal::err("  looking at what is left\n");
    }
    let document = look(&deployment).await;
    terminal::out(&("\n".to_owned() + &render::leftovers::text(&document, terminal::width())));
}

async fn look(deployment: &Deployment) -> LeftoversDocument {
    let found = remains(deployment.target(), &deployment.names, deployment.tools()).await;
    // the sum of nothing is -0 otherwise
    let dollars = found.left.iter().filter_map(|left| left.dollars).fold(0.0, |all, each| all + each);
    LeftoversDocument {
        schema: SCHEMA,
        title: deployment.title(),
        target: deployment.target().to_owned(),
        complete: found.not_seen.is_empty(),
        dollars: (dollars * 100.0).round() / 100.0,
        remains: found,
    }
}
