//! Fetches the platform's repository: a partial, sparse clone, or an existing checkout extended and moved.
//!
//! Local work is never lost: no branch is moved, the fetched commit is checked out detached, and a checkout
//! whose state would be overwritten is refused.

mod git;
mod url;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use provision_planner::plan::Bootstrap;

use crate::error::ExecutorError;
use crate::process::{Control, Progress};
use git::Git;
pub(crate) use url::password;

/// Where the commit that this tool checked out last is remembered, so that it is told from the user's own.
const OUR_REF: &str = "refs/provision/checkout";

/// What a fetch runs in.
pub struct Surroundings<'a> {
    /// The folder that relative paths start from.
    pub base: &'a Path,
    /// The variables that git inherits.
    pub environment: &'a BTreeMap<String, String>,
    /// Interrupt, masking, limits.
    pub control: &'a Control,
    /// Sees what git prints.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// What a fetch did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The checkout.
    pub path: PathBuf,
    /// The commit that is checked out.
    pub commit: String,
    /// Whether it was cloned just now.
    pub cloned: bool,
    /// Whether it was already at that commit.
    pub unchanged: bool,
    /// Whether only the folders asked for were materialised.
    pub sparse: bool,
}

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.commit.get(..12).unwrap_or(&self.commit);
        let how = match (self.cloned, self.unchanged) {
            (true, _) if self.sparse => "sparse clone at",
            (true, _) => "full clone at",
            (false, true) => "checkout was already at",
            (false, false) => "checkout moved to",
        };
        write!(f, "{}: {how} {short}", self.path.display())
    }
}

/// Brings the repository's commit for the wanted ref into the wanted folder.
///
/// # Errors
/// Every git failure, and a refusal where the folder holds something else or local work would be lost.
pub async fn fetch(wanted: &Bootstrap, surroundings: &Surroundings<'_>) -> Result<Fetched, ExecutorError> {
    git::check_ref(&wanted.git_ref)?;
    wanted.sparse.iter().try_for_each(|path| git::check_sparse_path(path))?;
    let path = surroundings.base.join(&wanted.workdir);
    let git = Git::new(&path, surroundings).await?;
    let fresh = is_vacant(&path)?;
    if fresh {
        clone(&git, wanted, surroundings).await?;
    } else {
        check_ours(&git, wanted, surroundings.base).await?;
    }
    let commit = fetch_commit(&git, &wanted.git_ref).await?;
    // An earlier clone may have ended before its checkout: then there is nothing to keep, and nothing there yet.
    let fresh = fresh || never_checked_out(&path);
    let unchanged =
        !fresh && git.read(&["rev-parse", "--verify", "--quiet", "HEAD"]).await? == Some(commit.clone());
    if !fresh && !unchanged {
        check_nothing_lost(&git, &wanted.git_ref, &commit).await?;
    }
    let sparse = extend(&git, &wanted.sparse, fresh).await?;
    if !unchanged {
        git.run("checkout", &["--quiet", "--detach", &commit]).await?;
        git.run("update-ref", &[OUR_REF, &commit]).await?;
    }
    Ok(Fetched { path, commit, cloned: fresh, unchanged, sparse })
}

/// Whether a clone was made here but no files were ever checked out: git writes its index with the first checkout.
fn never_checked_out(path: &Path) -> bool {
    path.join(".git").is_dir() && !path.join(".git/index").exists()
}

/// Whether nothing is in the way of a clone.
fn is_vacant(path: &Path) -> Result<bool, ExecutorError> {
    match std::fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(ExecutorError::NotACheckout { path: path.to_owned() })
        }
        Err(error) => Err(ExecutorError::file("read", path)(error)),
    }
}

async fn clone(
    git: &Git<'_>,
    wanted: &Bootstrap,
    surroundings: &Surroundings<'_>,
) -> Result<(), ExecutorError> {
    if let Some(parent) = git.path().parent() {
        std::fs::create_dir_all(parent).map_err(ExecutorError::file("create", parent))?;
    }
    let source = url::resolve(&wanted.url, surroundings.base);
    let target = git.path().to_string_lossy().into_owned();
    let mut arguments = vec!["--no-checkout"];
    if git.is_sparse_capable() {
        arguments.extend(["--filter=blob:none", "--depth=1"]);
    }
    arguments.extend(["--", &source, &target]);
    git.outside("clone", &arguments).await
}

