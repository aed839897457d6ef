//! The command line: the tool's own flags here, the targets' inputs as flags from the catalog.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use provision_planner::Catalog;
use provision_planner::catalog::{Each, InputSpec};
use provision_planner::goal::Goal;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::llm::ModelArgs;
use crate::operator::OperatorCommand;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Yellow.on_default());

const EXAMPLES: &str = "\
Examples:
  provision --prompt \"deploy to EKS in us-east-1 with email\" --domain ci.acme.io
      understand the goal, show the plan and what is missing; asks before it deploys
  provision --target docker --repo --with-samples --yes
      clone what the target needs, deploy it here, load the samples, ask nothing
  provision --target ec2 --json --domain ci.acme.io --hosted-zone-id Z123 --key-pair ops
      the plan as JSON; runs nothing
  provision --diagnose stack-events.txt
      the cause and the fix, from any tool's output; `-` reads standard input
  provision --target stack --template orders.yaml --stack-name orders --param Size=large
      any CloudFormation template: change set, preview, execution with live events
  provision --target eks --cluster-name demo --teardown
      show what would be destroyed, then ask for the name
";

/// Deploys a platform from a goal in plain words, and explains failed CloudFormation stacks.
///
/// The goal is parsed without any model. The plan is shown and nothing runs before it is approved.
#[derive(Debug, Parser)]
#[command(name = "provision", version, styles = STYLES, max_term_width = 100, after_long_help = after_help(), after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,

    /// What should happen, in plain words; flags win over it
    #[arg(long, value_name = "TEXT", help_heading = "Goal")]
    pub prompt: Option<String>,

    /// Take the deployment down instead: shows what is removed, then asks for the name
    #[arg(long, help_heading = "Goal", conflicts_with = "diagnose")]
    pub teardown: bool,

    /// Diagnose failed deploys from files with their output or stack events, or from folders of them;
    /// `-` is standard input, stack:NAME a live stack
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Diagnosis")]
    pub diagnose: Vec<PathBuf>,

    /// Show why: every event with its label for --diagnose, every word of the goal with its reading for --prompt
    #[arg(long, help_heading = "Output")]
    pub explain: bool,

    /// Diagnose a file while it is written: the verdict as soon as it can be told, again when it changes, until
    /// Ctrl-C; with --json one document per line. stack:NAME follows a live stack until it is at rest
    #[arg(long, value_name = "FILE", help_heading = "Diagnosis", conflicts_with_all = ["diagnose", "teardown"])]
    pub watch: Option<PathBuf>,

    /// With --diagnose: use the whole events before the place where a file is cut off
    #[arg(long, requires = "diagnose", help_heading = "Diagnosis")]
    pub partial: bool,

    /// Approve the plan without asking; never a destructive teardown
    #[arg(long, short = 'y', help_heading = "Gate")]
    pub yes: bool,

    /// With --teardown: destroy without the typed name, for CI
    #[arg(long, help_heading = "Gate")]
    pub force: bool,

    /// Approve exactly the plan with this digest, such as sha256:7f3a…; never a destructive teardown by itself
    #[arg(long, value_name = "DIGEST", value_parser = digest, conflicts_with_all = ["yes", "force"], help_heading = "Gate")]
    pub approve: Option<String>,

    /// With --teardown: the name of what is destroyed, instead of typing it
    #[arg(long, value_name = "NAME", conflicts_with = "force", help_heading = "Gate")]
    pub confirm: Option<String>,

    /// Variable of your environment to hand on to the commands, besides those that the plan lists; a trailing * stands
    /// for any rest
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Gate")]
    pub pass_env: Vec<String>,

    /// Command to run after everything else; may be given several times
    #[arg(long, value_name = "COMMAND", help_heading = "After the deploy")]
    pub post_step: Vec<String>,

    /// Commands that are not a deploy.
    #[command(subcommand)]
    pub command: Option<Sub>,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// Print one JSON document on standard output; a deploy is then planned, not run
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,

    /// Output format
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Output", conflicts_with = "json")]
    pub output: Option<OutputFormat>,

    /// Plain text without colours (also NO_COLOR)
    #[arg(long, global = true, help_heading = "Output")]
    pub no_color: bool,

    /// Say more on standard error; twice for everything
    #[arg(long, short = 'v', global = true, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,

    /// Folder with target files (TOML) that add to or override the built-in targets
    #[arg(long, global = true, value_name = "DIR", help_heading = "Configuration")]
    pub catalog: Option<PathBuf>,

    /// Folder with rules of your own (TOML) that add to the built-in ones; may be given several times
    #[arg(long, global = true, value_name = "DIR", help_heading = "Configuration")]
    pub rules: Vec<PathBuf>,

    /// Configuration file instead of ~/.config/provision/config.toml
    #[arg(long, global = true, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,

    /// Flags about the model.
    #[command(flatten)]
    pub llm: ModelArgs,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// One JSON document; the same as --json.
    Json,
    /// A SARIF 2.1.0 log, for code scanning; only with --diagnose.
    Sarif,
    /// Markdown, for a comment on a pull request; with --diagnose and `rules list`.
    Markdown,
    /// Annotations of a GitHub Actions run; only with --diagnose.
    Github,
}

