//! Stack events over CloudFormation's query API, spoken by a server on this machine.
//!
//! The AWS SDK takes endpoint, region and credentials from the environment, which a test cannot change for itself:
//! each test runs this binary again as a child with the environment it wants, and reads what that child printed.

use jiff::{SignedDuration, Timestamp};
use provision_planner::plan::EvidenceSource;
use serde_json::{Value, json};
use tokio::process::Command;
use wiremock::matchers::{body_string_contains, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::variables;

const STACKS: &str = "EXECUTOR_TEST_STACKS";
const CHILD: &str = "EXECUTOR_TEST_CHILD";

/// Refuses to go on in a process that a test did not start: it would ask the real AWS.
pub(crate) fn only_as_a_child() {
    assert!(std::env::var_os(CHILD).is_some(), "this is not a test: other tests start it");
}

#[tokio::test]
#[ignore = "not a test: the child that the tests below start"]
async fn child() {
    only_as_a_child();
    let stacks = std::env::var(STACKS).unwrap();
    let source = EvidenceSource {
        stacks: stacks.split(',').map(str::to_owned).collect(),
        region: None,
        profile: None,
    };
    let found = provision_executor::gather_evidence(&source, Timestamp::now()).await;
    let events: Value = serde_json::from_str(&found.json).unwrap_or_default();
    let all = json!({ "events": events, "count": found.events, "stacks": found.stacks, "not_visible": found.not_visible });
    // On a line of its own: the harness has not ended its line yet.
    println!("\nEVIDENCE {all}");
}

/// What a child with the given endpoint finds out about these stacks.
async fn gather(endpoint: &str, stacks: &str) -> Value {
    let line = respawn("evidence::child", endpoint, "EVIDENCE ", |command| command.env(STACKS, stacks)).await;
    serde_json::from_str(&line).unwrap()
}

/// Runs one test of this binary as a child with AWS's settings for `endpoint`; returns the line it prints with `mark`.
pub(crate) async fn respawn(
    test: &str,
    endpoint: &str,
    mark: &str,
    set_up: impl FnOnce(&mut Command) -> &mut Command,
) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.env_clear().envs(variables()).env(CHILD, "yes").env("AWS_ENDPOINT_URL", endpoint);
    // As the AWS CLI, but not the SDK, reads it.
    command.env("AWS_DEFAULT_REGION", "eu-west-3").env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let output = set_up(&mut command).output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(mark));
    line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr))).to_owned()
}

fn arn(stack: &str) -> String {
    format!("arn:aws:cloudformation:eu-west-3:000000000000:stack/{stack}/{stack}-id")
}

/// An event some seconds ago, as XML.
pub(crate) fn event(
    stack: &str,
    logical: &str,
    kind: &str,
    physical: &str,
    status: &str,
    reason: &str,
    ago: i64,
) -> String {
    let time = Timestamp::now() - SignedDuration::from_secs(ago);
    format!(
        "<member><StackId>{}</StackId><EventId>{logical}-{status}</EventId><StackName>{stack}</StackName>\
         <LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>\
         <ResourceType>{kind}</ResourceType><Timestamp>{time:.3}</Timestamp><ResourceStatus>{status}</ResourceStatus>\
         <ResourceStatusReason>{reason}</ResourceStatusReason></member>",
        arn(stack)
    )
}

pub(crate) fn page(events: &[String], next: Option<&str>) -> ResponseTemplate {
    let next = next.map_or_else(String::new, |token| format!("<NextToken>{token}</NextToken>"));
    let body = format!(
        "<DescribeStackEventsResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
         <DescribeStackEventsResult><StackEvents>{}</StackEvents>{next}</DescribeStackEventsResult>\
         </DescribeStackEventsResponse>",
        events.concat()
    );
    ResponseTemplate::new(200).set_body_raw(body, "text/xml")
}

