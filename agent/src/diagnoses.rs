//! Several diagnoses as one document: each file's, and the causes that files share.

use provision_rules::{Category, Diagnosis, Explanation, Rulebook, Signature, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::CommandError;
use crate::llm::Opinion;
use crate::{generalise, masking};

/// The schema name every document about several files carries.
pub const DIAGNOSES_SCHEMA: &str = "provision.diagnoses/v1";

/// One diagnosis as `--json` prints it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "Diagnosis")]
pub struct Document {
    /// The diagnosis.
    #[serde(flatten)]
    pub diagnosis: Diagnosis,
    /// Every failed event with what it is; only with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// What the optional model thinks, where one was asked for by name; it changes nothing of the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opinion: Option<Opinion>,
}

impl Document {
    /// The document as it is printed: with the explanation only where it was asked for.
    pub fn shown(self, explain: bool) -> Self {
        Self { explanation: self.explanation.filter(|_| explain), ..self }
    }
}

impl Document {
    /// The document of a fresh diagnosis, with the secrets taken out of every text in it.
    ///
    /// # Errors
    /// An internal error when the patterns of secrets cannot be used; then nothing is shown.
    pub fn new(diagnosis: Diagnosis, explanation: Option<Explanation>) -> Result<Self, CommandError> {
        let explanation = explanation.map(masking::explanation).transpose()?;
        Ok(Self { diagnosis: masking::diagnosis(diagnosis)?, explanation, opinion: None })
    }
}

/// What was found in several files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diagnoses {
    /// Always [`DIAGNOSES_SCHEMA`].
    pub schema: String,
    /// How many files there are of each kind.
    pub counts: Counts,
    /// Each file with its diagnosis, or why it cannot be read.
    pub files: Vec<FileReport>,
    /// The causes, the most frequent first. A file with several independent causes counts in each.
    pub clusters: Vec<Cluster>,
}

/// How many files there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Files that show a failure.
    pub failed: usize,
    /// Files that show none.
    pub healthy: usize,
    /// Files that cannot be read.
    pub unreadable: usize,
}

/// One file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FileReport {
    /// The path as given, or found below a folder that was.
    pub path: String,
    /// What was found in it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What was found in a file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was read.
    Diagnosis(Box<Document>),
    /// It cannot be read, and why.
    Error(String),
}

/// A cause, and the files that show it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cluster {
    /// The rule that knows the cause; absent for an unknown one.
    pub rule: Option<String>,
    /// The family of the cause.
    pub category: Category,
    /// In how many files it occurs.
    pub count: usize,
    /// Whether the very same run, later, plausibly succeeds.
    pub retryable: bool,
    /// The cause; without names where they differ from file to file.
    pub cause: String,
    /// What to do; without names where they differ.
    pub fix: String,
    /// The text of the failure in the first of the files.
    pub example: String,
    /// The files.
    pub files: Vec<String>,
}

impl FileReport {
    /// The diagnosis, where the file was read.
    pub fn document(&self) -> Option<&Document> {
        match &self.outcome {
            Outcome::Diagnosis(document) => Some(document),
            Outcome::Error(_) => None,
        }
    }

    /// Why the file cannot be read, where it cannot.
    pub fn error(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Diagnosis(_) => None,
            Outcome::Error(reason) => Some(reason),
        }
    }

    /// The root cause and the others, the root first.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        let found = self.document().map(|document| &document.diagnosis);
        found.into_iter().flat_map(|diagnosis| diagnosis.verdict.iter().chain(&diagnosis.also))
    }
}

impl Diagnoses {
    /// The document about these files.
    pub fn new(files: Vec<FileReport>, book: &Rulebook) -> Self {
        let clusters = cluster(&files, book);
        Self { schema: DIAGNOSES_SCHEMA.to_owned(), counts: Counts::of(&files), files, clusters }
    }
}

impl Counts {
    fn of(files: &[FileReport]) -> Self {
        files.iter().fold(Self::default(), |mut counts, file| {
            match file.document() {
                None => counts.unreadable += 1,
                Some(document) if document.diagnosis.verdict.is_some() => counts.failed += 1,
                Some(_) => counts.healthy += 1,
            }
            counts
        })
    }
}

/// What makes two verdicts the same cause: the rule, or for an unknown one the wording.
fn key(verdict: &Verdict) -> String {
    verdict.rule.clone().unwrap_or_else(|| {
        let root = &verdict.root;
        let names: Vec<&str> =
            [&root.logical_id, &root.stack].into_iter().flatten().map(String::as_str).collect();
        format!("? {}", generalise::wording(&root.text, &names))
    })
}

fn cluster(files: &[FileReport], book: &Rulebook) -> Vec<Cluster> {
    let mut groups: Vec<(String, Vec<(&str, &Verdict)>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (path, verdict) in
        files.iter().flat_map(|file| file.verdicts().map(|verdict| (file.path.as_str(), verdict)))
    {
        let key = key(verdict);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        let members = &mut groups[place].1;
        if members.last().is_none_or(|(last, _)| *last != path) {
            members.push((path, verdict));
        }
    }
    let mut clusters: Vec<Cluster> =
        groups.iter().filter_map(|(_, members)| Cluster::of(members, book)).collect();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.count));
    clusters
}

impl Cluster {
    fn of(members: &[(&str, &Verdict)], book: &Rulebook) -> Option<Self> {
        let (_, first) = members.first()?;
        let rule = first.rule.as_deref().and_then(|id| book.rule(id));
        let same = |text: fn(&Verdict) -> &str, plain: fn(&Signature) -> String| {
            let equal = members.iter().all(|(_, verdict)| text(verdict) == text(first));
            rule.filter(|_| !equal).map_or_else(|| text(first).to_owned(), plain)
        };
        Some(Self {
            rule: first.rule.clone(),
            category: first.category,
            count: members.len(),
            retryable: first.retryable,
            cause: same(|verdict| &verdict.cause, Signature::plain_cause),
            fix: same(|verdict| &verdict.fix.text, Signature::plain_fix),
            example: first.root.text.clone(),
            files: members.iter().map(|(path, _)| (*path).to_owned()).collect(),
        })
    }
}
