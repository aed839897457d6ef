//! The house's shape: which room may depend on which, and what each must stay free of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn dependencies(room: &str) -> BTreeSet<String> {
    let manifest =
        std::fs::read_to_string(root().join(room).join("Cargo.toml")).expect("every room has a manifest");
    let manifest: toml::Table = manifest.parse().expect("the manifest is TOML");
    let table = manifest["dependencies"].as_table().expect("every room has dependencies");
    table.keys().cloned().collect()
}

fn rooms_of(room: &str) -> BTreeSet<String> {
    let inner = |name: &String| name.strip_prefix("provision-").map(str::to_owned);
    dependencies(room).iter().filter_map(inner).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn rooms_depend_on_each_other_in_one_direction_only() {
    assert_eq!(rooms_of("rules"), set(&[]));
    assert_eq!(rooms_of("planner"), set(&[]));
    assert_eq!(rooms_of("prompts"), set(&["planner", "rules"]));
    assert_eq!(rooms_of("executor"), set(&["planner", "rules"]));
    assert_eq!(rooms_of("agent"), set(&["executor", "planner", "prompts", "rules"]));
}

#[test]
fn only_the_executor_can_start_processes_or_reach_aws_and_only_the_agent_a_model() {
    let network = ["tokio", "reqwest", "hyper", "aws-config", "aws-sdk-cloudformation", "async-openai"];
    for room in ["rules", "planner", "prompts"] {
        let found: Vec<String> =
            dependencies(room).into_iter().filter(|d| network.contains(&d.as_str())).collect();
        assert!(found.is_empty(), "{room} depends on {found:?}");
    }
    assert!(!dependencies("executor").contains("async-openai"));
    let aws: Vec<String> = dependencies("agent").into_iter().filter(|d| d.starts_with("aws-")).collect();
    assert!(aws.is_empty(), "agent depends on {aws:?}");
}

#[test]
fn no_room_but_the_executor_names_a_process_api() {
    for room in ["rules", "planner", "prompts", "agent"] {
        for file in sources(&root().join(room).join("src")) {
            let text = std::fs::read_to_string(&file).expect("a source file is text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for api in ["process::Command", "Command::spawn", "exec::"] {
                assert!(!code.contains(api), "{} uses {api}", file.display());
            }
        }
    }
}

#[test]
fn every_source_file_says_its_job_first() {
    for room in ["rules", "planner", "prompts", "executor", "agent"] {
        for file in sources(&root().join(room).join("src")) {
            let text = std::fs::read_to_string(&file).expect("a source file is text");
            assert!(text.starts_with("//! "), "{} does not open with its purpose", file.display());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_readme_has_the_exit_codes_that_the_help_has() {
    let help = crate::env::TestEnv::new().run(&["--help"]).expect_code(0).stdout;
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let codes = help.split("Exit codes:").nth(1).expect("the help lists exit codes");
    for line in codes.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (code, meaning) = line.split_once("  ").expect("a code and its meaning");
        assert!(readme.contains(&format!("| {code} | {meaning} |")), "the README lacks: {line}");
    }
}
