//! One event of a stack, from whichever action told it, and events written as the AWS CLI's `describe-stack-events`
//! does, so that one parser reads both.

use aws_sdk_cloudformation::primitives::{DateTime, DateTimeFormat};
use aws_sdk_cloudformation::types::{OperationEvent, StackEvent};
use serde_json::{Map, Value, json};

/// What nested stacks are as resources of their parent.
pub(crate) const STACK: &str = "AWS::CloudFormation::Stack";

/// One event. Properties are left out: they are long, tell no cause, and may hold secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) stack_id: String,
    pub(crate) stack: String,
    pub(crate) logical: String,
    pub(crate) physical: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) time: Option<DateTime>,
    /// What a hook had to say, where the event is about one.
    pub(crate) hook: Option<Hook>,
    /// What else an event may carry, by its name in the AWS CLI's output.
    pub(super) more: Vec<(&'static str, String)>,
}

impl Record {
    /// Whether it is about the stack itself rather than one of its resources.
    pub(crate) fn is_own(&self) -> bool {
        self.kind == STACK && (self.physical == self.stack_id || self.logical == self.stack)
    }

    /// Whether an operation on the stack itself begins with it.
    pub(crate) fn begins_operation(&self) -> bool {
        let begins = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"];
        self.is_own() && begins.contains(&self.status.as_str())
    }

    /// The stack nested in this resource, once it has an id.
    pub(crate) fn nested(&self) -> Option<&str> {
        let nested = self.kind == STACK && !self.is_own() && self.physical.starts_with("arn:");
        nested.then_some(self.physical.as_str())
    }

    /// Whether it tells a failure that has a cause of its own, as far as one event shows: not one that was cancelled
    /// because of another, and not a parent's echo of a nested stack.
    pub(crate) fn may_be_cause(&self) -> bool {
        if self.hook.as_ref().is_some_and(Hook::refuses) {
            return true;
        }
        let failed = self.status.ends_with("_FAILED") && !self.is_own() && self.nested().is_none();
        let cancelled = self.reason.as_deref().is_some_and(|reason| reason.contains("cancelled"));
        failed && !cancelled && self.reason.is_some()
    }
}

/// One invocation of a hook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hook {
    /// Its type, such as `Org::Storage::Guard`.
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(super) point: Option<String>,
    /// `FAIL`, or `WARN` for one that only warns.
    pub(super) mode: Option<String>,
    /// The id of its result, which says more.
    pub(super) result: Option<String>,
}

impl Hook {
    /// Whether it stops what it was asked about.
    pub(crate) fn refuses(&self) -> bool {
        self.is_unhappy() && self.mode.as_deref() != Some("WARN")
    }

