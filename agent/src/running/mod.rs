//! A run under way: it goes on in a thread of its own while it is watched, left alone, and watched again.
//!
//! On a plain command line Ctrl-C is passed on to the run. Within a session it only asks: the run is stopped or
//! detached on an explicit answer, and a terminal that goes away is none.

mod board;

use std::sync::Arc;

use provision_executor::{self as executor, Interrupt, Outcome, Report};
use provision_planner::Secrets;
use provision_planner::plan::{ApprovedPlan, Plan};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

pub use board::{
    FailedRun, detached, is_detached, may_leave, take_detached, take_failed, tell_by, tell_ended,
};

use crate::commands::provision::{Session, context, runtime};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::gate;
use crate::operator;
use crate::render::{self, Progress};
use crate::run::{Gatekeeper, Heard, exit};
use crate::stage::Attention;
use crate::terminal::{self, DIM, paint};

/// The stack of the thread that a run is in, in bytes: calls of the AWS SDK nest deeply, and a thread gets less than the
/// process by default.
const STACK: usize = 16 << 20;

/// How a run ended.
#[derive(Debug)]
struct Ended {
    report: Report,
    /// The text that its failure was read from.
    text: Option<Vec<u8>>,
}

/// A run under way in this process.
#[derive(Debug, Clone)]
pub struct Running {
    /// The run's id, as its journal has it.
    pub id: String,
    progress: Arc<Progress>,
    interrupt: Interrupt,
    ended: watch::Receiver<Option<Arc<Ended>>>,
}

/// Runs an approved plan, watched, and says how it ended, and what a teardown left; done, also, once it is detached.
///
/// # Errors
/// When the run cannot be started.
pub fn execute(
    approved: ApprovedPlan,
    secrets: Secrets,
    session: &Session<'_>,
) -> Result<Exit, CommandError> {
    let running = start(approved, secrets, session)?;
    let id = running.id.clone();
    let exit = running.attend()?;
    if exit == Exit::Done && !is_detached(Some(&id)) {
        runtime()?.block_on(operator::leftovers_after(&session.request, session.catalog));
    }
    Ok(exit)
}

fn start(approved: ApprovedPlan, secrets: Secrets, session: &Session<'_>) -> Result<Running, CommandError> {
    let title = approved.plan().target.as_ref().map_or_else(String::new, |target| target.title.clone());
    let progress = Arc::new(Progress::new(&title));
    let arbiter = Gatekeeper { consent: session.consent.clone(), progress: Arc::clone(&progress) };
    let heard = Heard::default();
    let context = context(session, heard.clone())?;
    let (told, ended) = watch::channel(None);
    let (id, interrupt) = (context.run_id.clone(), context.interrupt.clone());
    let running = Running { id, progress: Arc::clone(&progress), interrupt: interrupt.clone(), ended };
    let runtime = runtime()?;
    let run = move || {
        let signals = runtime.spawn(heed_signals(interrupt, Arc::clone(&progress)));
        let run = executor::run(approved, &secrets, context, progress.as_ref(), &arbiter);
        let report = runtime.block_on(run);
        signals.abort();
        progress.stage().finish();
        let text = text(&report.outcome, &heard);
        // Nobody may be waiting any more; what happened stands in the journal.
        let _ = told.send(Some(Arc::new(Ended { report, text })));
    };
    let thread = std::thread::Builder::new().name("run".to_owned()).stack_size(STACK);
    thread.spawn(run).map_err(CommandError::internal)?;
    Ok(running)
}

/// What people call a run: its stack or cluster, else its target.
fn name(plan: &Plan) -> String {
    let named = ["stack_name", "cluster_name"].iter().find_map(|wanted| {
        let input = plan.inputs.iter().find(|input| input.name == **wanted)?;
        input.value.as_str().map(str::to_owned)
    });
    let target = || plan.target.as_ref().map_or_else(String::new, |target| target.id.clone());
    plan.stack.as_ref().map(|stack| stack.name.clone()).or(named).unwrap_or_else(target)
}

/// What a failed run can be diagnosed from again. Where nothing shows a failure, how the command ended does.
fn text(outcome: &Outcome, heard: &Heard) -> Option<Vec<u8>> {
    let (diagnosis, ending) = match outcome {
        Outcome::DeployFailed { step, exit, diagnosis, .. } => (diagnosis, format!("{step}: {exit}")),
        Outcome::TeardownFailed { step, failure, diagnosis: Some(diagnosis) } => {
            (diagnosis, format!("{step}: {failure}"))
        }
        _ => return None,
    };
    let mut text = heard.text(diagnosis).unwrap_or_default();
    if diagnosis.verdict.is_none() {
        text.extend_from_slice(format!("\nERROR: {ending}\n").as_bytes());
    }
    Some(text)
}

/// Passes on every wish to stop. Within a session only a request to terminate is one from outside; that the terminal
/// goes away leaves the run alone.
async fn heed_signals(interrupt: Interrupt, progress: Arc<Progress>) {
    if !terminal::is_session() {
        return forward_interrupts(interrupt).await;
    }
    let (Ok(mut terminate), Ok(mut hang_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => interrupt.raise(),
            _ = hang_up.recv() => progress.stage().abandon(),
        }
    }
}