/// Commands that are not a deploy.
#[derive(Debug, Subcommand)]
pub enum Sub {
    /// Show what is understood of a goal, word by word; checks and runs nothing
    Parse {
        /// The goal in plain words
        #[arg(value_name = "GOAL", required = true, trailing_var_arg = true)]
        goal: Vec<String>,
    },
    /// Print a JSON Schema of what this tool prints
    Schema {
        /// Which document
        document: SchemaDocument,
    },
    /// Show the main job on embedded examples: a plan from a sentence, then a diagnosis; changes nothing
    Demo,
    /// List the targets, or show one with its inputs
    Targets {
        /// The target to show
        target: Option<String>,
    },
    /// List, show, check and draft the rules that failures are diagnosed with
    Rules {
        /// What to do with them
        #[command(subcommand)]
        action: RulesAction,
    },
    /// Run a plan that `provision … --json > FILE` wrote, if it is still exactly that plan
    Apply {
        /// The file with the plan; `-` is standard input
        #[arg(value_name = "FILE")]
        plan: PathBuf,

        /// What counts as approval.
        #[command(flatten)]
        gate: GateArgs,
    },
    /// Try the model that flags, configuration and environment name
    Llm {
        /// What to do with it
        #[command(subcommand)]
        action: LlmAction,
    },
    /// List what was run here, follow a run, or show one run's journal and check that nobody changed it
    Runs {
        /// What to do instead of listing
        #[command(subcommand)]
        action: Option<RunsAction>,
    },
    /// Go on with a run that did not come to its end, after finding out what really happened
    Resume {
        /// The run; without it, the newest that was interrupted
        #[arg(value_name = "RUN")]
        id: Option<String>,

        /// What counts as approval.
        #[command(flatten)]
        gate: GateArgs,
    },
    /// Work in a session: goals, questions and /commands, one line each (also plain `provision` in a terminal)
    Repl(ReplArgs),
    /// Score the diagnosis on labelled failures (JSON lines); exit code 1 below a floor or when a row is unusable
    Eval(EvalArgs),
    /// Commands about a platform that runs already.
    #[command(flatten)]
    Operator(OperatorCommand),
}

/// What `provision runs` does.
#[derive(Debug, Subcommand)]
pub enum RunsAction {
    /// Show one run, record by record; exit code 1 when its journal was changed
    Show {
        /// The run's id, or the beginning of it
        #[arg(value_name = "RUN")]
        id: String,
    },
    /// Show a run that is at work, here or elsewhere, until it ends; the exit code is the run's
    Follow {
        /// The run's id, or the beginning of it; without it the newest that is at work
        #[arg(value_name = "RUN")]
        id: Option<String>,
    },
}

/// What counts as approval, for the commands that have a plan of their own.
#[derive(Debug, Clone, Args)]
pub struct GateArgs {
    /// Approve without asking; never a destructive teardown
    #[arg(long, short = 'y')]
    pub yes: bool,

    /// Approve exactly the plan with this digest; never a destructive teardown by itself
    #[arg(long, value_name = "DIGEST", value_parser = digest, conflicts_with = "yes")]
    pub approve: Option<String>,

    /// The name of what a teardown destroys, instead of typing it
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}

/// What `provision llm` does.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum LlmAction {
    /// Whether it can be reached, has the model, answers in a schema, and how fast; exit code 1 when not
    Check,
}

/// What `provision rules` does.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// List the rules
    List {
        /// Only this family of causes, such as quota-exceeded
        #[arg(long, value_name = "CATEGORY")]
        category: Option<String>,
    },
    /// Show one rule in full
    Show {
        /// The rule's id
        id: String,
    },
    /// Check the form of all rules and where they get in each other's way; exit code 1 when one is unsound
    Lint,
    /// Try every rule on its own examples; exit code 1 when one does not hold
    Test,
    /// Draft a rule for the root of a failure that no rule knows, as TOML on standard output
    New {
        /// The file with the failure; `-` is standard input
        #[arg(long, value_name = "FILE")]
        from: PathBuf,

        /// Have the model write the words; taken only if its examples hold and no known verdict moves
        #[arg(long)]
        ask: bool,

        /// With --ask: further failures whose verdicts must not move; files or folders
        #[arg(long, value_name = "PATH", requires = "ask")]
        against: Vec<PathBuf>,
    },
}

