//! What a failed event tells besides its reason: the facts that placeholders and deciding queries can name.

use jiff::{SignedDuration, Timestamp};

use crate::event::StackEvent;
use crate::pattern::Pattern;
use crate::template::Values;

/// The names of all facts. A rule may use them in placeholders next to what its patterns capture.
///
/// `start` and `end` span the time in which the cause happened, as UTC; `start_ms` and `end_ms` are the same in
/// milliseconds since 1970.
pub(crate) const NAMES: [&str; 33] = [
    "stack",
    "nested_stack",
    "logical_id",
    "physical_id",
    "physical_name",
    "resource_type",
    "status",
    "region",
    "account",
    "time",
    "start",
    "end",
    "start_ms",
    "end_ms",
    "function",
    "log_stream",
    "request",
    "ecs_cluster",
    "ecs_service",
    "eks_cluster",
    "nodegroup",
    "encoded",
    "bucket",
    "table",
    "log_group",
    "auto_scaling_group",
    "secret",
    "repository",
    "instance",
    "user_pool",
    "zone_id",
    "db_instance",
    "state_machine",
];

/// What the physical id of a resource of these types is called.
const NAMED: [(&str, &str); 12] = [
    ("AWS::S3::Bucket", "bucket"),
    ("AWS::DynamoDB::Table", "table"),
    ("AWS::Lambda::Function", "function"),
    ("AWS::Logs::LogGroup", "log_group"),
    ("AWS::AutoScaling::AutoScalingGroup", "auto_scaling_group"),
    ("AWS::SecretsManager::Secret", "secret"),
    ("AWS::ECR::Repository", "repository"),
    ("AWS::EC2::Instance", "instance"),
    ("AWS::Cognito::UserPool", "user_pool"),
    ("AWS::Route53::HostedZone", "zone_id"),
    ("AWS::RDS::DBInstance", "db_instance"),
    ("AWS::StepFunctions::StateMachine", "state_machine"),
];

/// How long before the event its cause may have happened.
const BEFORE: SignedDuration = SignedDuration::from_mins(15);
/// How long after the event its traces may appear.
const AFTER: SignedDuration = SignedDuration::from_mins(5);

/// The facts of an event.
pub(crate) fn of_event(event: &StackEvent) -> Values {
    let texts = [event.stack_arn.as_deref(), event.physical_id.as_deref(), Some(&*event.reason)];
    let mut facts = of_text(&texts.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.insert(name.to_owned(), value.to_owned());
        }
    };
    put("stack", event.stack.as_deref());
    put("logical_id", event.logical_id.as_deref());
    put("physical_id", event.physical_id.as_deref());
    put("physical_name", event.physical_id.as_deref().map(last_name));
    put("resource_type", event.resource_type.as_deref());
    put("nested_stack", event.physical_id.as_deref().filter(|_| event.is_stack() && !event.is_own_stack()));
    put("status", event.status.printed());
    put("function", event.service_token.as_deref().map(last_name));
    let named = NAMED.iter().find(|(kind, _)| event.resource_type.as_deref() == Some(kind));
    named.iter().for_each(|(_, name)| put(name, event.physical_id.as_deref()));
    facts.extend(places(event));
    facts.extend(times(event));
    facts
}

static ARN: Pattern =
    Pattern::new(r"arn:aws[a-z-]*:[a-z0-9-]+:(?<region>[a-z]{2}(?:-[a-z]+)+-\d)?:(?<account>\d{12}):");
static TRACES: Pattern = Pattern::new(
    r"(?i)CloudWatch Log Stream:? ?(?<log_stream>[^\s()]+)|request ?id:? ?\[?(?<request>[0-9a-f]{8}-[0-9a-f-]{27})|Encoded authorization failure message: ?(?<encoded>[\w-]{20,})",
);

