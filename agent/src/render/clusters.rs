//! Many diagnoses as text: how many failed, one line for each cause, the files that cannot be read.

use std::fmt::Write;

use crate::diagnoses::{Cluster, Diagnoses, FileReport};
use crate::render::layout::{category, clip, plural, visible};
use crate::terminal::{BAD, DIM, HEAD, WARN, paint, safe};

/// How many files of a cause are named.
const MAX_FILES: usize = 3;
/// With fewer columns than this beside the names, a fix has its own line.
const MIN_FIX: usize = 34;

/// The summary of several files, for a terminal of the given width.
pub fn clusters(found: &Diagnoses, width: usize) -> String {
    let mut text = headline(found);
    let digits = found.clusters.iter().map(|cluster| cluster.count.to_string().len()).max().unwrap_or(1);
    let widest = |column: fn(&Cluster) -> String| {
        found.clusters.iter().map(|c| visible(&column(c))).max().unwrap_or(0)
    };
    let columns = [widest(name), widest(|cluster| category(cluster.category))];
    for cluster in &found.clusters {
        text.push_str(&row(cluster, digits, columns, width));
    }
    text.push_str(&unreadable(found, width));
    text
}

fn headline(found: &Diagnoses) -> String {
    let counts = found.counts;
    let causes = plural(found.clusters.len(), "cause", "causes");
    let failed = format!("{} failed", counts.failed);
    let failed = if counts.failed == 0 { failed } else { paint(BAD, format!("{failed}, {causes}")) };
    let mut parts = vec![failed, format!("{} healthy", counts.healthy)];
    if counts.unreadable > 0 {
        parts.push(paint(WARN, format!("{} unreadable", counts.unreadable)));
    }
    parts.join(" · ") + "\n"
}

fn name(cluster: &Cluster) -> String {
    cluster.rule.clone().unwrap_or_else(|| "?".to_owned())
}

/// `35 ×  rule  category  fix`, and below it the files; the fix has its own line where it would get no room.
fn row(cluster: &Cluster, digits: usize, [names, categories]: [usize; 2], width: usize) -> String {
    let (name, category) = (name(cluster), category(cluster.category));
    let indent = digits + 4;
    let beside = width.saturating_sub(indent + names + categories + 4);
    let advice = safe(if cluster.rule.is_some() { &cluster.fix } else { &cluster.example });
    let style = if cluster.rule.is_some() { HEAD } else { WARN };
    let (name, category) = (paint(style, format!("{name:<names$}")), format!("{category:<categories$}"));
    let head = format!("{:>digits$} ×  {name}  {category}", cluster.count);
    let below = |text: &str| format!("{}{text}\n", " ".repeat(indent));
    let room = width.saturating_sub(indent);
    let files = below(&paint(DIM, clip(&files(cluster), room)));
    if beside >= MIN_FIX {
        format!("{head}  {}\n{files}", clip(&advice, beside))
    } else {
        format!("{}\n{}{files}", head.trim_end(), below(&clip(&advice, room)))
    }
}

fn files(cluster: &Cluster) -> String {
    let mut named: Vec<String> = cluster.files.iter().take(MAX_FILES).cloned().collect();
    let hidden = cluster.files.len() - named.len();
    if hidden > 0 {
        named.push(format!("and {}", plural(hidden, "more file", "more files")));
    }
    named.join(" · ")
}

fn unreadable(found: &Diagnoses, width: usize) -> String {
    let broken = |file: &FileReport| Some(format!("{}: {}", file.path, file.error()?));
    found.files.iter().filter_map(broken).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{} {}", paint(WARN, "unreadable"), clip(&safe(&line), width.max(60) - 11));
        text
    })
}
