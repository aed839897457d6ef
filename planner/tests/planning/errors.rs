//! What is refused, and how the message reads.

use provision_planner::PlannerError;

use crate::support::{Ask, complete_eks, deploy};

#[test]
fn an_invalid_flag_is_named_with_its_value_and_what_is_accepted() {
    let cases = [
        (
            "region",
            "us-east-9",
            "--region us-east-9: no such AWS region; did you mean us-east-1 or us-east-2?",
        ),
        ("retries", "6", "--retries 6: must be a whole number from 0 to 5"),
        ("deploy_mode", "pubilc", "--deploy-mode pubilc: must be private or public; did you mean public?"),
        ("init", "atuo", "--init atuo: must be auto, manual or skip; did you mean auto?"),
        ("email_from", "ops", "--email-from ops: not an e-mail address: there is no @"),
    ];
    for (name, value, message) in cases {
        assert_eq!(deploy("eks").flag(name, value).error(), message);
    }
}

#[test]
fn an_unknown_target_is_answered_with_those_there_are() {
    let message =
        "--target esk: must be docker, ec2, eks, events, minikube, renewal or stack; did you mean eks?";
    assert_eq!(Ask::default().flag("target", "esk").error(), message);
}

#[test]
fn an_invalid_value_of_the_goal_is_an_open_question_named_with_its_words() {
    let plan = complete_eks().slot("retries", 6, "retry six times").plan();
    assert_eq!(plan.missing, ["--retries"]);
    let why = "\"retry six times\" in the goal (--retries 6): must be a whole number from 0 to 5";
    assert!(plan.missing_help[0].help.ends_with(why), "{}", plan.missing_help[0].help);
    assert_eq!(plan.goal.slots["retries"].value, 6);
    assert!(!plan.is_ready());
}

#[test]
fn an_invalid_value_of_configuration_or_environment_is_named_with_its_place() {
    let config = deploy("eks").config("region", "mars").error();
    assert!(config.starts_with("configuration: region = mars: no such AWS region"), "{config}");
    let variable = deploy("eks").env("AWS_REGION", "mars").error();
    assert!(variable.starts_with("AWS_REGION=mars: no such AWS region"), "{variable}");
}

#[test]
fn a_value_that_a_flag_overrules_is_not_checked() {
    assert!(complete_eks().env("AWS_REGION", "mars").flag("region", "us-east-1").result().is_ok());
}

#[test]
fn a_secret_is_never_repeated() {
    for (name, value) in [("ghcr_token", "sesame-open"), ("admin_password", "sesame\nopen")] {
        let message = deploy("eks").flag(name, value).error();
        assert!(!message.contains("sesame"), "{message}");
    }
    let variable = deploy("eks").env("GHCR_TOKEN", "sesame-open").error();
    assert!(variable.starts_with("GHCR_TOKEN: not a GitHub token"), "{variable}");
}

#[test]
fn a_token_or_password_in_the_wrong_place_is_not_repeated_either() {
    assert!(!deploy("eks").flag("domain", "ghp_Sesame").error().contains("Sesame"));
    assert!(!deploy("eks").flag("repo", "https://ann:sesame@example.com/x").error().contains("sesame"));
}

#[test]
fn a_flag_that_the_target_does_not_take_is_refused_with_those_that_do() {
    assert_eq!(deploy("eks").flag("lean", "true").error(), "--lean: eks does not take it; ec2 does");
    assert_eq!(
        deploy("docker").flag("key_pair", "ops").error(),
        "--key-pair: docker does not take it; ec2 does"
    );
    let email = deploy("minikube").flag("email", "false").error();
    assert_eq!(email, "--no-email: minikube does not take it; ec2 and eks do");
}

#[test]
fn an_unknown_name_in_the_configuration_is_answered_with_the_near_one() {
    let message = deploy("eks").config("regoin", "us-east-1").error();
    assert_eq!(message, "configuration: there is no input named regoin; did you mean region?");
}

#[test]
fn a_post_step_that_needs_a_shell_is_refused_with_the_way_to_write_it() {
    let message = deploy("docker").post_step("make a && make b").error();
    assert_eq!(
        message,
        "--post-step make a && make b: & needs a shell, and none is started; write bash -c 'make a && make b'"
    );
}

#[test]
fn a_post_step_with_a_secret_of_the_plan_is_refused_without_repeating_it() {
    let message = complete_eks().post_step("curl -H 'Authorization: ghp_xxx' https://x.example").error();
    assert!(!message.contains("ghp_xxx"), "{message}");
}

#[test]
fn a_value_with_line_breaks_makes_no_message_of_several_lines() {
    assert!(deploy("eks").flag("domain", "a\nb\u{1b}[31m").error().contains("a\\nb\\u{1b}[31m"));
    assert!(deploy("eks").flag("domain", &"x".repeat(5000)).error().len() < 300);
}

#[test]
fn only_faults_of_the_program_are_no_usage_errors() {
    assert!(!PlannerError::Internal { reason: String::new() }.is_usage());
}
