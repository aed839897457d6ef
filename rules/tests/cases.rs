//! Cases that mislead other tools, one test each.

mod common;

use common::{read, summary, verdict};
use provision_rules::{Category, Status};
use serde_json::json;

const PARENT: &str =
    "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/11111111-1111-1111-1111-111111111111";
const CHILD: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-Net-1ABCDEFG/22222222-2222-2222-2222-222222222222";

/// An event of `describe-stack-events`; a stack's own when the id is the stack's name.
fn event(stack: &str, minute: u32, id: &str, status: &str, reason: &str) -> serde_json::Value {
    let name = stack.split('/').nth(1).expect("an ARN");
    let kind = match id {
        id if id == name || id == "Net" => "AWS::CloudFormation::Stack",
        "Role" => "AWS::IAM::Role",
        _ => "AWS::SNS::Topic",
    };
    let physical = match id {
        id if id == name => stack,
        "Net" => CHILD,
        _ => "",
    };
    json!({
        "StackId": stack, "StackName": name, "LogicalResourceId": id, "PhysicalResourceId": physical,
        "ResourceType": kind, "Timestamp": format!("2026-03-01T10:{minute:02}:00.000Z"),
        "ResourceStatus": status, "ResourceStatusReason": reason,
    })
}

/// A document of events given oldest first, printed newest first as the API does.
fn document(mut events: Vec<serde_json::Value>) -> String {
    events.reverse();
    serde_json::to_string_pretty(&json!({ "StackEvents": events })).expect("json")
}

fn rolled_back(stack: &str, minute: u32, id: &str) -> Vec<serde_json::Value> {
    let name = stack.split('/').nth(1).expect("an ARN");
    let echo = format!("The following resource(s) failed to update: [{id}].");
    vec![
        event(stack, minute, name, "UPDATE_ROLLBACK_IN_PROGRESS", &echo),
        event(stack, minute + 1, id, "UPDATE_COMPLETE", ""),
        event(stack, minute + 2, name, "UPDATE_ROLLBACK_COMPLETE", ""),
    ]
}

#[test]
fn the_cause_may_stand_on_the_stacks_own_event() {
    for status in ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE"] {
        let text = document(vec![
            event(PARENT, 0, "shop", "UPDATE_IN_PROGRESS", "User Initiated"),
            event(PARENT, 1, "Role", "UPDATE_COMPLETE", ""),
            event(PARENT, 2, "shop", status, "Export shop:Vpc cannot be deleted as it is in use by billing"),
            event(PARENT, 3, "shop", "UPDATE_ROLLBACK_COMPLETE", ""),
        ]);
        let (rule, category, id) = summary(&text);
        assert_eq!(rule.as_deref(), Some("export-in-use"), "{status}");
        assert_eq!((category, id.as_deref()), (Category::DependencyInUse, Some("shop")));
    }
}

#[test]
fn a_nested_stack_may_be_refused_before_its_first_resource() {
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Net", "CREATE_IN_PROGRESS", ""),
        event(PARENT, 2, "Net", "CREATE_FAILED", "Parameters: [VpcId] must have values"),
        event(PARENT, 2, "Role", "CREATE_FAILED", "Resource creation cancelled"),
        event(
            PARENT,
            3,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Net, Role]. ",
        ),
        event(PARENT, 4, "shop", "ROLLBACK_COMPLETE", ""),
    ]);
    assert_eq!(summary(&text).2.as_deref(), Some("Net"));
    assert_eq!(verdict(&text).category, Category::TemplateError);
}

#[test]
fn a_true_reason_may_contain_the_word_cancelled() {
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(
            PARENT,
            1,
            "Fleet",
            "CREATE_FAILED",
            "The spot request was cancelled: no capacity for c7g.metal",
        ),
        event(PARENT, 2, "Role", "CREATE_FAILED", "Resource creation cancelled"),
        event(
            PARENT,
            3,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Fleet, Role]. ",
        ),
        event(PARENT, 4, "shop", "ROLLBACK_COMPLETE", ""),
    ]);
    assert_eq!(summary(&text), (Some("spot-cancelled".into()), Category::Capacity, Some("Fleet".into())));
}

