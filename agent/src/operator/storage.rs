//! `provision storage`: what a deployment's storage is, what it should be, and the gated way to grow it.

use std::collections::BTreeMap;

use provision_executor::storage::{self, Claim, Claims, Volume, Volumes};
use provision_planner::plan::Plan;
use provision_planner::{Catalog, Grown, Secrets, Strategy, growth, strategies};
use serde::Serialize;

use super::args::StorageArgs;
use super::deployment::Deployment;
use crate::cli::Global;
use crate::commands::provision as runs;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::gate::Consent;
use crate::run::exit;
use crate::{gate, render, terminal};

/// The schema name of what `storage --json` prints.
const SCHEMA: &str = "provision.storage/v1";
/// What a GiB of a general purpose volume costs a month, in US dollars.
const GIB_MONTH: f64 = 0.08;

/// The storage of a deployment.
#[derive(Debug, Serialize)]
pub struct StorageDocument {
    /// Always `provision.storage/v1`.
    pub schema: &'static str,
    /// Which deployment.
    pub title: String,
    /// The instance's volumes; of an ec2 deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volumes: Option<Vec<Volume>>,
    /// The one with the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_volume: Option<String>,
    /// How large the data volume should be, by how plugins are loaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strategies: Vec<Advice>,
    /// The volume claims; of an eks deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<Claim>>,
    /// Why the storage was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_seen: Option<String>,
    /// The command that grows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A way of loading plugins with the volume it needs.
#[derive(Debug, Serialize)]
pub struct Advice {
    /// Its name.
    pub id: String,
    /// The size in GiB.
    pub gib: u64,
    /// What it does.
    pub note: String,
    /// Whether it is the one that was asked for.
    pub chosen: bool,
}

/// Shows the storage, or grows it.
///
/// # Errors
/// A usage error for what cannot grow; what keeps the run from starting.
pub async fn run(
    args: &StorageArgs,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let deployment = Deployment::find(&args.deployment, catalog, config)?;
    match deployment.target() {
        "ec2" if args.pvc.is_some() => Err(CommandError::usage("--pvc goes with --target eks")),
        "ec2" => volumes(args, global, &deployment, catalog, config).await,
        "eks" if args.strategy.is_some() || args.volume.is_some() => {
            Err(CommandError::usage("--strategy and --volume go with --target ec2"))
        }
        "eks" => claims(args, global, &deployment, catalog, config).await,
        other => Err(CommandError::usage(format!(
            "--target {other}: storage grows on ec2 and eks only; here it is what the disk has"
        ))),
    }
}

async fn volumes(
    args: &StorageArgs,
    global: &Global,
    deployment: &Deployment,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let chosen = args.strategy.as_deref().map(strategy).transpose()?;
    let seen = storage::volumes(&deployment.names, deployment.tools()).await;
    let Some(gib) = args.grow else {
        return show(&volumes_document(deployment, &seen, chosen), global);
    };
    let seen = seen.map_err(not_seen)?;
    let volume = match &args.volume {
        Some(id) => seen.by_id(id).ok_or_else(|| {
            CommandError::usage(format!(
                "--volume {id}: not attached to {}; it has {}",
                seen.instance,
                list(&seen)
            ))
        })?,
        None => seen.data().ok_or_else(|| {
            CommandError::usage(format!(
                "--volume says which is the data volume of {}: {}",
                seen.instance,
                list(&seen)
            ))
        })?,
    };
    if let Some(exit) = bounded("volume", &volume.id, volume.gib, gib)? {
        return Ok(exit);
    }
    let more = [("volume", volume.id.clone()), ("instance_id", seen.instance.clone())];
    let names = grown(deployment, more, volume.gib, gib);
    gated(Grown::Volume, &names, args, global, deployment, catalog, config).await
}

async fn claims(
    args: &StorageArgs,
    global: &Global,
    deployment: &Deployment,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let seen = storage::claims(&deployment.names, deployment.tools()).await;
    let (Some(gib), Some(name)) = (args.grow, &args.pvc) else {
        if args.grow.is_some() || args.pvc.is_some() {
            return Err(CommandError::usage("growing a claim takes both: --pvc NAME --grow GIB"));
        }
        return show(&claims_document(deployment, &seen), global);
    };
    let seen = seen.map_err(not_seen)?;
    let claim = claim(&seen, name)?;
    if let Some(exit) = bounded("claim", name, claim.gib, gib)? {
        return Ok(exit);
    }
    let more = [("claim", name.clone()), ("context", seen.context.clone())];
    let names = grown(deployment, more, claim.gib, gib);
    gated(Grown::Claim, &names, args, global, deployment, catalog, config).await
}

/// The claim of a name, if it can grow.
fn claim<'a>(seen: &'a Claims, name: &str) -> Result<&'a Claim, CommandError> {
    let refused = |why: String| CommandError::usage(format!("--pvc {name}: {why}; nothing was changed"));
    let known = || seen.claims.iter().map(|claim| claim.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = seen.claims.iter().find(|claim| claim.name == name);
    let claim = found.ok_or_else(|| refused(format!("no such claim; there are {}", known())))?;
    match claim.expandable {
        _ if claim.elastic => Err(refused("it is on EFS, which grows by itself".to_owned())),
        Some(false) => Err(refused(format!("its storage class {} does not allow expansion", claim.class))),
        _ if claim.phase != "Bound" => Err(refused(format!("it is {}, not Bound", claim.phase))),
        Some(true) | None => Ok(claim),
    }
}

