//! `provision llm check`: whether the configured model can be used, step by step.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cli::Global;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::llm::{self, Availability, Llm, LlmError, ModelConfig, Settings};
use crate::render::columns;
use crate::terminal::{self, BAD, DIM, GOOD, paint, safe};

/// The document that `llm check --json` prints.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    provider: Option<String>,
    address: Option<String>,
    model: Option<String>,
    usable: bool,
    steps: Vec<Step>,
}

/// One thing that was tried.
#[derive(Serialize)]
struct Step {
    name: &'static str,
    state: State,
    detail: String,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<u128>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Failed,
    /// It could not be tried, and is not needed.
    Unknown,
}

impl Step {
    fn of<T>(
        name: &'static str,
        done: Result<T, LlmError>,
        took: Duration,
        detail: impl Fn(T) -> String,
    ) -> Self {
        let milliseconds = Some(took.as_millis());
        match done {
            Ok(value) => Self { name, state: State::Ok, detail: detail(value), milliseconds },
            Err(error) => Self { name, state: State::Failed, detail: error.to_string(), milliseconds },
        }
    }

    fn without_time(name: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self { name, state, detail: detail.into(), milliseconds: None }
    }
}

/// Tries the model and prints what works.
///
/// # Errors
/// A usage error for a provider or template that cannot be used.
pub fn check(global: &Global, config: &ModelConfig) -> Result<Exit, CommandError> {
    let report = match llm::availability(&global.llm, config)? {
        Availability::Off { reason, .. } => Report {
            schema: "provision.llm-check/v1",
            provider: None,
            address: None,
            model: None,
            usable: false,
            steps: vec![Step::without_time("configured", State::Failed, reason.to_string())],
        },
        // An answer that was kept would prove nothing.
        Availability::On(settings) => tried(Llm::new(Settings { cache: None, ..*settings })),
    };
    if global.llm.show_prompt {
        return Ok(Exit::Done);
    }
    if global.wants_json() {
        let text = serde_json::to_string_pretty(&report).map_err(CommandError::internal)?;
        terminal::out(&(text + "\n"));
    } else {
        terminal::out(&shown(&report));
    }
    Ok(if report.usable { Exit::Done } else { Exit::CHECK_FAILED })
}

fn tried(mut llm: Llm) -> Report {
    let settings = llm.settings().clone();
    let mut steps = vec![
        Step::without_time("configured", State::Ok, settings.provider.title.clone()),
        Step::without_time("egress", State::Ok, settings.egress.name()),
    ];
    if settings.provider.models && !settings.show {
        steps.extend(listed(&mut llm, &settings.model));
    }
    let reached = steps.iter().all(|step| step.state != State::Failed || step.name == "model");
    if reached {
        let (done, took) = timed(|| llm::trial(&mut llm));
        let held =
            if settings.provider.structured { "held to a schema" } else { "the form asked for in words" };
        steps.push(Step::of("structured answer", done, took, |()| held.to_owned()));
        let (tokens, cost) = llm.used();
        let cost = cost.map_or_else(String::new, |cost| format!(", about {cost:.5} USD"));
        steps.push(Step::without_time("cost of this check", State::Ok, format!("{tokens} tokens{cost}")));
    }
    Report {
        schema: "provision.llm-check/v1",
        usable: steps.iter().all(|step| step.state != State::Failed),
        provider: Some(settings.provider.name),
        address: Some(settings.address),
        model: Some(settings.model),
        steps,
    }
}

/// Whether the server answers, and whether the model is among those it lists.
fn listed(llm: &mut Llm, model: &str) -> Vec<Step> {
    let (listed, took) = timed(|| llm::models(llm));
    match listed {
        // Not every server lists its models; one that says so is there.
        Err(error @ LlmError::Refused { status: 403..=405, .. }) => vec![
            Step { milliseconds: Some(took.as_millis()), ..Step::without_time("reachable", State::Ok, "") },
            Step::without_time("model", State::Unknown, format!("no list of models: {error}")),
        ],
        Err(error) => vec![Step::of("reachable", Err::<(), _>(error), took, |()| String::new())],
        Ok(names) => {
            let there = names.iter().any(|name| name == model || name.strip_suffix(":latest") == Some(model));
            let some = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
            let (state, detail) = if there {
                (State::Ok, model.to_owned())
            } else {
                (State::Failed, format!("{model} is not among its {} models: {some}", names.len()))
            };
            let reachable = Step::of("reachable", Ok(names.len()), took, |count| format!("{count} models"));
            vec![reachable, Step::without_time("model", state, detail)]
        }
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

fn shown(report: &Report) -> String {
    let mut text = String::new();
    if let (Some(provider), Some(model), Some(address)) = (&report.provider, &report.model, &report.address) {
        text.push_str(&format!("{} at {}: {}\n", safe(provider), safe(address), safe(model)));
    }
    let row = |step: &Step| {
        let mark = match step.state {
            State::Ok => paint(GOOD, "✓"),
            State::Failed => paint(BAD, "✗"),
            State::Unknown => paint(DIM, "·"),
        };
        let took = step.milliseconds.map_or_else(String::new, |ms| paint(DIM, format!("{ms} ms")));
        [format!("{mark} {}", step.name), safe(&step.detail), took]
    };
    text.push_str(&columns(&report.steps.iter().map(row).collect::<Vec<_>>(), 2));
    text
}
