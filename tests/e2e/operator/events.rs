//! `provision setup-events`: what is asked before anything changes, and what a refusal or failure leaves.

use serde_json::json;

use super::world::{Data, World, token};
use crate::platform::Platform;

const SECRET: &str = "pipeline-builder/orchard/reporting-ingest";

/// The platform and Secrets Manager of a world, beside an endpoint that plays CloudFormation by a scenario.
fn cloud(world: &World, scenario: &str) -> Platform {
    let platform = Platform::new().scenario(scenario).with_cloudformation().without_stand_ins();
    platform
        .var("AWS_ENDPOINT_URL_SECRETS_MANAGER", &world.url)
        .var("PLATFORM_BASE_URL", &world.url)
        .var("PLATFORM_TOKEN", &token("orchard"))
}

/// A world in which the token for events is stored already.
fn world() -> World {
    let world = World::new(Data::default());
    world.change(|data| drop(data.secrets.insert(SECRET.to_owned(), vec!["{}".to_owned()])));
    world
}

fn changed(platform: &Platform) -> bool {
    let changes = ["CreateChangeSet", "ExecuteChangeSet", "DeleteStack"];
    platform.requests().iter().any(|action| changes.contains(&action.as_str()))
}

#[test]
fn a_secret_that_is_not_there_blocks_with_the_command_that_stores_it() {
    let world = World::new(Data::default());
    let platform = cloud(&world, "");
    let run = platform.run(&["setup-events", "--scoped-ingest", "--yes"]).expect_code(5);
    assert!(
        run.stdout.contains(&format!("there is no secret {SECRET}"))
            || run.stdout.contains("there is no secret")
    );
    assert!(
        run.stdout.contains("provision store-token --scope reporting:ingest --region us-east-1"),
        "{}",
        run.stdout
    );
    assert!(!changed(&platform));
}

#[test]
fn a_secret_that_cannot_be_seen_is_said_and_does_not_block() {
    let world = world();
    let platform = cloud(&world, "").var("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9");
    let run = platform.run(&["setup-events", "--scoped-ingest", "--yes"]).expect_code(0);
    assert!(
        run.stderr.contains(&format!("whether the secret {SECRET} is there cannot be seen")),
        "{}",
        run.stderr
    );
}

#[test]
fn nothing_changes_before_somebody_approves() {
    let world = world();
    let platform = cloud(&world, "");
    let run = platform.run(&["setup-events", "--scoped-ingest"]).expect_code(6);
    for said in ["param.PlatformSecretName", SECRET, "aws logs tail", "nothing was changed"] {
        assert!(run.stdout.contains(said) || run.stderr.contains(said), "{said}: {run:?}");
    }
    assert!(!changed(&platform));
}

#[test]
fn an_approved_plan_becomes_a_stack_with_the_ways_to_check_it() {
    let world = world();
    let run = cloud(&world, "").run(&["setup-events", "--scoped-ingest", "--region", "eu-west-1", "--yes"]);
    let run = run.expect_code(0);
    for said in [
        "The change set creates pipeline-builder-events",
        "Outputs of pipeline-builder-events",
        "aws events describe-rule --region eu-west-1 --name pipeline-builder-codepipeline-events",
        "pipeline-builder-events is deployed",
    ] {
        assert!(run.stdout.contains(said), "{said} is missing:\n{}", run.stdout);
    }
}

