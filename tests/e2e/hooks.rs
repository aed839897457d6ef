//! Hooks that refuse or warn: what they said is read while the operation runs, and shown.

use crate::stacks::{cloud, deploy};

#[test]
fn what_a_hook_said_is_read_while_it_refuses_and_a_warning_is_no_cause() {
    for api in ["no", "yes"] {
        let platform = cloud(&format!("deploy=hook-refuses\ndescribe_events={api}\n"));
        let run = deploy(&platform, &["--yes", "--retries", "0"]).expect_code(7);
        for said in [
            "! Topic  AWS::SNS::Topic  hook Org::Tags::Advice warns",
            "✗ Archive  AWS::S3::Bucket  hook Org::Storage::Guard refuses it",
            "S3_BLOCK_PUBLIC: The bucket does not block public access: Set PublicAccessBlockConfiguration",
            "policy-hook",
        ] {
            assert!(run.stdout.contains(said), "{said} is missing:\n{}", run.stdout);
        }
        let found = platform.run(&["--diagnose", "stack:orders", "--region", "us-east-1", "--json"]);
        let cause = found.expect_code(3).json()["verdict"]["cause"].to_string();
        assert!(cause.contains("Org::Storage::Guard") && cause.contains("S3_BLOCK_PUBLIC"), "{cause}");
    }
    let run = deploy(&cloud("deploy=hook-refuses\nhook_results=denied\n"), &["--yes", "--retries", "0"]);
    let run = run.expect_code(7);
    assert!(run.stdout.contains("not visible: what the hooks said: AccessDenied"), "{}", run.stdout);
    assert!(run.stdout.contains("policy-hook"), "{}", run.stdout);
}

#[test]
fn a_hook_that_refuses_the_change_set_is_quoted() {
    let platform = cloud("change_set=The following hook(s) failed: [Org::Review::Guard]\n");
    let run = deploy(&platform, &["--yes", "--retries", "0"]).expect_code(7);
    let quoted = "Hook Org::Review::Guard failed with message: No deploys during the";
    assert!(run.stdout.contains(quoted), "{}", run.stdout);
}
