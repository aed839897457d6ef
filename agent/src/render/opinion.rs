//! A model's opinion as text: below the rules' answer, marked as what it is.

use std::fmt::Write;

use crate::llm::{Confidence, Opinion, Statement};
use crate::render::layout::wrap;
use crate::terminal::{DIM, HEAD, paint, safe};

/// The opinion, for a terminal of the given width.
pub fn opinion(opinion: &Opinion, width: usize) -> String {
    let note = format!("says {}, an opinion that changes nothing above", safe(&opinion.model));
    let mut text = format!("{} {}\n", paint(HEAD, "Model  "), paint(DIM, note));
    for statement in &opinion.statements {
        text.push_str(&line(&said(statement), width));
    }
    if let Some(check) = &opinion.next_check {
        text.push_str(&line(&format!("Look next: {check}"), width));
    }
    text.push_str(&line(&format!("It calls its confidence {}.", confidence(opinion.confidence)), width));
    text
}

fn said(statement: &Statement) -> String {
    match statement.lines.as_slice() {
        [] => format!("Hypothesis: {}", statement.text),
        [one] => format!("{} (line {one})", statement.text),
        many => {
            let lines: Vec<String> = many.iter().map(usize::to_string).collect();
            format!("{} (lines {})", statement.text, lines.join(", "))
        }
    }
}

fn line(sentence: &str, width: usize) -> String {
    wrap(&safe(sentence), width.saturating_sub(8)).into_iter().fold(String::new(), |mut text, part| {
        let _ = writeln!(text, "        {part}");
        text
    })
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}
