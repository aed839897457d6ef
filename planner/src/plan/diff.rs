//! What differs between two plans, input by input, and what else an approval would notice.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Plan, Step};

/// One input that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct InputChange {
    /// The slot name.
    pub name: String,
    /// The flag.
    pub flag: String,
    /// The value before; absent if there was none. A secret is masked.
    pub before: Option<Value>,
    /// The value after; absent if there is none.
    pub after: Option<Value>,
}

/// The inputs whose values differ, in the order of `after`, then those only `before` has.
pub fn diff(before: &Plan, after: &Plan) -> Vec<InputChange> {
    let value =
        |plan: &Plan, name: &str| plan.inputs.iter().find(|i| i.name == name).map(|i| i.value.clone());
    let gone = before.inputs.iter().filter(|input| value(after, &input.name).is_none());
    after
        .inputs
        .iter()
        .chain(gone)
        .map(|input| InputChange {
            name: input.name.clone(),
            flag: input.flag.clone(),
            before: value(before, &input.name),
            after: value(after, &input.name),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Something besides the inputs that differs between an approved plan and the plan as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// What it is, such as `account` or `file deploy/aws/ec2/template.yaml`.
    pub what: String,
    /// As it was approved; absent if it was not there.
    pub before: Option<String>,
    /// As it is now; absent if it is gone.
    pub after: Option<String>,
}

/// Everything that makes two digests differ, in the terms of the plan: inputs, account, files, variables, clone, steps.
pub fn drift(before: &Plan, after: &Plan) -> Vec<Drift> {
    let facts = (facts(before), facts(after));
    let names: std::collections::BTreeSet<&String> = facts.0.keys().chain(facts.1.keys()).collect();
    let of = |name: &String| Drift {
        what: name.clone(),
        before: facts.0.get(name).cloned(),
        after: facts.1.get(name).cloned(),
    };
    let inputs = diff(before, after).into_iter().map(|change| Drift {
        what: change.flag,
        before: change.before.as_ref().map(plain),
        after: change.after.as_ref().map(plain),
    });
    inputs.chain(names.into_iter().map(of).filter(|drift| drift.before != drift.after)).collect()
}

/// What a digest covers besides the inputs, by a name for people.
fn facts(plan: &Plan) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        facts.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("account", plan.binding.account.clone());
    put("action", Some(format!("{:?}", plan.action).to_lowercase()));
    put("target", plan.target.as_ref().map(|target| target.id.clone()));
    put("checkout", plan.checkout.clone().filter(|_| plan.binding.files.is_empty()));
    put("variables handed on", Some(plan.binding.passes.join(" ")));
    put("retries", Some(plan.retries.to_string()));
    put(
        "clone",
        plan.bootstrap.as_ref().map(|b| format!("{} at {} ({})", b.url, b.git_ref, b.sparse.join(" "))),
    );
    let template = plan.stack.as_ref().and_then(|stack| stack.template.as_ref());
    put("template", template.map(|template| format!("{} {}", template.path, template.digest)));
    put("region", plan.binding.region.clone());
    put("health", plan.health.as_ref().map(|health| health.url.clone()));
    facts.extend(plan.binding.files.iter().map(|(file, hash)| (format!("file {file}"), hash.clone())));
    facts.extend(plan.steps.iter().map(|step| (format!("step {}", step.id), commands(step))));
    facts
}

fn commands(step: &Step) -> String {
    let texts: Vec<&str> = step.commands.iter().map(|command| command.text.as_str()).collect();
    if texts.is_empty() { "no command".to_owned() } else { texts.join("; ") }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
