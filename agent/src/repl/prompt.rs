//! The prompt: what the session knows at the moment, as far as the terminal has room for it.

use crate::repl::session::Session;
use crate::running;
use crate::terminal::{DIM, HEAD, WARN, paint};

/// The prompt without and with colours.
pub fn prompt(session: &Session, width: usize) -> (String, String) {
    let target = session.workspace.plan.as_ref().map(|plan| match &plan.target {
        Some(target) => target.id.clone(),
        None => "no target".to_owned(),
    });
    let target = target.unwrap_or_else(|| "no plan".to_owned());
    let incident = session
        .incident()
        .map_or_else(|| "no incident".to_owned(), |incident| clipped(&incident.brief(), 32));
    let model = if session.has_model() { "model on" } else { "model off" };
    let runs = runs(running::detached());
    let seen = |parts: &[&str]| -> Vec<String> {
        parts.iter().filter(|part| !part.is_empty()).map(|part| (*part).to_owned()).collect()
    };
    let parts = seen(&[&runs, &target, &incident, model]);
    let short = seen(&[&runs, &target, session.incident().map_or("", |_| incident.as_str())]);
    let state =
        if width >= 60 { parts.join(" · ") } else { clipped(&short.join(" · "), width.saturating_sub(24)) };
    let plain = format!("provision ({state})> ");
    let style = if session.incident().is_some_and(|incident| incident.diagnosis.verdict.is_some()) {
        WARN
    } else {
        DIM
    };
    let coloured = format!("{} {}> ", paint(HEAD, "provision"), paint(style, format!("({state})")));
    (plain, coloured)
}

/// The detached runs that are still at work.
fn runs((going, asking): (usize, usize)) -> String {
    match (going, asking) {
        (0, _) => String::new(),
        (1, 0) => "1 run at work".to_owned(),
        (1, _) => "the run asks: /runs follow".to_owned(),
        (_, 0) => format!("{going} runs at work"),
        _ => format!("{asking} of {going} runs ask: /runs follow"),
    }
}

/// A text without control characters, of at most so many characters.
fn clipped(text: &str, room: usize) -> String {
    let text = crate::terminal::safe(text);
    if text.chars().count() <= room {
        return text;
    }
    let head: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{head}…")
}
