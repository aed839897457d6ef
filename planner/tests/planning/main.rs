//! The planner from the outside: requests in, plans or errors out.

mod any;
mod apply;
mod catalog;
mod commands;
mod environment;
mod errors;
mod gate;
mod init;
mod precedence;
mod schema;
mod snapshots;
mod stack;
mod support;