/// Refuses to shrink; what has the size already needs nothing.
fn bounded(what: &str, name: &str, from: u64, gib: u64) -> Result<Option<Exit>, CommandError> {
    if gib < from {
        let message =
            format!("the {what} {name} has {from} GiB; storage never shrinks, so {gib} GiB is refused");
        return Err(CommandError::usage(message));
    }
    if gib == from {
        terminal::err(&format!("the {what} {name} has {gib} GiB already; nothing to do\n"));
        return Ok(Some(Exit::Done));
    }
    Ok(None)
}

fn grown<const N: usize>(
    deployment: &Deployment,
    more: [(&str, String); N],
    from: u64,
    gib: u64,
) -> BTreeMap<String, String> {
    #[allow(clippy::cast_precision_loss)]
    let dollars = (gib - from) as f64 * GIB_MONTH;
    let sizes = [("from", from.to_string()), ("gib", gib.to_string()), ("dollars", format!("{dollars:.0}"))];
    let more = more.into_iter().chain(sizes).map(|(name, value)| (name.to_owned(), value));
    deployment.names.known.clone().into_iter().chain(more).collect()
}

/// Shows the plan, passes it through the gate, runs it.
async fn gated(
    grown: Grown,
    names: &BTreeMap<String, String>,
    args: &StorageArgs,
    global: &Global,
    deployment: &Deployment,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let draft = runs::bound(deployment.draft.clone(), &[]).await;
    let plan: Plan = growth(grown, &draft.plan, names);
    if global.wants_json() {
        let text = serde_json::to_string_pretty(&plan).map_err(CommandError::internal)?;
        terminal::out(&(text + "\n"));
        return Ok(Exit::Done);
    }
    runs::print(&plan);
    let consent = Consent { yes: args.yes, approve: args.approve.clone(), ..Consent::default() };
    let request = deployment.request(config);
    let session = runs::Session { catalog, request, consent, rules: global.rules.clone(), resumed: None };
    let approved = gate::pass(plan, &session.consent)?;
    let report = runs::reported(approved, Secrets::default(), session, &|_| {}).await?;
    terminal::out(&render::outcome(&report));
    Ok(exit(&report.outcome))
}

fn strategy(name: &str) -> Result<&'static Strategy, CommandError> {
    let known = || strategies().iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = strategies().iter().find(|one| one.id == name);
    found.ok_or_else(|| CommandError::usage(format!("--strategy {name}: expected one of {}", known())))
}

fn volumes_document(
    deployment: &Deployment,
    seen: &Result<Volumes, String>,
    chosen: Option<&Strategy>,
) -> StorageDocument {
    let data = seen.as_ref().ok().and_then(Volumes::data);
    let wanted = chosen.filter(|chosen| data.is_some_and(|data| data.gib < chosen.gib));
    let next = wanted.map(|chosen| format!("{} --grow {}", command(deployment), chosen.gib));
    let advice = |one: &Strategy| Advice {
        id: one.id.clone(),
        gib: one.gib,
        note: one.note.clone(),
        chosen: chosen.is_some_and(|chosen| chosen.id == one.id),
    };
    StorageDocument {
        schema: SCHEMA,
        title: deployment.title(),
        volumes: seen.as_ref().ok().map(|seen| seen.volumes.clone()),
        data_volume: data.map(|data| data.id.clone()),
        strategies: strategies().iter().map(advice).collect(),
        claims: None,
        not_seen: seen.as_ref().err().cloned(),
        next,
    }
}

fn claims_document(deployment: &Deployment, seen: &Result<Claims, String>) -> StorageDocument {
    let growing = seen
        .as_ref()
        .ok()
        .and_then(|seen| seen.claims.iter().find(|claim| claim.expandable == Some(true) && !claim.elastic));
    StorageDocument {
        schema: SCHEMA,
        title: deployment.title(),
        volumes: None,
        data_volume: None,
        strategies: Vec::new(),
        claims: seen.as_ref().ok().map(|seen| seen.claims.clone()),
        not_seen: seen.as_ref().err().cloned(),
        next: growing.map(|claim| format!("{} --pvc {} --grow GIB", command(deployment), claim.name)),
    }
}

/// This command for this deployment.
fn command(deployment: &Deployment) -> String {
    let flags = [
        ("stack_name", "--stack-name"),
        ("cluster_name", "--cluster-name"),
        ("region", "--region"),
        ("profile", "--profile"),
    ];
    let named =
        flags.iter().filter_map(|(name, flag)| Some(format!(" {flag} {}", deployment.names.get(name)?)));
    format!("provision storage --target {}{}", deployment.target(), named.collect::<String>())
}

fn show(document: &StorageDocument, global: &Global) -> Result<Exit, CommandError> {
    let text = match global.wants_json() {
        true => serde_json::to_string_pretty(document).map_err(CommandError::internal)? + "\n",
        false => render::storage::text(document, terminal::width()),
    };
    terminal::out(&text);
    Ok(if document.not_seen.is_some() { Exit::NOTHING_SEEN } else { Exit::Done })
}

fn not_seen(reason: String) -> CommandError {
    CommandError::Blocked { message: format!("the storage was not seen: {reason}; nothing was changed") }
}

fn list(seen: &Volumes) -> String {
    let one = |volume: &Volume| format!("{} ({} GiB, {})", volume.id, volume.gib, volume.device);
    seen.volumes.iter().map(one).collect::<Vec<_>>().join(", ")
}
