//! The platform's initialisation: who runs it, with which loads, and what that leaves undone.

use std::collections::BTreeMap;

use super::context::Context;
use super::template::fill_quoted;
use crate::catalog::{Actor, Init, InitMode, Load, Loads};
use crate::plan::{CommandLine, Effect, EnvValue, SkippedStep, Step, StepKind};

/// The step's id.
const ID: &str = "init";

/// The target's initialisation in the mode that was chosen.
pub(super) struct Chosen<'a> {
    init: &'a Init,
    mode: &'a InitMode,
    name: String,
}

/// What is to happen, if the target has an initialisation.
pub(super) fn chosen<'a>(context: &Context<'a>) -> Option<Chosen<'a>> {
    let init = context.target.init.as_ref()?;
    let name = context.resolution.text("init")?;
    Some(Chosen { init, mode: init.mode.get(&name)?, name })
}

/// The step, unless nobody initialises.
pub(super) fn step(context: &Context<'_>) -> Option<Step> {
    let chosen = chosen(context)?;
    let (kind, effect, title) = match chosen.mode.by {
        Actor::Provision => (StepKind::Init, chosen.init.effect, "initialise the platform".to_owned()),
        Actor::Deploy => {
            (StepKind::Notice, Effect::Read, "the deploy initialises the platform itself".to_owned())
        }
        Actor::Operator => (StepKind::Notice, Effect::Read, "initialise the platform yourself".to_owned()),
        Actor::Nobody => return None,
    };
    let command = command(context, chosen.init);
    let mut notes = notes(context, chosen.mode, &command);
    notes.extend(context.absences(ID));
    let commands = if kind == StepKind::Init { vec![command] } else { Vec::new() };
    Some(Step {
        id: ID.to_owned(),
        kind,
        effect,
        title: title + &loads_title(context, &chosen),
        commands,
        notes,
        probes: Vec::new(),
        until: None,
    })
}

/// The command, with every load said yes or no to.
fn command(context: &Context<'_>, init: &Init) -> CommandLine {
    let mut env = context.kept(&init.uses);
    env.extend(context.stated_env(&init.command));
    for load in context.catalog.loads() {
        let answer = if asked(context, load) { "y" } else { "n" };
        env.insert(load.variable.clone(), EnvValue::Plain(answer.to_owned()));
    }
    let argv = context.argv(&init.command).unwrap_or_else(|| init.command.argv.clone());
    CommandLine::new(context.folder(init.command.place), argv, env, Vec::new())
}

fn notes(context: &Context<'_>, mode: &InitMode, command: &CommandLine) -> Vec<String> {
    let holding = mode.notes.iter().filter(|note| context.resolution.holds(&note.when));
    let value = |name: &str| match name {
        "init_command" => Some(command.text.clone()),
        _ => context.value(name),
    };
    holding.filter_map(|note| fill_quoted(&note.text, value)).collect()
}

fn loads_title(context: &Context<'_>, chosen: &Chosen<'_>) -> String {
    let names: Vec<String> = loads(context, chosen).into_iter().map(name).collect();
    match names.is_empty() {
        true => ": register the admin".to_owned(),
        false => format!(": register the admin, load {}", names.join(", ")),
    }
}

/// The load in a word: its input without the `with`.
fn name(load: &Load) -> String {
    load.input.trim_start_matches("with_").replace('_', " ")
}

/// Whether a load was asked for, itself or along with others.
fn asked(context: &Context<'_>, load: &Load) -> bool {
    context.resolution.is_on(&load.input)
}

/// The loads that run in the chosen mode.
fn loads<'a>(context: &Context<'a>, chosen: &Chosen<'_>) -> Vec<&'a Load> {
    let runs = |load: &&Load| match chosen.mode.loads {
        Loads::Asked => asked(context, load),
        Loads::All => load.also_by.is_some(),
        Loads::None => false,
    };
    context.catalog.loads().iter().filter(runs).collect()
}

/// The folders that the loads need in the checkout.
pub(super) fn folders(context: &Context<'_>) -> Vec<String> {
    let Some(chosen) = chosen(context).filter(|chosen| chosen.mode.folders) else { return Vec::new() };
    loads(context, &chosen).into_iter().flat_map(|load| load.folders.clone()).collect()
}

/// What was asked for, or is usual, and will not happen this way.
pub(super) fn skipped(context: &Context<'_>) -> Vec<SkippedStep> {
    let skip = |id: &str, reason: String| SkippedStep { id: id.to_owned(), reason };
    if !context.target.platform {
        return Vec::new();
    }
    let Some(chosen) = chosen(context) else {
        return vec![skip(ID, format!("{} has no initialisation", context.target.title))];
    };
    let mut skipped = Vec::new();
    match chosen.mode.by {
        Actor::Nobody => skipped.push(skip(ID, format!("--init {}", chosen.name))),
        Actor::Deploy => {
            skipped.push(skip("init-platform", "the deploy initialises the platform itself".to_owned()));
        }
        Actor::Operator => {
            skipped.push(skip("init-platform", format!("--init {}: yours to run", chosen.name)));
        }
        Actor::Provision => {}
    }
    let unheard = unheard(context, &chosen).into_iter();
    skipped.extend(unheard.map(|(load, reason)| skip(&load.input.replace('_', "-"), reason)));
    skipped.extend(admin(context, &chosen).map(|reason| skip("admin", reason)));
    skipped
}

/// Loads whose wish the mode does not follow.
fn unheard<'a>(context: &Context<'a>, chosen: &Chosen<'_>) -> Vec<(&'a Load, String)> {
    let running: BTreeMap<&str, ()> =
        loads(context, chosen).into_iter().map(|load| (load.input.as_str(), ())).collect();
    let by_hand = "--init manual leaves the choice to you";
    let reason = |load: &Load| {
        let wish = context.resolution.stated(&load.input)?.value == serde_json::Value::Bool(true);
        match (wish, running.contains_key(load.input.as_str())) {
            (true, false) if chosen.mode.by == Actor::Nobody => Some(format!("--init {}", chosen.name)),
            (true, false) => Some(format!("the deploy's own initialisation does not do it; {by_hand}")),
            (false, true) => Some(format!("cannot be left out: the deploy loads it itself; {by_hand}")),
            _ => None,
        }
    };
    context.catalog.loads().iter().filter_map(|load| Some((load, reason(load)?))).collect()
}

/// Admin credentials that were given and reach nobody.
fn admin(context: &Context<'_>, chosen: &Chosen<'_>) -> Option<String> {
    let given =
        ["admin_email", "admin_password"].iter().any(|name| context.resolution.stated(name).is_some());
    match chosen.mode.by {
        Actor::Nobody if given => Some(format!("--init {}", chosen.name)),
        Actor::Deploy if given && context.used("admin_email").is_none() => {
            Some("the admin's name and password do not reach a first boot; use --init manual".to_owned())
        }
        _ => None,
    }
}
