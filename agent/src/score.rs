//! How often a diagnosis is right on labelled failures: rows, judgements, and the score drawn from them.

use std::collections::BTreeMap;

use provision_rules::{Category, Diagnosis, FixKind};
use serde::{Deserialize, Serialize};

/// From this confidence on, a wrong verdict is a confident one.
const CONFIDENT: f64 = 0.8;

/// One labelled text, as written.
#[derive(Debug, Deserialize)]
pub struct Row {
    /// A name for it.
    #[serde(default)]
    pub id: Option<String>,
    /// What somebody would paste.
    pub text: String,
    /// The family of the cause, or `none` for healthy output.
    category: String,
    #[serde(default)]
    retryable: Option<bool>,
    /// `false` where two categories are arguable.
    #[serde(default)]
    confident: Option<bool>,
    /// The layout; a row that has one is a whole output rather than one message.
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    root_line: Option<usize>,
    #[serde(default)]
    root_lines_all: Option<Vec<usize>>,
    #[serde(default)]
    root_logical_id: Option<String>,
    #[serde(default)]
    root_alt: Vec<String>,
}

/// What a row demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Healthy,
    Cause(Category),
}

impl Row {
    /// Reads a line.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(line: &str) -> Result<Self, String> {
        let row: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if row.text.trim().is_empty() {
            return Err("the text is empty".to_owned());
        }
        row.want().map(|_| row)
    }

    fn want(&self) -> Result<Want, String> {
        if self.category == "none" {
            return Ok(Want::Healthy);
        }
        let category = serde_json::from_value(self.category.as_str().into());
        category.map(Want::Cause).map_err(|_| format!("no such category: {}", self.category))
    }

    fn is_stream(&self) -> bool {
        self.format.is_some() || self.root_line.is_some()
    }

    /// Whether the root found is the one the label names; `None` where it names none.
    fn root_is_right(&self, found: &Diagnosis) -> Option<bool> {
        if self.root_line.is_none() && self.root_logical_id.is_none() {
            return None;
        }
        let Some(root) = found.verdict.as_ref().map(|verdict| &verdict.root) else { return Some(false) };
        let named = self.root_logical_id.as_ref().is_some_and(|id| {
            root.logical_id.as_ref().is_some_and(|got| got == id || self.root_alt.contains(got))
        });
        let near = self.root_line.is_some_and(|line| root.line.abs_diff(line) <= 1);
        let any = self.root_lines_all.as_ref().is_some_and(|lines| lines.contains(&root.line));
        Some(named || near || any)
    }

    /// Holds a diagnosis against the label.
    pub fn judge(&self, found: &Diagnosis) -> Judgement {
        let verdict = found.verdict.as_ref();
        let got = verdict.map(|verdict| verdict.category);
        let right = match self.want().unwrap_or(Want::Healthy) {
            Want::Healthy => got.is_none(),
            Want::Cause(want @ (Category::NoChanges | Category::Cancelled)) => {
                got.is_none_or(|got| got == want)
            }
            Want::Cause(want) => got == Some(want),
        };
        let guessed = verdict.filter(|verdict| !right && verdict.category != Category::Unknown);
        Judgement {
            id: self.id.clone(),
            want: self.category.clone(),
            got: got.map_or_else(|| "none".to_owned(), crate::render::category),
            rule: verdict.and_then(|verdict| verdict.rule.clone()),
            stream: self.is_stream(),
            sure: self.confident != Some(false),
            right,
            root: if self.is_stream() && self.category != "none" { self.root_is_right(found) } else { None },
            root_line: verdict.map(|verdict| verdict.root.line),
            retry: (self.retryable.unwrap_or(false), verdict.is_some_and(|verdict| verdict.retryable)),
            confident_wrong: guessed.is_some_and(|verdict| verdict.confidence >= CONFIDENT),
            false_fix: guessed.is_some_and(|verdict| verdict.fix.kind != FixKind::None),
        }
    }
}

