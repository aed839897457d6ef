//! Plans through the binary: what is resolved, what is missing, what would run; nothing runs.

use serde_json::{Value, json};

use crate::env::{Run, TestEnv, fixtures};
use crate::platform::Platform;

fn input<'a>(plan: &'a Value, name: &str) -> &'a Value {
    let inputs = plan["inputs"].as_array().expect("inputs are a list");
    inputs.iter().find(|input| input["name"] == name).unwrap_or_else(|| panic!("no input {name} in {plan:#}"))
}

fn argv(plan: &Value) -> Vec<&str> {
    plan["command"]["argv"].as_array().expect("argv").iter().map(|arg| arg.as_str().expect("text")).collect()
}

const EKS: [&str; 9] = [
    "--target",
    "eks",
    "--domain",
    "pipeline.example.com",
    "--hosted-zone-id",
    "Z123",
    "--ghcr-token",
    "ghp_xxx",
    "--email",
];

#[test]
fn the_seed_command_line_gives_the_script_command_with_the_token_in_the_environment_only() {
    let run = Platform::new().run(&[&EKS[..], &["--json"]].concat());
    let plan = run.json();
    let want = ["bash", "bin/setup.sh"];
    assert_eq!(argv(&plan)[..2], want);
    assert!(argv(&plan).windows(2).any(|pair| pair == ["--domain", "pipeline.example.com"]), "{plan:#}");
    assert!(argv(&plan).windows(2).any(|pair| pair == ["--hosted-zone-id", "Z123"]), "{plan:#}");
    assert_eq!(plan["command"]["env"]["GHCR_TOKEN"], json!({"secret": "ghcr_token"}));
    assert!(!run.stdout.contains("ghp_xxx") && !run.stderr.contains("ghp_xxx"), "the token is shown");
}

#[test]
fn flags_win_over_the_prompt_and_the_prompt_over_the_configuration() {
    let env = Platform::new();
    let config = env.env().home().join("config.toml");
    std::fs::write(
        &config,
        "[defaults]\nregion = \"eu-west-1\"\ndeploy_mode = \"public\"\ncluster_name = \"cfg\"\n",
    )
    .expect("the configuration can be written");
    let config = config.to_str().expect("a text path");
    let prompt = "public no: private EKS in Tokyo, cluster from-text";
    let run = env.run(&["--config", config, "--prompt", prompt, "--cluster-name", "from-flag", "--json"]);
    let plan = run.json();
    assert_eq!(
        (&input(&plan, "cluster_name")["value"], &input(&plan, "cluster_name")["source"]),
        (&json!("from-flag"), &json!("flag"))
    );
    assert_eq!(
        (&input(&plan, "region")["value"], &input(&plan, "region")["source"]),
        (&json!("ap-northeast-1"), &json!("prompt"))
    );
}

#[test]
fn missing_inputs_are_named_by_their_flags_and_block() {
    let run = Platform::new()
        .run(&["--prompt", "deploy to EKS in us-east-1 with email enabled", "--json"])
        .expect_code(5);
    let plan = run.json();
    assert_eq!(plan["status"], "blocked");
    assert_eq!(plan["missing"], json!(["--domain", "--hosted-zone-id"]));
    assert_eq!(plan["goal"]["slots"]["region"]["value"], "us-east-1");
}

#[test]
fn a_goal_without_a_target_still_shows_its_slots() {
    let plan =
        Platform::new().run(&["--prompt", "deploy in Frankfurt, no email", "--json"]).expect_code(5).json();
    assert_eq!(plan["goal"]["slots"]["region"]["value"], "eu-central-1");
    assert!(plan["missing"].as_array().expect("a list").contains(&json!("--target")), "{plan:#}");
}

#[test]
fn variables_of_the_shell_that_would_change_the_deploy_are_cleared_and_shown() {
    let run = Platform::new().var("EMAIL_FROM_NAME", "Mallory").run(&[&EKS[..], &["--json"]].concat());
    let plan = run.json();
    let notes = plan["environment"].as_array().expect("notes");
    assert!(
        notes.iter().any(|note| note["name"] == "EMAIL_FROM_NAME" && note["treatment"] == "cleared"),
        "{plan:#}"
    );
    assert!(
        plan["command"]["unset"].as_array().expect("unset").contains(&json!("EMAIL_FROM_NAME")),
        "{plan:#}"
    );
    assert!(!run.stdout.contains("Mallory"));
}

#[test]
fn without_a_terminal_or_yes_the_plan_is_printed_and_nothing_runs() {
    let env = Platform::new();
    let run = ready_eks(&env, &[]).expect_code(6);
    assert!(run.stdout.contains("bin/setup.sh"), "no plan:\n{}", run.stdout);
    assert!(run.stderr.contains("nobody to ask"), "{}", run.stderr);
}

#[test]
fn yes_never_covers_a_destructive_teardown() {
    let env = Platform::new();
    let run = env.run(&["--target", "eks", "--teardown", "--cluster-name", "demo", "--yes"]).expect_code(6);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert!(run.stdout.contains("demo"), "the destroy plan is not shown:\n{}", run.stdout);
}

fn ready_eks(env: &Platform, more: &[&str]) -> Run {
    env.run(&[&EKS[..], more].concat())
}

#[test]
fn the_schema_that_is_checked_in_is_the_one_printed_and_plans_fit_its_name() {
    let printed = TestEnv::new().run(&["schema", "plan"]).expect_code(0).json();
    let checked_in =
        std::fs::read_to_string(fixtures().join("../planner/schema/plan.v1.json")).expect("the schema");
    let checked_in: Value = serde_json::from_str(&checked_in).expect("the schema is JSON");
    assert_eq!(printed, checked_in);
    assert_eq!(Platform::new().run(&[&EKS[..], &["--json"]].concat()).json()["schema"], "provision.plan/v1");
}

#[test]
fn a_tool_that_hangs_is_given_up_and_named() {
    let platform = Platform::new().scenario("hang=kubectl\n");
    let plan = platform.run(&[&EKS[..], &["--json"]].concat()).expect_code(5).json();
    let results = plan["prerequisites"].as_array().expect("a list");
    let kubectl = results.iter().find(|result| result["id"] == "kubectl").expect("kubectl is checked");
    assert_eq!(kubectl["status"], "timeout");
}

#[test]
fn a_missing_tool_is_named_with_how_to_get_it() {
    let env = TestEnv::new();
    let empty = env.home().join("no-tools");
    std::fs::create_dir(&empty).expect("a folder");
    let env = env.only_tools(&[empty]);
    let run = env.run(&EKS).expect_code(5);
    assert!(run.stdout.contains("✗ kubectl") && run.stdout.contains("Blocked:"), "{}", run.stdout);
    let plan = env.run(&[&EKS[..], &["--json"]].concat()).json();
    let results = plan["prerequisites"].as_array().expect("a list");
    let kubectl = results.iter().find(|result| result["id"] == "kubectl").expect("kubectl is checked");
    assert_eq!(kubectl["status"], "missing");
    assert!(kubectl["install"].is_string(), "{kubectl}");
}