#[test]
fn the_last_operation_that_failed_is_diagnosed() {
    let mut events = vec![
        event(PARENT, 0, "shop", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Role", "UPDATE_FAILED", "x is not authorized to perform: iam:UpdateRole"),
    ];
    events.extend(rolled_back(PARENT, 2, "Role"));
    events.push(event(PARENT, 10, "shop", "UPDATE_IN_PROGRESS", "User Initiated"));
    events.push(event(PARENT, 11, "Alerts", "UPDATE_FAILED", "alerts-topic already exists"));
    events.extend(rolled_back(PARENT, 12, "Alerts"));
    let diagnosis = read(&document(events));
    assert_eq!(diagnosis.verdict.expect("a verdict").root.logical_id.as_deref(), Some("Alerts"));
    assert!(diagnosis.also.is_empty(), "{:?}", diagnosis.also);
    assert_eq!(diagnosis.source.operation.as_deref(), Some("update"));
}

#[test]
fn a_failure_that_a_later_operation_repaired_is_no_finding() {
    let mut events = vec![
        event(PARENT, 0, "shop", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Role", "UPDATE_FAILED", "x is not authorized to perform: iam:UpdateRole"),
    ];
    events.extend(rolled_back(PARENT, 2, "Role"));
    events.push(event(PARENT, 10, "shop", "UPDATE_IN_PROGRESS", "User Initiated"));
    events.push(event(PARENT, 11, "Role", "UPDATE_COMPLETE", ""));
    events.push(event(PARENT, 12, "shop", "UPDATE_COMPLETE", ""));
    assert_eq!(read(&document(events)).status, Status::Healthy);
}

#[test]
fn a_failed_create_that_was_deleted_afterwards_is_still_told() {
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Alerts", "CREATE_FAILED", "alerts already exists"),
        event(
            PARENT,
            2,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Alerts]. ",
        ),
        event(PARENT, 3, "shop", "ROLLBACK_COMPLETE", ""),
        event(PARENT, 9, "shop", "DELETE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 10, "shop", "DELETE_COMPLETE", ""),
    ]);
    assert_eq!(summary(&text).2.as_deref(), Some("Alerts"));
    assert_eq!(read(&text).source.operation.as_deref(), Some("create"));
}

#[test]
fn a_rollback_that_fails_does_not_hide_what_failed_first() {
    let text = document(vec![
        event(PARENT, 0, "shop", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Alerts", "UPDATE_FAILED", "alerts already exists"),
        event(
            PARENT,
            2,
            "shop",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to update: [Alerts].",
        ),
        event(PARENT, 3, "Role", "UPDATE_FAILED", "x is not authorized to perform: iam:UpdateRole"),
        event(
            PARENT,
            4,
            "shop",
            "UPDATE_ROLLBACK_FAILED",
            "The following resource(s) failed to update: [Role].",
        ),
    ]);
    assert_eq!(summary(&text).2.as_deref(), Some("Alerts"));
    assert_eq!(read(&text).noise.rollback, 1);
}

#[test]
fn update_rollback_complete_alone_is_a_healthy_state_and_rollback_complete_is_not() {
    let stack = |status: &str| {
        json!({"Stacks": [{"StackName": "shop", "StackId": PARENT, "StackStatus": status}]}).to_string()
    };
    assert_eq!(read(&stack("UPDATE_ROLLBACK_COMPLETE")).status, Status::Healthy);
    assert_eq!(read(&stack("CREATE_COMPLETE")).status, Status::Healthy);
    assert_eq!(read(&stack("ROLLBACK_COMPLETE")).status, Status::Failed);
}

#[test]
fn a_refusal_because_of_rollback_complete_is_a_cause() {
    let text = "An error occurred (ValidationError) when calling the UpdateStack operation: Stack:arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1 is in ROLLBACK_COMPLETE state and can not be updated.";
    assert_eq!(verdict(text).category, Category::StackState);
}

#[test]
fn three_kinds_of_rate_limits_are_three_things() {
    assert_eq!(verdict("An error occurred (TooManyRequestsException) when calling the UpdateFunctionCode operation: Rate exceeded").category, Category::Throttling);
    let property = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "UsagePlanRateLimit", "CREATE_COMPLETE", ""),
        event(PARENT, 2, "shop", "CREATE_COMPLETE", ""),
    ]);
    assert_eq!(read(&property).status, Status::Healthy);
    assert_eq!(
        verdict("Error response from daemon: toomanyrequests: too many pulls").category,
        Category::ImagePull
    );
}

