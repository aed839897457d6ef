//! Stacks through CloudFormation's API: change set, preview, execution, following, outputs, deletion.

use std::path::Path;

use crate::env::Run;
use crate::platform::Platform;
use crate::terminal::{code, session};

pub(crate) const TEMPLATE: &str = "\
Parameters:
  Owner: { Type: String, Description: Who answers for it }
  Password: { Type: String, NoEcho: true }
Resources:
  Topic: { Type: 'AWS::SNS::Topic' }
";

const ORDERS: [&str; 10] = [
    "--target",
    "stack",
    "--stack-name",
    "orders",
    "--template",
    "orders.yaml",
    "--region",
    "us-east-1",
    "--param",
    "Owner=payments",
];
const PASSWORD: &str = "n0-ech0-canary";

/// A folder with a template, and an endpoint that plays this scenario. No stand-in of the AWS CLI is on the path.
pub(crate) fn cloud(scenario: &str) -> Platform {
    let platform = Platform::new().scenario(scenario).with_cloudformation().without_stand_ins();
    let platform = platform.var("PROVISION_PARAM_Password", PASSWORD);
    std::fs::write(platform.root().join("orders.yaml"), TEMPLATE).expect("the template can be written");
    platform
}

pub(crate) fn deploy(platform: &Platform, more: &[&str]) -> Run {
    platform.run(&[&ORDERS, more].concat())
}

