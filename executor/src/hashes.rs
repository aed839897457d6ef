//! Hashes of the scripts and templates that an approval covers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::ExecutorError;

/// A folder of scripts has no more files than this; one that does is not a folder of scripts.
const MOST_FILES: usize = 5000;

/// The SHA-256 of every file at or below these paths of a checkout, by path relative to it.
///
/// A path that is not there is left out: its appearing later changes the result. A symbolic link counts as the text
/// of its target, which is not followed.
///
/// # Errors
/// [`ExecutorError::File`] if a file cannot be read, or there are too many.
pub fn hash_files(checkout: &Path, paths: &[String]) -> Result<BTreeMap<String, String>, ExecutorError> {
    let mut hashes = BTreeMap::new();
    let mut queue: Vec<String> = paths.to_vec();
    while let Some(name) = queue.pop() {
        let path = checkout.join(&name);
        let Ok(kind) = fs::symlink_metadata(&path).map(|found| found.file_type()) else { continue };
        if kind.is_dir() {
            for entry in fs::read_dir(&path).map_err(ExecutorError::file("read", &path))? {
                let entry = entry.map_err(ExecutorError::file("read", &path))?;
                queue.push(format!("{name}/{}", entry.file_name().to_string_lossy()));
            }
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).map_err(ExecutorError::file("read", &path))?;
            hashes.insert(name, hex(format!("-> {}", target.display()).as_bytes()));
        } else if kind.is_file() {
            let bytes = fs::read(&path).map_err(ExecutorError::file("read", &path))?;
            hashes.insert(name, hex(&bytes));
        }
        if hashes.len() + queue.len() > MOST_FILES {
            let error = std::io::Error::other(format!("more than {MOST_FILES} files to cover"));
            return Err(ExecutorError::file("read", checkout)(error));
        }
    }
    Ok(hashes)
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_below_the_paths_is_covered_and_a_change_shows() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("bin/lib")).unwrap();
        fs::write(root.path().join("bin/setup.sh"), "echo 1").unwrap();
        fs::write(root.path().join("bin/lib/common.sh"), "true").unwrap();
        std::os::unix::fs::symlink("setup.sh", root.path().join("bin/link")).unwrap();
        let paths = ["bin".to_owned(), "none".to_owned()];
        let before = hash_files(root.path(), &paths).unwrap();
        let names: Vec<&str> = before.keys().map(String::as_str).collect();
        assert_eq!(names, ["bin/lib/common.sh", "bin/link", "bin/setup.sh"]);
        fs::write(root.path().join("bin/lib/common.sh"), "false").unwrap();
        assert_ne!(before, hash_files(root.path(), &paths).unwrap());
    }
}
