//! Whole runs through the binary: plan, gate, the platform's real scripts, health, post-steps, teardown.

use serde_json::json;

use crate::platform::Platform;
use crate::terminal::{code, session};

const EC2: [&str; 9] = [
    "--target",
    "ec2",
    "--domain",
    "ci.acme.example",
    "--hosted-zone-id",
    "Z123",
    "--key-pair",
    "ops",
    "--yes",
];

/// The ec2 target with its URL on this machine, where the stand-ins serve the platform.
fn local_ec2(platform: &Platform) -> String {
    let catalog = platform.env().home().join("targets");
    std::fs::create_dir(&catalog).expect("a folder");
    let target =
        include_str!("../../planner/targets/ec2.toml").replace("https://{domain}", "https://localhost:8443");
    let target = target.replace("timeout_seconds = 300", "timeout_seconds = 20\nself_signed = true");
    std::fs::write(catalog.join("ec2.toml"), target).expect("the target can be written");
    catalog.to_str().expect("a text path").to_owned()
}

#[test]
fn a_local_deploy_runs_from_plan_to_post_step_and_comes_down_again() {
    let platform = Platform::on_engine();
    let args = [
        "--target",
        "docker",
        "--yes",
        "--admin-email",
        "admin@acme.example",
        "--admin-password",
        "s3cret-pass",
    ];
    let more = ["--with-samples", "--with-smoke-test", "--post-step", "touch done.txt"];
    let run = platform.run(&[&args[..], &more[..]].concat()).expect_code(0);
    assert!(run.stdout.contains("is up: https://localhost:8443"), "{}", run.stdout);
    assert!(
        !run.stdout.contains("s3cret-pass") && !run.stderr.contains("s3cret-pass"),
        "the password is shown"
    );
    assert!(platform.root().join("done.txt").exists(), "the post-step did not run");
    let admin =
        std::fs::read_to_string(platform.root().join(".state/admin")).expect("the admin is registered");
    assert!(admin.contains("admin@acme.example"), "{admin}");
    let env_file =
        std::fs::read_to_string(platform.root().join("deploy/local/docker/.env")).expect("the .env is made");
    assert!(!env_file.contains("CHANGE_ME"), "a placeholder is left");
    let run = platform.run(&["--target", "docker", "--teardown", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("is down"), "{}", run.stdout);
}

#[test]
fn a_fresh_folder_is_filled_from_a_repository_with_only_what_the_target_needs() {
    let platform = Platform::serving();
    let source = platform.env().home().join("source");
    let made = std::process::Command::new("bash")
        .arg(crate::env::fixtures().join("../tests/support/platform-repo.sh"))
        .arg(&source)
        .output()
        .expect("bash runs");
    let url = String::from_utf8(made.stdout).expect("text").trim().to_owned();
    let empty = platform.env().home().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let platform = platform.cwd(&empty);
    platform.run(&["--target", "docker", "--repo", &url, "--init", "skip", "--yes"]).expect_code(0);
    let checkout = empty.join("pipeline-builder");
    assert!(checkout.join("deploy/local/docker/bin/setup.sh").exists(), "the target's folder is missing");
    assert!(!checkout.join("deploy/aws").exists(), "more than the target needs was fetched");
    // The next command finds the checkout without being told.
    platform.run(&["--target", "docker", "--teardown", "--yes"]).expect_code(0);
}

#[test]
fn an_existing_ses_identity_is_found_in_the_stack_events_and_the_fix_is_applied_once() {
    let platform =
        Platform::serving().scenario("deploy=ses-identity-exists\ngateway_port=8443\n").with_cloudformation();
    let catalog = local_ec2(&platform);
    let run = platform.run(&[&["--catalog", &catalog][..], &EC2[..]].concat()).expect_code(0);
    assert!(run.stdout.contains("ses-identity-exists"), "no verdict:\n{}", run.stdout);
    assert!(run.stdout.contains("Retry 1 of 1"), "no retry:\n{}", run.stdout);
    let deploys = platform.calls_with("aws", "deploy");
    assert_eq!(deploys.len(), 2, "{deploys:#?}");
}

#[test]
fn without_retries_a_failed_deploy_ends_with_the_cause_and_its_own_code() {
    let platform = Platform::serving().scenario("deploy=ses-identity-exists\n").with_cloudformation();
    let run = platform.run(&[&EC2[..], &["--retries", "0"]].concat()).expect_code(7);
    assert!(run.stdout.contains("ses-identity-exists"), "{}", run.stdout);
    assert_eq!(platform.calls_with("aws", "deploy").len(), 1);
}

#[test]
fn a_cause_that_only_a_person_can_remove_is_not_retried() {
    let platform = Platform::serving().scenario("deploy=hosted-zone-missing\n").with_cloudformation();
    let run = platform.run(&[&EC2[..], &["--retries", "3"]].concat()).expect_code(7);
    assert!(run.stdout.contains("not-found"), "{}", run.stdout);
    assert_eq!(platform.calls_with("aws", "deploy").len(), 1);
}

#[test]
fn without_credentials_for_the_events_the_failure_says_what_is_not_visible() {
    let platform = Platform::serving().scenario("deploy=ses-identity-exists\n");
    let platform = platform.var("AWS_EC2_METADATA_DISABLED", "true");
    let run = platform.run(&[&EC2[..], &["--retries", "0"]].concat()).expect_code(7);
    assert!(run.stdout.contains("not visible"), "{}", run.stdout);
}

#[test]
fn the_token_reaches_the_script_through_its_environment_and_no_argument() {
    let platform = Platform::serving().scenario("deploy=access-denied\n").with_cloudformation();
    let token = "ghp_0123456789abcdefghij";
    let run = platform.run(&[&EC2[..], &["--ghcr-token", token]].concat()).expect_code(7);
    assert!(!run.stdout.contains(token) && !run.stderr.contains(token), "the token is shown");
    let deploys = platform.calls_with("aws", "deploy");
    assert_eq!(deploys[0]["env"]["GHCR_TOKEN"], json!(token));
    assert!(!deploys[0]["argv"].to_string().contains(token), "the token is in an argument");
    let journal = read_all(&platform.env().home().join(".local/state/provision/runs"));
    assert!(!journal.is_empty() && !journal.contains(token), "the journal is empty or holds the token");
}

fn read_all(folder: &std::path::Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("text")).collect()
}

