//! Diagnoses as Markdown, for a comment on a pull request.

use std::fmt::Write;

use provision_rules::{Policy, Verdict};

use crate::diagnoses::{Cluster, Diagnoses, Document, FileReport};
use crate::render::diagnosis::{effect, guard_lines, operation, policy_lines, retry};
use crate::render::layout::{category, plural};

/// How many failed files are shown in full.
const MAX_DETAILS: usize = 20;
/// How many files of a cause are named.
const MAX_FILES: usize = 5;

/// One file in full, or several as a table of causes with the details below it.
pub fn markdown(found: &Diagnoses) -> String {
    match found.files.as_slice() {
        [only] => file(only, 3),
        _ => summary(found),
    }
}

fn summary(found: &Diagnoses) -> String {
    let counts = found.counts;
    let failed = match counts.failed {
        0 => "0 failed".to_owned(),
        failed => format!("{failed} failed, {}", plural(found.clusters.len(), "cause", "causes")),
    };
    let mut text =
        format!("### {failed} · {} healthy · {} unreadable\n\n", counts.healthy, counts.unreadable);
    text.push_str(&table(&found.clusters));
    for file in found.files.iter().filter(|file| file.error().is_some()) {
        let _ = writeln!(text, "- {}: {}", code(&file.path), escape(file.error().unwrap_or_default()));
    }
    let failed: Vec<&FileReport> =
        found.files.iter().filter(|file| file.verdicts().next().is_some()).collect();
    for report in failed.iter().take(MAX_DETAILS) {
        let _ = write!(text, "\n<details><summary>{}</summary>\n\n", html(&report.path));
        text.push_str(&file(report, 4));
        text.push_str("\n</details>\n");
    }
    if failed.len() > MAX_DETAILS {
        let _ = writeln!(
            text,
            "\n…and {}.",
            plural(failed.len() - MAX_DETAILS, "more failed file", "more failed files")
        );
    }
    text
}

fn table(clusters: &[Cluster]) -> String {
    if clusters.is_empty() {
        return String::new();
    }
    let mut text = "| files | cause | category | fix |\n|--:|---|---|---|\n".to_owned();
    for cluster in clusters {
        let rule = cluster.rule.as_deref().map_or_else(|| "unknown".to_owned(), code);
        let cause = if cluster.rule.is_some() { &cluster.cause } else { &cluster.example };
        let files: Vec<String> = cluster.files.iter().take(MAX_FILES).map(|path| cell(&code(path))).collect();
        let more = if cluster.files.len() > MAX_FILES { ", …" } else { "" };
        let cause = format!("{rule}<br>{}<br>{}{more}", cell(&escape(cause)), files.join(", "));
        let fix = cell(&escape(&cluster.fix));
        let _ = writeln!(text, "| {} | {cause} | {} | {fix} |", cluster.count, category(cluster.category));
    }
    text.push('\n');
    text
}

fn file(report: &FileReport, level: usize) -> String {
    let hashes = "#".repeat(level);
    let Some(Document { diagnosis, .. }) = report.document() else {
        let reason = report.error().unwrap_or_default();
        return format!("{hashes} {}: unreadable\n\n{}\n", code(&report.path), escape(reason));
    };
    let subject = diagnosis.source.stack.as_deref().unwrap_or(&report.path);
    if diagnosis.verdict.is_none() {
        return format!("{hashes} {}: no failure found\n", code(subject));
    }
    let mut text = format!("{hashes} {}: {}\n\n", code(subject), operation(diagnosis));
    for (position, found) in report.verdicts().enumerate() {
        if position == 1 {
            text.push_str("**Also, independent of the first**\n\n");
        }
        text.push_str(&verdict(found, &report.path));
    }
    text + &diagnosis.policy.as_ref().map(policy).unwrap_or_default()
}

/// What has to be allowed, and what no policy of the account can allow.
fn policy(found: &Policy) -> String {
    let mut text = String::new();
    if let Some(document) = &found.document {
        let who: Vec<String> = found.principals.iter().map(|name| code(name)).collect();
        let who = if who.is_empty() { String::new() } else { format!(" for {}", who.join(", ")) };
        let _ =
            writeln!(text, "**Policy**{who}:\n\n{}\n", fenced("json", &policy_lines(document).join("\n")));
    }
    for line in guard_lines(found).iter().chain(&found.remarks) {
        let _ = writeln!(text, "{}\n", escape(line));
    }
    text
}

fn verdict(found: &Verdict, path: &str) -> String {
    let rule = found.rule.as_deref().map_or_else(|| "no rule".to_owned(), code);
    let mut text = format!("**Cause:** {}\n", escape(&found.cause));
    let _ = writeln!(text, "{rule} · {} · {:.2}\n", category(found.category), found.confidence);
    if !found.fix.text.is_empty() {
        let _ = writeln!(text, "**Fix:** {}\n", escape(&found.fix.text));
    }
    if !found.fix.commands.is_empty() {
        let _ = writeln!(text, "{}\n", fenced("sh", &found.fix.commands.join("\n")));
    }
    if let Some(words) = effect(&found.fix) {
        let _ = writeln!(text, "**Effect:** {}\n", escape(&words));
    }
    let _ = writeln!(text, "**Retry:** {}\n", escape(&retry(found)));
    if let Some(command) = &found.decide {
        let _ = writeln!(text, "**Decide:**\n\n{}\n", fenced("sh", command));
    }
    let place = if path == "-" { "standard input".to_owned() } else { code(path) };
    let _ = writeln!(text, "**Evidence:** {place}, line {}\n", found.root.line);
    let lines: Vec<String> =
        found.evidence.iter().map(|line| format!("{:>5} | {}", line.line, line.text)).collect();
    let _ = writeln!(text, "{}\n", fenced("text", &lines.join("\n")));
    if let Some(docs) = &found.docs {
        let _ = writeln!(text, "[Documentation]({docs})\n");
    }
    text
}

/// A fence that is longer than any run of backticks in the text.
fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    format!("{fence}{language}\n{clean}\n{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{}{pad}{ticks}", one_line(text))
}

/// A `|` would end a cell of a table.
fn cell(text: &str) -> String {
    text.replace("\\|", "|").replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn html(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text as it is: no Markdown in it takes effect, nobody is mentioned, no issue is linked.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_log_has_no_effect_in_a_comment() {
        assert_eq!(
            escape("<b>*x*</b> @team [a](b)\n#1"),
            "&lt;b&gt;\\*x\\*&lt;/b&gt; @<!-- -->team \\[a\\](b) #<!-- -->1"
        );
        assert_eq!(fenced("text", "a ``` b"), "````text\na ``` b\n````");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(cell(&escape("a|b")), "a\\|b");
    }
}
