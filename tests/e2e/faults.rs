//! The fault campaign: what happens to a run when something goes wrong from outside, as one table.
//!
//! `cargo test -p provision --test e2e -- faults:: --nocapture` prints it.

mod native;

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::lab::{Lab, Running, eventually};
use crate::platform::Platform;

/// One fault: its name, and what it does. It says what was seen, or panics with what is wrong.
type Fault = (&'static str, fn() -> String);

const FAULTS: [Fault; 22] = [
    ("kill -9 at every journal record", killed_at_every_record),
    ("SIGINT once", || {
        interrupted(&["INT"], "trap 'echo tidy >> ../../log; exit 1' INT; sleep 60 & wait", "tidy")
    }),
    ("SIGINT twice, child ignores it", || interrupted(&["INT", "INT"], IGNORES, "begin")),
    ("SIGTERM", || interrupted(&["TERM"], "sleep 60 & wait", "begin")),
    ("SIGHUP twice, child ignores it", || interrupted(&["HUP", "HUP"], IGNORES, "begin")),
    ("script ends by a signal of its own", killed_script),
    ("200 MB of output in one line", one_long_line),
    ("output without a line end", no_line_end),
    ("script leaves a background child", background_child),
    ("network gone and back during health", network_returns),
    ("network gone for good", network_stays_away),
    ("wall clock jumps back and forth", clock_jumps),
    ("two runs at once", two_at_once),
    ("disk full under the journal", disk_full),
    ("home cannot be written", read_only_home),
    ("throttling storm", throttling_storm),
    ("stack deleted by somebody in mid-run", stack_deleted),
    ("kill -9 at every record, native stack", native::killed_at_every_record),
    ("SIGINT, native stack", native::interrupted),
    ("network gone and back, native stack", native::network_returns),
    ("throttling storm, native stack", native::throttled),
    ("native stack deleted by somebody", native::deleted),
];

const IGNORES: &str =
    "trap '' INT TERM HUP; (trap '' INT TERM HUP; while :; do sleep 0.1; done) & while :; do sleep 0.1; done";

#[test]
fn whatever_goes_wrong_nothing_is_lost_and_nothing_is_left_behind() {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    let work = || {
        while let Some((at, (name, fault))) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, FAULTS.get(at)?)))
        {
            let seen = std::panic::catch_unwind(fault);
            let seen = seen.map_err(|panic| match panic.downcast::<String>() {
                Ok(text) => *text,
                Err(panic) => panic.downcast_ref::<&str>().map_or("?", |text| text).to_owned(),
            });
            rows.lock().expect("no panic while held").push((at, *name, seen));
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let mut rows = rows.into_inner().expect("no panic while held");
    rows.sort_by_key(|row| row.0);
    for (_, name, seen) in &rows {
        let (mark, text) = match seen {
            Ok(text) => ("ok  ", text.as_str()),
            Err(text) => ("FAIL", text.lines().next().unwrap_or_default()),
        };
        eprintln!("{mark} {name:<38} {text}");
    }
    let failed: Vec<_> = rows.iter().filter_map(|row| Some((row.1, row.2.as_ref().err()?))).collect();
    assert!(rows.len() == FAULTS.len() && failed.is_empty(), "{failed:#?}");
}

/// Resumes the newest run, whose work is not in the way any more, to its end.
fn resumed(lab: &Lab) {
    std::fs::write(lab.root().join("go"), "").expect("a file");
    lab.run(&["resume", "--yes"]).expect_code(0);
    assert!(lab.log().ends_with("end\nafter\n"), "{}", lab.log());
    nothing_left(lab);
}

fn nothing_left(lab: &Lab) {
    assert!(eventually(|| lab.leftovers().is_empty()), "still running: {:?}", lab.leftovers());
}

fn chains_hold(lab: &Lab) {
    for run in lab.runs() {
        assert_ne!(run["chain"].as_str(), None, "a broken chain: {run}");
    }
}

fn killed_at_every_record() -> String {
    let whole = Lab::new("sleep 0.05");
    whole.deploy().expect_code(0);
    let records = whole.records();
    for at in 1..=records {
        let lab = Lab::new("echo working; sleep 0.05");
        let mut run = lab.start();
        assert!(eventually(|| lab.records() >= at || run.has_ended()), "record {at} never came");
        run.signal("KILL");
        run.code();
        chains_hold(&lab);
        let resumed = lab.run(&["resume", "--yes"]);
        let ended = lab.records() >= records && resumed.code == Some(2);
        assert!(
            ended || resumed.code == Some(0),
            "record {at}: {:?}\n{}\n{}",
            resumed.code,
            resumed.stdout,
            resumed.stderr
        );
        assert!(lab.log().contains("end\n") && lab.log().ends_with("after\n"), "record {at}: {}", lab.log());
        nothing_left(&lab);
    }
    format!("{records} kills, each resumed to its end; no process left")
}

