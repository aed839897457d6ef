//! Layouts and habits of single tools, each with the failure it tells.

use provision_rules::{Category, Diagnosis, Rulebook, diagnose};

fn diagnosis(text: &str) -> Diagnosis {
    diagnose(text.as_bytes(), &Rulebook::builtin()).expect("readable")
}

/// Checks the category, the resource and the line of the root.
fn assert_root(text: &str, want: (Category, Option<&str>, usize)) {
    let verdict = diagnosis(text).verdict.unwrap_or_else(|| panic!("no failure found in {text}"));
    let root = (verdict.category, verdict.root.logical_id.as_deref(), verdict.root.line);
    assert_eq!(root, want, "{text}");
}

fn assert_healthy(text: &str) {
    let verdict = diagnosis(text).verdict;
    assert!(verdict.is_none(), "{verdict:?} in {text}");
}

#[test]
fn ansible_lists_the_failures_in_its_log() {
    let text = r#"TASK [roll out loom] ***
[DEPRECATION WARNING]: Param 'template' is deprecated. See the module docs for more information.
[ERROR]: Task failed: Module failed: Unknown error.
fatal: [localhost]: FAILED! => {"changed": true, "events": ["StackEvent AWS::S3::Bucket Swatches CREATE_FAILED"], "log": ["AWS::SQS::Queue Orders CREATE_FAILED: Resource creation cancelled", "AWS::S3::Bucket Swatches CREATE_FAILED: loom-swatches already exists"], "msg": "Unknown error.", "output": "Problem with CREATE. Rollback complete"}
"#;
    assert_root(text, (Category::AlreadyExists, Some("Swatches"), 4));
}

#[test]
fn ansible_without_a_log_does_not_blame_a_deprecation() {
    let text = "TASK [roll out loom] ***\n\
        [DEPRECATION WARNING]: Param 'template' is deprecated. See the module docs for more information.\n\
        Origin: play.yml:5:7\n\nfatal: [localhost]: FAILED! => {\"changed\": true, \"log\": [], \"msg\": \"Unknown error.\", \
        \"output\": \"Problem with UPDATE. Rollback complete\"}\n";
    assert_root(text, (Category::Unknown, None, 5));
}

#[test]
fn events_printed_by_console_log_are_read() {
    let text = r#"[
  {
    StackName: 'loom',
    Timestamp: 2026-05-04T09:12:37.641Z,
    LogicalResourceId: 'Orders',
    ResourceType: 'AWS::SQS::Queue',
    ResourceStatus: 'CREATE_FAILED',
    ResourceStatusReason: 'Resource creation cancelled'
  },
  {
    StackName: 'loom',
    Timestamp: 2026-05-04T09:12:36.101Z,
    LogicalResourceId: 'Ledger',
    ResourceType: 'AWS::RDS::DBCluster',
    ResourceStatus: 'CREATE_FAILED',
    ResourceStatusReason: `Resource handler returned message: "The parameter MasterUserPassword is not a valid password. ` +
      `Only printable ASCII characters besides '/', '@', '"', ' ' may be used." (RequestToken: 1, HandlerErrorCode: InvalidRequest)`
  }
]
"#;
    assert_root(text, (Category::InvalidProperty, Some("Ledger"), 16));
}

#[test]
fn events_printed_by_pprint_are_read() {
    let text = r#"[{'LogicalResourceId': 'Orders',
  'ResourceStatus': 'CREATE_FAILED',
  'ResourceStatusReason': 'Resource creation cancelled',
  'ResourceType': 'AWS::SQS::Queue',
  'StackName': 'loom'},
 {'LogicalResourceId': 'Swatches',
  'ResourceStatus': 'CREATE_FAILED',
  'ResourceStatusReason': 'loom-swatches already '
                          'exists',
  'ResourceType': 'AWS::S3::Bucket',
  'StackName': 'loom'}]
"#;
    assert_root(text, (Category::AlreadyExists, Some("Swatches"), 8));
}

#[test]
fn a_stack_that_rolls_back_is_read_from_serverless() {
    let text = "  UPDATE_ROLLBACK_IN_PROGRESS - AWS::CloudFormation::Stack - loom-dev\n\n\
        × Stack loom-dev failed to deploy (31s)\n\nError:\n\
        UPDATE_ROLLBACK_IN_PROGRESS: loom-dev (AWS::CloudFormation::Stack)\n\
        Cannot update export loom-net:VpcId as it is in use by loom-web.\n";
    assert_root(text, (Category::DependencyInUse, Some("loom-dev"), 7));
}

#[test]
fn a_deletion_that_names_only_the_resource_has_an_unknown_cause() {
    let text = "\t- Deleting Cloudformation stack loom\n\
        Error: Stack loom could not be deleted as it encountered DELETE_FAILED, msg: ex: Waiter StackDeleteComplete failed: \
        Waiter encountered a terminal failure state: For expression \"Stacks[].StackStatus\" we matched expected path: \
        \"DELETE_FAILED\" at least once, status: The following resource(s) failed to delete: [Swatches]. \n";
    assert_root(text, (Category::Unknown, None, 2));
}

#[test]
fn a_builder_that_tells_only_the_names_has_an_unknown_cause() {
    let text = "could not find loom.variables.yml; continuing without a variables file\n\
        net.cfn:processing module in eu-west-1 (in progress)\nloom:submitted (creating new stack)\n\
        01.yaml:deploy (in progress)\n\
        loom:roll back reason: The following resource(s) failed to create: [Swatches]. Rollback requested by user.\n\
        loom:failed (creating new stack)\nThe following steps failed: loom\n";
    assert_root(text, (Category::Unknown, None, 5));
}

#[test]
fn a_package_is_not_missing_where_the_index_was_not_reached() {
    let text = "Looking in indexes: https://pypi.loom.example/simple\n\
        WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
        'NewConnectionError('<HTTPConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection \
        refused')': /simple/loom-tools/\n\
        ERROR: Could not find a version that satisfies the requirement loom-tools (from versions: none)\n\
        ERROR: No matching distribution found for loom-tools\n";
    assert_root(text, (Category::Network, None, 2));
}

#[test]
fn the_state_a_stack_starts_from_is_no_failure_beside_its_events() {
    assert_healthy(
        "[2026-05-04 09:12:31] - loom - Launching Stack\n[2026-05-04 09:12:31] - loom - Stack is in the PENDING state\n\
         [2026-05-04 09:12:35] - loom Orders AWS::SQS::Queue CREATE_COMPLETE \n\
         [2026-05-04 09:12:39] - loom loom AWS::CloudFormation::Stack CREATE_COMPLETE \n",
    );
}

#[test]
fn deleting_what_is_not_there_is_no_failure() {
    assert_healthy(
        "The following stacks, in the following order, will be deleted:\nloom\n\n\
         [2026-05-04 09:12:31] - loom - Deleting stack\n[2026-05-04 09:12:32] - loom - Does not exist.\n",
    );
}