    /// Whether it found something wrong, even if it only warns.
    pub(crate) fn is_unhappy(&self) -> bool {
        self.status.ends_with("FAILED")
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let always = [("HookType", Some(&self.kind)), ("HookStatus", Some(&self.status))];
        let rest = [
            ("HookStatusReason", self.reason.as_ref()),
            ("HookInvocationPoint", self.point.as_ref()),
            ("HookFailureMode", self.mode.as_ref()),
            ("HookInvocationId", self.result.as_ref()),
        ];
        always.into_iter().chain(rest).filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The name in a stack's ARN, or the name itself.
pub(crate) fn short(stack: &str) -> &str {
    stack.split('/').nth(1).unwrap_or(stack)
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

impl From<StackEvent> for Record {
    fn from(event: StackEvent) -> Self {
        let hook = event.hook_type().map(|kind| Hook {
            kind: kind.to_owned(),
            status: text(event.hook_status().map(|status| status.as_str())),
            reason: event.hook_status_reason().map(str::to_owned),
            point: event.hook_invocation_point().map(|point| point.as_str().to_owned()),
            mode: event.hook_failure_mode().map(|mode| mode.as_str().to_owned()),
            result: event.hook_invocation_id().map(str::to_owned),
        });
        let more = [
            ("ClientRequestToken", event.client_request_token().map(str::to_owned)),
            ("DetailedStatus", event.detailed_status().map(|status| status.as_str().to_owned())),
        ];
        Self {
            id: text(event.event_id()),
            stack_id: text(event.stack_id()),
            stack: text(event.stack_name()),
            logical: text(event.logical_resource_id()),
            physical: text(event.physical_resource_id()),
            kind: text(event.resource_type()),
            status: text(event.resource_status().map(|status| status.as_str())),
            reason: event.resource_status_reason().map(str::to_owned),
            time: event.timestamp().copied(),
            hook,
            more: present(more),
        }
    }
}

impl From<OperationEvent> for Record {
    fn from(event: OperationEvent) -> Self {
        let more = [
            ("ClientRequestToken", event.client_request_token().map(str::to_owned)),
            ("OperationId", event.operation_id().map(str::to_owned)),
            ("ValidationName", event.validation_name().map(str::to_owned)),
            ("ValidationStatus", event.validation_status().map(|status| status.as_str().to_owned())),
            ("ValidationStatusReason", event.validation_status_reason().map(str::to_owned)),
            ("ValidationPath", event.validation_path().map(str::to_owned)),
            ("DetailedStatus", event.detailed_status().map(|status| status.as_str().to_owned())),
        ];
        let hook = event.hook_type().map(|kind| Hook {
            kind: kind.to_owned(),
            status: text(event.hook_status().map(|status| status.as_str())),
            reason: event.hook_status_reason().map(str::to_owned),
            point: event.hook_invocation_point().map(|point| point.as_str().to_owned()),
            mode: event.hook_failure_mode().map(|mode| mode.as_str().to_owned()),
            result: None,
        });
        let stack_id = text(event.stack_id());
        Self {
            id: text(event.event_id()),
            stack: short(&stack_id).to_owned(),
            logical: text(event.logical_resource_id()),
            physical: text(event.physical_resource_id()),
            kind: text(event.resource_type()),
            status: text(event.resource_status().map(|status| status.as_str())),
            reason: event.resource_status_reason().or(event.validation_status_reason()).map(str::to_owned),
            time: event.timestamp().or(event.start_time()).copied(),
            hook,
            more: present(more),
            stack_id,
        }
    }
}

fn present<const N: usize>(fields: [(&'static str, Option<String>); N]) -> Vec<(&'static str, String)> {
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The events of all stacks as one document, newest first; empty for none.
pub(crate) fn json(records: &[Record]) -> String {
    if records.is_empty() {
        return String::new();
    }
    let mut records: Vec<&Record> = records.iter().collect();
    // Stable: events of one stack at the same moment keep the order that the service gave them.
    records.sort_by_key(|record| std::cmp::Reverse(record.time.map(|time| time.as_nanos())));
    let events: Vec<Value> = records.into_iter().map(event).collect();
    let document = json!({ "StackEvents": events });
    serde_json::to_string_pretty(&document).unwrap_or_else(|_| document.to_string())
}

fn event(record: &Record) -> Value {
    let time = record.time.and_then(|time| time.fmt(DateTimeFormat::DateTime).ok());
    let fields = [
        ("StackId", Some(&record.stack_id)),
        ("EventId", Some(&record.id)),
        ("StackName", Some(&record.stack)),
        ("LogicalResourceId", Some(&record.logical)),
        ("PhysicalResourceId", Some(&record.physical)),
        ("ResourceType", Some(&record.kind)),
        ("Timestamp", time.as_ref()),
        ("ResourceStatus", Some(&record.status)),
        ("ResourceStatusReason", record.reason.as_ref()),
    ];
    let fields =
        fields.into_iter().filter_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?)));
    let hook = record.hook.iter().flat_map(Hook::fields);
    let more = record.more.iter().map(|(name, value)| (*name, value)).chain(hook);
    let member = |(name, value): (&str, &String)| (name.to_owned(), Value::String(value.clone()));
    Value::Object(fields.chain(more).map(member).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: &str, logical: &str, status: &str, reason: &str) -> Record {
        Record {
            stack_id: "arn:aws:cloudformation:eu-west-1:000000000000:stack/shop/0a1b".to_owned(),
            stack: "shop".to_owned(),
            logical: logical.to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            ..Record::default()
        }
    }

    #[test]
    fn a_cancelled_resource_and_the_stack_itself_are_no_causes() {
        assert!(record("AWS::SQS::Queue", "Queue", "CREATE_FAILED", "already exists").may_be_cause());
        assert!(
            !record("AWS::SQS::Queue", "Queue", "CREATE_FAILED", "Resource creation cancelled")
                .may_be_cause()
        );
        assert!(!record(STACK, "shop", "UPDATE_ROLLBACK_FAILED", "x").may_be_cause());
        let nested = Record {
            physical: "arn:aws:x:stack/net/1".to_owned(),
            ..record(STACK, "Net", "CREATE_FAILED", "x")
        };
        assert!(!nested.may_be_cause() && nested.nested().is_some());
    }

    #[test]
    fn an_operation_begins_with_the_stack_itself_and_not_with_its_rollback() {
        assert!(record(STACK, "shop", "UPDATE_IN_PROGRESS", "User Initiated").begins_operation());
        assert!(!record(STACK, "shop", "UPDATE_ROLLBACK_IN_PROGRESS", "x").begins_operation());
        assert!(!record("AWS::SQS::Queue", "Queue", "CREATE_IN_PROGRESS", "").begins_operation());
    }

    #[test]
    fn a_stack_is_called_by_its_name() {
        assert_eq!(short("arn:aws:cloudformation:eu-west-1:000000000000:stack/demo/0a1b"), "demo");
        assert_eq!(short("demo"), "demo");
    }
}