/// Every file below a folder that holds this text.
fn holders(folder: &Path, text: &str) -> Vec<String> {
    let found =
        std::process::Command::new("grep").arg("-rl").arg(text).arg(folder).output().expect("grep runs");
    String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn a_template_becomes_a_stack_without_the_aws_cli() {
    let platform = cloud("");
    let run = deploy(&platform, &["--yes", "--tag", "team=payments"]).expect_code(0);
    for said in
        ["The change set creates orders", "creates 7", "✓ Network", "Outputs of orders", "orders is deployed"]
    {
        assert!(run.stdout.contains(said), "{said} is missing:\n{}", run.stdout);
    }
    assert!(platform.calls().is_empty(), "a tool was called: {:?}", platform.calls());
}

#[test]
fn a_hidden_parameter_is_in_nothing_that_is_printed_or_kept() {
    let platform = cloud("deploy=nested-failure\n");
    let run = deploy(&platform, &["--yes", "-vv", "--retries", "0"]).expect_code(7);
    assert!(!run.stdout.contains(PASSWORD) && !run.stderr.contains(PASSWORD));
    // The endpoint keeps what it was sent; it stands for AWS.
    let kept: Vec<String> = holders(platform.env().home(), PASSWORD);
    assert!(kept.iter().all(|file| file.contains("/standin/")), "{kept:?}");
    assert!(!kept.is_empty(), "the parameter was not sent at all");
}

#[test]
fn parameters_without_a_value_block_with_their_flag() {
    let platform = cloud("").var("PROVISION_PARAM_Password", "");
    let run = deploy(&platform, &["--json"]).expect_code(5);
    assert_eq!(run.json()["missing"], serde_json::json!(["--param Password=VALUE"]));
    let run = deploy(&platform, &["--param", "Passwort=x"]).expect_code(2);
    assert!(
        run.stderr.contains("the template has no such parameter; did you mean Password?"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_cause_in_a_nested_stack_is_named_while_it_rolls_back() {
    let platform = cloud("deploy=nested-failure\nevent_delay=0.3\n");
    let run = deploy(&platform, &["--yes", "--retries", "0"]).expect_code(7);
    let cause = run.stdout.find("Cause").expect("a cause is named");
    let rolled_back = run.stdout.find("orders  rollback complete").expect("the rollback is shown");
    assert!(cause < rolled_back, "the cause comes after the rollback:\n{}", run.stdout);
    assert!(run.stdout.contains("Archive"), "{}", run.stdout);
}

#[test]
fn replacing_a_table_needs_the_name_of_the_stack() {
    let scenario = "stack_state=CREATE_COMPLETE\nchanges=replaces-table\n";
    let platform = cloud(scenario);
    let run = deploy(&platform, &["--yes"]).expect_code(6);
    assert!(
        run.stdout.contains("DATA LOSS  Orders is replaced by an empty one; lost: a table"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("the change set was not executed"), "{}", run.stdout);
    let platform = cloud(scenario);
    deploy(&platform, &["--yes", "--confirm", "other"]).expect_code(6);
    let platform = cloud(scenario);
    deploy(&platform, &["--yes", "--confirm", "orders"]).expect_code(0);
}

#[test]
fn at_a_terminal_the_changes_are_shown_before_they_are_executed() {
    let platform = cloud("stack_state=CREATE_COMPLETE\nchanges=harmless\n");
    let mut terminal = session(&platform, &ORDERS);
    terminal.expect("Run this plan?").expect("the first question");
    terminal.send_line("y").expect("an answer");
    terminal.expect("Execute 1 change?").expect("the second question");
    terminal.send_line("n").expect("an answer");
    assert_eq!(code(terminal), 6);
}

#[test]
fn a_stack_that_is_as_its_template_says_is_left_alone() {
    let reason = "The submitted information didn't contain changes. Submit different information to create a change set.";
    let platform = cloud(&format!("stack_state=UPDATE_COMPLETE\nchange_set={reason}\n"));
    let run = deploy(&platform, &["--yes"]).expect_code(0);
    assert!(run.stdout.contains("nothing was changed"), "{}", run.stdout);
}

#[test]
fn a_stack_that_never_came_up_is_deleted_only_by_its_name() {
    let platform = cloud("stack_state=ROLLBACK_COMPLETE\n");
    let run = deploy(&platform, &["--yes"]).expect_code(6);
    assert!(run.stdout.contains("orders is in ROLLBACK_COMPLETE"), "{}", run.stdout);
    let run = deploy(&platform, &["--yes", "--confirm", "orders"]).expect_code(0);
    assert!(
        run.stdout.contains("delete complete") && run.stdout.contains("orders is deployed"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_teardown_deletes_the_stack_and_respects_its_protection() {
    let teardown = ["--target", "stack", "--stack-name", "orders", "--region", "us-east-1", "--teardown"];
    let platform = cloud("stack_state=CREATE_COMPLETE\nprotected=yes\n");
    let run = platform.run(&[&teardown[..], &["--confirm", "orders"]].concat()).expect_code(8);
    assert!(run.stdout.contains("TerminationProtection"), "{}", run.stdout);
    let platform = cloud("stack_state=CREATE_COMPLETE\n");
    platform.run(&[&teardown[..], &["--yes"]].concat()).expect_code(6);
    let run = platform.run(&[&teardown[..], &["--confirm", "orders"]].concat()).expect_code(0);
    assert!(run.stdout.contains("orders  delete complete"), "{}", run.stdout);
    let run = platform.run(&[&teardown[..], &["--confirm", "orders"]].concat()).expect_code(0);
    assert!(run.stdout.contains("there is no such stack"), "{}", run.stdout);
}

#[test]
fn throttling_cut_connections_and_lapsed_credentials_do_not_end_a_deploy() {
    for trouble in ["throttle_every=3", "cut=CreateChangeSet", "cut=ExecuteChangeSet", "cut=DescribeStacks"] {
        let run = deploy(&cloud(&format!("{trouble}\n")), &["--yes"]);
        assert_eq!(run.code, Some(0), "{trouble}:\n{}\n{}", run.stdout, run.stderr);
    }
    let run = deploy(&cloud("event_delay=0.2\nexpire_after=12\nexpire_for=3\n"), &["--yes"]);
    assert_eq!(run.code, Some(0), "{}\n{}", run.stdout, run.stderr);
}

#[test]
fn newer_endpoints_are_asked_for_operations() {
    let platform = cloud("describe_events=yes\n");
    let run = deploy(&platform, &["--yes"]).expect_code(0);
    assert!(run.stdout.contains("✓ orders  create complete"), "{}", run.stdout);
    let asked = platform.requests();
    assert!(asked.iter().any(|action| action == "DescribeEvents"));
    assert!(asked.iter().all(|action| action != "DescribeStackEvents"), "{asked:?}");
}

#[test]
fn a_template_that_changed_after_the_plan_is_refused() {
    let platform = cloud("");
    let plan = deploy(&platform, &["--json"]).expect_code(0);
    let digest = plan.json()["digest"].as_str().expect("a digest").to_owned();
    std::fs::write(
        platform.root().join("orders.yaml"),
        format!("{TEMPLATE}  More: {{ Type: 'AWS::SNS::Topic' }}\n"),
    )
    .expect("the template can be written");
    let run = deploy(&platform, &["--approve", &digest]).expect_code(6);
    assert!(run.stderr.contains("another plan was approved"), "{}", run.stderr);
}

#[test]
fn a_deploy_script_on_ec2_shows_the_events_of_its_stack() {
    let platform =
        Platform::new().scenario("deploy=ses-identity-exists\nevent_delay=0.25\n").with_cloudformation();
    let ec2 =
        ["--target", "ec2", "--domain", "ci.acme.example", "--hosted-zone-id", "Z123", "--key-pair", "ops"];
    let run = platform.run(&[&ec2[..], &["--yes", "--retries", "0"]].concat()).expect_code(7);
    let cause = run.stdout.find("Cause").expect("a cause is named");
    let script_ended = run.stdout.find("exit code 255").expect("the script ends");
    assert!(cause < script_ended, "the cause comes after the script's end:\n{}", run.stdout);
    assert!(run.stdout.contains("✗ SesIdentity"), "{}", run.stdout);
}

#[test]
fn a_deploy_goes_on_when_its_stacks_cannot_be_seen() {
    let platform = Platform::new().scenario("deploy=ses-identity-exists\n");
    let platform = platform.with_cloudformation().var("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let ec2 =
        ["--target", "ec2", "--domain", "ci.acme.example", "--hosted-zone-id", "Z123", "--key-pair", "ops"];
    let run = platform.run(&[&ec2[..], &["--yes", "--retries", "0"]].concat()).expect_code(7);
    assert!(run.stdout.contains("Deploying stack"), "the script did not run:\n{}", run.stdout);
    assert!(run.stdout.contains("not visible: "), "{}", run.stdout);
}

#[test]
fn a_live_stack_is_diagnosed_with_its_nested_stacks_and_the_exit_codes_of_a_file() {
    let platform = cloud("deploy=nested-failure\n");
    deploy(&platform, &["--yes", "--retries", "0"]).expect_code(7);
    let run = platform.run(&["--diagnose", "stack:orders", "--region", "us-east-1", "--json"]).expect_code(3);
    assert_eq!(run.json()["verdict"]["root"]["logical_id"], "Archive");
    let run = platform.run(&["--diagnose", "stack:other", "--region", "us-east-1"]).expect_code(2);
    assert!(run.stderr.contains("stack:other in us-east-1: other: no such stack"), "{}", run.stderr);
    let healthy = cloud("stack_state=CREATE_COMPLETE\n");
    healthy.run(&["--diagnose", "stack:orders", "--region", "us-east-1"]).expect_code(0);
}

#[test]
fn a_template_that_the_service_finds_invalid_makes_no_change_set() {
    let platform = cloud("invalid_template=Template format error: Unresolved resource dependencies [Tpic]\n");
    let run = deploy(&platform, &["--yes", "--retries", "0"]).expect_code(7);
    assert!(run.stdout.contains("Tpic"), "{}", run.stdout);
    assert!(
        platform.requests().iter().all(|action| action != "CreateChangeSet"),
        "{:?}",
        platform.requests()
    );
}

#[test]
fn a_template_too_large_for_a_request_needs_a_bucket_and_the_plan_says_its_flag() {
    let platform = cloud("");
    let large = format!("{TEMPLATE}# {}\n", "x".repeat(51_200));
    std::fs::write(platform.root().join("orders.yaml"), large).expect("the template can be written");
    let run = deploy(&platform, &["--yes"]).expect_code(5);
    assert!(
        run.stdout.contains("orders.yaml has 51365 bytes; CloudFormation takes at most"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("--template-bucket NAME"), "{}", run.stdout);
    let plan = deploy(&platform, &["--template-bucket", "acme-templates", "--json"]).expect_code(0).json();
    assert_eq!(plan["stack"]["template_bucket"], "acme-templates");
    let run = deploy(&platform, &["--template-bucket", "s3://acme-templates/x"]).expect_code(2);
    assert!(run.stderr.contains("did you mean acme-templates?"), "{}", run.stderr);
}

#[test]
fn the_stacks_that_eksctl_makes_are_followed_as_they_appear_and_known_after_their_deletion() {
    let scenario = "eksctl=nested-failure\nevent_delay=0.6\nforget=yes\n";
    let platform = Platform::new().scenario(scenario).with_cloudformation();
    let eks =
        ["--target", "eks", "--cluster-name", "demo", "--region", "us-east-1", "--yes", "--retries", "0"];
    let inputs = ["--domain", "ci.acme.example", "--hosted-zone-id", "Z123"];
    let run = platform.run(&[&eks[..], &inputs].concat()).expect_code(7);
    let at =
        |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("{text} is missing:\n{}", run.stdout));
    // What eksctl says comes last; the stack nested in its own is gone by then.
    let gave_up = at("unexpected status");
    assert!(at("eksctl-demo-cluster  create in progress") < gave_up);
    assert!(at("✗ Archive  AWS::S3::Bucket") < gave_up && at("Cause") < gave_up, "{}", run.stdout);
    assert!(run.stdout[gave_up..].contains("eksctl-demo-cluster-Storage"), "{}", run.stdout);
    assert!(run.stdout.contains("s3-bucket-name-taken"), "{}", run.stdout);
}

#[test]
fn an_empty_aws_variable_is_as_good_as_none() {
    let empty = [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_CLOUDFORMATION",
        "AWS_CA_BUNDLE",
    ];
    let platform = empty.iter().fold(cloud(""), |platform, name| platform.var(name, ""));
    deploy(&platform, &["--yes"]).expect_code(0);
    // With an empty AWS_ENDPOINT_URL the configuration file's counts.
    let aws = platform.env().home().join(".aws");
    std::fs::create_dir(&aws).expect("a folder");
    std::fs::write(aws.join("config"), "[default]\nendpoint_url = http://127.0.0.1:9\n")
        .expect("the configuration");
    let platform = platform.var("AWS_ENDPOINT_URL", "");
    let run = platform.run(&["--diagnose", "stack:orders", "--region", "us-east-1"]).expect_code(2);
    assert!(run.stderr.contains("stack:orders") && !run.stderr.contains("panicked"), "{}", run.stderr);
}
