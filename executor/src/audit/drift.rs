//! Which live stacks have no pipeline, and which pipelines have no live stack. Pure: no AWS, no network.

use std::collections::{HashMap, HashSet};

use super::{RegionScan, ScannedStack};
use crate::platform::RegistryEntry;

/// States in which a stack is deployed and usable, as the platform counts them.
const ACTIVE: [&str; 5] = [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
];

/// What kind of drift a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A live stack with the platform's tag that no pipeline of the registry belongs to.
    Orphaned,
    /// A pipeline of the registry whose stack is not there, or is there and not usable.
    Missing,
}

/// One difference between the registry and the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind of drift it is.
    pub kind: FindingKind,
    /// The region, where it is known.
    pub region: Option<String>,
    /// The stack's name, where it is known.
    pub stack: Option<String>,
    /// The pipeline's id and name; absent for an orphaned stack.
    pub pipeline: Option<(String, String)>,
    /// The organisation of an orphaned stack, where its tag names one.
    pub org: Option<String>,
    /// The stack's status; absent where there is no stack.
    pub status: Option<String>,
}

/// How registry and account differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// The differences: orphaned stacks first, each kind by region and name.
    pub findings: Vec<Finding>,
    /// How many pipelines have their stack.
    pub matched: usize,
    /// Pipelines of regions that were not asked for, or could not be read.
    pub not_scanned: usize,
    /// Stacks that are being changed right now and belong to no pipeline yet.
    pub in_progress: usize,
    /// With an organisation given: tagged stacks that name no organisation, or another one.
    pub other_orgs: usize,
}

/// Joins what the registry says with what is live.
///
/// A pipeline whose region was not read to its end is not judged: it may be on the page that is missing.
pub fn drift(registry: &[RegistryEntry], scans: &[RegionScan], org: Option<&str>) -> Drift {
    let mut drift = Drift::default();
    let stacks: Vec<&ScannedStack> = scans.iter().flat_map(|scan| &scan.tagged).collect();
    let index = Index::new(&stacks);
    let mut owned: HashSet<usize> = HashSet::new();
    for entry in registry {
        match index.stack_of(entry) {
            Some(at) if is_settled_and_unusable(&stacks[at].status) => {
                owned.insert(at);
                drift.findings.push(missing(entry, Some(stacks[at])));
            }
            Some(at) => {
                owned.insert(at);
                drift.matched += 1;
            }
            None if !is_readable(entry, scans) => drift.not_scanned += 1,
            None => drift.findings.push(missing(entry, None)),
        }
    }
    for (_, stack) in stacks.iter().enumerate().filter(|(at, _)| !owned.contains(at)) {
        if org.is_some() && stack.org.as_deref() != org {
            drift.other_orgs += 1;
        } else if ACTIVE.contains(&stack.status.as_str()) {
            drift.findings.push(orphaned(stack));
        } else if stack.status.ends_with("_IN_PROGRESS") {
            drift.in_progress += 1;
        }
    }
    drift.findings.sort();
    drift
}

/// Finds stacks by what a registry row may know of them.
struct Index<'s> {
    by_name: HashMap<(&'s str, &'s str), usize>,
    by_tag: HashMap<(&'s str, &'s str), usize>,
    by_name_anywhere: HashMap<&'s str, usize>,
}

