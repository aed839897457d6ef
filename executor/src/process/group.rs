//! A child's process group: signals to all of it, and none left behind.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::time::{Instant, sleep};

use crate::interrupt::Interrupt;

/// The process group that a child leads. Kills what is left of it when dropped while armed.
#[derive(Debug)]
pub(super) struct Group {
    leader: Pid,
    armed: bool,
}

impl Group {
    /// The group of the child with this process id.
    pub(super) fn of(id: u32) -> Option<Self> {
        let leader = Pid::from_raw(i32::try_from(id).ok()?)?;
        Some(Self { leader, armed: true })
    }

    /// Sends a signal to every process of the group; one that is stopped is woken to receive it.
    pub(super) fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.leader, signal);
        let _ = kill_process_group(self.leader, Signal::CONT);
    }

    /// Leaves what is still running alone: a script may have started something that is meant to stay.
    pub(super) fn release(mut self) {
        self.armed = false;
    }

    /// Ends what is left of the group: asks, and kills what is still there after `grace` or a second interrupt.
    pub(super) async fn end(mut self, grace: Duration, interrupt: &Interrupt) {
        self.armed = false;
        self.signal(Signal::TERM);
        let deadline = Instant::now() + grace;
        while self.exists() && Instant::now() < deadline && interrupt.count() < 2 {
            sleep(Duration::from_millis(20)).await;
        }
        if self.exists() {
            self.signal(Signal::KILL);
        }
    }

    fn exists(&self) -> bool {
        test_kill_process_group(self.leader).is_ok()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.armed {
            self.signal(Signal::KILL);
        }
    }
}