#[test]
fn a_cluster_is_destroyed_by_force_with_the_scripts_own_flags() {
    let platform = Platform::serving();
    platform.operate(".", &["eksctl", "create", "cluster", "--name", "demo", "--region", "eu-west-1"]);
    let args =
        ["--target", "eks", "--teardown", "--cluster-name", "demo", "--region", "eu-west-1", "--force"];
    platform.run(&args).expect_code(0);
    let calls = platform.calls_with("eksctl", "delete");
    assert!(calls.iter().any(|call| call["argv"].to_string().contains("demo")), "{calls:#?}");
}

#[test]
fn a_stack_that_cannot_be_deleted_ends_with_the_teardown_code() {
    let platform = Platform::serving().scenario("delete=fail\n").with_cloudformation();
    let inputs = [
        "--stack-name",
        "demo",
        "--key-pair",
        "ops",
        "--domain",
        "ci.acme.example",
        "--hosted-zone-id",
        "Z123",
    ];
    platform.operate("deploy/aws/ec2", &[&["bash", "bin/setup.sh"][..], &inputs[..]].concat());
    let run =
        platform.run(&["--target", "ec2", "--teardown", "--stack-name", "demo", "--force"]).expect_code(8);
    assert!(run.stdout.contains("has dependencies and cannot be deleted"), "no cause:\n{}", run.stdout);
}

#[test]
fn a_failing_post_step_says_how_to_resume() {
    let platform = Platform::serving();
    let args = [
        "--target",
        "docker",
        "--yes",
        "--init",
        "skip",
        "--post-step",
        "false",
        "--post-step",
        "touch later.txt",
    ];
    let run = platform.run(&args).expect_code(8);
    assert!(run.stdout.contains("Resume with:") && run.stdout.contains("touch later.txt"), "{}", run.stdout);
    assert!(!platform.root().join("later.txt").exists(), "a step ran after the failed one");
}

