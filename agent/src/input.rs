//! Files and standard input, read with a bound and with errors that say what to do.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use crate::error::CommandError;
use crate::terminal;

/// The largest text that is read, in bytes. Real event files are a few megabytes at most; the bound keeps a
/// wrong path from eating the machine's memory.
pub const MAX_BYTES: u64 = 256 << 20;

/// The bytes of a file, or of standard input for `-`, and the name to show for it.
///
/// # Errors
/// A usage error of one line when there is nothing to read or too much.
pub fn read(path: &Path) -> Result<(Vec<u8>, String), CommandError> {
    if path == Path::new("-") {
        let name = "standard input".to_owned();
        return Ok((read_stdin().map_err(|problem| of(&name, &problem))?, name));
    }
    let name = terminal::safe(&path.display().to_string());
    Ok((read_file(path).map_err(|problem| of(&name, &problem))?, name))
}

fn of(name: &str, problem: &str) -> CommandError {
    CommandError::usage(format!("{name}: {problem}"))
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| explain(&error))?;
    let metadata = file.metadata().map_err(|error| explain(&error))?;
    if metadata.is_dir() {
        return Err("is a folder; name the file with the events or the output".to_owned());
    }
    if metadata.len() > MAX_BYTES {
        return Err(too_large());
    }
    bounded(file)
}

fn read_stdin() -> Result<Vec<u8>, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        terminal::err("Paste the events or the output, then press Ctrl-D:\n");
    }
    bounded(stdin.lock())
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
    format!("is larger than {limit} MiB; cut out the part around the failure (`tail -c 50M FILE | provision --diagnose -`)")
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        io::ErrorKind::IsADirectory => "is a folder; name the file with the events or the output".to_owned(),
        _ => error.to_string(),
    }
}
