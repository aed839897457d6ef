//! Joins the platform's pipeline registry with the live stacks that carry its tag. Reads only.

mod drift;
mod pace;
mod scan;

pub use drift::{Drift, Finding, FindingKind, drift};
pub use scan::{RegionScan, ScannedStack, enabled_regions, scan};

/// The key of the tag that the platform gives its stacks.
pub(crate) const TAG: &str = "pipeline-builder";
/// The keys of the tag that names a stack's organisation.
pub(crate) const ORG_TAGS: [&str; 2] = ["OrgId", "orgId"];
