//! The main command: goal and flags into a plan, through the gate, into a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use provision_executor::process::TailLimits;
use provision_executor::{
    self as executor, AwsTarget, Environment, Event, Interrupt, Observer, Report, Resumed, RunContext,
    check_all,
};
use provision_planner::goal;
use provision_planner::plan::{
    Account, Action, ApprovedPlan, EnvValue, Plan, PrerequisiteResult, PrerequisiteStatus,
};
use provision_planner::{Catalog, Draft, Prerequisite, Request, Secrets};
use tokio::signal::unix::{SignalKind, signal};

use crate::ask;
use crate::cli::Invocation;
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::facts;
use crate::filler::{self, Asked};
use crate::gate::{self, Consent};
use crate::render::{self, Progress};
use crate::rulebase;
use crate::run::{Gatekeeper, Heard, Replanner, diagnoser};
use crate::running;
use crate::state;
use crate::terminal;

/// How long a slow tool may take when somebody waits for a run.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// How long STS may take to name the account.
const STS_PATIENCE: Duration = Duration::from_secs(5);

/// Plans, and unless only the plan was asked for, runs.
///
/// # Errors
/// Whatever keeps the plan from being made or the run from starting.
pub fn run(invocation: Invocation, catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    let request = request(&invocation, catalog, config)?;
    let cli = invocation.cli;
    let mut request = match filler::fill(&cli, config, catalog, request)? {
        Asked::Request(request) => *request,
        Asked::Shown => return Ok(Exit::Done),
    };
    let accept_model = cli.global.llm.accept_model;
    let consent =
        Consent { yes: cli.yes, accept_model, force: cli.force, approve: cli.approve, confirm: cli.confirm };
    let runtime = runtime()?;
    if !cli.global.wants_json() && !consent.is_given() && terminal::is_interactive() {
        request = ask::complete(catalog, request)?;
        request.facts = facts::gather(catalog, &request)?;
    }
    let somebody_waits = !cli.global.wants_json() && (consent.is_given() || terminal::is_interactive());
    let (plan, secrets) = runtime.block_on(planned(catalog, &request, somebody_waits.then_some(PATIENCE)))?;
    check_flags(cli.force, &request, &plan)?;
    if cli.global.wants_json() {
        let document = serde_json::to_string_pretty(&plan).map_err(CommandError::internal)?;
        terminal::out(&(document + "\n"));
        return Ok(if plan.is_ready() { Exit::Done } else { Exit::Blocked });
    }
    if cli.explain {
        terminal::out(&(render::goal(&plan.goal, terminal::width()) + "\n"));
    }
    print(&plan);
    if !plan.is_ready() {
        return Ok(Exit::Blocked);
    }
    let rules = cli.global.rules;
    if !rules.is_empty() {
        rulebase::load(&rules)?;
    }
    gated(plan, secrets, &Session { catalog, request, consent, rules, resumed: None })
}

/// Refuses flags that would change nothing here.
fn check_flags(force: bool, request: &Request, plan: &Plan) -> Result<(), CommandError> {
    let is_teardown = request.action == Action::Teardown;
    if force && !is_teardown && plan.stack.is_none() {
        let message = "--force goes with --teardown and with stacks only; a deploy is approved by --yes";
        return Err(CommandError::usage(message));
    }
    if request.flags.contains_key("ref") && !is_teardown && plan.bootstrap.is_none() {
        return Err(CommandError::usage("--ref goes with --repo: without a clone no ref is checked out"));
    }
    Ok(())
}

/// Plans and prints the plan; runs nothing.
///
/// # Errors
/// Whatever keeps the plan from being made.
pub fn show(invocation: &Invocation, catalog: &Catalog, config: &Config) -> Result<(), CommandError> {
    let request = request(invocation, catalog, config)?;
    let request = match filler::fill(&invocation.cli, config, catalog, request)? {
        Asked::Request(request) => *request,
        Asked::Shown => return Ok(()),
    };
    let (plan, _) = runtime()?.block_on(planned(catalog, &request, None))?;
    if invocation.cli.global.wants_json() {
        let document = serde_json::to_string_pretty(&plan).map_err(CommandError::internal)?;
        terminal::out(&(document + "\n"));
    } else {
        print(&plan);
    }
    Ok(())
}

