//! `provision parse`: goals in plain words through the binary.

use serde_json::json;

use crate::env::TestEnv;

fn slots(goal: &str) -> serde_json::Value {
    let document = TestEnv::new().run(&["parse", "--json", "--", goal]).expect_code(0).json();
    let slots = document["goal"]["slots"].as_object().expect("slots are an object").clone();
    slots.into_iter().map(|(name, slot)| (name, slot["value"].clone())).collect()
}

#[test]
fn the_seed_goal_fills_action_target_region_and_email() {
    let want = json!({"action": "deploy", "email": true, "region": "us-east-1", "target": "eks"});
    assert_eq!(slots("deploy to EKS in us-east-1 with email enabled"), want);
}

#[test]
fn what_the_text_does_not_state_stays_open() {
    assert_eq!(slots("ec2 or eks?"), json!({}));
    assert_eq!(slots("what a nice day"), json!({}));
}

#[test]
fn a_pasted_token_is_never_used_and_never_shown() {
    let token = format!("ghp_{}", "a1B2c3D4".repeat(4));
    for args in [vec!["parse", "--json", "--"], vec!["parse", "--"]] {
        let mut args = args;
        let goal = format!("deploy to eks with ghcr token {token}");
        args.push(&goal);
        let run = TestEnv::new().run(&args).expect_code(0);
        assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token), "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("GHCR_TOKEN"), "no word on how to pass it: {}", run.stdout);
    }
}

#[test]
fn text_output_shows_each_slot_with_its_words_and_what_was_not_taken() {
    let run = TestEnv::new().run(&["parse", "EKS in Tokyo; maybe later also eu-west-1"]).expect_code(0);
    assert!(run.stdout.contains("ap-northeast-1") && run.stdout.contains("Tokyo"), "{}", run.stdout);
    assert!(run.stdout.contains("eu-west-1"), "the later option is not mentioned: {}", run.stdout);
}
