//! A proposed fix, and the end of a run, as text.

use std::fmt::Write;

use provision_executor::{Failure, Outcome, Proposal, Report};
use provision_planner::plan::{Action, Plan, StepKind};

use crate::render::duration;
use crate::render::layout::spaced;
use crate::render::plan::{effect_style, effect_word};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// What a fix would change before the next try.
pub fn proposal(proposal: &Proposal) -> String {
    let head = format!("Fix and try again ({} of {})", proposal.attempt, proposal.of);
    let mut text = format!("\n{}\n", paint(HEAD, head));
    let _ = writeln!(text, "  because {}", safe(&proposal.verdict.cause));
    if !proposal.changes.is_empty() {
        for (name, before, after) in changed_inputs(&proposal.before, &proposal.after) {
            let _ = writeln!(text, "  {} {name} {before}", paint(BAD, "−"));
            let _ = writeln!(text, "  {} {name} {after}", paint(GOOD, "+"));
        }
        if let Some(command) = &proposal.after.command {
            let _ = writeln!(text, "  {}", paint(DIM, safe(&command.text)));
        }
    } else {
        let _ = writeln!(text, "  the same plan, unchanged");
    }
    for step in proposal.after.steps.iter().filter(|step| step.kind == StepKind::Deploy) {
        let effect = format!("effect: {} ({})", effect_word(step.effect), step.title);
        let _ = writeln!(text, "  {}", paint(effect_style(step.effect), safe(&effect)));
    }
    if !proposal.wait.is_zero() {
        let _ = writeln!(text, "  after waiting {}", duration(proposal.wait.as_secs()));
    }
    text
}

fn changed_inputs(before: &Plan, after: &Plan) -> Vec<(String, String, String)> {
    let value_in = |plan: &Plan, name: &str| {
        let input = plan.inputs.iter().find(|input| input.name == name);
        input.map_or_else(|| "not set".to_owned(), |input| input.value.to_string())
    };
    let names = after.inputs.iter().map(|input| input.name.clone());
    names
        .map(|name| (spaced(&name), value_in(before, &name), value_in(after, &name)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

/// The last lines of a run: what came of it, and what to do next.
pub fn outcome(report: &Report) -> String {
    match &report.outcome {
        Outcome::Done => done(&report.plan),
        Outcome::NotStarted { step, error } => {
            format!("\n{} {step} failed: {error}\nNothing of the target was touched.\n", paint(BAD, "✗"))
        }
        Outcome::DeployFailed { exit, not_visible, .. } => {
            deploy_failed(&report.plan, &exit.to_string(), not_visible)
        }
        Outcome::HealthFailed { url, detail } => format!(
            "\n{} deployed, but {url} does not answer ({})\nThe deploy itself succeeded; run the same command again to check once more.\n",
            paint(BAD, "✗"),
            safe(detail)
        ),
        Outcome::Degraded { url, detail } => {
            format!("\n{} up but degraded: {url} is not ready ({})\n", paint(WARN, "!"), safe(detail))
        }
        Outcome::PostStepFailed { step, failure, resume } => {
            post_step_failed(report.plan.action, step, failure, resume)
        }
        Outcome::TeardownFailed { step, failure, .. } => format!(
            "\n{} teardown: {step} failed: {}\nSomething may still be there; run the same command again once the cause is removed.\n",
            paint(BAD, "✗"),
            failure_text(failure)
        ),
        Outcome::Declined { step, reason } => {
            format!("\n{} {step} was not approved: {}\n", paint(WARN, "!"), safe(reason))
        }
        Outcome::Interrupted { step } if report.plan.stack.is_some() => format!(
            "\n{} interrupted at {step}; what was begun goes on in AWS. `provision resume` looks how far it is and goes on\n",
            paint(WARN, "!")
        ),
        Outcome::Interrupted { step } => {
            format!("\n{} interrupted at {step}; run the same command again to resume\n", paint(WARN, "!"))
        }
        _ => format!("\n{} ended in a way this version does not know\n", paint(BAD, "✗")),
    }
}

fn done(plan: &Plan) -> String {
    let name = plan.target.as_ref().map_or("target", |target| target.title.as_str());
    match (plan.action, &plan.health) {
        (Action::Teardown, _) => format!("\n{} {name} is down\n", paint(GOOD, "✓")),
        (Action::Change, _) => format!("\n{} {name} is changed\n", paint(GOOD, "✓")),
        (Action::Deploy, Some(health)) => format!("\n{} {name} is up: {}\n", paint(GOOD, "✓"), health.url),
        (Action::Deploy, None) if plan.stack.is_some() => {
            let stack = plan.stack.as_ref().map_or("", |stack| stack.name.as_str());
            format!("\n{} {stack} is deployed\n", paint(GOOD, "✓"))
        }
        (Action::Deploy, None) => format!("\n{} {name} is up\n", paint(GOOD, "✓")),
    }
}

fn deploy_failed(plan: &Plan, exit: &str, not_visible: &[String]) -> String {
    let name = plan.target.as_ref().map_or("target", |target| target.title.as_str());
    let mut text = format!("\n{} {name}: the deploy failed ({exit})\n", paint(BAD, "✗"));
    if !not_visible.is_empty() {
        let _ = writeln!(
            text,
            "The diagnosis rests on the script's output alone; not visible: {}",
            not_visible.join("; ")
        );
    }
    text
}

fn post_step_failed(action: Action, step: &str, failure: &Failure, resume: &[String]) -> String {
    let before = if action == Action::Change { "" } else { "the platform is up, but " };
    let mut text = format!("\n{} {before}{step} failed: {}\n", paint(BAD, "✗"), failure_text(failure));
    if !resume.is_empty() {
        text.push_str("Resume with:\n");
        for command in resume {
            let _ = writeln!(text, "  {}", safe(command));
        }
    }
    text
}

fn failure_text(failure: &Failure) -> String {
    safe(&failure.to_string())
}