/// Interrupts a deploy; `mark` stands in the log by then.
fn interrupted(signals: &[&str], work: &str, mark: &str) -> String {
    let lab = Lab::new(&format!("if [ ! -e ../../go ]; then\n{work}\nfi"));
    let mut run = lab.start();
    assert!(eventually(|| lab.log().contains("begin")), "{}", lab.output());
    std::thread::sleep(Duration::from_millis(100));
    for (count, signal) in signals.iter().enumerate() {
        run.signal(signal);
        let said = ["interrupt passed on", "killed"][count];
        assert!(eventually(|| lab.output().contains(said) || run.has_ended()), "{}", lab.output());
    }
    assert_eq!(run.code(), Some(130), "{}", lab.output());
    assert!(lab.log().contains(mark) && !lab.log().contains("end"), "{}", lab.log());
    nothing_left(&lab);
    chains_hold(&lab);
    assert_eq!(lab.runs()[0]["status"], "interrupted");
    resumed(&lab);
    "exit 130, journal closed, no process left; resumed to its end".to_owned()
}

fn killed_script() -> String {
    let lab = Lab::new("kill -KILL $$");
    let run = lab.deploy().expect_code(7);
    assert!(run.stdout.contains("signal 9"), "{}", run.stdout);
    nothing_left(&lab);
    "exit 7, the signal is named".to_owned()
}

/// The memory that a running process has for itself, in KiB. What is mapped of its binary is left out: a debug build
/// has over 30 MiB of that, whatever it does.
fn own_memory(run: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", run.child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn one_long_line() -> String {
    let lab = Lab::new("head -c 200000000 /dev/zero | tr '\\0' x");
    let mut run = lab.start();
    let mut most = 0;
    while !run.has_ended() {
        most = most.max(own_memory(&run));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(run.code(), Some(0));
    let passed = lab.output().matches('x').count();
    assert!(passed >= 200_000_000, "only {passed} bytes came through");
    // The tail for the diagnosis takes 4 MiB. All of a release's memory is measured by tests/bench/overhead.sh.
    assert!(most > 0 && most < 16 * 1024, "{most} KiB");
    format!("exit 0, all of it passed on, {} MiB of memory of its own", most / 1024)
}

fn no_line_end() -> String {
    let lab = Lab::new("printf 'the last words'");
    let run = lab.deploy().expect_code(0);
    assert!(run.stdout.contains("the last words"), "{}", run.stdout);
    "exit 0, the last words are shown".to_owned()
}

fn background_child() -> String {
    let lab = Lab::new("sleep 300 & echo $! > ../../child");
    let run = lab.deploy().expect_code(0);
    assert!(run.stdout.contains("still runs and holds its output open"), "{}", run.stdout);
    let child = std::fs::read_to_string(lab.root().join("child")).expect("a process id");
    let ended = Command::new("kill").arg(child.trim()).status().expect("kill runs");
    assert!(ended.success(), "what a script starts on purpose is left running");
    "exit 0, said; left running on purpose, as a port forward is".to_owned()
}

fn network_returns() -> String {
    let lab = Lab::new("true");
    lab.answer(false);
    let mut run = lab.start();
    assert!(eventually(|| lab.output().matches("/health").count() > 1), "{}", lab.output());
    lab.answer(true);
    assert_eq!(run.code(), Some(0), "{}", lab.output());
    "exit 0 once it is back".to_owned()
}

fn network_stays_away() -> String {
    let lab = Lab::new("true");
    lab.answer(false);
    let target = lab.env().home().join("targets/lab.toml");
    let text = std::fs::read_to_string(&target).expect("the target");
    std::fs::write(&target, text.replace("timeout_seconds = 30", "timeout_seconds = 2")).expect("the target");
    lab.deploy().expect_code(7);
    lab.answer(true);
    let id = lab.runs()[0]["id"].as_str().expect("an id").to_owned();
    lab.run(&["resume", &id, "--yes"]).expect_code(0);
    assert_eq!(lab.log(), "begin\nend\nafter\n", "the deploy ran twice");
    "exit 7; resume probes again, without a second deploy".to_owned()
}

fn clock_jumps() -> String {
    let mut lab = Lab::new("while [ ! -e ../../go ]; do sleep 0.02; done");
    let shim = lab.env().home().join("clock.so");
    let source = crate::env::fixtures().join("../tests/support/clock.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).status();
    assert!(built.is_ok_and(|status| status.success()), "cc, which also links the tests, builds the clock");
    let shift = lab.env().home().join("shift");
    std::fs::write(&shift, "0").expect("a file");
    lab.env_mut().set_var("LD_PRELOAD", shim.to_str().expect("a text path"));
    lab.env_mut().set_var("CLOCK_SHIFT", shift.to_str().expect("a text path"));
    let mut run = lab.start();
    assert!(eventually(|| lab.log().contains("begin")), "{}", lab.output());
    std::fs::write(&shift, "86400").expect("a file");
    lab.answer(false);
    std::fs::write(lab.root().join("go"), "").expect("a file");
    assert!(eventually(|| lab.output().contains("/health")), "{}", lab.output());
    std::fs::write(&shift, "-7200").expect("a file");
    lab.answer(true);
    assert_eq!(run.code(), Some(0), "{}", lab.output());
    let text = std::fs::read_to_string(lab.journals().remove(0)).expect("the journal");
    let times: Vec<&str> =
        text.lines().filter_map(|line| line.split("\"at\":\"").nth(1)?.get(..19)).collect();
    assert!(times.windows(2).any(|pair| pair[1] < pair[0]), "the clock did not jump: {times:?}");
    chains_hold(&lab);
    "exit 0; the chain holds across both jumps".to_owned()
}

fn two_at_once() -> String {
    let lab = Lab::new("while [ ! -e ../../go ]; do sleep 0.02; done");
    let mut first = lab.start();
    assert!(eventually(|| lab.log().contains("begin")), "{}", lab.output());
    lab.deploy().expect_code(5);
    std::fs::write(lab.root().join("go"), "").expect("a file");
    assert_eq!(first.code(), Some(0));
    assert_eq!(lab.log(), "begin\nend\nafter\n");
    "the second ends with 5 and names the first, which goes on".to_owned()
}

fn disk_full() -> String {
    let mut lab = Lab::new("true");
    let state = lab.env().home().join("state");
    std::fs::create_dir(&state).expect("a folder");
    lab.env_mut().set_var("XDG_STATE_HOME", state.to_str().expect("a text path"));
    // A file system of 8 KiB, seen by this run only.
    let mount = format!("mount -t tmpfs -o size=8k none {} && exec \"$@\"", state.display());
    let deploy = lab.env().command(&["--target", "lab", "--yes"]);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &mount, "sh"]).arg(deploy.get_program()).args(deploy.get_args());
    command.env_clear().envs(lab.env().variables()).current_dir(lab.root());
    let Ok(output) = command.output() else { return "not run: this machine has no unshare".to_owned() };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let problem = String::from_utf8_lossy(&output.stderr).into_owned();
    if problem.contains("unshare") || problem.contains("mount") {
        return format!("not run: no mount here ({})", problem.lines().next().unwrap_or_default());
    }
    assert_eq!(output.status.code(), Some(0), "{said}\n{problem}");
    assert!(said.contains("No space left on device"), "{said}");
    assert_eq!(lab.log(), "begin\nend\n");
    "exit 0 with a warning".to_owned()
}

