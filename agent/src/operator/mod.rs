//! The operator's day after: commands about a platform that runs already, one file each.

mod access;
mod args;
mod audit;
mod deployment;
mod leftovers;
mod renewal;
mod setup_events;
mod stack;
mod status;
mod storage;
mod store_token;

use crate::error::CommandError;
use crate::exit::Exit;

pub use args::OperatorCommand;
pub use audit::{AuditDocument, FindingDocument};
pub use leftovers::{LeftoversDocument, after as leftovers_after};
pub use status::StatusDocument;
pub use storage::{Advice, StorageDocument};

use provision_planner::Catalog;

use crate::cli::Global;
use crate::config::Config;

/// Runs one operator command.
///
/// # Errors
/// Whatever keeps the command from doing its work.
pub fn run(
    command: &OperatorCommand,
    global: &Global,
    catalog: &Catalog,
    config: &Config,
) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::internal)?;
    match command {
        OperatorCommand::AuditStacks(args) => runtime.block_on(audit::run(args, global)),
        OperatorCommand::SetupEvents(args) => runtime.block_on(setup_events::run(args, global)),
        OperatorCommand::Leftovers(args) => runtime.block_on(leftovers::run(args, global, catalog, config)),
        OperatorCommand::Status(args) => runtime.block_on(status::run(args, global, catalog, config)),
        OperatorCommand::Storage(args) => runtime.block_on(storage::run(args, global, catalog, config)),
        OperatorCommand::StoreToken(args) => runtime.block_on(store_token::run(args, global)),
    }
}
