//! CloudFormation stacks as text: what a change set would do, what happens, the live tree, the outputs.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use provision_executor::{
    HookObjection, Preview, ResourceChange, ResourceUnderWay, StackChange, StackOutput, StackView,
};
use provision_planner::plan::Effect;
use provision_rules::Verdict;

use crate::render::layout::{clip, columns, plural, wrap};
use crate::render::plan::{effect_style, effect_word};
use crate::render::{category, duration};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// How many lines the live tree takes at most.
const TREE: usize = 14;
/// How many changes of one effect are listed before the rest is counted.
const LISTED: usize = 40;

/// What executing a change set would do, the gravest first.
pub fn preview(preview: &Preview, width: usize) -> String {
    let verb = if preview.creates { "creates" } else { "changes" };
    let mut text = format!("\n{}\n", paint(HEAD, format!("The change set {verb} {}", safe(&preview.stack))));
    let rows: Vec<[String; 4]> = preview.changes.iter().take(LISTED).map(row).collect();
    text.push_str(&columns(&rows, 2));
    if preview.changes.len() > LISTED {
        let _ = writeln!(text, "  and {} more", preview.changes.len() - LISTED);
    }
    let _ = writeln!(text, "  {}", counts(preview));
    text + &losses(preview, width)
}

fn row(change: &ResourceChange) -> [String; 4] {
    let word = format!("{:<8}", effect_word(change.effect));
    let name = change.path.iter().chain([&change.logical]).map(String::as_str).collect::<Vec<_>>().join("/");
    [paint(effect_style(change.effect), word), safe(&name), paint(DIM, safe(&change.kind)), remark(change)]
}

