//! The forms a diagnosis is printed in: explained, many files as one summary, SARIF, Markdown, annotations, JSON.

use serde_json::Value;

use crate::env::{Run, TestEnv, fixtures};

/// A test environment whose folder holds these event files under `logs/`, so that paths are short and the same.
fn with_logs(names: &[&str]) -> TestEnv {
    let env = TestEnv::new();
    let folder = env.dir().join("logs");
    std::fs::create_dir(&folder).expect("a folder for the logs");
    for name in names {
        std::fs::copy(fixtures().join("events").join(name), folder.join(name)).expect("the fixture is there");
    }
    env
}

const SEVERAL: [&str; 6] = [
    "healthy.cdk.log",
    "nobody-knows.describe.json",
    "picture.bin",
    "ses-identity-exists.console-tabs.txt",
    "ses-identity-exists.describe.json",
    "two-causes-at-once.cdk.log",
];

fn several(more: &[&str]) -> Run {
    with_logs(&SEVERAL).run(&[&["--diagnose", "logs"], more].concat())
}

#[test]
fn an_explanation_shows_every_failed_event_with_its_label() {
    let env = with_logs(&["two-causes-at-once.cdk.log"]);
    let run = env.run(&["--diagnose", "logs/two-causes-at-once.cdk.log", "--explain"]).expect_code(3);
    let (_, tree) = run.stdout.split_once("Chosen").expect("the explanation");
    insta::assert_snapshot!(tree);
}

#[test]
fn an_explanation_of_nested_stacks_is_a_tree() {
    let env = with_logs(&["nested-database-version.describe.json"]);
    let run =
        env.run(&["--diagnose", "logs/nested-database-version.describe.json", "--explain"]).expect_code(3);
    let (_, tree) = run.stdout.split_once("Chosen").expect("the explanation");
    insta::assert_snapshot!(tree);
}

#[test]
fn an_explanation_is_a_further_key_of_the_json() {
    let env = with_logs(&["two-causes-at-once.cdk.log"]);
    let path = "logs/two-causes-at-once.cdk.log";
    let mut explained = env.run(&["--diagnose", path, "--json", "--explain"]).expect_code(3).json();
    let plain = env.run(&["--diagnose", path, "--json"]).expect_code(3).json();
    let explanation =
        explained.as_object_mut().and_then(|o| o.remove("explanation")).expect("an explanation");
    assert_eq!(explained, plain);
    assert_eq!(explanation["stacks"][0]["failures"][0]["role"], "root");
}

#[test]
fn a_text_without_events_has_an_explanation_too() {
    let text = b"An error occurred (ExpiredToken) when calling the DescribeStacks operation: The security token included in the request is expired";
    let run = TestEnv::new().run_with_input(&["--diagnose", "-", "--explain"], text).expect_code(3);
    assert!(run.stdout.contains("no stack events in this text"), "{}", run.stdout);
}

#[test]
fn several_files_are_summed_up_as_the_causes_they_share() {
    insta::assert_snapshot!(several(&[]).expect_code(3).stdout);
}

#[test]
fn an_unknown_failure_says_how_to_teach_it_where_there_is_a_file_to_read_again() {
    let env = with_logs(&["nobody-knows.describe.json"]);
    let run = env.run(&["--diagnose", "logs/nobody-knows.describe.json"]).expect_code(4);
    assert!(
        run.stdout.contains("provision rules new --from logs/nobody-knows.describe.json"),
        "{}",
        run.stdout
    );
    let text = std::fs::read(env.dir().join("logs/nobody-knows.describe.json")).expect("the file");
    let run = env.run_with_input(&["--diagnose", "-"], &text).expect_code(4);
    assert!(!run.stdout.contains("rules new"), "{}", run.stdout);
}

#[test]
fn files_and_folders_may_be_named_in_any_mixture_and_each_counts_once() {
    let env = with_logs(&["healthy.cdk.log", "two-causes-at-once.cdk.log"]);
    let cdk = "logs/two-causes-at-once.cdk.log";
    let run = env.run(&["--diagnose", cdk, "logs", "--diagnose", "logs/healthy.cdk.log"]).expect_code(3);
    assert!(run.stdout.starts_with("1 failed, 2 causes · 1 healthy\n"), "{}", run.stdout);
}

#[test]
fn the_code_of_several_files_is_that_of_the_most_telling_one() {
    let cases: [(&[&str], i32); 5] = [
        (&["healthy.cdk.log", "nobody-knows.describe.json", "two-causes-at-once.cdk.log", "empty.txt"], 3),
        (&["healthy.cdk.log", "nobody-knows.describe.json", "empty.txt"], 4),
        (&["healthy.cdk.log", "empty.txt"], 2),
        (&["healthy.cdk.log", "healthy.describe.json"], 0),
        (&["healthy.cdk.log"], 0),
    ];
    for (names, code) in cases {
        with_logs(names).run(&["--diagnose", "logs"]).expect_code(code);
    }
}

