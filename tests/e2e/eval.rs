//! Scoring labelled files: the floors of the project's own sample, and what fails a run.

use crate::env::{Run, TestEnv, fixtures};

fn sample(name: &str) -> String {
    fixtures().join("eval").join(name).to_str().expect("a text path").to_owned()
}

fn eval(rows: &str, more: &[&str]) -> Run {
    let env = TestEnv::new();
    env.file("rows.jsonl", rows);
    env.run(&[&["eval", "rows.jsonl"], more].concat())
}

const RIGHT: &str = r#"{"id":"a","text":"An error occurred (ExpiredToken) when calling the GetRole operation: The security token included in the request is expired","category":"credentials","retryable":false}"#;

#[test]
fn the_projects_own_sample_keeps_its_floors() {
    let samples = ["messages.jsonl", "compute.jsonl", "streams.jsonl"].map(sample);
    let floors = [
        ("--min-category", "0.96"),
        ("--min-stream-category", "0.96"),
        ("--min-root", "0.96"),
        ("--min-retryable", "0.92"),
        ("--max-confident-wrong", "0.01"),
        ("--max-false-findings", "0"),
    ];
    let floors: Vec<&str> = floors.iter().flat_map(|(flag, value)| [*flag, *value]).collect();
    let mut args = vec!["eval", "--json"];
    args.extend(samples.iter().map(String::as_str).chain(floors));
    let found = TestEnv::new().run(&args);
    let found = found.expect_code(0).json();
    let score = &found["score"];
    assert!(score["messages"]["of"].as_u64() >= Some(120), "{}", score["messages"]);
    assert!(score["streams"]["of"].as_u64() >= Some(12), "{}", score["streams"]);
    assert!(score["false_findings"]["of"].as_u64() >= Some(4), "{}", score["false_findings"]);
    let labelled = score["categories"].as_array().expect("categories").iter();
    assert_eq!(labelled.filter(|category| category["recall"]["of"].as_u64() >= Some(3)).count(), 27);
}

#[test]
fn the_wordings_of_services_and_tools_keep_their_floors() {
    let floors = [
        ("--min-category", "0.96"),
        ("--min-retryable", "0.94"),
        ("--max-confident-wrong", "0.02"),
        ("--max-false-findings", "0"),
    ];
    let floors: Vec<&str> = floors.iter().flat_map(|(flag, value)| [*flag, *value]).collect();
    let services = sample("services.jsonl");
    let found = TestEnv::new().run(&[&["eval", "--json", &services], floors.as_slice()].concat());
    let found = found.expect_code(0).json();
    assert!(found["score"]["messages"]["of"].as_u64() >= Some(350), "{}", found["score"]["messages"]);
}

#[test]
fn a_right_row_passes_and_a_wrong_one_is_listed_and_fails_the_floor() {
    eval(RIGHT, &["--min-category", "1"]).expect_code(0);
    let wrong = RIGHT.replace("\"credentials\"", "\"network\"");
    eval(&wrong, &[]).expect_code(0);
    let run = eval(&wrong, &["--min-category", "0.5", "--max-confident-wrong", "0"]).expect_code(1);
    for words in ["want network, got credentials", "0.000 is below 0.500", "1.000 is above 0.000"] {
        assert!(run.stdout.contains(words), "{words} is not in:\n{}", run.stdout);
    }
}

#[test]
fn a_row_that_cannot_be_scored_fails_the_run_and_is_named() {
    for (row, words) in [
        ("{\"text\":", "EOF"),
        (r#"{"id":"x","category":"network"}"#, "missing field `text`"),
        (r#"{"text":"","category":"network"}"#, "the text is empty"),
        (r#"{"text":"x"}"#, "missing field `category`"),
        (r#"{"text":"x","category":"nework"}"#, "no such category: nework"),
        (r#"{"text":"{\"StackEvents\":[{\"LogicalResourceId\":","category":"network"}"#, "ends inside"),
    ] {
        let run = eval(&format!("{RIGHT}\n\n{row}\n"), &[]).expect_code(1);
        assert!(
            run.stdout.contains("rows.jsonl:3: ") && run.stdout.contains(words),
            "{words}:\n{}",
            run.stdout
        );
    }
}

#[test]
fn a_floor_that_no_row_measures_does_not_hold() {
    let run = eval(RIGHT, &["--min-root", "0.9"]).expect_code(1);
    assert!(run.stdout.contains("no row measures it"), "{}", run.stdout);
}

#[test]
fn a_file_without_rows_and_a_floor_above_1_are_usage_errors() {
    let run = eval("\n\n", &[]).expect_code(2);
    assert!(run.stderr.contains("no rows"), "{}", run.stderr);
    eval(RIGHT, &["--min-category", "92"]).expect_code(2);
}
