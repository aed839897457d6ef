//! The journal: what a run was about to do and what came of it, one JSON line each, on disk before it goes on.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::error::ExecutorError;
use crate::mask::Masker;

/// One line of the journal.
#[derive(Debug, Serialize)]
struct Record<'a> {
    seq: u64,
    at: Timestamp,
    run: &'a str,
    /// `intent` before an effect, `outcome` after it, `note` for what has none.
    record: &'a str,
    step: &'a str,
    data: Value,
}

/// An append-only journal. Secrets in it are masked; the file is readable by its owner only.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    run: String,
    next: u64,
}

impl Journal {
    /// Opens or creates the journal of a run, folders included.
    ///
    /// # Errors
    /// [`ExecutorError::File`] if the folder or file cannot be made.
    pub fn open(path: &Path, run: &str) -> Result<Self, ExecutorError> {
        if let Some(folder) = path.parent() {
            let mut builder = std::fs::DirBuilder::new();
            builder
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(ExecutorError::file("create", folder))?;
        }
        let mut options = OpenOptions::new();
        let file = options
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(ExecutorError::file("open", path))?;
        Ok(Self { path: path.to_owned(), file, run: run.to_owned(), next: 0 })
    }

    /// Writes one record and waits until it is on disk.
    ///
    /// # Errors
    /// [`ExecutorError::File`] if it cannot be written; the run may go on without a journal.
    pub fn write(
        &mut self,
        record: &str,
        step: &str,
        data: Value,
        masker: &Masker,
    ) -> Result<(), ExecutorError> {
        let entry = Record {
            seq: self.next,
            at: Timestamp::now(),
            run: &self.run,
            record,
            step,
            data: masked(data, masker),
        };
        let line = serde_json::to_string(&entry).unwrap_or_default() + "\n";
        self.next += 1;
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(ExecutorError::file("write", &self.path))
    }
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
