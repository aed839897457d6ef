//! Commands of this tool's own that follow a deploy: steps where the platform would let them in, else shown.

use super::context::Context;
use super::steps::step;
use super::template::fill;
use crate::catalog::{CommandSpec, Credentials, OperatorStep, Place};
use crate::plan::{CommandLine, Effect, Step, StepKind};

/// The input with a token of the platform.
pub(super) const TOKEN: &str = "platform_token";
/// The step that shows the commands instead.
const SHOWN: &str = "events";

/// The steps that were asked for.
pub(super) fn steps(context: &Context<'_>) -> Vec<Step> {
    let wanted: Vec<&OperatorStep> = wanted(context).collect();
    let usable = context.catalog.operator().credentials.iter().any(|known| lets_in(context, known));
    match (wanted.is_empty(), usable) {
        (true, _) => Vec::new(),
        (false, true) => wanted.into_iter().map(|wanted| run(context, wanted)).collect(),
        (false, false) => vec![shown(context, &wanted)],
    }
}

/// Whether something of the plan asks the platform with a token.
pub(super) fn needs_token(context: &Context<'_>) -> bool {
    context.is_deploy() && (context.resolution.is_on("with_smoke_test") || wanted(context).next().is_some())
}

fn wanted<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a OperatorStep> {
    let steps = context.catalog.operator().steps.iter();
    steps.filter(|step| !step.when.is_empty() && context.resolution.holds(&step.when))
}

fn lets_in(context: &Context<'_>, credentials: &Credentials) -> bool {
    let known = credentials.inputs.iter().all(|name| context.resolution.get(name).is_some());
    let useless = !credentials.unless.is_empty() && context.resolution.holds(&credentials.unless);
    known && !useless
}

fn run(context: &Context<'_>, wanted: &OperatorStep) -> Step {
    let env = context.catalog.operator().env.clone();
    let spec = CommandSpec { argv: Vec::new(), place: Place::Anywhere, inputs: false, tail: Vec::new(), env };
    let command = CommandLine::new("", argv(context, wanted), context.stated_env(&spec), Vec::new());
    let title = wanted.title.clone();
    Step { commands: vec![command], ..step(&wanted.id, StepKind::Operator, wanted.effect, title) }
}

/// The arguments; what has no value yet stands as `<region>`.
fn argv(context: &Context<'_>, wanted: &OperatorStep) -> Vec<String> {
    let open = |word: &String| word.replace('{', "<").replace('}', ">");
    let word = |word: &String| fill(word, |name| context.value(name)).unwrap_or_else(|| open(word));
    wanted.argv.iter().map(word).collect()
}

/// Nobody would be let in: the exact commands, for whoever can log in.
fn shown(context: &Context<'_>, wanted: &[&OperatorStep]) -> Step {
    let url = context.url().map_or_else(|| "<url>".to_owned(), |url| crate::plan::quote(&url).into_owned());
    let profile =
        context.value("profile").map(|name| format!("export AWS_PROFILE={}", crate::plan::quote(&name)));
    let login =
        "export PLATFORM_TOKEN, or PLATFORM_IDENTIFIER and PLATFORM_PASSWORD, once somebody can log in";
    let setup = [format!("export PLATFORM_BASE_URL={url}"), login.to_owned()];
    let lines = wanted
        .iter()
        .map(|wanted| CommandLine::new("", argv(context, wanted), Default::default(), Vec::new()).text);
    let lines = profile.into_iter().chain(setup).chain(lines);
    let title =
        "wire pipeline events to the platform yourself: no token and no login is known here".to_owned();
    Step { notes: lines.collect(), ..step(SHOWN, StepKind::Notice, Effect::Read, title) }
}