impl<'s> Index<'s> {
    fn new(stacks: &[&'s ScannedStack]) -> Self {
        let numbered = || stacks.iter().enumerate();
        Self {
            by_name: numbered().map(|(at, s)| ((s.region.as_str(), s.name.as_str()), at)).collect(),
            by_tag: numbered().map(|(at, s)| ((s.region.as_str(), s.tag.as_str()), at)).collect(),
            by_name_anywhere: numbered().map(|(at, s)| (s.name.as_str(), at)).collect(),
        }
    }

    /// The stack of a row: by its noted name, else by the pipeline's id in the tag, else by the pipeline's name.
    fn stack_of(&self, entry: &RegistryEntry) -> Option<usize> {
        let stack = entry.stack_name.as_deref().filter(|name| !name.is_empty());
        match (entry.region(), stack) {
            (Some(region), Some(name)) => self.by_name.get(&(region, name)),
            (None, Some(name)) => self.by_name_anywhere.get(name),
            (Some(region), None) => self
                .by_tag
                .get(&(region, entry.pipeline_id.as_str()))
                .or_else(|| self.by_name.get(&(region, entry.pipeline_name.as_str()))),
            (None, None) => self.by_name_anywhere.get(entry.pipeline_name.as_str()),
        }
        .copied()
    }
}

/// Whether the row's region was read to its end; without a region, whether every region was.
fn is_readable(entry: &RegistryEntry, scans: &[RegionScan]) -> bool {
    let whole = |scan: &RegionScan| scan.problem.is_none();
    match entry.region() {
        Some(region) => scans.iter().any(|scan| scan.region == region && whole(scan)),
        None => scans.iter().all(whole),
    }
}

/// A stack that is there, at rest, and not in a state the platform counts as deployed.
fn is_settled_and_unusable(status: &str) -> bool {
    !ACTIVE.contains(&status) && !status.ends_with("_IN_PROGRESS")
}

fn missing(entry: &RegistryEntry, stack: Option<&ScannedStack>) -> Finding {
    Finding {
        kind: FindingKind::Missing,
        region: entry.region().map(str::to_owned),
        stack: stack.map(|stack| stack.name.clone()).or_else(|| entry.stack_name.clone()),
        pipeline: Some((entry.pipeline_id.clone(), entry.pipeline_name.clone())),
        org: None,
        status: stack.map(|stack| stack.status.clone()),
    }
}

fn orphaned(stack: &ScannedStack) -> Finding {
    Finding {
        kind: FindingKind::Orphaned,
        region: Some(stack.region.clone()),
        stack: Some(stack.name.clone()),
        pipeline: None,
        org: stack.org.clone(),
        status: Some(stack.status.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(name: &str, status: &str) -> ScannedStack {
        ScannedStack {
            name: name.to_owned(),
            region: "eu-west-1".to_owned(),
            status: status.to_owned(),
            org: Some("orchard".to_owned()),
            tag: format!("id-of-{name}"),
        }
    }

    fn entry(id: &str, stack: Option<&str>) -> RegistryEntry {
        RegistryEntry {
            pipeline_id: id.to_owned(),
            pipeline_arn: "arn:aws:codepipeline:eu-west-1:000000000000:p".to_owned(),
            pipeline_name: format!("{id}-pipeline"),
            stack_name: stack.map(str::to_owned),
            region: None,
        }
    }

    fn scanned(tagged: Vec<ScannedStack>) -> Vec<RegionScan> {
        vec![RegionScan { region: "eu-west-1".to_owned(), stacks: tagged.len(), tagged, problem: None }]
    }

    fn kinds(drift: &Drift) -> Vec<(FindingKind, Option<&str>)> {
        drift.findings.iter().map(|finding| (finding.kind, finding.stack.as_deref())).collect()
    }

    #[test]
    fn a_stack_without_a_row_is_orphaned_and_a_row_without_a_stack_is_missing() {
        let scans = scanned(vec![stack("orders", "CREATE_COMPLETE"), stack("lost", "UPDATE_COMPLETE")]);
        let found = drift(&[entry("p1", Some("orders")), entry("p2", Some("gone"))], &scans, None);
        assert_eq!(
            kinds(&found),
            [(FindingKind::Orphaned, Some("lost")), (FindingKind::Missing, Some("gone"))]
        );
        assert_eq!(found.matched, 1);
    }

    #[test]
    fn a_row_without_a_stack_name_is_joined_by_its_id_in_the_tag() {
        let found =
            drift(&[entry("id-of-orders", None)], &scanned(vec![stack("orders", "CREATE_COMPLETE")]), None);
        assert_eq!((found.matched, found.findings.len()), (1, 0));
    }

    #[test]
    fn a_stack_that_failed_counts_as_missing_and_one_in_progress_does_not() {
        let scans = scanned(vec![stack("a", "ROLLBACK_COMPLETE"), stack("b", "UPDATE_IN_PROGRESS")]);
        let found = drift(&[entry("p1", Some("a")), entry("p2", Some("b"))], &scans, None);
        assert_eq!(kinds(&found), [(FindingKind::Missing, Some("a"))]);
        assert_eq!(found.findings[0].status.as_deref(), Some("ROLLBACK_COMPLETE"));
    }

    #[test]
    fn a_row_of_a_region_that_was_not_read_is_not_judged() {
        let mut scans = scanned(Vec::new());
        scans[0].problem = Some("AccessDenied".to_owned());
        let found = drift(&[entry("p1", Some("orders"))], &scans, None);
        assert_eq!((found.findings.len(), found.not_scanned), (0, 1));
    }

    #[test]
    fn other_organisations_are_left_out_when_one_is_asked_for() {
        let scans = scanned(vec![stack("orders", "CREATE_COMPLETE")]);
        let found = drift(&[], &scans, Some("meadow"));
        assert_eq!((found.findings.len(), found.other_orgs), (0, 1));
    }
}
