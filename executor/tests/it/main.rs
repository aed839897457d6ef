//! The executor against real processes, repositories and servers on this machine.
#![allow(clippy::unwrap_used, reason = "a helper of a test may panic like the test itself")]

mod bootstrap;
mod env_file;
mod evidence;
mod health;
mod journal;
mod mask;
mod prerequisites;
mod process;
mod run;
mod support;