#[test]
fn a_resource_that_went_well_is_not_blamed() {
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "EmailIdentity", "CREATE_COMPLETE", ""),
        event(PARENT, 2, "Bucket", "CREATE_FAILED", "shop-media already exists"),
        event(
            PARENT,
            3,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Bucket]. ",
        ),
        event(PARENT, 4, "shop", "ROLLBACK_COMPLETE", ""),
    ]);
    assert_eq!(summary(&text).2.as_deref(), Some("Bucket"));
}

#[test]
fn a_file_with_both_orders_is_read_part_by_part() {
    let newest = "10:03:00 UTC+0100\tCREATE_FAILED\tAWS::SNS::Topic\tLate\tlate already exists\n10:02:00 UTC+0100\tCREATE_FAILED\tAWS::SNS::Topic\tEarly\tearly already exists\n10:01:00 UTC+0100\tCREATE_IN_PROGRESS\tAWS::SNS::Topic\tEarly\t\n";
    let oldest = "shop | 0/2 | 10:02:00 AM | CREATE_FAILED | AWS::SNS::Topic | Early (Early) early already exists\nshop | 0/2 | 10:03:00 AM | CREATE_FAILED | AWS::SNS::Topic | Late (Late) late already exists\n";
    for text in [format!("{newest}\n{oldest}"), format!("{oldest}\n{newest}")] {
        let diagnosis = read(&text);
        assert_eq!(diagnosis.source.order.as_deref(), Some("mixed"));
        assert_eq!(diagnosis.verdict.expect("a verdict").root.logical_id.as_deref(), Some("Early"));
    }
}

#[test]
fn words_broken_by_a_terminal_are_joined() {
    assert_eq!(
        verdict("Error: upload failed: AccessDe\nnied on the bucket").category,
        Category::AccessDenied
    );
    let wide = "shop | 1/2 | 10:00:00 AM | CREATE_FAILED        | AWS::SNS::Topic | Alerts (Alerts) Resource handler returned message: \"alerts alrea\ndy exists\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)\n";
    assert_eq!(summary(wide), (Some("name-taken".into()), Category::AlreadyExists, Some("Alerts".into())));
}

#[test]
fn a_message_broken_to_a_width_with_an_indentation_is_joined() {
    let broken = "Resource handler returned message: \"Bucket orchard-crates alrea\n    dy exists (Service: S3, Status Code: 409, Request ID: 0a1b)\" (Req\n    uestToken: 0a1b, HandlerErrorCode: General)";
    assert_eq!(verdict(broken).category, Category::AlreadyExists);
}

#[test]
fn a_single_calm_sentence_and_an_inspected_error_are_failures() {
    let book = provision_rules::Rulebook::builtin();
    let inspected = "{ [OrchardFull: the orchard is full]\n  message: 'The maximum number of trees has been reached',\n  code: 'OrchardFull',\n  requestId: '0a1b',\n  retryable: false }";
    for (text, category) in [
        ("A crate label may not be used for a barrel", Category::InvalidProperty),
        (inspected, Category::QuotaExceeded),
    ] {
        let found = provision_rules::diagnose(text.as_bytes(), &book).expect("readable");
        assert_eq!(found.verdict.map(|verdict| verdict.category), Some(category), "{text}");
    }
}

#[test]
fn truncated_statuses_are_completed() {
    let text = "4/7 | 11:48:09 PM | UPDATE_ROLLBACK_IN_P | AWS::CloudFormation::Stack | shop Export shop:Vpc cannot be updated as it is in use by billing";
    let root = verdict(text).root;
    assert_eq!(root.status.as_deref(), Some("UPDATE_ROLLBACK_IN_PROGRESS"));
    assert_eq!(verdict(text).category, Category::DependencyInUse);
}

#[test]
fn escaped_bars_belong_to_the_reason() {
    let text = "| 2026-03-01 10:00:00 | Alerts | CREATE_FAILED | topic a\\|b already exists |";
    assert!(verdict(text).root.text.contains("a|b already exists"), "{:?}", verdict(text).root);
}

