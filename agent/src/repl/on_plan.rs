//! Commands about the plan: it grows turn by turn, is shown, checked and run.

use std::collections::BTreeMap;
use std::fmt::Write;

use provision_planner::goal::{Goal, Source};
use provision_planner::plan::{Action, InputChange, Plan};
use serde_json::{Value, json};

use crate::cli::Invocation;
use crate::commands::provision;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::repl::session::Session;
use crate::repl::work;
use crate::repl::workspace::Turn;
use crate::terminal::{self, DIM, GOOD, HEAD, WARN, paint, safe};

/// That there is no plan yet.
pub fn no_plan() -> CommandError {
    CommandError::Usage {
        message: "there is no plan yet".to_owned(),
        hint: Some("say what to deploy, such as: deploy to EKS in us-east-1 with email".to_owned()),
    }
}

fn need_plan(session: &Session) -> Result<&Plan, CommandError> {
    session.workspace.plan.as_ref().ok_or_else(no_plan)
}

/// A goal as one turn of the plan.
///
/// # Errors
/// What the planner refuses.
pub fn grow(session: &mut Session, text: &str, goal: Goal) -> Result<Exit, CommandError> {
    let Some(invocation) = session.invocation(&[])? else { return Ok(Exit::Done) };
    take(session, text, Some(goal), &invocation)
}

fn take(
    session: &mut Session,
    what: &str,
    goal: Option<Goal>,
    invocation: &Invocation,
) -> Result<Exit, CommandError> {
    let (catalog, config) = session.surroundings();
    let turn = session.workspace.take(what, goal, invocation, (&catalog, &config))?;
    suggest(session, &turn.after);
    show(session, &turn)
}

fn suggest(session: &mut Session, plan: &Plan) {
    let missing = plan.missing_help.first().map(|missing| format!("/set {}=", missing.name));
    session.suggestion = missing.or_else(|| plan.target.is_some().then(|| "/deploy".to_owned()));
}

/// What a turn did: the whole plan at first, then what changed.
fn show(session: &Session, turn: &Turn) -> Result<Exit, CommandError> {
    let width = terminal::width();
    let changes = turn.changes();
    let text = match &turn.before {
        None => whole(&turn.after, width),
        Some(before) => changed(before, &turn.after, &changes, width),
    };
    session.say(
        &text,
        || json!({ "changes": changes.iter().map(change_json).collect::<Vec<_>>(), "plan": turn.after }),
    )
}

/// The plan without what only checks of this machine can tell.
fn whole(plan: &Plan, width: usize) -> String {
    let unchecked = Plan { prerequisites: Vec::new(), ..plan.clone() };
    let mut text = render::plan(&unchecked, width) + "\n";
    text.push_str(&closing(plan));
    text
}

/// What is to be done about the plan next, in one line.
fn closing(plan: &Plan) -> String {
    let names: Vec<&str> = plan.missing_help.iter().map(|missing| missing.name.as_str()).collect();
    let line = match (&plan.target, names.as_slice()) {
        (None, _) => "say where to deploy, or /target NAME".to_owned(),
        (_, []) => "/plan checks this machine and shows all of it; /deploy asks and runs it".to_owned(),
        (_, names) => {
            format!("missing: {}; /set {}=VALUE, /missing says how to find it", names.join(", "), names[0])
        }
    };
    format!("{}\n", paint(DIM, line))
}

