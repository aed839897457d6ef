//! The journal on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use provision_executor::{Journal, Masker};
use provision_planner::Secret;
use serde_json::{Value, json};

use crate::support::scratch;

#[test]
fn records_are_appended_as_lines_of_json_with_secrets_masked() {
    let dir = scratch();
    let path = dir.path().join("state/provision/run.jsonl");
    let masker = Masker::new(&[Secret::new("hunter2-hunter2".to_owned())]);
    for run in ["one", "two"] {
        let mut journal = Journal::open(&path, run).unwrap();
        let data = json!({ "text": "use hunter2-hunter2", "hunter2-hunter2": [1, "hunter2-hunter2"] });
        journal.write("intent", "deploy", data, &masker).unwrap();
        journal.write("outcome", "deploy", json!({}), &masker).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let order: Vec<_> =
        records.iter().map(|r| (r["run"].as_str().unwrap(), r["seq"].as_u64().unwrap())).collect();
    assert_eq!(order, [("one", 0), ("one", 1), ("two", 0), ("two", 1)]);
    assert_eq!(records[0]["data"], json!({ "text": "use ***", "***": [1, "***"] }));
}

#[test]
fn only_its_owner_can_read_it() {
    let dir = scratch();
    let path = dir.path().join("state/run.jsonl");
    Journal::open(&path, "one").unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}