/// Where a session's lines come from.
#[derive(Debug, Default, Clone, Args)]
pub struct ReplArgs {
    /// Read the lines from a file instead of the terminal; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,

    /// In a script: go on after a line that failed; the exit code is still that of the first failure
    #[arg(long)]
    pub keep_going: bool,
}

/// What `provision eval` scores, and what it demands.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Files with one labelled failure on each line
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Least share of messages with the right category
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_category: Option<f64>,

    /// Least share of streams with the right category
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_stream_category: Option<f64>,

    /// Least share of streams with the right root event
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_root: Option<f64>,

    /// Least mean of the shares of right answers among the retryable and among the others
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_retryable: Option<f64>,

    /// Largest share of wrong verdicts given with confidence
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub max_confident_wrong: Option<f64>,

    /// Largest number of findings in healthy output
    #[arg(long, value_name = "NUMBER")]
    pub max_false_findings: Option<usize>,

    /// How many of the wrong rows are listed
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub show: usize,
}

/// A plan's digest in full, with or without `sha256:`.
pub fn digest(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let whole = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !whole {
        return Err("a plan's whole digest is expected: sha256: and 64 hexadecimal digits".to_owned());
    }
    Ok(format!("sha256:{}", hex.to_ascii_lowercase()))
}

/// A share from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("not between 0 and 1".to_owned()) }
}

/// Documents with a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaDocument {
    /// What `--json` prints before a deploy
    Plan,
    /// What `--diagnose --json` prints for one file
    Diagnosis,
    /// What `--diagnose --json` prints for several files
    Diagnoses,
}

/// A parsed command line.
#[derive(Debug)]
pub struct Invocation {
    /// The tool's own flags.
    pub cli: Cli,
    /// The targets' inputs that were given as flags, by input name.
    pub inputs: BTreeMap<String, String>,
    /// A goal that was read before and stands instead of `--prompt`.
    pub goal: Option<Goal>,
}

impl Global {
    /// Whether the result is one JSON document.
    pub fn wants_json(&self) -> bool {
        self.format() == OutputFormat::Json
    }

    /// How the result is printed.
    pub fn format(&self) -> OutputFormat {
        if self.json { OutputFormat::Json } else { self.output.unwrap_or(OutputFormat::Text) }
    }
}

/// Checks that no input of a catalog takes a flag of the tool's own.
///
/// # Errors
/// A usage error that names the flag.
pub fn check(catalog: &Catalog) -> Result<(), CommandError> {
    let own = Cli::command();
    let flags: Vec<&str> = own.get_arguments().filter_map(Arg::get_long).chain(["help", "version"]).collect();
    let ids: Vec<&str> = own.get_arguments().map(|arg| arg.get_id().as_str()).collect();
    for input in catalog.inputs() {
        let named =
            std::iter::once(&input.flag).chain(&input.negative).map(|flag| flag.trim_start_matches('-'));
        if named.clone().any(|flag| flags.contains(&flag)) || ids.contains(&input.name.as_str()) {
            let message =
                format!("catalog: the input {} would take a flag of this tool: {}", input.name, input.flag);
            return Err(CommandError::usage(message));
        }
    }
    Ok(())
}

/// Reads a command line against the flags of a catalog.
///
/// # Errors
/// What clap says, as an error that prints itself (help and version included).
pub fn parse(args: impl IntoIterator<Item = OsString>, catalog: &Catalog) -> Result<Invocation, clap::Error> {
    let command = command(catalog);
    let matches = command.try_get_matches_from(args)?;
    let inputs = catalog
        .inputs()
        .iter()
        .flat_map(|input| match input.each {
            Some(each) => entries(&matches, input, each),
            None => given(&matches, input).map(|value| (input.name.clone(), value)).into_iter().collect(),
        })
        .collect();
    Ok(Invocation { cli: Cli::from_arg_matches(&matches)?, inputs, goal: None })
}

/// The whole command with the catalog's inputs as flags.
pub fn command(catalog: &Catalog) -> Command {
    catalog.inputs().iter().flat_map(args_of).fold(Cli::command(), Command::arg)
}