#[test]
fn the_consoles_glued_hint_is_no_part_of_the_status() {
    let text =
        "2026-03-01 10:00:00 UTC+0100 | Alerts | CREATE_FAILEDLikely root cause | - | alerts already exists";
    assert_eq!(verdict(text).root.status.as_deref(), Some("CREATE_FAILED"));
    assert_eq!(summary(text).2.as_deref(), Some("Alerts"));
}

#[test]
fn a_custom_resources_message_is_read_before_its_wrapper() {
    let wrapped = |inner: &str| {
        document(vec![
            event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
            event(
                PARENT,
                1,
                "Seeder",
                "CREATE_FAILED",
                &format!(
                    "Received response status [FAILED] from custom resource. Message returned: {inner} (RequestId: 1-2)"
                ),
            ),
            event(
                PARENT,
                2,
                "shop",
                "ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to create: [Seeder]. ",
            ),
        ])
    };
    assert_eq!(verdict(&wrapped("bucket seeds already exists")).category, Category::AlreadyExists);
    assert_eq!(verdict(&wrapped("boom")).category, Category::CustomResource);
    assert_eq!(verdict(&wrapped("No updates are to be performed.")).category, Category::CustomResource);
}

#[test]
fn a_custom_resource_that_points_at_its_log_is_explained_by_the_log_below() {
    let text = "shop | 2/5 | 9:14:39 AM | CREATE_FAILED | Custom::Seed | Seed/Default (Seed) Received response status [FAILED] from custom resource. Message returned: See the details in CloudWatch Log Stream: 2026/03/01/[$LATEST]1 (RequestId: 1-2)\n\n   Logs from /aws/lambda/shop-Seed:\n   INFO  start\n   ERROR AccessDenied: x is not authorized to perform: s3:CreateBucket\n";
    let verdict = verdict(text);
    assert_eq!(
        (verdict.category, verdict.root.logical_id.as_deref()),
        (Category::AccessDenied, Some("Seed"))
    );
    assert!(verdict.evidence.iter().any(|evidence| evidence.line == 5));
}

#[test]
fn an_empty_handed_reason_is_unknown_and_keeps_its_root() {
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(
            PARENT,
            1,
            "Alerts",
            "CREATE_FAILED",
            "Resource handler returned message: \"null\" (RequestToken: 1, HandlerErrorCode: null)",
        ),
        event(
            PARENT,
            2,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Alerts]. Rollback requested by user.",
        ),
    ]);
    assert_eq!(summary(&text), (None, Category::Unknown, Some("Alerts".into())));
}

#[test]
fn misleading_last_lines_are_not_the_cause() {
    let text = "shop | 1/2 | 10:00:00 AM | CREATE_FAILED | AWS::SNS::Topic | Alerts (Alerts) alerts already exists\n\nError: Failed to create/update the stack: shop, Waiter StackCreateComplete failed: Waiter encountered a terminal failure state\nHas the environment been bootstrapped? Please run 'cdk bootstrap'\nResource is not in the state stackUpdateComplete\n";
    assert_eq!(summary(text).0.as_deref(), Some("name-taken"));
}

#[test]
fn a_wait_condition_whose_message_sounds_well_still_failed() {
    let text = "10:00:00 UTC+0100\tCREATE_FAILED\tAWS::CloudFormation::WaitCondition\tReady\tWaitCondition received failed message: 'configuration complete' for uniqueId: i-1";
    assert_eq!(verdict(text).category, Category::BootstrapSignal);
}

#[test]
fn a_nested_stacks_own_events_explain_its_parent() {
    let echo = format!(
        "Embedded stack {CHILD} was not successfully created: The following resource(s) failed to create: [Alerts]. "
    );
    let parent = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 5, "Net", "CREATE_FAILED", &echo),
        event(
            PARENT,
            6,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Net]. ",
        ),
    ]);
    let child = document(vec![
        event(CHILD, 1, "shop-Net-1ABCDEFG", "CREATE_IN_PROGRESS", ""),
        event(CHILD, 2, "Alerts", "CREATE_FAILED", "alerts already exists"),
        event(
            CHILD,
            3,
            "shop-Net-1ABCDEFG",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Alerts]. ",
        ),
    ]);
    for text in [format!("{parent}\n{child}"), format!("{child}\n{parent}")] {
        let verdict = verdict(&text);
        assert_eq!(verdict.root.logical_id.as_deref(), Some("Alerts"));
        assert_eq!(verdict.root.stack.as_deref(), Some("shop-Net-1ABCDEFG"));
    }
    let alone = verdict(&parent);
    assert_eq!((alone.category, alone.root.logical_id.as_deref()), (Category::Unknown, Some("Net")));
}

