//! A run as it happens: each event of the executor as lines, and one live line below them.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use provision_executor::{Event, Observer, StopReason, Stream};
use provision_rules::Status;

use crate::render::{diagnosis, duration, stack};
use crate::stage::Stage;
use crate::terminal::{self, BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// Prints a run's events. Lines go to standard output; the live line goes to standard error, only on a terminal.
#[derive(Debug)]
pub struct Progress {
    stage: Stage,
    last_probe: Mutex<String>,
    name: String,
}

impl Progress {
    /// A progress display for a run on the named target.
    pub fn new(name: &str) -> Self {
        Self { stage: Stage::new(), last_probe: Mutex::new(String::new()), name: name.to_owned() }
    }

    /// Where it is shown.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Runs something that uses the terminal, such as a question, with the live line out of the way.
    pub fn pause<T>(&self, work: impl FnOnce() -> T) -> T {
        self.stage.pause(work)
    }

    /// Without a terminal a probe is only worth a line when its answer changes.
    fn probed(&self, url: &str, answer: &str, left: Duration) {
        let line = format!("{url}: {answer}");
        self.stage.live(format!("{line} · up to {} more ·", duration(left.as_secs())));
        let mut last = self.last_probe.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != line {
            *last = line.clone();
            self.stage.say(&format!("  {}\n", paint(DIM, safe(&line))));
        }
    }

    fn begin(&self, step: &str, title: &str, (index, total): (usize, usize)) {
        let bar = self.stage.bar();
        bar.reset_elapsed();
        bar.set_message("");
        self.stage.live(format!("{step} ({index} of {total})"));
        let heading = paint(HEAD, format!("▸ {index}/{total} {step}"));
        self.stage.say(&format!("\n{heading} {}\n", safe(title)));
    }
}

impl Observer for Progress {
    fn event(&self, event: Event) {
        match event {
            Event::StepStarted { step, title, index, total, .. } => {
                self.begin(&step, &title, (index, total));
            }
            Event::StackProgress { stacks, counts, .. } => {
                let tree = stack::tree(&stacks, counts, Timestamp::now(), terminal::width());
                self.stage.bar().set_message(tree);
            }
            Event::HealthProbed { url, result, left, .. } => self.probed(&url, &result.to_string(), left),
            other => {
                if let Some(text) = lines(&other, &self.name) {
                    self.stage.say(&text);
                }
            }
        }
    }
}

/// The lines of an event that stands for itself.
fn lines(event: &Event, name: &str) -> Option<String> {
    Some(match event {
        Event::CommandStarted { text, .. } => format!("  {}\n", paint(DIM, format!("$ {}", safe(text)))),
        Event::Output { stream, line, .. } => output(*stream, line),
        Event::CommandFinished { exit, took, .. } if !exit.is_success() => {
            format!("  {} {exit} after {}\n", paint(BAD, "✗"), duration(took.as_secs()))
        }
        Event::StepFinished { step, ok, took } => finished(step, *ok, *took),
        Event::Notes { lines, .. } => lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "  {}", safe(line));
            text
        }),
        Event::InterruptForwarded { killed: false, .. } => {
            format!("  {} interrupt passed on; press Ctrl-C again to kill it\n", paint(WARN, "!"))
        }
        Event::InterruptForwarded { killed: true, .. } => format!("  {} killed\n", paint(BAD, "!")),
        Event::Revived { started, .. } => revived(*started),
        Event::Waiting { until, reason } => {
            format!(
                "  {} until {} UTC: {}\n",
                paint(WARN, "waiting"),
                until.strftime("%H:%M:%S"),
                safe(reason)
            )
        }
        Event::EvidenceGathered { stacks, events, not_visible } => evidence(stacks, *events, not_visible),
        Event::StackChanged(change) => stack::change(change)?,
        Event::StackCause { verdict, .. } => stack::cause(verdict, terminal::width()),
        Event::StackNotVisible { reason, .. } => {
            format!("  {} not visible: {}\n", paint(WARN, "!"), safe(reason))
        }
        Event::StackPreviewed(preview) => stack::preview(preview, terminal::width()),
        Event::StackOutputs { stack, outputs, .. } => stack::outputs(stack, outputs),
        Event::Diagnosed(found) if found.status == Status::Healthy => {
            format!("  {} neither the output nor the stacks' events show why it failed\n", paint(WARN, "!"))
        }
        Event::Diagnosed(found) => format!("\n{}", diagnosis(found, name, terminal::width())),
        Event::FixApplied { attempt, of } => {
            format!("\n{}\n", paint(HEAD, format!("Retry {attempt} of {of}")))
        }
        Event::RetryStopped(reason) => stopped(reason)?,
        Event::Warning { text } => format!("  {} {}\n", paint(WARN, "!"), safe(text)),
        _ => return None,
    })
}

fn output(stream: Stream, line: &str) -> String {
    let bar = match stream {
        Stream::Stdout => paint(DIM, "│"),
        Stream::Stderr => paint(WARN, "│"),
    };
    format!("  {bar} {}\n", safe(line))
}

fn finished(step: &str, ok: bool, took: Duration) -> String {
    let mark = if ok { paint(GOOD, "✓") } else { paint(BAD, "✗") };
    format!("{mark} {step}  {}\n", paint(DIM, duration(took.as_secs())))
}

fn revived(started: bool) -> String {
    let what = if started { "restarted" } else { "could not be restarted" };
    format!("  {} the gateway's port forward was gone; {what}\n", paint(WARN, "!"))
}

fn evidence(stacks: &[String], events: usize, not_visible: &[String]) -> String {
    let mut text = String::new();
    if !stacks.is_empty() {
        let _ = writeln!(
            text,
            "  {}",
            paint(DIM, format!("read {events} stack events of {}", stacks.join(", ")))
        );
    }
    for gap in not_visible {
        let _ = writeln!(text, "  {} not visible: {}", paint(WARN, "!"), safe(gap));
    }
    text
}

/// Why a failed deploy was not tried again, where the verdict does not say it already.
fn stopped(reason: &StopReason) -> Option<String> {
    let why = match reason {
        StopReason::RetriesOff => "retries are off (--retries 0)".to_owned(),
        StopReason::NoRetriesLeft { of } => format!("all retries are used up (--retries {of})"),
        StopReason::SameCause { cause } => format!("the same cause came back: {cause}"),
        StopReason::OutOfTime { .. } => reason.to_string(),
        StopReason::SameFix => "the same fix was applied already".to_owned(),
        StopReason::NothingToChange { input } => format!("{input} is set that way already"),
        StopReason::ReplanFailed { reason } => format!("the fix makes no valid plan: {reason}"),
        StopReason::Refused(refusal) => format!("the gate refused: {refusal}"),
        _ => return None,
    };
    Some(format!("  {} not tried again: {}\n", paint(WARN, "!"), safe(&why)))
}
