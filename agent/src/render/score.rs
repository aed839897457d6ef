//! A score as text.

use std::fmt::Write;

use crate::render::layout::columns;
use crate::score::{Judgement, Score, Share};
use crate::terminal::{BAD, DIM, GOOD, HEAD, paint, safe};

/// The score: each category, the mistakes, the shares, and what keeps it from passing.
pub fn score(score: &Score, wrong: &[&Judgement], unusable: &[String], below: &[String]) -> String {
    let mut text = categories(score);
    for row in wrong {
        text.push_str(&mistake(row));
    }
    if !score.confusion.is_empty() {
        let _ = writeln!(text, "{}", paint(HEAD, "confusion"));
        for confusion in &score.confusion {
            let _ =
                writeln!(text, "  {:>3} ×  {} taken for {}", confusion.count, confusion.want, confusion.got);
        }
    }
    text.push_str(&shares(score));
    for line in unusable {
        let _ = writeln!(text, "{} {}", paint(BAD, "unusable"), safe(line));
    }
    for line in below {
        let _ = writeln!(text, "{} {line}", paint(BAD, "✗"));
    }
    if unusable.is_empty() && below.is_empty() {
        let _ = writeln!(text, "{} every row was scored and every floor holds", paint(GOOD, "✓"));
    }
    text
}

fn categories(score: &Score) -> String {
    let head = ["category", "rows", "recall", "precision"].map(|title| paint(HEAD, title));
    let row = |found: &crate::score::CategoryScore| {
        [found.category.clone(), found.recall.of.to_string(), rate(found.recall), rate(found.precision)]
    };
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(score.categories.iter().map(row)).collect();
    columns(&rows, 0)
}

fn rate(share: Share) -> String {
    share.value().map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

fn mistake(row: &Judgement) -> String {
    let what = if row.root == Some(false) && row.right { "root" } else { "category" };
    let rule = row.rule.as_deref().unwrap_or("no rule");
    let line = row.root_line.map_or_else(String::new, |line| format!(", line {line}"));
    let id = safe(row.id.as_deref().unwrap_or("?"));
    format!(
        "{} {id}: {what}: want {}, got {} {}\n",
        paint(BAD, "wrong"),
        row.want,
        row.got,
        paint(DIM, format!("({rule}{line})"))
    )
}

fn shares(score: &Score) -> String {
    let part = |label: &str, share: Share| {
        [label.to_owned(), rate(share), format!("{} of {}", share.right, share.of)]
    };
    let balanced = score.retryable().map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let (yes, no) = (rate(score.retryable_yes), rate(score.retryable_no));
    let rows = [
        part("category of messages", score.messages),
        part("category of streams", score.streams),
        part("root of streams", score.root),
        ["retryable, balanced".to_owned(), balanced, format!("yes {yes}, no {no}")],
        part("confident and wrong", score.confident_wrong),
        part("wrong with a fix", score.false_fix),
        part("findings in healthy output", score.false_findings),
    ];
    columns(&rows, 0)
}
