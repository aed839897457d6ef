//! The same incident gives the same verdict in every format and under every disguise.

mod common;
#[path = "common/incident.rs"]
mod incident;

use std::io::Write;

use provision_rules::{Category, Diagnosis, diagnose};

/// What must not depend on the format.
fn complaint(name: &str, text: &str, diagnosis: &Diagnosis) -> Option<String> {
    let Some(verdict) = &diagnosis.verdict else { return Some(format!("{name}: no failure found")) };
    let root = &verdict.root;
    let line = text.lines().nth(root.line.saturating_sub(1)).unwrap_or_default();
    let near = text.lines().skip(root.line.saturating_sub(2)).take(3).any(|line| line.contains("already"));
    let id = root.logical_id.as_deref() == Some(incident::ROOT);
    let rule = verdict.rule.as_deref() == Some("name-taken") && verdict.category == Category::AlreadyExists;
    let said = root.text.contains(incident::CAUSE);
    (!(id && rule && said && near))
        .then(|| format!("{name}: {root:?} by {:?} ({:?}) at {line:?}", verdict.rule, diagnosis.source))
}

fn assert_all(disguise: impl Fn(&str) -> Vec<u8>, skip: &[&str]) {
    let book = common::book();
    let complaints: Vec<String> = incident::all()
        .iter()
        .filter(|(name, _)| !skip.contains(name))
        .filter_map(|(name, text)| match diagnose(&disguise(text), &book) {
            Ok(diagnosis) => complaint(name, text, &diagnosis),
            Err(error) => Some(format!("{name}: {error}")),
        })
        .collect();
    assert!(complaints.is_empty(), "{} formats differ:\n{}", complaints.len(), complaints.join("\n"));
}

fn each_line(text: &str, change: impl Fn(usize, &str) -> String) -> Vec<u8> {
    text.lines().enumerate().map(|(at, line)| change(at, line) + "\n").collect::<String>().into_bytes()
}

#[test]
fn every_format_gives_the_same_root() {
    assert_all(|text| text.as_bytes().to_vec(), &[]);
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let rows =
        ["AWS CLI text", "AWS CLI text of a query", "console with tabs", "console with bars", "Sceptre"];
    let book = common::book();
    for (name, text) in incident::all().into_iter().filter(|(name, _)| rows.contains(name)) {
        let reversed = text.lines().rev().fold(String::new(), |out, line| out + line + "\n");
        let diagnosis = diagnose(reversed.as_bytes(), &book).expect("readable");
        if let Some(complaint) = complaint(name, &reversed, &diagnosis) {
            panic!("{complaint}");
        }
    }
}

#[test]
fn windows_line_ends_change_nothing() {
    assert_all(|text| text.replace('\n', "\r\n").into_bytes(), &[]);
}

#[test]
fn colours_change_nothing() {
    assert_all(|text| each_line(text, |_, line| format!("\u{1b}[31m{line}\u{1b}[39m\u{1b}[0K")), &[]);
}

#[test]
fn colours_without_the_escape_byte_change_nothing() {
    assert_all(|text| each_line(text, |_, line| format!("[31m{line}[0m")), &[]);
}

#[test]
fn github_timestamps_change_nothing() {
    assert_all(
        |text| each_line(text, |at, line| format!("2026-03-01T10:00:{:02}.1234567Z {line}", at % 60)),
        &[],
    );
}

#[test]
fn gitlab_timestamps_change_nothing() {
    assert_all(|text| each_line(text, |_, line| format!("2026-03-01T10:00:00.123456Z 01O {line}")), &[]);
}

#[test]
fn codebuild_prefixes_change_nothing() {
    assert_all(
        |text| each_line(text, |_, line| format!("[Container] 2026/03/01 10:00:00.123456 {line}")),
        &[],
    );
}

#[test]
fn quoting_changes_nothing() {
    assert_all(|text| each_line(text, |_, line| format!("> {line}")), &[]);
}

#[test]
fn a_step_column_before_each_line_changes_nothing() {
    assert_all(
        |text| each_line(text, |_, line| format!("deploy\tRun make\t2026-03-01T10:00:00.1234567Z {line}")),
        &[],
    );
}

#[test]
fn structured_logs_change_nothing() {
    let wrap = |_: usize, line: &str| serde_json::json!({"level": "info", "msg": line}).to_string();
    assert_all(|text| each_line(text, wrap), &[]);
}