fn read_only_home() -> String {
    let mut lab = Lab::new("true");
    lab.env_mut().set_var("XDG_STATE_HOME", "/proc/nowhere");
    let run = lab.deploy().expect_code(0);
    assert!(run.stdout.contains("no journal is kept"), "{}", run.stdout);
    "exit 0 with a warning".to_owned()
}

const EC2: [&str; 9] = [
    "--target",
    "ec2",
    "--domain",
    "ci.acme.example",
    "--hosted-zone-id",
    "Z123",
    "--key-pair",
    "ops",
    "--yes",
];

fn throttling_storm() -> String {
    let platform =
        Platform::new().scenario("deploy=ses-identity-exists\nthrottle=12\n").with_cloudformation();
    let run = platform.run(&[&EC2[..], &["--retries", "0"]].concat()).expect_code(7);
    let told = run.stdout.contains("not visible") || run.stdout.contains("ses-identity-exists");
    assert!(told, "neither the cause nor what hides it:\n{}", run.stdout);
    "exit 7 with the cause, or with what cannot be seen".to_owned()
}

fn stack_deleted() -> String {
    let platform = Platform::new().scenario("deploy=hangs\n").with_cloudformation();
    let mut command = platform.env().command(&EC2);
    let output = platform.env().home().join("output");
    let file = std::fs::File::create(&output).expect("a file");
    let mut child = command.stdout(file).spawn().expect("the binary starts");
    let printed = || std::fs::read_to_string(&output).unwrap_or_default();
    assert!(eventually(|| printed().contains("Waiting for stack create/update")), "{}", printed());
    let killed = Command::new("kill").args(["-KILL", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let _ = child.wait();
    let delete = ["aws", "cloudformation", "delete-stack", "--stack-name", "pipeline-builder"];
    let told = || {
        // The stack may be made only after the script said that it waits for it.
        platform.operate(".", &delete);
        let run = platform.run(&["resume"]).expect_code(6);
        run.stdout.contains("no stack of it exists yet") || run.stdout.contains("DELETE_")
    };
    assert!(eventually(told), "{:?}", platform.run(&["resume"]));
    "resume says what the cloud has, and asks".to_owned()
}
