//! What can go wrong in this room.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::lock::Holder;

/// An error of the executor. No message carries a secret's value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExecutorError {
    /// A file or folder could not be read or written.
    #[error("{path}: cannot {action}: {source}")]
    File {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A command line has no program.
    #[error("step {step} has a command without a program")]
    EmptyCommand {
        /// The step's id.
        step: String,
    },
    /// The plan refers to a secret that was not handed over.
    #[error("the plan needs the secret {name}, which was not given")]
    SecretMissing {
        /// The name of the input it belongs to.
        name: String,
    },
    /// A folder that a command should run in is not there.
    #[error("{path}: the folder that the platform's scripts run in is not there")]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A path of the plan leads out of the checkout.
    #[error("{path}: leads out of the checkout")]
    OutsideCheckout {
        /// The path as the plan gives it.
        path: String,
    },
    /// A branch, tag or commit name that git would not accept.
    #[error("{name:?} is not the name of a branch, tag or commit")]
    BadRef {
        /// The name as given.
        name: String,
    },
    /// A sparse path that could be read as an option.
    #[error("{path:?} is not a folder of a repository")]
    BadSparsePath {
        /// The path as given.
        path: String,
    },
    /// git is not installed.
    #[error("git is not installed; it is needed to fetch the platform's repository")]
    NoGit,
    /// A git command failed.
    #[error("git {operation} failed ({exit}){}", detail_clause(.detail))]
    Git {
        /// The git subcommand.
        operation: String,
        /// How it ended.
        exit: String,
        /// The last lines it printed, secrets masked.
        detail: String,
    },
    /// The folder for the checkout holds something else.
    #[error("{path}: exists and is not a git checkout; choose another --workdir or empty it")]
    NotACheckout {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is a checkout of another repository.
    #[error(
        "{path}: is a checkout of {found}, not of {wanted}; choose another --workdir or pass --repo {found}"
    )]
    OtherRepository {
        /// The folder.
        path: PathBuf,
        /// Its origin.
        found: String,
        /// The repository that was asked for.
        wanted: String,
    },
    /// Moving the checkout would lose local work.
    #[error(
        "{path}: has local work that moving to {git_ref} would lose ({what}); commit it on a branch, stash it, or choose another --workdir"
    )]
    LocalChanges {
        /// The checkout.
        path: PathBuf,
        /// Where it should have moved.
        git_ref: String,
        /// What would be lost: the first changed files, or a commit.
        what: String,
    },
    /// No random numbers are available for generated passwords.
    #[error("no random numbers for generated passwords: {reason}")]
    NoRandomness {
        /// What the system says.
        reason: String,
    },
    /// A URL of the plan does not parse.
    #[error("{url}: not a URL: {reason}")]
    BadUrl {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The platform's API did not give what was asked of it.
    #[error("{url}: {reason}")]
    Platform {
        /// The route.
        url: String,
        /// What it answered, or why there was no answer.
        reason: String,
    },
    /// An AWS service did not do what was asked of it.
    #[error("{service}: {reason}")]
    Aws {
        /// The service and the operation.
        service: &'static str,
        /// What it says.
        reason: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot start: {reason}")]
    HttpClient {
        /// What it says.
        reason: String,
    },
    /// A child process could not be watched; it was killed.
    #[error("{program}: cannot be watched: {source}")]
    Watch {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// Another run is at work on the same target.
    #[error("{target} is being worked on by {}; wait for it, or look at it with `provision runs`", holder_clause(.holder))]
    Locked {
        /// The target and its name.
        target: String,
        /// Who holds it, if they have said so.
        holder: Option<Holder>,
    },
    /// Something else listens on ports that the deploy binds.
    #[error(
        "already in use on this machine: port {ports}; end what listens there (`ss -ltnp` names it) and run again"
    )]
    PortsTaken {
        /// The ports.
        ports: String,
    },
    /// What was approved is not what would run.
    #[error("not what was approved: {what}; nothing was changed, plan again")]
    Drifted {
        /// What differs.
        what: String,
    },
    /// A deploy of a stack has no template.
    #[error("the plan of the stack {stack} names no template")]
    NoTemplate {
        /// The stack's name.
        stack: String,
    },
    /// The template is not the one that was approved.
    #[error("{path}: changed since the plan was made; plan again to see what it says now")]
    TemplateChanged {
        /// The template's file.
        path: PathBuf,
    },
    /// A stack's operation goes on in the cloud, but can no longer be watched.
    #[error(
        "the stack {stack} can no longer be watched ({reason}); its operation goes on in AWS: `provision --diagnose stack:{stack}` says how it ended"
    )]
    StackOutOfSight {
        /// The stack's name.
        stack: String,
        /// Why.
        reason: String,
    },
    /// The user interrupted before anything was left to do.
    #[error("interrupted")]
    Interrupted,
}

fn holder_clause(holder: &Option<Holder>) -> String {
    holder.as_ref().map_or_else(|| "another run".to_owned(), Holder::to_string)
}

fn detail_clause(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}

impl ExecutorError {
    /// Builds [`ExecutorError::File`], for use with `map_err`.
    pub(crate) fn file(action: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
