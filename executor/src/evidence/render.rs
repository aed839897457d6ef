//! Writes stack events as the AWS CLI's `describe-stack-events` does, so that one parser reads both.

use aws_sdk_cloudformation::primitives::{DateTime, DateTimeFormat};
use aws_sdk_cloudformation::types::StackEvent;
use serde_json::{Map, Value, json};

/// The events of all stacks as one document, newest first.
pub(super) fn json(mut events: Vec<StackEvent>) -> String {
    // Stable: events of one stack at the same moment keep the order that the service gave them.
    events.sort_by_key(|event| std::cmp::Reverse(event.timestamp().map(DateTime::as_nanos)));
    let events: Vec<Value> = events.iter().map(event).collect();
    let document = json!({ "StackEvents": events });
    serde_json::to_string_pretty(&document).unwrap_or_else(|_| document.to_string())
}

/// One event; properties are left out, since they are long, tell no cause, and may hold secrets.
fn event(event: &StackEvent) -> Value {
    let time = event.timestamp().and_then(|time| time.fmt(DateTimeFormat::DateTime).ok());
    let fields = [
        ("StackId", event.stack_id().map(str::to_owned)),
        ("EventId", event.event_id().map(str::to_owned)),
        ("StackName", event.stack_name().map(str::to_owned)),
        ("LogicalResourceId", event.logical_resource_id().map(str::to_owned)),
        ("PhysicalResourceId", event.physical_resource_id().map(str::to_owned)),
        ("ResourceType", event.resource_type().map(str::to_owned)),
        ("Timestamp", time),
        ("ResourceStatus", event.resource_status().map(|status| status.as_str().to_owned())),
        ("ResourceStatusReason", event.resource_status_reason().map(str::to_owned)),
        ("ClientRequestToken", event.client_request_token().map(str::to_owned)),
        ("HookType", event.hook_type().map(str::to_owned)),
        ("HookStatus", event.hook_status().map(|status| status.as_str().to_owned())),
        ("HookStatusReason", event.hook_status_reason().map(str::to_owned)),
        ("HookInvocationPoint", event.hook_invocation_point().map(|point| point.as_str().to_owned())),
        ("HookFailureMode", event.hook_failure_mode().map(|mode| mode.as_str().to_owned())),
        ("DetailedStatus", event.detailed_status().map(|status| status.as_str().to_owned())),
    ];
    let present =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    Value::Object(present.collect::<Map<_, _>>())
}
