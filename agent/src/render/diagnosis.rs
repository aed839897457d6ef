//! A diagnosis as text: the cause, the lines that carry it, the fix, whether to retry.

use std::fmt::Write;

use provision_planner::plan::quote;
use provision_rules::{
    Category, Diagnosis, Effect, Evidence, Fix, FixKind, Guard, Noise, Policy, PolicyDocument, Status,
    Verdict,
};

use crate::render::layout::{category, plural, visible, wrap};
use crate::terminal::{self, BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// What standard input is called.
pub const STDIN: &str = "standard input";
/// How many lines of evidence are shown for one cause.
const MAX_EVIDENCE: usize = 6;
/// How many rows one of them may take.
const MAX_ROWS: usize = 5;

/// The whole diagnosis of one text, for a terminal of the given width.
pub fn diagnosis(found: &Diagnosis, name: &str, width: usize) -> String {
    if found.status == Status::Healthy {
        return healthy(found, name);
    }
    let mut text = headline(found, name, width);
    for (position, verdict) in found.verdict.iter().chain(&found.also).enumerate() {
        if position == 1 {
            let _ = writeln!(text, "{}", paint(HEAD, "Also, independent of the first:"));
        }
        text.push_str(&verdict_block(verdict, width));
    }
    if let Some(found) = &found.policy {
        text.push_str(&policy(found, width));
    }
    text.push_str(&teach(found, name));
    if let Some(line) = set_aside(&found.noise) {
        let how = if terminal::is_session() { "(/explain says why)" } else { "(--explain says why)" };
        for (row, line) in wrap(&format!("{line}  {how}"), width.saturating_sub(10)).iter().enumerate() {
            let label = if row == 0 { "Set aside" } else { "" };
            let _ = writeln!(text, "{}", paint(DIM, format!("{label:<10}{line}")));
        }
    }
    text
}

/// What has to be allowed, to whom, and what no policy of the account can allow.
fn policy(found: &Policy, width: usize) -> String {
    let mut text = String::new();
    if let Some(document) = &found.document {
        let who = match found.principals.as_slice() {
            [] => "whoever was refused".to_owned(),
            names => names.join(" and "),
        };
        text.push_str(&field("Policy", &format!("for {}", safe(&who)), width));
        for line in policy_lines(document) {
            let _ = writeln!(text, "        {}", safe(&line));
        }
    }
    for guard in guard_lines(found).iter().chain(&found.remarks) {
        text.push_str(&field("", &safe(guard), width));
    }
    text + "\n"
}

/// A policy document as JSON, short lists in one line.
pub fn policy_lines(document: &PolicyDocument) -> Vec<String> {
    let mut lines = vec![
        "{".to_owned(),
        format!("  \"Version\": {:?},", document.version),
        "  \"Statement\": [".to_owned(),
    ];
    for (at, statement) in document.statement.iter().enumerate() {
        let end = if at + 1 < document.statement.len() { "," } else { "" };
        lines.push(format!("    {{ \"Effect\": \"{}\",", statement.effect));
        lines.extend(list("Action", &statement.action, ","));
        lines.extend(list("Resource", &statement.resource, &format!(" }}{end}")));
    }
    lines.extend(["  ]".to_owned(), "}".to_owned()]);
    lines
}

fn list(name: &str, items: &[String], end: &str) -> Vec<String> {
    let quoted: Vec<String> =
        items.iter().map(|item| serde_json::Value::from(item.as_str()).to_string()).collect();
    if let [only] = quoted.as_slice() {
        return vec![format!("      \"{name}\": [{only}]{end}")];
    }
    let rows = quoted.join(",\n        ");
    let text = format!("      \"{name}\": [\n        {rows}\n      ]{end}");
    text.lines().map(str::to_owned).collect()
}

/// The policies that no identity policy outweighs, a sentence for each.
pub fn guard_lines(found: &Policy) -> Vec<String> {
    let line = |guard: &Guard| {
        let how = if guard.explicit { "explicitly denies" } else { "does not allow" };
        format!(
            "The {} {how} {}; no policy attached to the caller lifts that, whoever owns the {} has to.",
            guard.kind,
            guard.actions.join(", "),
            guard.kind
        )
    };
    found.guards.iter().map(line).collect()
}

/// How to make the next such failure a known one; only for a file that can be read again.
fn teach(found: &Diagnosis, name: &str) -> String {
    let unknown = found.verdict.iter().chain(&found.also).any(|verdict| verdict.rule.is_none());
    if !unknown || name == STDIN {
        return String::new();
    }
    format!("{}provision rules new --from {}\n", paint(HEAD, "Teach   "), safe(&quote(name)))
}

fn healthy(found: &Diagnosis, name: &str) -> String {
    let read = match found.source.events {
        0 => plural(found.source.lines, "line", "lines"),
        events => plural(events, "event", "events"),
    };
    format!("{} {}: no failure found in {read}\n", paint(GOOD, "✓"), safe(name))
}

/// What failed, without colours: `create failed`.
pub fn operation(found: &Diagnosis) -> String {
    found.source.operation.as_deref().map_or_else(|| "failed".to_owned(), |o| format!("{o} failed"))
}

fn headline(found: &Diagnosis, name: &str, width: usize) -> String {
    let known = found.verdict.as_ref().is_some_and(|verdict| verdict.category != Category::Unknown);
    let (mark, style) = if known { ("✗", BAD) } else { ("?", WARN) };
    let subject = found.source.stack.as_deref().unwrap_or(name);
    let operation = operation(found);
    let unknown = if known { "" } else { ": no rule knows this cause" };
    let read = match found.source.events {
        0 => plural(found.source.lines, "line", "lines"),
        events => plural(events, "event", "events"),
    };
    let order = found
        .source
        .order
        .as_deref()
        .map_or_else(String::new, |order| format!(", {}", order.replace('-', " ")));
    let cut = match found.source.left_out {
        0 => String::new(),
        lines => format!(", {} of the middle left out", plural(lines, "line", "lines")),
    };
    let head = format!("{} {}  {operation}{unknown}", paint(style, mark), paint(HEAD, safe(subject)));
    let size = format!("{read}{order}{cut}");
    let between = if visible(&head) + 3 + visible(&size) > width { "\n  " } else { "   " };
    format!("{head}{between}{}\n\n", paint(DIM, size))
}

fn verdict_block(verdict: &Verdict, width: usize) -> String {
    let mut text = String::new();
    let label = if verdict.rule.is_some() { "Cause" } else { "Root" };
    text.push_str(&field(label, &safe(&verdict.cause), width));
    let rule = verdict.rule.as_deref().unwrap_or("no rule");
    let told = format!("{rule} · {} · {:.2}", category(verdict.category), verdict.confidence);
    for line in wrap(&told, width.saturating_sub(8)) {
        let _ = writeln!(text, "{}", paint(DIM, format!("        {line}")));
    }
    text.push_str(&evidence(verdict, width));
    if !verdict.fix.text.is_empty() {
        text.push_str(&field("Fix", &safe(&verdict.fix.text), width));
    }
    for command in &verdict.fix.commands {
        let _ = writeln!(text, "          {}", safe(command));
    }
    text.push_str(&consequence(&verdict.fix, width));
    text.push_str(&field("Retry", &retry(verdict), width));
    if let Some(command) = &verdict.decide {
        // in one line, so that it can be copied
        let _ = writeln!(text, "{}{}", paint(HEAD, "Decide  "), safe(command));
    }
    if let Some(docs) = &verdict.docs {
        text.push_str(&field("Docs", docs, width.max(8 + docs.len())));
    }
    text.push_str(&near(verdict, width));
    text.push('\n');
    text
}

/// What carrying out the fix does, where that is more than looking and waiting.
fn consequence(fix: &Fix, width: usize) -> String {
    match effect(fix).filter(|_| fix.effect > Some(Effect::Read)) {
        Some(words) => field("Effect", &safe(&words), width),
        None => String::new(),
    }
}

/// What carrying out a fix does and what it destroys, in words; nothing where there is no fix.
pub fn effect(fix: &Fix) -> Option<String> {
    let words = match fix.effect? {
        Effect::Read => "only looks or waits",
        Effect::LocalWrite => "changes your template or settings, nothing in the account",
        Effect::CloudCreate => "creates something in the account",
        Effect::CloudChange => "changes something in the account",
        Effect::Replace => "replaces a resource by a new one",
        Effect::Delete => "deletes something",
    };
    Some(fix.destroys.as_ref().map_or_else(|| words.to_owned(), |lost| format!("{words}: {lost}")))
}

/// The root event in one line and its reason below; for a plain log the lines themselves.
fn evidence(verdict: &Verdict, width: usize) -> String {
    let root = &verdict.root;
    let named = [&root.logical_id, &root.resource_type, &root.status];
    let subject: Vec<&str> = named.into_iter().flatten().map(String::as_str).collect();
    if root.logical_id.is_some() && subject.len() > 1 {
        let reason = Evidence { line: root.line, text: root.text.clone() };
        let head = Evidence { line: root.line, text: subject.join("  ") };
        return quoted(&[head], width) + &quoted_below(&reason, width);
    }
    let shown = &verdict.evidence[..verdict.evidence.len().min(MAX_EVIDENCE)];
    let hidden = verdict.evidence.len() - shown.len();
    let more = if hidden == 0 {
        String::new()
    } else {
        format!("      │ and {}\n", plural(hidden, "more line", "more lines"))
    };
    quoted(shown, width) + &paint(DIM, more)
}

/// Lines of the input, each with its number.
fn quoted(lines: &[Evidence], width: usize) -> String {
    let mut text = String::new();
    for line in lines {
        for (row, part) in parts(line, width).into_iter().enumerate() {
            let number = if row == 0 { line.line.to_string() } else { String::new() };
            let _ = writeln!(text, "{} {part}", paint(DIM, format!("{number:>5} │")));
        }
    }
    text
}

/// A line that belongs to the one above it.
fn quoted_below(line: &Evidence, width: usize) -> String {
    parts(line, width).into_iter().fold(String::new(), |mut text, part| {
        let _ = writeln!(text, "{} {part}", paint(DIM, "      │"));
        text
    })
}

fn parts(line: &Evidence, width: usize) -> Vec<String> {
    let mut parts = wrap(&safe(line.text.trim()), width.saturating_sub(8).max(20));
    if parts.len() > MAX_ROWS {
        parts.truncate(MAX_ROWS);
        parts.push("…".to_owned());
    }
    parts
}

/// Whether and when to run again and why then, in words.
pub fn retry(verdict: &Verdict) -> String {
    let wait = verdict.fix.wait_seconds.filter(|seconds| *seconds > 0);
    let when = wait.map_or_else(|| "at once".to_owned(), |seconds| format!("after {}", duration(seconds)));
    let why = verdict.fix.wait_advice.as_ref().map_or_else(String::new, |advice| format!(". {advice}"));
    match (verdict.fix.kind, verdict.retryable) {
        (FixKind::Param, _) => format!("yes, with the fix, {when}"),
        (_, true) => format!("yes, unchanged, {when}{why}"),
        (_, false) => "no, not before the cause is removed".to_owned(),
    }
}

/// Seconds in words a person reads at a glance.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1800) / 3600),
    }
}

fn near(verdict: &Verdict, width: usize) -> String {
    if verdict.near.is_empty() {
        return String::new();
    }
    let close: Vec<String> = verdict.near.iter().map(|c| format!("{} {:.2}", c.rule, c.score)).collect();
    field("Close", &close.join(" · "), width)
}

fn set_aside(noise: &Noise) -> Option<String> {
    let counts = [
        (noise.cancelled, "cancelled"),
        (noise.rollback, "rollback"),
        (noise.parent_echo, "parent echo"),
        (noise.consequence, "consequence"),
        (noise.repeated, "repeated"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// A labelled paragraph: the label in the first eight columns, the text wrapped beside it.
fn field(label: &str, value: &str, width: usize) -> String {
    let mut text = String::new();
    for (row, line) in wrap(value, width.saturating_sub(8)).into_iter().enumerate() {
        let label = if row == 0 { label } else { "" };
        let _ = writeln!(text, "{}{line}", paint(HEAD, format!("{label:<8}")));
    }
    text
}
