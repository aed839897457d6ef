//! Checks what a machine must have: read-only, in parallel, each within its time.

mod version;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use provision_planner::Prerequisite;
use provision_planner::plan::{PrerequisiteResult, PrerequisiteStatus};
use regex::Regex;
use tokio::task::JoinSet;

use crate::interrupt::Interrupt;
use crate::mask::Masker;
use crate::process::{self, Control, Exit, Invocation, ProcessResult, TailLimits};
use crate::system::System;

/// How long one check may take, unless said otherwise.
const CHECK_TIMEOUT: Duration = Duration::from_millis(1700);
/// No check prints more than this that matters.
const CHECK_TAIL: TailLimits = TailLimits { lines: 200, bytes: 64 * 1024 };
/// The longest detail line, in characters.
const LONGEST_DETAIL: usize = 200;

/// What the checks run in.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The variables they see.
    pub vars: BTreeMap<String, String>,
    /// The folder they run in.
    pub dir: PathBuf,
    /// The system, for install hints.
    pub system: System,
    /// How long each may take.
    pub timeout: Duration,
}

impl Environment {
    /// The environment of this process, with the usual time limit.
    pub fn of_this_process() -> Self {
        Self { vars: crate::variables(), dir: PathBuf::new(), system: System::here(), timeout: CHECK_TIMEOUT }
    }
}

/// Checks all prerequisites at once; the results stand in the order of the prerequisites.
///
/// Takes at most the environment's time limit plus the moment it takes to kill what hangs.
pub async fn check_all(prerequisites: &[Prerequisite], environment: &Environment) -> Vec<PrerequisiteResult> {
    let mut checks = JoinSet::new();
    for (index, prerequisite) in prerequisites.iter().enumerate() {
        let (prerequisite, environment) = (prerequisite.clone(), environment.clone());
        checks.spawn(async move { (index, check(&prerequisite, &environment).await) });
    }
    let mut results: Vec<_> = prerequisites.iter().map(unchecked).collect();
    while let Some(done) = checks.join_next().await {
        if let Ok((index, result)) = done {
            results[index] = result;
        }
    }
    results
}

/// The result of a check that did not run.
fn unchecked(prerequisite: &Prerequisite) -> PrerequisiteResult {
    PrerequisiteResult {
        id: prerequisite.id.clone(),
        title: prerequisite.title.clone(),
        status: PrerequisiteStatus::Unchecked,
        found: None,
        detail: None,
        install: None,
    }
}

async fn check(prerequisite: &Prerequisite, environment: &Environment) -> PrerequisiteResult {
    let mut probes = JoinSet::new();
    for (index, argv) in prerequisite.any.iter().enumerate() {
        let (argv, environment) = (argv.clone(), environment.clone());
        probes.spawn(async move { (index, probe(argv, &environment).await) });
    }
    let mut findings: BTreeMap<usize, Finding> = BTreeMap::new();
    while let Some(done) = probes.join_next().await {
        if let Ok((index, result)) = done {
            findings.insert(index, judge(prerequisite, &result));
        }
    }
    // The most telling answer, and among equals the one the catalog prefers.
    match findings.into_values().min_by_key(|finding| rank(finding.status)) {
        Some(finding) => finding.into_result(prerequisite, &environment.system),
        None => unchecked(prerequisite),
    }
}

/// Which of several answers counts: one that works, else the one that says most.
fn rank(status: PrerequisiteStatus) -> u8 {
    match status {
        PrerequisiteStatus::Ok => 0,
        PrerequisiteStatus::Failed => 1,
        PrerequisiteStatus::Timeout => 2,
        PrerequisiteStatus::Missing => 3,
        PrerequisiteStatus::Unchecked => 4,
    }
}

async fn probe(argv: Vec<String>, environment: &Environment) -> ProcessResult {
    let mut env = environment.vars.clone();
    // A pager or a prompt would hang a check that has no terminal.
    env.insert("AWS_PAGER".to_owned(), String::new());
    let invocation = Invocation { argv, dir: environment.dir.clone(), env };
    let control = Control {
        interrupt: Interrupt::new(),
        masker: Masker::default(),
        timeout: Some(environment.timeout),
        tail: CHECK_TAIL,
        term_grace: Duration::ZERO,
        drain: Duration::from_millis(100),
    };
    let result = process::run(&invocation, &control, &|_| {}).await;
    result.unwrap_or_else(|error| ProcessResult::failed_to_start(error.to_string(), false))
}

