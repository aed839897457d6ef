//! What runs, in order, and what does not.

use super::context::Context;
use super::{init, operator, post_step};
use crate::PlannerError;
use crate::catalog::NoticePlace;
use crate::plan::{
    Bootstrap, CommandLine, Effect, HealthProbe, Probe, SkippedStep, StackPlan, Step, StepKind,
};
use crate::resolve::matters;

/// Every step of a plan.
pub(super) fn steps(
    context: &Context<'_>,
    bootstrap: Option<&Bootstrap>,
    commands: &[CommandLine],
) -> Result<Vec<Step>, PlannerError> {
    let mut steps: Vec<Step> = bootstrap.map(clone).into_iter().collect();
    if !context.is_deploy() {
        steps.push(teardown(context, commands));
        return Ok(steps);
    }
    steps.extend(env_file(context));
    steps.push(deploy(context, commands));
    steps.extend(health(context));
    steps.extend(notices(context, NoticePlace::Health));
    steps.extend(init::step(context));
    if context.resolution.is_on("with_smoke_test") {
        steps.push(smoke_test(context));
    }
    steps.extend(notices(context, NoticePlace::SmokeTest));
    steps.extend(operator::steps(context));
    steps.extend(post_step::steps(context)?);
    Ok(steps)
}

/// What was asked for and will not run.
pub(super) fn skipped(context: &Context<'_>) -> Vec<SkippedStep> {
    match context.is_deploy() {
        true => init::skipped(context),
        false => unused_by_teardown(context),
    }
}

/// Flags of a deploy that were given to a teardown: they change nothing, and nobody should think that they do.
fn unused_by_teardown(context: &Context<'_>) -> Vec<SkippedStep> {
    let request = context.request;
    let unused = |name: &&String| {
        let settled = context.resolution.get(name);
        settled.is_some_and(|settled| !matters(settled.spec, context.target, request.action))
    };
    let flag = |name: &String| context.catalog.input(name).map(|input| input.flag.clone());
    let flags: Vec<String> = request.flags.keys().filter(unused).filter_map(flag).collect();
    let skip = |id: &str, reason: String| SkippedStep { id: id.to_owned(), reason };
    let flags =
        (!flags.is_empty()).then(|| skip("flags", format!("a teardown does not use {}", flags.join(", "))));
    let steps = (!request.post_steps.is_empty())
        .then(|| skip("post-steps", "a teardown runs no steps after it".to_owned()));
    flags.into_iter().chain(steps).collect()
}

pub(super) fn step(id: &str, kind: StepKind, effect: Effect, title: String) -> Step {
    let (id, commands, notes, probes) = (id.to_owned(), Vec::new(), Vec::new(), Vec::new());
    Step { id, kind, effect, title, commands, notes, probes, until: None }
}

fn clone(bootstrap: &Bootstrap) -> Step {
    let title = format!("clone {} at {} into {}", bootstrap.url, bootstrap.git_ref, bootstrap.workdir);
    step("bootstrap", StepKind::Bootstrap, Effect::LocalWrite, title)
}

fn env_file(context: &Context<'_>) -> Option<Step> {
    let title = format!("create {}/.env with random secrets, unless it is there", context.target.folder);
    context.target.env_file.then(|| step("env-file", StepKind::EnvFile, Effect::LocalWrite, title))
}

fn deploy(context: &Context<'_>, commands: &[CommandLine]) -> Step {
    let deploy = &context.target.deploy;
    let mut notes = context.notes(&deploy.notes);
    notes.extend(context.absences("deploy"));
    let title = match context.stack() {
        Some(stack) => stack_title(&stack),
        None => format!("bring up {}", context.target.title),
    };
    Step { commands: commands.to_vec(), notes, ..step("deploy", StepKind::Deploy, deploy.effect, title) }
}

fn stack_title(stack: &StackPlan) -> String {
    let template = stack.template.as_ref().map_or("its template", |template| &template.path);
    format!(
        "make a change set for the stack {} from {template}, show what it changes, execute it",
        stack.name
    )
}

fn teardown(context: &Context<'_>, commands: &[CommandLine]) -> Step {
    let title = match context.stack() {
        Some(stack) => format!("delete the stack {} and wait until it is gone", stack.name),
        None => format!("take down {}", context.target.title),
    };
    let effect = context.target.teardown.effect;
    let notes = context.absences("teardown");
    Step { commands: commands.to_vec(), notes, ..step("teardown", StepKind::Teardown, effect, title) }
}

fn health(context: &Context<'_>) -> Option<Step> {
    let health = context.target.health.as_ref()?;
    let url = address(context);
    let minutes = health.timeout_seconds.div_ceil(60);
    let title = format!("wait for {url}{} and {}, up to {minutes} min", health.health, health.ready);
    Some(Step {
        notes: context.notes(&health.notes),
        ..step("health", StepKind::Health, Effect::Read, title)
    })
}

/// The platform's URL for people; what is still missing of it stands as `<domain>`.
fn address(context: &Context<'_>) -> String {
    context.url().unwrap_or_else(|| context.target.url.replace('{', "<").replace('}', ">"))
}

/// How health is checked, once the address is known.
pub(super) fn probe(context: &Context<'_>) -> Option<HealthProbe> {
    let health = context.target.health.as_ref()?;
    let url = context.url().filter(|_| context.is_deploy())?;
    Some(HealthProbe {
        health_url: format!("{url}{}", health.health),
        ready_url: format!("{url}{}", health.ready),
        timeout_seconds: health.timeout_seconds,
        poll_seconds: health.poll_seconds,
        ready_grace_seconds: health.ready_grace_seconds,
        accept_self_signed: health.self_signed && is_local(&url),
        revive: (health.revive.clone())
            .map(|argv| CommandLine::new("", argv, Default::default(), Vec::new())),
        url,
    })
}

fn is_local(url: &str) -> bool {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]"))
}

fn notices(context: &Context<'_>, place: NoticePlace) -> Vec<Step> {
    let here = context.target.notices.iter().filter(|notice| notice.after == place);
    here.filter(|notice| context.resolution.holds(&notice.when))
        .map(|notice| Step {
            notes: context.notes(&notice.notes),
            ..step(&notice.id, StepKind::Notice, Effect::Read, notice.title.clone())
        })
        .collect()
}

/// Health, and with a token also the reports, which need one.
fn smoke_test(context: &Context<'_>) -> Step {
    let url = address(context);
    let path = context.target.health.as_ref().map_or("", |health| health.health.as_str());
    let health = Probe { url: format!("{url}{path}"), bearer: None };
    let token = context.resolution.get(operator::TOKEN).map(|settled| settled.spec.name.clone());
    let routes = context.catalog.reports().iter().filter(|_| token.is_some());
    let reports: Vec<Probe> =
        routes.map(|route| Probe { url: format!("{url}{route}"), bearer: token.clone() }).collect();
    let title = match reports.len() {
        0 => format!("GET {}", health.url),
        count => format!("GET {}, and with the token {count} report routes", health.url),
    };
    let probes = std::iter::once(health).chain(reports).collect();
    Step { probes, ..step("smoke-test", StepKind::SmokeTest, Effect::Read, title) }
}
