//! Empty `AWS_*` variables, which shells and CI systems leave behind. To the AWS CLI empty is unset; the AWS SDK takes
//! some for values, and an empty endpoint ends it in a panic.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Begins this process anew without the empty `AWS_*` variables, where there are any; else returns at once.
///
/// Process id, arguments and everything else stay. To be called before anything else is done.
pub fn drop_empty_aws_variables() {
    let empty: Vec<OsString> = std::env::vars_os()
        .filter(|(name, value)| value.is_empty() && is_aws(name))
        .map(|(name, _)| name)
        .collect();
    if empty.is_empty() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(called) = arguments.next() {
        command.arg0(called);
    }
    command.args(arguments);
    for name in empty {
        command.env_remove(name);
    }
    // Returns only if it cannot be done; then the variables stay as they are.
    drop(command.exec());
}

fn is_aws(name: &OsString) -> bool {
    name.as_bytes().starts_with(b"AWS_")
}
