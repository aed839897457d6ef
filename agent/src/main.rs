//! The `provision` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    provision_executor::drop_empty_aws_variables();
    ExitCode::from(provision_agent::run(std::env::args_os()).code())
}
