//! The journal on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use provision_executor::{Chain, Journal, Masker, RecordKind, RunLog};
use provision_planner::Secret;
use serde_json::json;

use crate::support::scratch;

#[test]
fn records_are_chained_lines_of_json_with_secrets_masked() {
    let dir = scratch();
    let folder = dir.path().join("state/runs");
    let masker = Masker::new(&[Secret::new("hunter2-hunter2".to_owned())]);
    let mut journal = Journal::create(&folder, "one").unwrap();
    let data = json!({ "text": "use hunter2-hunter2", "hunter2-hunter2": [1, "hunter2-hunter2"] });
    journal.write(RecordKind::Intent, "deploy", data, &masker).unwrap();
    journal.write(RecordKind::Outcome, "deploy", json!({}), &masker).unwrap();
    let text = fs::read_to_string(folder.join("one.jsonl")).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    let log = RunLog::read(&folder, "one").unwrap();
    assert_eq!(log.chain, Chain::Intact);
    assert_eq!(log.records[0].data, json!({ "text": "use ***", "***": [1, "***"] }));
    assert!(Journal::create(&folder, "one").is_err(), "a run has one journal, which is never written anew");
}

#[test]
fn only_its_owner_can_read_it() {
    let dir = scratch();
    let folder = dir.path().join("state");
    Journal::create(&folder, "one").unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.join("one.jsonl")), mode(&folder)), (0o600, 0o700));
}
