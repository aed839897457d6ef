//! `/watch`: a growing file until Ctrl-C, a live stack until it is at rest; what was seen stays loaded.

use std::io::Write as _;
use std::process::{Child, Stdio};

use crate::env::TestEnv;
use crate::platform::Platform;
use crate::screen::Screen;

const CTRL_C: &str = "\u{3}";
const CALM: &str = "shop | 1/3 | 10:00:10 AM | CREATE_IN_PROGRESS | AWS::S3::Bucket | Uploads (Uploads)\n";
const FAILED: &str = "shop | 1/3 | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) shop-media already exists\n";

fn append(env: &TestEnv, text: &str) {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(env.dir().join("deploy.log"));
    file.expect("the log opens").write_all(text.as_bytes()).expect("the log grows");
}

#[test]
fn a_file_is_watched_until_control_c_and_stays_loaded() {
    let env = TestEnv::new().var("TERM", "xterm-256color").var("NO_COLOR", "1");
    append(&env, CALM);
    let mut screen = Screen::repl(&env, 100);
    screen.keys("/watch deploy.log\r");
    screen.shows("Ctrl-C ends it");
    append(&env, FAILED);
    screen.shows("shop-media");
    screen.shows("Retry");
    screen.keys(CTRL_C);
    screen.shows("shop: 1 cause · model off)>");
    screen.line("why Uploads?");
    screen.shows("Uploads is the root, with");
    // Watched once more: the first watching left nothing behind that Ctrl-C would reach.
    screen.keys("/watch deploy.log\r");
    screen.until("the second watching", |text| text.matches("Ctrl-C ends it").count() == 2);
    screen.until("the verdict again", |text| text.matches("Retry").count() == 2);
    screen.keys(CTRL_C);
    screen.until("the prompt", |text| text.lines().next_back().is_some_and(|line| line.ends_with(")>")));
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
}

#[test]
fn a_script_watches_no_file() {
    let run = TestEnv::new().run_with_input(&["repl"], b"/watch deploy.log\n").expect_code(2);
    assert!(run.stderr.contains("nobody is here to press it"), "{}", run.stderr);
    let run = TestEnv::new().run_with_input(&["repl"], b"/watch\n").expect_code(2);
    assert!(run.stderr.contains("say what to watch"), "{}", run.stderr);
}

const TEMPLATE: &str = "Resources:\n  Topic: { Type: 'AWS::SNS::Topic' }\n";

/// An endpoint on which somebody else's deploy of `orders` is under way.
fn under_way(scenario: &str) -> (Platform, Child) {
    let platform = Platform::new().scenario(scenario).with_cloudformation().without_stand_ins();
    let platform = platform.var("TERM", "xterm-256color").var("NO_COLOR", "1");
    std::fs::write(platform.root().join("orders.yaml"), TEMPLATE).expect("the template can be written");
    let args =
        ["--target", "stack", "--stack-name", "orders", "--template", "orders.yaml", "--region", "us-east-1"];
    let mut deploy = platform.env().command(&[&args[..], &["--yes", "--retries", "0"]].concat());
    let deploy =
        deploy.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let begun = std::time::Instant::now();
    while !platform.requests().iter().any(|action| action == "ExecuteChangeSet") {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "the deploy does not begin");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    (platform, deploy)
}

#[test]
fn a_live_stack_is_watched_until_it_is_at_rest() {
    let (platform, mut deploy) = under_way("deploy=nested-failure\nevent_delay=0.3\n");
    let run = platform.run(&["--watch", "stack:orders", "--region", "us-east-1"]).expect_code(3);
    deploy.wait().expect("the deploy ends");
    assert!(run.stdout.contains("Archive") && run.stdout.contains("Cause"), "{}", run.stdout);
    assert!(run.stderr.contains("stack:orders is at rest: ROLLBACK_COMPLETE"), "{}", run.stderr);
}

#[test]
fn a_watched_stack_is_an_incident_of_the_session() {
    let (platform, mut deploy) = under_way("deploy=nested-failure\nevent_delay=0.1\n");
    let lines = b"/watch stack:orders --region us-east-1\nwhy did Archive fail?\n/diagnose stack:orders --region us-east-1\n/incidents\n";
    let run = platform.env().run_with_input(&["repl"], lines);
    deploy.wait().expect("the deploy ends");
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("Archive is the root, with"), "{}", run.stdout);
    assert!(run.stdout.contains("* 1") && !run.stdout.contains("  2  stack"), "{}", run.stdout);
}

#[test]
fn control_c_ends_the_watching_of_a_stack_and_not_the_session() {
    let (platform, mut deploy) = under_way("deploy=nested-failure\nevent_delay=5\n");
    let mut screen = Screen::repl(platform.env(), 100);
    screen.keys("/watch stack:orders --region us-east-1\r");
    screen.until("the live line", |text| text.matches("stack:orders").count() > 1);
    screen.keys(CTRL_C);
    screen.shows("no longer watched; the operation goes on in AWS");
    screen.line("/targets | head 1");
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
    deploy.kill().expect("the deploy is ended");
    deploy.wait().expect("it ends");
}

#[test]
fn a_stack_that_is_not_there_is_a_usage_error() {
    let platform = Platform::new().with_cloudformation();
    let run = platform.run(&["--watch", "stack:nothing", "--region", "us-east-1"]).expect_code(2);
    assert!(run.stderr.contains("there is no stack nothing"), "{}", run.stderr);
}
