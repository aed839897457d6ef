//! The EC2 instance and whether the load balancer takes it for healthy.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{list, seen_or, text};
use crate::ask::Answers;

pub(super) fn read(answers: &Answers) -> Reading {
    let missing = || Reading::new(State::Wrong, "the stack has no instance");
    let document = match seen_or(answers, "instance", missing) {
        Ok(document) => document,
        Err(reading) => return reading,
    };
    let reservations = list(&document, "/Reservations").iter();
    let Some(instance) = reservations.flat_map(|reservation| list(reservation, "/Instances")).next() else {
        return Reading::new(State::Wrong, "the stack's instance is gone");
    };
    let pods = Item::new("pods", State::Unseen, "they run on the instance and are seen from there only");
    let items = balanced(answers).into_iter().chain([pods]).collect();
    session(answers).into_iter().fold(of(instance).with_items(items), Reading::with_next)
}

fn of(instance: &Value) -> Reading {
    let (id, kind) = (text(instance, "/InstanceId"), text(instance, "/InstanceType"));
    let status = text(instance, "/State/Name");
    let state = match status.as_str() {
        "running" => State::Well,
        "pending" => State::Attention,
        _ => State::Wrong,
    };
    let reading = Reading::new(state, format!("{id} {status}, {kind}"));
    if status == "running" { reading.with_cost(format!("one {kind}, billed while it runs")) } else { reading }
}

/// How the load balancer sees the instance.
fn balanced(answers: &Answers) -> Vec<Item> {
    if let Some(reason) = answers.why_not("targets") {
        return vec![Item::new("load balancer", State::Unseen, reason)];
    }
    let Some(document) = answers.seen("targets") else { return Vec::new() };
    list(&document, "/TargetHealthDescriptions").iter().map(target).collect()
}

fn target(target: &Value) -> Item {
    let status = text(target, "/TargetHealth/State");
    let state = match status.as_str() {
        "healthy" => State::Well,
        "initial" | "draining" => State::Attention,
        _ => State::Wrong,
    };
    let why = target.pointer("/TargetHealth/Description").and_then(Value::as_str);
    let says = why.map_or_else(|| status.clone(), |why| format!("{status}: {why}"));
    Item::new(format!("target {}", text(target, "/Target/Id")), state, says)
}

/// How to look at the instance from inside.
fn session(answers: &Answers) -> Option<String> {
    answers
        .names
        .fill("aws ssm start-session --region {region} --target {instance_id}")
        .map(|connect| format!("{connect}   (then: sudo -u minikube kubectl get pods -n pipeline-builder)"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unhealthy_target_says_why() {
        let health =
            json!({ "State": "unhealthy", "Description": "Health checks failed with these codes: [503]" });
        let item = target(&json!({ "Target": { "Id": "i-0a" }, "TargetHealth": health }));
        assert_eq!(item.state, State::Wrong);
        assert_eq!(item.says, "unhealthy: Health checks failed with these codes: [503]");
    }

    #[test]
    fn a_stopped_instance_is_wrong_and_costs_nothing_here() {
        let stopped = of(
            &json!({ "InstanceId": "i-0a", "InstanceType": "t3.2xlarge", "State": { "Name": "stopped" } }),
        );
        assert_eq!((stopped.state, stopped.costs.len()), (State::Wrong, 0));
    }
}
