//! Files and standard input, read in bounded memory and with errors that say what to do.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use provision_rules::Intake;

use crate::error::CommandError;
use crate::intake;
use crate::render::STDIN;
use crate::terminal;

/// The largest text that is read whole, in bytes; the bound keeps a wrong path from eating the machine's memory.
const MAX_BYTES: u64 = 256 << 20;

/// A file, or standard input for `-`, of any size, ready to be diagnosed; and the name to show for it.
///
/// # Errors
/// A usage error of one line when there is nothing to read, or what is there cannot be read.
pub fn take(path: &Path) -> Result<(Intake, String), CommandError> {
    if path == Path::new("-") {
        let name = STDIN.to_owned();
        return Ok((intake::fill(stdin(), explain).map_err(|problem| of(&name, &problem))?, name));
    }
    let name = terminal::safe(&path.display().to_string());
    let file = File::open(path).map_err(|error| of(&name, &explain(&error)))?;
    Ok((intake::fill(file, explain).map_err(|problem| of(&name, &problem))?, name))
}

/// The bytes of a file, or of standard input for `-`, and the name to show for it.
///
/// # Errors
/// A usage error of one line when there is nothing to read or too much.
pub fn read(path: &Path) -> Result<(Vec<u8>, String), CommandError> {
    if path == Path::new("-") {
        let name = STDIN.to_owned();
        return Ok((read_stdin().map_err(|problem| of(&name, &problem))?, name));
    }
    let name = terminal::safe(&path.display().to_string());
    Ok((read_file(path).map_err(|problem| of(&name, &problem))?, name))
}

/// The files that paths stand for, each once: a folder stands for every file below it, by name. Files and folders whose
/// name begins with a dot, and links to folders, are left out.
///
/// # Errors
/// A usage error for a folder that cannot be read or has no files, and for standard input named twice.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    if paths.iter().filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(CommandError::usage("standard input (`-`) is named twice"));
    }
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let found = walk(path)?;
        if found.is_empty() {
            return Err(of(&terminal::safe(&path.display().to_string()), "the folder has no files"));
        }
        files.extend(found);
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn walk(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |error: io::Error| of(&terminal::safe(&folder.display().to_string()), &explain(&error));
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(failed)?.collect();
    let mut entries = entries.map_err(failed)?;
    entries.retain(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            files.extend(walk(&path)?);
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

fn of(name: &str, problem: &str) -> CommandError {
    CommandError::usage(format!("{name}: {problem}"))
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| explain(&error))?;
    let metadata = file.metadata().map_err(|error| explain(&error))?;
    if metadata.len() > MAX_BYTES {
        return Err(too_large());
    }
    bounded(file)
}

fn read_stdin() -> Result<Vec<u8>, String> {
    bounded(stdin().lock())
}

/// Standard input, after a word to a person that it is waited for.
pub fn stdin() -> io::Stdin {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        terminal::err("Paste the events or the output, then press Ctrl-D:\n");
    }
    stdin
}

fn bounded(reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| explain(&error))?;
    match bytes.len() as u64 {
        0 => Err("is empty; nothing to diagnose".to_owned()),
        length if length > MAX_BYTES => Err(too_large()),
        _ => Ok(bytes),
    }
}

fn too_large() -> String {
    let limit = MAX_BYTES >> 20;
    format!(
        "is larger than {limit} MiB; cut out the part around the failure (`tail -c 50M FILE | provision --diagnose -`)"
    )
}

/// What an error of reading means for the operator.
pub fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        io::ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        _ => error.to_string(),
    }
}