/// The facts of a text without events.
pub(crate) fn of_text(text: &str) -> Values {
    let mut facts = Values::new();
    for pattern in [&ARN, &TRACES] {
        for found in pattern.captures_all(text) {
            for (name, value) in found.named() {
                facts.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
    facts
}

/// Where container work runs, by the ids CloudFormation gives it.
fn places(event: &StackEvent) -> Values {
    let (kind, id) = (event.resource_type.as_deref().unwrap_or_default(), event.physical_id.as_deref());
    let mut found: Vec<(&str, &str)> = Vec::new();
    match (kind, id.and_then(|id| id.rsplit_once(['/', '|']))) {
        ("AWS::ECS::Service", Some((head, service))) => {
            found.push(("ecs_service", service));
            // the older form of the ARN does not name the cluster
            found.extend(head.rsplit_once('/').map(|(_, cluster)| ("ecs_cluster", cluster)));
        }
        ("AWS::EKS::Nodegroup", Some((cluster, group))) => {
            found.extend([("eks_cluster", cluster), ("nodegroup", group)]);
        }
        ("AWS::EKS::Addon" | "AWS::EKS::FargateProfile", Some((cluster, _))) => {
            found.push(("eks_cluster", cluster))
        }
        ("AWS::EKS::Cluster", None) => found.extend(id.map(|id| ("eks_cluster", id))),
        _ => {}
    }
    found.extend(of_eksctl(event.stack.as_deref().unwrap_or_default()));
    found
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The cluster and the node group in the name of a stack that eksctl made.
fn of_eksctl(stack: &str) -> Vec<(&'static str, &str)> {
    let Some(rest) = stack.strip_prefix("eksctl-") else { return Vec::new() };
    match (rest.split_once("-nodegroup-"), rest.strip_suffix("-cluster")) {
        (Some((cluster, group)), _) => vec![("eks_cluster", cluster), ("nodegroup", group)],
        (None, Some(cluster)) => vec![("eks_cluster", cluster)],
        (None, None) => Vec::new(),
    }
}

/// The time of the event and a span around it, where it was printed with date and offset.
fn times(event: &StackEvent) -> Values {
    let Some(at) = event.time.as_deref().and_then(parse) else { return Values::new() };
    let (start, end) = (at.saturating_sub(BEFORE), at.saturating_add(AFTER));
    let (Ok(start), Ok(end)) = (start, end) else { return Values::new() };
    let shown = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Values::from([
        ("time".to_owned(), shown(at)),
        ("start".to_owned(), shown(start)),
        ("end".to_owned(), shown(end)),
        ("start_ms".to_owned(), start.as_millisecond().to_string()),
        ("end_ms".to_owned(), end.as_millisecond().to_string()),
    ])
}

/// A time with its date and its offset, as the API and most tools print it. Others say too little.
fn parse(time: &str) -> Option<Timestamp> {
    let time = time.trim().replace(" UTC", "");
    let spaced =
        time.rfind([' ']).map(|at| format!("{}{}", &time[..at].replacen(' ', "T", 1), &time[at + 1..]));
    time.parse().ok().or_else(|| spaced?.parse().ok())
}

/// The last part of an ARN, or the text itself.
fn last_name(id: &str) -> &str {
    match id.strip_prefix("arn:") {
        Some(arn) => arn.rsplit([':', '/']).next().unwrap_or(arn),
        None => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    fn event() -> StackEvent {
        StackEvent::new(Status::exact("CREATE_FAILED").expect("a status"), 1)
    }

    #[test]
    fn every_fact_is_one_that_is_named() {
        let mut event = event();
        let id = "arn:aws:ecs:eu-west-1:111122223333:service/orchard/press";
        event.resource_type = Some("AWS::ECS::Service".to_owned());
        event.physical_id = Some(id.to_owned());
        event.time = Some("2026-03-01T10:00:00.123Z".to_owned());
        event.stack = Some("eksctl-orchard-nodegroup-ng-1".to_owned());
        let facts = of_event(&event);
        assert!(facts.keys().all(|name| NAMES.contains(&name.as_str())), "{facts:?}");
        let fact = |name| facts.get(name).map(String::as_str);
        assert_eq!((fact("ecs_cluster"), fact("ecs_service")), (Some("orchard"), Some("press")));
        assert_eq!((fact("region"), fact("account")), (Some("eu-west-1"), Some("111122223333")));
        assert_eq!(
            (fact("start"), fact("end")),
            (Some("2026-03-01T09:45:00Z"), Some("2026-03-01T10:05:00Z"))
        );
        assert_eq!(fact("nodegroup"), Some("ng-1"));
    }

    #[test]
    fn times_with_a_date_and_an_offset_are_read_in_all_spellings() {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
        for text in
            ["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000000+00:00", "2026-03-01 13:00:00 UTC+0100"]
        {
            assert_eq!(parse(text), Some(noon), "{text}");
        }
        assert_eq!(parse("12:00:00 PM"), None);
    }

    #[test]
    fn traces_are_read_from_the_reason() {
        let facts = of_text(
            "See the details in CloudWatch Log Stream: 2026/03/01/[$LATEST]0a1b2c (RequestId: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9)",
        );
        assert_eq!(facts["log_stream"], "2026/03/01/[$LATEST]0a1b2c");
        assert_eq!(facts["request"], "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    }
}
