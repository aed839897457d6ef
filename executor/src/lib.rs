//! Runs an approved plan: prerequisites, clone, deploy with bounded retry, health, post-steps, teardown.
//!
//! The only room that starts processes, calls AWS or HTTP. It never prints and never talks to a model:
//! what happens goes to an [`Observer`], what has to be decided is asked of an [`Arbiter`].

mod alive;
mod ask;
mod audit;
mod aws;
mod bootstrap;
mod builtin;
mod cloudformation;
mod empty_variables;
mod env_file;
mod error;
mod event;
mod evidence;
mod facts;
mod hashes;
mod health;
mod identity;
mod interrupt;
mod journal;
mod lock;
mod mask;
mod platform;
pub mod prerequisites;
pub mod process;
mod quantity;
pub mod remains;
pub mod resume;
mod run;
mod secret_store;
mod smoke;
pub mod stacks;
pub mod status;
pub mod storage;
mod system;
mod tool;

use std::collections::BTreeMap;

pub use alive::{end_leftovers, leftovers};
pub use ask::Names;
pub use audit::{Drift, Finding, FindingKind, RegionScan, ScannedStack, drift, enabled_regions, scan};
pub use aws::AwsTarget;
pub use bootstrap::{Fetched, Surroundings, fetch};
pub use builtin::template as builtin_template;
pub use cloudformation::native::{Preview, ResourceChange};
pub use cloudformation::watch::{StackWatched, WatchedStack, watch_stack};
pub use empty_variables::drop_empty_aws_variables;
pub use env_file::{EnvFile, create as create_env_file};
pub use error::ExecutorError;
pub use event::{
    Event, HookObjection, Observer, ResourceUnderWay, Silent, StackChange, StackOutput, StackView, Stream,
};
pub use evidence::{StackEvidence, gather as gather_evidence, read_stack};
pub use facts::{bound_ports, find_checkout, read_small};
pub use hashes::hash_files;
pub use health::{Health, ProbeResult, Prober};
pub use identity::{account, region};
pub use interrupt::Interrupt;
pub use journal::{Chain, Journal, Record, RecordKind, RunLog};
pub use lock::Holder;
pub use mask::{MASK, MaskStream, Masker};
pub use platform::{
    IssuedToken, PlatformAccess, PlatformApi, PlatformCredentials, RegistryEntry, claims_organization,
    platform_base,
};
pub use prerequisites::{Environment, check_all};
pub use run::{
    Arbiter, Change, Decision, Diagnose, Failure, Outcome, Proposal, Replan, Report, Resumed, RunContext,
    StepReport, StopReason, run,
};
pub use secret_store::{StoredSecret, find_secret, store_secret};
pub use system::System;
pub use tool::Tools;

/// The variables of this process that are text; others cannot be shown or masked and are not handed on.
pub fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
