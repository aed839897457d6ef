//! Stacks on LocalStack, a real CloudFormation engine; `tests/run.sh` starts it and runs these tests.

mod events;

use std::process::Command;

use serde_json::Value;

use crate::env::{Run, TestEnv, fixtures};

const WHY: &str = "LocalStack is not running: bash tests/run.sh starts it";

const TEMPLATE: &str = "\
Parameters:
  Name: { Type: String }
Resources:
  Topic: { Type: 'AWS::SNS::Topic' }
  Orders:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Ref Name }
Outputs:
  QueueName: { Value: !GetAtt Orders.QueueName }
";

const BROKEN: &str = "\
Resources:
  Topic: { Type: 'AWS::SNS::Topic' }
  Grant:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: grant
      Roles: [nobody-has-this-role]
      PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 'sqs:*', Resource: '*' }] }
";

/// A name that no earlier run on the same emulator took.
fn own(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// An environment whose AWS is LocalStack.
fn cloud() -> TestEnv {
    let endpoint = std::env::var("PROVISION_TEST_LOCALSTACK").expect(WHY);
    let env = TestEnv::new().var("AWS_ENDPOINT_URL", endpoint).var("AWS_REGION", "us-east-1");
    // The AWS CLI of the lock is of version 1, which reads the region from here only.
    let env = env.var("AWS_DEFAULT_REGION", "us-east-1");
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
fn a_stack_comes_up_keeps_its_data_and_goes_down_again() {
    let (env, name) = (cloud(), own("shop"));
    let queue = |queue: &str| format!("Name={}", own(queue));
    let run = deploy(&env, &name, &["--param", &queue("orders")]).expect_code(0);
    assert!(run.stdout.contains("creates 2") && run.stdout.contains("QueueName"), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("✓ {name}  create complete")), "{}", run.stdout);
    assert_eq!(described(&env, &name).expect("the stack is there")["StackStatus"], "CREATE_COMPLETE");
    // Another name is another queue, and what is in the old one would be lost.
    let run = deploy(&env, &name, &["--param", &queue("others")]).expect_code(6);
    assert!(run.stdout.contains("DATA LOSS  Orders"), "{}", run.stdout);
    env.run(&["--diagnose", &format!("stack:{name}")]).expect_code(0);
    env.run(&["--target", "stack", "--stack-name", &name, "--teardown", "--confirm", &name]).expect_code(0);
    assert!(described(&env, &name).is_none_or(|stack| stack["StackStatus"] == "DELETE_COMPLETE"));
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn a_resource_that_cannot_be_made_ends_in_its_cause() {
    let (env, name) = (cloud(), own("broken"));
    env.file("shop.yaml", BROKEN);
    let run = deploy(&env, &name, &["--retries", "0", "--capability", "CAPABILITY_IAM"]).expect_code(7);
    let cause = run.stdout.find("Cause").expect("a cause is named");
    assert!(
        run.stdout.contains("✗ Grant") && run.stdout[cause..].contains("nobody-has-this-role"),
        "{}",
        run.stdout
    );
    let found = env.run(&["--diagnose", &format!("stack:{name}"), "--json"]).expect_code(3);
    assert_eq!(found.json()["verdict"]["root"]["logical_id"], "Grant");
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn the_template_of_the_fixture_platform_is_taken_as_far_as_the_emulator_goes() {
    let (env, name) = (cloud(), own("platform"));
    let template = fixtures().join("platform/deploy/aws/ec2/template.yaml");
    env.file("platform.yaml", std::fs::read(template).expect("the template is there"));
    let args = [
        "--target",
        "stack",
        "--stack-name",
        &name,
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
    assert!(run.stdout.contains(&format!("The change set creates {name}")), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("✓ Network"), "{}", run.stdout);
    assert!(matches!(run.code, Some(0 | 7)), "{:?}", run.code);
    assert!(run.code == Some(0) || run.stdout.contains("Cause"), "{}", run.stdout);
}
