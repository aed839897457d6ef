//! Execution reporting on LocalStack: the real rule, queues and function; `tests/support/localstack_main.py` runs the
//! function as a process. Only the platform, and the tags of the pipelines, are played.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::WHY;
use crate::operator::bundle;
use crate::operator::world::{Data, World};

const FUNCTION: &str = "pipeline-builder-event-ingestion";
const SECRET: &str = "pipeline-builder/orchard/reporting-ingest";

/// A platform on loopback beside an AWS account of the emulator that no other test uses.
struct Cloud {
    world: World,
    account: String,
    endpoint: String,
}

impl Cloud {
    fn new(number: u64) -> Self {
        let endpoint = std::env::var("PROVISION_TEST_LOCALSTACK").expect(WHY);
        // The emulator takes twelve digits as an account.
        let account = format!("{:012}", 100_000_000 * number + u64::from(std::process::id()));
        let mut world = World::new(Data::default());
        for (name, value) in [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", &account),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ] {
            world.env.set_var(name, value);
        }
        world.change(|data| {
            let arn = format!("arn:aws:codepipeline:us-east-1:{account}:orders");
            data.pipelines.insert(arn, vec![("PIPELINE_EVENT_ID".to_owned(), "p-77".to_owned())]);
        });
        Self { world, account, endpoint }
    }