/// Every wish to stop is passed on: the first asks the running command to stop, the second kills it. A terminal says
/// it with Ctrl-C or by closing, a CI runner or service manager with SIGTERM.
pub async fn forward_interrupts(interrupt: Interrupt) {
    let (Ok(mut terminate), Ok(mut hang_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return;
    };
    loop {
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => if pressed.is_err() { return },
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        interrupt.raise();
    }
}

/// What happens to a run that is watched.
enum Seen {
    Ended(Arc<Ended>),
    /// Ctrl-C was pressed.
    Pressed,
}

/// What somebody wants of a run.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    GoOn,
    Detach,
    Stop,
}

impl Running {
    /// Shows the run until it ends or is detached.
    ///
    /// # Errors
    /// When its thread is gone.
    pub fn attend(self) -> Result<Exit, CommandError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(CommandError::internal)?;
        let mut ended = self.ended.clone();
        let mut presses = runtime.block_on(async { Presses::listen() })?;
        if self.progress.stage().attention() == Attention::Held {
            terminal::err(&format!("{}\n", paint(DIM, format!("run {}; Ctrl-C asks", self.id))));
        }
        self.progress.stage().release();
        loop {
            match runtime.block_on(seen(&mut ended, &mut presses))? {
                Seen::Ended(ended) => return Ok(self.conclude(&ended)),
                Seen::Pressed => match self.ask() {
                    Wish::GoOn => self.progress.stage().release(),
                    Wish::Stop => {
                        self.interrupt.raise();
                        self.progress.stage().release();
                    }
                    Wish::Detach => return Ok(self.detach()),
                },
            }
        }
    }

    /// Asks what Ctrl-C was meant to say; what the run prints meanwhile is kept.
    fn ask(&self) -> Wish {
        self.progress.stage().hold();
        let stopping = self.interrupt.is_raised();
        let question = if stopping {
            "It was asked to stop. Kill it? Anything but yes lets it end by itself [yes/N] "
        } else {
            "Stop this run, or detach it? Anything else lets it go on here [stop/detach/N] "
        };
        gate::ask(question, "not a terminal").map_or(Wish::GoOn, |answer| wish(&answer, stopping))
    }

    fn detach(self) -> Exit {
        let line = format!("run {} goes on; /runs follow shows it again", self.id);
        terminal::err(&format!("{}\n", paint(DIM, line)));
        self.announce_end();
        board::add(self);
        Exit::Done
    }

    /// Has the end of the run told as soon as it comes, if it is still detached then.
    fn announce_end(&self) {
        let (id, mut ended) = (self.id.clone(), self.ended.clone());
        std::thread::spawn(move || {
            let Ok(runtime) = Builder::new_current_thread().build() else { return };
            let Ok(found) =
                runtime.block_on(async { ended.wait_for(Option::is_some).await.map(|end| end.clone()) })
            else {
                return;
            };
            let outcome = found.map_or("", |end| end.report.outcome.name());
            if is_detached(Some(&id)) {
                board::tell(format!("run {id} ended: {outcome}; Enter shows how\n"));
            }
        });
    }

    /// Shows how a run ended, and keeps what a session can load of it.
    fn conclude(&self, ended: &Ended) -> Exit {
        terminal::out(&render::outcome(&ended.report));
        if let Some(text) = ended.text.clone() {
            board::add_failed(FailedRun { name: name(&ended.report.plan), text });
        }
        exit(&ended.report.outcome)
    }

    fn end(&self) -> Option<Arc<Ended>> {
        self.ended.borrow().clone()
    }

    /// Whether it can neither go on nor has ended: its thread is gone.
    fn is_lost(&self) -> bool {
        self.end().is_none() && self.ended.has_changed().is_err()
    }
}

/// Ctrl-C as it is pressed; only within a session, elsewhere it is passed on to the run.
struct Presses(Option<Signal>);

impl Presses {
    /// From now on no press is missed. Needs a runtime around it.
    fn listen() -> Result<Self, CommandError> {
        let listen = || signal(SignalKind::interrupt()).map_err(CommandError::internal);
        Ok(Self(terminal::is_session().then(listen).transpose()?))
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some(presses) => {
                presses.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Waits for the end of a run, or for Ctrl-C.
async fn seen(
    ended: &mut watch::Receiver<Option<Arc<Ended>>>,
    presses: &mut Presses,
) -> Result<Seen, CommandError> {
    let gone =
        || CommandError::internal("the run's thread is gone; `provision resume` finds out what happened");
    tokio::select! {
        biased;
        found = ended.wait_for(Option::is_some) => {
            found.ok().and_then(|found| found.clone()).map(Seen::Ended).ok_or_else(gone)
        }
        () = presses.next() => Ok(Seen::Pressed),
    }
}

fn wish(answer: &str, stopping: bool) -> Wish {
    match answer.trim().to_lowercase().as_str() {
        "yes" | "y" | "kill" if stopping => Wish::Stop,
        "stop" | "s" | "yes" | "y" if !stopping => Wish::Stop,
        "detach" | "d" => Wish::Detach,
        _ => Wish::GoOn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_stops_or_detaches() {
        for (answer, stopping, expected) in [
            ("", false, Wish::GoOn),
            ("n", false, Wish::GoOn),
            ("maybe", false, Wish::GoOn),
            ("Stop", false, Wish::Stop),
            ("yes", false, Wish::Stop),
            ("d", false, Wish::Detach),
            ("stop", true, Wish::GoOn),
            ("yes", true, Wish::Stop),
            ("detach", true, Wish::Detach),
        ] {
            assert_eq!(wish(answer, stopping), expected, "{answer:?} {stopping}");
        }
    }
}
