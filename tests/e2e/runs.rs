//! What a run leaves behind: journals that cannot be changed unseen, locks, and runs that go on where they ended.

use std::os::unix::fs::PermissionsExt as _;

use crate::lab::{Lab, eventually};
use crate::platform::Platform;

#[test]
fn a_run_is_listed_and_its_journal_holds() {
    let lab = Lab::new("echo working");
    assert!(lab.run(&["runs"]).expect_code(0).stdout.contains("Nothing was run here yet"));
    lab.deploy().expect_code(0);
    assert_eq!(lab.log(), "begin\nend\nafter\n");
    let runs = lab.runs();
    assert_eq!(
        (runs.len(), runs[0]["status"].as_str(), runs[0]["name"].as_str()),
        (1, Some("done"), Some("lab"))
    );
    let id = runs[0]["id"].as_str().expect("an id");
    let shown = lab.run(&["runs", "show", id]).expect_code(0);
    assert!(
        shown.stdout.contains("bash bin/setup.sh") && shown.stdout.contains("each follows"),
        "{}",
        shown.stdout
    );
    let document = lab.run(&["runs", "show", id, "--json"]).expect_code(0).json();
    assert_eq!(document["chain"], "intact");
    assert!(document["records"].as_array().is_some_and(|records| records.len() >= 10), "{document}");
    lab.run(&["resume", id]).expect_code(2);
}

#[test]
fn journals_and_locks_are_their_owners_alone() {
    let lab = Lab::new("true");
    lab.deploy().expect_code(0);
    let state = lab.env().home().join(".local/state/provision");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    for (path, expected) in [("runs", 0o700), ("locks", 0o700), ("locks/lab.lock", 0o600)] {
        assert_eq!(mode(&state.join(path)), expected, "{path}");
    }
    assert_eq!(mode(&lab.journals()[0]), 0o600);
}

#[test]
fn a_changed_journal_is_told_from_a_whole_one_and_never_resumed() {
    let lab = Lab::new("exit 1");
    lab.deploy().expect_code(7);
    let file = lab.journals().remove(0);
    let text = std::fs::read_to_string(&file).expect("the journal");
    std::fs::write(&file, text.replacen("exit code 1", "exit code 0", 1)).expect("a change");
    let id = file.file_stem().and_then(|stem| stem.to_str()).expect("an id").to_owned();
    let shown = lab.run(&["runs", "show", &id]).expect_code(1);
    assert!(shown.stdout.contains("the journal was changed"), "{}", shown.stdout);
    let resumed = lab.run(&["resume", &id, "--yes"]).expect_code(6);
    assert!(resumed.stderr.contains("was changed at line"), "{}", resumed.stderr);
}

#[test]
fn a_failed_run_goes_on_at_the_step_that_failed_once_its_cause_is_gone() {
    let lab = Lab::new("true");
    let args = ["--target", "lab", "--yes", "--post-step", "test -e gate", "--post-step", "touch last"];
    lab.run(&args).expect_code(8);
    std::fs::write(lab.root().join("gate"), "").expect("a file");
    let id = lab.runs()[0]["id"].as_str().expect("an id").to_owned();
    let resumed = lab.run(&["resume", &id, "--yes"]).expect_code(0);
    assert!(resumed.stdout.contains("done already by run"), "{}", resumed.stdout);
    assert_eq!(lab.log(), "begin\nend\n", "the deploy ran twice");
    assert!(lab.root().join("last").exists());
    let runs = lab.runs();
    assert_eq!(
        (runs[0]["resumes"].as_str(), runs[1]["resumed_by"].as_str()),
        (Some(id.as_str()), runs[0]["id"].as_str())
    );
}

#[test]
fn a_second_run_says_who_is_at_work_and_since_when() {
    let lab = Lab::new("while [ ! -e ../../go ]; do sleep 0.05; done");
    let mut first = lab.start();
    assert!(eventually(|| lab.log() == "begin\n"), "{}", lab.output());
    let second = lab.deploy().expect_code(5);
    assert!(second.stdout.contains(&format!("process {}", first.child.id())), "{}", second.stdout);
    assert!(second.stdout.contains("since 20"), "{}", second.stdout);
    let running = lab.run(&["resume"]).expect_code(5);
    assert!(running.stderr.contains("still at work"), "{}", running.stderr);
    std::fs::write(lab.root().join("go"), "").expect("a file");
    assert_eq!(first.code(), Some(0));
    assert_eq!(lab.log(), "begin\nend\nafter\n");
}

#[test]
fn without_a_place_for_its_journal_a_deploy_runs_and_says_so() {
    let mut lab = Lab::new("true");
    lab.env_mut().set_var("XDG_STATE_HOME", "/proc/nowhere");
    let run = lab.deploy().expect_code(0);
    assert!(
        run.stdout.contains("no journal is kept") && run.stdout.contains("no lock is kept"),
        "{}",
        run.stdout
    );
    assert_eq!(lab.log(), "begin\nend\nafter\n");
}

const STACK: [&str; 5] = ["--target", "ec2", "--teardown", "--stack-name", "demo"];

