//! Waits for a child's end while passing on interrupts and minding the time.

use std::process::ExitStatus;

use rustix::process::Signal;
use tokio::process::Child;
use tokio::time::{Instant, sleep_until};

use super::group::Group;
use super::{Control, Exit, Progress};

/// A child that is waited for.
pub(super) struct Watch<'a> {
    pub(super) child: &'a mut Child,
    pub(super) group: Option<&'a Group>,
    pub(super) control: &'a Control,
    pub(super) progress: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Watch<'_> {
    /// How it ended, and whether it was interrupted.
    pub(super) async fn end(self) -> (std::io::Result<Exit>, bool) {
        let mut forwarded = 0;
        let mut deadline = self.control.timeout.map(|allowed| Instant::now() + allowed);
        let mut timed_out = false;
        loop {
            tokio::select! {
                status = self.child.wait() => return (status.map(|status| self.judge(status, timed_out)), forwarded > 0),
                () = self.control.interrupt.reached(forwarded + 1), if forwarded < 2 => {
                    forwarded += 1;
                    self.forward(forwarded);
                }
                () = until(deadline) => {
                    self.signal(if timed_out { Signal::KILL } else { Signal::TERM });
                    deadline = (!timed_out).then(|| Instant::now() + self.control.term_grace);
                    timed_out = true;
                }
            }
        }
    }

    fn judge(&self, status: ExitStatus, timed_out: bool) -> Exit {
        match self.control.timeout {
            Some(after) if timed_out => Exit::TimedOut { after },
            _ => Exit::of(status),
        }
    }

    fn forward(&self, count: u32) {
        self.signal(if count == 1 { Signal::INT } else { Signal::KILL });
        (self.progress)(Progress::Forwarded(count > 1));
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            group.signal(signal);
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
