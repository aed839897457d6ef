//! Starts a command without a shell and brings back what it printed and how it ended.

mod capture;
mod group;
mod result;
mod watch;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::{Instant, timeout};

pub use capture::{Tail, TailLimits};
pub use result::{Exit, ProcessResult};

use crate::error::ExecutorError;
use crate::event::Stream;
use crate::interrupt::Interrupt;
use crate::mask::Masker;
use capture::Lines;
use group::Group;
use watch::Watch;

/// A command ready to start: no reference is left to resolve.
#[derive(Clone, Default)]
pub struct Invocation {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The folder it runs in.
    pub dir: PathBuf,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
}

/// Shows names only: values may be secrets.
impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.env.keys().collect();
        f.debug_struct("Invocation")
            .field("program", &self.argv.first())
            .field("dir", &self.dir)
            .field("env", &names)
            .finish()
    }
}

/// Something to tell while a child runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It runs, with this process id; its process group has the same.
    Started(u32),
    /// It printed a line.
    Line(Stream, String),
    /// An interrupt was passed on; `true` for the one that kills.
    Forwarded(bool),
}

/// How a child is run.
#[derive(Debug, Clone)]
pub struct Control {
    /// Stops it.
    pub interrupt: Interrupt,
    /// Knows what must not be seen.
    pub masker: Masker,
    /// How long it may run; `None` for as long as it takes.
    pub timeout: Option<Duration>,
    /// How much of its output is kept.
    pub tail: TailLimits,
    /// How long it may take to stop once it was told to, before it is killed.
    pub term_grace: Duration,
    /// How long output is still read after it ended; longer only if something it started holds the pipe.
    pub drain: Duration,
}

impl Control {
    /// The usual control: no time limit, 5 s to stop, 1 s to drain.
    pub fn new(interrupt: Interrupt, masker: Masker) -> Self {
        let (term_grace, drain) = (Duration::from_secs(5), Duration::from_secs(1));
        Self { interrupt, masker, timeout: None, tail: TailLimits::default(), term_grace, drain }
    }
}

/// Runs a command to its end in a process group of its own, with nothing on its standard input.
///
/// Both streams are drained and passed on line by line, secrets masked. The first interrupt sends SIGINT
/// to the group, the second SIGKILL; after an interrupt or a timeout nothing of the group is left running.
///
/// # Errors
/// [`ExecutorError::EmptyCommand`] and [`ExecutorError::Watch`]; a child that fails is a result, not an error.
pub async fn run(
    invocation: &Invocation,
    control: &Control,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<ProcessResult, ExecutorError> {
    let started = Instant::now();
    tracing::debug!(program = ?invocation.argv.first(), dir = %invocation.dir.display(), "starting");
    let mut child = match command(invocation)?.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(ProcessResult::not_started(&error, started.elapsed())),
    };
    let group = child.id().and_then(Group::of);
    child.id().into_iter().for_each(|id| progress(Progress::Started(id)));
    let capture =
        Capture { tail: Mutex::default(), limits: control.tail, progress, closing: Interrupt::new() };
    let streams = (child.stdout.take(), child.stderr.take());
    let masker = &control.masker;
    let reading = async {
        tokio::join!(
            capture.read(Stream::Stdout, streams.0, masker),
            capture.read(Stream::Stderr, streams.1, masker)
        )
    };
    tokio::pin!(reading);
    let mut drained = false;
    let (status, interrupted) = {
        let ending = Watch { child: &mut child, group: group.as_ref(), control, progress }.end();
        tokio::pin!(ending);
        loop {
            tokio::select! {
                ended = &mut ending => break ended,
                _ = &mut reading, if !drained => drained = true,
            }
        }
    };
    let exit = status.map_err(|source| watch_error(invocation, source))?;
    let stopped = interrupted || matches!(exit, Exit::TimedOut { .. });
    settle(group, stopped, control).await;
    let left_open = !drained && timeout(control.drain, &mut reading).await.is_err();
    if left_open {
        capture.closing.raise();
        reading.await;
    }
    let took = started.elapsed();
    tracing::debug!(%exit, ?took, "ended");
    Ok(ProcessResult { exit, interrupted, tail: capture.taken(), left_open, took })
}

/// After an orderly end, what the child left running stays; after a forced one, nothing does.
async fn settle(group: Option<Group>, stopped: bool, control: &Control) {
    match group {
        Some(group) if stopped => group.end(control.term_grace, &control.interrupt).await,
        Some(group) => group.release(),
        None => {}
    }
}

fn watch_error(invocation: &Invocation, source: std::io::Error) -> ExecutorError {
    ExecutorError::Watch { program: invocation.argv.first().cloned().unwrap_or_default(), source }
}

/// The command as the system starts it: own process group, no standard input, exactly the given environment.
fn command(invocation: &Invocation) -> Result<Command, ExecutorError> {
    let (program, arguments) = invocation
        .argv
        .split_first()
        .filter(|(program, _)| !program.is_empty())
        .ok_or_else(|| ExecutorError::EmptyCommand { step: String::new() })?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&invocation.env).process_group(0);
    if !invocation.dir.as_os_str().is_empty() {
        command.current_dir(&invocation.dir);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

/// Starts a command that goes on after this process has ended; nothing of it is read.
///
/// # Errors
/// [`ExecutorError::EmptyCommand`] and [`ExecutorError::Watch`] if it does not start.
pub fn start_detached(invocation: &Invocation) -> Result<(), ExecutorError> {
    let mut command = command(invocation)?;
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(false);
    let mut child = command.spawn().map_err(|source| watch_error(invocation, source))?;
    // Waited for only so that it does not stay behind as a zombie while this process lives.
    tokio::spawn(async move { drop(child.wait().await) });
    Ok(())
}

/// Reads both streams into one tail and tells of each line.
struct Capture<'a> {
    tail: Mutex<Tail>,
    limits: TailLimits,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    /// Raised to stop reading a pipe that nobody closes.
    closing: Interrupt,
}

impl Capture<'_> {
    async fn read(&self, stream: Stream, source: Option<impl AsyncRead + Unpin>, masker: &Masker) {
        let Some(mut source) = source else { return };
        let mut lines = Lines::new(stream, masker);
        let mut buffer = vec![0; 32 * 1024];
        let mut sink = |stream, line| self.line(stream, line);
        // A read error ends the stream like its end does: how the child ended says what went wrong.
        loop {
            tokio::select! {
                read = source.read(&mut buffer) => match read {
                    Ok(count @ 1..) => lines.push(&buffer[..count], &mut sink),
                    _ => break,
                },
                () = self.closing.reached(1) => break,
            }
        }
        lines.finish(&mut sink);
    }

    fn line(&self, stream: Stream, line: String) {
        (self.progress)(Progress::Line(stream, line.clone()));
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).push(line, self.limits);
    }

    fn taken(&self) -> Tail {
        std::mem::take(&mut self.tail.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
