//! A plan as text: what was understood, what is missing, what would run.

use std::fmt::Write;

use provision_planner::goal::{Goal, Source};
use provision_planner::plan::{
    Action, Destruction, Effect, MissingInput, Plan, PrerequisiteResult, PrerequisiteStatus, ResolvedInput,
    Step, Treatment,
};
use serde_json::Value;

use crate::render::binding::handed_on;
use crate::render::layout::{columns, plural, spaced, wrap};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// The whole plan, for a terminal of the given width.
pub fn plan(plan: &Plan, width: usize) -> String {
    let sections = [
        title(plan, width),
        origins(plan, width),
        prerequisites(&plan.prerequisites, width),
        missing(&plan.missing_help, width),
        steps(plan, width),
        destruction(plan.destruction.as_ref(), width),
        skipped(plan, width),
    ];
    let present: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    present.join("\n")
}

/// The last line of a blocked plan: how much is missing.
pub fn blocked(plan: &Plan) -> String {
    let tools = plan.prerequisites.iter().filter(|p| is_unmet(p)).count();
    let inputs = plan.missing.len();
    let parts: Vec<String> = [(inputs, "input", "inputs"), (tools, "prerequisite", "prerequisites")]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| plural(count, one, many))
        .collect();
    let verb = if inputs + tools == 1 { "is" } else { "are" };
    format!("{} {} {verb} missing. Nothing was changed.\n", paint(BAD, "Blocked:"), parts.join(" and "))
}

/// What was understood of a goal, word by word.
pub fn goal(goal: &Goal, width: usize) -> String {
    let mut text = String::new();
    let stated: Vec<[String; 3]> = goal.slots.iter().map(|(name, slot)| slot_row(name, slot)).collect();
    if stated.is_empty() {
        let open = !goal.unresolved.is_empty() || !goal.ignored.is_empty();
        let line = if open {
            "Nothing is settled by this text."
        } else {
            "Nothing in this text states what to deploy, or where."
        };
        let _ = writeln!(text, "{line}");
    } else {
        let _ = writeln!(text, "{}", paint(HEAD, "Understood"));
        text.push_str(&columns(&stated, 2));
    }
    text.push_str(&remarks(goal, width));
    text
}

fn slot_row(name: &str, slot: &provision_planner::goal::Slot) -> [String; 3] {
    let words =
        slot.words.as_ref().map_or_else(String::new, |words| paint(DIM, format!("\"{}\"", safe(words))));
    let words =
        if slot.source == Source::Model { format!("{words} {}", paint(WARN, "model")) } else { words };
    [name.to_owned(), safe(&shown(&slot.value)), words]
}

fn remarks(goal: &Goal, width: usize) -> String {
    let mut text = String::new();
    for choice in &goal.unresolved {
        let line = match choice.choices.as_slice() {
            [one] => format!("{}: {one}? — the text names something near it", choice.slot),
            several => format!("{}: {} — the text does not decide", choice.slot, several.join(" or ")),
        };
        text.push_str(&listed("open", WARN, &line, width));
    }
    for ignored in &goal.ignored {
        let line = format!("\"{}\": {}", safe(&ignored.words), ignored.reason);
        text.push_str(&listed("not taken", DIM, &line, width));
    }
    for warning in &goal.warnings {
        text.push_str(&listed("warning", WARN, warning, width));
    }
    text
}

pub(super) fn listed(label: &str, style: anstyle::Style, line: &str, width: usize) -> String {
    let mut text = String::new();
    for (row, part) in wrap(line, width.saturating_sub(15)).into_iter().enumerate() {
        let label = if row == 0 { label } else { "" };
        let _ = writeln!(text, "  {}{part}", paint(style, format!("{label:<12} ")));
    }
    text
}

fn title(plan: &Plan, width: usize) -> String {
    let name = plan.target.as_ref().map_or("No target yet", |target| &target.title);
    let place = ["region", "deploy_mode"].iter().filter_map(|name| value_of(plan, name));
    let verb = match plan.action {
        Action::Deploy => None,
        Action::Teardown => Some("teardown".to_owned()),
        Action::Change => Some("change".to_owned()),
    };
    let parts: Vec<String> = std::iter::once(name.to_owned()).chain(verb).chain(place).collect();
    let left = parts.join(" · ");
    let digest = plan.digest.strip_prefix("sha256:").unwrap_or(&plan.digest);
    let right = format!("plan {}", &digest[..digest.len().min(8)]);
    let gap = width.saturating_sub(left.chars().count() + right.len()).max(2);
    format!("{}{}{}\n", paint(HEAD, left), " ".repeat(gap), paint(DIM, right))
        + &plan.target.as_ref().map_or_else(String::new, |t| indented(&t.summary, width))
}