fn changed(before: &Plan, after: &Plan, changes: &[InputChange], width: usize) -> String {
    let mut text = String::new();
    if before.action != after.action {
        let word = |action| if action == Action::Teardown { "teardown" } else { "deploy" };
        let _ = writeln!(text, "  {} → {}", word(before.action), paint(WARN, word(after.action)));
    }
    let rows: Vec<[String; 3]> = changes.iter().map(change_row).collect();
    text.push_str(&render::columns(&rows, 2));
    if text.is_empty() {
        text.push_str("  nothing changed\n");
    }
    for warning in &after.goal.warnings {
        let _ = writeln!(text, "  {} {}", paint(WARN, "!"), safe(warning));
    }
    for choice in &after.goal.unresolved {
        let _ = writeln!(
            text,
            "  {} {}: {}; /set {}=VALUE decides",
            paint(WARN, "open"),
            choice.slot,
            choice.choices.join(" or "),
            choice.slot
        );
    }
    if before.missing != after.missing && !after.missing_help.is_empty() {
        text.push_str(&render::missing(&after.missing_help, width));
    }
    text + &closing(after)
}

fn change_row(change: &InputChange) -> [String; 3] {
    let before = change.before.as_ref().map_or_else(|| "–".to_owned(), shown);
    let after = change.after.as_ref().map_or_else(|| "–".to_owned(), shown);
    [change.name.replace('_', " "), paint(DIM, safe(&before)), format!("→ {}", paint(GOOD, safe(&after)))]
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}

fn change_json(change: &InputChange) -> Value {
    json!({ "name": change.name, "flag": change.flag, "before": change.before, "after": change.after })
}

/// `/plan [GOAL] [FLAGS]`: a turn, if anything is said; then all of the plan, with the checks of this machine.
///
/// # Errors
/// A usage error for wrong flags, and whatever keeps the plan from being made.
pub fn plan(session: &mut Session, args: &[String]) -> Result<Exit, CommandError> {
    let split = args.iter().position(|arg| arg.starts_with('-')).unwrap_or(args.len());
    let (words, flags) = args.split_at(split);
    let Some(invocation) = session.invocation(flags)? else { return Ok(Exit::Done) };
    let text =
        [words.join(" "), invocation.cli.prompt.clone().unwrap_or_default()].join(" ").trim().to_owned();
    let (catalog, config) = session.surroundings();
    if !text.is_empty() || !invocation.inputs.is_empty() || invocation.cli.teardown {
        let goal = (!text.is_empty()).then(|| provision_planner::goal::parse(&text));
        let turn =
            session.workspace.take(&format!("/plan {text}"), goal, &invocation, (&catalog, &config))?;
        suggest(session, &turn.after);
    }
    need_plan(session)?;
    let whole = session.workspace.invocation(invocation.cli);
    work::cancellable(session.attended, move || provision::show(&whole, &catalog, &config))??;
    Ok(Exit::Done)
}

/// `/deploy` and `/teardown`: the plan through the gate. A script approves it by its digest.
///
/// # Errors
/// Whatever keeps it from being run; not approved when a script tries to say yes.
pub fn deploy(session: &mut Session, args: &[String], teardown: bool) -> Result<Exit, CommandError> {
    let Some(invocation) = session.invocation(args)? else { return Ok(Exit::Done) };
    if !session.attended && (invocation.cli.yes || invocation.cli.force) {
        return Err(CommandError::NotApproved {
            message: "a script cannot say yes: give --approve with the digest of the plan (--json shows it); nothing was changed".to_owned(),
        });
    }
    let (catalog, config) = session.surroundings();
    let goal = invocation.cli.prompt.as_deref().map(provision_planner::goal::parse);
    if goal.is_some() || !invocation.inputs.is_empty() {
        session.workspace.take("/deploy", goal, &invocation, (&catalog, &config))?;
    }
    need_plan(session)?;
    let mut whole = session.workspace.invocation(invocation.cli);
    whole.cli.teardown |= teardown;
    provision::run(whole, &catalog, &config)
}

