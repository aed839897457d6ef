//! Which value counts where several are stated, and what the goal then shows.

use provision_planner::goal::{Source, Unresolved};
use provision_planner::lookup;
use provision_planner::plan::{Plan, PlanStatus, ResolvedInput};
use serde_json::Value;

use crate::support::{Ask, builtin, complete_eks, deploy, reason};

fn input<'a>(plan: &'a Plan, name: &str) -> &'a ResolvedInput {
    plan.inputs.iter().find(|input| input.name == name).unwrap_or_else(|| panic!("no input {name}"))
}

#[test]
fn flag_goal_configuration_environment_and_default_count_in_this_order() {
    let everywhere = || {
        deploy("eks")
            .flag("region", "eu-west-1")
            .slot("region", "eu-west-2", "London")
            .config("region", "eu-west-3")
            .env("AWS_REGION", "eu-north-1")
    };
    let mut ask = everywhere();
    let mut found = vec![input(&everywhere().plan(), "region").clone()];
    ask.0.flags.remove("region");
    found.push(input(&Ask(ask.0.clone()).plan(), "region").clone());
    ask.0.goal.slots.clear();
    found.push(input(&Ask(ask.0.clone()).plan(), "region").clone());
    ask.0.config.clear();
    found.push(input(&Ask(ask.0.clone()).plan(), "region").clone());
    ask.0.environment.clear();
    found.push(input(&ask.plan(), "region").clone());
    let found: Vec<(Source, &str)> =
        found.iter().map(|input| (input.source, input.value.as_str().unwrap_or(""))).collect();
    assert_eq!(
        found,
        [
            (Source::Flag, "eu-west-1"),
            (Source::Prompt, "eu-west-2"),
            (Source::Config, "eu-west-3"),
            (Source::Environment, "eu-north-1"),
            (Source::Default, "us-east-1"),
        ]
    );
}

#[test]
fn the_goal_shows_flags_over_the_text_and_keeps_the_rest() {
    let plan = complete_eks().slot("region", "eu-west-2", "London").flag("region", "us-west-2").plan();
    let slot = &plan.goal.slots["region"];
    assert_eq!((slot.value.as_str(), slot.source), (Some("us-west-2"), Source::Flag));
    let plan = complete_eks().slot("email", true, "with email enabled").plan();
    assert_eq!(plan.goal.slots["email"].words.as_deref(), Some("with email enabled"));
    assert_eq!(plan.goal.slots["ghcr_token"].value, Value::from("***"));
}

#[test]
fn what_the_target_does_not_take_is_noted_when_the_text_says_it() {
    let plan = deploy("docker").slot("region", "eu-west-1", "in Ireland").plan();
    let ignored = &plan.goal.ignored[0];
    assert_eq!((ignored.words.as_str(), ignored.slot.as_deref()), ("in Ireland", Some("region")));
    assert_eq!(ignored.reason, "Docker Compose takes no --region");
    assert!(plan.inputs.iter().all(|input| input.name != "region"));
    assert!(plan.goal.slots.contains_key("region"), "it was stated all the same");
}

#[test]
fn a_no_asks_nothing_of_a_target_that_does_not_do_it() {
    assert!(deploy("docker").slot("email", false, "no email").plan().goal.ignored.is_empty());
}

#[test]
fn a_tilde_is_the_operators_home() {
    let plan =
        deploy("docker").slot("workdir", "~/pb", "in ~/pb").flag("repo", "").env("HOME", "/home/ann").plan();
    assert_eq!(plan.bootstrap.map(|bootstrap| bootstrap.workdir).as_deref(), Some("/home/ann/pb"));
    let other = deploy("docker").flag("workdir", "~bob/pb").env("HOME", "/home/ann").0;
    assert_eq!(lookup(&builtin(), &other, "workdir").as_deref(), Some("~bob/pb"));
}

#[test]
fn without_a_target_the_slots_are_shown_and_the_target_is_missing() {
    let plan = Ask::default().slot("region", "eu-west-1", "Ireland").flag("email", "true").plan();
    assert_eq!(
        (plan.status, plan.missing.as_slice()),
        (PlanStatus::Blocked, ["--target".to_owned()].as_slice())
    );
    assert_eq!(plan.goal.slots.keys().collect::<Vec<_>>(), ["email", "region"]);
    assert!(plan.steps.is_empty() && plan.command.is_none() && plan.target.is_none());
}

