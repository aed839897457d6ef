//! Whole sessions as a person sees them, held as transcripts.

use crate::env::{TestEnv, fixtures};
use crate::platform::Platform;
use crate::screen::{Screen, copy_event};

const SES: &str = "ses-identity-exists.describe.json";
const TWO: &str = "two-causes-at-once.cdk.log";
const TAB: &str = "\t";
const CTRL_U: &str = "\u{15}";

fn env() -> TestEnv {
    let env = TestEnv::new().var("TERM", "xterm-256color").var("NO_COLOR", "1");
    copy_event(&env, SES, "stack-events.json");
    copy_event(&env, TWO, "other.log");
    env
}

fn quit(mut screen: Screen) -> String {
    screen.keys("/quit\r");
    let text = screen.text();
    assert_eq!(screen.code(), 0);
    text
}

#[test]
fn a_failed_stack_at_two_in_the_morning() {
    let env = env();
    let mut screen = Screen::repl(&env, 100);
    for line in [
        "/diagnose stack-events.json",
        "why was the queue cancelled?",
        "what happened to the certificate?",
        "what failed first?",
        "/next",
        "/fix 1 --dry-run",
        "/timeline | head 6",
        "/events failed | grep -i ses",
        "/rule | head 3",
        "/explain | tail 4",
        "/export verdict.md",
        "other.log",
        "/incidents",
        "/compare",
        "/use 1 | head 1",
        "/diagonse x",
        "/e",
    ] {
        screen.line(line);
    }
    insta::assert_snapshot!(quit(screen));
}

#[test]
fn a_plan_that_grows_turn_by_turn() {
    let platform = Platform::new().var("TERM", "xterm-256color").var("NO_COLOR", "1");
    let mut screen = Screen::repl(platform.env(), 100);
    for line in [
        "deploy to EKS in us-east-1 with email",
        "make it public",
        "other region",
        "eu-west-1",
        "drop the samples",
        "/set domain=ci.acme.example hosted-zone-id=Z123",
        "/set regoin=eu-west-1",
        "/undo",
        "/missing",
        "where does the region come from?",
        "/unset region",
        "/new",
        "/undo",
    ] {
        screen.line(line);
    }
    insta::assert_snapshot!(quit(screen));
}

#[test]
fn keys_completions_and_a_paste() {
    let env = env();
    let mut screen = Screen::repl(&env, 100);
    screen.keys(&format!("/ta{TAB}"));
    screen.shows("/targets");
    screen.keys(CTRL_U);
    screen.keys(&format!("/set region=eu-w{TAB}{TAB}"));
    screen.shows("region=eu-west-3");
    screen.keys(CTRL_U);
    screen.line("/diagnose stack-events.json | head 2");
    screen.keys(&format!("/why Ses{TAB}"));
    screen.shows("/why SesIdentity");
    screen.line("");
    screen.keys(&format!("/rule ses-identity-e{TAB}"));
    screen.shows("/rule ses-identity-exists");
    screen.keys(CTRL_U);
    screen.keys(&format!("/diagnose oth{TAB}"));
    screen.shows("/diagnose other.log");
    screen.keys(CTRL_U);
    let pasted = std::fs::read_to_string(fixtures().join("events/role-creation-denied.console-pairs.txt"));
    screen.keys(&format!("\u{1b}[200~{}\u{1b}[201~", pasted.expect("a fixture").trim_end()));
    screen.line("");
    insta::assert_snapshot!(quit(screen));
}

#[test]
fn forty_columns_and_a_resize() {
    let env = env();
    let mut screen = Screen::repl(&env, 40);
    screen.line("/diagnose stack-events.json");
    screen.line("what happened to the certificate?");
    screen.line("/graph");
    let narrow = screen.rows().join("\n");
    screen.resize(100);
    screen.line("/next");
    let wide = quit(screen);
    insta::assert_snapshot!(narrow);
    assert!(wide.lines().any(|line| line.chars().count() > 60), "{wide}");
}

#[test]
fn a_terminal_that_can_do_nothing() {
    let env = env().var("TERM", "dumb");
    let mut screen = Screen::repl(&env, 80);
    screen.echo();
    screen.line("/diagnose stack-events.json");
    screen.line("is it retryable?");
    assert!(screen.is_plain(), "something is coloured");
    insta::assert_snapshot!(quit(screen));
}

#[test]
fn colours_are_there_where_nobody_forbids_them() {
    let env = TestEnv::new().var("TERM", "xterm-256color");
    copy_event(&env, SES, "stack-events.json");
    let mut screen = Screen::repl(&env, 100);
    assert!(!screen.is_plain());
    screen.line("/diagnose stack-events.json");
    screen.shows("/fix 1");
    quit(screen);
}
