//! What differs between two plans, input by input.

use serde_json::Value;

use super::Plan;

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
