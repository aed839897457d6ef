//! The exact commands of each target.

use provision_planner::plan::{Effect, EnvValue, StepKind};
use serde_json::Value;

use crate::support::{Ask, command, complete_eks, deploy, ids, step, teardown};

#[test]
fn every_deploy_example_of_the_manual_is_accepted_as_written() {
    let public_ec2 = deploy("ec2")
        .flag("deploy_mode", "public")
        .flag("key_pair", "my-keypair")
        .flag("domain", "pipeline.example.com")
        .flag("hosted_zone_id", "Z1234567890")
        .flag("ghcr_token", "ghp_xxxxxxxxxxxx");
    assert_eq!(
        command(&public_ec2.ready()),
        "(cd deploy/aws/ec2 && AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 GHCR_TOKEN=*** bash bin/setup.sh \
         --stack-name pipeline-builder --region us-east-1 --deploy-mode public --domain pipeline.example.com \
         --hosted-zone-id Z1234567890 --key-pair my-keypair --email)"
    );
    let eks = deploy("eks")
        .flag("domain", "pipeline.example.com")
        .flag("hosted_zone_id", "Z123")
        .flag("ghcr_token", "ghp_xxx")
        .flag("email", "true");
    assert_eq!(
        command(&eks.ready()),
        "(cd deploy/aws/eks && AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 GHCR_TOKEN=*** bash bin/setup.sh \
         --cluster-name pipeline-builder --region us-east-1 --deploy-mode private --domain pipeline.example.com \
         --hosted-zone-id Z123 --email)"
    );
    let docker = deploy("docker")
        .flag("repo", "")
        .flag("with_samples", "true")
        .flag("admin_email", "admin@acme.com")
        .flag("admin_password", "s3cret");
    assert!(docker.ready().is_ready());
}

#[test]
fn the_prompt_of_the_manual_is_understood_and_only_the_address_is_missing() {
    let goal = provision_planner::goal::parse("deploy to EKS in us-east-1 with email enabled");
    let mut ask = Ask::default().checkout();
    ask.0.goal = goal;
    let plan = ask.plan();
    assert_eq!(plan.target.as_ref().map(|target| target.id.as_str()), Some("eks"));
    assert_eq!(plan.missing, ["--domain", "--hosted-zone-id"]);
    assert!(command(&plan).ends_with("--region us-east-1 --deploy-mode private --email)"));
}

#[test]
fn every_teardown_example_of_the_manual_is_accepted_as_written() {
    assert!(teardown("eks").ready().is_ready());
    let eks = teardown("eks").flag("domain", "pipeline.example.com").flag("hosted_zone_id", "Z123").plan();
    assert!(command(&eks).ends_with(
        "bash bin/shutdown.sh --cluster-name pipeline-builder --region us-east-1 --domain pipeline.example.com \
         --hosted-zone-id Z123 --yes)"
    ));
    let ec2 = teardown("ec2").env("AWS_REGION", "eu-west-1").no_checkout().ready();
    let texts: Vec<Vec<String>> =
        step(&ec2, "teardown").commands.iter().map(|command| command.argv[1..4].to_vec()).collect();
    assert_eq!(
        texts,
        [
            ["cloudformation", "delete-stack", "--stack-name"],
            ["cloudformation", "wait", "stack-delete-complete"]
        ]
    );
    assert!(command(&ec2).ends_with("--stack-name pipeline-builder --region eu-west-1"));
    assert!(ec2.is_ready(), "deleting a stack needs no checkout");
}

#[test]
fn the_tools_own_words_become_the_scripts_flags() {
    let plan = complete_eks()
        .flag("skip_ses_identity", "true")
        .flag("email", "false")
        .flag("init", "manual")
        .flag("email_from_name", "Build Bot")
        .plan();
    assert!(
        command(&plan)
            .ends_with("--no-email --email-from-name 'Build Bot' --no-create-ses-identity --no-auto-init)")
    );
    assert!(!command(&complete_eks().flag("init", "auto").plan()).contains("auto-init"));
    let lean = deploy("ec2").flag("lean", "true").flag("instance_type", "t3.xlarge").plan();
    assert!(command(&lean).contains("--instance-type t3.xlarge --lean"));
}

