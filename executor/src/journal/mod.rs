//! The journal: what a run was about to do and what came of it, one JSON line each, on disk before it goes on.

mod read;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use read::{Chain, RunLog};

use crate::error::ExecutorError;
use crate::hashes;
use crate::mask::Masker;

/// What a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// Something is about to be done.
    Intent,
    /// What came of it.
    Outcome,
    /// Something that has no effect of its own.
    Note,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place, from 0.
    pub seq: u64,
    /// When it was written, by this machine's clock.
    pub at: Timestamp,
    /// The run.
    pub run: String,
    /// What it tells.
    pub record: RecordKind,
    /// The step's id, or what a note is about.
    pub step: String,
    /// The details, secrets masked.
    pub data: Value,
    /// The SHA-256 of the line before, without its end; empty for the first.
    pub prev: String,
}

/// An append-only journal of one run, each record chained to the one before. Secrets in it are masked; only its owner
/// can read it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    run: String,
    next: u64,
    prev: String,
}

impl Journal {
    /// Creates the journal of a run as `<run>.jsonl` in a folder, the folder included.
    ///
    /// # Errors
    /// [`ExecutorError::File`] if the folder or file cannot be made, or the run has a journal already.
    pub fn create(folder: &Path, run: &str) -> Result<Self, ExecutorError> {
        private_folder(folder)?;
        let path = folder.join(format!("{run}.jsonl"));
        let mut options = OpenOptions::new();
        let file = options
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(ExecutorError::file("create", &path))?;
        // The file's name has to survive a crash, too; a system that cannot sync folders keeps it some other way.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(Self { path, file, run: run.to_owned(), next: 0, prev: String::new() })
    }

    /// Writes one record and waits until it is on disk.
    ///
    /// # Errors
    /// [`ExecutorError::File`] if it cannot be written; the run may go on without a journal.
    pub fn write(
        &mut self,
        record: RecordKind,
        step: &str,
        data: Value,
        masker: &Masker,
    ) -> Result<(), ExecutorError> {
        let entry = Record {
            seq: self.next,
            at: Timestamp::now(),
            run: self.run.clone(),
            record,
            step: step.to_owned(),
            data: masked(data, masker),
            prev: std::mem::take(&mut self.prev),
        };
        let line = serde_json::to_string(&entry).unwrap_or_default();
        self.prev = hashes::hex(line.as_bytes());
        self.next += 1;
        let written = self.file.write_all((line + "\n").as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(ExecutorError::file("write", &self.path))
    }
}

/// Makes a folder, and those above it, that only its owner can enter.
pub(crate) fn private_folder(folder: &Path) -> Result<(), ExecutorError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder).map_err(ExecutorError::file("create", folder))
}

/// Masks every text of a value, keys included.
fn masked(value: Value, masker: &Masker) -> Value {
    match value {
        Value::String(text) => Value::String(masker.text(&text)),
        Value::Array(items) => items.into_iter().map(|item| masked(item, masker)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (masker.text(&name), masked(value, masker))).collect()
        }
        other => other,
    }
}