#[test]
fn parallel_causes_are_all_told() {
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Alerts", "CREATE_FAILED", "alerts already exists"),
        event(PARENT, 1, "Role", "CREATE_FAILED", "x is not authorized to perform: iam:CreateRole"),
        event(PARENT, 1, "Queue", "CREATE_FAILED", "Resource creation cancelled"),
        event(
            PARENT,
            2,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Alerts, Role]. ",
        ),
    ]);
    let diagnosis = read(&text);
    let also: Vec<_> = diagnosis.also.iter().map(|verdict| verdict.category).collect();
    assert_eq!(diagnosis.verdict.expect("a verdict").category, Category::AlreadyExists);
    assert_eq!(also, [Category::AccessDenied]);
}

#[test]
fn two_stacks_in_one_file_are_kept_apart() {
    let other = PARENT.replace("shop", "billing");
    let text = document(vec![
        event(PARENT, 0, "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(&other, 0, "billing", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(PARENT, 1, "Alerts", "CREATE_FAILED", "alerts already exists"),
        event(&other, 2, "Role", "UPDATE_COMPLETE", ""),
        event(
            PARENT,
            2,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Alerts]. ",
        ),
        event(&other, 3, "billing", "UPDATE_COMPLETE", ""),
        event(PARENT, 4, "shop", "ROLLBACK_COMPLETE", ""),
    ]);
    let diagnosis = read(&text);
    assert_eq!(diagnosis.source.stack.as_deref(), Some("shop"));
    assert_eq!(diagnosis.verdict.expect("a verdict").root.logical_id.as_deref(), Some("Alerts"));
}

#[test]
fn json_that_ends_inside_an_event_is_refused_or_read_as_far_as_it_goes() {
    let text = document(vec![
        event(PARENT, 1, "Alerts", "CREATE_FAILED", "alerts already exists"),
        event(
            PARENT,
            2,
            "shop",
            "ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to create: [Alerts]. ",
        ),
        event(PARENT, 4, "shop", "ROLLBACK_COMPLETE", ""),
    ]);
    let cut = &text[..text.rfind("\"StackName\"").expect("a key") + 5];
    let error = provision_rules::diagnose(cut.as_bytes(), &common::book()).expect_err("refused");
    assert!(
        error.to_string().ends_with("the JSON ends inside an event; 2 whole events before it were read"),
        "{error}"
    );
    let options = provision_rules::DiagnoseOptions { partial: true };
    let partial = provision_rules::diagnose_with(cut.as_bytes(), &common::book(), options).expect("read");
    assert_eq!(partial.source.events, 2);
}

#[test]
fn a_task_runners_resource_list_behind_an_arrow_is_read() {
    let text = r#"fatal: [localhost]: FAILED! => {"changed": true, "events": ["StackEvent AWS::SNS::Topic Alerts CREATE_FAILED"], "stack_resources": [{"logical_resource_id": "Alerts", "resource_type": "AWS::SNS::Topic", "status": "CREATE_FAILED", "status_reason": "alerts already exists"}]}"#;
    assert_eq!(summary(text), (Some("name-taken".into()), Category::AlreadyExists, Some("Alerts".into())));
}

#[test]
fn a_stack_that_names_one_failed_resource_and_no_reason_points_at_it() {
    let text = "2026-03-01 10:00:00    ERROR   Stack named 'env-1-stack' aborted operation. Current state: 'CREATE_FAILED'  Reason: The following resource(s) failed to create: [LaunchWait]. \n2026-03-01 10:00:01    ERROR   Failed to launch environment.\n\nERROR: ServiceError - Failed to launch environment.\n";
    let verdict = verdict(text);
    assert_eq!(
        (verdict.category, verdict.root.logical_id.as_deref()),
        (Category::Unknown, Some("LaunchWait"))
    );
}