fn with_stack(scenario: &str) -> Platform {
    let platform = Platform::serving().scenario(scenario).with_cloudformation();
    let inputs = [
        "--stack-name",
        "demo",
        "--key-pair",
        "ops",
        "--domain",
        "ci.acme.example",
        "--hosted-zone-id",
        "Z1",
    ];
    platform.operate("deploy/aws/ec2", &[&["bash", "bin/setup.sh"][..], &inputs].concat());
    platform
}

/// Cuts the newest journal off after its first command began, as a kill at that moment leaves it.
fn cut_after_first_command(platform: &Platform) {
    let folder = platform.env().home().join(".local/state/provision/runs");
    let files = std::fs::read_dir(folder).expect("journals").filter_map(|entry| Some(entry.ok()?.path()));
    let file = files.max().expect("a journal");
    let text = std::fs::read_to_string(&file).expect("text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = lines
        .iter()
        .position(|line| line.contains("\"intent\"") && line.contains("\"command\":\""))
        .expect("a command");
    std::fs::write(&file, lines[..=at].concat()).expect("the journal can be cut");
}

#[test]
fn a_teardown_that_was_killed_is_found_done_when_the_stack_is_gone() {
    let platform = with_stack("");
    platform.run(&[&STACK[..], &["--force"]].concat()).expect_code(0);
    cut_after_first_command(&platform);
    let deletes = platform.calls_with("aws", "delete-stack").len();
    let run = platform.run(&["resume", "--confirm", "demo"]).expect_code(0);
    assert!(run.stdout.contains("demo is gone"), "{}", run.stdout);
    assert_eq!(platform.calls_with("aws", "delete-stack").len(), deletes, "it was destroyed again");
    platform.run(&["resume"]).expect_code(2);
}

#[test]
fn a_teardown_that_was_killed_is_never_repeated_by_itself() {
    let platform = with_stack("delete=fail\n");
    platform.run(&[&STACK[..], &["--force"]].concat()).expect_code(8);
    cut_after_first_command(&platform);
    let deletes = platform.calls_with("aws", "delete-stack").len();
    let run = platform.run(&["resume", "--confirm", "demo"]).expect_code(6);
    assert!(
        run.stderr.contains("is not repeated") && run.stderr.contains("demo DELETE_FAILED"),
        "{}",
        run.stderr
    );
    assert_eq!(platform.calls_with("aws", "delete-stack").len(), deletes, "it was destroyed again");
}

const ORDERS: [&str; 9] = [
    "--target",
    "stack",
    "--stack-name",
    "orders",
    "--template",
    "orders.yaml",
    "--region",
    "us-east-1",
    "--yes",
];

/// A platform with a template, whose stack takes this long for each event.
fn slow_stack(delay: &str) -> Platform {
    let scenario = format!("event_delay={delay}\n");
    let platform = Platform::new().scenario(&scenario).with_cloudformation().without_stand_ins();
    let text = "Resources:\n  Topic: { Type: 'AWS::SNS::Topic' }\n";
    std::fs::write(platform.root().join("orders.yaml"), text).expect("the template can be written");
    platform
}

/// Starts the binary, waits until its journal holds this text and the endpoint got this request, and kills it.
fn killed_at(platform: &Platform, args: &[&str], text: &str, request: &str) {
    let mut child =
        platform.env().command(args).stdout(std::process::Stdio::null()).spawn().expect("it starts");
    let runs = platform.env().home().join(".local/state/provision/runs");
    let journal = || {
        let newest = std::fs::read_dir(&runs).ok()?.filter_map(|entry| Some(entry.ok()?.path())).max()?;
        std::fs::read_to_string(newest).ok()
    };
    assert!(eventually(|| journal().is_some_and(|journal| journal.contains(text))), "{:?}", journal());
    assert!(eventually(|| platform.requests().iter().any(|action| action == request)), "{request}");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[test]
fn a_stack_whose_deploy_was_killed_is_waited_for_and_brought_to_its_end() {
    let platform = slow_stack("0.2");
    killed_at(&platform, &ORDERS, "cloudformation ExecuteChangeSet orders", "ExecuteChangeSet");
    let run = platform.run(&["resume", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("waiting for orders CREATE_IN_PROGRESS"), "{}", run.stdout);
    assert!(run.stdout.contains("orders is deployed"), "{}", run.stdout);
    platform.run(&["resume"]).expect_code(2);
}

#[test]
fn a_stack_whose_deletion_was_killed_is_never_deleted_again() {
    let platform = slow_stack("0.01");
    platform.run(&ORDERS).expect_code(0);
    platform.steer("event_delay=0.3\n");
    let teardown = [&ORDERS[..4], &["--region", "us-east-1", "--teardown", "--confirm", "orders"]].concat();
    killed_at(&platform, &teardown, "cloudformation DeleteStack orders", "DeleteStack");
    let deletes = || platform.requests().iter().filter(|action| *action == "DeleteStack").count();
    let before = deletes();
    let run = platform.run(&["resume", "--confirm", "orders"]).expect_code(0);
    assert!(run.stdout.contains("orders is gone"), "{}", run.stdout);
    assert_eq!(deletes(), before, "it was deleted again");
}