#[test]
fn a_platform_that_is_up_but_not_ready_is_no_success() {
    let platform = Platform::serving().var("PLATFORM_FIXTURE_READY_DELAY", "never");
    let catalog = platform.env().home().join("targets");
    std::fs::create_dir(&catalog).expect("a folder");
    let target = include_str!("../../planner/targets/docker.toml");
    let quick = target
        .replace("ready_grace_seconds = 90", "ready_grace_seconds = 2")
        .replace("poll_seconds = 10", "poll_seconds = 1");
    assert_ne!(target, quick);
    std::fs::write(catalog.join("docker.toml"), quick).expect("the target can be written");
    let catalog = catalog.to_str().expect("a text path");
    let run =
        platform.run(&["--catalog", catalog, "--target", "docker", "--yes", "--init", "skip"]).expect_code(7);
    assert!(run.stdout.contains("degraded"), "{}", run.stdout);
}

#[test]
fn control_c_during_a_deploy_reaches_the_script_and_ends_with_its_own_code() {
    let platform = Platform::serving().scenario("deploy=hangs\n");
    let mut terminal = session(&platform, &EC2);
    terminal.expect("Waiting for stack create/update to complete").expect("the script runs");
    terminal.send("\u{3}").expect("a key");
    terminal.expect("interrupt passed on").expect("word of it");
    terminal.expect("interrupted at deploy").expect("the end");
    assert_eq!(code(terminal), 130);
    let signals: Vec<_> = platform.calls().into_iter().filter(|call| call["signal"].is_string()).collect();
    assert!(!signals.is_empty(), "the script was not signalled");
}

#[test]
fn a_minikube_deploy_runs_initialises_and_comes_down() {
    let platform = Platform::serving();
    let run = platform.run(&["--target", "minikube", "--yes", "--with-samples"]).expect_code(0);
    assert!(run.stdout.contains("is up: https://localhost:8443"), "{}", run.stdout);
    let loads =
        std::fs::read_to_string(platform.root().join(".state/loads")).expect("the loads are recorded");
    assert!(loads.contains("pipeline"), "{loads}");
    assert!(!platform.calls_with("minikube", "start").is_empty());
    platform.run(&["--target", "minikube", "--teardown", "--yes"]).expect_code(0);
}

#[test]
fn a_failed_cluster_is_diagnosed_from_eksctls_own_words_and_its_stacks() {
    let platform = Platform::serving().scenario("eksctl=cluster-address-quota\n").with_cloudformation();
    let args = ["--target", "eks", "--domain", "ci.acme.example", "--hosted-zone-id", "Z123", "--yes"];
    let run = platform.run(&args).expect_code(7);
    assert!(run.stdout.contains("quota-exceeded"), "{}", run.stdout);
}

#[test]
fn sigterm_during_a_deploy_is_passed_on_like_control_c() {
    let platform = Platform::serving().scenario("deploy=hangs\n");
    let mut terminal = session(&platform, &EC2);
    terminal.expect("Waiting for stack create/update to complete").expect("the script runs");
    let pid = terminal.pid().to_string();
    let sent = std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
    assert!(sent.success());
    terminal.expect("interrupted at deploy").expect("the end");
    assert_eq!(code(terminal), 130);
}

#[test]
fn a_teardown_in_words_never_falls_back_to_a_name_nobody_gave() {
    let platform = Platform::serving();
    platform.operate(
        ".",
        &["eksctl", "create", "cluster", "--name", "pipeline-builder", "--region", "us-east-1"],
    );
    let run = platform.run(&["--prompt", "tear down the eks one", "--force"]).expect_code(5);
    assert!(run.stdout.contains("--cluster-name"), "{}", run.stdout);
    assert!(platform.calls_with("eksctl", "delete").is_empty());
    let plan = platform.run(&["--prompt", "tear down eks cluster demo", "--json"]).json();
    assert_eq!(plan["destruction"]["confirm"], "demo");
}

#[test]
fn a_clone_that_ended_before_its_checkout_is_completed_by_the_next_run() {
    let platform = Platform::serving();
    let source = platform.env().home().join("source");
    let source = source.to_str().expect("a text path").to_owned();
    let script = crate::env::fixtures().join("../tests/support/platform-repo.sh");
    platform.operate(".", &["bash", script.to_str().expect("a text path"), &source]);
    let empty = platform.env().home().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let platform = platform.cwd(&empty);
    let url = format!("file://{source}");
    let args = ["--target", "docker", "--repo", &url, "--init", "skip", "--yes"];
    platform.run(&[&args[..], &["--ref", "no-such-ref"]].concat()).expect_code(7);
    platform.run(&args).expect_code(0);
    platform.run(&["--target", "docker", "--teardown", "--yes"]).expect_code(0);
}