#[test]
fn a_value_that_the_text_leaves_open_is_missing_rather_than_a_default() {
    let mut ask = complete_eks();
    let choices = vec!["eu-west-1".to_owned(), "eu-central-1".to_owned()];
    ask.0.goal.unresolved.push(Unresolved { slot: "region".to_owned(), choices });
    let open = Ask(ask.0.clone()).env("AWS_REGION", "us-east-1").plan();
    assert_eq!(open.missing, ["--region"]);
    assert!(open.missing_help[0].help.ends_with("the goal leaves it open: eu-west-1 or eu-central-1"));
    assert!(ask.flag("region", "eu-west-1").plan().missing.is_empty());
}

#[test]
fn missing_inputs_are_named_by_flag_with_a_way_to_find_them() {
    let plan = deploy("ec2").flag("domain", "ci.example.com").plan();
    assert_eq!(plan.missing, ["--hosted-zone-id", "--key-pair"]);
    let find = plan.missing_help[0].find.as_deref().unwrap_or_default();
    assert!(find.contains("ends_with(`\"ci.example.com.\"`, Name)"), "{find}");
    assert!(plan.missing_help[1].find.as_deref().unwrap_or_default().contains("--region us-east-1"));
}

#[test]
fn a_secret_comes_from_the_environment_and_is_never_shown() {
    let draft = deploy("eks").env("GHCR_TOKEN", "ghp_fromshell").draft();
    assert_eq!(draft.secrets["ghcr_token"].expose(), "ghp_fromshell");
    let text = serde_json::to_string(&draft.plan).unwrap() + &format!("{draft:?}");
    assert!(!text.contains("fromshell"));
    assert_eq!(input(&draft.plan, "ghcr_token").source, Source::Environment);
}

#[test]
fn a_secret_in_the_goal_is_used_and_masked() {
    let draft = deploy("eks").slot("ghcr_token", "ghp_pasted", "token ghp_pasted").draft();
    assert_eq!(draft.secrets["ghcr_token"].expose(), "ghp_pasted");
    assert!(!serde_json::to_string(&draft.plan).unwrap().contains("pasted"));
}

#[test]
fn a_repository_without_a_url_is_the_platforms_own() {
    for bare in ["", "true"] {
        let plan = deploy("docker").flag("repo", bare).no_checkout().plan();
        let bootstrap = plan.bootstrap.expect("it clones");
        assert_eq!(bootstrap.url, "https://github.com/mwashburn160/pipeline-builder.git");
        assert_eq!((bootstrap.git_ref.as_str(), bootstrap.workdir.as_str()), ("main", "pipeline-builder"));
        assert_eq!(plan.checkout.as_deref(), Some("pipeline-builder"));
    }
    assert!(deploy("docker").slot("repo", false, "no clone").plan().bootstrap.is_none());
}

#[test]
fn the_machine_is_looked_at_by_stated_values_only() {
    let request = deploy("docker").slot("workdir", "/srv/pb", "in /srv/pb").0;
    assert_eq!(lookup(&builtin(), &request, "workdir").as_deref(), Some("/srv/pb"));
    assert_eq!(lookup(&builtin(), &deploy("docker").0, "workdir"), None);
    assert_eq!(lookup(&builtin(), &deploy("dokcer").0, "workdir"), None);
}

#[test]
fn a_request_never_prints_its_values() {
    let request = complete_eks().env("SOME_TOKEN", "hush").post_step("curl -H 'X: hush'").0;
    let text = format!("{request:?}");
    assert!(!text.contains("ghp_xxx") && !text.contains("hush"), "{text}");
}

#[test]
fn a_teardown_takes_no_notice_of_what_only_a_deploy_needs() {
    let plan = crate::support::teardown("eks").flag("ghcr_token", "ghp_xxx").post_step("make x").plan();
    assert!(plan.missing.is_empty());
    assert!(plan.inputs.iter().all(|input| input.name != "ghcr_token"));
    assert_eq!(reason(&plan, "post-steps"), Some("a teardown runs no steps after it"));
}