fn remark(change: &ResourceChange) -> String {
    let properties = match change.properties.is_empty() {
        true => None,
        false => Some(clip(&safe(&change.properties.join(", ")), 40)),
    };
    let conditional = change.conditional.then(|| "perhaps, depending on values not known yet".to_owned());
    let keeps = change.keeps.map(|keeps| format!("the old one: {keeps}"));
    [properties, conditional, keeps].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn counts(preview: &Preview) -> String {
    let effects = [Effect::Delete, Effect::Replace, Effect::CloudChange, Effect::CloudCreate, Effect::Read];
    let count = |effect: Effect| preview.changes.iter().filter(|change| change.effect == effect).count();
    let parts = effects.into_iter().filter(|effect| count(*effect) > 0);
    parts.map(|effect| format!("{} {}", effect_word(effect), count(effect))).collect::<Vec<_>>().join(" · ")
}

/// What data would be gone: set apart, since it cannot be had back.
fn losses(preview: &Preview, width: usize) -> String {
    let mut text = String::new();
    for change in preview.losses() {
        let what = if change.effect == Effect::Delete { "deleted" } else { "replaced by an empty one" };
        let line = format!("{} is {what}; lost: {}", change.logical, change.loses.unwrap_or("its data"));
        for (position, part) in wrap(&safe(&line), width.saturating_sub(14)).into_iter().enumerate() {
            let label = if position == 0 { "DATA LOSS" } else { "" };
            let _ = writeln!(text, "  {}{part}", paint(BAD, format!("{label:<10} ")));
        }
    }
    text
}

/// One change of a resource as a line; only what ends something or fails.
pub fn change(change: &StackChange) -> Option<String> {
    let status = change.status.as_str();
    if let Some(hook) = &change.hook {
        return Some(objection(change, hook));
    }
    let failed = status.ends_with("_FAILED");
    let ended = !status.ends_with("_IN_PROGRESS");
    if !(failed || ended || (change.own && status != "REVIEW_IN_PROGRESS")) {
        return None;
    }
    let cancelled = change.reason.as_deref().is_some_and(|reason| reason.contains("cancelled"));
    let (style, mark) = match (failed, cancelled, ended) {
        (true, true, _) => (DIM, "·"),
        (true, false, _) => (BAD, "✗"),
        (_, _, true) if status.contains("ROLLBACK") => (WARN, "!"),
        (_, _, true) => (GOOD, "✓"),
        _ => (DIM, "⋯"),
    };
    let indent = "  ".repeat(change.depth + 1);
    let took = change
        .took
        .filter(|_| ended)
        .map_or_else(String::new, |took| format!("  {}", duration(took.as_secs())));
    let slow = if change.slow { paint(WARN, "  slow") } else { String::new() };
    let name = if change.own { &change.stack } else { &change.logical };
    let kind = if change.own { String::new() } else { format!("  {}", paint(DIM, safe(&change.kind))) };
    let mut text =
        format!("{indent}{} {}{kind}  {}{took}{slow}\n", paint(style, mark), safe(name), words(status));
    if let Some(reason) = change.reason.as_ref().filter(|_| failed && !cancelled) {
        let _ = writeln!(text, "{indent}  {}", safe(reason));
    }
    Some(text)
}

/// What a hook found wrong with a resource.
fn objection(change: &StackChange, hook: &HookObjection) -> String {
    let indent = "  ".repeat(change.depth + 1);
    let (style, mark, verb) = if hook.refuses { (BAD, "✗", "refuses it") } else { (WARN, "!", "warns") };
    let (name, kind) = (safe(&change.logical), paint(DIM, safe(&change.kind)));
    let mut text =
        format!("{indent}{} {name}  {kind}  hook {} {verb}\n", paint(style, mark), safe(&hook.kind));
    if let Some(said) = &hook.said {
        let _ = writeln!(text, "{indent}  {}", safe(said));
    }
    text
}

/// A status in words: `CREATE_COMPLETE` as `create complete`.
fn words(status: &str) -> String {
    safe(&status.to_lowercase().replace('_', " "))
}

/// What a failure turned out to mean, while the stack still rolls back.
pub fn cause(verdict: &Verdict, width: usize) -> String {
    let mut text = String::new();
    let known = verdict.rule.is_some();
    let head = if known { safe(&verdict.cause) } else { format!("unknown: {}", safe(&verdict.root.text)) };
    for (position, line) in wrap(&head, width.saturating_sub(10)).into_iter().enumerate() {
        let label = if position == 0 { "Cause" } else { "" };
        let _ = writeln!(text, "  {}{line}", paint(BAD, format!("{label:<7} ")));
    }
    let root = verdict.root.logical_id.as_deref().unwrap_or("the stack");
    let rule = verdict.rule.as_deref().unwrap_or("no rule knows it");
    let _ = writeln!(
        text,
        "          {}",
        paint(DIM, format!("{} · {rule} · {}", safe(root), category(verdict.category)))
    );
    text
}

/// The outputs of a stack.
pub fn outputs(stack: &str, outputs: &[StackOutput]) -> String {
    if outputs.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 2]> =
        outputs.iter().map(|output| [safe(&output.key), safe(&output.value)]).collect();
    format!("\n{}\n{}", paint(HEAD, format!("Outputs of {}", safe(stack))), columns(&rows, 2))
}

/// The stacks as lines below the live line, without colours; at most [`TREE`] of them.
pub fn tree(stacks: &[StackView], counts: (usize, usize), now: Timestamp, width: usize) -> String {
    let mut lines = vec![format!("  {}/{} resources", counts.0, counts.1)];
    for view in stacks {
        lines.push(stack_line(view, now));
        let mut running: Vec<&ResourceUnderWay> = view.running.iter().collect();
        running.sort_by_key(|resource| resource.begun);
        // A nested stack has a line of its own.
        let own = |resource: &&&ResourceUnderWay| resource.kind != "AWS::CloudFormation::Stack";
        lines.extend(running.iter().filter(own).map(|resource| resource_line(resource, view.depth, now)));
    }
    let more = lines.len().saturating_sub(TREE);
    lines.truncate(TREE);
    if more > 0 {
        lines.push(format!("    and {more} more"));
    }
    lines.iter().fold(String::new(), |text, line| text + "\n" + &keep_indent(line, width))
}

fn keep_indent(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start().len();
    let shown: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{}{}", &line[..indent], shown.trim_start())
}

