//! Approval by digest: a plan printed in one job and run in another, and what stops it.

use std::path::{Path, PathBuf};

use crate::env::Run;
use crate::platform::Platform;

const LOCAL: [&str; 4] = ["--target", "docker", "--init", "skip"];
const EC2: [&str; 8] =
    ["--target", "ec2", "--domain", "ci.acme.example", "--hosted-zone-id", "Z123", "--key-pair", "ops"];

/// Prints a plan into a file, as the first job of a pipeline does, and says its digest.
fn printed(platform: &Platform, args: &[&str]) -> (PathBuf, String) {
    let run = platform.run(&[args, &["--json"]].concat()).expect_code(0);
    let digest = run.json()["digest"].as_str().expect("a digest").to_owned();
    let file = platform.env().home().join("plan.json");
    std::fs::write(&file, run.stdout).expect("the plan can be written");
    (file, digest)
}

fn apply(platform: &Platform, file: &Path, more: &[&str]) -> Run {
    platform.run(&[&["apply", file.to_str().expect("a text path")], more].concat())
}

#[test]
fn a_printed_plan_runs_with_its_digest_and_asks_nothing() {
    let platform = Platform::serving();
    let (file, digest) = printed(&platform, &[&LOCAL[..], &["--post-step", "touch 'done now.txt'"]].concat());
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(0);
    assert!(run.stdout.contains("is up: https://localhost:8443"), "{}", run.stdout);
    assert!(platform.root().join("done now.txt").exists(), "the post-step did not run");
    platform.run(&["--target", "docker", "--teardown", "--yes"]).expect_code(0);
}

#[test]
fn the_normal_command_takes_a_digest_too_and_refuses_another_plan() {
    let platform = Platform::serving();
    let (_, digest) = printed(&platform, &LOCAL);
    let args = [&LOCAL[..], &["--retries", "3", "--approve", &digest]].concat();
    let refused = platform.run(&args).expect_code(6);
    assert!(refused.stderr.contains("another plan was approved"), "{}", refused.stderr);
    platform.run(&[&LOCAL[..], &["--approve", &digest]].concat()).expect_code(0);
    platform.run(&["--target", "docker", "--teardown", "--yes"]).expect_code(0);
}

#[test]
fn a_script_that_changed_since_the_approval_is_named_and_nothing_runs() {
    let platform = Platform::new();
    let (file, digest) = printed(&platform, &LOCAL);
    let script = platform.root().join("deploy/local/docker/bin/common.sh");
    let text = std::fs::read_to_string(&script).expect("the script");
    std::fs::write(&script, text + "\ntouch /nowhere\n").expect("a change");
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stdout.contains("file deploy/local/docker/bin/common.sh"), "{}", run.stdout);
    assert!(run.stderr.contains("not the plan that was approved"), "{}", run.stderr);
    assert!(!platform.root().join("deploy/local/docker/.env").exists(), "a step ran");
}

#[test]
fn another_account_is_another_plan() {
    let platform = Platform::new().with_cloudformation();
    let (file, digest) = printed(&platform, &EC2);
    let plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("the plan")).expect("JSON");
    assert!(plan["binding"]["account"].as_str().is_some_and(|account| account.len() == 12), "{plan}");
    let platform = platform.scenario("account=999988887777\n");
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stdout.contains("account") && run.stdout.contains("999988887777"), "{}", run.stdout);
    assert!(platform.calls_with("aws", "deploy").is_empty());
}

#[test]
fn a_plan_file_that_was_edited_is_refused_even_with_a_digest_that_fits_it() {
    let platform = Platform::new();
    let (file, digest) = printed(&platform, &LOCAL);
    let text = std::fs::read_to_string(&file).expect("the plan");
    std::fs::write(&file, text.replace("bin/setup.sh", "bin/evil.sh")).expect("an edit");
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stderr.contains("changed since it was printed"), "{}", run.stderr);
    // The editor may put the digest of the edited plan into it: commands are never taken from the file.
    let now = run.stderr.split("its digest is ").nth(1).and_then(|rest| rest.split(',').next());
    let now = now.expect("the digest is named").to_owned();
    let text = std::fs::read_to_string(&file).expect("the plan").replace(&digest, &now);
    std::fs::write(&file, text).expect("an edit");
    for approval in [&["--approve", now.as_str()][..], &["--yes"]] {
        let run = apply(&platform, &file, approval).expect_code(6);
        assert!(run.stdout.contains("bin/evil.sh"), "the drift is not shown: {}", run.stdout);
    }
}

#[test]
fn a_digest_does_not_destroy_without_the_name() {
    let platform = Platform::serving();
    platform.operate(".", &["eksctl", "create", "cluster", "--name", "demo", "--region", "eu-west-1"]);
    let args = ["--target", "eks", "--teardown", "--cluster-name", "demo", "--region", "eu-west-1"];
    let (file, digest) = printed(&platform, &args);
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stderr.contains("--confirm NAME"), "{}", run.stderr);
    apply(&platform, &file, &["--approve", &digest, "--confirm", "eks"]).expect_code(6);
    assert!(platform.calls_with("eksctl", "delete").is_empty());
    apply(&platform, &file, &["--approve", &digest, "--confirm", "demo"]).expect_code(0);
    assert!(!platform.calls_with("eksctl", "delete").is_empty());
}

