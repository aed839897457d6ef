//! Diagnosis through the binary: every event fixture, as text and as JSON.

use serde::Deserialize;
use serde_json::Value;

use crate::env::{Run, TestEnv, fixtures};

/// What `fixtures/events/expectations.toml` says of one file.
#[derive(Debug, Deserialize)]
struct Expectation {
    file: String,
    status: String,
    exit: Option<i32>,
    category: Option<String>,
    root_logical_id: Option<String>,
    root_line: Option<u64>,
    retryable: Option<bool>,
    #[serde(default)]
    also: Vec<String>,
}

#[derive(Deserialize)]
struct Expectations {
    event: Vec<Expectation>,
}

fn expectations() -> Vec<Expectation> {
    let text =
        std::fs::read_to_string(fixtures().join("events/expectations.toml")).expect("the expectations");
    toml::from_str::<Expectations>(&text).expect("the expectations are TOML").event
}

fn run(file: &str, more: &[&str]) -> Run {
    let path = fixtures().join("events").join(file);
    TestEnv::new().run(&[&["--diagnose", path.to_str().expect("a text path")], more].concat())
}

/// What is wrong with the diagnosis of one file, one line each.
fn differences(want: &Expectation) -> Vec<String> {
    let run = run(&want.file, &["--json"]);
    if want.status == "unreadable" {
        let refused = run.code == want.exit && run.stdout.is_empty() && run.stderr.starts_with("error: ");
        return if refused { Vec::new() } else { vec![format!("not refused: {run:?}")] };
    }
    let found = run.json();
    let verdict = &found["verdict"];
    let mut wrong = Vec::new();
    let mut compare = |what: &str, got: &Value, want: Value| {
        if *got != want {
            wrong.push(format!("{what} is {got}, not {want}"));
        }
    };
    compare("status", &found["status"], want.status.clone().into());
    compare("category", &verdict["category"], want.category.clone().map_or(Value::Null, Value::from));
    if let Some(id) = &want.root_logical_id {
        compare("root", &verdict["root"]["logical_id"], id.clone().into());
    }
    if let Some(retryable) = want.retryable {
        compare("retryable", &verdict["retryable"], retryable.into());
    }
    let also = found["also"].as_array().expect("also is a list");
    let also: Vec<&Value> = also.iter().map(|verdict| &verdict["category"]).collect();
    let missing = want.also.iter().filter(|category| !also.contains(&&Value::from(category.as_str())));
    wrong.extend(missing.map(|category| format!("no independent cause of category {category} in {also:?}")));
    wrong.extend(line_problem(want.root_line, verdict["root"]["line"].as_u64()));
    wrong
}

fn line_problem(want: Option<u64>, got: Option<u64>) -> Option<String> {
    let want = want?;
    let near = got.is_some_and(|got| got.abs_diff(want) <= 1);
    (!near).then(|| format!("root line is {got:?}, not {want}"))
}

