//! The containers of the compose stack: which are not up, and what the rules make of it.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{cause, seen_or, text};
use super::reader::Surroundings;
use crate::ask::Answers;

pub(super) fn read(answers: &Answers, surroundings: &Surroundings<'_>) -> Reading {
    let document = match seen_or(answers, "containers", || Reading::unseen("no answer")) {
        Ok(document) => document,
        Err(reading) => return reading,
    };
    let containers = match document.as_ref() {
        Value::Array(containers) => containers.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => &[],
    };
    if containers.is_empty() {
        return Reading::new(State::Wrong, "the stack has no containers")
            .with_next("provision --target docker");
    }
    let troubled: Vec<Item> = containers.iter().filter_map(|one| trouble(one, surroundings)).collect();
    let summary = match troubled.len() {
        0 => format!("{0} of {0} up", containers.len()),
        count => format!("{count} of {} not up", containers.len()),
    };
    let next = troubled.first().map(|item| format!("docker compose logs --tail 50 {}", item.name));
    let reading = Reading::new(State::Well, summary).with_items(troubled);
    next.into_iter().fold(reading, Reading::with_next)
}

/// A container that is not up; one that ended well was not meant to stay.
fn trouble(container: &Value, surroundings: &Surroundings<'_>) -> Option<Item> {
    let (state, health, code) =
        (text(container, "/State"), text(container, "/Health"), text(container, "/ExitCode"));
    let worst = match (state.as_str(), health.as_str(), code.as_str()) {
        ("running", "unhealthy", _) | ("restarting" | "dead" | "paused", ..) => State::Wrong,
        ("running", "starting", _) | ("created", ..) => State::Attention,
        ("running", ..) | ("exited", _, "0") => return None,
        _ => State::Wrong,
    };
    let name = text(container, "/Service");
    let says = text(container, "/Status");
    let line = format!("container {name}: {state} {health} {says} (exit code {code})");
    let found = (worst == State::Wrong).then(|| cause(surroundings.diagnose, &line)).flatten();
    Some(Item { name, state: worst, says, cause: found })
}

#[cfg(test)]
mod tests {
    use provision_rules::{Diagnosis, Source};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_that_ended_well_or_runs_is_no_trouble() {
        let healthy = |_: &[u8]| Diagnosis::healthy(Source::default());
        let surroundings = Surroundings { diagnose: &healthy, context: None };
        for (state, health, code, expected) in [
            ("running", "healthy", 0, None),
            ("running", "", 0, None),
            ("exited", "", 0, None),
            ("exited", "", 1, Some(State::Wrong)),
            ("restarting", "", 1, Some(State::Wrong)),
            ("running", "unhealthy", 0, Some(State::Wrong)),
            ("running", "starting", 0, Some(State::Attention)),
        ] {
            let container = json!({ "Service": "backend", "State": state, "Health": health, "ExitCode": code, "Status": "Up" });
            assert_eq!(
                trouble(&container, &surroundings).map(|item| item.state),
                expected,
                "{state} {health} {code}"
            );
        }
    }
}