/// `/target`.
///
/// # Errors
/// A usage error for a target that is not in the catalog.
pub fn target(session: &mut Session, target: Option<&str>) -> Result<Exit, CommandError> {
    let Some(target) = target else {
        let chosen = session.workspace.plan.as_ref().and_then(|plan| plan.target.clone());
        let rows: Vec<[String; 3]> = session
            .catalog
            .targets()
            .iter()
            .map(|target| {
                let mark =
                    if chosen.as_ref().is_some_and(|chosen| chosen.id == target.id) { "*" } else { " " };
                [mark.to_owned(), paint(HEAD, &target.id), target.summary.clone()]
            })
            .collect();
        let document = || json!({ "target": chosen.as_ref().map(|chosen| &chosen.id), "targets": session.catalog.ids() });
        return session.say(&render::columns(&rows, 1), document);
    };
    set(session, &[format!("target={target}")])
}

/// `/set SLOT=VALUE…`.
///
/// # Errors
/// A usage error for a slot that there is none of or a value that it does not take.
pub fn set(session: &mut Session, assignments: &[String]) -> Result<Exit, CommandError> {
    let mut inputs = BTreeMap::new();
    for assignment in assignments {
        let Some((name, value)) = assignment.split_once('=') else {
            return Err(CommandError::usage(format!(
                "{assignment}: SLOT=VALUE is expected, such as region=eu-west-1"
            )));
        };
        inputs.insert(slot(session, name)?, switch(value));
    }
    let Some(invocation) = session.invocation(&[])? else { return Ok(Exit::Done) };
    let names: Vec<&str> = inputs.keys().map(String::as_str).collect();
    let what = format!("/set {}", names.join(" "));
    take(session, &what, None, &Invocation { inputs: inputs.clone(), ..invocation })
}

/// What people write for a switch, as its flag has it.
fn switch(value: &str) -> String {
    match value {
        "on" => "true".to_owned(),
        "off" => "false".to_owned(),
        other => other.to_owned(),
    }
}

/// The input that a name means, also when it is written as its flag.
fn slot(session: &Session, name: &str) -> Result<String, CommandError> {
    let wanted = name.trim().trim_start_matches('-').replace(['-', ' '], "_").to_lowercase();
    let inputs = session.catalog.inputs();
    let flag = |input: &&provision_planner::catalog::InputSpec| {
        input.flag.trim_start_matches('-').replace('-', "_") == wanted
    };
    if let Some(input) = inputs.iter().find(|input| input.name == wanted).or_else(|| inputs.iter().find(flag))
    {
        return Ok(input.name.clone());
    }
    let score = |name: &&str| strsim::jaro_winkler(&wanted, name);
    let near = inputs.iter().map(|input| input.name.as_str()).max_by(|a, b| score(a).total_cmp(&score(b)));
    let near = near
        .filter(|near| score(near) > 0.75)
        .map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Err(CommandError::Usage {
        message: format!("{name}: no such input{near}"),
        hint: Some("/targets NAME lists a target's inputs".to_owned()),
    })
}

/// `/unset`.
///
/// # Errors
/// A usage error for a slot that there is none of.
pub fn unset(session: &mut Session, name: &str) -> Result<Exit, CommandError> {
    let name = slot(session, name)?;
    let (catalog, config) = session.surroundings();
    let turn = session.workspace.unset(&name, (&catalog, &config))?;
    show(session, &turn)
}

/// `/missing`.
///
/// # Errors
/// A usage error when there is no plan.
pub fn missing(session: &Session) -> Result<Exit, CommandError> {
    let plan = need_plan(session)?;
    let mut text = render::missing(&plan.missing_help, terminal::width());
    if text.is_empty() {
        text = format!("  {} no input is missing; /plan checks this machine\n", paint(GOOD, "✓"));
    }
    session.say(&text, || json!(plan.missing_help))
}

