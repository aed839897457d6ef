//! Events in JSON: `describe-stack-events`, `describe-events`, `describe-stacks`, change sets, and
//! EventBridge notifications; whole documents, pages one after the other, bare arrays, or one per line.

use crate::decode::Line;
use crate::event::{StackEvent, stack_name};
use crate::formats::json_value::{Member, Reader, Stop, Value, Visitor, member, text};
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// Reads JSON values that hold events.
pub(super) fn read(lines: &[Line<'_>], at: usize, state: &mut State) -> Option<Taken> {
    let column = start(&lines[at].text).filter(|_| at == 0 || at >= state.no_json_before)?;
    let mut found = Found::default();
    let mut reader = Reader::new(lines, (at, column), &mut found);
    let stop = loop {
        match reader.value() {
            Err(stop) => break Some(stop),
            Ok(_) if !reader.more() => break None,
            Ok(_) => {}
        }
    };
    let next = reader.line_index();
    let ends = stop == Some(Stop::End);
    if ends && found.is_about_events(lines, at) {
        // the end of the last line is no line of its own
        let last = lines.iter().rfind(|line| !line.text.is_empty()).map_or(0, |line| line.number);
        state.truncated = Some((last, found.events.len()));
    }
    state.no_json_before = next;
    let format = if found.operations { Format::Events } else { Format::StackEvents };
    (!found.events.is_empty()).then(|| Taken { format, events: found.events, next: next + 1 })
}

/// Where a value may start in a line: at its beginning, or behind the arrow of a task runner.
fn start(line: &str) -> Option<usize> {
    let first = line.trim_start();
    if first.starts_with('{') && !first.starts_with("{ [") || is_array(first) {
        return Some(0);
    }
    line.find("=> {\"").map(|arrow| arrow + 3)
}

fn is_array(text: &str) -> bool {
    text.strip_prefix('[').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with('{') && !rest.starts_with("{ [")
    })
}

#[derive(Default)]
struct Found {
    events: Vec<StackEvent>,
    operations: bool,
}

