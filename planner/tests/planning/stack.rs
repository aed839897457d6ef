//! Plans that deploy a template through CloudFormation's API.

use provision_planner::plan::EnvValue;

use crate::support::{Ask, deploy, step, teardown};

const TEMPLATE: &str = "\
Parameters:
  Owner: { Type: String, Description: Who answers for it }
  Password: { Type: String, NoEcho: true }
  Size: { Type: String, Default: small, AllowedValues: [small, large] }
Resources:
  Topic: { Type: 'AWS::SNS::Topic' }
";

fn stack(template: &str) -> Ask {
    let mut ask = deploy("stack").flag("stack_name", "orders").flag("template", "orders.yaml").no_checkout();
    ask.0.facts.template = Some(template.to_owned());
    ask
}

fn complete() -> Ask {
    stack(TEMPLATE).flag("param.Owner", "payments").flag("param.Password", "s3cret-value")
}

#[test]
fn a_complete_stack_needs_no_tool_and_no_checkout() {
    let plan = complete().flag("tag.team", "payments").flag("capability.CAPABILITY_IAM", "true").plan();
    assert!(plan.is_ready(), "{:?} {:?}", plan.missing, plan.prerequisites);
    let stack = plan.stack.clone().unwrap();
    assert_eq!(
        (stack.name.as_str(), stack.capabilities.as_slice()),
        ("orders", &["CAPABILITY_IAM".to_owned()][..])
    );
    assert_eq!(stack.tags["team"], "payments");
    assert_eq!(stack.template.unwrap().path, "orders.yaml");
    assert_eq!(plan.steps.len(), 1);
    assert!(step(&plan, "deploy").commands.is_empty() && plan.command.is_none() && plan.health.is_none());
}

#[test]
fn parameters_without_a_value_are_missing_with_their_exact_flag() {
    let plan = stack(TEMPLATE).plan();
    assert_eq!(plan.missing, ["--param Owner=VALUE", "--param Password=VALUE"]);
    assert_eq!(plan.missing_help[0].help, "Who answers for it (String)");
    assert!(stack(TEMPLATE).flag("keep_params", "true").plan().missing.is_empty());
}

#[test]
fn only_stated_parameters_are_sent_and_hidden_ones_by_name() {
    let draft = complete().draft();
    let parameters = draft.plan.stack.clone().unwrap().parameters;
    assert_eq!(parameters.keys().collect::<Vec<_>>(), ["Owner", "Password"]);
    assert_eq!(parameters["Password"], EnvValue::Secret { secret: "param.Password".to_owned() });
    assert_eq!(draft.secrets["param.Password"].expose(), "s3cret-value");
    assert!(!serde_json::to_string(&draft.plan).unwrap().contains("s3cret-value"));
}

#[test]
fn a_hidden_parameter_may_come_from_the_environment() {
    let draft = stack(TEMPLATE).flag("param.Owner", "a").env("PROVISION_PARAM_Password", "from-env").draft();
    assert_eq!(draft.secrets["param.Password"].expose(), "from-env");
}

#[test]
fn an_unknown_parameter_or_value_is_answered_with_the_near_one() {
    assert_eq!(
        complete().flag("param.Onwer", "x").error(),
        "--param Onwer: the template has no such parameter; did you mean Owner?"
    );
    assert_eq!(
        complete().flag("param.Size", "Large").error(),
        "--param Size=Large: must be small or large; did you mean large?"
    );
    assert_eq!(
        complete().flag("capability.CAPABILITY_IMA", "true").error(),
        "--capability CAPABILITY_IMA: must be CAPABILITY_IAM, CAPABILITY_NAMED_IAM or CAPABILITY_AUTO_EXPAND; did you mean CAPABILITY_IAM?"
    );
}

