//! Prerequisite checks against stand-in tools.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use provision_executor::{Environment, System, check_all};
use provision_planner::Prerequisite;
use provision_planner::plan::{PrerequisiteResult, PrerequisiteStatus as Status};

use crate::support::{eventually, is_alive, scratch, script, variables};

fn prerequisite(id: &str, any: &[&[&str]]) -> Prerequisite {
    Prerequisite {
        id: id.to_owned(),
        title: id.to_owned(),
        any: any.iter().map(|argv| argv.iter().map(|&word| word.to_owned()).collect()).collect(),
        found: Some(r"(\d+\.\d+[\d.]*)".to_owned()),
        minimum: None,
        why: None,
        install: BTreeMap::from([
            ("debian".to_owned(), format!("apt-get install {id}")),
            ("any".to_owned(), "see the manual".to_owned()),
        ]),
    }
}

/// An environment in which only the tools of this folder (and the system's) are found.
fn environment(bin: &Path, timeout: Duration) -> Environment {
    let mut vars = variables();
    let path = format!("{}:{}", bin.display(), vars["PATH"]);
    vars.insert("PATH".to_owned(), path);
    Environment { vars, dir: bin.to_owned(), system: System::named(["debian"]), timeout }
}

async fn check(bin: &Path, prerequisite: Prerequisite) -> PrerequisiteResult {
    check_all(&[prerequisite], &environment(bin, Duration::from_secs(10))).await.remove(0)
}

#[tokio::test]
async fn a_tool_that_answers_shows_its_version() {
    let bin = scratch();
    script(bin.path(), "kubectl-test", "echo 'Client Version: v1.32.4'");
    let result = check(bin.path(), prerequisite("kubectl-test", &[&["kubectl-test", "version"]])).await;
    assert_eq!((result.status, result.found.as_deref(), result.install), (Status::Ok, Some("1.32.4"), None));
}

#[tokio::test]
async fn not_found_fails_and_too_old_are_told_apart() {
    let bin = scratch();
    script(bin.path(), "broken-test", "echo 'cannot reach the daemon' >&2; exit 1");
    script(bin.path(), "old-test", "echo 'old 2.26.9'");

    let missing = check(bin.path(), prerequisite("absent-test", &[&["absent-test", "--version"]])).await;
    assert_eq!((missing.status, missing.detail), (Status::Missing, None));
    assert_eq!(missing.install.as_deref(), Some("apt-get install absent-test"));

    let broken = check(bin.path(), prerequisite("broken-test", &[&["broken-test"]])).await;
    assert_eq!((broken.status, broken.detail.as_deref()), (Status::Failed, Some("cannot reach the daemon")));

    let old = Prerequisite { minimum: Some("2.27".to_owned()), ..prerequisite("old-test", &[&["old-test"]]) };
    let old = check(bin.path(), old).await;
    assert_eq!((old.status, old.found.as_deref()), (Status::Failed, Some("2.26.9")));
    assert_eq!(old.detail.as_deref(), Some("2.26.9 is too old: 2.27 or newer is needed"));
}

#[tokio::test]
async fn one_working_alternative_is_enough_whatever_the_others_say() {
    let bin = scratch();
    script(bin.path(), "compose-v2-test", "echo 'unknown command compose' >&2; exit 1");
    script(bin.path(), "compose-v1-test", "echo 'docker-compose version 1.29.2'");
    let any: &[&[&str]] = &[&["compose-v2-test", "compose", "version"], &["compose-v1-test", "--version"]];
    let result = check(bin.path(), prerequisite("compose", any)).await;
    assert_eq!((result.status, result.found.as_deref()), (Status::Ok, Some("1.29.2")));
}

#[tokio::test]
async fn a_hanging_tool_times_out_with_everything_it_started_and_holds_up_nobody() {
    let bin = scratch();
    script(
        bin.path(),
        "hang-test",
        "trap '' TERM\nsleep 600 &\necho $! > child\necho $$ > leader\nwait\nwait",
    );
    script(bin.path(), "quick-test", "echo 1.0");
    let checks = [
        prerequisite("hang-test", &[&["hang-test"]]),
        prerequisite("quick-test", &[&["quick-test"]]),
        prerequisite("hang-test", &[&["hang-test"], &["hang-test"]]),
    ];
    let results = check_all(&checks, &environment(bin.path(), Duration::from_millis(700))).await;
    let statuses: Vec<Status> = results.iter().map(|result| result.status).collect();
    assert_eq!(statuses, [Status::Timeout, Status::Ok, Status::Timeout]);
    assert_eq!(results[0].detail.as_deref(), Some("no answer within 0.7 s"));
    for name in ["leader", "child"] {
        let pid = std::fs::read_to_string(bin.path().join(name)).unwrap();
        eventually("the process is gone", || !is_alive(pid.trim())).await;
    }
}

#[tokio::test]
async fn credentials_show_whose_they_are_without_the_whole_account_number() {
    let bin = scratch();
    script(
        bin.path(),
        "aws-test",
        r"printf '123456789012\tarn:aws:sts::123456789012:assumed-role/admin/ada\n'",
    );
    let credentials = Prerequisite {
        found: Some(r"(\d{12})\s+arn:\S+?:([\w+=,.@/-]+)\s*$".to_owned()),
        ..prerequisite("credentials", &[&["aws-test", "sts", "get-caller-identity"]])
    };
    let result = check(bin.path(), credentials).await;
    assert_eq!(result.found.as_deref(), Some("1234…9012 as admin/ada"));
}

#[tokio::test]
async fn results_stand_in_the_order_of_the_prerequisites_and_a_check_without_commands_is_unchecked() {
    let bin = scratch();
    script(bin.path(), "slow-test", "sleep 0.2; echo 1.0");
    script(bin.path(), "fast-test", "echo 2.0");
    let checks = [
        prerequisite("slow-test", &[&["slow-test"]]),
        prerequisite("fast-test", &[&["fast-test"]]),
        prerequisite("none", &[]),
    ];
    let results = check_all(&checks, &environment(bin.path(), Duration::from_secs(10))).await;
    let ids: Vec<&str> = results.iter().map(|result| result.id.as_str()).collect();
    assert_eq!(ids, ["slow-test", "fast-test", "none"]);
    assert_eq!(results[2].status, Status::Unchecked);
}