/// One row, judged.
#[derive(Debug, Clone, Serialize)]
pub struct Judgement {
    /// The row's name.
    pub id: Option<String>,
    /// The category of the label.
    pub want: String,
    /// The category of the verdict, or `none`.
    pub got: String,
    /// The rule of the verdict.
    pub rule: Option<String>,
    /// Whether it is a whole output rather than one message.
    pub stream: bool,
    /// Whether only one category can be meant.
    #[serde(skip)]
    pub sure: bool,
    /// Whether the category is right.
    pub right: bool,
    /// Whether the root is right, where the label names one.
    pub root: Option<bool>,
    /// The line of the root found.
    pub root_line: Option<usize>,
    /// Retryable as labelled and as found.
    #[serde(skip)]
    retry: (bool, bool),
    #[serde(skip)]
    confident_wrong: bool,
    #[serde(skip)]
    false_fix: bool,
}

impl Judgement {
    /// Whether the label says that nothing failed.
    pub fn is_healthy(&self) -> bool {
        self.want == "none"
    }

    /// Whether anything about it is wrong.
    pub fn is_wrong(&self) -> bool {
        !self.right || self.root == Some(false)
    }
}

/// How many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The part.
    pub right: usize,
    /// The whole.
    pub of: usize,
}

impl Share {
    fn count(judged: impl Iterator<Item = bool>) -> Self {
        judged.fold(Self::default(), |share, right| Self {
            right: share.right + usize::from(right),
            of: share.of + 1,
        })
    }

    /// The share from 0 to 1; `None` where there is nothing to share.
    pub fn value(self) -> Option<f64> {
        #[allow(clippy::cast_precision_loss)] // counts of rows are far below 2^52
        (self.of > 0).then(|| self.right as f64 / self.of as f64)
    }
}

/// A category's row of the table.
#[derive(Debug, Clone, Serialize)]
pub struct CategoryScore {
    /// The category.
    pub category: String,
    /// Of the rows labelled so, how many were found to be so.
    pub recall: Share,
    /// Of the rows found to be so, how many are labelled so.
    pub precision: Share,
}

/// One kind of mistake.
#[derive(Debug, Clone, Serialize)]
pub struct Confusion {
    /// The category of the label.
    pub want: String,
    /// The category of the verdict.
    pub got: String,
    /// How often.
    pub count: usize,
}

/// The score of all rows.
#[derive(Debug, Serialize)]
pub struct Score {
    /// Messages with the right category, of those whose category is beyond dispute.
    pub messages: Share,
    /// Streams with the right category.
    pub streams: Share,
    /// Streams with the right root.
    pub root: Share,
    /// Right answers among the retryable.
    pub retryable_yes: Share,
    /// Right answers among the others.
    pub retryable_no: Share,
    /// Wrong verdicts given with confidence, of all failures.
    pub confident_wrong: Share,
    /// Wrong verdicts that came with something to do, of all failures.
    pub false_fix: Share,
    /// Findings in healthy output, of all healthy outputs.
    pub false_findings: Share,
    /// Each category.
    pub categories: Vec<CategoryScore>,
    /// Each kind of mistake, the most frequent first.
    pub confusion: Vec<Confusion>,
}

impl Score {
    /// The score of judged rows.
    pub fn of(rows: &[Judgement]) -> Self {
        let failures = || rows.iter().filter(|row| !row.is_healthy());
        let sure = |stream: bool| {
            failures().filter(move |row| row.sure && row.stream == stream).map(|row| row.right)
        };
        let retry = |want: bool| {
            failures()
                .filter(move |row| row.sure && row.retry.0 == want)
                .map(|row| row.retry.0 == row.retry.1)
        };
        Self {
            messages: Share::count(sure(false)),
            streams: Share::count(sure(true)),
            root: Share::count(failures().filter_map(|row| row.root)),
            retryable_yes: Share::count(retry(true)),
            retryable_no: Share::count(retry(false)),
            confident_wrong: Share::count(failures().map(|row| row.confident_wrong)),
            false_fix: Share::count(failures().map(|row| row.false_fix)),
            false_findings: Share::count(rows.iter().filter(|row| row.is_healthy()).map(|row| !row.right)),
            categories: categories(rows),
            confusion: confusion(rows),
        }
    }

