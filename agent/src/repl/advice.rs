//! What to do: the next step, and the fixes.

use std::fmt::Write;

use provision_rules::{FixKind, Verdict};
use serde_json::json;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::repl::session::Session;
use crate::repl::{answers, on_incident, on_plan};
use crate::terminal::{self, DIM, HEAD, WARN, paint, safe};

/// `/next`, and "what now?".
///
/// # Errors
/// A usage error when nothing is loaded and nothing is planned.
pub fn next(session: &mut Session) -> Result<Exit, CommandError> {
    if let Some(incident) = session.incident() {
        let answer = answers::next(incident);
        return on_incident::say_answer(session, "next", &answer);
    }
    let Some(plan) = &session.workspace.plan else {
        return session.say(
            "  nothing is loaded: /diagnose FILE, or say what to deploy\n",
            || json!({ "next": ["/diagnose", "a goal"] }),
        );
    };
    if plan.missing.is_empty() {
        return session.say(
            "  /plan checks this machine; /deploy asks and runs it\n",
            || json!({ "next": ["/plan", "/deploy"] }),
        );
    }
    on_plan::missing(session)
}

/// `/fix [N] [--dry-run]`.
///
/// # Errors
/// A usage error when there is no such cause, or the plan does not take the fix.
pub fn fix(session: &mut Session, number: Option<usize>, dry_run: bool) -> Result<Exit, CommandError> {
    let verdicts: Vec<Verdict> = session.need_incident()?.verdicts().cloned().collect();
    let number = match (number, verdicts.len()) {
        (_, 0) => return Err(CommandError::usage("nothing failed, so there is nothing to fix")),
        (Some(number), _) => number,
        (None, 1) => 1,
        (None, _) => return next(session),
    };
    let Some(verdict) = number.checked_sub(1).and_then(|at| verdicts.get(at)) else {
        return Err(CommandError::usage(format!("there is no cause {number}; there are {}", verdicts.len())));
    };
    let document = json!({ "cause": verdict.cause, "fix": verdict.fix, "retryable": verdict.retryable, "dry_run": dry_run });
    match (verdict.fix.kind, session.wants_json()) {
        (FixKind::Param, _) if session.workspace.plan.is_some() => into_plan(session, verdict, dry_run),
        (_, true) => session.say("", || document),
        _ => session.say(&described(session, verdict), || document),
    }
}

/// A fix as text: what to do, what it does to the account, the commands, and when to run again.
fn described(session: &Session, verdict: &Verdict) -> String {
    let width = terminal::width();
    let text = if verdict.fix.text.is_empty() {
        "no fix is known for this cause".to_owned()
    } else {
        safe(&verdict.fix.text)
    };
    let mut shown = String::new();
    for line in render::wrap(&text, width.saturating_sub(2)) {
        let _ = writeln!(shown, "  {line}");
    }
    if let Some(effect) = render::effect(&verdict.fix) {
        let _ = writeln!(shown, "  {}", paint(WARN, safe(&effect)));
    }
    for command in verdict.fix.commands.iter().chain(&verdict.decide) {
        let _ = writeln!(shown, "    {}", safe(command));
    }
    if let (FixKind::Param, Some(flag)) = (verdict.fix.kind, flag(session, verdict)) {
        let _ = writeln!(
            shown,
            "  {}",
            paint(DIM, format!("there is no plan in this session; on a command line: {flag}"))
        );
    }
    let _ = writeln!(shown, "  {} {}", paint(HEAD, "retry"), render::retry(verdict));
    if !verdict.fix.commands.is_empty() {
        let _ = writeln!(
            shown,
            "  {}",
            paint(DIM, "commands are for you to run; this session runs none of them")
        );
    }
    shown
}

fn flag(session: &Session, verdict: &Verdict) -> Option<String> {
    let input = session.catalog.input(verdict.fix.input.as_deref()?)?;
    let value = verdict.fix.value.as_deref().unwrap_or("true");
    Some(match (input.takes_value(), value, &input.negative) {
        (true, ..) => format!("{} {}", input.flag, provision_planner::plan::quote(value)),
        (false, "false", Some(negative)) => negative.clone(),
        _ => input.flag.clone(),
    })
}

fn into_plan(session: &mut Session, verdict: &Verdict, dry_run: bool) -> Result<Exit, CommandError> {
    let (Some(input), Some(value)) = (&verdict.fix.input, &verdict.fix.value) else {
        return Err(CommandError::internal("a fix of the plan names no input"));
    };
    if !dry_run {
        return on_plan::set(session, &[format!("{input}={value}")]);
    }
    let kept = session.suggestion.take();
    let shown = on_plan::set(session, &[format!("{input}={value}")]);
    let (catalog, config) = session.surroundings();
    session.workspace.undo((&catalog, &config))?;
    session.suggestion = kept;
    terminal::err(&format!("{}\n", paint(DIM, "dry run: the plan is as it was")));
    shown
}