/// `/undo`.
///
/// # Errors
/// A usage error when there is nothing to undo.
pub fn undo(session: &mut Session) -> Result<Exit, CommandError> {
    let (catalog, config) = session.surroundings();
    let before = session.workspace.plan.clone();
    let Some(what) = session.workspace.undo((&catalog, &config))? else {
        return Err(CommandError::usage("there is nothing to undo"));
    };
    let said = format!("  undone: {}\n", safe(&what));
    match (before, session.workspace.plan.clone()) {
        (Some(before), Some(after)) => {
            terminal::out(&if session.wants_json() { String::new() } else { said });
            show(session, &Turn { before: Some(before), after })
        }
        (None, Some(after)) => show(session, &Turn { before: None, after }),
        (_, None) => session
            .say(&format!("{said}  there is no plan now\n"), || json!({ "undone": what, "plan": null })),
    }
}

/// `/new`.
///
/// # Errors
/// When the answer cannot be written as JSON.
pub fn fresh(session: &mut Session) -> Result<Exit, CommandError> {
    session.workspace.clear();
    session.say("  a fresh plan; /undo brings the old one back\n", || json!({ "plan": null }))
}

/// Answers a question about the plan; nothing when it is about something else.
///
/// # Errors
/// When the answer cannot be given in the form asked for.
pub fn answer(
    session: &mut Session,
    intent: &str,
    subject: Option<&str>,
) -> Result<Option<Exit>, CommandError> {
    let Some(plan) = session.workspace.plan.clone() else { return Ok(None) };
    let width = terminal::width();
    match intent {
        "missing" => missing(session).map(Some),
        "cost" => {
            let cost = plan
                .cost
                .clone()
                .unwrap_or_else(|| "nothing is known about the cost of this plan".to_owned());
            session.say(&format!("  {}\n", safe(&cost)), || json!({ "cost": plan.cost })).map(Some)
        }
        "what-runs" => session.say(&whole(&plan, width), || json!(plan)).map(Some),
        "origin" => origin(session, &plan, subject.unwrap_or_default()),
        "another" => another(session, &plan, subject.unwrap_or_default()),
        _ => Ok(None),
    }
}

fn input_of<'p>(plan: &'p Plan, subject: &str) -> Option<&'p provision_planner::plan::ResolvedInput> {
    let wanted = subject.replace([' ', '-'], "_");
    let names =
        [wanted.clone(), format!("{wanted}_name"), format!("{wanted}_id"), format!("deploy_{wanted}")];
    names.iter().find_map(|name| plan.inputs.iter().find(|input| input.name == *name))
}

fn origin(session: &Session, plan: &Plan, subject: &str) -> Result<Option<Exit>, CommandError> {
    let Some(input) = input_of(plan, subject) else { return Ok(None) };
    let words = plan.goal.slots.get(&input.name).and_then(|slot| slot.words.as_deref());
    let source = match input.source {
        Source::Flag => "you set it".to_owned(),
        Source::Prompt => format!("your words: \"{}\"", safe(words.unwrap_or_default())),
        Source::Model => "a model filled it in".to_owned(),
        Source::Config => "your configuration file".to_owned(),
        Source::Environment => "a variable of your environment".to_owned(),
        Source::Default => "it is the default".to_owned(),
    };
    let text = format!("  {} is {}: {source}\n", input.name.replace('_', " "), safe(&shown(&input.value)));
    session
        .say(&text, || json!({ "input": input.name, "value": input.value, "source": input.source }))
        .map(Some)
}

/// "Another region": which one is for the user to say.
fn another(session: &mut Session, plan: &Plan, subject: &str) -> Result<Option<Exit>, CommandError> {
    let wanted =
        slot(session, subject).ok().or_else(|| input_of(plan, subject).map(|input| input.name.clone()));
    let Some(name) = wanted else { return Ok(None) };
    let now = plan.inputs.iter().find(|input| input.name == name).map(|input| shown(&input.value));
    let now = now.map_or_else(String::new, |value| format!(" instead of {}", safe(&value)));
    session.suggestion = Some(format!("/set {name}="));
    let text =
        format!("  which {}{now}? say it, or /set {name}=VALUE (Tab lists values)\n", name.replace('_', " "));
    session.say(&text, || json!({ "open": name })).map(Some)
}