fn indented(line: &str, width: usize) -> String {
    wrap(line, width.saturating_sub(2)).into_iter().fold(String::new(), |mut text, part| {
        let _ = writeln!(text, "  {part}");
        text
    })
}

fn value_of(plan: &Plan, name: &str) -> Option<String> {
    plan.inputs.iter().find(|input| input.name == name).map(|input| shown(&input.value))
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        other => other.to_string(),
    }
}

/// Where each value comes from, one block per origin.
fn origins(plan: &Plan, width: usize) -> String {
    let mut text = String::new();
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (source, label) in ORIGINS {
        let mut first = true;
        for input in plan.inputs.iter().filter(|input| input.source == source) {
            let label = if std::mem::take(&mut first) { label } else { "" };
            rows.push(origin_row(plan, label, input));
        }
    }
    text.push_str(&columns(&rows, 2));
    text.push_str(&defaults(plan, width));
    for note in &plan.environment {
        let end = match note.treatment {
            Treatment::Used => "used",
            Treatment::Cleared => "cleared for this run",
        };
        text.push_str(&listed("environment", DIM, &format!("{} {}: {end}", note.name, note.reason), width));
    }
    text.push_str(&handed_on(plan, width));
    text + &remarks(&plan.goal, width)
}

const ORIGINS: [(Source, &str); 5] = [
    (Source::Prompt, "understood"),
    (Source::Flag, "flags"),
    (Source::Model, "model"),
    (Source::Config, "config"),
    (Source::Environment, "environment"),
];

fn origin_row(plan: &Plan, label: &str, input: &ResolvedInput) -> [String; 4] {
    let words = matches!(input.source, Source::Prompt | Source::Model)
        .then(|| plan.goal.slots.get(&input.name)?.words.clone())
        .flatten();
    let words = words.map_or_else(String::new, |words| paint(DIM, format!("\"{}\"", safe(&words))));
    [format!("{label:<11}"), spaced(&input.name), safe(&shown(&input.value)), words]
}

fn defaults(plan: &Plan, width: usize) -> String {
    let values: Vec<String> = plan
        .inputs
        .iter()
        .filter(|input| input.source == Source::Default && !input.value.is_null())
        .map(|input| format!("{} {}", spaced(&input.name), shown(&input.value)))
        .collect();
    if values.is_empty() { String::new() } else { listed("defaults", DIM, &values.join(" · "), width) }
}

fn is_unmet(result: &PrerequisiteResult) -> bool {
    !matches!(result.status, PrerequisiteStatus::Ok | PrerequisiteStatus::Unchecked)
}

fn prerequisites(results: &[PrerequisiteResult], width: usize) -> String {
    if results.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint(HEAD, "Prerequisites"));
    let met: Vec<String> = results
        .iter()
        .filter(|result| !is_unmet(result))
        .map(|result| {
            let found = result.found.as_ref().map_or_else(String::new, |found| format!(" {}", safe(found)));
            let mark = if result.status == PrerequisiteStatus::Ok { "✓" } else { "·" };
            format!("{mark} {}{found}", result.title)
        })
        .collect();
    for line in wrap_items(&met, width) {
        let _ = writeln!(text, "  {}", line.replace('✓', &paint(GOOD, "✓")));
    }
    for result in results.iter().filter(|result| is_unmet(result)) {
        text.push_str(&unmet(result, width));
    }
    text
}

