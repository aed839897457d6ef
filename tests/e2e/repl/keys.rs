//! Sessions with a person: keys, completion, paste, widths and bare terminals, on a pseudo-terminal.

use std::os::unix::fs::PermissionsExt as _;

use expectrl::Session;

use crate::env::fixtures;
use crate::platform::Platform;
use crate::terminal::{code, session};

const TAB: &str = "\t";
const CTRL_C: &str = "\u{3}";
const CTRL_U: &str = "\u{15}";
const CTRL_D: &str = "\u{4}";
/// What a terminal is told when a new line is read: from here on a key reaches the session, not the terminal's driver.
const NEW_LINE: &str = "\u{1b}[?2004h";
const RIGHT: &str = "\u{1b}[C";
const UP: &str = "\u{1b}[A";
const SES: &str = "ses-identity-exists.describe.json";

/// A session in the folder of the event files.
fn started(platform: &Platform) -> Session {
    let mut terminal = session(platform, &["repl"]);
    terminal.set_expect_timeout(Some(std::time::Duration::from_secs(60)));
    terminal.expect("(no plan").expect("the prompt");
    terminal
}

fn with_colours() -> Platform {
    Platform::new().var("TERM", "xterm-256color")
}

fn events(name: &str) -> String {
    fixtures().join("events").join(name).display().to_string()
}

fn says(terminal: &mut Session, line: &str, answer: &str) {
    enter(terminal, line);
    terminal.expect(answer).unwrap_or_else(|error| panic!("{line:?} is not answered by {answer:?}: {error}"));
}

/// Types a line and presses Enter.
fn enter(terminal: &mut Session, line: &str) {
    terminal.send(format!("{line}\r")).expect("a line");
}

fn leave(mut terminal: Session) -> i32 {
    enter(&mut terminal, " /quit");
    code(terminal)
}

fn history(platform: &Platform) -> String {
    let file = platform.env().home().join(".local/state/provision/history");
    std::fs::read_to_string(file).unwrap_or_default()
}

#[test]
fn control_d_leaves_and_control_c_only_on_a_second_press() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    terminal.send(CTRL_D).expect("a key");
    assert_eq!(code(terminal), 0);
    let mut terminal = started(&platform);
    terminal.send("/timeline").expect("text");
    terminal.expect("line").expect("the whole word is there");
    terminal.send(CTRL_C).expect("a key");
    terminal.expect(NEW_LINE).expect("the line is cleared");
    terminal.send(CTRL_C).expect("a key");
    terminal.expect("Ctrl-C again leaves").expect("the warning");
    terminal.expect(NEW_LINE).expect("a new line is read");
    terminal.send(CTRL_C).expect("a key");
    assert_eq!(code(terminal), 130);
}

#[test]
fn tab_completes_commands_slots_values_and_loaded_ids() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    terminal.send(format!("/tar{TAB}")).expect("keys");
    terminal.expect("/targets").expect("both commands are listed");
    // Not Ctrl-C: what is typed while the terminal changes its mode may be lost.
    terminal.send(CTRL_U).expect("a key");
    terminal.send(format!("/set email=of{TAB}")).expect("keys");
    says(&mut terminal, "", "No target yet");
    says(&mut terminal, &format!("/diagnose {}", events(SES)), "Cause");
    terminal.expect("parcel-hub: 1 cause").expect("the prompt");
    terminal.send(format!("/why certif{TAB}")).expect("keys");
    says(&mut terminal, "", "It has no cause of its own");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn a_hint_after_a_diagnosis_is_taken_with_a_key() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    says(&mut terminal, &format!("/diagnose {}", events(SES)), "Cause");
    terminal.expect("/fix 1").expect("the hint behind the prompt");
    terminal.send(RIGHT).expect("a key");
    says(&mut terminal, "", "there is no plan in this session");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn pasted_events_are_one_line_and_are_diagnosed() {
    let pasted =
        std::fs::read_to_string(events("role-creation-denied.console-pairs.txt")).expect("a fixture");
    let platform = with_colours();
    let mut terminal = started(&platform);
    terminal.send(format!("\u{1b}[200~{pasted}\u{1b}[201~")).expect("a paste");
    says(&mut terminal, "", "Cause");
    terminal.expect("cause · model off").expect("the prompt names the incident");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn a_line_goes_on_after_a_backslash() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    enter(&mut terminal, "/set domain=ci.acme.example \\");
    says(&mut terminal, "target=eks", "managed Kubernetes");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn a_dropped_file_is_loaded_and_a_question_never_leaves() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    says(&mut terminal, &format!("'{}'", events(SES)), "Cause");
    says(&mut terminal, "why did it exit?", "It is the root because");
    says(&mut terminal, "/diagonse x", "did you mean /diagnose?");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn history_is_private_recalled_and_without_secrets() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    let token = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].concat();
    says(&mut terminal, "/target eks", "managed Kubernetes");
    says(&mut terminal, " /targets", "minikube");
    says(&mut terminal, &format!("/set ghcr_token={token}"), "→");
    says(&mut terminal, "/target eks", "nothing changed");
    assert_eq!(leave(terminal), 0);
    assert_eq!(history(&platform), "/target eks\n");
    let file = platform.env().home().join(".local/state/provision/history");
    assert_eq!(std::fs::metadata(file).expect("the file").permissions().mode() & 0o777, 0o600);

    let mut terminal = started(&platform);
    terminal.send(UP).expect("a key");
    terminal.expect("/target").expect("the line of the session before");
    says(&mut terminal, "", "managed Kubernetes");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn a_bare_terminal_and_one_without_colour_get_the_same_words() {
    for (name, value) in [("TERM", "dumb"), ("NO_COLOR", "1")] {
        let platform = with_colours().var(name, value);
        let mut terminal = session(&platform, &["repl"]);
        let found = terminal.expect("model off)> ").expect("the prompt");
        let before = String::from_utf8_lossy(found.as_bytes()).into_owned();
        assert!(!before.contains("\u{1b}[1m") && !before.contains("\u{1b}[2m"), "{name}: {before:?}");
        says(&mut terminal, &format!("/diagnose {}", events(SES)), "Cause");
        says(&mut terminal, "what failed first?", "That is the root.");
        enter(&mut terminal, "/quit");
        assert_eq!(code(terminal), 0);
    }
}

