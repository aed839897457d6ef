//! End-to-end tests: everything here goes through the real binary, with a cleared environment.

// One test crate, linked by nobody; what a test has to say to people goes to standard error.
#![allow(unreachable_pub, clippy::print_stderr)]

mod apply;
mod architecture;
mod ask;
mod bad_input;
mod diagnose;
mod env;
mod eval;
mod faults;
mod fixes;
mod gate;
mod hooks;
mod lab;
mod localstack;
mod model;
mod operator;
mod outputs;
mod parse;
mod plan;
mod platform;
mod ports;
mod repl;
mod rules;
mod run;
mod runs;
mod screen;
mod secrets;
mod stacks;
mod terminal;
mod watch;
