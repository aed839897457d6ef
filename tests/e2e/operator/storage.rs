//! `provision storage`: what there is, what there should be, and the gated growth.

use serde_json::{Value, json};

use super::deployment::{answer, claim, denied, instance, kubernetes, platform};
use crate::platform::Platform;

const EC2: [&str; 7] = ["storage", "--target", "ec2", "--stack-name", "demo", "--region", "us-east-1"];
const EKS: [&str; 7] = ["storage", "--target", "eks", "--cluster-name", "demo", "--region", "us-east-1"];

fn with(args: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [args, more].concat()
}

fn volume(gib: u64) -> Platform {
    let mut answers = instance(gib);
    answers.push(answer(
        "aws",
        &["ec2", "modify-volume"],
        json!({ "VolumeModification": { "ModificationState": "modifying" } }),
    ));
    answers
        .push(json!({ "tool": "aws", "words": ["describe-volumes-modifications"], "stdout": "optimizing" }));
    platform(&answers)
}

fn cluster() -> Platform {
    let mut answers = vec![
        answer("kubectl", &["patch"], json!({})),
        json!({ "tool": "kubectl", "words": ["jsonpath"], "stdout": "30Gi" }),
    ];
    answers.extend(kubernetes(json!([]), json!([])));
    platform(&answers)
}