#[test]
fn a_narrow_or_resized_terminal_keeps_its_lines_within_its_width() {
    let platform = with_colours().var("NO_COLOR", "1");
    let mut terminal = started(&platform);
    terminal.set_window_size(40, 24).expect("a narrow window");
    says(&mut terminal, &format!("/diagnose {}", events(SES)), "Set aside");
    enter(&mut terminal, "what happened to the certificate?");
    terminal.expect("Certificate failed").expect("the answer");
    let found = terminal.expect("lines 73, 95").expect("its end");
    let shown = String::from_utf8_lossy(found.before()).into_owned();
    for line in shown.lines() {
        assert!(line.trim_end().chars().count() <= 40, "{line:?}");
    }
    terminal.expect("no plan · parce…)> ").expect("a short prompt");
    terminal.set_window_size(100, 24).expect("a wide window");
    says(&mut terminal, "/timeline", "CREATE_FAILED");
    terminal.expect("model off)> ").expect("the whole prompt");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn the_gate_asks_within_a_session_and_the_session_goes_on() {
    let platform = with_colours();
    let mut terminal = started(&platform);
    says(&mut terminal, "deploy to EKS in us-east-1", "/missing says how to find it");
    says(&mut terminal, "/set domain=ci.acme.example hosted_zone_id=Z123", "/deploy asks and runs it");
    says(&mut terminal, "/deploy", "Run this plan? [y/N]");
    says(&mut terminal, "n", "declined; nothing was changed");
    says(&mut terminal, "/undo", "hosted zone id");
    assert_eq!(leave(terminal), 0);
}

#[test]
fn control_c_within_a_run_asks_and_only_a_clear_yes_stops_it() {
    let platform = Platform::serving().scenario("deploy=hangs\n").var("TERM", "xterm-256color");
    let mut terminal = started(&platform);
    says(&mut terminal, "deploy to ec2 in us-east-1", "/missing says how to find it");
    says(
        &mut terminal,
        "/set domain=pipeline.example.com hosted_zone_id=Z123 key_pair=ops",
        "/deploy asks and runs it",
    );
    says(&mut terminal, "/deploy", "Run this plan? [y/N]");
    says(&mut terminal, "y", "Waiting for stack create/update to complete");
    terminal.send(CTRL_C).expect("a key");
    terminal.expect("Stop this run, or detach it?").expect("the question");
    enter(&mut terminal, "n");
    std::thread::sleep(std::time::Duration::from_millis(300));
    terminal.send(CTRL_C).expect("a key");
    terminal.expect("Stop this run, or detach it?").expect("the question again: the run went on");
    says(&mut terminal, "yes", "interrupted at deploy");
    terminal.expect("provision").expect("the session goes on");
    assert_eq!(leave(terminal), 0);
}
