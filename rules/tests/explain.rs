//! The explanation shows every failed event once, with what it is.

#[path = "common/incident.rs"]
mod incident;

use provision_rules::{DiagnoseOptions, Explanation, Role, explain};

fn roles(explanation: &Explanation) -> Vec<(&str, Role)> {
    let failures = explanation.stacks.iter().flat_map(|stack| &stack.failures);
    failures.map(|event| (event.logical_id.as_deref().unwrap_or_default(), event.role)).collect()
}

#[test]
fn every_failed_event_is_labelled() {
    let text = &incident::all()[0].1;
    let explanation = explain(text.as_bytes(), DiagnoseOptions::default()).expect("readable");
    assert_eq!(
        roles(&explanation),
        [
            ("Uploads", Role::Root),
            ("Work", Role::Cancelled),
            (incident::STACK, Role::ParentEcho),
            (incident::STACK, Role::ParentEcho)
        ]
    );
    assert_eq!(explanation.why, "the first failure with a reason of its own");
}

#[test]
fn nested_stacks_stand_under_their_parent() {
    let event = |stack: &str, id: &str, physical: &str, minute: u32, reason: &str| {
        serde_json::json!({
            "StackName": stack, "LogicalResourceId": id, "PhysicalResourceId": physical,
            "ResourceType": if physical.is_empty() { "AWS::SNS::Topic" } else { "AWS::CloudFormation::Stack" },
            "Timestamp": format!("2026-03-01T10:{minute:02}:00.000Z"),
            "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": reason,
        })
    };
    let child = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-Net-1/2";
    let echo = format!(
        "Embedded stack {child} was not successfully created: The following resource(s) failed to create: [Alerts]. "
    );
    let events = [
        event("shop", "Net", child, 5, &echo),
        event("shop-Net-1", "Alerts", "", 2, "alerts already exists"),
    ];
    let text = serde_json::json!({ "StackEvents": events }).to_string();
    let explanation = explain(text.as_bytes(), DiagnoseOptions::default()).expect("readable");
    let [shop] = explanation.stacks.as_slice() else { panic!("one stack on top: {explanation:?}") };
    assert_eq!(shop.failures[0].role, Role::ParentEcho);
    assert_eq!(shop.nested[0].name.as_deref(), Some("shop-Net-1"));
    assert_eq!(shop.nested[0].failures[0].role, Role::Root);
}
