//! Stacks on LocalStack, a real CloudFormation engine; `tests/run.sh` starts it and runs these tests.

use std::process::Command;

use serde_json::Value;

use crate::env::{Run, TestEnv, fixtures};

const WHY: &str = "LocalStack is not running: bash tests/run.sh starts it";

const TEMPLATE: &str = "\
Parameters:
  Key: { Type: String, Default: id }
Resources:
  Topic: { Type: 'AWS::SNS::Topic' }
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: !Ref Key, AttributeType: S }]
      KeySchema: [{ AttributeName: !Ref Key, KeyType: HASH }]
Outputs:
  TableName: { Value: !Ref Orders }
";

/// An environment whose AWS is LocalStack.
fn cloud() -> TestEnv {
    let endpoint = std::env::var("PROVISION_TEST_LOCALSTACK").expect(WHY);
    let env = TestEnv::new().var("AWS_ENDPOINT_URL", endpoint).var("AWS_REGION", "us-east-1");
    let env = env.var("AWS_ACCESS_KEY_ID", "test").var("AWS_SECRET_ACCESS_KEY", "test");
    env.file("shop.yaml", TEMPLATE);
    env
}

fn deploy(env: &TestEnv, name: &str, more: &[&str]) -> Run {
    env.run(
        &[&["--target", "stack", "--stack-name", name, "--template", "shop.yaml", "--yes"], more].concat(),
    )
}

/// What the real AWS CLI says about a stack.
fn described(env: &TestEnv, name: &str) -> Option<Value> {
    let venv = std::env::var("PROVISION_TEST_VENV").expect(WHY);
    let mut command = Command::new(format!("{venv}/aws"));
    command.args(["cloudformation", "describe-stacks", "--stack-name", name, "--output", "json"]);
    let output = command.env_clear().envs(env.variables()).output().expect("the AWS CLI runs");
    let document: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(document["Stacks"][0].clone())
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn a_stack_comes_up_is_left_alone_and_goes_down_again() {
    let env = cloud();
    let run = deploy(&env, "shop-whole", &[]).expect_code(0);
    assert!(run.stdout.contains("creates 2") && run.stdout.contains("TableName"), "{}", run.stdout);
    assert_eq!(described(&env, "shop-whole").expect("the stack is there")["StackStatus"], "CREATE_COMPLETE");
    let teardown =
        ["--target", "stack", "--stack-name", "shop-whole", "--teardown", "--confirm", "shop-whole"];
    env.run(&teardown).expect_code(0);
    assert!(described(&env, "shop-whole").is_none_or(|stack| stack["StackStatus"] == "DELETE_COMPLETE"));
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn a_resource_that_cannot_be_made_ends_in_its_cause() {
    let env = cloud();
    let broken = TEMPLATE.replace("AttributeName: !Ref Key, KeyType", "AttributeName: other, KeyType");
    env.file("shop.yaml", broken);
    let run = deploy(&env, "shop-broken", &["--retries", "0"]).expect_code(7);
    assert!(run.stdout.contains("✗ Orders"), "{}", run.stdout);
    let found = env.run(&["--diagnose", "stack:shop-broken", "--json"]);
    assert!(matches!(found.code, Some(3 | 4)), "{}", found.stderr);
    assert_eq!(found.json()["verdict"]["root"]["logical_id"], "Orders");
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn the_template_of_the_fixture_platform_is_taken_as_far_as_the_emulator_goes() {
    let env = cloud();
    let template = fixtures().join("platform/deploy/aws/ec2/template.yaml");
    env.file("platform.yaml", std::fs::read(template).expect("the template is there"));
    let args = [
        "--target",
        "stack",
        "--stack-name",
        "platform",
        "--template",
        "platform.yaml",
        "--yes",
        "--retries",
        "0",
        "--capability",
        "CAPABILITY_IAM",
        "--param",
        "KeyPairName=ops",
        "--param",
        "DomainName=ci.example.com",
        "--param",
        "HostedZoneId=Z0123456789ABC",
        "--param",
        "DeployMode=public",
    ];
    let run = env.run(&args);
    // The emulator may lack a service; what it has must come up, and what it lacks must be named.
    assert!(run.stdout.contains("The change set creates platform"), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("✓ Network"), "{}", run.stdout);
    assert!(matches!(run.code, Some(0 | 7)), "{:?}", run.code);
    assert!(run.code == Some(0) || run.stdout.contains("Cause"), "{}", run.stdout);
}
