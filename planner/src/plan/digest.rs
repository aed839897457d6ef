//! The digest of everything a plan would run. Approval binds to it.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{CommandLine, Plan, Step};

/// `sha256:` and 64 hexadecimal digits.
///
/// Covers the action, target, inputs (secrets by name only), checkout, bootstrap, commands, steps, health,
/// destruction, retries, and of the circumstances the account, the region where no input states one, the scripts'
/// hashes and the variables handed on. Left out: prerequisite results, where values came from, texts for people; the
/// checkout's path where its files are covered themselves; and which unwanted variables happen to be set here (they
/// reach no child anywhere).
pub(crate) fn digest(plan: &Plan) -> String {
    sha256(canonical(&substance(plan)).as_bytes())
}

/// `sha256:` and the digest of some bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::from("sha256:"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn substance(plan: &Plan) -> Value {
    let inputs: Vec<Value> = plan.inputs.iter().map(|i| json!([i.name, i.value, i.secret])).collect();
    let mut substance = json!({
        "schema": plan.schema,
        "action": plan.action,
        "target": plan.target.as_ref().map(|target| &target.id),
        "inputs": inputs,
        "checkout": plan.checkout.as_ref().filter(|_| plan.binding.files.is_empty()),
        "command": plan.command.as_ref().map(command),
        "bootstrap": plan.bootstrap,
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "health": plan.health.as_ref().map(|health| {
            let revive = health.revive.as_ref().map(command);
            let limits = [health.timeout_seconds, health.poll_seconds, health.ready_grace_seconds];
            json!([health.url, health.health_url, health.ready_url, limits, health.accept_self_signed, revive])
        }),
        "destruction": plan.destruction.as_ref().map(|d| json!([d.confirm, d.irreversible])),
        "retries": plan.retries,
        "ports_from": plan.ports_from.as_ref().map(|ports| json!([ports.file, ports.own])),
        "account": plan.binding.account,
        "files": plan.binding.files,
        "passes": plan.binding.passes,
    });
    if let Some(minutes) = plan.max_minutes {
        substance["max_minutes"] = json!(minutes);
    }
    if let Some(region) = &plan.binding.region {
        substance["region"] = json!(region);
    }
    if let Some(stack) = &plan.stack {
        substance["stack"] = json!(stack);
    }
    substance
}

fn step(step: &Step) -> Value {
    let commands: Vec<Value> = step.commands.iter().map(command).collect();
    let parts = [json!(step.id), json!(step.kind), json!(step.effect), json!(commands)];
    let probes = (!step.probes.is_empty()).then(|| json!(step.probes));
    let until = step.until.as_ref().map(|until| json!(until));
    parts.into_iter().chain(probes).chain(until).collect()
}

fn command(command: &CommandLine) -> Value {
    json!([command.dir, command.argv, command.env])
}

/// JSON without blanks, the keys of every object sorted.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let members: Vec<String> = (sorted.into_iter())
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}
