//! End-to-end tests: everything here goes through the real binary, with a cleared environment.

mod architecture;
mod bad_input;
mod diagnose;
mod env;
mod gate;
mod parse;
mod plan;
mod platform;
mod run;
