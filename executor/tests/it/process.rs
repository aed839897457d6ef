//! Children that end well, badly, late, or not at all.

use std::sync::Mutex;
use std::time::Duration;

use provision_executor::process::{self, Exit, Progress};
use provision_executor::{Masker, Stream};
use provision_planner::Secret;

use crate::support::{bash, control, eventually, is_alive, scratch};

/// Long enough that a child that runs it outlives the test unless something ends it.
const FOREVER: &str = "sleep 600";

#[tokio::test]
async fn code_signal_timeout_and_failure_to_start_are_kept_apart() {
    let dir = scratch();
    let exit =
        async |body: &str| process::run(&bash(dir.path(), body), &control(), &|_| {}).await.unwrap().exit;
    assert_eq!(exit("exit 0").await, Exit::Code(0));
    assert_eq!(exit("exit 255").await, Exit::Code(255));
    assert_eq!(exit("kill -TERM $$").await, Exit::Signal(15));

    let after = Duration::from_millis(100);
    let short = process::Control { timeout: Some(after), ..control() };
    let late = process::run(&bash(dir.path(), FOREVER), &short, &|_| {}).await.unwrap();
    assert_eq!(late.exit, Exit::TimedOut { after });

    let missing =
        process::Invocation { argv: vec!["no-such-program-here".to_owned()], ..bash(dir.path(), "") };
    let missing = process::run(&missing, &control(), &|_| {}).await.unwrap();
    assert!(matches!(missing.exit, Exit::FailedToStart { not_found: true, .. }), "{:?}", missing.exit);
    let folder = process::Invocation { argv: vec![dir.path().display().to_string()], ..bash(dir.path(), "") };
    let folder = process::run(&folder, &control(), &|_| {}).await.unwrap();
    assert!(matches!(folder.exit, Exit::FailedToStart { not_found: false, .. }), "{:?}", folder.exit);
}

#[tokio::test]
async fn both_streams_are_drained_however_much_is_written() {
    let dir = scratch();
    let body = "head -c 400000 /dev/zero | tr '\\0' 'o'; echo; head -c 400000 /dev/zero | tr '\\0' 'e' >&2; echo >&2; echo end";
    let seen = Mutex::new((0, 0));
    let result = process::run(&bash(dir.path(), body), &control(), &|progress| {
        let mut seen = seen.lock().unwrap();
        match progress {
            Progress::Line(Stream::Stdout, line) => seen.0 += line.len(),
            Progress::Line(Stream::Stderr, line) => seen.1 += line.len(),
            Progress::Forwarded(_) | Progress::Started(_) => {}
        }
    })
    .await
    .unwrap();
    assert_eq!((result.exit, result.left_open), (Exit::Code(0), false));
    assert_eq!(*seen.lock().unwrap(), (400_003, 400_000));
    assert_eq!(result.tail.lines().map(str::len).sum::<usize>(), 800_003);
}

#[tokio::test]
async fn the_environment_is_exactly_what_was_given_and_no_shell_reads_the_arguments() {
    let dir = scratch();
    let nasty = "$(touch pwned); `id` \"'\n*";
    let mut invocation = bash(dir.path(), "printf '%s' \"$1\"; env");
    invocation.argv.extend(["name".to_owned(), nasty.to_owned()]);
    invocation.env.insert("ONLY".to_owned(), "this one".to_owned());
    let result = process::run(&invocation, &control(), &|_| {}).await.unwrap();
    let text = result.tail.text();
    assert!(text.starts_with(nasty), "{text}");
    assert!(text.contains("ONLY=this one"));
    assert!(!text.contains("CARGO"), "the test's own environment leaked: {text}");
    assert!(!dir.path().join("pwned").exists());
}

#[tokio::test]
async fn a_secret_split_across_writes_never_shows() {
    let dir = scratch();
    let secret = "gh-token-0123456789";
    let control = process::Control { masker: Masker::new(&[Secret::new(secret.to_owned())]), ..control() };
    let body = "printf 'token gh-tok'; sleep 0.2; printf 'en-0123'; sleep 0.2; printf '456789 done'";
    let lines = Mutex::new(Vec::new());
    let result = process::run(&bash(dir.path(), body), &control, &|progress| {
        if let Progress::Line(_, line) = progress {
            lines.lock().unwrap().push(line);
        }
    })
    .await
    .unwrap();
    assert_eq!(result.tail.text(), "token *** done\n");
    assert_eq!(*lines.lock().unwrap(), ["token *** done"]);
}

