//! Whatever is asked for, there is a plan or a clear refusal.

use std::collections::BTreeMap;

use proptest::prelude::*;
use provision_planner::plan::Action;
use provision_planner::{Request, build};

use crate::support::builtin;

/// Something that marks a secret's value wherever it turns up.
const CANARY: &str = "cAnArY";

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,30}",
        Just("true".to_owned()),
        Just("false".to_owned()),
        "[a-z]{1,8}\\.example",
        "[A-Z0-9]{1,12}",
        "ghp_[a-z]{3,9}",
    ]
}

fn flags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let names: Vec<String> = builtin().inputs().iter().map(|input| input.name.clone()).collect();
    prop::collection::btree_map(prop::sample::select(names), value(), 0..6)
}

fn target() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["docker", "minikube", "ec2", "eks"])
}

proptest! {
    #[test]
    fn any_flags_make_a_plan_or_a_refusal_of_one_line(target in target(), mut flags in flags(), down in any::<bool>()) {
        flags.insert("target".to_owned(), target.to_owned());
        let action = if down { Action::Teardown } else { Action::Deploy };
        match build(&builtin(), Request { action, flags, ..Request::default() }) {
            Ok(draft) => {
                prop_assert_eq!(draft.plan.current_digest(), draft.plan.digest.clone());
                let ids: std::collections::BTreeSet<_> = draft.plan.steps.iter().map(|step| &step.id).collect();
                prop_assert_eq!(ids.len(), draft.plan.steps.len());
            }
            Err(error) => {
                prop_assert!(error.is_usage());
                prop_assert!(!error.to_string().chars().any(char::is_control), "{error}");
            }
        }
    }

    #[test]
    fn a_secret_is_in_no_document_and_no_message(target in target(), tail in "[ -~]{0,12}", mut flags in flags()) {
        let secret = format!("{CANARY}{tail}");
        flags.insert("target".to_owned(), target.to_owned());
        flags.insert("admin_password".to_owned(), secret.clone());
        let environment = BTreeMap::from([("GHCR_TOKEN".to_owned(), format!("ghp_{CANARY}"))]);
        let request = Request { flags, environment, post_steps: vec!["make x".to_owned()], ..Request::default() };
        let shown = match build(&builtin(), request) {
            Ok(draft) => {
                prop_assert_eq!(draft.secrets["admin_password"].expose(), secret.as_str());
                format!("{draft:?} {}", serde_json::to_string(&draft.plan).expect("a plan is JSON"))
            }
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains(CANARY), "{shown}");
    }

    #[test]
    fn any_post_step_makes_a_step_or_a_refusal_of_one_line(text in any::<String>()) {
        let flags = BTreeMap::from([("target".to_owned(), "docker".to_owned())]);
        match build(&builtin(), Request { flags, post_steps: vec![text], ..Request::default() }) {
            Ok(draft) => prop_assert!(!draft.plan.steps.last().expect("a step").commands[0].argv.is_empty()),
            Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control), "{error}"),
        }
    }
}
