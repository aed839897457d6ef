//! A short way to write a request and look at its plan.

use std::collections::BTreeMap;

use provision_planner::goal::{Slot, Source};
use provision_planner::plan::{Action, Plan, PrerequisiteResult, PrerequisiteStatus};
use provision_planner::{Catalog, Draft, Facts, PlannerError, Request, build};
use serde_json::Value;

/// A request under construction.
#[derive(Default)]
pub(crate) struct Ask(pub(crate) Request);

/// A deploy to a target, from a checkout that is there.
pub(crate) fn deploy(target: &str) -> Ask {
    Ask::default().flag("target", target).checkout()
}

/// A teardown of a target.
pub(crate) fn teardown(target: &str) -> Ask {
    let mut ask = deploy(target);
    ask.0.action = Action::Teardown;
    ask
}

/// A deploy to EKS with everything that it needs.
pub(crate) fn complete_eks() -> Ask {
    deploy("eks")
        .flag("domain", "ci.example.com")
        .flag("hosted_zone_id", "Z123")
        .flag("ghcr_token", "ghp_xxx")
}

impl Ask {
    pub(crate) fn flag(mut self, name: &str, value: &str) -> Self {
        self.0.flags.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn slot(mut self, name: &str, value: impl Into<Value>, words: &str) -> Self {
        let slot =
            Slot { value: value.into(), source: Source::Prompt, words: Some(words.to_owned()), span: None };
        self.0.goal.slots.insert(name.to_owned(), slot);
        self
    }

    pub(crate) fn config(mut self, name: &str, value: &str) -> Self {
        self.0.config.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn post_step(mut self, text: &str) -> Self {
        self.0.post_steps.push(text.to_owned());
        self
    }

    pub(crate) fn checkout(mut self) -> Self {
        self.0.facts = Facts {
            hashes: Default::default(),
            checkout: Some("/srv/platform".to_owned()),
            os: Some("debian".to_owned()),
            files: BTreeMap::new(),
            template: None,
        };
        self
    }

    pub(crate) fn no_checkout(mut self) -> Self {
        self.0.facts.checkout = None;
        self
    }

    pub(crate) fn draft(self) -> Draft {
        self.result().unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn result(self) -> Result<Draft, PlannerError> {
        build(&builtin(), self.0)
    }

    pub(crate) fn error(self) -> String {
        let error = self.result().map(|draft| draft.plan).expect_err("the request should be refused");
        assert!(error.is_usage(), "{error}");
        let text = error.to_string();
        assert!(!text.contains('\n'), "one line: {text}");
        text
    }

    pub(crate) fn plan(self) -> Plan {
        self.draft().plan
    }

    /// The plan on a machine that has everything, bound to this account.
    pub(crate) fn account(self, account: &str) -> Plan {
        let draft = self.draft();
        let results = draft.plan.prerequisites.iter().map(fine).collect();
        draft
            .with_account(provision_planner::plan::Account::Known(account.to_owned()))
            .with_results(results)
            .0
    }

    /// The plan on a machine that has everything.
    pub(crate) fn ready(self) -> Plan {
        let draft = self.draft();
        let results = draft.plan.prerequisites.iter().map(fine).collect();
        draft.with_results(results).0
    }
}

fn fine(result: &PrerequisiteResult) -> PrerequisiteResult {
    PrerequisiteResult { status: PrerequisiteStatus::Ok, found: Some("1.0".to_owned()), ..result.clone() }
}

pub(crate) fn builtin() -> Catalog {
    Catalog::builtin().unwrap_or_else(|error| panic!("{error}"))
}

/// The text of the deploy or teardown command.
pub(crate) fn command(plan: &Plan) -> &str {
    &plan.command.as_ref().expect("there is a command").text
}

/// The step with this id.
pub(crate) fn step<'a>(plan: &'a Plan, id: &str) -> &'a provision_planner::plan::Step {
    plan.steps.iter().find(|step| step.id == id).unwrap_or_else(|| panic!("no step {id}"))
}

/// The ids of all steps, in order.
pub(crate) fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// The reason given for a skipped step.
pub(crate) fn reason<'a>(plan: &'a Plan, id: &str) -> Option<&'a str> {
    plan.skipped.iter().find(|skipped| skipped.id == id).map(|skipped| skipped.reason.as_str())
}
