//! The operator's day after: commands about a platform that runs already, one file each.

mod access;
mod args;
mod audit;
mod renewal;
mod setup_events;
mod stack;
mod store_token;

use crate::error::CommandError;
use crate::exit::Exit;

pub use args::OperatorCommand;
pub use audit::{AuditDocument, FindingDocument};

use crate::cli::Global;

/// Runs one operator command.
///
/// # Errors
/// Whatever keeps the command from doing its work.
pub fn run(command: &OperatorCommand, global: &Global) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::internal)?;
    match command {
        OperatorCommand::AuditStacks(args) => runtime.block_on(audit::run(args, global)),
        OperatorCommand::SetupEvents(args) => runtime.block_on(setup_events::run(args, global)),
        OperatorCommand::StoreToken(args) => runtime.block_on(store_token::run(args, global)),
    }
}
