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

/// What the real AWS CLI answers; nothing where it fails.
fn aws(env: &TestEnv, args: &[&str]) -> Option<Value> {
    let venv = std::env::var("PROVISION_TEST_VENV").expect(WHY);
    let mut command = Command::new(format!("{venv}/aws"));
    command.args(args).args(["--output", "json"]);
    let output = command.env_clear().envs(env.variables()).output().expect("the AWS CLI runs");
    serde_json::from_slice(&output.stdout).ok()
}

/// What it says about a stack.
fn described(env: &TestEnv, name: &str) -> Option<Value> {
    let document = aws(env, &["cloudformation", "describe-stacks", "--stack-name", name])?;
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
fn a_template_too_large_for_a_request_goes_through_a_bucket() {
    let (env, name, bucket) = (cloud(), own("large"), own("templates"));
    let large = format!("{TEMPLATE}# {}\n", "x".repeat(200_000));
    env.file("shop.yaml", large);
    let queue = format!("Name={}", own("large-orders"));
    let missing =
        deploy(&env, &name, &["--param", &queue, "--template-bucket", "nobody-has-this"]).expect_code(7);
    assert!(missing.stdout.contains("cannot be stored in s3://nobody-has-this: NoSuchBucket"), "{missing:?}");
    aws(&env, &["s3api", "create-bucket", "--bucket", &bucket]).expect("the bucket is made");
    let run = deploy(&env, &name, &["--param", &queue, "--template-bucket", &bucket]).expect_code(0);
    assert!(run.stdout.contains(&format!("✓ {name}  create complete")), "{}", run.stdout);
    let kept = aws(&env, &["s3api", "list-objects-v2", "--bucket", &bucket]).expect("the bucket is there");
    assert_eq!(kept["Contents"].as_array().map(Vec::len), Some(1), "{kept}");
    env.run(&["--target", "stack", "--stack-name", &name, "--teardown", "--confirm", &name]).expect_code(0);
}

/// The fixture platform's template.
fn platform_template() -> String {
    let template = fixtures().join("platform/deploy/aws/ec2/template.yaml");
    std::fs::read_to_string(template).expect("the template is there")
}

/// Deploys it with what it needs: a key pair, a hosted zone, and these parameters.
fn deploy_platform(env: &TestEnv, name: &str, parameters: &[&str]) -> Run {
    let zone = ["route53", "create-hosted-zone", "--name", "example.com", "--caller-reference", name];
    let zone = aws(env, &zone).expect("the zone is made");
    let zone = zone["HostedZone"]["Id"].as_str().expect("an id").trim_start_matches("/hostedzone/");
    // It may be there from an earlier test.
    let _ = aws(env, &["ec2", "create-key-pair", "--key-name", "ops"]);
    let zone = format!("HostedZoneId={zone}");
    let mut args = vec!["--retries", "0", "--capability", "CAPABILITY_IAM", "--param", &zone];
    let usual = ["KeyPairName=ops", "DomainName=ci.example.com"];
    args.extend(usual.iter().chain(parameters).flat_map(|parameter| ["--param", *parameter]));
    deploy(env, name, &args)
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn the_template_of_the_fixture_platform_is_taken_as_far_as_the_emulator_goes() {
    for (mode, made, ends_at) in [
        ("public", ["Network", "PublicSubnetA", "LoadBalancer", "Certificate", "NatAddress"], "NatGateway"),
        (
            "private",
            ["Network", "PrivateSubnetA", "LoadBalancer", "Certificate", "CodeBuildEndpoint"],
            "DomainRecord",
        ),
    ] {
        let (env, name) = (cloud(), own(mode));
        env.file("shop.yaml", platform_template());
        let run = deploy_platform(&env, &name, &[&format!("DeployMode={mode}")]);
        assert!(run.stdout.contains(&format!("The change set creates {name}")), "{run:?}");
        for resource in made {
            assert!(run.stdout.contains(&format!("✓ {resource}  ")), "{resource}: {}", run.stdout);
        }
        // The emulator knows no elastic addresses and no private zones: what needs one fails, and is named.
        assert_eq!(run.code, Some(7), "{}", run.stdout);
        assert!(
            run.stdout.contains(&format!("✗ {ends_at}  ")) && run.stdout.contains("Cause"),
            "{}",
            run.stdout
        );
    }
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn the_template_of_the_fixture_platform_comes_up_without_what_the_emulator_does_not_know() {
    let (env, name) = (cloud(), own("whole"));
    let unknown = ["  NatAddress:", "  NatGateway:", "  PrivateDefaultRoute:"];
    let template = platform_template().replace("    DependsOn: PrivateDefaultRoute\n", "");
    let known = template.split("\n\n").filter(|block| !unknown.iter().any(|name| block.starts_with(name)));
    env.file("shop.yaml", known.collect::<Vec<_>>().join("\n\n"));
    let parameters = ["DeployMode=public", "CreateSesIdentity=false"];
    let run = deploy_platform(&env, &name, &parameters).expect_code(0);
    for resource in
        ["Instance", "Listener", "DomainRecord", "EmailConfiguration", "EmailEvents", "EmailTopic"]
    {
        assert!(run.stdout.contains(&format!("✓ {resource}  ")), "{resource}: {}", run.stdout);
    }
    for output in ["ApplicationURL", "https://ci.example.com", "InstanceId", "BootstrapLog"] {
        assert!(run.stdout.contains(output), "{output}: {}", run.stdout);
    }
    // What the emulator remarks on resources that it takes as made is no failure.
    env.run(&["--diagnose", &format!("stack:{name}")]).expect_code(0);
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn a_deploy_script_with_the_real_aws_cli_ends_in_the_cause_that_it_does_not_print() {
    let venv = std::env::var("PROVISION_TEST_VENV").expect(WHY);
    let (env, name) = (cloud(), own("scripted"));
    let (tools, checkout) = (env.home().join("tools"), env.home().join("checkout"));
    std::fs::create_dir(&tools).expect("a folder");
    std::os::unix::fs::symlink(format!("{venv}/aws"), tools.join("aws")).expect("the AWS CLI is linked");
    let copied = Command::new("cp").arg("-R").arg(fixtures().join("platform")).arg(&checkout).status();
    assert!(copied.is_ok_and(|status| status.success()), "the checkout is copied");
    let env = env.tools(tools).cwd(checkout);
    let zone = ["--target", "ec2", "--domain", "ci.example.com", "--hosted-zone-id", "Z0123456789ABC"];
    let rest =
        ["--key-pair", "ops", "--deploy-mode", "public", "--stack-name", &name, "--yes", "--retries", "0"];
    let run = env.run(&[&zone[..], &rest].concat()).expect_code(7);
    let at =
        |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("{text} is missing:\n{}", run.stdout));
    // The script says that it failed, CloudFormation says why, and the second comes first.
    assert!(at("✗ DomainRecord") < at("Failed to create/update the stack"), "{}", run.stdout);
    assert!(at("Cause") < at("Failed to create/update the stack"), "{}", run.stdout);
    assert!(run.stdout.contains("tools-hosted-zone-not-found"), "{}", run.stdout);
}