struct Finding {
    status: PrerequisiteStatus,
    found: Option<String>,
    detail: Option<String>,
}

fn judge(prerequisite: &Prerequisite, result: &ProcessResult) -> Finding {
    let found = found(prerequisite, &result.tail.text());
    let (status, detail) = match &result.exit {
        Exit::Code(0) => too_old(prerequisite, found.as_deref()),
        Exit::FailedToStart { not_found: true, .. } => (PrerequisiteStatus::Missing, None),
        Exit::TimedOut { after } => {
            (PrerequisiteStatus::Timeout, Some(format!("no answer within {} s", after.as_secs_f32())))
        }
        Exit::FailedToStart { reason, .. } => (PrerequisiteStatus::Failed, Some(reason.clone())),
        Exit::Code(_) | Exit::Signal(_) | Exit::Stack { .. } => {
            (PrerequisiteStatus::Failed, Some(complaint(result)))
        }
    };
    Finding { found: found.filter(|_| result.exit.is_success()), status, detail }
}

/// Whether what was found is new enough.
fn too_old(prerequisite: &Prerequisite, found: Option<&str>) -> (PrerequisiteStatus, Option<String>) {
    match (&prerequisite.minimum, found) {
        (Some(minimum), Some(found)) if !version::at_least(found, minimum) => {
            (PrerequisiteStatus::Failed, Some(format!("{found} is too old: {minimum} or newer is needed")))
        }
        (Some(minimum), None) => {
            let detail = format!("its version cannot be read, and {minimum} or newer is needed");
            (PrerequisiteStatus::Failed, Some(detail))
        }
        _ => (PrerequisiteStatus::Ok, None),
    }
}

/// The groups of the pattern's first match, joined; account numbers shortened.
fn found(prerequisite: &Prerequisite, output: &str) -> Option<String> {
    let pattern = Regex::new(prerequisite.found.as_deref()?).ok()?;
    let captures = pattern.captures(output)?;
    let groups: Vec<&str> = captures.iter().skip(1).flatten().map(|group| group.as_str().trim()).collect();
    let joined = match groups.as_slice() {
        [] => captures[0].trim().to_owned(),
        [account, identity] if is_account(account) => format!("{account} as {}", who(identity)),
        _ => groups.join(" "),
    };
    Some(shorten_accounts(&joined))
}

/// The telling part of an ARN's resource: `user/ada` is ada, `assumed-role/admin/ada` is admin/ada.
fn who(identity: &str) -> &str {
    let kinds = ["assumed-role/", "federated-user/", "user/"];
    kinds.iter().find_map(|kind| identity.strip_prefix(kind)).unwrap_or(identity)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An AWS account number needs recognising, not publishing: `123456789012` becomes `1234…9012`.
fn shorten_accounts(text: &str) -> String {
    // A constant pattern; if it ever failed to compile the text would stay as it is.
    Regex::new(r"\b(\d{4})\d{4}(\d{4})\b")
        .map_or_else(|_| text.to_owned(), |account| account.replace_all(text, "$1…$2").into_owned())
}

/// The last line a failed check printed, else how it ended.
fn complaint(result: &ProcessResult) -> String {
    let line = result.tail.lines().rev().map(str::trim).find(|line| !line.is_empty());
    match line {
        Some(line) => shorten_accounts(&line.chars().take(LONGEST_DETAIL).collect::<String>()),
        None => result.exit.to_string(),
    }
}

impl Finding {
    fn into_result(self, prerequisite: &Prerequisite, system: &System) -> PrerequisiteResult {
        let mendable = matches!(self.status, PrerequisiteStatus::Missing | PrerequisiteStatus::Failed);
        let install = system.hint(&prerequisite.install).filter(|_| mendable);
        PrerequisiteResult {
            status: self.status,
            found: self.found,
            detail: self.detail,
            install: install.map(str::to_owned),
            ..unchecked(prerequisite)
        }
    }
}