#[test]
fn the_plan_is_another_when_the_template_is() {
    let (one, other) =
        (complete().plan(), stack(&format!("{TEMPLATE}  More: {{ Type: 'AWS::SNS::Topic' }}\n")));
    let other = other.flag("param.Owner", "payments").flag("param.Password", "s3cret-value").plan();
    assert_ne!(one.digest, other.digest);
}

#[test]
fn a_template_that_is_too_large_or_not_there_blocks() {
    let large = stack(&format!("{TEMPLATE}# {}", "x".repeat(60_000))).plan();
    let said = large.prerequisites[0].detail.clone().unwrap();
    assert!(said.contains("at most 51200") && !large.is_ready(), "{said}");
    let mut absent = complete();
    absent.0.facts.template = None;
    assert_eq!(absent.plan().prerequisites[0].detail.as_deref(), Some("orders.yaml: no such file"));
}

#[test]
fn what_is_no_template_is_refused() {
    assert_eq!(stack("a: 1").error(), "orders.yaml: not a CloudFormation template: it has no Resources");
}

#[test]
fn a_parameter_of_another_target_is_refused() {
    assert_eq!(
        deploy("eks").flag("param.A", "1").error(),
        "--param A: eks does not take it; ec2, events, renewal and stack do"
    );
}

#[test]
fn a_teardown_names_the_stack_and_needs_no_template() {
    let plan = teardown("stack").no_checkout().flag("stack_name", "orders").plan();
    assert!(plan.is_ready(), "{:?} {:?}", plan.missing, plan.prerequisites);
    let destruction = plan.destruction.clone().unwrap();
    assert_eq!((destruction.confirm.as_str(), destruction.irreversible), ("orders", true));
    assert!(plan.stack.clone().unwrap().template.is_none() && step(&plan, "teardown").commands.is_empty());
    assert_eq!(teardown("stack").no_checkout().plan().missing, ["--stack-name"]);
}

const EC2: &str = "\
Parameters:
  DomainName: { Type: String }
  KeyPairName: { Type: String }
  HostedZoneId: { Type: String }
  CreateSesIdentity: { Type: String, Default: 'true' }
  GhcrToken: { Type: String, NoEcho: true, Default: '' }
  DataVolumeSize: { Type: Number, Default: 500 }
Resources: {}
";

fn native_ec2() -> Ask {
    let mut ask = deploy("ec2").flag("engine", "native").flag("domain", "ci.example.com");
    ask = ask.flag("hosted_zone_id", "Z123").flag("key_pair", "ops");
    ask.0.facts.template = Some(EC2.to_owned());
    ask
}

#[test]
fn the_inputs_of_ec2_become_the_parameters_of_its_template() {
    let ask = native_ec2().flag("skip_ses_identity", "true").flag("param.DataVolumeSize", "200");
    let draft = ask.flag("ghcr_token", "ghp_abcdefghijklmnopqrstuvwxyz0123456789").draft();
    let stack = draft.plan.stack.clone().unwrap();
    let plain = |name: &str| stack.parameters[name].clone();
    assert_eq!(plain("DomainName"), EnvValue::Plain("ci.example.com".to_owned()));
    assert_eq!(plain("CreateSesIdentity"), EnvValue::Plain("false".to_owned()));
    assert_eq!(plain("AutoInit"), EnvValue::Plain("true".to_owned()));
    assert_eq!(plain("DataVolumeSize"), EnvValue::Plain("200".to_owned()));
    assert_eq!(plain("GhcrToken"), EnvValue::Secret { secret: "ghcr_token".to_owned() });
    assert_eq!(stack.template.unwrap().path, "deploy/aws/ec2/template.yaml");
    assert!(step(&draft.plan, "deploy").commands.is_empty());
    assert!(draft.plan.health.is_some());
}

#[test]
fn a_parameter_that_an_input_supplies_is_not_stated_twice() {
    assert_eq!(
        native_ec2().flag("param.DomainName", "a.example.com").error(),
        "--param DomainName: the input domain supplies this parameter"
    );
}
