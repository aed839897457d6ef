//! What can go wrong in this room.

use thiserror::Error;

/// An error of the rules room.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RulesError {
    /// A signature file does not parse.
    #[error("{file}: {source}")]
    Signatures {
        /// The file's name.
        file: String,
        /// What the parser says, with line and column.
        source: Box<toml::de::Error>,
    },
    /// The literals of all rules could not be indexed.
    #[error("the rules' literals could not be indexed: {reason}")]
    Index {
        /// What the index says.
        reason: String,
    },
}
