//! One test against a real server of the reader's own, where a variable of the environment names it.

use super::unknown;
use crate::env::TestEnv;

/// The server's address, such as `http://127.0.0.1:11434/v1`; its model stands in [`MODEL`].
const ADDRESS: &str = "PROVISION_TEST_LLM_BASE_URL";
const MODEL: &str = "PROVISION_TEST_LLM_MODEL";

#[test]
fn a_real_local_server_passes_the_check_and_changes_no_verdict() {
    let (Ok(address), Ok(model)) = (std::env::var(ADDRESS), std::env::var(MODEL)) else {
        eprintln!("NOT RUN: the test against a real model server; set {ADDRESS} and {MODEL} to run it");
        return;
    };
    let env = TestEnv::new().var("OPENAI_BASE_URL", &address).var("PROVISION_MODEL", &model);
    let env = env.var("PROVISION_LLM_EGRESS", "local");
    let check = env.run(&["llm", "check", "--llm-max-seconds", "120"]);
    assert_eq!(check.code, Some(0), "{check:?}");
    let without = TestEnv::new().run(&["--diagnose", &unknown()]).expect_code(4).stdout;
    let with = env.run(&["--diagnose", &unknown(), "--llm-max-seconds", "120"]).expect_code(4);
    assert!(with.stdout.starts_with(&without), "{with:?}");
}