#[test]
fn the_token_goes_through_the_environment_and_never_into_an_argument() {
    let plan = complete_eks().plan();
    let command = plan.command.as_ref().unwrap();
    assert!(command.argv.iter().all(|word| !word.contains("ghp_")));
    assert_eq!(command.env["GHCR_TOKEN"], EnvValue::Secret { secret: "ghcr_token".to_owned() });
}

#[test]
fn local_targets_take_no_arguments() {
    for target in ["docker", "minikube"] {
        let text = format!("(cd deploy/local/{target} && bash bin/setup.sh)");
        assert_eq!(command(&deploy(target).plan()), text);
        assert_eq!(ids(&deploy(target).plan()), ["env-file", "deploy", "health", "init"]);
    }
}

#[test]
fn steps_stand_in_the_order_in_which_they_run() {
    let plan = complete_eks()
        .flag("repo", "https://git.example.com/pb.git")
        .flag("with_smoke_test", "true")
        .flag("with_events", "true")
        .post_step("make a")
        .post_step("make b")
        .plan();
    let order = [
        "bootstrap",
        "deploy",
        "health",
        "ses",
        "init",
        "smoke-test",
        "events",
        "post-step-1",
        "post-step-2",
    ];
    assert_eq!(ids(&plan), order);
}

#[test]
fn a_step_says_what_it_may_change() {
    let plan = complete_eks().post_step("make a").plan();
    let effects: Vec<Effect> = plan.steps.iter().map(|step| step.effect).collect();
    assert_eq!(effects, [Effect::CloudCreate, Effect::Read, Effect::Read, Effect::Read, Effect::CloudChange]);
    assert_eq!(step(&teardown("eks").plan(), "teardown").effect, Effect::Delete);
    assert_eq!(step(&teardown("docker").plan(), "teardown").effect, Effect::LocalWrite);
}

#[test]
fn health_is_probed_at_the_domain_or_at_localhost() {
    let eks = complete_eks().plan().health.unwrap();
    assert_eq!((eks.health_url.as_str(), eks.timeout_seconds), ("https://ci.example.com/health", 900));
    assert!(!eks.accept_self_signed);
    let minikube = deploy("minikube").plan().health.unwrap();
    assert_eq!(
        (minikube.ready_url.as_str(), minikube.timeout_seconds),
        ("https://localhost:8443/ready", 300)
    );
    assert!(minikube.accept_self_signed);
    let revive = minikube.revive.unwrap().text;
    assert_eq!(revive, "kubectl port-forward -n pipeline-builder svc/nginx 8443:8443");
    assert!(deploy("eks").plan().health.is_none(), "there is no address yet");
}

#[test]
fn the_clone_holds_what_the_target_and_its_loads_need() {
    let sparse = |ask: Ask| ask.flag("repo", "").plan().bootstrap.unwrap().sparse;
    assert_eq!(sparse(deploy("docker")), ["deploy/bin", "deploy/local/docker"]);
    assert_eq!(
        sparse(deploy("docker").flag("with_plugins", "true").flag("build_bootstrap", "true")),
        ["deploy/bin", "deploy/local/docker", "deploy/plugins", "deploy/codebuild"]
    );
    let everything = ["deploy/plugins", "deploy/codebuild", "deploy/compliance", "deploy/samples"];
    assert!(sparse(deploy("eks")).ends_with(&everything.map(str::to_owned)), "eks loads everything itself");
    assert!(sparse(deploy("minikube").flag("with_all", "true")).ends_with(&everything.map(str::to_owned)));
    assert_eq!(sparse(deploy("eks").flag("init", "skip")), ["deploy/bin", "deploy/aws/eks"]);
    assert_eq!(sparse(deploy("ec2").flag("with_all", "true")), ["deploy/bin", "deploy/aws/ec2"]);
    assert_eq!(sparse(teardown("eks")), ["deploy/bin", "deploy/aws/eks"]);
}