/// An input's flag, and the flag that says no where it has one.
fn args_of(input: &InputSpec) -> impl Iterator<Item = Arg> + use<> {
    let flag = Arg::new(input.name.clone())
        .long(input.flag.trim_start_matches('-').to_owned())
        .help(input.help.clone())
        .help_heading(input.heading.clone());
    let flag = if input.takes_value() { valued(flag, input) } else { flag.action(ArgAction::SetTrue) };
    let negative = input.negative.as_ref().map(|negative| {
        Arg::new(negative_id(input))
            .long(negative.trim_start_matches('-').to_owned())
            .help(format!("The opposite of {}", input.flag))
            .help_heading(input.heading.clone())
            .action(ArgAction::SetTrue)
            .conflicts_with(input.name.clone())
    });
    std::iter::once(flag).chain(negative)
}

fn valued(flag: Arg, input: &InputSpec) -> Arg {
    let flag = flag.value_name(input.placeholder.clone().unwrap_or_else(|| "VALUE".to_owned()));
    // A negative number is a wrong value, not a flag.
    let flag = flag.allow_negative_numbers(true);
    let flag = match input.each {
        Some(Each::Pair) => flag.action(ArgAction::Append).value_parser(pair),
        Some(Each::Word) => flag.action(ArgAction::Append),
        None => flag,
    };
    match &input.bare {
        Some(bare) => flag.num_args(0..=1).default_missing_value(bare.clone()),
        None => flag,
    }
}

/// `KEY=VALUE`, as it is.
fn pair(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, _)) if !key.is_empty() => Ok(text.to_owned()),
        _ => Err("KEY=VALUE is expected".to_owned()),
    }
}

/// What a flag that may be given several times states, each occurrence under a name of its own.
fn entries(matches: &ArgMatches, input: &InputSpec, each: Each) -> Vec<(String, String)> {
    let texts = matches.get_many::<String>(&input.name).into_iter().flatten();
    let entry = |text: &String| match (each, text.split_once('=')) {
        (Each::Pair, Some((key, value))) => (format!("{}.{key}", input.name), value.to_owned()),
        _ => (format!("{}.{text}", input.name), "true".to_owned()),
    };
    texts.map(entry).collect()
}

fn negative_id(input: &InputSpec) -> String {
    format!("no_{}", input.name)
}

/// The value of an input as its flags give it.
fn given(matches: &ArgMatches, input: &InputSpec) -> Option<String> {
    if input.takes_value() {
        return matches.get_one::<String>(&input.name).cloned();
    }
    let negated = input.negative.is_some() && matches.get_flag(&negative_id(input));
    match (matches.get_flag(&input.name), negated) {
        (true, _) => Some("true".to_owned()),
        (false, true) => Some("false".to_owned()),
        (false, false) => None,
    }
}

/// The `--catalog` and `--config` values, which are needed before the rest can be read.
pub fn early(args: &[OsString], flag: &str) -> Option<PathBuf> {
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        let Some(text) = arg.to_str() else { continue };
        if text == "--" {
            return None;
        }
        if text == flag {
            return args.next().map(PathBuf::from);
        }
        if let Some(value) = text.strip_prefix(flag).and_then(|rest| rest.strip_prefix('=')) {
            return Some(PathBuf::from(value));
        }
    }
    None
}

fn after_help() -> String {
    let codes: String =
        Exit::ALL.iter().map(|(exit, meaning)| format!("  {:>3}  {meaning}\n", exit.code())).collect();
    format!("{EXAMPLES}\nExit codes:\n{codes}")
}

/// One clear line of what clap found wrong, with its suggestion.
pub fn usage_error(error: &clap::Error) -> CommandError {
    use clap::error::{ContextKind, ContextValue};
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(value)) => Some(value.clone()),
        Some(ContextValue::Strings(values)) => Some(values.join(", ")),
        _ => None,
    };
    let rendered = error.render().to_string();
    let first = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let mut message = first.trim_end_matches(':').to_owned();
    if error.kind() == clap::error::ErrorKind::MissingRequiredArgument {
        message = format!("{} is required", text(ContextKind::InvalidArg).unwrap_or_default());
    }
    if let Some(near) = text(ContextKind::SuggestedArg).or_else(|| text(ContextKind::SuggestedValue)) {
        message = format!("{message}; did you mean {near}?");
    } else if let Some(valid) = text(ContextKind::ValidValue).filter(|valid| !valid.is_empty()) {
        message = format!("{message}; accepted: {valid}");
    }
    CommandError::usage(message)
}