#[test]
fn unknown_failures_that_differ_only_in_names_are_one_cause() {
    let env = TestEnv::new();
    std::fs::create_dir(env.dir().join("logs")).expect("a folder");
    for (file, id) in [("logs/a.txt", "Alpha"), ("logs/b.txt", "Beta")] {
        env.file(
            file,
            format!("{id}\tCREATE_FAILED\tThe winch {id} of arn:aws:iam::111122223333:role/{id} jammed\n"),
        );
    }
    let found = env.run(&["--diagnose", "logs", "--json"]).expect_code(4).json();
    assert_eq!(found["clusters"].as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!(found["clusters"][0]["count"], 2);
}

#[test]
fn the_json_of_several_files_has_each_file_and_the_clusters() {
    let found = several(&["--json"]).expect_code(3).json();
    assert_eq!(found["schema"], "provision.diagnoses/v1");
    let files = found["files"].as_array().expect("files");
    assert_eq!(files.len(), SEVERAL.len());
    let file =
        |name: &str| files.iter().find(|file| file["path"] == format!("logs/{name}")).expect("the file");
    assert!(file("picture.bin")["error"].as_str().is_some_and(|reason| reason.contains("binary")));
    assert_eq!(file("healthy.cdk.log")["diagnosis"]["status"], "healthy");
    assert_eq!(file("nobody-knows.describe.json")["diagnosis"]["verdict"]["category"], "unknown");
    assert_eq!(found["clusters"][0]["rule"], "ses-identity-exists");
    assert_eq!(found["clusters"][0]["files"].as_array().map(Vec::len), Some(2));
}

#[test]
fn sarif_names_the_rule_the_place_and_what_cannot_be_read() {
    let found = several(&["--output", "sarif"]).expect_code(3).json();
    let run = &found["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in run["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64() >= Some(1));
    }
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert!(
        notification["message"]["text"].as_str().is_some_and(|text| text.contains("binary")),
        "{found:#}"
    );
}

#[test]
fn sarif_of_one_file() {
    let env = with_logs(&["two-causes-at-once.cdk.log"]);
    let run = env.run(&["--diagnose", "logs/two-causes-at-once.cdk.log", "--output", "sarif"]).expect_code(3);
    let mut found: Value = run.json();
    for version in ["version", "semanticVersion"] {
        found["runs"][0]["tool"]["driver"][version] = "0.0.0".into();
    }
    insta::assert_json_snapshot!(found);
}

#[test]
fn annotations_are_one_line_for_each_cause() {
    insta::assert_snapshot!(several(&["--output", "github"]).expect_code(3).stdout);
}

#[test]
fn markdown_of_one_file() {
    let env = with_logs(&["two-causes-at-once.cdk.log"]);
    let run =
        env.run(&["--diagnose", "logs/two-causes-at-once.cdk.log", "--output", "markdown"]).expect_code(3);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn markdown_of_several_files() {
    insta::assert_snapshot!(several(&["--output", "markdown"]).expect_code(3).stdout);
}

#[test]
fn the_checked_in_schemas_are_fresh() {
    let stale: Vec<&str> =
        ["diagnosis", "diagnoses"].into_iter().filter(|document| !is_fresh(document)).collect();
    assert!(stale.is_empty(), "{stale:?}: UPDATE_SCHEMA=1 cargo test -p provision --test e2e outputs::");
}

fn is_fresh(document: &str) -> bool {
    let current = TestEnv::new().run(&["schema", document]).expect_code(0).stdout;
    let path = fixtures().join(format!("../rules/schema/{document}.v1.json"));
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the schema folder");
        std::fs::write(&path, &current).expect("the schema can be written");
    }
    std::fs::read_to_string(&path).is_ok_and(|stored| stored == current)
}

#[test]
fn what_is_printed_has_no_key_that_its_schema_lacks() {
    let env = with_logs(&["two-causes-at-once.cdk.log"]);
    let printed = env.run(&["--diagnose", "logs/two-causes-at-once.cdk.log", "--json", "--explain"]).json();
    let schema = TestEnv::new().run(&["schema", "diagnosis"]).json();
    let known = |value: &Value, place: &Value| {
        let keys = value.as_object().expect("an object").keys();
        keys.filter(|key| place["properties"].get(key.as_str()).is_none()).cloned().collect::<Vec<String>>()
    };
    assert_eq!(known(&printed, &schema), [""; 0]);
    assert_eq!(known(&printed["verdict"], &schema["$defs"]["Verdict"]), [""; 0]);
    assert_eq!(known(&printed["verdict"]["fix"], &schema["$defs"]["Fix"]), [""; 0]);
    assert_eq!(known(&printed["explanation"], &schema["$defs"]["Explanation"]), [""; 0]);
}

#[test]
fn every_form_of_a_healthy_file_says_so_and_ends_with_0() {
    for (format, words) in [
        ("text", "no failure"),
        ("json", "healthy"),
        ("markdown", "no failure"),
        ("sarif", "\"results\": []"),
    ] {
        let run =
            with_logs(&["healthy.cdk.log"]).run(&["--diagnose", "logs/healthy.cdk.log", "--output", format]);
        let run = run.expect_code(0);
        assert!(run.stdout.contains(words), "{format}: {}", run.stdout);
    }
}
