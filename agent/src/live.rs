//! Live stacks as something to diagnose: `stack:NAME` in place of a file.

use std::path::Path;

use provision_executor as executor;
use provision_rules::Intake;

use crate::error::CommandError;
use crate::intake;
use crate::terminal::{self, DIM, paint, safe};

/// What marks the name of a stack where a file could stand.
const MARK: &str = "stack:";

/// Where a live stack is looked for; absent parts are what the AWS SDK resolves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// The region.
    pub region: Option<&'a str>,
    /// The profile of the AWS configuration.
    pub profile: Option<&'a str>,
}

/// The name of the stack that a path stands for, if it stands for one.
pub fn stack(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix(MARK)
}

/// The events of a live stack and of the stacks nested in it, and the name to show for them.
///
/// # Errors
/// A usage error when nothing of it can be read: no such stack, no credentials, no region.
pub fn take(name: &str, place: Place<'_>) -> Result<(Intake, String), CommandError> {
    let (events, shown) = read(name, place)?;
    let intake = intake::fill(events.as_bytes(), ToString::to_string);
    Ok((intake.map_err(|problem| CommandError::usage(format!("{shown}: {problem}")))?, shown))
}

/// The same as the JSON of `aws cloudformation describe-stack-events`.
///
/// # Errors
/// As [`take`].
pub fn read(name: &str, place: Place<'_>) -> Result<(String, String), CommandError> {
    let shown = safe(&format!("{MARK}{name}"));
    if name.is_empty() {
        return Err(CommandError::usage("stack: needs a name, such as stack:orders"));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::internal)?;
    let found = runtime.block_on(executor::read_stack(name, place.region, place.profile));
    if found.events == 0 {
        let reason = found.not_visible.join("; ");
        let region = place.region.map_or_else(String::new, |region| format!(" in {region}"));
        return Err(CommandError::usage(format!("{shown}{region}: {}", safe(&reason))));
    }
    for gap in &found.not_visible {
        terminal::err(&format!("{}\n", paint(DIM, format!("not visible: {}", safe(gap)))));
    }
    Ok((found.json, shown))
}