#[tokio::test]
async fn the_first_interrupt_asks_and_a_child_may_clean_up() {
    let dir = scratch();
    let control = control();
    let body = format!("trap 'echo cleaning; exit 7' INT; echo ready; {FOREVER} & wait");
    let interrupt = control.interrupt.clone();
    let result = process::run(&bash(dir.path(), &body), &control, &move |progress| {
        if progress == Progress::Line(Stream::Stdout, "ready".to_owned()) {
            interrupt.raise();
        }
    })
    .await
    .unwrap();
    assert_eq!((result.exit, result.interrupted), (Exit::Code(7), true));
    assert!(result.tail.text().contains("cleaning"));
}

#[tokio::test]
async fn the_second_interrupt_kills_a_child_that_ignores_the_first() {
    let dir = scratch();
    let control = control();
    let body = "trap '' INT TERM; echo ready; while :; do sleep 600; done";
    let interrupt = control.interrupt.clone();
    let result = process::run(&bash(dir.path(), body), &control, &move |progress| match progress {
        Progress::Line(..) | Progress::Forwarded(false) => interrupt.raise(),
        Progress::Forwarded(true) | Progress::Started(_) => {}
    })
    .await
    .unwrap();
    assert_eq!((result.exit, result.interrupted), (Exit::Signal(9), true));
}

#[tokio::test]
async fn after_a_timeout_nothing_of_the_group_is_left_even_if_it_ignores_sigterm() {
    let dir = scratch();
    let body =
        "trap '' TERM; (trap '' TERM; while :; do sleep 600; done) & echo $! > child; echo $$ > leader; wait";
    let control = process::Control {
        timeout: Some(Duration::from_millis(400)),
        term_grace: Duration::from_millis(100),
        ..control()
    };
    let result = process::run(&bash(dir.path(), body), &control, &|_| {}).await.unwrap();
    assert!(matches!(result.exit, Exit::TimedOut { .. }));
    for name in ["leader", "child"] {
        let pid = std::fs::read_to_string(dir.path().join(name)).unwrap();
        eventually("the process is gone", || !is_alive(pid.trim())).await;
    }
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_does_not_hold_us_and_stays() {
    let dir = scratch();
    let body = format!("{FOREVER} & echo $! > child; printf 'no line end'");
    let result = process::run(&bash(dir.path(), &body), &control(), &|_| {}).await.unwrap();
    assert_eq!((result.exit.clone(), result.left_open), (Exit::Code(0), true));
    assert_eq!(result.tail.text(), "no line end\n");
    let pid = std::fs::read_to_string(dir.path().join("child")).unwrap();
    assert!(is_alive(pid.trim()), "what a script leaves running on purpose must stay");
    std::process::Command::new("kill").arg(pid.trim()).status().unwrap();
}

#[tokio::test]
async fn dropping_the_run_kills_the_whole_group() {
    let dir = scratch();
    let body = format!("{FOREVER} & echo $! > child; echo $$ > leader; wait");
    let (invocation, control) = (bash(dir.path(), &body), control());
    let run = process::run(&invocation, &control, &|_| {});
    assert!(tokio::time::timeout(Duration::from_millis(500), run).await.is_err());
    for name in ["leader", "child"] {
        let pid = std::fs::read_to_string(dir.path().join(name)).unwrap();
        eventually("the process is gone", || !is_alive(pid.trim())).await;
    }
}

#[tokio::test]
async fn standard_input_is_empty_so_a_prompt_cannot_hang() {
    let dir = scratch();
    let result =
        process::run(&bash(dir.path(), "read -r answer; echo \"status $?\""), &control(), &|_| {}).await;
    assert_eq!(result.unwrap().tail.text(), "status 1\n");
}