pub(crate) fn print(plan: &Plan) {
    terminal::out(&render::plan(plan, terminal::width()));
    terminal::out("\n");
    if !plan.is_ready() {
        terminal::out(&render::blocked(plan));
    }
}

/// A runtime for what crosses the network or starts processes.
///
/// # Errors
/// When the machine has no room for one.
pub fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Runtime::new().map_err(CommandError::internal)
}

/// A plan with its prerequisites checked, and the secrets it refers to.
///
/// With patience, tools that were merely slow are asked once more when nothing else keeps the plan from running:
/// a credentials check crosses the network.
pub(crate) async fn planned(
    catalog: &Catalog,
    request: &Request,
    patience: Option<Duration>,
) -> Result<(Plan, Secrets), CommandError> {
    let draft = provision_planner::build(catalog, request.clone())?;
    let environment = Environment { vars: seen(&draft.plan, request), ..Environment::of_this_process() };
    let results = check_all(&draft.prerequisites, &environment).await;
    let draft = bound(draft, &results).await;
    let (plan, secrets) = draft.clone().with_results(results);
    let slow = slow_only(&plan, &draft.prerequisites);
    let (Some(timeout), false) = (patience, slow.is_empty()) else { return Ok((plan, secrets)) };
    let names: Vec<&str> = slow.iter().map(|check| check.title.as_str()).collect();
    terminal::err(&format!(
        "{} slow to answer; asking again, up to {} s\n",
        names.join(", "),
        timeout.as_secs()
    ));
    let again = check_all(&slow, &Environment { timeout, ..environment }).await;
    let kept = plan.prerequisites.into_iter().filter(|old| again.iter().all(|new| new.id != old.id));
    let merged: Vec<PrerequisiteResult> = kept.chain(again.clone()).collect();
    let draft = if draft.plan.binding.account.is_none() { bound(draft, &merged).await } else { draft };
    Ok(draft.with_results(merged))
}

/// The operator's variables as the plan's command sees them, so that the checks ask with the same identity.
fn seen(plan: &Plan, request: &Request) -> BTreeMap<String, String> {
    let mut seen = plan.binding.trim(&request.environment);
    if let Some(command) = &plan.command {
        seen.retain(|name, _| !command.unset.contains(name));
        let plain = command.env.iter().filter_map(|(name, value)| match value {
            EnvValue::Plain(value) => Some((name.clone(), value.clone())),
            EnvValue::Secret { .. } => None,
        });
        seen.extend(plain);
    }
    seen
}

/// The plan bound to the AWS account that it would change, where it changes one and credentials work.
pub async fn bound(draft: Draft, results: &[PrerequisiteResult]) -> Draft {
    if !draft.needs_account() {
        return draft;
    }
    let refused =
        results.iter().any(|check| check.id == "credentials" && check.status != PrerequisiteStatus::Ok);
    let target = draft.plan.evidence.as_ref().map(AwsTarget::of).unwrap_or_default();
    let draft = match draft.needs_region() {
        true => draft.with_region(executor::region(&target, STS_PATIENCE).await),
        false => draft,
    };
    let target = AwsTarget { region: target.region.or(draft.plan.binding.region.clone()), ..target };
    let account = match refused {
        true => Account::Unknown("the credentials check failed".to_owned()),
        false => executor::account(&target, STS_PATIENCE).await,
    };
    draft.with_account(account)
}

/// The checks that did not answer in time, if they are all that blocks the plan.
fn slow_only(plan: &Plan, checks: &[Prerequisite]) -> Vec<Prerequisite> {
    let status_is = |wanted: &[PrerequisiteStatus]| {
        plan.prerequisites.iter().filter(|r| wanted.contains(&r.status)).count()
    };
    let slow = status_is(&[PrerequisiteStatus::Timeout]);
    let met = status_is(&[PrerequisiteStatus::Ok]);
    if !plan.missing.is_empty() || slow + met < plan.prerequisites.len() {
        return Vec::new();
    }
    let timed_out = |check: &&Prerequisite| {
        plan.prerequisites.iter().any(|r| r.id == check.id && r.status == PrerequisiteStatus::Timeout)
    };
    checks.iter().filter(timed_out).cloned().collect()
}

