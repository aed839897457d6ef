//! Answers that were good once, kept by their content: the same question is not paid for twice.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use provision_prompts::Redacted;
use sha2::{Digest, Sha256};

/// The longest answer that is kept or read, in bytes.
const LONGEST: u64 = 64 * 1024;
/// How many answers are kept.
const MOST: usize = 500;

/// Where one answer is kept.
#[derive(Debug, Clone)]
pub struct Entry {
    folder: PathBuf,
    name: String,
}

/// The place of the answer that these parts decide. Parts are kept apart, so that no two lists of parts meet.
pub fn entry(folder: &Path, parts: &[&str]) -> Entry {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let name = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Entry { folder: folder.to_owned(), name }
}

impl Entry {
    /// The answer, if it is kept in a folder that nobody else can write to.
    pub fn read(&self) -> Option<String> {
        if !is_private(&self.folder) {
            return None;
        }
        let file = fs::File::open(self.folder.join(&self.name)).ok()?;
        let mut text = String::new();
        file.take(LONGEST + 1).read_to_string(&mut text).ok()?;
        (text.len() as u64 <= LONGEST).then_some(text)
    }

    /// Keeps an answer. A cache that cannot be written is no trouble of the user's.
    pub fn write(&self, answer: &Redacted) {
        if answer.as_str().len() as u64 <= LONGEST {
            let _ = self.try_write(answer.as_str());
        }
    }

    fn try_write(&self, answer: &str) -> std::io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        if !is_private(&self.folder) {
            fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700))?;
        }
        let part = self.folder.join(format!(".{}.{}", self.name, std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(answer.as_bytes())?;
        fs::rename(&part, self.folder.join(&self.name))?;
        prune(&self.folder)
    }
}

/// Whether only the owner can look into a folder or change it.
fn is_private(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|data| data.is_dir() && data.permissions().mode() & 0o077 == 0)
}

/// Drops the oldest answers beyond [`MOST`].
fn prune(folder: &Path) -> std::io::Result<()> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
        })
        .collect();
    files.sort();
    let extra = files.len().saturating_sub(MOST);
    files.into_iter().take(extra).try_for_each(|(_, path)| fs::remove_file(path))
}

#[cfg(test)]
mod tests {
    use provision_prompts::Redactor;

    use super::*;

    fn redacted(text: &str) -> Redacted {
        Redactor::new([]).unwrap().redact(text)
    }

    #[test]
    fn an_answer_is_found_by_the_same_parts_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        entry(&folder, &["model", "question"]).write(&redacted("yes"));
        assert_eq!(entry(&folder, &["model", "question"]).read().as_deref(), Some("yes"));
        assert_eq!(entry(&folder, &["modelq", "uestion"]).read(), None);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_not_believed() {
        let home = tempfile::tempdir().unwrap();
        let kept = entry(home.path(), &["x"]);
        kept.write(&redacted("yes"));
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(kept.read(), None);
    }

    #[test]
    fn the_oldest_answers_go_first_and_giants_are_not_kept() {
        let home = tempfile::tempdir().unwrap();
        for n in 0..MOST + 5 {
            entry(home.path(), &[&n.to_string()]).write(&redacted("x"));
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), MOST);
        let giant = entry(home.path(), &["giant"]);
        giant.write(&redacted(&"x ".repeat(40_000)));
        assert_eq!(giant.read(), None);
    }
}
