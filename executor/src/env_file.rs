//! Creates `.env` from `.env.example`, every placeholder replaced by a random value.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use provision_planner::Secret;
use regex::{Captures, Regex};

use crate::error::ExecutorError;

/// Letters and digits: safe in URLs, shells and connection strings.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 40 characters of 62 are 238 bits.
const LENGTH: usize = 40;

/// What became of `.env`.
#[derive(Debug, Clone)]
pub enum EnvFile {
    /// It was there and was not touched.
    Kept,
    /// There is no `.env.example` to make it from.
    NoExample,
    /// It was created.
    Created {
        /// The generated values, to be masked in everything that follows.
        secrets: Vec<Secret>,
    },
}

/// Creates `.env` in `dir` from `.env.example`, unless it exists.
///
/// Every bare `CHANGE_ME` gets one shared value: the same password stands in several variables and connection
/// strings and has to agree. Each `CHANGE_ME_…` gets a value of its own. The file appears whole, with mode 0600.
///
/// # Errors
/// [`ExecutorError::File`] and [`ExecutorError::NoRandomness`].
pub fn create(dir: &Path) -> Result<EnvFile, ExecutorError> {
    let (example, target) = (dir.join(".env.example"), dir.join(".env"));
    if target.symlink_metadata().is_ok() {
        return Ok(EnvFile::Kept);
    }
    let template = match fs::read_to_string(&example) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(EnvFile::NoExample),
        Err(error) => return Err(ExecutorError::file("read", &example)(error)),
    };
    let (text, secrets) = fill(&template)?;
    write_new(&target, &text)
        .map(|created| if created { EnvFile::Created { secrets } } else { EnvFile::Kept })
}

/// The template with its placeholders replaced, and the values that were put in.
fn fill(template: &str) -> Result<(String, Vec<Secret>), ExecutorError> {
    let placeholder =
        Regex::new(r"\bCHANGE_ME(?P<suffix>_\w+)?\b").expect("a constant pattern that compiles");
    let own = placeholder.captures_iter(template).filter(|found| found.name("suffix").is_some()).count();
    let values = (0..=own).map(|_| random()).collect::<Result<Vec<_>, _>>()?;
    let mut next = values.iter().skip(1);
    let text = placeholder.replace_all(template, |found: &Captures<'_>| match found.name("suffix") {
        Some(_) => next.next().cloned().unwrap_or_default(),
        None => values[0].clone(),
    });
    Ok((text.into_owned(), values.into_iter().map(Secret::new).collect()))
}

/// Writes a file that must not exist yet; `false` if somebody else was first.
fn write_new(path: &Path, text: &str) -> Result<bool, ExecutorError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::Builder::new().prefix(".env.").tempfile_in(dir)?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        }
    };
    write().map_err(ExecutorError::file("write", path))
}

fn random() -> Result<String, ExecutorError> {
    let mut text = String::with_capacity(LENGTH);
    let mut bytes = [0; 64];
    while text.len() < LENGTH {
        getrandom::fill(&mut bytes)
            .map_err(|error| ExecutorError::NoRandomness { reason: error.to_string() })?;
        // 248 is the largest multiple of 62 below 256: what lies above would favour some characters.
        let fair = bytes
            .iter()
            .filter(|&&byte| byte < 248)
            .map(|&byte| char::from(ALPHABET[usize::from(byte) % 62]));
        text.extend(fair.take(LENGTH - text.len()));
    }
    Ok(text)
}

/// The values of a `.env` text by name, for what needs to be masked; comments and blank lines are left out.
pub(crate) fn values(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim_matches(['"', '\'', ' '])))
        .collect()
}
