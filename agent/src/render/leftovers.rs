//! What a teardown left, as text.

use std::fmt::Write;

use provision_executor::remains::Left;

use crate::operator::LeftoversDocument;
use crate::render::layout::{plural, wrap};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// The whole list, for a terminal of the given width.
pub fn text(document: &LeftoversDocument, width: usize) -> String {
    let mut text = format!("{} {}\n", paint(HEAD, "Left of"), paint(HEAD, safe(&document.title)));
    for left in &document.remains.left {
        text.push_str(&one(left, width));
    }
    if !document.complete {
        let _ = writeln!(text, "{}", paint(WARN, "Not looked at, so more may be left"));
        for (kinds, reason) in reasons(document) {
            text.push_str(&indented(&format!("{kinds}: {reason}"), 2, width));
        }
    }
    text.push_str(&summary(document));
    text
}

fn one(left: &Left, width: usize) -> String {
    let price = left.dollars.map_or_else(String::new, |dollars| format!(", {}", price(dollars)));
    let says = if left.says.is_empty() { String::new() } else { format!(": {}", left.says) };
    let mark = if left.blocks.is_some() { paint(BAD, "✗") } else { paint(WARN, "!") };
    let mut text = String::new();
    let line = safe(&format!("{} {}{says}{price}", left.kind, left.name));
    for (position, part) in wrap(&line, width.saturating_sub(2)).into_iter().enumerate() {
        let _ = writeln!(text, "{} {part}", if position == 0 { &mark } else { " " });
    }
    let notes = [("in the way", &left.blocks), ("lost with it", &left.loses)];
    for (label, note) in notes.into_iter().filter_map(|(label, note)| Some((label, note.as_ref()?))) {
        text.push_str(&indented(&format!("{label}: {}", safe(note)), 4, width));
    }
    for command in &left.remove {
        let _ = writeln!(text, "    {}", paint(DIM, safe(command)));
    }
    text
}

/// A price of a month; what costs next to nothing is said so.
fn price(dollars: f64) -> String {
    if dollars < 0.01 {
        "less than a cent a month".to_owned()
    } else {
        format!("about ${dollars:.2} a month")
    }
}

/// What could not be looked at, by reason.
fn reasons(document: &LeftoversDocument) -> Vec<(String, String)> {
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for kind in &document.remains.not_seen {
        match groups.iter_mut().find(|(_, reason)| *reason == kind.reason) {
            Some((kinds, _)) if kinds.contains(&kind.kind.as_str()) => {}
            Some((kinds, _)) => kinds.push(&kind.kind),
            None => groups.push((vec![&kind.kind], &kind.reason)),
        }
    }
    groups.into_iter().map(|(kinds, reason)| (safe(&kinds.join(", ")), safe(reason))).collect()
}

fn summary(document: &LeftoversDocument) -> String {
    let left = &document.remains.left;
    let known = if document.complete { "" } else { " in what was looked at" };
    if left.is_empty() {
        return format!(
            "{} nothing is left{known}\n",
            if document.complete { paint(GOOD, "✓") } else { paint(WARN, "?") }
        );
    }
    let things = plural(left.len(), "thing is", "things are");
    let cost = match document.dollars {
        dollars if dollars > 0.0 => format!(", about ${dollars:.2} a month in all (list price in us-east-1)"),
        _ => ", none of a known price".to_owned(),
    };
    format!("{things} left{known}{cost}. Nothing was removed.\n")
}

fn indented(line: &str, from: usize, width: usize) -> String {
    wrap(line, width.saturating_sub(from)).into_iter().fold(String::new(), |mut text, part| {
        let _ = writeln!(text, "{}{part}", " ".repeat(from));
        text
    })
}