/// Items side by side, never broken inside.
fn wrap_items(items: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + item.chars().count() + 5 <= width => {
                let _ = write!(line, "   {item}");
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

fn unmet(result: &PrerequisiteResult, width: usize) -> String {
    let problem = match result.status {
        PrerequisiteStatus::Timeout => "did not answer in time",
        PrerequisiteStatus::Failed => "does not work",
        _ => "not found",
    };
    let detail = result.detail.as_deref().unwrap_or(problem);
    let mut text = String::new();
    let label = format!("{:<16}", result.title);
    for (row, line) in wrap(&safe(detail), width.saturating_sub(21)).into_iter().enumerate() {
        let head = if row == 0 { format!("{} {label}", paint(BAD, "✗")) } else { " ".repeat(18) };
        let _ = writeln!(text, "  {head} {line}");
    }
    for line in result.install.iter().flat_map(|install| install.lines()) {
        let _ = writeln!(text, "  {:18} {}", "", paint(WARN, line));
    }
    text
}

/// The flags that are still needed, each with what it is and how to find its value.
pub fn missing(inputs: &[MissingInput], width: usize) -> String {
    if inputs.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint(HEAD, "Missing"));
    for input in inputs {
        for (row, line) in wrap(&input.help, width.saturating_sub(21)).into_iter().enumerate() {
            let flag = if row == 0 { input.flag.as_str() } else { "" };
            let _ = writeln!(text, "  {} {line}", paint(WARN, format!("{flag:<18}")));
        }
        if let Some(find) = &input.find {
            let _ = writeln!(text, "  {:18} {}", "", paint(DIM, find));
        }
    }
    text
}

fn steps(plan: &Plan, width: usize) -> String {
    if plan.steps.is_empty() {
        return String::new();
    }
    let heading = if plan.is_ready() { "Will run" } else { "Would run" };
    let mut text = format!("{}\n", paint(HEAD, heading));
    for (position, step) in plan.steps.iter().enumerate() {
        text.push_str(&step_lines(position + 1, step, width));
    }
    if plan.retries > 0 && plan.action == Action::Deploy {
        let times = plural(usize::from(plan.retries), "time", "times");
        let _ = writeln!(
            text,
            "  {}",
            paint(
                DIM,
                format!("if the deploy fails with a known fix: asked, then tried again, at most {times}")
            )
        );
    }
    if let Some(cost) = &plan.cost {
        let _ = writeln!(text, "  cost {cost}");
    }
    text
}

fn step_lines(number: usize, step: &Step, width: usize) -> String {
    let effect = paint(effect_style(step.effect), format!("{:<9}", effect_word(step.effect)));
    let mut title = wrap(&safe(&step.title), width.saturating_sub(28)).into_iter();
    let mut text = format!("  {number:>2} {:<12} {effect} {}\n", step.id, title.next().unwrap_or_default());
    for line in title {
        let _ = writeln!(text, "{:28}{line}", "");
    }
    for command in &step.commands {
        let _ = writeln!(text, "     {}", paint(DIM, safe(&command.text)));
    }
    for note in &step.notes {
        for line in wrap(note, width.saturating_sub(5)) {
            let _ = writeln!(text, "     {}", paint(DIM, line));
        }
    }
    text
}

pub(super) fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "reads",
        Effect::LocalWrite => "local",
        Effect::CloudCreate => "creates",
        Effect::CloudChange => "changes",
        Effect::Replace => "replaces",
        Effect::Delete => "deletes",
    }
}

pub(super) fn effect_style(effect: Effect) -> anstyle::Style {
    match effect {
        Effect::Read => DIM,
        Effect::LocalWrite => GOOD,
        Effect::CloudCreate | Effect::CloudChange => WARN,
        Effect::Replace | Effect::Delete => BAD,
    }
}

fn destruction(destruction: Option<&Destruction>, width: usize) -> String {
    let Some(destruction) = destruction else { return String::new() };
    let mut text = format!("{}\n", paint(HEAD, "Teardown"));
    let mut list = |label: &str, style, items: &[String]| {
        for (row, item) in items.iter().enumerate() {
            text.push_str(&listed(if row == 0 { label } else { "" }, style, item, width));
        }
    };
    list("removes", BAD, &destruction.removes);
    list("keeps", GOOD, &destruction.keeps);
    if destruction.irreversible {
        let line = format!("cannot be undone; confirmed by typing {}", destruction.confirm);
        text.push_str(&listed("", BAD, &line, width));
    }
    text
}

fn skipped(plan: &Plan, width: usize) -> String {
    if plan.skipped.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint(HEAD, "Not run"));
    for step in &plan.skipped {
        text.push_str(&listed(&step.id, DIM, &step.reason, width));
    }
    text
}