#[test]
fn all_ways_to_tell_a_nested_failure_in_one_log_point_at_the_child() {
    let text = "shop | 0/3 | 10:00:04 AM | UPDATE_IN_PROGRESS   | AWS::CloudFormation::Stack | Net.NestedStack/Net.NestedStackResource (NetNested12) \nshop/Net | 0/3 | 10:00:15 AM | CREATE_FAILED        | AWS::SNS::Topic            | Net/Alerts (Alerts12) alerts already exists\nshop/Net | 0/3 | 10:00:16 AM | UPDATE_ROLLBACK_IN_P | AWS::CloudFormation::Stack | shop-NetNested12-1XYZ The following resource(s) failed to create: [Alerts12]. \nshop | 0/3 | 10:00:20 AM | UPDATE_FAILED        | AWS::CloudFormation::Stack | Net.NestedStack/Net.NestedStackResource (NetNested12) Embedded stack arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-NetNested12-1XYZ/0f was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to create: [Alerts12]. \nshop | 1/3 | 10:00:22 AM | UPDATE_ROLLBACK_IN_P | AWS::CloudFormation::Stack | shop The following resource(s) failed to update: [NetNested12]. \n";
    let diagnosis = read(text);
    assert!(diagnosis.also.is_empty(), "{:?}", diagnosis.also);
    assert_eq!(diagnosis.verdict.expect("a verdict").root.logical_id.as_deref(), Some("Alerts12"));
}

#[test]
fn the_root_of_a_python_traceback_is_its_last_line() {
    let text = "deploying\nTraceback (most recent call last):\n  File \"run.py\", line 12, in <module>\n    main()\n  File \"run.py\", line 9, in main\n    press.start()\npress.DrumError: the drum is out of true\n";
    let verdict = common::verdict(text);
    assert_eq!(
        (verdict.root.line, verdict.root.text.as_str()),
        (7, "press.DrumError: the drum is out of true")
    );
}

