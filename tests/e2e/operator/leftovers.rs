//! `provision leftovers`, and what a teardown says of what it left.

use serde_json::{Value, json};

use super::deployment::{answer, around, denied, platform};
use crate::platform::Platform;

const EKS: [&str; 11] = [
    "leftovers",
    "--target",
    "eks",
    "--cluster-name",
    "demo",
    "--region",
    "us-east-1",
    "--domain",
    "ci.example.invalid",
    "--hosted-zone-id",
    "Z0123456789ABC",
];

fn answers() -> Vec<Value> {
    let mut answers = vec![
        answer(
            "aws",
            &["ec2", "describe-volumes", "KubernetesCluster"],
            json!({ "Volumes": [
            { "VolumeId": "vol-0postgres", "Size": 10, "AvailabilityZone": "us-east-1a", "State": "available" },
        ] }),
        ),
        answer(
            "aws",
            &["ec2", "describe-volumes", "eks-cluster-name"],
            json!({ "Volumes": [
            { "VolumeId": "vol-0postgres", "Size": 10, "AvailabilityZone": "us-east-1a", "State": "available" },
            { "VolumeId": "vol-0mongo", "Size": 20, "AvailabilityZone": "us-east-1b", "State": "available" },
        ] }),
        ),
        answer(
            "aws",
            &["efs", "describe-file-systems"],
            json!({ "FileSystems": [
            { "FileSystemId": "fs-0abc", "CreationToken": "demo-efs", "SizeInBytes": { "Value": 42949672960_u64 } },
            { "FileSystemId": "fs-0other", "CreationToken": "elsewhere", "SizeInBytes": { "Value": 1 } },
        ] }),
        ),
        answer(
            "aws",
            &["efs", "describe-mount-targets"],
            json!({ "MountTargets": [
            { "MountTargetId": "fsmt-1" }, { "MountTargetId": "fsmt-2" },
        ] }),
        ),
        answer(
            "aws",
            &["logs", "describe-log-groups", "/aws/eks/demo/"],
            json!({ "logGroups": [
            { "logGroupName": "/aws/eks/demo/cluster", "storedBytes": 1048576 },
        ] }),
        ),
        answer(
            "aws",
            &["cloudformation", "describe-stacks", "us-east-1"],
            json!({ "Stacks": [
            { "StackName": "pipeline-builder-events", "StackStatus": "CREATE_COMPLETE" },
            { "StackName": "orders", "StackStatus": "CREATE_COMPLETE" },
        ] }),
        ),
        answer(
            "aws",
            &["secretsmanager", "list-secrets"],
            json!({ "SecretList": [
            { "Name": "pipeline-builder/orchard/platform" }, { "Name": "other/pipeline-builder/x" },
        ] }),
        ),
    ];
    answers.extend(around());
    answers
}

#[test]
fn what_is_left_is_listed_with_cost_hindrance_and_commands() {
    let run = platform(&answers()).run(&EKS).expect_code(1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn the_json_has_the_commands_one_by_one_and_nothing_twice() {
    let document = platform(&answers()).run(&[&EKS[..], &["--json"]].concat()).expect_code(1).json();
    let left = document["left"].as_array().expect("a list");
    let of = |name: &str| left.iter().filter(|left| left["name"] == name).collect::<Vec<_>>();
    assert_eq!(of("vol-0postgres").len(), 1, "found by two tags, listed once");
    assert!(of("fs-0other").is_empty() && of("orders").is_empty(), "what belongs to others is left alone");
    assert_eq!(
        of("fs-0abc")[0]["remove"],
        json!([
            "aws efs delete-mount-target --mount-target-id fsmt-1 --region us-east-1",
            "aws efs delete-mount-target --mount-target-id fsmt-2 --region us-east-1",
            "aws efs delete-file-system --file-system-id fs-0abc --region us-east-1",
        ])
    );
    assert_eq!(document["complete"], true);
    assert!(document["dollars"].as_f64().is_some_and(|dollars| dollars > 14.0), "{}", document["dollars"]);
}

#[test]
fn nothing_is_ever_removed() {
    let platform = platform(&answers());
    platform.run(&EKS).expect_code(1);
    let calls = platform.calls();
    let verbs = calls.iter().filter_map(|call| call["argv"][1].as_str());
    assert!(calls.len() > 15);
    for verb in verbs {
        assert!(["describe-", "list-", "get-"].iter().any(|reads| verb.starts_with(reads)), "{verb}");
    }
}

#[test]
fn what_cannot_be_looked_at_makes_the_list_incomplete() {
    let mut refused = vec![denied(
        &["efs", "describe-file-systems"],
        "DescribeFileSystems",
        "elasticfilesystem:DescribeFileSystems",
    )];
    refused.extend(answers());
    let document = platform(&refused).run(&[&EKS[..], &["--json"]].concat()).expect_code(2).json();
    assert_eq!(document["complete"], false);
    assert_eq!(document["not_seen"][0]["kind"], "EFS file system");
    // Without the zone its records cannot be looked at, and that is said, too.
    let run = platform(&answers()).run(&EKS[..9]).expect_code(2);
    assert!(run.stdout.contains("Route 53 record: --hosted-zone-id is not given"), "{}", run.stdout);
}

#[test]
fn an_account_without_a_trace_is_code_zero() {
    let run = platform(&[]).run(&EKS).expect_code(0);
    assert_eq!(run.stdout, "Left of EKS · demo · us-east-1\n✓ nothing is left\n");
}

#[test]
fn a_teardown_ends_with_what_it_left() {
    let left = [answer(
        "aws",
        &["ec2", "describe-volumes", "tag:Name"],
        json!({ "Volumes": [
        { "VolumeId": "vol-0data", "Size": 500, "AvailabilityZone": "eu-west-1a", "State": "available" },
    ] }),
    )];
    let platform =
        Platform::new().scenario("stack_state=CREATE_COMPLETE\n").with_cloudformation().answers(&left);
    let args = ["--target", "ec2", "--teardown", "--stack-name", "demo", "--region", "eu-west-1", "--force"];
    let run = platform.run(&args).expect_code(0);
    let (down, after) = run.stdout.split_once("EC2 is down").expect("the teardown is done");
    assert!(
        !down.contains("Left of") && after.contains("! EBS volume vol-0data: 500 GiB in eu-west-1a"),
        "{}",
        run.stdout
    );
    assert!(after.contains("aws ec2 delete-volume --volume-id vol-0data --region eu-west-1"), "{after}");
    assert!(after.contains("--domain is not given"), "{after}");
}

#[test]
fn a_target_that_leaves_nothing_is_a_usage_error() {
    let run = Platform::new().run(&["leftovers", "--target", "docker"]).expect_code(2);
    assert!(run.stderr.contains("docker leaves nothing that costs money"), "{}", run.stderr);
}