/// Whether an existing folder is a checkout of the wanted repository.
async fn check_ours(git: &Git<'_>, wanted: &Bootstrap, base: &Path) -> Result<(), ExecutorError> {
    let path = || git.path().to_owned();
    let top = git.read(&["rev-parse", "--show-toplevel"]).await?;
    let same = |top: &str| Path::new(top).canonicalize().ok() == git.path().canonicalize().ok();
    if !top.as_deref().is_some_and(same) {
        return Err(ExecutorError::NotACheckout { path: path() });
    }
    let found = git.read(&["config", "--get", "remote.origin.url"]).await?.unwrap_or_default();
    if url::same_repository(&found, &wanted.url, base) {
        return Ok(());
    }
    let (found, wanted) = (url::without_password(&found), url::without_password(&wanted.url));
    Err(ExecutorError::OtherRepository { path: path(), found, wanted })
}

/// Fetches the ref and returns its commit. A full clone stays full: only a shallow one is fetched shallowly.
async fn fetch_commit(git: &Git<'_>, git_ref: &str) -> Result<String, ExecutorError> {
    let shallow = git.read(&["rev-parse", "--is-shallow-repository"]).await?.as_deref() == Some("true");
    let depth: &[&str] = if shallow { &["--depth=1"] } else { &[] };
    let rest = ["--no-tags", "--no-recurse-submodules", "--", "origin", git_ref];
    git.run("fetch", &[depth, &rest].concat()).await?;
    let commit = git.read(&["rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"]).await?;
    commit.ok_or_else(|| ExecutorError::BadRef { name: git_ref.to_owned() })
}

/// Refuses if moving the checkout would overwrite changed or untracked files, or leave commits without a name.
async fn check_nothing_lost(git: &Git<'_>, git_ref: &str, commit: &str) -> Result<(), ExecutorError> {
    let lost = |what: String| ExecutorError::LocalChanges {
        path: git.path().to_owned(),
        git_ref: git_ref.to_owned(),
        what,
    };
    let changed = git.read(&["status", "--porcelain", "--untracked-files=no"]).await?.unwrap_or_default();
    if !changed.is_empty() {
        let files: Vec<&str> = changed.lines().filter_map(|line| line.get(2..)).map(str::trim).collect();
        return Err(lost(first_files(&files)));
    }
    let in_the_way = untracked(git, commit).await?;
    if !in_the_way.is_empty() {
        return Err(lost(first_files(&in_the_way.iter().map(String::as_str).collect::<Vec<_>>())));
    }
    if git.read(&["symbolic-ref", "--quiet", "HEAD"]).await?.is_some() {
        return Ok(());
    }
    let Some(head) = git.read(&["rev-parse", "--verify", "--quiet", "HEAD"]).await? else { return Ok(()) };
    let named = git.read(&["for-each-ref", "--count=1", "--contains", &head]).await?.unwrap_or_default();
    if named.is_empty() {
        Err(lost(format!("commit {}, which no branch holds", &head[..12.min(head.len())])))
    } else {
        Ok(())
    }
}

/// Untracked files, ignored ones included, that the commit has, too: in a sparse checkout, git overwrites them
/// without a word (seen with 2.47), and ignored ones always.
async fn untracked(git: &Git<'_>, commit: &str) -> Result<Vec<String>, ExecutorError> {
    let files = git.read(&["ls-tree", "-r", "--name-only", "--full-tree", commit]).await?.unwrap_or_default();
    let files: HashSet<&str> = files.lines().collect();
    let others = git.read(&["ls-files", "--others"]).await?.unwrap_or_default();
    Ok(others.lines().filter(|file| files.contains(file)).map(str::to_owned).collect())
}

/// The first of some files, and how many more there are.
fn first_files(files: &[&str]) -> String {
    let shown = files.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if files.len() > 3 { format!("{shown} and {} more", files.len() - 3) } else { shown }
}

/// Materialises the wanted folders; `false` in a checkout that has everything anyway.
async fn extend(git: &Git<'_>, folders: &[String], fresh: bool) -> Result<bool, ExecutorError> {
    let sparse = git.read(&["config", "--bool", "core.sparseCheckout"]).await?.as_deref() == Some("true");
    if folders.is_empty() || !git.is_sparse_capable() || !(fresh || sparse) {
        return Ok(false);
    }
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    if fresh {
        git.run("sparse-checkout", &["init", "--cone"]).await?;
    }
    let verb = if fresh { "set" } else { "add" };
    git.run("sparse-checkout", &[&[verb], folders.as_slice()].concat()).await?;
    Ok(true)
}