#[test]
fn an_update_that_a_person_cancelled_is_called_so_and_a_rollback_started_later_is_no_cause() {
    let event = |time: &str, id: &str, kind: &str, status: &str, reason: &str| {
        format!(
            "{{\"StackName\":\"orchard\",\"LogicalResourceId\":\"{id}\",\"ResourceType\":\"{kind}\",\"Timestamp\":\"2026-03-01T10:{time}Z\",\"ResourceStatus\":\"{status}\",\"ResourceStatusReason\":\"{reason}\"}}"
        )
    };
    let stack = "AWS::CloudFormation::Stack";
    let cancelled = [
        event("00:00", "orchard", stack, "UPDATE_IN_PROGRESS", "User Initiated"),
        event("01:00", "orchard", stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated"),
        event("01:10", "Db", "AWS::RDS::DBInstance", "UPDATE_FAILED", "Resource update cancelled"),
        event("03:00", "orchard", stack, "UPDATE_ROLLBACK_COMPLETE", ""),
    ];
    let book = provision_rules::Rulebook::builtin();
    let read = |events: &[String]| {
        let text = format!("{{\"StackEvents\":[{}]}}", events.join(","));
        provision_rules::diagnose(text.as_bytes(), &book).expect("readable")
    };
    let verdict = read(&cancelled).verdict.expect("a verdict");
    assert_eq!(verdict.rule.as_deref(), Some("update-cancelled-by-operator"));
    let failed =
        event("00:30", "Jobs", "AWS::SQS::Queue", "UPDATE_FAILED", "the queue orchard-jobs already exists");
    let found = read(&[&cancelled[..1], &[failed], &cancelled[1..]].concat());
    assert_eq!(found.verdict.expect("a verdict").root.logical_id.as_deref(), Some("Jobs"));
    assert!(found.also.is_empty(), "{:?}", found.also);
}

#[test]
fn all_refusals_of_an_incident_are_one_policy() {
    let reason = |action: &str, on: &str| {
        format!(
            "User: arn:aws:sts::111122223333:assumed-role/orchard-ci/run-7 is not authorized to perform: {action} on resource: {on} because no identity-based policy allows the {action} action"
        )
    };
    let event = |id: &str, reason: &str| {
        format!("10:00:00 AM | CREATE_FAILED        | AWS::SQS::Queue | {id}\n{reason}\n")
    };
    let text = event("Jobs", &reason("sqs:CreateQueue", "arn:aws:sqs:eu-west-1:111122223333:jobs"))
        + &event("Mail", &reason("sqs:CreateQueue", "arn:aws:sqs:eu-west-1:111122223333:mail"))
        + &event("Role", &reason("iam:CreateRole", "arn:aws:iam::111122223333:role/press"));
    let book = provision_rules::Rulebook::builtin();
    let found = provision_rules::diagnose(text.as_bytes(), &book).expect("readable");
    let document = found.policy.and_then(|policy| policy.document).expect("a policy");
    let statements: Vec<(usize, usize)> =
        document.statement.iter().map(|one| (one.action.len(), one.resource.len())).collect();
    assert_eq!(statements, [(1, 1), (1, 2)], "{document:?}");
}

#[test]
fn a_service_that_never_became_stable_is_explained_by_the_task_that_stopped() {
    let text = "Harbor | 3/7 | 2:49:55 PM | CREATE_FAILED        | AWS::ECS::Service | Service/Service (ServiceD69D7) Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 07, HandlerErrorCode: GeneralServiceException)\n\nHarbor failed\n\n   Task stopped: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/harbor:v9: not found\n   (2 other failed task(s) not shown)\n";
    let book = provision_rules::Rulebook::builtin();
    let found = provision_rules::diagnose(text.as_bytes(), &book).expect("readable");
    let verdict = found.verdict.expect("a verdict");
    assert_eq!(
        (verdict.category, verdict.root.logical_id.as_deref()),
        (Category::ImagePull, Some("ServiceD69D7"))
    );
    assert!(verdict.evidence.iter().any(|evidence| evidence.line == 5), "{:?}", verdict.evidence);
}

#[test]
fn a_warning_beside_an_error_is_not_the_cause() {
    let text = "app.js:22:111\nERROR Topics must be encrypted (Construct Annotations)\n   Anno/T\n\napp.js:8:7\nWARNING The vpc has dependencies and cannot be deleted\n   Harbor/Slot (Slot)\nSynthesis finished with errors\n";
    assert_eq!(verdict(text).root.line, 2);
}

#[test]
fn a_reason_with_line_ends_in_a_table_or_a_list_is_read_whole() {
    let text = "STACKEVENTS\t7f5d\tSub\t\tCREATE_FAILED\tthe call failed:\nshop-bell already exists\tAWS::SNS::Topic\tarn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1\tshop\t2026-03-01T10:00:00Z\n";
    let table = "|  2026-03-01T10:00:00+00:00 |  Sub |  CREATE_FAILED  |  the call failed:\nshop-bell already exists  |\n";
    let yaml = "StackEvents:\n- LogicalResourceId: Sub\n  ResourceStatus: CREATE_FAILED\n  ResourceStatusReason: 'the call failed:\n\n    shop-bell already exists'\n  ResourceType: AWS::SNS::Topic\n  StackName: shop\n";
    for text in [text, table, yaml] {
        let verdict = verdict(text);
        assert_eq!(verdict.category, Category::AlreadyExists, "{text}\n{:?}", verdict.root);
        assert_eq!(verdict.root.logical_id.as_deref(), Some("Sub"), "{text}");
        assert!(!verdict.root.text.contains("stack/shop"), "{:?}", verdict.root);
    }
}

#[test]
fn what_a_task_runner_announces_is_told_at_the_error_above_it() {
    let text = "/src/app.js:15\n    throw new Error('the drum');\n    ^\n\nError: the drum is out of true\n    at Object.<anonymous> (/src/app.js:15:36)\n    at Module._compile (node:internal/modules/cjs/loader:1521:14)\n\nNode.js v20.20.2\nnode app.js: Subprocess exited with error 1\n";
    let root = verdict(text).root;
    assert_eq!(root.line, 5);
    assert!(root.text.starts_with("Error: the drum is out of true"), "{}", root.text);
}
