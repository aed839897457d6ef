//! `provision audit-stacks`: the drift between the platform's registry and the live stacks.

use std::collections::BTreeMap;
use std::time::Duration;

use provision_executor::{
    self as executor, Drift, Finding, FindingKind, PlatformApi, RegionScan, RegistryEntry, Tools,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::access;
use super::args::AuditArgs;
use crate::cli::{Global, OutputFormat};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, terminal};

/// The schema name every audit document carries.
const SCHEMA: &str = "provision.audit/v1";

/// How registry and account differ, and whether everything was read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditDocument {
    /// Always `provision.audit/v1`.
    pub schema: String,
    /// Whether the registry and every region were read to their end. If not, findings may be missing.
    pub complete: bool,
    /// What could not be read, one line each.
    pub problems: Vec<String>,
    /// The regions that were asked for.
    pub regions: Vec<RegionDocument>,
    /// How many pipelines the registry lists.
    pub pipelines: usize,
    /// How many of them have their stack.
    pub matched: usize,
    /// How many of them are in regions that were not read.
    pub not_scanned: usize,
    /// How many tagged stacks without a pipeline are being changed right now.
    pub in_progress: usize,
    /// With --org: how many tagged stacks name another organisation, or none.
    pub other_orgs: usize,
    /// The differences.
    pub findings: Vec<FindingDocument>,
}

/// One region of an audit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RegionDocument {
    /// The region's code.
    pub region: String,
    /// How many stacks were read.
    pub stacks: usize,
    /// How many of them carry the platform's tag.
    pub tagged: usize,
    /// Why it was not read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// One difference.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingDocument {
    /// `orphaned` (a stack without a pipeline) or `missing` (a pipeline without a usable stack).
    pub kind: String,
    /// The region, where it is known.
    pub region: Option<String>,
    /// The stack's name, where it is known.
    pub stack: Option<String>,
    /// The stack's status; null where there is no stack.
    pub status: Option<String>,
    /// The pipeline's id; null for an orphaned stack.
    pub pipeline_id: Option<String>,
    /// The pipeline's name; null for an orphaned stack.
    pub pipeline_name: Option<String>,
    /// The organisation that an orphaned stack's tag names.
    pub org: Option<String>,
    /// What to look at next.
    pub next: String,
}

/// Audits, prints, and says how it went.
///
/// # Errors
/// A usage error before anything is asked.
pub async fn run(args: &AuditArgs, global: &Global) -> Result<Exit, CommandError> {
    let vars = executor::variables();
    let access = access::platform(&args.platform, &vars)?;
    let regions = match regions(args, &vars).await? {
        Ok(regions) => regions,
        Err(problem) => return show(&unread(problem), args, global),
    };
    let registry = async { PlatformApi::connect(access).await?.registry(args.org.as_deref()).await };
    let note = |scan: &RegionScan| progress(scan);
    let (registry, scans) = tokio::join!(registry, executor::scan(&regions, args.profile.as_deref(), &note));
    let document = document(registry.map_err(|error| error.to_string()), scans, args.org.as_deref());
    show(&document, args, global)
}

/// The regions to scan; the inner error is why the account's regions cannot be listed.
async fn regions(
    args: &AuditArgs,
    vars: &BTreeMap<String, String>,
) -> Result<Result<Vec<String>, String>, CommandError> {
    if args.region.iter().any(|region| region.eq_ignore_ascii_case("all")) {
        let tools = Tools { environment: vars.clone(), timeout: Duration::from_secs(60) };
        let enabled = executor::enabled_regions(&tools, args.profile.as_deref()).await;
        return Ok(enabled.map_err(|reason| format!("the account's regions cannot be listed: {reason}")));
    }
    if args.region.is_empty() {
        return Ok(Ok(vec![access::region(None, vars)?]));
    }
    let mut regions =
        args.region.iter().map(|region| access::checked(region)).collect::<Result<Vec<_>, _>>()?;
    regions.sort();
    regions.dedup();
    Ok(Ok(regions))
}

/// On a terminal each region is told as it comes in.
fn progress(scan: &RegionScan) {
    if terminal::is_live() {
        terminal::err(&format!("  {}: {}\n", scan.region, render::plural(scan.stacks, "stack", "stacks")));
    }
}

fn unread(problem: String) -> AuditDocument {
    let mut document = document(Ok(Vec::new()), Vec::new(), None);
    document.complete = false;
    document.problems.push(problem);
    document
}

fn document(
    registry: Result<Vec<RegistryEntry>, String>,
    scans: Vec<RegionScan>,
    org: Option<&str>,
) -> AuditDocument {
    let told = |scan: &RegionScan| Some(format!("region {}: {}", scan.region, scan.problem.as_ref()?));
    let mut problems: Vec<String> = scans.iter().filter_map(told).collect();
    // without the registry every stack would look orphaned: nothing is joined then
    let (pipelines, drift) = match registry {
        Ok(entries) => (entries.len(), executor::drift(&entries, &scans, org)),
        Err(reason) => {
            problems.insert(0, format!("the registry: {reason}"));
            (0, Drift::default())
        }
    };
    AuditDocument {
        schema: SCHEMA.to_owned(),
        complete: problems.is_empty(),
        problems,
        regions: scans.into_iter().map(region).collect(),
        pipelines,
        matched: drift.matched,
        not_scanned: drift.not_scanned,
        in_progress: drift.in_progress,
        other_orgs: drift.other_orgs,
        findings: drift.findings.into_iter().map(finding).collect(),
    }
}

fn region(scan: RegionScan) -> RegionDocument {
    let tagged = scan.tagged.len();
    RegionDocument { region: scan.region, stacks: scan.stacks, tagged, problem: scan.problem }
}

fn finding(found: Finding) -> FindingDocument {
    let (kind, next) = match (found.kind, &found.status) {
        (FindingKind::Orphaned, _) => (
            "orphaned",
            "delete the stack if its pipeline is gone for good, or deploy the pipeline again to register it",
        ),
        (FindingKind::Missing, Some(_)) => (
            "missing",
            "the stack is there but not usable: diagnose it with --diagnose stack:NAME, then deploy again",
        ),
        (FindingKind::Missing, None) => {
            ("missing", "deploy the pipeline again, or delete it in the dashboard if it is not wanted")
        }
    };
    let (pipeline_id, pipeline_name) = found.pipeline.unzip();
    FindingDocument {
        kind: kind.to_owned(),
        region: found.region,
        stack: found.stack,
        status: found.status,
        pipeline_id,
        pipeline_name,
        org: found.org,
        next: next.to_owned(),
    }
}

fn show(document: &AuditDocument, args: &AuditArgs, global: &Global) -> Result<Exit, CommandError> {
    let json =
        |value: serde_json::Result<String>| value.map(|text| text + "\n").map_err(CommandError::internal);
    let text = match global.format() {
        _ if args.summary => render::audit::summary(document) + "\n",
        OutputFormat::Json => json(serde_json::to_string_pretty(document))?,
        OutputFormat::Sarif => json(serde_json::to_string_pretty(&render::audit::sarif(document)))?,
        OutputFormat::Markdown => render::audit::markdown(document),
        OutputFormat::Text | OutputFormat::Github => render::audit::text(document, terminal::width()),
    };
    terminal::out(&text);
    Ok(match (document.complete, document.findings.is_empty()) {
        (false, _) => Exit::SCAN_INCOMPLETE,
        (true, false) => Exit::DRIFT,
        (true, true) => Exit::Done,
    })
}
