//! Faults of a deploy through CloudFormation's API.

use std::time::Duration;

use crate::lab::{Running, eventually};
use crate::platform::Platform;

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

/// A place with a template, and an endpoint that plays this scenario.
fn orders(scenario: &str) -> Platform {
    let platform = Platform::new().scenario(scenario).with_cloudformation();
    let text = "Resources:\n  Topic: { Type: 'AWS::SNS::Topic' }\n";
    std::fs::write(platform.root().join("orders.yaml"), text).expect("the template can be written");
    platform
}

/// Starts a deploy of the stack; its output goes into a file.
fn started(platform: &Platform) -> Running {
    let output = std::fs::File::create(platform.env().home().join("output")).expect("a file");
    Running::start(platform.env().command(&ORDERS).stdout(output))
}

fn printed(platform: &Platform) -> String {
    std::fs::read_to_string(platform.env().home().join("output")).unwrap_or_default()
}

/// How many whole records the newest journal has.
fn records(platform: &Platform) -> usize {
    let runs = platform.env().home().join(".local/state/provision/runs");
    let newest =
        std::fs::read_dir(runs).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).max();
    newest.and_then(|file| std::fs::read_to_string(file).ok()).map_or(0, |text| text.matches('\n').count())
}

pub(super) fn killed_at_every_record() -> String {
    let whole = orders("");
    whole.run(&ORDERS).expect_code(0);
    let all = records(&whole);
    for at in 1..=all {
        let platform = orders("");
        let mut run = started(&platform);
        assert!(eventually(|| records(&platform) >= at || run.has_ended()), "record {at} never came");
        run.signal("KILL");
        run.code();
        let complete = records(&platform) >= all;
        let resumed = platform.run(&["resume", "--yes"]);
        // Where the kill came after the last record it had ended, and nothing is left to resume.
        let ended = complete && resumed.code == Some(2);
        assert!(ended || resumed.code == Some(0), "record {at}: {resumed:?}");
        let state = platform.run(&["--diagnose", "stack:orders", "--region", "us-east-1"]);
        assert_eq!(state.code, Some(0), "record {at}: {state:?}");
    }
    format!("{all} kills, each resumed to a stack that is there and well")
}

pub(super) fn interrupted() -> String {
    let platform = orders("event_delay=0.1\n");
    let mut run = started(&platform);
    assert!(eventually(|| printed(&platform).contains("✓ Network")), "{}", printed(&platform));
    run.signal("INT");
    assert_eq!(run.code(), Some(130), "{}", printed(&platform));
    assert!(printed(&platform).contains("goes on in AWS"), "{}", printed(&platform));
    let resumed = platform.run(&["resume", "--yes"]).expect_code(0);
    assert!(resumed.stdout.contains("orders is deployed"), "{}", resumed.stdout);
    "exit 130, AWS goes on; resume waits for it".to_owned()
}

pub(super) fn network_returns() -> String {
    let platform = orders("event_delay=0.1\n");
    let mut run = started(&platform);
    assert!(eventually(|| printed(&platform).contains("✓ Network")), "{}", printed(&platform));
    platform.steer("event_delay=0.1\nunreachable=yes\n");
    std::thread::sleep(Duration::from_secs(3));
    platform.steer("event_delay=0.1\n");
    assert_eq!(run.code(), Some(0), "{}", printed(&platform));
    assert!(printed(&platform).contains("orders is deployed"), "{}", printed(&platform));
    "exit 0, nothing of the stack's story is lost".to_owned()
}

pub(super) fn throttled() -> String {
    let platform = orders("throttle_every=2\n");
    let run = platform.run(&ORDERS).expect_code(0);
    assert!(run.stdout.contains("✓ Network"), "{}", run.stdout);
    "exit 0 with every second request refused".to_owned()
}

pub(super) fn deleted() -> String {
    let platform = orders("deploy=hangs\n");
    let mut run = started(&platform);
    assert!(eventually(|| printed(&platform).contains("create in progress")), "{}", printed(&platform));
    platform.operate(".", &["aws", "cloudformation", "delete-stack", "--stack-name", "orders"]);
    assert_eq!(run.code(), Some(7), "{}", printed(&platform));
    assert!(printed(&platform).contains("deleted by somebody else"), "{}", printed(&platform));
    "exit 7, and it says that somebody else deleted it".to_owned()
}
