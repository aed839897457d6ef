//! CloudFormation through its API: clients, events, following an operation, deploying and deleting without a script.

pub(crate) mod client;
pub(crate) mod data;
pub(crate) mod follow;
pub(crate) mod hooks;
pub(crate) mod native;
pub(crate) mod record;
pub(crate) mod watch;
