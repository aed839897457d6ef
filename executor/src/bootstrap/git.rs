//! Runs git with an environment that neither prompts nor follows the caller's repository, and without hooks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Surroundings;
use crate::error::ExecutorError;
use crate::process::{self, Exit, Invocation, ProcessResult, TailLimits};

/// The first version that has partial clone and cone-mode sparse checkout in a working state.
const SPARSE_SINCE: (u32, u32) = (2, 27);

/// Variables by which the caller's own repository, or settings for it, would leak into ours
/// (`git rev-parse --local-env-vars` and what points elsewhere).
const FOREIGN: [&str; 20] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
];

/// Settings for every command: nothing that a repository brings along is run.
const SETTINGS: [&str; 6] =
    ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"];

/// Reading commands are quick; one that is not hangs.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Lists of files are read whole.
const READ_LIMITS: TailLimits = TailLimits { lines: 2_000_000, bytes: 256 * 1024 * 1024 };

/// git, for one checkout.
pub(super) struct Git<'a> {
    path: PathBuf,
    env: BTreeMap<String, String>,
    sparse_capable: bool,
    surroundings: &'a Surroundings<'a>,
}

impl<'a> Git<'a> {
    /// git for a checkout that need not be there yet.
    pub(super) async fn new(path: &Path, surroundings: &'a Surroundings<'a>) -> Result<Self, ExecutorError> {
        let mut git = Self {
            path: path.to_owned(),
            env: environment(surroundings.environment),
            sparse_capable: false,
            surroundings,
        };
        let result = git.start(git.command(&["version"], surroundings.base), false).await?;
        if matches!(result.exit, Exit::FailedToStart { not_found: true, .. }) {
            return Err(ExecutorError::NoGit);
        }
        let version = checked("version", result)?.tail.text();
        git.sparse_capable = version_of(&version).is_some_and(|version| version >= SPARSE_SINCE);
        git.silence_ssh().await?;
        Ok(git)
    }

    /// Keeps ssh from asking on the terminal, where nobody could answer, unless ssh is set up otherwise.
    async fn silence_ssh(&mut self) -> Result<(), ExecutorError> {
        let dir = if self.path.is_dir() { &self.path } else { self.surroundings.base };
        let setting = self.start(self.command(&["config", "--get", "core.sshCommand"], dir), false).await?;
        let chosen = ["GIT_SSH", "GIT_SSH_COMMAND"].iter().any(|name| self.env.contains_key(*name));
        if !chosen && !setting.exit.is_success() {
            self.env.insert("GIT_SSH_COMMAND".to_owned(), "ssh -o BatchMode=yes".to_owned());
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this git can do partial clones with sparse checkout.
    pub(super) fn is_sparse_capable(&self) -> bool {
        self.sparse_capable
    }

    /// Runs a command in the checkout; what it prints is shown.
    pub(super) async fn run(&self, operation: &str, arguments: &[&str]) -> Result<(), ExecutorError> {
        let command = self.command(&[&[operation], arguments].concat(), &self.path);
        checked(operation, self.start(command, true).await?).map(drop)
    }

    /// Runs a command outside the checkout.
    pub(super) async fn outside(&self, operation: &str, arguments: &[&str]) -> Result<(), ExecutorError> {
        let command = self.command(&[&[operation], arguments].concat(), self.surroundings.base);
        checked(operation, self.start(command, true).await?).map(drop)
    }

    /// What a reading command prints, without its last line end; `None` if it fails.
    pub(super) async fn read(&self, arguments: &[&str]) -> Result<Option<String>, ExecutorError> {
        let result = self.start(self.command(arguments, &self.path), false).await?;
        Ok(result.exit.is_success().then(|| result.tail.text().trim_end().to_owned()))
    }

    fn command(&self, arguments: &[&str], dir: &Path) -> Invocation {
        let argv = ["git"].iter().chain(&SETTINGS).chain(arguments).map(|&word| word.to_owned()).collect();
        Invocation { argv, dir: dir.to_owned(), env: self.env.clone() }
    }

    async fn start(&self, command: Invocation, shown: bool) -> Result<ProcessResult, ExecutorError> {
        let mut control = self.surroundings.control.clone();
        let silent = |_| {};
        if !shown {
            control.timeout = Some(READ_TIMEOUT);
            control.tail = READ_LIMITS;
        }
        let progress = if shown { self.surroundings.progress } else { &silent };
        let result = process::run(&command, &control, progress).await?;
        if result.interrupted { Err(ExecutorError::Interrupted) } else { Ok(result) }
    }
}

fn checked(operation: &str, result: ProcessResult) -> Result<ProcessResult, ExecutorError> {
    if result.exit.is_success() {
        return Ok(result);
    }
    let (operation, exit) = (operation.to_owned(), result.exit.to_string());
    Err(ExecutorError::Git { operation, exit, detail: complaint(&result) })
}

/// What git says is wrong: its `fatal:` and `error:` lines, or else the last ones.
fn complaint(result: &ProcessResult) -> String {
    let telling = ["fatal:", "error:", "ERROR:"];
    let lines = result.tail.lines().filter(|line| telling.iter().any(|start| line.starts_with(start)));
    let lines: Vec<&str> = lines.take(3).collect();
    if lines.is_empty() { result.tail.summary(3) } else { lines.join("; ") }
}

/// The caller's environment without what belongs to another repository, and without prompts.
fn environment(inherited: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut env = inherited.clone();
    env.retain(|name, _| !FOREIGN.contains(&name.as_str()));
    let fixed = [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GCM_INTERACTIVE", "never"),
        ("GIT_PAGER", "cat"),
        ("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh"),
        ("LC_ALL", "C"),
    ];
    env.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    env
}

/// Major and minor of `git version 2.47.3`.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(2)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Refuses what git would not take as a ref, or would take as an option or a refspec (git-check-ref-format(1)).
pub(super) fn check_ref(name: &str) -> Result<(), ExecutorError> {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\+".contains(c);
    let bad_edge = name.starts_with(['-', '/']) || name.ends_with(['/', '.']) || name.ends_with(".lock");
    let bad = name.is_empty()
        || bad_edge
        || name.contains(forbidden)
        || ["..", "@{", "//"].iter().any(|p| name.contains(p));
    if bad { Err(ExecutorError::BadRef { name: name.to_owned() }) } else { Ok(()) }
}

/// Refuses a sparse path that git could take as an option or that leads out of the repository.
pub(super) fn check_sparse_path(path: &str) -> Result<(), ExecutorError> {
    let bad =
        path.is_empty() || path.starts_with(['-', '/', '!', '#']) || path.split('/').any(|part| part == "..");
    if bad || path.contains(char::is_control) {
        return Err(ExecutorError::BadSparsePath { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refs_that_could_be_options_or_refspecs_are_refused() {
        for good in ["main", "v1.2.3", "feature/e-mail", "3f2c9d0"] {
            assert!(check_ref(good).is_ok(), "{good}");
        }
        for bad in ["", "--upload-pack=x", "+main", "a:b", "a b", "a..b", "main.lock", "HEAD@{1}", "a\nb"] {
            assert!(check_ref(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sparse_paths_stay_inside_the_repository() {
        assert!(check_sparse_path("deploy/aws/eks").is_ok());
        for bad in ["--stdin", "../secrets", "/etc", "a/../b", "!a"] {
            assert!(check_sparse_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn git_versions_are_read_with_and_without_a_vendor() {
        assert_eq!(version_of("git version 2.47.3\n"), Some((2, 47)));
        assert_eq!(version_of("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(version_of("zit"), None);
    }
}