fn stack_line(view: &StackView, now: Timestamp) -> String {
    let took = view.took.or_else(|| view.begun.map(|begun| since(begun, now)));
    let mark = match view.status.as_str() {
        status if status.ends_with("_FAILED") => "✗",
        status if status.contains("ROLLBACK") => "!",
        status if status.ends_with("_COMPLETE") => "✓",
        _ => "⋯",
    };
    let failed = if view.failed > 0 {
        format!("  {}", plural(view.failed, "failed", "failed"))
    } else {
        String::new()
    };
    let took = took.map_or_else(String::new, clock);
    format!(
        "{}{mark} {:<28} {:>7}  {took}  {}{failed}",
        "  ".repeat(view.depth + 1),
        safe(&view.name),
        format!("{}/{}", view.done, view.known),
        words(&view.status)
    )
}

fn resource_line(resource: &ResourceUnderWay, depth: usize, now: Timestamp) -> String {
    let running = resource.begun.map(|begun| since(begun, now));
    let usual = match (resource.usual, running) {
        (Some(usual), Some(running)) if running > usual * 2 => {
            format!("slow: usually {}", duration(usual.as_secs()))
        }
        (Some(usual), _) if usual.as_secs() >= 30 => format!("usually {}", duration(usual.as_secs())),
        _ => String::new(),
    };
    let running = running.map_or_else(String::new, clock);
    format!("{}⋯ {:<26} {:>7}  {running}  {usual}", "  ".repeat(depth + 2), safe(&resource.logical), "")
}

/// A running time to the second: unlike [`duration`], which rounds, it has to be seen to go on.
fn clock(time: Duration) -> String {
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    if minutes > 0 { format!("{minutes} m {seconds:02} s") } else { format!("{seconds} s") }
}

fn since(begun: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(begun).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under_way(logical: &str, kind: &str, usual: Option<u64>) -> ResourceUnderWay {
        ResourceUnderWay {
            logical: logical.to_owned(),
            kind: kind.to_owned(),
            status: "CREATE_IN_PROGRESS".to_owned(),
            begun: Some(Timestamp::from_second(100).unwrap()),
            usual: usual.map(Duration::from_secs),
        }
    }

    #[test]
    fn the_tree_shows_what_runs_since_when_and_what_is_slow() {
        let view = StackView {
            name: "orders".to_owned(),
            depth: 0,
            status: "CREATE_IN_PROGRESS".to_owned(),
            begun: Some(Timestamp::from_second(90).unwrap()),
            took: None,
            done: 3,
            known: 5,
            failed: 0,
            running: vec![
                under_way("Table", "AWS::DynamoDB::Table", Some(30)),
                under_way("Cluster", "AWS::EKS::Cluster", Some(600)),
            ],
        };
        let now = Timestamp::from_second(290).unwrap();
        insta::assert_snapshot!(tree(&[view], (3, 5), now, 90), @r"

          3/5 resources
          ⋯ orders                           3/5  3 m 20 s  create in progress
            ⋯ Table                               3 m 10 s  slow: usually 30 s
            ⋯ Cluster                             3 m 10 s  usually 10 min
        ");
    }

    #[test]
    fn lost_data_stands_out_and_names_what_is_lost() {
        let change = |logical: &str, effect, loses| ResourceChange {
            path: Vec::new(),
            logical: logical.to_owned(),
            kind: "AWS::DynamoDB::Table".to_owned(),
            effect,
            conditional: false,
            properties: vec!["TableName".to_owned()],
            keeps: None,
            loses,
        };
        let shown = preview(
            &Preview {
                stack: "orders".to_owned(),
                creates: false,
                change_set: String::new(),
                changes: vec![
                    change("Orders", Effect::Replace, Some("a table")),
                    change("Audit", Effect::CloudChange, None),
                ],
            },
            90,
        );
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown), @r"

        The change set changes orders
          replaces  Orders  AWS::DynamoDB::Table  TableName
          changes   Audit   AWS::DynamoDB::Table  TableName
          replaces 1 · changes 1
          DATA LOSS  Orders is replaced by an empty one; lost: a table
        ");
    }
}
