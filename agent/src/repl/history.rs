//! The lines of earlier sessions: kept for their owner only, each once, never one that holds a secret.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use provision_planner::{Catalog, Secret};
use provision_prompts::Redactor;

/// How many lines are kept.
const MOST: usize = 2000;
/// The longest line that is kept, in bytes; what is longer was pasted.
const LONGEST: usize = 4096;
/// What redaction leaves where a secret stood.
const MARK: &str = "[secret";
/// Words in the name of a variable whose value is a secret.
const SECRET_NAMES: [&str; 5] = ["TOKEN", "PASSWORD", "SECRET", "API_KEY", "CREDENTIAL"];

/// The file with the lines.
#[derive(Debug)]
pub struct History {
    path: Option<PathBuf>,
    secret_inputs: Vec<String>,
    redactor: Option<Redactor>,
}

impl History {
    /// The history below the state folder; without one nothing is kept.
    pub fn open(catalog: &Catalog) -> Self {
        Self::at(state().map(|state| state.join("history")), catalog)
    }

    fn at(path: Option<PathBuf>, catalog: &Catalog) -> Self {
        let secret = catalog.inputs().iter().filter(|input| input.secret);
        let names =
            secret.flat_map(|input| [input.name.clone(), input.flag.trim_start_matches('-').to_owned()]);
        Self { path, secret_inputs: names.collect(), redactor: None }
    }

    /// The lines, the oldest first.
    pub fn lines(&self) -> Vec<String> {
        let text = self.path.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        text.lines().filter(|line| !line.is_empty()).map(unescaped).collect()
    }

    /// Keeps a line, unless it begins with a blank, is too long, or holds a secret. Says whether it may be recalled
    /// in this session.
    pub fn keep(&mut self, line: &str) -> bool {
        if line.trim().is_empty()
            || line.starts_with([' ', '\t'])
            || line.len() > LONGEST
            || self.holds_secret(line)
        {
            return false;
        }
        // Other sessions may have written since: read again, and put the line last.
        let mut lines = self.lines();
        lines.retain(|old| old != line);
        lines.push(line.to_owned());
        let surplus = lines.len().saturating_sub(MOST);
        if let Some(path) = &self.path {
            // A history that cannot be written is no reason to stop working.
            let _ = write(path, &lines[surplus..]);
        }
        true
    }

    fn holds_secret(&mut self, line: &str) -> bool {
        let names_one = self.secret_inputs.iter().any(|name| {
            let after = line.to_lowercase().find(&name.to_lowercase()).map(|at| at + name.len());
            after.and_then(|at| line[at..].chars().next()).is_some_and(|next| matches!(next, '=' | ' '))
        });
        names_one || self.is_redacted(line)
    }

    /// Whether redaction would take something out. A redactor that cannot be made lets no line be kept.
    fn is_redacted(&mut self, line: &str) -> bool {
        if self.redactor.is_none() {
            self.redactor = Redactor::new(&known()).ok();
        }
        let count = |text: &str| text.matches(MARK).count();
        self.redactor.as_mut().is_none_or(|redactor| count(redactor.redact(line).as_str()) > count(line))
    }
}

/// The secrets of this process's environment.
fn known() -> Vec<Secret> {
    let secret = |name: &str| SECRET_NAMES.iter().any(|part| name.to_uppercase().contains(part));
    let long = |value: &String| value.len() >= 8;
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| secret(name) && long(value))
        .map(|(_, value)| Secret::new(value))
        .collect()
}

/// `$XDG_STATE_HOME/provision`, else below `~/.local/state`.
pub fn state() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?;
    Some(state.join("provision"))
}

/// Writes aside and renames, so that no reader sees half a file.
fn write(path: &Path, lines: &[String]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let aside = path.with_extension(std::process::id().to_string());
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&aside)?;
    let text: String = lines.iter().map(|line| escaped(line) + "\n").collect();
    file.write_all(text.as_bytes()).and_then(|()| std::fs::rename(&aside, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&aside);
    })
}

fn escaped(line: &str) -> String {
    line.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => text.push('\n'),
                other => text.extend(other),
            },
            (c, false) => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn history(folder: &Path) -> History {
        History::at(Some(folder.join("state/history")), &Catalog::builtin().expect("the catalog"))
    }

    #[test]
    fn lines_are_kept_once_for_their_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = history(folder.path());
        for line in ["/timeline", "a \\\nb", "/timeline", " not this", "\tnor this", "  "] {
            history.keep(line);
        }
        assert_eq!(history.lines(), ["a \\\nb", "/timeline"]);
        let mode = |path: &str| {
            std::fs::metadata(folder.path().join(path)).expect("there").permissions().mode() & 0o777
        };
        assert_eq!((mode("state"), mode("state/history")), (0o700, 0o600));
    }

    #[test]
    fn a_line_with_a_secret_is_never_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = history(folder.path());
        let token = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].concat();
        let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        for line in [
            format!("deploy with token {token}"),
            format!("/set ghcr_token={token}"),
            format!("use {key} for aws"),
            "/deploy --ghcr-token abc".to_owned(),
            "/plan --admin-password hunter2".to_owned(),
            "https://bob:correct-horse@registry.example/".to_owned(),
        ] {
            assert!(!history.keep(&line), "{line}");
        }
        assert!(history.keep("deploy to EKS in us-east-1 with email"));
        assert_eq!(history.lines(), ["deploy to EKS in us-east-1 with email"]);
    }

    #[test]
    fn a_history_that_cannot_be_written_stops_nobody() {
        let catalog = Catalog::builtin().expect("the catalog");
        assert!(History::at(None, &catalog).keep("/timeline"));
        assert!(History::at(Some("/dev/null/history".into()), &catalog).keep("/timeline"));
    }

    proptest::proptest! {
        #[test]
        fn any_line_comes_back_as_it_was(line in "[^\\r]*") {
            proptest::prop_assert_eq!(unescaped(&escaped(&line)), line);
        }
    }
}