    /// The mean of the shares of right answers among the retryable and among the others.
    pub fn retryable(&self) -> Option<f64> {
        match (self.retryable_yes.value(), self.retryable_no.value()) {
            (Some(yes), Some(no)) => Some(f64::midpoint(yes, no)),
            (one, other) => one.or(other),
        }
    }
}

fn categories(rows: &[Judgement]) -> Vec<CategoryScore> {
    let mut names: Vec<&String> =
        rows.iter().flat_map(|row| [&row.want, &row.got]).filter(|name| *name != "none").collect();
    names.sort();
    names.dedup();
    let score = |name: &String| CategoryScore {
        category: name.clone(),
        recall: Share::count(rows.iter().filter(|row| row.want == *name).map(|row| row.right)),
        precision: Share::count(rows.iter().filter(|row| row.got == *name).map(|row| row.want == *name)),
    };
    names.into_iter().map(score).collect()
}

fn confusion(rows: &[Judgement]) -> Vec<Confusion> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.right) {
        *counts.entry((&row.want, &row.got)).or_default() += 1;
    }
    let mut all: Vec<Confusion> = counts
        .into_iter()
        .map(|((want, got), count)| Confusion { want: want.to_owned(), got: got.to_owned(), count })
        .collect();
    all.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
    all
}

#[cfg(test)]
mod tests {
    use provision_rules::{Rulebook, diagnose};

    use super::*;

    fn judge(label: &str) -> Judgement {
        let row = Row::read(label).expect("a row");
        let book = Rulebook::builtin();
        row.judge(&diagnose(row.text.as_bytes(), &book).expect("readable"))
    }

    #[test]
    fn a_row_that_cannot_be_used_says_why() {
        let why = |line: &str| Row::read(line).expect_err("refused");
        assert!(why("{").contains("EOF"));
        assert!(why(r#"{"category":"network"}"#).contains("text"));
        assert!(why(r#"{"text":" ","category":"network"}"#).contains("empty"));
        assert!(why(r#"{"text":"x","category":"nework"}"#).contains("nework"));
    }

    #[test]
    fn a_root_is_right_by_its_name_or_by_its_line_or_the_one_beside_it() {
        let text = r"Logs\tCREATE_IN_PROGRESS\nQueue\tCREATE_FAILED\torders already exists\n";
        let row = |label: &str| {
            judge(&format!(r#"{{"text":"{text}","category":"already-exists","format":"x",{label}}}"#)).root
        };
        assert_eq!(row(r#""root_logical_id":"Queue""#), Some(true));
        assert_eq!(row(r#""root_logical_id":"Logs""#), Some(false));
        assert_eq!(row(r#""root_logical_id":"Logs","root_alt":["Queue"]"#), Some(true));
        assert_eq!(row(r#""root_line":1"#), Some(true));
        assert_eq!(row(r#""root_line":9,"root_lines_all":[2,9]"#), Some(true));
        assert_eq!(row(r#""root_line":9"#), Some(false));
        assert_eq!(row(r#""root_line":null"#), None);
    }

    #[test]
    fn a_finding_in_healthy_output_and_a_confident_mistake_are_counted() {
        let expired = "The security token included in the request is expired";
        let rows = [
            judge(&format!(
                r#"{{"text":"An error occurred (ExpiredToken) when calling the X operation: {expired}","category":"none"}}"#
            )),
            judge(&format!(
                r#"{{"text":"An error occurred (ExpiredToken) when calling the X operation: {expired}","category":"network","retryable":true}}"#
            )),
            judge(r#"{"text":"all is well","category":"none"}"#),
        ];
        let score = Score::of(&rows);
        assert_eq!(score.false_findings, Share { right: 1, of: 2 });
        assert_eq!(score.confident_wrong, Share { right: 1, of: 1 });
        assert_eq!(score.messages, Share { right: 0, of: 1 });
        assert_eq!(score.retryable(), Some(0.0));
        assert_eq!(score.confusion.len(), 2);
    }
}
