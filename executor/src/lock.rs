//! One run at a time on each target: a file that the system unlocks when its holder is gone.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use provision_planner::plan::Plan;

use crate::error::ExecutorError;
use crate::journal::private_folder;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The run.
    pub run: String,
    /// Its process.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let since = self.since.strftime("%Y-%m-%d %H:%M:%S UTC");
        write!(f, "run {} (process {}) since {since}", self.run, self.pid)
    }
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Why there is no lock.
#[derive(Debug)]
pub(crate) enum NoLock {
    /// Somebody else holds it; who, if they have written it down by now.
    Held(Option<Holder>),
    /// It cannot be kept here.
    Failed(ExecutorError),
}

impl Lock {
    /// Takes the lock; also says who held it last without letting go, if their process died.
    pub(crate) fn take(folder: &Path, key: &str, run: &str) -> Result<(Self, Option<Holder>), NoLock> {
        private_folder(folder).map_err(NoLock::Failed)?;
        let path = folder.join(format!("{key}.lock"));
        let failed = |action| {
            let path = path.clone();
            move |error| NoLock::Failed(ExecutorError::file(action, &path)(error))
        };
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoLock::Held(holder(&mut file))),
            Err(TryLockError::Error(error)) => return Err(failed("lock")(error)),
        }
        let before = holder(&mut file);
        let me = Holder { run: run.to_owned(), pid: std::process::id(), since: Timestamp::now() };
        write(&mut file, &serde_json::to_string(&me).unwrap_or_default()).map_err(failed("write"))?;
        Ok((Self { file }, before))
    }
}

impl Drop for Lock {
    /// Leaves no name behind; the system lets go of the lock itself, however the process ends.
    fn drop(&mut self) {
        let _ = write(&mut self.file, "");
    }
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text)).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(file: &mut File, text: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

/// What a lock is about: the target with the stacks it drives, their region and account.
pub(crate) fn key(plan: &Plan) -> String {
    let target = plan.target.as_ref().map(|target| target.id.clone());
    let evidence = plan.evidence.clone().unwrap_or_default();
    let parts = target.into_iter().chain(evidence.stacks).chain(evidence.region);
    let parts: Vec<String> = parts.chain(plan.binding.account.clone()).collect();
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    parts.join("+").chars().map(|c| if c == '+' { c } else { safe(c) }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_learns_who_holds_it_and_a_third_finds_it_free() {
        let dir = tempfile::tempdir().unwrap();
        let (first, before) = Lock::take(dir.path(), "docker", "one").unwrap();
        assert!(before.is_none());
        match Lock::take(dir.path(), "docker", "two") {
            Err(NoLock::Held(Some(holder))) => assert_eq!(holder.run, "one"),
            other => panic!("{other:?}"),
        }
        assert!(Lock::take(dir.path(), "minikube", "two").is_ok());
        drop(first);
        assert!(Lock::take(dir.path(), "docker", "two").unwrap().1.is_none());
    }

    #[test]
    fn a_lock_whose_holder_died_is_taken_over_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let dead = Holder { run: "one".to_owned(), pid: 1, since: Timestamp::now() };
        std::fs::write(dir.path().join("docker.lock"), serde_json::to_string(&dead).unwrap()).unwrap();
        let (_lock, before) = Lock::take(dir.path(), "docker", "two").unwrap();
        assert_eq!(before, Some(dead));
    }
}