#[test]
fn one_line_with_escaped_newlines_changes_nothing() {
    let json = ["describe-stack-events", "a bare array", "one event per line", "pages one after the other"];
    let json: Vec<&str> = json
        .into_iter()
        .chain(["describe-events", "EventBridge notifications", "Ansible over many lines"])
        .chain(["a query's lists", "a query's objects"])
        .collect();
    let book = common::book();
    for (name, text) in incident::all().iter().filter(|(name, _)| !json.contains(name)) {
        let folded = text.trim_end().replace('\n', "\\n");
        let verdict = diagnose(folded.as_bytes(), &book).expect("readable").verdict;
        let verdict = verdict.unwrap_or_else(|| panic!("{name}: no failure found"));
        assert_eq!(verdict.root.logical_id.as_deref(), Some(incident::ROOT), "{name}");
        assert_eq!(verdict.root.line, 1, "{name}");
    }
}

#[test]
fn utf16_and_gzip_change_nothing() {
    let utf16 =
        |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_all(utf16, &[]);
    assert_all(
        |text| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).expect("write");
            encoder.finish().expect("finish")
        },
        &[],
    );
}

#[test]
fn a_long_healthy_log_around_it_changes_nothing() {
    let book = common::book();
    let noise: String =
        (0..10_000).map(|n| format!("step {n}: compiled module m{n} in {} ms\n", n % 97)).collect();
    for (name, text) in incident::all() {
        let long = format!("{noise}{text}\n{noise}");
        let diagnosis = diagnose(long.as_bytes(), &book).expect("readable");
        if let Some(complaint) = complaint(name, &long, &diagnosis) {
            panic!("{complaint}");
        }
    }
}

#[test]
fn set_aside_failures_are_counted() {
    let diagnosis = common::read(&incident::all()[0].1);
    assert_eq!((diagnosis.noise.cancelled, diagnosis.noise.parent_echo), (1, 2));
    assert_eq!(diagnosis.source.order.as_deref(), Some("newest-first"));
    assert_eq!(diagnosis.source.operation.as_deref(), Some("create"));
    assert_eq!(diagnosis.source.stack.as_deref(), Some(incident::STACK));
}

/// The logical id and the line of the root.
fn root(text: &str) -> (Option<String>, usize) {
    let root = common::read(text).verdict.expect("a failure").root;
    (root.logical_id, root.line)
}

#[test]
fn a_stack_sets_reason_names_the_resource() {
    let text = "{\"Summaries\": [{\n\"StackSetId\": \"guard:1\", \"Status\": \"OUTDATED\",\n\"StatusReason\": \"ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:Trail guard already exists.\"}]}";
    assert_eq!(root(text), (Some("Trail".to_owned()), 3));
}

#[test]
fn the_result_of_an_action_is_read_behind_its_mark() {
    let text = "Run deploy\n##[debug]Creating CloudFormation Stack\nError: {\"result\":{\"state\":\"FAILURE\",\"reason\":{\"Stacks\":[{\"StackName\":\"web\",\"StackStatus\":\"ROLLBACK_FAILED\",\"StackStatusReason\":\"The following resource(s) failed to delete: [WebRole]. \"}]}}}\n";
    assert_eq!(root(text), (Some("WebRole".to_owned()), 3));
}

#[test]
fn an_error_of_one_of_several_tasks_is_read_without_its_name() {
    let text = "[web]   Compiled successfully.\n[api]     An error occurred: Ledger - orders-ledger already exists.\n[web]   File sizes after gzip:\n";
    assert_eq!(root(text), (Some("Ledger".to_owned()), 2));
}

#[test]
fn a_wrapped_list_of_failed_resources_names_more_than_one() {
    let text = "- Creating the infrastructure for stack shop                  [rollback complete]  [9.3s]\n  The following resource(s) failed to create: [Env]. Rollback requested   \n  by user.                                                                \n  - Update your environment's shared resources                 [update rollback complete]  [4.2s]\n    The following resource(s) failed to create: [Route, Addre                \n    ss].                                                                  \n    - An Elastic IP                                             [delete complete]  [1.7s]\n      The maximum number of addresses has been reached.                   \n";
    assert_eq!(root(text).0, None);
}
