//! A whole plan of each target, as `--json` prints it.

use crate::support::{Ask, complete_eks, deploy, teardown};

fn json(ask: Ask) -> String {
    serde_json::to_string_pretty(&ask.ready()).expect("a plan is JSON")
}

#[test]
fn a_plan_for_docker() {
    let ask = deploy("docker").flag("with_samples", "true").flag("admin_password", "s3cret-pass");
    insta::assert_snapshot!(json(ask));
}

#[test]
fn a_plan_for_minikube_from_a_clone() {
    insta::assert_snapshot!(json(
        deploy("minikube").no_checkout().flag("repo", "").flag("with_plugins", "true")
    ));
}

#[test]
fn a_plan_for_ec2_with_inputs_missing() {
    let ask = deploy("ec2")
        .slot("region", "eu-west-1", "in Ireland")
        .flag("init", "manual")
        .post_step("make smoke");
    insta::assert_snapshot!(serde_json::to_string_pretty(&ask.plan()).unwrap());
}

#[test]
fn a_plan_for_eks() {
    let ask = complete_eks().slot("email", true, "with email enabled").env("EMAIL_FROM_NAME", "Someone");
    insta::assert_snapshot!(json(ask.flag("with_events", "true")));
}

#[test]
fn a_plan_for_taking_down_eks() {
    insta::assert_snapshot!(json(teardown("eks").flag("cluster_name", "demo")));
}
