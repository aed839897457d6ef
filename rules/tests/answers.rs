//! Answers of the API that hold no stack event are read where a member says that something failed.

mod common;

use common::{read, verdict};
use provision_rules::{Category, Status};

/// The category of the verdict on an answer and the line its root stands on.
fn told(answer: &serde_json::Value) -> (Category, usize) {
    let book = provision_rules::Rulebook::builtin();
    let text = serde_json::to_string_pretty(answer).expect("json");
    let found = provision_rules::diagnose(text.as_bytes(), &book).expect("readable");
    let verdict = found.verdict.expect("a verdict");
    (verdict.category, verdict.root.line)
}

#[test]
fn a_change_set_that_failed_tells_its_reason() {
    let answer = serde_json::json!({
        "ChangeSetName": "release-8", "StackName": "kiln", "ExecutionStatus": "UNAVAILABLE", "Status": "FAILED",
        "StatusReason": "Template error: instance of Fn::GetAtt references undefined resource Oven",
    });
    assert_eq!(told(&answer).0, Category::TemplateError);
}

#[test]
fn an_operation_of_a_stack_set_that_failed_is_a_failure_of_unknown_cause() {
    let text =
        "{\n  \"StackSetOperation\": {\n    \"OperationId\": \"9c\",\n    \"Status\": \"FAILED\"\n  }\n}\n";
    let verdict = verdict(text);
    assert_eq!((verdict.category, verdict.root.line), (Category::Unknown, 4));
}

#[test]
fn an_outdated_instance_of_a_stack_set_tells_its_reason() {
    let role = "Account 333322221111 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.";
    let answer = serde_json::json!({"Summaries": [
        {"StackSetId": "guard:1", "Account": "333322221110", "Status": "CURRENT"},
        {"StackSetId": "guard:1", "Account": "333322221111", "Status": "OUTDATED", "StatusReason": role},
    ]});
    assert_eq!(told(&answer).0, Category::AccessDenied);
    let current = serde_json::json!({"Summaries": [{"StackSetId": "guard:1", "Status": "CURRENT", "StatusReason": ""}]});
    let found = provision_rules::diagnose(current.to_string().as_bytes(), &common::book()).expect("readable");
    assert_eq!(found.verdict, None);
}

#[test]
fn a_certificate_that_failed_tells_its_reason() {
    let answer = serde_json::json!({"Certificate": {
        "DomainName": "kiln.example", "Status": "FAILED", "FailureReason": "CAA_ERROR",
    }});
    assert_eq!(told(&answer).0, Category::CertificateValidation);
}

#[test]
fn a_status_without_a_reason_stands_on_its_own_line() {
    let text = "{\n  \"Stacks\": [{\n    \"StackName\": \"kiln\",\n    \"StackStatus\": \"ROLLBACK_COMPLETE\"\n  }]\n}\n";
    assert_eq!(verdict(text).root.line, 4);
}

#[test]
fn what_a_complete_resource_says_is_a_remark() {
    let event = |id: &str, status: &str, reason: &str| {
        serde_json::json!({
            "StackName": "kiln", "LogicalResourceId": id, "ResourceType": "AWS::Backup::BackupVault",
            "ResourceStatus": status, "ResourceStatusReason": reason,
        })
    };
    let remark =
        event("Vault", "CREATE_COMPLETE", "The type is not supported but was deployed as a fallback");
    let healthy = serde_json::json!({"StackEvents": [remark]});
    assert_eq!(read(&healthy.to_string()).status, Status::Healthy);
    let failed = event("Shelf", "CREATE_FAILED", "shelf already exists");
    let failing = serde_json::json!({"StackEvents": [failed, remark]});
    assert_eq!(verdict(&failing.to_string()).root.logical_id.as_deref(), Some("Shelf"));
}