fn listed(stacks: &[(&str, &str, i64)]) -> ResponseTemplate {
    let member = |(name, status, ago): &(&str, &str, i64)| {
        let time = Timestamp::now() - SignedDuration::from_secs(*ago);
        format!(
            "<member><StackId>{}</StackId><StackName>{name}</StackName><CreationTime>{time:.3}</CreationTime>\
             <StackStatus>{status}</StackStatus></member>",
            arn(name)
        )
    };
    let members: String = stacks.iter().map(member).collect();
    let body = format!(
        "<ListStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><ListStacksResult>\
         <StackSummaries>{members}</StackSummaries></ListStacksResult></ListStacksResponse>"
    );
    ResponseTemplate::new(200).set_body_raw(body, "text/xml")
}

fn refusal(status: u16, code: &str, message: &str) -> ResponseTemplate {
    let body = format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    );
    ResponseTemplate::new(status).set_body_raw(body, "text/xml")
}

/// A request for a stack's events, by name or by ARN as a form encodes it.
pub(crate) fn events_of(stack: &str) -> wiremock::MockBuilder {
    let encoded: String = url::form_urlencoded::byte_serialize(stack.as_bytes()).collect();
    let exactly = move |request: &wiremock::Request| {
        String::from_utf8_lossy(&request.body).split('&').any(|field| field == format!("StackName={encoded}"))
    };
    Mock::given(method("POST")).and(body_string_contains("Action=DescribeStackEvents")).and(exactly)
}

fn list() -> wiremock::MockBuilder {
    Mock::given(method("POST")).and(body_string_contains("Action=ListStacks"))
}

