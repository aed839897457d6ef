//! The rule commands.
