//! `provision resume [ID]`: goes on with a run that did not come to its end, after finding out what really happened.

use std::collections::BTreeMap;
use std::time::Duration;

use provision_executor::resume::{self, Standing};
use provision_executor::stacks::{self, StackState};
use provision_executor::{self as executor, Chain, Interrupt, Resumed, RunLog};
use provision_planner::Catalog;
use provision_planner::plan::{Plan, StepKind};

use super::apply::{consent, refuse_drift};
use super::provision::{self, Session};
use crate::cli::{GateArgs, Global};
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::terminal::{GOOD, WARN, paint, safe};
use crate::{gate, rebuild, running, state, terminal};

/// How long what is left of the earlier run may take to stop before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Looks, asks, and goes on at the first step that is not done.
///
/// # Errors
/// A usage error when there is nothing to resume; not approved when the plan is no longer the one that ran, or when
/// going on would repeat something destructive.
pub fn run(
    id: Option<&str>,
    gate: &GateArgs,
    given: BTreeMap<String, String>,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let log = chosen(id)?;
    let before = plan_of(&log)?;
    if let Some(base) = log.start("base") {
        std::env::set_current_dir(base).map_err(|error| {
            CommandError::usage(format!("{base}: the run's folder cannot be entered: {error}"))
        })?;
    }
    let request = rebuild::request(&before, given, catalog, config)?;
    let runtime = provision::runtime()?;
    let (plan, secrets) =
        runtime.block_on(provision::planned(catalog, &request, Some(provision::PATIENCE)))?;
    refuse_drift(&before, &plan)?;
    terminal::out(&format!("Run {}: {}\n", log.id, what_is_done(&log)));
    let findings = match runtime.block_on(resume::look(&log, &plan, &Interrupt::new(), &tell)) {
        Standing::Continue { findings } => findings,
        Standing::Gone { finding } => return gone(&log, &finding),
        Standing::Stop { reason } => return Err(CommandError::NotApproved { message: stopped(&reason) }),
    };
    for finding in &findings {
        terminal::out(&format!("  {}\n", safe(finding)));
    }
    terminal::out("\n");
    provision::print(&plan);
    if !plan.is_ready() {
        return Ok(Exit::Blocked);
    }
    let consent = consent(gate);
    let approved = gate::pass(plan, &consent)?;
    runtime.block_on(settle(&log, approved.plan()))?;
    let resumed = Some(Resumed { run: log.id.clone(), done: log.done() });
    let session = Session { catalog, request, consent, rules: global.rules.clone(), resumed };
    running::execute(approved, secrets, &session)
}

/// The run that is meant: the named one, else the newest that did not come to its end.
fn chosen(id: Option<&str>) -> Result<RunLog, CommandError> {
    let log = match id {
        Some(id) => state::run(id)?,
        None => newest()?,
    };
    if log.is_alive() {
        let pid = log.pid().unwrap_or_default();
        let message = format!("run {} is still at work (process {pid}); nothing was changed", log.id);
        return Err(CommandError::Blocked { message });
    }
    match log.outcome() {
        Some("done") => {
            Err(CommandError::usage(format!("run {} is done; there is nothing to resume", log.id)))
        }
        _ => Ok(log),
    }
}

fn newest() -> Result<RunLog, CommandError> {
    let runs = state::runs()?;
    let resumed: Vec<String> = runs.iter().filter_map(|log| log.resumes().map(str::to_owned)).collect();
    let open = |log: &RunLog| {
        let ended = !matches!(log.outcome(), None | Some("interrupted")) || resumed.contains(&log.id);
        // A change of storage looks at what is there now, so it is begun anew rather than gone on with.
        !ended && log.start("action") != Some("change")
    };
    let nothing = "there is no run that did not come to its end; `provision runs` lists them all";
    runs.into_iter().find(open).ok_or_else(|| CommandError::usage(nothing))
}

/// The plan in a journal that is as it was written.
fn plan_of(log: &RunLog) -> Result<Plan, CommandError> {
    if let Chain::Broken { line } = log.chain {
        let message = format!("run {}: its journal was changed at line {line}; make a new plan", log.id);
        return Err(CommandError::NotApproved { message });
    }
    let plan = log.plan().filter(|plan| plan.current_digest() == plan.digest);
    plan.ok_or_else(|| {
        CommandError::usage(format!("run {}: its journal holds no plan that could go on", log.id))
    })
}

fn what_is_done(log: &RunLog) -> String {
    let done: Vec<String> = log.done().into_iter().collect();
    if done.is_empty() { "no step was done".to_owned() } else { format!("done are {}", done.join(", ")) }
}

fn stopped(reason: &str) -> String {
    format!("{reason}. To destroy what is left, run the teardown itself again; nothing was changed now")
}

fn gone(log: &RunLog, finding: &str) -> Result<Exit, CommandError> {
    terminal::out(&format!("{} {}: nothing is left to do\n", paint(GOOD, "✓"), safe(finding)));
    if let Some(folder) = state::folder() {
        resume::conclude(&folder, &state::new_run(), log, finding)?;
    }
    Ok(Exit::Done)
}

/// Before a step runs again: ends what is left of it, and waits until the cloud has come to rest.
async fn settle(log: &RunLog, plan: &Plan) -> Result<(), CommandError> {
    let Some(step) = log.unfinished() else { return Ok(()) };
    let ended = executor::end_leftovers(&log.id, step, GRACE).await;
    if ended > 0 {
        terminal::out(&format!(
            "  {} {ended} processes of the earlier {step} still ran and were ended\n",
            paint(WARN, "!")
        ));
    }
    let deploys = plan.steps.iter().any(|other| other.id == step && other.kind == StepKind::Deploy);
    let Some(source) = plan.evidence.as_ref().filter(|_| deploys) else { return Ok(()) };
    let interrupt = Interrupt::new();
    let watcher = tokio::spawn(running::forward_interrupts(interrupt.clone()));
    let settled = stacks::settled(source, &interrupt, &tell).await;
    watcher.abort();
    match settled {
        Err(_) if interrupt.is_raised() => Err(CommandError::Interrupted),
        // What cannot be seen was said; the script looks for itself.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn tell(states: &[StackState]) {
    for state in states.iter().filter(|state| state.is_in_motion()) {
        terminal::out(&format!("  waiting for {}\n", safe(&state.to_string())));
    }
}
