//! Causes that a run mends by itself: what it changes or how it waits, once approved.

use crate::env::TestEnv;
use crate::platform::Platform;
use crate::stacks::{TEMPLATE, cloud, deploy};

/// The template with one more parameter.
fn with_parameter(platform: &Platform, parameter: &str) {
    let text = TEMPLATE.replace("Resources:", &format!("  {parameter}\nResources:"));
    std::fs::write(platform.root().join("orders.yaml"), text).expect("the template can be written");
}

#[test]
fn capabilities_that_are_missing_are_acknowledged_after_a_yes() {
    let platform = cloud("needs=CAPABILITY_NAMED_IAM\n");
    let run = deploy(&platform, &["--yes"]).expect_code(0);
    assert!(run.stdout.contains("capability.CAPABILITY_NAMED_IAM"), "{}", run.stdout);
    let platform = cloud("needs=CAPABILITY_NAMED_IAM\n");
    deploy(&platform, &["--yes", "--retries", "0"]).expect_code(7);
}

#[test]
fn a_zone_or_subnet_that_is_refused_is_left_for_one_that_the_message_offers() {
    for (scenario, name, refused, offered) in [
        ("zone-refused", "Zone", "us-east-1e", "us-east-1a"),
        ("subnet-refused", "Subnet", "subnet-0aaa1111bbbb", "subnet-0bbb2222cccc"),
    ] {
        let platform = cloud(&format!("deploy={scenario}\n"));
        with_parameter(&platform, &format!("{name}: {{ Type: String }}"));
        let run = deploy(&platform, &["--yes", "--param", &format!("{name}={refused}")]).expect_code(0);
        assert!(run.stdout.contains(&format!("+ param.{name} \"{offered}\"")), "{}", run.stdout);
        assert!(run.stdout.contains("the stack that this run made was rolled back"), "{}", run.stdout);
        assert!(run.stdout.contains("orders is deployed"), "{}", run.stdout);
    }
}

/// Failures as their services word them, with the kind of fix that a run applies: a wait, or the input that it changes.
const MENDED: [(&str, &str, &str); 9] = [
    (
        "AWS::SES::EmailIdentity",
        "Email identity ci.acme.io already exists. (Service: SesV2)",
        "skip_ses_identity",
    ),
    (
        "AWS::CertificateManager::Certificate",
        "Exceeded attempts to wait (HandlerErrorCode: NotStabilized)",
        "wait",
    ),
    (
        "AWS::ElasticLoadBalancingV2::Listener",
        "Certificate ARN 'arn:aws:acm:a:1:b' is not valid (pending validation)",
        "wait",
    ),
    ("AWS::ECS::Cluster", "Unable to assume the service linked role. (Service: AmazonECS)", "wait"),
    (
        "AWS::IAM::Role",
        "Rate exceeded (Service: Iam, Status Code: 400) (HandlerErrorCode: Throttling)",
        "wait",
    ),
    ("AWS::EC2::Instance", "Internal Failure", "wait"),
    ("AWS::RDS::DBInstance", "An internal error has occurred (Service: Rds, Status Code: 500)", "wait"),
    (
        "AWS::Lambda::Function",
        "The role defined for the function cannot be assumed by Lambda. (Service: Lambda)",
        "wait",
    ),
    (
        "AWS::EC2::VPC",
        "The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400)",
        "operator",
    ),
];

#[test]
fn every_cause_that_a_run_mends_has_a_fix_that_says_what_it_does() {
    let env = TestEnv::new();
    for (kind, reason, expected) in MENDED {
        let event = serde_json::json!({ "StackName": "shop", "LogicalResourceId": "It", "ResourceType": kind,
            "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": reason });
        env.file("events.json", serde_json::json!({ "StackEvents": [event] }).to_string());
        let verdict = &env.run(&["--diagnose", "events.json", "--json"]).expect_code(3).json()["verdict"];
        let fix = &verdict["fix"];
        let does = if fix["kind"] == "param" { &fix["input"] } else { &fix["kind"] };
        assert_eq!(does, expected, "{reason}: {verdict}");
        let waits = fix["wait_seconds"].as_u64();
        assert!(expected != "wait" || waits.is_some_and(|seconds| seconds > 0), "{reason}: {verdict}");
    }
}

#[test]
fn a_wait_says_until_when_and_ends_at_an_interrupt() {
    let platform = Platform::new().scenario("deploy=throttled-once\n").with_cloudformation();
    let ec2 = [
        "--target",
        "ec2",
        "--domain",
        "ci.acme.example",
        "--hosted-zone-id",
        "Z123",
        "--key-pair",
        "ops",
        "--yes",
    ];
    let output = platform.env().home().join("output");
    let file = std::fs::File::create(&output).expect("a file");
    let mut run = crate::lab::Running::start(platform.env().command(&ec2).stdout(file));
    let printed = || std::fs::read_to_string(&output).unwrap_or_default();
    assert!(crate::lab::eventually(|| printed().contains("waiting until ")), "{}", printed());
    run.signal("INT");
    assert_eq!(run.code(), Some(130), "{}", printed());
    assert!(printed().contains(" UTC: "), "{}", printed());
}