fn logical_ids(found: &Value) -> Vec<&str> {
    let events = found["events"]["StackEvents"].as_array().map(Vec::as_slice).unwrap_or_default();
    events.iter().map(|event| event["LogicalResourceId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_pages_are_read_and_rendered_as_describe_stack_events_does() {
    let server = MockServer::start().await;
    let failed = event(
        "demo",
        "Mail",
        "AWS::SES::EmailIdentity",
        "ci.example.com",
        "CREATE_FAILED",
        "ci.example.com already exists",
        3,
    );
    let begun = event(
        "demo",
        "demo",
        "AWS::CloudFormation::Stack",
        &arn("demo"),
        "CREATE_IN_PROGRESS",
        "User Initiated",
        9,
    );
    events_of("demo")
        .and(body_string_contains("NextToken=two"))
        .respond_with(page(&[begun], None))
        .mount(&server)
        .await;
    events_of("demo").respond_with(page(&[failed], Some("two"))).with_priority(9).mount(&server).await;
    let found = gather(&server.uri(), "demo").await;
    assert_eq!(logical_ids(&found), ["Mail", "demo"]);
    let first = &found["events"]["StackEvents"][0];
    assert_eq!(first["ResourceStatusReason"], "ci.example.com already exists");
    assert_eq!(
        (first["StackName"].as_str(), first["ResourceStatus"].as_str()),
        (Some("demo"), Some("CREATE_FAILED"))
    );
    assert_eq!((&found["stacks"], &found["not_visible"]), (&json!(["demo"]), &json!([])));
    let request = &server.received_requests().await.unwrap()[0];
    assert!(
        request.headers["authorization"].to_str().unwrap().contains("/eu-west-3/cloudformation/"),
        "the region"
    );
}

#[tokio::test]
async fn events_of_an_earlier_operation_are_left_out() {
    let server = MockServer::start().await;
    let now = event("demo", "New", "AWS::SNS::Topic", "", "CREATE_FAILED", "now", 1);
    let old = event("demo", "Old", "AWS::SNS::Topic", "", "CREATE_FAILED", "last week", 600_000);
    events_of("demo").respond_with(page(&[now, old], Some("more"))).expect(1).mount(&server).await;
    let found = gather(&server.uri(), "demo").await;
    assert_eq!(logical_ids(&found), ["New"]);
}

#[tokio::test]
async fn the_causes_in_nested_stacks_are_followed_down() {
    let server = MockServer::start().await;
    let kind = "AWS::CloudFormation::Stack";
    let parent = event(
        "demo",
        "Network",
        kind,
        &arn("demo-net"),
        "CREATE_FAILED",
        "Embedded stack was not created",
        1,
    );
    let own = event("demo", "demo", kind, &arn("demo"), "CREATE_IN_PROGRESS", "", 9);
    let middle = event(
        "demo-net",
        "Subnets",
        kind,
        &arn("demo-sub"),
        "CREATE_FAILED",
        "Embedded stack was not created",
        2,
    );
    let cause =
        event("demo-sub", "SubnetA", "AWS::EC2::Subnet", "", "CREATE_FAILED", "The CIDR conflicts", 3);
    events_of("demo").respond_with(page(&[parent, own], None)).expect(1).mount(&server).await;
    events_of(&arn("demo-net")).respond_with(page(&[middle], None)).expect(1).mount(&server).await;
    events_of(&arn("demo-sub")).respond_with(page(&[cause], None)).expect(1).mount(&server).await;
    let found = gather(&server.uri(), "demo").await;
    assert_eq!(logical_ids(&found), ["Network", "Subnets", "SubnetA", "demo"]);
    assert_eq!(found["stacks"], json!(["demo", "demo-net", "demo-sub"]));
}

#[tokio::test]
async fn a_pattern_reads_every_stack_with_that_beginning_that_this_run_touched() {
    let server = MockServer::start().await;
    let stacks = [
        ("eksctl-demo-cluster", "CREATE_COMPLETE", 20),
        ("eksctl-demo-addon-vpc-cni", "ROLLBACK_COMPLETE", 5),
        ("eksctl-demo-old", "DELETE_COMPLETE", 500_000),
        ("eksctl-other-cluster", "CREATE_FAILED", 5),
    ];
    list().respond_with(listed(&stacks)).mount(&server).await;
    for name in ["eksctl-demo-cluster", "eksctl-demo-addon-vpc-cni"] {
        let event = event(name, name, "AWS::EKS::Cluster", "", "CREATE_FAILED", "", 2);
        events_of(&arn(name)).respond_with(page(&[event], None)).mount(&server).await;
    }
    let found = gather(&server.uri(), "eksctl-demo-*").await;
    assert_eq!(found["stacks"], json!(["eksctl-demo-cluster", "eksctl-demo-addon-vpc-cni"]));
    assert_eq!((&found["count"], &found["not_visible"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn a_stack_that_was_deleted_meanwhile_is_read_by_its_id() {
    let server = MockServer::start().await;
    events_of("demo")
        .respond_with(refusal(400, "ValidationError", "Stack [demo] does not exist"))
        .mount(&server)
        .await;
    list().respond_with(listed(&[("demo", "DELETE_COMPLETE", 30)])).mount(&server).await;
    let gone = event("demo", "Role", "AWS::IAM::Role", "", "CREATE_FAILED", "not authorized", 4);
    events_of(&arn("demo")).respond_with(page(&[gone], None)).mount(&server).await;
    assert_eq!(logical_ids(&gather(&server.uri(), "demo").await), ["Role"]);
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let server = MockServer::start().await;
    let refused = refusal(400, "Throttling", "Rate exceeded");
    events_of("demo").respond_with(refused).up_to_n_times(1).mount(&server).await;
    let event = event("demo", "Topic", "AWS::SNS::Topic", "", "CREATE_FAILED", "", 1);
    events_of("demo").respond_with(page(&[event], None)).mount(&server).await;
    let found = gather(&server.uri(), "demo").await;
    assert_eq!((&found["count"], &found["not_visible"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_does_no_harm() {
    let server = MockServer::start().await;
    let denied = "User ada is not authorized to perform: cloudformation:DescribeStackEvents";
    events_of("demo").respond_with(refusal(403, "AccessDenied", denied)).mount(&server).await;
    events_of("gone")
        .respond_with(refusal(400, "ValidationError", "Stack [gone] does not exist"))
        .mount(&server)
        .await;
    list().respond_with(listed(&[])).mount(&server).await;
    let found = gather(&server.uri(), "demo,gone").await;
    let expected =
        [format!("demo: AccessDenied: {denied}"), "gone: no such stack was touched by this run".to_owned()];
    assert_eq!((&found["not_visible"], &found["count"]), (&json!(expected), &json!(0)));

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let found = gather(&format!("http://{nobody}"), "demo").await;
    let said = found["not_visible"][0].as_str().unwrap();
    assert!(said.starts_with("demo: ") && said.contains("refused"), "{said}");
}
