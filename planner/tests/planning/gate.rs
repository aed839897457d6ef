//! The gate: what passes it, and what never does.

use proptest::prelude::*;
use provision_planner::plan::{Approval, ApprovedPlan, Plan, PlanStatus, Refusal, drift};

use crate::support::{complete_eks, deploy, teardown};

fn pass(plan: Plan, approval: Approval) -> Result<ApprovedPlan, Refusal> {
    let shown = plan.digest.clone();
    ApprovedPlan::new(plan, &shown, &approval)
}

fn refused(plan: Plan, approval: Approval) -> String {
    pass(plan, approval).map(drop).expect_err("it should be refused").to_string()
}

#[test]
fn yes_and_a_confirmation_pass_a_deploy() {
    assert!(pass(complete_eks().ready(), Approval::Yes).is_ok());
    assert!(pass(complete_eks().ready(), Approval::Confirmed).is_ok());
}

#[test]
fn yes_never_passes_a_teardown_that_cannot_be_undone() {
    for target in ["ec2", "eks"] {
        let expected = format!("this cannot be undone: type {target} to confirm");
        assert_eq!(refused(teardown(target).ready(), Approval::Yes), expected);
        assert_eq!(refused(teardown(target).ready(), Approval::Confirmed), expected);
        assert!(pass(teardown(target).ready(), Approval::Force).is_ok());
        assert!(pass(teardown(target).ready(), Approval::Typed(target.to_owned())).is_ok());
    }
}

#[test]
fn yes_passes_a_teardown_that_keeps_the_data() {
    assert!(pass(teardown("docker").ready(), Approval::Yes).is_ok());
    assert!(pass(teardown("minikube").ready(), Approval::Yes).is_ok());
}

#[test]
fn a_custom_name_has_to_be_typed_instead_of_the_target() {
    let named = || teardown("eks").flag("cluster_name", "demo").ready();
    assert_eq!(
        refused(named(), Approval::Typed("eks".to_owned())),
        "this cannot be undone: type demo to confirm"
    );
    assert!(pass(named(), Approval::Typed("demo".to_owned())).is_ok());
    let stated = teardown("ec2").slot("stack_name", "pb-lab", "stack pb-lab").ready();
    assert!(pass(stated, Approval::Typed("pb-lab".to_owned())).is_ok());
}

#[test]
fn a_blocked_plan_is_refused_whatever_its_status_claims() {
    let blocked = Plan { status: PlanStatus::Ready, ..deploy("eks").plan() };
    assert_eq!(refused(blocked, Approval::Force), "the plan is blocked");
}

#[test]
fn a_plan_that_was_changed_after_it_was_shown_is_refused() {
    let plan = complete_eks().ready();
    let mut changed = plan.clone();
    if let Some(command) = &mut changed.command {
        command.argv.push("--lean".to_owned());
    }
    // The digest field still says what was shown; the gate does not believe it.
    assert_eq!(changed.digest, plan.digest);
    let refusal = ApprovedPlan::new(changed, &plan.digest, &Approval::Yes).map(drop);
    assert!(matches!(refusal, Err(Refusal::Changed { .. })), "{refusal:?}");
}

#[test]
fn whatever_would_run_is_part_of_the_digest() {
    let base = complete_eks().ready().digest;
    let others = [
        complete_eks().flag("region", "eu-west-1"),
        complete_eks().flag("retries", "2"),
        complete_eks().post_step("make smoke"),
        complete_eks().env("PLUGIN_CATEGORY", "scanners"),
        complete_eks().flag("with_smoke_test", "true"),
        complete_eks().flag("repo", ""),
    ];
    let digests: std::collections::BTreeSet<String> =
        others.into_iter().map(|ask| ask.ready().digest).collect();
    assert_eq!(digests.len(), 6);
    assert!(!digests.contains(&base));
}

#[test]
fn a_variable_that_reaches_no_command_is_no_part_of_the_digest() {
    let base = complete_eks().ready();
    let elsewhere = complete_eks().env("EMAIL_FROM", "x@example.com").env("MY_EDITOR", "ed").ready();
    assert_eq!(base.digest, elsewhere.digest);
    assert!(!elsewhere.binding.passed.iter().any(|name| name == "EMAIL_FROM" || name == "MY_EDITOR"));
}

#[test]
fn account_and_scripts_are_part_of_the_digest_and_drift_names_them() {
    let bound = |account: &str, hash: &str| {
        let mut ask = complete_eks();
        ask.0.facts.hashes = [("deploy/aws/eks/bin/setup.sh".to_owned(), hash.to_owned())].into();
        ask.account(account)
    };
    let approved = bound("111122223333", "aa");
    for (now, what) in [
        (bound("444455556666", "aa"), "account"),
        (bound("111122223333", "bb"), "file deploy/aws/eks/bin/setup.sh"),
    ] {
        assert_ne!(approved.digest, now.digest);
        let drifts: Vec<String> = drift(&approved, &now).into_iter().map(|drift| drift.what).collect();
        assert_eq!(drifts, [what]);
    }
    assert!(drift(&approved, &bound("111122223333", "aa")).is_empty());
}

#[test]
fn an_approved_digest_passes_that_plan_only_and_nothing_that_cannot_be_undone() {
    let plan = complete_eks().ready();
    let other = complete_eks().flag("retries", "2").ready();
    assert!(pass(plan.clone(), Approval::Digest(plan.digest.clone())).is_ok());
    assert!(refused(other, Approval::Digest(plan.digest)).starts_with("another plan was approved"));
    let teardown = teardown("eks").ready();
    let approval = Approval::Digest(teardown.digest.clone());
    assert_eq!(refused(teardown, approval), "this cannot be undone: type eks to confirm");
}

#[test]
fn where_a_value_came_from_and_what_the_checks_found_are_no_part_of_the_digest() {
    let from_flag = complete_eks().flag("region", "eu-west-1");
    let from_goal = complete_eks().slot("region", "eu-west-1", "in Ireland");
    assert_eq!(from_flag.plan().digest, from_goal.ready().digest);
}

proptest! {
    #[test]
    fn only_the_exact_name_or_force_destroys(typed in "[a-z0-9 -]{0,12}", name in "[a-z][a-z0-9-]{0,8}") {
        let plan = teardown("eks").flag("cluster_name", &name).ready();
        let passed = pass(plan, Approval::Typed(typed.clone())).is_ok();
        prop_assert_eq!(passed, typed == name);
    }

    #[test]
    fn no_other_digest_than_the_shown_one_is_approved(digit in "[0-9a-f]", at in 7usize..71) {
        let plan = complete_eks().ready();
        let mut other = plan.digest.clone();
        other.replace_range(at..at + 1, &digit);
        let same = other == plan.digest;
        prop_assert_eq!(ApprovedPlan::new(plan, &other, &Approval::Yes).is_ok(), same);
    }
}

#[test]
fn yes_never_passes_what_a_model_filled_in() {
    let mut plan = complete_eks().ready();
    plan.inputs[0].source = provision_planner::goal::Source::Model;
    let name = plan.inputs[0].name.clone();
    for approval in [Approval::Yes, Approval::Force] {
        assert!(refused(plan.clone(), approval).contains(&format!("a model filled in {name}")));
    }
    for approval in [Approval::Confirmed, Approval::YesWithModel, Approval::Digest(plan.digest.clone())] {
        assert!(pass(plan.clone(), approval).is_ok());
    }
}