#[test]
fn inputs_on_the_command_line_would_change_the_plan_and_are_refused() {
    let platform = Platform::new();
    let (file, _) = printed(&platform, &LOCAL);
    let file = file.to_str().expect("a text path");
    let run = platform.run(&["--retries", "2", "apply", file, "--yes"]).expect_code(2);
    assert!(run.stderr.contains("--retries would change the plan"), "{}", run.stderr);
}

#[test]
fn a_plan_shows_the_account_it_binds_to_and_the_variables_it_hands_on() {
    let platform = Platform::new().with_cloudformation().var("MY_EDITOR", "ed");
    let run = platform.run(&EC2).expect_code(6);
    assert!(run.stdout.contains("passed on: ") && run.stdout.contains("AWS_ACCESS_KEY_ID"), "{}", run.stdout);
    assert!(!run.stdout.contains("MY_EDITOR"), "{}", run.stdout);
    let platform = Platform::new();
    let run = platform.run(&EC2).expect_code(6);
    assert!(run.stdout.contains("AWS account not known"), "{}", run.stdout);
}

const STACK: [&str; 8] =
    ["--target", "stack", "--stack-name", "orders", "--template", "orders.yaml", "--region", "us-east-1"];

fn with_template(platform: &Platform, parameters: &str) {
    let text = format!("{parameters}Resources:\n  Topic: {{ Type: 'AWS::SNS::Topic' }}\n");
    std::fs::write(platform.root().join("orders.yaml"), text).expect("the template can be written");
}

#[test]
fn a_stack_is_applied_as_it_was_printed_and_a_changed_template_is_named() {
    let platform = Platform::new().with_cloudformation().without_stand_ins();
    with_template(&platform, "Parameters:\n  Owner: { Type: String }\n");
    let args = [&STACK[..], &["--param", "Owner=payments", "--tag", "team=payments"]].concat();
    let (file, digest) = printed(&platform, &args);
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(0);
    assert!(run.stdout.contains("orders is deployed"), "{}", run.stdout);
    with_template(&platform, "Parameters:\n  Owner: { Type: String, MinLength: 2 }\n");
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stdout.contains("  template\n    − orders.yaml"), "{}", run.stdout);
}

#[test]
fn a_digest_binds_to_the_account_of_the_profile_whatever_keys_the_environment_has() {
    let scenario = "account_of_AKIAONE=111111111111\naccount_of_AKIATWO=222222222222\n";
    let platform = Platform::new().scenario(scenario).with_cloudformation().without_stand_ins();
    with_template(&platform, "");
    let aws = platform.env().home().join(".aws");
    std::fs::create_dir(&aws).expect("a folder");
    let profile =
        |name: &str, key: &str| format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = x\n");
    let profiles = profile("one", "AKIAONE") + &profile("two", "AKIATWO");
    std::fs::write(aws.join("credentials"), profiles).expect("the profiles can be written");
    // Keys in the environment come before AWS_PROFILE, and a profile that is named comes before them.
    let account = |args: &[&str]| {
        let plan = platform.run(&[&STACK[..], args, &["--json"]].concat()).expect_code(0).json();
        plan["binding"]["account"].as_str().expect("an account").to_owned()
    };
    assert_eq!(account(&[]), "123456789012");
    assert_eq!(account(&["--profile", "one"]), "111111111111");
    let (file, digest) = printed(&platform, &[&STACK[..], &["--profile", "one"]].concat());
    apply(&platform, &file, &["--approve", &digest]).expect_code(0);
    // The same profile is another account by now.
    std::fs::write(aws.join("credentials"), profile("one", "AKIATWO")).expect("the profile can be written");
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stdout.contains("222222222222"), "{}", run.stdout);
}

#[test]
fn a_region_that_no_input_states_is_bound_and_one_that_nothing_states_is_asked_for() {
    let platform = Platform::new().with_cloudformation().without_stand_ins();
    with_template(&platform, "");
    let run = platform.run(&STACK[..6]).expect_code(5);
    assert!(run.stdout.contains("--region REGION, AWS_REGION"), "{}", run.stdout);
    let aws = platform.env().home().join(".aws");
    std::fs::create_dir(&aws).expect("a folder");
    let region = |region: &str| {
        std::fs::write(aws.join("config"), format!("[default]\nregion = {region}\n"))
            .expect("the configuration");
    };
    region("eu-west-1");
    let (file, digest) = printed(&platform, &STACK[..6]);
    region("eu-central-1");
    let run = apply(&platform, &file, &["--approve", &digest]).expect_code(6);
    assert!(run.stdout.contains("− eu-west-1") && run.stdout.contains("+ eu-central-1"), "{}", run.stdout);
}

#[test]
fn a_script_gets_the_profile_and_not_the_keys_that_would_stand_against_it() {
    let platform = Platform::new().with_cloudformation();
    let run = platform.run(&[&EC2[..], &["--profile", "ops", "--json"]].concat());
    let plan = run.json();
    let notes = plan["environment"].to_string();
    assert!(
        notes.contains("AWS_SECRET_ACCESS_KEY") && notes.contains("--profile comes before it"),
        "{notes}"
    );
    let unset = plan["command"]["unset"].to_string();
    assert!(unset.contains("AWS_ACCESS_KEY_ID") && unset.contains("AWS_SECRET_ACCESS_KEY"), "{unset}");
}
