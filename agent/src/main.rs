//! The `provision` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(provision_agent::run(std::env::args_os()).code())
}
