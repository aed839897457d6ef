//! `provision eval`: scores the diagnosis on labelled failures and holds it to floors.

use std::path::Path;

use provision_rules::{Rulebook, diagnose};
use serde::Serialize;
use serde_json::json;

use crate::cli::{EvalArgs, Global};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::score::{Judgement, Row, Score};
use crate::{input, render, rulebase, terminal};

/// A row that could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unusable {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// What came of one line.
type Outcome = Result<Judgement, Unusable>;

/// Scores the rows of all files. Every line counts: one that cannot be scored fails the run.
///
/// # Errors
/// A usage error when a file cannot be read or has no rows.
pub fn run(args: &EvalArgs, global: &Global) -> Result<Exit, CommandError> {
    let book = rulebase::load(&global.rules)?;
    let mut outcomes = Vec::new();
    for path in &args.files {
        outcomes.extend(file(path, &book)?);
    }
    let (rows, unusable) = split(outcomes);
    let score = Score::of(&rows);
    let below = below_floors(args, &score);
    let wrong: Vec<&Judgement> = rows.iter().filter(|row| row.is_wrong()).take(args.show).collect();
    if global.wants_json() {
        let document = json!({
            "schema": "provision.eval/v1", "rows": rows.len(), "score": score, "retryable_balanced": score.retryable(),
            "unusable": unusable, "wrong": wrong, "below_floor": below,
        });
        terminal::out(&(serde_json::to_string_pretty(&document).map_err(CommandError::internal)? + "\n"));
    } else {
        let lines: Vec<String> =
            unusable.iter().map(|row| format!("{}:{}: {}", row.file, row.line, row.reason)).collect();
        terminal::out(&render::score(&score, &wrong, &lines, &below));
    }
    Ok(if below.is_empty() && unusable.is_empty() { Exit::Done } else { Exit::CHECK_FAILED })
}

fn split(outcomes: Vec<Outcome>) -> (Vec<Judgement>, Vec<Unusable>) {
    let (mut rows, mut unusable) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(row) => rows.push(row),
            Err(problem) => unusable.push(problem),
        }
    }
    (rows, unusable)
}

fn file(path: &Path, book: &Rulebook) -> Result<Vec<Outcome>, CommandError> {
    let (bytes, name) = input::read(path)?;
    let text =
        String::from_utf8(bytes).map_err(|_| CommandError::usage(format!("{name}: not UTF-8 text")))?;
    let lines: Vec<(usize, &str)> =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return Err(CommandError::usage(format!("{name}: no rows in it")));
    }
    let judge = |&(at, line): &(usize, &str)| {
        let problem = |reason: String| Unusable { file: name.clone(), line: at + 1, reason };
        let row = Row::read(line).map_err(problem)?;
        let found = diagnose(row.text.as_bytes(), book).map_err(|error| problem(error.to_string()))?;
        Ok(row.judge(&found))
    };
    Ok(lines.iter().map(judge).collect())
}

/// The floors and ceilings that do not hold, in words. A floor on what no row measures does not hold.
fn below_floors(args: &EvalArgs, score: &Score) -> Vec<String> {
    let floors = [
        ("category of messages", args.min_category, score.messages.value()),
        ("category of streams", args.min_stream_category, score.streams.value()),
        ("root of streams", args.min_root, score.root.value()),
        ("retryable", args.min_retryable, score.retryable()),
    ];
    let low = floors.into_iter().filter_map(|(what, floor, value)| match (floor?, value) {
        (floor, None) => Some(format!("{what}: no row measures it (floor {floor:.3})")),
        (floor, Some(value)) => (value < floor).then(|| format!("{what}: {value:.3} is below {floor:.3}")),
    });
    let confident = args.max_confident_wrong.zip(score.confident_wrong.value());
    let confident = confident.filter(|(most, value)| value > most);
    let confident =
        confident.map(|(most, value)| format!("confident and wrong: {value:.3} is above {most:.3}"));
    let found = score.false_findings.right;
    let healthy = args.max_false_findings.filter(|most| found > *most);
    let healthy = healthy.map(|most| format!("findings in healthy output: {found} is above {most}"));
    low.chain(confident).chain(healthy).collect()
}
