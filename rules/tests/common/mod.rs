//! A small rulebook and shorthands for the engine's tests, independent of the rules the product ships.
#![allow(dead_code)]

use provision_rules::{Category, Diagnosis, Rulebook, Verdict, diagnose};

const RULES: &str = r#"
[[rule]]
id = "name-taken"
category = "already-exists"
literals = ["already exists"]
patterns = ['(?<name>\S+) already exists']
cause = "{name} is there already."
fix = "Choose another name."
hits = ["orders-uploads already exists"]
near_misses = ["nothing"]

[[rule]]
id = "export-in-use"
category = "dependency-in-use"
literals = ["as it is in use by"]
cause = "Another stack imports the export."
fix = "Remove the import first."
hits = ["Export a:b cannot be deleted as it is in use by c"]
near_misses = ["nothing"]

[[rule]]
id = "parameters-missing"
category = "template-error"
literals = ["must have values"]
cause = "A parameter has no value."
fix = "Give it one."
hits = ["Parameters: [VpcId] must have values"]
near_misses = ["nothing"]

[[rule]]
id = "spot-cancelled"
category = "capacity"
literals = ["spot request was cancelled"]
cause = "Spot capacity is short."
fix = "Use on-demand."
hits = ["The spot request was cancelled for lack of capacity"]
near_misses = ["nothing"]

[[rule]]
id = "denied"
category = "access-denied"
tier = "general"
literals = ["not authorized to perform", "AccessDenied"]
cause = "A permission is missing."
fix = "Grant it."
hits = ["x is not authorized to perform: s3:CreateBucket"]
near_misses = ["nothing"]

[[rule]]
id = "rate"
category = "throttling"
tier = "general"
retryable = true
literals = ["Rate exceeded"]
cause = "Too many requests."
fix = "Wait."
remedy = { kind = "wait", wait_seconds = 60 }
hits = ["Rate exceeded"]
near_misses = ["nothing"]

[[rule]]
id = "registry-rate"
category = "image-pull"
literals = ["toomanyrequests:"]
cause = "The registry limits pulls."
fix = "Log in."
hits = ["toomanyrequests: retry later"]
near_misses = ["nothing"]

[[rule]]
id = "stack-rolled-back"
category = "stack-state"
literals = ["is in ROLLBACK_COMPLETE state and can not be updated"]
cause = "The stack has to be deleted first."
fix = "Delete it."
hits = ["Stack:x is in ROLLBACK_COMPLETE state and can not be updated."]
near_misses = ["nothing"]

[[rule]]
id = "custom-resource-failed"
category = "custom-resource"
tier = "general"
confidence = 0.7
literals = ["from custom resource"]
cause = "A custom resource's Lambda answered FAILED."
fix = "Read its log."
hits = ["Received response status [FAILED] from custom resource. Message returned: x"]
near_misses = ["nothing"]

[[rule]]
id = "wait-condition-failed"
category = "bootstrap-signal"
literals = ["WaitCondition received failed message"]
cause = "The instance signalled a failure."
fix = "Read its log."
hits = ["WaitCondition received failed message: 'x' for uniqueId: i-1"]
near_misses = ["nothing"]

[[rule]]
id = "no-updates"
category = "no-changes"
literals = ["No updates are to be performed"]
cause = "Nothing to update."
fix = "Nothing."
hits = ["No updates are to be performed."]
near_misses = ["nothing"]

[[rule]]
id = "policy-in-use"
category = "dependency-in-use"
literals = ["has dependencies"]
cause = "Something depends on it."
fix = "Remove that first."
hits = ["The vpc 'vpc-1' has dependencies and cannot be deleted."]
near_misses = ["nothing"]
"#;

/// The small rulebook.
pub(crate) fn book() -> Rulebook {
    Rulebook::parse([("tests.toml", RULES)]).expect("the test rules parse")
}

/// The diagnosis of a text.
pub(crate) fn read(text: &str) -> Diagnosis {
    diagnose(text.as_bytes(), &book()).expect("the text is readable")
}

/// The verdict of a text that shows a failure.
pub(crate) fn verdict(text: &str) -> Verdict {
    let diagnosis = read(text);
    diagnosis.verdict.unwrap_or_else(|| panic!("no failure found in:\n{text}"))
}

/// The verdict's rule, category and root.
pub(crate) fn summary(text: &str) -> (Option<String>, Category, Option<String>) {
    let verdict = verdict(text);
    (verdict.rule, verdict.category, verdict.root.logical_id)
}