#[test]
fn a_stack_that_is_as_it_should_be_is_left_alone() {
    let reason = "The submitted information didn't contain changes. Submit different information to create a change set.";
    let world = world();
    let platform = cloud(&world, &format!("stack_state=UPDATE_COMPLETE\nchange_set={reason}\n"));
    let run = platform.run(&["setup-events", "--scoped-ingest", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("nothing was changed"), "{}", run.stdout);
}

#[test]
fn json_is_the_plan_until_it_is_approved_and_then_the_result() {
    let world = world();
    let platform = cloud(&world, "");
    let plan = platform.run(&["setup-events", "--scoped-ingest", "--json"]).expect_code(0);
    let digest = plan.json()["digest"].as_str().expect("a digest").to_owned();
    assert!(!changed(&platform));
    std::fs::write(platform.root().join("plan.json"), &plan.stdout).expect("the plan can be written");
    platform.run(&["apply", "plan.json", "--approve", &digest]).expect_code(0);
    let run = cloud(&world, "").run(&["setup-events", "--scoped-ingest", "--json", "--approve", &digest]);
    let result = run.expect_code(0).json();
    assert_eq!((&result["outcome"], &result["stack"]), (&json!("done"), &json!("pipeline-builder-events")));
    assert_eq!(result["verify"].as_array().map(Vec::len), Some(5));
}

#[test]
fn a_failed_deploy_is_diagnosed_and_the_journal_has_no_token() {
    let world = world();
    let platform = cloud(&world, "deploy=nested-failure\n");
    let run = platform.run(&["setup-events", "--scoped-ingest", "--yes", "-vv"]).expect_code(7);
    assert!(run.stdout.contains("Cause"), "{}", run.stdout);
    let runs = platform.run(&["runs"]).expect_code(0).stdout;
    assert!(runs.contains("events pipeline-builder-events us-east-1"), "{runs}");
    let home = platform.env().home();
    let grep = std::process::Command::new("grep").arg("-rlF").arg(token("orchard")).arg(home).output();
    assert_eq!(String::from_utf8_lossy(&grep.expect("grep runs").stdout), "");
    assert!(!run.stdout.contains(&token("orchard")) && !run.stderr.contains(&token("orchard")));
}

#[test]
fn taking_it_down_needs_its_name_and_no_platform() {
    let world = world();
    let down = |more: &[&str]| {
        let platform = cloud(&world, "stack_state=CREATE_COMPLETE\n").var("PLATFORM_TOKEN", "");
        let platform = platform.var("PLATFORM_BASE_URL", "");
        platform.run(&[&["setup-events", "--teardown"], more].concat())
    };
    assert!(down(&[]).expect_code(6).stdout.contains("both queues"));
    down(&["--yes"]).expect_code(6);
    down(&["--confirm", "events"]).expect_code(6);
    let run = down(&["--confirm", "pipeline-builder-events"]).expect_code(0);
    assert!(run.stdout.contains("pipeline-builder-events  delete complete"), "{}", run.stdout);
    down(&["--force"]).expect_code(0);
}

#[test]
fn a_token_without_the_scope_is_warned_about() {
    let world = world();
    let name = "pipeline-builder/orchard/platform".to_owned();
    world.change(|data| drop(data.secrets.insert(name, vec!["{}".to_owned()])));
    let run = cloud(&world, "").run(&["setup-events", "--json"]).expect_code(0);
    assert!(run.stderr.contains("only from a token whose scope is reporting:ingest"), "{}", run.stderr);
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let world = world();
    for (variable, value, said) in [
        ("PLATFORM_BASE_URL", "", "error: the platform's URL is missing"),
        ("PLATFORM_BASE_URL", "ftp://ci.acme.io", "error: ftp://ci.acme.io: not a URL: only http and https"),
        ("PLATFORM_TOKEN", "", "error: no credentials for the platform"),
        ("PLATFORM_TOKEN", "opaque", "error: the platform's token names no organisation"),
    ] {
        let platform = cloud(&world, "").var(variable, value);
        let run = platform.run(&["setup-events", "--scoped-ingest", "--yes"]).expect_code(2);
        assert!(run.stderr.lines().next().is_some_and(|line| line.starts_with(said)), "{}", run.stderr);
        assert!(!changed(&platform));
    }
    for args in [&["--force"][..], &["--region", "us-esat-1"], &["--teardown", "--scoped-ingest"]] {
        cloud(&world, "").run(&[&["setup-events"], args].concat()).expect_code(2);
    }
}
