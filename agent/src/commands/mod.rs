//! The commands, one file each, and which one a command line means.

mod apply;
mod demo;
pub mod diagnose;
mod eval;
mod follow;
mod llm;
mod parse;
pub mod provision;
mod resume;
mod rules;
mod rules_new;
mod runs;
mod schema;
mod targets;
pub mod watch;
pub mod watch_stack;

pub use apply::consent;
use provision_planner::Catalog;

pub use runs::standing;

use crate::cli::{Cli, Invocation, LlmAction, OutputFormat, ReplArgs, RulesAction, Sub};
use crate::config::Config;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::live::Place;
use crate::operator::{self, OperatorCommand};
use crate::{repl, terminal};

/// Runs the command that a command line means.
///
/// # Errors
/// Whatever keeps the command from doing its work.
pub fn run(mut invocation: Invocation, catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    let named = &mut invocation.cli.global.rules;
    let more: Vec<_> = config.rules.iter().filter(|folder| !named.contains(folder)).cloned().collect();
    named.splice(..0, more);
    let cli = &invocation.cli;
    let json = cli.global.wants_json();
    check_output(cli)?;
    if let (None, Some(file)) = (&cli.command, &cli.watch) {
        let options = diagnose::Options { place: place(&invocation), ..diagnose::Options::of(cli, config) };
        return watch::run(file, &options);
    }
    match (&cli.command, cli.diagnose.is_empty()) {
        (Some(Sub::Parse { goal }), _) => parse::run(catalog, &goal.join(" "), json),
        (Some(Sub::Schema { document }), _) => schema::run(*document),
        (Some(Sub::Demo), _) => demo::run(catalog, config),
        (Some(Sub::Rules { action }), _) => rules::run(action, &cli.global, &config.model),
        (Some(Sub::Apply { plan, gate }), _) => {
            apply::run(plan, gate, invocation.inputs.clone(), &cli.global, catalog, config)
        }
        (Some(Sub::Llm { action: LlmAction::Check }), _) => llm::check(&cli.global, &config.model),
        (Some(Sub::Runs { action }), _) => runs::run(action.as_ref(), json),
        (Some(Sub::Resume { id, gate }), _) => {
            resume::run(id.as_deref(), gate, invocation.inputs.clone(), &cli.global, catalog, config)
        }
        (Some(Sub::Repl(args)), _) => repl::run(&invocation, args, catalog, config),
        (Some(Sub::Eval(args)), _) => eval::run(args, &cli.global),
        (Some(Sub::Targets { target }), _) => targets::run(catalog, target.as_deref(), json),
        (Some(Sub::Operator(command)), _) => operator::run(command, &cli.global, catalog, config),
        (None, false) => {
            let options =
                diagnose::Options { place: place(&invocation), ..diagnose::Options::of(cli, config) };
            diagnose::run(&cli.diagnose, &options)
        }
        (None, true) if says_nothing(&invocation) => start(&invocation, catalog, config),
        (None, true) => provision::run(invocation, catalog, config),
    }
}

/// Where live stacks are looked for.
pub fn place(invocation: &Invocation) -> Place<'_> {
    let input = |name: &str| invocation.inputs.get(name).map(String::as_str);
    Place { region: input("region"), profile: input("profile") }
}

/// Refuses an output format that the command does not have.
fn check_output(cli: &Cli) -> Result<(), CommandError> {
    let (format, diagnoses) = (cli.global.format(), cli.command.is_none() && !cli.diagnose.is_empty());
    let (has_it, name, with) = match format {
        OutputFormat::Text | OutputFormat::Json => return Ok(()),
        OutputFormat::Sarif => (diagnoses || audits(cli), "sarif", "only with --diagnose and audit-stacks"),
        OutputFormat::Github => (diagnoses, "github", "only with --diagnose"),
        OutputFormat::Markdown => (
            diagnoses || audits(cli) || lists_rules(cli),
            "markdown",
            "only with --diagnose, audit-stacks and `rules list`",
        ),
    };
    if has_it { Ok(()) } else { Err(CommandError::usage(format!("--output {name}: {with}"))) }
}

fn lists_rules(cli: &Cli) -> bool {
    matches!(&cli.command, Some(Sub::Rules { action: RulesAction::List { .. } }))
}

fn audits(cli: &Cli) -> bool {
    matches!(&cli.command, Some(Sub::Operator(OperatorCommand::AuditStacks(_))))
}

/// Whether a command line makes plans, and so needs the configuration and the catalog.
pub fn plans(cli: &Cli) -> bool {
    let planless = matches!(
        cli.command,
        Some(Sub::Schema { .. } | Sub::Rules { .. } | Sub::Runs { .. } | Sub::Eval { .. } | Sub::Operator(_))
    );
    let names_a_deployment =
        matches!(&cli.command, Some(Sub::Operator(command)) if command.names_a_deployment());
    names_a_deployment || !planless && cli.diagnose.is_empty() && cli.watch.is_none()
}

fn says_nothing(invocation: &Invocation) -> bool {
    let cli = &invocation.cli;
    cli.prompt.is_none() && !cli.teardown && !cli.global.wants_json() && invocation.inputs.is_empty()
}

/// Without any wish: the REPL for a person, one line of usage for a script.
fn start(invocation: &Invocation, catalog: &Catalog, config: &Config) -> Result<Exit, CommandError> {
    if terminal::is_interactive() {
        return repl::run(invocation, &ReplArgs::default(), catalog, config);
    }
    Err(CommandError::Usage {
        message: "say what to do: --prompt TEXT, --target NAME, or --diagnose FILE".to_owned(),
        hint: Some("`provision --help` shows all flags with examples".to_owned()),
    })
}
