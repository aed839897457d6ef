//! End-to-end tests: everything here goes through the real binary, with a cleared environment.

mod architecture;
mod ask;
mod bad_input;
mod diagnose;
mod env;
mod eval;
mod gate;
mod outputs;
mod parse;
mod plan;
mod platform;
mod rules;
mod run;