#[test]
fn without_a_checkout_or_a_clone_the_plan_is_blocked() {
    let plan = deploy("docker").no_checkout().plan();
    let checkout = &plan.prerequisites[0];
    assert_eq!(checkout.id, "checkout");
    assert_eq!(checkout.detail.as_deref(), Some("no folder here holds deploy/local/docker"));
    let named = deploy("docker").no_checkout().flag("workdir", "/srv/pb").plan();
    assert_eq!(named.prerequisites[0].detail.as_deref(), Some("/srv/pb holds no deploy/local/docker"));
    assert!(checkout.install.as_deref().unwrap_or_default().contains("--repo"));
    let cloned = deploy("docker").no_checkout().flag("repo", "").plan();
    assert!(cloned.prerequisites.iter().all(|check| check.id != "checkout"));
    assert!(cloned.prerequisites.iter().any(|check| check.id == "git"));
}

#[test]
fn ports_come_from_the_checkouts_own_files() {
    let mut ask = deploy("docker");
    assert_eq!(Ask(ask.0.clone()).plan().ports, [8443]);
    let text = "services:\n  gw:\n    ports:\n      - '9443:8443'\n".to_owned();
    ask.0.facts.files.insert("deploy/local/docker/docker-compose.yml".to_owned(), text);
    assert_eq!(ask.plan().ports, [9443]);
    assert_eq!(deploy("minikube").plan().ports, [8443, 8081, 5480]);
}

#[test]
fn a_post_step_runs_as_an_argument_vector_at_the_root() {
    let plan = deploy("docker").post_step("notify --text 'a; b'").plan();
    let step = step(&plan, "post-step-1");
    assert_eq!(step.kind, StepKind::PostStep);
    assert_eq!(step.commands[0].argv, ["notify", "--text", "a; b"]);
    assert_eq!(step.commands[0].dir, "");
}

#[test]
fn checks_run_with_the_plans_own_values() {
    let draft = complete_eks().flag("region", "eu-west-1").draft();
    let credentials = draft.prerequisites.iter().find(|check| check.id == "credentials").unwrap();
    assert!(credentials.any[0].windows(2).any(|pair| pair == ["--region", "eu-west-1"]));
}

#[test]
fn a_machine_that_builds_plugins_itself_needs_docker() {
    let needs = |ask: Ask| ask.draft().prerequisites.iter().any(|check| check.id == "docker");
    assert!(needs(complete_eks()));
    assert!(!needs(complete_eks().flag("init", "manual")));
}

#[test]
fn a_failed_check_says_how_to_get_the_tool_on_this_system() {
    use provision_planner::plan::{PlanStatus, PrerequisiteResult, PrerequisiteStatus};
    let draft = complete_eks().draft();
    let missing = |check: &PrerequisiteResult| PrerequisiteResult {
        status: if check.id == "envsubst" { PrerequisiteStatus::Missing } else { PrerequisiteStatus::Ok },
        ..check.clone()
    };
    let results = draft.plan.prerequisites.iter().map(missing).collect();
    let (plan, _) = draft.with_results(results);
    let envsubst = plan.prerequisites.iter().find(|check| check.id == "envsubst").unwrap();
    assert_eq!(envsubst.install.as_deref(), Some("apt-get install gettext-base"));
    assert_eq!(plan.status, PlanStatus::Blocked);
}

#[test]
fn a_plan_is_ready_only_once_every_check_has_passed() {
    let draft = complete_eks().draft();
    assert!(!draft.plan.is_ready(), "nothing has been checked yet");
    assert!(!draft.with_results(Vec::new()).0.is_ready());
    assert!(complete_eks().ready().is_ready());
}

#[test]
fn inputs_of_any_character_reach_the_script_as_they_are() {
    let name = "Bot \"X\" $(id) `id` \\ ' & ü";
    let plan = complete_eks().flag("email_from_name", name).plan();
    let argv = &plan.command.as_ref().unwrap().argv;
    assert!(argv.windows(2).any(|pair| pair == ["--email-from-name", name]));
    assert_eq!(plan.goal.slots["email_from_name"].value, Value::from(name));
}