#[test]
fn every_event_file_gets_the_verdict_it_should() {
    let expectations = expectations();
    assert!(expectations.len() >= 20, "only {} event files", expectations.len());
    let mut wrong = Vec::new();
    for want in &expectations {
        wrong.extend(differences(want).into_iter().map(|line| format!("{}: {line}", want.file)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_event_file_has_an_expectation() {
    let listed: Vec<String> = expectations().into_iter().map(|want| want.file).collect();
    for entry in std::fs::read_dir(fixtures().join("events")).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a text name");
        assert!(
            name == "expectations.toml" || name.starts_with('.') || listed.contains(&name),
            "{name} is not listed"
        );
    }
}

#[test]
fn the_text_shows_cause_evidence_fix_and_retry() {
    let run = run("ses-identity-exists.console-tabs.txt", &[]).expect_code(3);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn an_unknown_cause_is_called_unknown_and_its_root_is_still_named() {
    let run = run("nobody-knows.describe.json", &[]).expect_code(4);
    assert!(run.stdout.contains("no rule knows this cause"), "{}", run.stdout);
    assert!(run.stdout.contains("Root"), "{}", run.stdout);
}

#[test]
fn a_healthy_file_is_called_healthy() {
    let run = run("healthy-with-error-words.plain.log", &[]).expect_code(0);
    assert!(run.stdout.contains("no failure found"), "{}", run.stdout);
}

#[test]
fn standard_input_is_read_for_a_dash() {
    let text = b"An error occurred (ExpiredToken) when calling the DescribeStacks operation: The security token included in the request is expired";
    let run = TestEnv::new().run_with_input(&["--diagnose", "-", "--json"], text).expect_code(3);
    assert_eq!(run.json()["verdict"]["category"], "credentials");
}

#[test]
fn nothing_needs_a_home_or_any_variable() {
    let env = TestEnv::new();
    let path = fixtures().join("events/ses-identity-exists.describe.json");
    let mut command = env.command(&["--diagnose", path.to_str().expect("a text path")]);
    command.env_clear();
    assert_eq!(command.output().expect("the binary runs").status.code(), Some(3));
}

#[test]
fn text_of_a_stack_never_steers_the_terminal() {
    let text = b"CREATE_FAILED AWS::S3::Bucket Logs \x1b]0;owned\x07 logs already exists\n";
    let run = TestEnv::new().run_with_input(&["--diagnose", "-"], text);
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{7}'), "{:?}", run.stdout);
}

#[test]
fn a_model_that_is_not_there_changes_nothing() {
    let path = fixtures().join("events/ses-identity-exists.describe.json");
    let path = path.to_str().expect("a text path");
    let without = TestEnv::new().run(&["--diagnose", path]).expect_code(3);
    let nowhere = TestEnv::new().var("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    let with = nowhere.run(&["--diagnose", path, "--model", "any"]).expect_code(3);
    assert_eq!(with.stdout, without.stdout);
    assert!(with.stderr.contains("no hypothesis from any"), "{}", with.stderr);
}

#[test]
fn a_failed_stack_without_its_events_is_a_failure_of_unknown_cause() {
    let reason = "The following resource(s) failed to create: [Db]. Rollback requested by user.";
    let stack = serde_json::json!({"StackName": "shop", "StackStatus": "ROLLBACK_COMPLETE", "StackStatusReason": reason});
    let text = serde_json::json!({"Stacks": [stack]}).to_string();
    let run = TestEnv::new().run_with_input(&["--diagnose", "-", "--json"], text.as_bytes()).expect_code(4);
    assert_eq!(run.json()["verdict"]["category"], "unknown");
}

/// Invented secrets of several kinds, put together here so that no file holds one.
fn secrets() -> Vec<String> {
    let letters = |length: usize| "Zq8Lt3mXv0Rk5WbN".chars().cycle().take(length).collect::<String>();
    vec![
        format!("ghp_{}", letters(36)),
        format!("AKIA{}", "Q7ZK3M5XW2RT6PYB"),
        format!("glpat-{}", letters(20)),
        format!("xoxb-123456789012-123456789012-{}", letters(24)),
        format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", letters(30), letters(43)),
    ]
}

#[test]
fn secrets_in_what_is_diagnosed_are_in_no_output() {
    let url = "https://deploy:h0rse-b4ttery-st4ple@git.orchard.example/press.git";
    let told: Vec<String> = secrets().iter().map(|secret| format!("token {secret}")).collect();
    let reason =
        format!("cloning {url} failed for arn:aws:iam::111122223333:role/press: {}", told.join(", "));
    let event = |id: &str, kind: &str, status: &str, reason: &str| {
        serde_json::json!({"StackName": "orchard", "LogicalResourceId": id, "ResourceType": kind, "ResourceStatus": status,
            "ResourceStatusReason": reason, "Timestamp": "2026-03-01T10:00:00Z"})
    };
    let other = format!("the second drum is out of true, password={}", "s3cond-h0rse-b4ttery");
    let events = [
        event("Press", "Acme::Press::Drum", "CREATE_FAILED", &reason),
        event("Drum", "Acme::Press::Drum", "CREATE_FAILED", &other),
    ];
    let text = serde_json::json!({ "StackEvents": events }).to_string();
    let env = TestEnv::new();
    env.file("events.json", &text);
    for args in [
        &["--explain"][..],
        &["--json", "--explain"],
        &["--output", "markdown"],
        &["--output", "github"],
        &["--output", "sarif"],
    ] {
        let run = env.run(&[&["--diagnose", "events.json"], args].concat()).expect_code(4);
        let shown: String = run.stdout.split_whitespace().collect();
        for secret in
            secrets().iter().map(String::as_str).chain(["h0rse-b4ttery-st4ple", "s3cond-h0rse-b4ttery"])
        {
            assert!(!shown.contains(secret), "{args:?} shows {secret}:\n{}", run.stdout);
        }
        assert!(
            shown.contains("[secret:url-password]") || shown.contains("secret:url-password"),
            "{args:?}: {}",
            run.stdout
        );
        assert!(shown.contains("111122223333:role/press"), "{args:?} hides an identifier: {}", run.stdout);
    }
    let drafted = env.run(&["rules", "new", "--from", "events.json"]).expect_code(0).stdout;
    assert!(!drafted.contains("h0rse-b4ttery") && !drafted.contains(&secrets()[0]), "{drafted}");
}