/// What is asked for, from the command line, the configuration, the environment and the machine.
///
/// # Errors
/// When the machine cannot be looked at.
pub fn request(invocation: &Invocation, catalog: &Catalog, config: &Config) -> Result<Request, CommandError> {
    let cli = &invocation.cli;
    let said = || cli.prompt.as_deref().map(goal::parse).unwrap_or_default();
    let goal = invocation.goal.clone().unwrap_or_else(said);
    let action = if cli.teardown || goal.wants_teardown() { Action::Teardown } else { Action::Deploy };
    let mut request = Request {
        action,
        goal,
        flags: invocation.inputs.clone(),
        config: config.inputs(),
        environment: executor::variables(),
        post_steps: cli.post_step.clone(),
        pass_env: [config.pass_env.as_slice(), &cli.pass_env].concat(),
        ..Request::default()
    };
    request.facts = facts::gather(catalog, &request)?;
    Ok(request)
}

/// What a run needs besides the plan.
pub struct Session<'a> {
    /// The targets.
    pub catalog: &'a Catalog,
    /// What was asked for.
    pub request: Request,
    /// What the command line says about approval.
    pub consent: Consent,
    /// The user's own rules, checked before anything runs.
    pub rules: Vec<PathBuf>,
    /// The run that this one continues.
    pub resumed: Option<Resumed>,
}

/// Through the gate, then the run itself.
pub(super) fn gated(plan: Plan, secrets: Secrets, session: &Session<'_>) -> Result<Exit, CommandError> {
    running::execute(gate::pass(plan, &session.consent)?, secrets, session)
}

/// Runs an approved plan that belongs to a larger command and cannot be detached; `watch` sees every event besides the
/// display.
pub(crate) async fn reported(
    approved: ApprovedPlan,
    secrets: Secrets,
    session: Session<'_>,
    watch: &(dyn Fn(&Event) + Send + Sync),
) -> Result<Report, CommandError> {
    let title = approved.plan().target.as_ref().map_or_else(String::new, |target| target.title.clone());
    let progress = Arc::new(Progress::new(&title));
    let arbiter = Gatekeeper { consent: session.consent.clone(), progress: Arc::clone(&progress) };
    let context = context(&session, Heard::default())?;
    let watcher = tokio::spawn(guard(context.interrupt.clone(), Arc::clone(&progress)));
    let observer = |event: Event| {
        watch(&event);
        progress.event(event);
    };
    let report = executor::run(approved, &secrets, context, &observer, &arbiter).await;
    watcher.abort();
    progress.stage().finish();
    Ok(report)
}

/// As [`running::forward_interrupts`]; within a session Ctrl-C only asks, and nothing but a clear yes stops the run.
async fn guard(interrupt: Interrupt, progress: Arc<Progress>) {
    if !terminal::is_session() {
        return running::forward_interrupts(interrupt).await;
    }
    let (Ok(mut terminate), Ok(mut hang_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return;
    };
    loop {
        let stop = tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.is_ok() && wants_to_stop(&progress),
            _ = terminate.recv() => true,
            _ = hang_up.recv() => true,
        };
        if stop {
            interrupt.raise();
        }
    }
}

fn wants_to_stop(progress: &Progress) -> bool {
    let question = "Stop this run? Anything but yes lets it go on [y/N] ";
    progress.pause(|| gate::yes(question, "not a terminal")).unwrap_or(false)
}

/// The surroundings of a run; what it diagnoses is also heard.
///
/// # Errors
/// When the working folder is gone.
pub fn context(session: &Session<'_>, heard: Heard) -> Result<RunContext, CommandError> {
    let base = std::env::current_dir().map_err(CommandError::internal)?;
    Ok(RunContext {
        base,
        environment: session.request.environment.clone(),
        interrupt: Interrupt::new(),
        state: state::folder(),
        run_id: state::new_run(),
        resumed: session.resumed.clone(),
        diagnose: diagnoser(session.rules.clone(), heard),
        replan: Arc::new(Replanner::new(session.catalog.clone(), session.request.clone())),
        command_timeout: None,
        tail: TailLimits::default(),
    })
}
