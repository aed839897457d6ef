//! The optional model, against a server of the project's own: what it may add, and all that it must not change.

mod ceilings;
mod goal;
mod injection;
mod local;
mod opinion;
mod privacy;
mod rule;
pub mod server;

use std::path::PathBuf;

use serde_json::Value;

use crate::env::{TestEnv, fixtures};
use server::{ModelServer, Reply};

/// An environment in which the model `tiny` is on a scripted server, asked for by name.
fn env(server: &ModelServer) -> TestEnv {
    TestEnv::new().var("OPENAI_BASE_URL", server.address()).var("PROVISION_MODEL", "tiny")
}

fn event(name: &str) -> String {
    fixtures().join("events").join(name).to_str().expect("a text path").to_owned()
}

/// A failure whose cause a rule knows.
fn known() -> String {
    event("ses-identity-exists.describe.json")
}

/// A failure that no rule knows.
fn unknown() -> String {
    event("nobody-knows.describe.json")
}

fn recorded() -> PathBuf {
    fixtures().join("model/recorded")
}

/// An opinion in the form asked for.
fn opinion(statements: &str, next_check: &str) -> String {
    format!(r#"{{"statements": [{statements}], "next_check": "{next_check}", "confidence": "medium"}}"#)
}

/// The replies of a data file.
fn replies(file: &str) -> Vec<Reply> {
    #[derive(serde::Deserialize)]
    struct File {
        reply: Vec<Reply>,
    }
    let text = std::fs::read_to_string(fixtures().join("model").join(file)).expect("the replies");
    toml::from_str::<File>(&text).expect("the replies are TOML").reply
}

/// What of a plan would run or decide; not what the machine's tools answered, which a busy machine may change.
fn substance(plan: &Value) -> Value {
    let parts = [
        "digest",
        "action",
        "target",
        "goal",
        "command",
        "steps",
        "inputs",
        "missing",
        "destruction",
        "retries",
    ];
    parts
        .iter()
        .map(|part| ((*part).to_owned(), plan[part].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
