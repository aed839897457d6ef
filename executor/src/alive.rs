//! Whether a process of an earlier run is still there, and which of its children are.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::time::{Instant, sleep};

/// Names the run to its children, so that what is left of a run that died can be found.
pub(crate) const RUN_VARIABLE: &str = "PROVISION_RUN";
/// Names the step likewise.
pub(crate) const STEP_VARIABLE: &str = "PROVISION_STEP";

/// When a process began, in the system's own terms: with it, a reused process id is told from the old one.
/// `None` where the system does not say.
pub(crate) fn born(pid: u64) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in brackets, may hold anything; the start time is the 20th field after it (proc(5)).
    stat.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

/// Whether the process with this id that began then still runs.
pub(crate) fn is_same(pid: u64, began: Option<&str>) -> bool {
    let exists = process(pid).is_some_and(|pid| test_kill_process(pid).is_ok());
    match (began, born(pid)) {
        (Some(began), Some(now)) => exists && began == now,
        _ => exists,
    }
}

fn process(pid: u64) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// The processes that a step of a run started and that still run; none where the system does not tell.
pub fn leftovers(run: &str, step: &str) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u64>().ok());
    pids.filter(|&pid| belongs(pid, run, step)).collect()
}

fn belongs(pid: u64, run: &str, step: &str) -> bool {
    let Ok(environ) = std::fs::read(format!("/proc/{pid}/environ")) else { return false };
    let variables: BTreeMap<&[u8], &[u8]> = environ
        .split(|&byte| byte == 0)
        .filter_map(|pair| {
            let at = pair.iter().position(|&byte| byte == b'=')?;
            Some((&pair[..at], &pair[at + 1..]))
        })
        .collect();
    let is = |name: &str, value: &str| variables.get(name.as_bytes()) == Some(&value.as_bytes());
    is(RUN_VARIABLE, run) && is(STEP_VARIABLE, step)
}

/// Ends what is left of a step of a run that died: asks, and kills what is still there after `grace`. Says how many
/// there were.
pub async fn end_leftovers(run: &str, step: &str, grace: Duration) -> usize {
    let found = leftovers(run, step);
    signal(&found, Signal::TERM);
    let deadline = Instant::now() + grace;
    while !leftovers(run, step).is_empty() && Instant::now() < deadline {
        sleep(Duration::from_millis(50)).await;
    }
    // What they started while they were asked is found by looking again.
    signal(&leftovers(run, step), Signal::KILL);
    found.len()
}

fn signal(pids: &[u64], signal: Signal) {
    for pid in pids.iter().filter_map(|&pid| process(pid)) {
        let _ = kill_process(pid, signal);
        let _ = kill_process(pid, Signal::CONT);
    }
}