    /// The real AWS CLI, as an operator uses it.
    fn aws(&self, args: &[&str]) -> Value {
        let venv = std::env::var("PROVISION_TEST_VENV").expect(WHY);
        let mut command = Command::new(format!("{venv}/aws"));
        command.args(args).args(["--output", "json", "--endpoint-url", &self.endpoint]);
        command.current_dir(self.world.env.dir());
        let output = command.env_clear().envs(self.world.env.variables()).output().expect("the AWS CLI runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    fn queue(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.endpoint, self.account)
    }

    /// The function asks the world for the tags of pipelines, which the emulator does not have, and a message comes
    /// back a second after it failed.
    fn hurry(&self) {
        let variables = json!({ "Variables": {
            "PLATFORM_BASE_URL": self.world.url, "PLATFORM_SECRET_NAME": SECRET, "PARTITION": "aws",
            "AWS_ENDPOINT_URL_CODEPIPELINE": self.world.url,
        }});
        let update =
            ["lambda", "update-function-configuration", "--function-name", FUNCTION, "--environment"];
        self.aws(&[&update[..], &[&variables.to_string()]].concat());
        let queue = self.queue("pipeline-builder-events");
        self.aws(&[
            "sqs",
            "set-queue-attributes",
            "--queue-url",
            &queue,
            "--attributes",
            "VisibilityTimeout=1",
        ]);
    }

    /// What CodePipeline puts on the bus.
    fn pipeline_event(&self, execution: &str, state: &str) {
        let detail = json!({ "pipeline": "orders", "execution-id": execution, "state": state });
        let entries = json!([{ "Source": "aws.codepipeline", "Detail": detail.to_string(),
            "DetailType": "CodePipeline Pipeline Execution State Change" }]);
        assert_eq!(
            self.aws(&["events", "put-events", "--entries", &entries.to_string()])["FailedEntryCount"],
            0
        );
    }

    fn waiting_in(&self, queue: &str) -> usize {
        let queue = self.queue(queue);
        let number = "ApproximateNumberOfMessages";
        let found =
            self.aws(&["sqs", "get-queue-attributes", "--queue-url", &queue, "--attribute-names", number]);
        found["Attributes"][number].as_str().and_then(|count| count.parse().ok()).expect("a number")
    }
}

/// Waits until it holds, at most two minutes.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < give_up, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn what_a_pipeline_does_arrives_at_the_platform_or_in_the_dead_letter_queue() {
    let cloud = Cloud::new(1);
    let env = &cloud.world.env;
    env.run(&["store-token", "--scope", "reporting:ingest"]).expect_code(0);
    let run = env.run(&["setup-events", "--scoped-ingest", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("creates 8") && run.stdout.contains("DeadLetterQueueUrl"), "{}", run.stdout);
    let again = env.run(&["setup-events", "--scoped-ingest", "--yes"]).expect_code(0);
    assert!(again.stdout.contains("nothing was changed"), "{}", again.stdout);
    cloud.hurry();

    cloud.pipeline_event("x-1", "SUCCEEDED");
    eventually("the event at the platform", || !cloud.world.sent("/api/reports/events").is_empty());
    let told = &cloud.world.sent("/api/reports/events")[0];
    assert_eq!(
        (&told["pipelineId"], &told["executionId"], &told["state"]),
        (&json!("p-77"), &json!("x-1"), &json!("SUCCEEDED"))
    );
    assert!(!told.to_string().contains(&cloud.account), "the account's number leaves AWS: {told}");

    cloud.world.change(|data| {
        drop(data.troubles.insert("/api/reports/events".to_owned(), (503, "busy".to_owned())))
    });
    cloud.pipeline_event("x-2", "FAILED");
    eventually("the event in the dead-letter queue", || cloud.waiting_in("pipeline-builder-events-dlq") == 1);
    let tries =
        cloud.world.sent("/api/reports/events").iter().filter(|told| told["executionId"] == "x-2").count();
    assert_eq!(tries, 5, "as often as the queue gives it out");
    assert_eq!(cloud.waiting_in("pipeline-builder-events"), 0);

    let down =
        env.run(&["setup-events", "--teardown", "--confirm", "pipeline-builder-events"]).expect_code(0);
    assert!(down.stdout.contains("delete complete"), "{}", down.stdout);
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn a_stored_token_is_renewed_by_its_own_stack() {
    let cloud = Cloud::new(2);
    let env = &cloud.world.env;
    let run = env.run(&["store-token", "--cron", "cron(0 5 1 * ? *)", "--yes", "--json"]).expect_code(0);
    let document = run.json();
    assert_eq!(
        (&document["created"], &document["schedule"]["run"]["outcome"]),
        (&json!(true), &json!("done"))
    );
    let name = "pipeline-builder-renewal-platform";
    let rule = document["schedule"]["run"]["outputs"]["RuleName"].as_str().expect("the rule's name");
    assert_eq!(
        cloud.aws(&["events", "describe-rule", "--name", rule])["ScheduleExpression"],
        "cron(0 5 1 * ? *)"
    );
    let answer = cloud.aws(&["lambda", "invoke", "--function-name", name, "answer.json"]);
    assert!(answer["FunctionError"].is_null(), "{answer}");
    assert_eq!(cloud.world.sent("/api/user/generate-token").len(), 2);
    let versions =
        ["secretsmanager", "list-secret-version-ids", "--secret-id", "pipeline-builder/orchard/platform"];
    assert_eq!(cloud.aws(&versions)["Versions"].as_array().map(Vec::len), Some(2));
    let down = ["--target", "renewal", "--stack-name", name, "--teardown", "--confirm", name];
    env.run(&down).expect_code(0);
}

#[test]
#[ignore = "needs LocalStack, which tests/run.sh starts"]
fn the_bundle_after_a_deploy_stores_both_tokens_and_deploys_the_stack() {
    let cloud = Cloud::new(3);
    bundle::set_up(&cloud.world);
    let run = cloud.world.env.run(&bundle::DEPLOY).expect_code(0);
    for said in ["✓ smoke-test", "✓ store-token", "✓ ingest-token", "✓ setup-events"] {
        assert!(run.stdout.contains(said), "{said} is missing:\n{}", run.stdout);
    }
    let stacks = cloud.aws(&["cloudformation", "describe-stacks", "--stack-name", "pipeline-builder-events"]);
    assert_eq!(stacks["Stacks"][0]["StackStatus"], "CREATE_COMPLETE");
    let secrets = cloud.aws(&["secretsmanager", "list-secrets"]);
    assert_eq!(secrets["SecretList"].as_array().map(Vec::len), Some(2));
}
