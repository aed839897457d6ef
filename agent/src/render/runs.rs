//! Runs and their journals as text.

use std::fmt::Write;

use provision_executor::{Chain, Record, RecordKind, RunLog};
use serde_json::Value;

use crate::render::layout::{columns, plural};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// The list of runs, newest first.
pub fn runs(all: &[Value], most: usize, _width: usize) -> String {
    if all.is_empty() {
        return "Nothing was run here yet.\n".to_owned();
    }
    let rows: Vec<[String; 4]> = all.iter().take(most).map(row).collect();
    let mut text = columns(&rows, 0);
    if all.len() > most {
        let _ = writeln!(text, "{}", paint(DIM, format!("and {} older; --json lists all", all.len() - most)));
    }
    text
}

fn row(run: &Value) -> [String; 4] {
    let field = |name: &str| safe(run[name].as_str().unwrap_or("?"));
    let status = field("status");
    let style = match status.as_str() {
        "done" => GOOD,
        "running" | "unfinished" | "interrupted" => WARN,
        _ => BAD,
    };
    let resumed = run["resumed_by"].as_str().map_or_else(String::new, |id| format!("resumed by {id}"));
    [field("id"), format!("{} {}", field("action"), field("name")), paint(style, status), paint(DIM, resumed)]
}

/// The journal of one run, record by record, and whether its chain holds.
pub fn run(log: &RunLog, _width: usize) -> String {
    let records: String = log.records.iter().map(|record| run_record(log, record)).collect();
    run_heading(log) + &records + &chain(log)
}

/// What a run is about.
pub fn run_heading(log: &RunLog) -> String {
    let field = |name: &str| safe(log.start(name).unwrap_or("?"));
    let mut text = format!("{}\n", paint(HEAD, format!("{} {}", field("action"), field("name"))));
    let _ = writeln!(text, "  run {}  plan {}", log.id, field("digest"));
    if let Some(earlier) = log.resumes() {
        let _ = writeln!(text, "  resumes {}", safe(earlier));
    }
    text
}

/// One record of a run, with the seconds since its beginning.
pub fn run_record(log: &RunLog, record: &Record) -> String {
    let begun = log.records.first().map(|first| first.at);
    let since = begun.map_or(0, |begun| record.at.as_second() - begun.as_second());
    format!("  {} {}\n", paint(DIM, format!("{since:>6} s")), line(record))
}

fn line(record: &Record) -> String {
    let data = &record.data;
    let text = |name: &str| data[name].as_str().map(safe);
    let step = safe(&record.step);
    match record.record {
        RecordKind::Intent => match text("command") {
            Some(command) => format!("{step}: $ {command}"),
            None => format!("{step}: {}", text("effect").unwrap_or_else(|| "tries again".to_owned())),
        },
        RecordKind::Outcome => {
            let outcome = text("exit").or_else(|| text("outcome")).unwrap_or_default();
            let seconds = data["seconds"].as_f64().map_or_else(String::new, |s| format!(" after {s:.1} s"));
            let style = if matches!(outcome.as_str(), "done" | "exit code 0") { GOOD } else { BAD };
            format!("{step}: {}{}", paint(style, outcome), paint(DIM, seconds))
        }
        RecordKind::Note => match text("outcome") {
            Some(outcome) => format!("ended: {outcome}"),
            None => format!(
                "{step}{}",
                data["pid"].as_u64().map_or_else(String::new, |pid| format!(" (process {pid})"))
            ),
        },
    }
}

fn chain(log: &RunLog) -> String {
    let count = plural(log.records.len(), "record", "records");
    match log.chain {
        Chain::Intact => format!("{} {count}, each follows from the one before\n", paint(GOOD, "✓")),
        Chain::Torn => format!("{} {count}; the last one was not written whole\n", paint(WARN, "!")),
        Chain::Broken { line } => format!(
            "{} line {line} does not follow from the one before: the journal was changed\n",
            paint(BAD, "✗")
        ),
    }
}