impl Found {
    fn is_about_events(&self, lines: &[Line<'_>], at: usize) -> bool {
        const KEYS: [&str; 4] = ["StackEvents", "OperationEvents", "ResourceStatus", "LogicalResourceId"];
        !self.events.is_empty()
            || lines[at..].iter().take(64).any(|line| KEYS.iter().any(|key| line.text.contains(key)))
    }
}

impl Visitor for Found {
    fn object(&mut self, members: &[Member], lines: (usize, usize)) -> bool {
        let event = stack_event(members, lines)
            .or_else(|| snake_event(members, lines))
            .or_else(|| hook_event(members, lines))
            .or_else(|| notification(members, lines))
            .or_else(|| stack(members, lines))
            .or_else(|| outcome(members, lines));
        self.operations |= member(members, "OperationId").is_some() || member(members, "EventType").is_some();
        let taken = event.is_some();
        self.events.extend(event);
        self.events.extend(runner_log(members, lines));
        taken
    }
}

/// The failures that a task runner lists as `TYPE NAME STATUS: reason` in the `log` of a task.
fn runner_log(members: &[Member], lines: (usize, usize)) -> Vec<StackEvent> {
    let Some(log) = member(members, "log") else { return Vec::new() };
    let Value::Array(entries) = &log.value else { return Vec::new() };
    let event = |entry: &Value| {
        let Value::Text(entry) = entry else { return None };
        let (head, reason) = entry.split_once(": ").unwrap_or((entry, ""));
        let mut words = head.split(' ');
        let (kind, name, status) = (words.next()?, words.next()?, Status::exact(words.next()?)?);
        let mut event = StackEvent::new(status, log.line);
        event.lines = lines;
        event.resource_type = Some(kind.to_owned()).filter(|kind| kind.contains("::"));
        event.logical_id = Some(name.to_owned());
        event.set_reason(reason, log.line);
        event.resource_type.is_some().then_some(event)
    };
    entries.iter().filter_map(event).collect()
}

fn owned(members: &[Member], key: &str) -> Option<String> {
    text(members, key).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn status_at(members: &[Member], key: &str) -> Option<Status> {
    text(members, key).and_then(Status::exact)
}

fn set_reason(event: &mut StackEvent, members: &[Member], key: &str) {
    if let Some(reason) = member(members, key)
        && let Value::Text(text) = &reason.value
    {
        event.set_reason(text, reason.line);
    }
}

/// An event of an object, which stands on the line of its status until it has a reason.
fn starting_at(members: &[Member], key: &str, status: Status, lines: (usize, usize)) -> StackEvent {
    let mut event = StackEvent::new(status, lines.0);
    event.lines = lines;
    event.reason_line = member(members, key).map_or(lines.0, |status| status.line);
    event
}

fn base(members: &[Member], key: &str, status: Status, lines: (usize, usize)) -> StackEvent {
    let mut event = starting_at(members, key, status, lines);
    event.time = owned(members, "Timestamp").or_else(|| owned(members, "StartTime"));
    event.stack_arn = owned(members, "StackId");
    event.stack = owned(members, "StackName")
        .or_else(|| owned(members, "StackId"))
        .map(|id| stack_name(&id).to_owned());
    event.logical_id = owned(members, "LogicalResourceId");
    event.physical_id = owned(members, "PhysicalResourceId");
    event.resource_type = owned(members, "ResourceType");
    event.service_token = text(members, "ResourceProperties").and_then(function).map(str::to_owned);
    event
}

/// The function that a custom resource's properties, JSON in a string, name.
fn function(properties: &str) -> Option<&str> {
    let (_, token) = properties.split_once("\"ServiceToken\"")?;
    let arn = token.trim_start_matches([':', ' ', '"']).split('"').next()?;
    arn.contains(":function:").then_some(arn)
}

fn stack_event(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    let status = status_at(members, "ResourceStatus")?;
    let mut event = base(members, "ResourceStatus", status, lines);
    set_reason(&mut event, members, "ResourceStatusReason");
    if event.reason.is_empty() && hook_refuses(members) {
        set_reason(&mut event, members, "HookStatusReason");
    }
    Some(event)
}

/// A resource as task runners list it, with the keys of the API in lower case.
fn snake_event(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    let status = status_at(members, "status").or_else(|| status_at(members, "resource_status"))?;
    let mut event = StackEvent::new(status, lines.0);
    event.lines = lines;
    event.logical_id = Some(owned(members, "logical_resource_id")?);
    event.physical_id = owned(members, "physical_resource_id");
    event.resource_type = owned(members, "resource_type");
    event.stack = owned(members, "stack_name");
    for key in ["status_reason", "resource_status_reason"] {
        set_reason(&mut event, members, key);
    }
    Some(event)
}

/// Whether an event tells that a hook stopped something, rather than that it is content or only warns.
fn hook_refuses(members: &[Member]) -> bool {
    let failed = text(members, "HookStatus").is_none_or(|status| status.ends_with("FAILED"));
    failed && text(members, "HookFailureMode") != Some("WARN")
}

/// An event of a hook or of early validation, as `describe-events` lists them.
fn hook_event(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    let failed = |key| text(members, key).is_some_and(|status| status.ends_with("FAILED"));
    let (key, status, reason) = if failed("ValidationStatus") {
        ("ValidationStatus", "VALIDATION_FAILED", "ValidationStatusReason")
    } else if failed("HookStatus") && hook_refuses(members) {
        ("HookStatus", "HOOK_COMPLETE_FAILED", "HookStatusReason")
    } else {
        return None;
    };
    let mut event = base(members, key, Status::exact(status)?, lines);
    set_reason(&mut event, members, reason);
    Some(event)
}

/// The detail of an EventBridge notification.
fn notification(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    let Value::Object(details) = &member(members, "status-details")?.value else { return None };
    let mut event = StackEvent::new(status_at(details, "status")?, lines.0);
    event.lines = lines;
    event.stack = owned(members, "stack-id").map(|id| stack_name(&id).to_owned());
    event.logical_id = owned(members, "logical-resource-id").or_else(|| event.stack.clone());
    event.physical_id = owned(members, "physical-resource-id");
    event.resource_type = owned(members, "resource-type");
    set_reason(&mut event, details, "status-reason");
    Some(event)
}

/// Where the answers of many calls say how something ended, and where they say why.
const OUTCOMES: &[(&str, &[&str])] = &[
    ("Status", &["StatusReason", "StatusMessage", "FailureReason", "StatusDescription"]),
    ("status", &["statusReason", "statusMessage", "failureReason"]),
    ("State", &["StateReason"]),
    ("LastUpdateStatus", &["LastUpdateStatusReason"]),
    ("rolloutState", &["rolloutStateReason"]),
];

/// Something other than a stack's resource that failed: an instance or an operation of a stack set, a change set,
/// a certificate, a function, a deployment of a service.
fn outcome(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    const OF_STACK_SETS: [&str; 2] = ["StackSetId", "OperationId"];
    let failed = |status: &str| status.to_ascii_uppercase().ends_with("FAILED");
    let (at, reason) = OUTCOMES.iter().find_map(|(key, reasons)| {
        let at = member(members, key)?;
        let Value::Text(status) = &at.value else { return None };
        let reason = reasons.iter().find(|reason| text(members, reason).is_some_and(|text| !text.is_empty()));
        let outdated = status == "OUTDATED" && reason.is_some();
        (failed(status) || outdated).then_some((at, reason))
    })?;
    let of_stack_set = OF_STACK_SETS.iter().any(|key| member(members, key).is_some());
    if reason.is_none() && !of_stack_set {
        return None;
    }
    let mut event = StackEvent::new(Status::unspecified_failure(), at.line);
    event.lines = lines;
    event.stack = owned(members, "StackName");
    if let Some(reason) = reason {
        set_reason(&mut event, members, reason);
    }
    Some(event)
}

/// A stack of `describe-stacks`, or a change set that failed.
fn stack(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    let name = owned(members, "StackName")?;
    let own = status_at(members, "StackStatus");
    let change_set = member(members, "ChangeSetName").is_some()
        && text(members, "Status") == Some("FAILED")
        && member(members, "StatusReason").is_some();
    let (key, reason) =
        if change_set { ("Status", "StatusReason") } else { ("StackStatus", "StackStatusReason") };
    let status = if change_set { Status::exact("VALIDATION_FAILED") } else { own }?;
    let mut event = starting_at(members, key, status, lines);
    event.stack = Some(name.clone());
    event.logical_id = Some(name);
    event.resource_type = Some("AWS::CloudFormation::Stack".to_owned());
    set_reason(&mut event, members, reason);
    Some(event)
}