#[test]
fn the_volume_is_weighed_against_the_plugin_strategies() {
    let run = volume(200).run(&with(&EC2, &["--strategy", "prebuilt"])).expect_code(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn growing_shows_the_plan_and_runs_nothing_without_a_yes() {
    let platform = volume(200);
    let run = platform.run(&with(&EC2, &["--grow", "500"])).expect_code(6);
    let digest = regex::Regex::new("plan [0-9a-f]{8}").expect("a pattern");
    insta::assert_snapshot!(digest.replace(&run.stdout, "plan 00000000"));
    assert!(platform.calls_with("aws", "modify-volume").is_empty());
}

#[test]
fn an_approved_growth_modifies_waits_and_leaves_the_steps_on_the_instance_to_the_operator() {
    let platform = volume(200);
    let run = platform.run(&with(&EC2, &["--grow", "500", "--yes"])).expect_code(0);
    let calls = platform.calls_with("aws", "modify-volume");
    let argv = json!([
        "ec2",
        "modify-volume",
        "--volume-id",
        "vol-0data",
        "--size",
        "500",
        "--region",
        "us-east-1",
        "--output",
        "json"
    ]);
    assert_eq!(calls.iter().map(|call| &call["argv"]).collect::<Vec<_>>(), [&argv]);
    assert_eq!(platform.calls_with("aws", "describe-volumes-modifications").len(), 1);
    assert!(
        run.stdout.contains("aws ssm start-session --region us-east-1 --target i-0a1b2c"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("xfs_growfs /opt/pipeline"), "{}", run.stdout);
    let runs = platform.run(&["runs", "--json"]).json();
    assert_eq!((&runs["runs"][0]["action"], &runs["runs"][0]["status"]), (&json!("change"), &json!("done")));
}

#[test]
fn the_digest_that_was_read_approves_and_another_does_not() {
    let platform = volume(200);
    let plan = platform.run(&with(&EC2, &["--grow", "500", "--json"])).expect_code(0).json();
    assert_eq!((&plan["action"], &plan["steps"][0]["effect"]), (&json!("change"), &json!("cloud-change")));
    let digest = plan["digest"].as_str().expect("a digest").to_owned();
    let args = with(&EC2, &["--grow", "400", "--approve"]);
    platform.run(&[&args[..], &[digest.as_str()]].concat()).expect_code(6);
    let args = with(&EC2, &["--grow", "500", "--approve"]);
    platform.run(&[&args[..], &[digest.as_str()]].concat()).expect_code(0);
}

#[test]
fn storage_never_shrinks_and_the_same_size_is_nothing_to_do() {
    let platform = volume(500);
    let run = platform.run(&with(&EC2, &["--grow", "200", "--yes"])).expect_code(2);
    assert_eq!(
        run.stderr,
        "error: the volume vol-0data has 500 GiB; storage never shrinks, so 200 GiB is refused\n"
    );
    let run = platform.run(&with(&EC2, &["--grow", "500", "--yes"])).expect_code(0);
    assert_eq!(run.stderr, "the volume vol-0data has 500 GiB already; nothing to do\n");
    assert!(platform.calls_with("aws", "modify-volume").is_empty());
}

#[test]
fn a_modification_that_aws_refuses_ends_the_run_and_says_what_is_left() {
    let mut answers = vec![
        json!({ "tool": "aws", "words": ["modify-volume"], "stdout": " ", "code": 254, "stderr":
        "\nAn error occurred (VolumeModificationRateExceeded) when calling the ModifyVolume operation: You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.\n" }),
    ];
    answers.extend(instance(200));
    let run = platform(&answers).run(&with(&EC2, &["--grow", "500", "--yes"])).expect_code(8);
    assert!(run.stdout.contains("modify failed"), "{}", run.stdout);
    assert!(
        run.stdout.contains("Resume with:") && run.stdout.contains("describe-volumes-modifications"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_modification_that_fails_while_it_is_waited_for_is_a_failure() {
    let mut answers =
        vec![json!({ "tool": "aws", "words": ["describe-volumes-modifications"], "stdout": "failed" })];
    answers.extend(instance(200));
    answers.push(answer("aws", &["ec2", "modify-volume"], json!({})));
    let run = platform(&answers).run(&with(&EC2, &["--grow", "500", "--yes"])).expect_code(8);
    assert!(run.stdout.contains("wait failed: it says \"failed\""), "{}", run.stdout);
}

#[test]
fn a_volume_that_cannot_be_seen_blocks_and_says_why() {
    let mut answers = vec![denied(&["ec2", "describe-volumes"], "DescribeVolumes", "ec2:DescribeVolumes")];
    answers.extend(instance(200));
    let run = platform(&answers).run(&with(&EC2, &["--grow", "500", "--yes"])).expect_code(5);
    assert!(run.stderr.contains("the storage was not seen: AccessDeniedException"), "{}", run.stderr);
    platform(&answers).run(&EC2).expect_code(2);
}

#[test]
fn claims_are_listed_with_what_their_class_allows() {
    let run = cluster().run(&EKS).expect_code(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_claim_grows_by_a_patch_to_this_very_cluster() {
    let platform = cluster();
    let run = platform.run(&with(&EKS, &["--pvc", "postgres-data", "--grow", "30", "--yes"])).expect_code(0);
    let calls = platform.calls_with("kubectl", "patch");
    let argv: Vec<&str> =
        calls[0]["argv"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
    assert_eq!(
        argv,
        [
            "--context",
            "demo",
            "--namespace",
            "pipeline-builder",
            "patch",
            "persistentvolumeclaim",
            "postgres-data",
            "--type",
            "merge",
            "--patch",
            r#"{"spec":{"resources":{"requests":{"storage":"30Gi"}}}}"#
        ]
    );
    assert!(run.stdout.contains("EKS is changed"), "{}", run.stdout);
}

#[test]
fn a_claim_that_cannot_grow_is_refused_with_the_reason() {
    for (claims, name, says) in [
        (json!([claim("fixed", "slow", "10Gi")]), "fixed", "its storage class slow does not allow expansion"),
        (json!([claim("registry", "pb-efs", "10Gi")]), "registry", "it is on EFS, which grows by itself"),
        (json!([claim("other", "pb-ebs", "10Gi")]), "mine", "no such claim; there are other"),
    ] {
        let mut answers = vec![
            answer("kubectl", &["get", "persistentvolumeclaims"], json!({ "items": claims })),
            answer(
                "kubectl",
                &["get", "storageclasses"],
                json!({ "items": [
                { "metadata": { "name": "slow" }, "provisioner": "ebs.csi.aws.com" },
                { "metadata": { "name": "pb-efs" }, "provisioner": "efs.csi.aws.com" },
                { "metadata": { "name": "pb-ebs" }, "provisioner": "ebs.csi.aws.com", "allowVolumeExpansion": true },
            ] }),
            ),
        ];
        answers.extend(kubernetes(json!([]), json!([])));
        let platform = platform(&answers);
        let run =
            platform.run(&[&EKS[..], &["--pvc", name, "--grow", "30", "--yes"]].concat()).expect_code(2);
        assert_eq!(run.stderr, format!("error: --pvc {name}: {says}; nothing was changed\n"));
        assert!(platform.calls_with("kubectl", "patch").is_empty());
    }
}
