//! The pages of the operator commands: each names its policy, its exit codes and a line for cron.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").canonicalize().expect("the docs are there")
}

/// The commands that have a policy.
fn commands() -> BTreeSet<String> {
    let files = std::fs::read_dir(docs().join("iam")).expect("the policies are there");
    let names = files.map(|file| file.expect("a readable entry").path());
    names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

#[test]
fn every_policy_parses_grants_single_actions_and_is_named_by_its_page() {
    assert!(commands().contains("setup-events") && commands().contains("store-token"));
    for command in commands() {
        let text = std::fs::read_to_string(docs().join(format!("iam/{command}.json"))).expect("a policy");
        let policy: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{command}: {error}"));
        assert_eq!(policy["Version"], "2012-10-17", "{command}");
        for statement in policy["Statement"].as_array().expect("statements") {
            assert_eq!(statement["Effect"], "Allow", "{command}");
            let one = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for action in one(&statement["Action"]) {
                let action = action.as_str().expect("an action is text").to_owned();
                assert!(action.contains(':') && !action.contains('*'), "{command}: {action}");
            }
            assert!(!one(&statement["Resource"]).is_empty(), "{command}");
        }
        let page = std::fs::read_to_string(docs().join(format!("{command}.md"))).expect("a page");
        assert!(page.contains(&format!("(iam/{command}.json)")), "{command}.md does not name its policy");
    }
}

#[test]
fn every_page_says_how_the_command_ends_and_how_cron_runs_it() {
    for command in ["audit-stacks", "setup-events", "store-token"] {
        let page = std::fs::read_to_string(docs().join(format!("{command}.md"))).expect("a page");
        assert!(page.contains("Exit codes") || page.contains("exit codes"), "{command}");
        let cron = |line: &str| line.contains(" * ") && line.contains(&format!("provision {command}"));
        assert!(page.lines().any(cron), "{command}.md has no line for cron");
    }
}

#[test]
fn every_flag_of_the_command_stands_on_its_page() {
    for command in ["setup-events", "store-token"] {
        let page = std::fs::read_to_string(docs().join(format!("{command}.md"))).expect("a page");
        let help = crate::env::TestEnv::new().run(&[command, "-h"]).expect_code(0).stdout;
        let own = help.split("\nOutput:").next().unwrap_or_default();
        let flags = own.split_whitespace().filter(|word| word.starts_with("--"));
        for flag in flags.map(|flag| flag.trim_matches(|c: char| !c.is_alphanumeric() && c != '-')) {
            assert!(flag == "--help" || page.contains(flag), "{command}.md lacks {flag}");
        }
    }
}
