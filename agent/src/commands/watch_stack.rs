//! `--watch stack:NAME`: a live stack while something else drives it, until it is at rest; then what went wrong.

use provision_executor::{
    self as executor, Diagnose, Event, Interrupt, Observer, Silent, StackWatched, WatchedStack,
};
use provision_rules::diagnose_with;

use crate::cli::OutputFormat;
use crate::commands::diagnose::{self, Options};
use crate::commands::provision::runtime;
use crate::diagnoses::Document;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::live::Place;
use crate::render::Progress;
use crate::run::{Heard, diagnoser};
use crate::running::forward_interrupts;
use crate::terminal::{self, DIM, paint, safe};
use crate::{masking, rulebase};

/// Watches, then shows the diagnosis of the operation.
///
/// # Errors
/// A usage error when the stack cannot be seen.
pub fn run(name: &str, options: &Options<'_>) -> Result<Exit, CommandError> {
    let quiet = options.format == OutputFormat::Json;
    let diagnose = diagnoser(options.rules.to_vec(), Heard::default());
    let watched = watch(name, options.place, diagnose.as_ref(), quiet)?;
    let book = rulebase::load(options.rules)?;
    let json = watched.evidence.json.as_bytes();
    let unreadable = |error| CommandError::usage(format!("stack:{}: {error}", safe(name)));
    let found = diagnose_with(json, &book, options.reading()).map_err(unreadable)?;
    let document = Document::new(found, None)?;
    if quiet {
        let line = serde_json::to_string(&document).map_err(CommandError::internal)?;
        terminal::out(&(line + "\n"));
    } else {
        diagnose::show(&document, &safe(&format!("stack:{name}")), options);
    }
    Ok(diagnose::exit(&document.diagnosis))
}

/// Shows a stack until it is at rest, or until the operator interrupts.
///
/// # Errors
/// A usage error when the stack cannot be seen.
pub fn watch(
    name: &str,
    place: Place<'_>,
    diagnose: &Diagnose,
    quiet: bool,
) -> Result<StackWatched, CommandError> {
    let shown = safe(&format!("stack:{name}"));
    if name.is_empty() {
        return Err(CommandError::usage("stack: needs a name, such as stack:orders"));
    }
    let progress = Progress::new(&shown);
    if !quiet {
        progress.stage().live(shown.clone());
    }
    let masked = Masked(&progress);
    let observer: &dyn Observer = if quiet { &Silent } else { &masked };
    let stack = WatchedStack { name, region: place.region, profile: place.profile };
    let interrupt = Interrupt::new();
    let watched = runtime()?.block_on(async {
        let signals = tokio::spawn(forward_interrupts(interrupt.clone()));
        let watched = executor::watch_stack(stack, &interrupt, observer, diagnose).await;
        signals.abort();
        watched
    });
    progress.stage().finish();
    let watched = watched.map_err(|reason| CommandError::usage(format!("{shown}: {}", safe(&reason))))?;
    let ending = match (&watched.status, watched.at_rest) {
        (_, false) => format!("{shown}: no longer watched; the operation goes on in AWS"),
        (Some(status), true) => format!("{shown} is at rest: {status}"),
        (None, true) => format!("{shown} is gone"),
    };
    terminal::err(&format!("{}\n", paint(DIM, ending)));
    Ok(watched)
}

/// Shows events with the secrets in their texts taken out.
struct Masked<'a>(&'a Progress);

impl Observer for Masked<'_> {
    fn event(&self, event: Event) {
        let event = match event {
            Event::StackChanged(mut change) => {
                // Text that cannot be checked is not shown.
                change.reason = change.reason.map(|text| masking::text(&text).unwrap_or_default());
                Event::StackChanged(change)
            }
            other => other,
        };
        self.0.event(event);
    }
}
