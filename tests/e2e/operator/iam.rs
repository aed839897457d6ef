//! The checked-in IAM policies allow what the commands ask for, and nothing else.

use std::collections::BTreeSet;

use provision_executor::{remains, status, storage};

/// The actions that a policy allows.
fn allowed(name: &str) -> BTreeSet<String> {
    let path = format!("{}/../docs/iam/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let policy: serde_json::Value = serde_json::from_str(&text).expect("a policy is JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().expect("a list of actions"));
    actions.map(|action| action.as_str().expect("an action").to_owned()).collect()
}

fn set(actions: Vec<String>, more: &[&str]) -> BTreeSet<String> {
    actions.into_iter().chain(more.iter().map(|&action| action.to_owned())).collect()
}

#[test]
fn status_reads_and_the_stacks_are_asked_for_through_the_api() {
    let api = ["cloudformation:DescribeStacks", "cloudformation:ListStacks"];
    assert_eq!(allowed("status"), set(status::actions(), &api));
}

#[test]
fn leftovers_read() {
    assert_eq!(allowed("leftovers"), set(remains::actions(), &[]));
}

#[test]
fn storage_reads_and_may_modify_volumes() {
    let grows = ["ec2:ModifyVolume", "ec2:DescribeVolumesModifications", "sts:GetCallerIdentity"];
    assert_eq!(allowed("storage"), set(storage::actions(), &grows));
}
