//! The pods: which are not ready, and what the rules make of their states and events.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{cause, list, no_context, seen_or, text};
use super::reader::Surroundings;
use super::time;
use crate::ask::Answers;

/// A pod that is younger than this and says nothing bad is starting, not broken; in seconds.
const STARTING: i64 = 180;

pub(super) fn read(answers: &Answers, surroundings: &Surroundings<'_>) -> Reading {
    let document = match seen_or(answers, "pods", || no_context(surroundings)) {
        Ok(document) => document,
        Err(reading) => return reading,
    };
    let pods: Vec<&Value> = list(&document, "/items").iter().filter(|pod| !is_done(pod)).collect();
    let namespace = answers.names.get("namespace").unwrap_or_default();
    if pods.is_empty() {
        return Reading::new(State::Wrong, format!("no pods in the namespace {namespace}"));
    }
    let events = answers.seen("events");
    let events = events.as_deref().map_or(&[][..], |events| list(events, "/items"));
    let troubled: Vec<Item> =
        pods.iter().filter(|pod| !is_ready(pod)).map(|pod| trouble(pod, events, surroundings)).collect();
    let summary = match troubled.len() {
        0 => format!("{0} of {0} ready", pods.len()),
        count => format!("{count} of {} not ready", pods.len()),
    };
    let blind = answers.why_not("events").filter(|_| !troubled.is_empty());
    let blind = blind.map(|reason| Item::new("events", State::Unseen, reason));
    let next = troubled.first().and_then(|pod| describe(answers, &pod.name));
    let reading = Reading::new(State::Well, summary).with_items(troubled.into_iter().chain(blind).collect());
    next.into_iter().fold(reading, Reading::with_next)
}

fn describe(answers: &Answers, pod: &str) -> Option<String> {
    let command = answers.names.fill("kubectl --context {context} --namespace {namespace} describe pod ")?;
    Some(format!("{command}{pod}"))
}

/// Whether a pod has done its work and is not meant to run any more.
fn is_done(pod: &Value) -> bool {
    text(pod, "/status/phase") == "Succeeded"
}

fn is_ready(pod: &Value) -> bool {
    let ready =
        |condition: &Value| text(condition, "/type") == "Ready" && text(condition, "/status") == "True";
    list(pod, "/status/conditions").iter().any(ready)
}

fn trouble(pod: &Value, events: &[Value], surroundings: &Surroundings<'_>) -> Item {
    let name = text(pod, "/metadata/name");
    let containers = containers(pod);
    let warnings = warnings(&name, events);
    let scheduling = unscheduled(pod);
    let mut lines: Vec<String> = vec![format!("pod/{name} {}", text(pod, "/status/phase"))];
    lines.extend(containers.iter().map(Trouble::line));
    lines.extend(scheduling.iter().chain(&warnings).cloned());
    let bad = containers.iter().any(|container| !container.is_starting());
    let young = age(pod).is_some_and(|age| age < STARTING);
    let state = if young && !bad && warnings.is_empty() { State::Attention } else { State::Wrong };
    let says = containers.first().map(Trouble::says).or(scheduling).or_else(|| warnings.last().cloned());
    let says = says.unwrap_or_else(|| format!("{}, not ready", text(pod, "/status/phase")));
    let found = (state == State::Wrong).then(|| cause(surroundings.diagnose, &lines.join("\n"))).flatten();
    Item { name, state, says, cause: found }
}

/// A container that is not ready.
struct Trouble {
    name: String,
    reason: String,
    message: Option<String>,
    /// How it ended the last time.
    last: Option<String>,
    restarts: u64,
}

impl Trouble {
    fn is_starting(&self) -> bool {
        matches!(self.reason.as_str(), "ContainerCreating" | "PodInitializing" | "running, not ready")
    }

    fn says(&self) -> String {
        let last = self.last.as_ref().map_or_else(String::new, |last| format!(", last ended {last}"));
        let restarts =
            if self.restarts > 0 { format!(", {} restarts", self.restarts) } else { String::new() };
        format!("{}: {}{last}{restarts}", self.name, self.reason)
    }

    /// The container as a line that the rules read.
    fn line(&self) -> String {
        let parts = [Some(self.reason.clone()), self.message.clone(), self.last.clone()];
        format!("container {}: {}", self.name, parts.into_iter().flatten().collect::<Vec<_>>().join(": "))
    }
}

/// The containers that keep a pod from being ready, those of its beginning first.
fn containers(pod: &Value) -> Vec<Trouble> {
    let init = list(pod, "/status/initContainerStatuses")
        .iter()
        .filter(|status| status.pointer("/state/terminated/exitCode").and_then(Value::as_u64) != Some(0));
    let main = list(pod, "/status/containerStatuses").iter();
    init.chain(main).filter(|status| !is_up(status)).map(container).collect()
}

fn is_up(status: &Value) -> bool {
    status.pointer("/ready").and_then(Value::as_bool).unwrap_or_default()
}

fn container(status: &Value) -> Trouble {
    let ended = |pointer: &str| {
        let end = status.pointer(pointer)?;
        Some(format!("{} (exit code {})", text(end, "/reason"), text(end, "/exitCode")))
    };
    let waiting = status.pointer("/state/waiting/reason").and_then(Value::as_str).map(str::to_owned);
    let reason = waiting.or_else(|| ended("/state/terminated"));
    let message = ["/state/waiting/message", "/state/terminated/message", "/lastState/terminated/message"];
    Trouble {
        name: text(status, "/name"),
        reason: reason.unwrap_or_else(|| "running, not ready".to_owned()),
        message: message.iter().find_map(|pointer| status.pointer(pointer)?.as_str()).map(str::to_owned),
        last: ended("/lastState/terminated"),
        restarts: status.pointer("/restartCount").and_then(Value::as_u64).unwrap_or_default(),
    }
}

/// Why no node takes the pod, as its condition says.
fn unscheduled(pod: &Value) -> Option<String> {
    let is_it = |condition: &&Value| {
        text(condition, "/type") == "PodScheduled" && text(condition, "/status") == "False"
    };
    let condition = list(pod, "/status/conditions").iter().find(is_it)?;
    Some(format!("{}: {}", text(condition, "/reason"), text(condition, "/message")))
}

/// The warnings about a pod, as `kubectl describe` prints them, oldest first.
fn warnings(pod: &str, events: &[Value]) -> Vec<String> {
    let about = |event: &&Value| {
        text(event, "/involvedObject/kind") == "Pod" && text(event, "/involvedObject/name") == pod
    };
    let line = |event: &Value| format!("Warning  {}  {}", text(event, "/reason"), text(event, "/message"));
    events.iter().filter(about).map(line).collect()
}

fn age(pod: &Value) -> Option<i64> {
    time::age(pod.pointer("/metadata/creationTimestamp")?.as_str()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_says_why_it_is_not_up() {
        let crashed = container(&json!({
            "name": "api", "ready": false, "restartCount": 6,
            "state": { "waiting": { "reason": "CrashLoopBackOff", "message": "back-off 5m0s" } },
            "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137 } },
        }));
        assert_eq!(crashed.says(), "api: CrashLoopBackOff, last ended OOMKilled (exit code 137), 6 restarts");
        assert!(!crashed.is_starting());
    }

    #[test]
    fn pods_that_have_done_their_work_are_left_out() {
        assert!(is_done(&json!({ "status": { "phase": "Succeeded" } })));
        assert!(!is_ready(&json!({ "status": { "phase": "Running", "conditions": [] } })));
    }
}
