//! Variables of the operator's shell that would change a deploy.

use provision_planner::plan::{EnvValue, Plan, Treatment};

use crate::support::{command, complete_eks, deploy, step};

fn treatment(plan: &Plan, name: &str) -> Option<Treatment> {
    plan.environment.iter().find(|note| note.name == name).map(|note| note.treatment)
}

#[test]
fn a_variable_that_the_script_would_read_is_cleared_and_noted() {
    let plan = complete_eks()
        .env("EMAIL_FROM_NAME", "Someone")
        .env("REGION", "eu-west-1")
        .env("HOME", "/root")
        .plan();
    assert_eq!(treatment(&plan, "EMAIL_FROM_NAME"), Some(Treatment::Cleared));
    assert_eq!(treatment(&plan, "REGION"), Some(Treatment::Cleared));
    assert_eq!(treatment(&plan, "HOME"), None);
    assert_eq!(plan.command.as_ref().unwrap().unset, ["EMAIL_FROM_NAME", "REGION"]);
    assert!(
        command(&plan)
            .starts_with("(cd deploy/aws/eks && env -u EMAIL_FROM_NAME -u REGION AWS_DEFAULT_REGION=")
    );
}

#[test]
fn a_variable_that_supplies_an_input_is_used_and_noted() {
    let plan = complete_eks().env("AWS_DEFAULT_REGION", "eu-west-1").plan();
    assert_eq!(treatment(&plan, "AWS_DEFAULT_REGION"), Some(Treatment::Used));
    assert!(command(&plan).contains("--region eu-west-1"));
}

#[test]
fn both_region_variables_are_set_since_the_two_majors_of_the_cli_read_different_ones() {
    let env = complete_eks().flag("region", "eu-west-1").plan().command.unwrap().env;
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        assert_eq!(env[name], EnvValue::Plain("eu-west-1".to_owned()));
    }
}

#[test]
fn a_region_variable_that_a_flag_overrules_is_noted() {
    let plan = complete_eks().flag("region", "eu-west-1").env("AWS_REGION", "us-west-2").plan();
    let note = plan.environment.iter().find(|note| note.name == "AWS_REGION").unwrap();
    assert_eq!(
        (note.treatment, note.reason.as_str()),
        (Treatment::Cleared, "this plan sets it to eu-west-1")
    );
    let same = complete_eks().flag("region", "eu-west-1").env("AWS_REGION", "eu-west-1").plan();
    assert_eq!(treatment(&same, "AWS_REGION"), None);
}

#[test]
fn a_token_variable_that_a_flag_overrules_is_noted_without_its_value() {
    let plan = complete_eks().env("GHCR_TOKEN", "ghp_stale").plan();
    assert_eq!(treatment(&plan, "GHCR_TOKEN"), Some(Treatment::Cleared));
    assert!(!serde_json::to_string(&plan).unwrap().contains("stale"));
}

#[test]
fn knobs_of_the_initialisation_are_passed_on_and_shown() {
    let plan = deploy("docker").env("PLUGIN_BUILD_STRATEGY", "prebuilt").plan();
    assert_eq!(treatment(&plan, "PLUGIN_BUILD_STRATEGY"), Some(Treatment::Used));
    let env = &step(&plan, "init").commands[0].env;
    assert_eq!(env["PLUGIN_BUILD_STRATEGY"], EnvValue::Plain("prebuilt".to_owned()));
}

#[test]
fn loads_set_in_the_shell_do_not_change_an_initialisation() {
    let plan = deploy("docker").env("LOAD_PLUGINS", "y").plan();
    assert_eq!(step(&plan, "init").commands[0].env["LOAD_PLUGINS"], EnvValue::Plain("n".to_owned()));
    let eks = complete_eks().env("LOAD_PLUGINS", "n").plan();
    assert_eq!(treatment(&eks, "LOAD_PLUGINS"), Some(Treatment::Cleared));
}

#[test]
fn admin_credentials_of_the_shell_are_used() {
    let draft = deploy("docker")
        .env("PLATFORM_IDENTIFIER", "ann@acme.io")
        .env("PLATFORM_PASSWORD", "hush-hush")
        .draft();
    assert_eq!(draft.secrets["admin_password"].expose(), "hush-hush");
    let env = &step(&draft.plan, "init").commands[0].env;
    assert_eq!(env["PLATFORM_IDENTIFIER"], EnvValue::Plain("ann@acme.io".to_owned()));
    assert_eq!(env["PLATFORM_PASSWORD"], EnvValue::Secret { secret: "admin_password".to_owned() });
}

#[test]
fn local_targets_do_not_look_at_cloud_variables() {
    assert!(deploy("docker").env("AWS_REGION", "mars").env("DOMAIN", "x").plan().environment.is_empty());
}
