//! The platform's initialisation under each mode.

use provision_planner::plan::{Effect, EnvValue, Plan, StepKind};

use crate::support::{Ask, complete_eks, deploy, ids, reason, step};

#[test]
fn local_targets_register_only_by_default_and_load_what_is_asked_for() {
    let plan = deploy("docker").flag("with_samples", "true").plan();
    let init = step(&plan, "init");
    assert_eq!(
        (init.kind, init.title.as_str()),
        (StepKind::Init, "initialise the platform: register the admin, load samples")
    );
    let command = &init.commands[0];
    assert_eq!(
        (command.dir.as_str(), command.argv.join(" ").as_str()),
        ("", "./deploy/bin/init-platform.sh docker")
    );
    let answer = |name: &str| command.env[name].clone();
    assert_eq!(answer("LOAD_PIPELINES"), EnvValue::Plain("y".to_owned()));
    assert_eq!(answer("LOAD_PLUGINS"), EnvValue::Plain("n".to_owned()));
    assert_eq!(answer("BUILD_BOOTSTRAP"), EnvValue::Plain("n".to_owned()));
    assert_eq!(answer("PLATFORM_BASE_URL"), EnvValue::Plain("https://localhost:8443".to_owned()));
}

#[test]
fn everything_covers_the_three_loads_but_a_word_for_one_of_them_counts_more() {
    let plan = deploy("minikube").flag("with_all", "true").slot("with_samples", false, "no samples").plan();
    let env = &step(&plan, "init").commands[0].env;
    let answers = ["LOAD_PLUGINS", "LOAD_COMPLIANCE", "LOAD_PIPELINES", "BUILD_BOOTSTRAP"]
        .map(|name| env[name].clone());
    assert_eq!(answers, ["y", "y", "n", "n"].map(|answer| EnvValue::Plain(answer.to_owned())));
}

#[test]
fn cloud_targets_initialise_themselves_and_the_plan_says_where_to_watch() {
    let eks = complete_eks().plan();
    assert_eq!(step(&eks, "init").kind, StepKind::Notice);
    assert!(step(&eks, "init").commands.is_empty());
    let ec2 = deploy("ec2").plan();
    let notes = step(&ec2, "init").notes.join("\n");
    assert!(notes.contains("aws ssm start-session --region us-east-1"), "{notes}");
    assert!(notes.contains("sudo tail -f /var/log/user-data.log"), "{notes}");
}

#[test]
fn manual_shows_the_exact_step() {
    let eks = complete_eks().flag("init", "manual").flag("with_plugins", "true").plan();
    let notes = step(&eks, "init").notes.join("\n");
    let line = "BUILD_BOOTSTRAP=n LOAD_COMPLIANCE=n LOAD_PIPELINES=n LOAD_PLUGINS=y ./deploy/bin/init-platform.sh eks";
    assert!(notes.contains(line), "{notes}");
    let ec2 = deploy("ec2").flag("init", "manual").flag("domain", "ci.example.com").plan();
    let notes = step(&ec2, "init").notes.join("\n");
    for part in [
        "sudo -iu minikube",
        "cd /opt/pipeline/pipeline-builder",
        "PLATFORM_BASE_URL=https://ci.example.com ./deploy",
    ] {
        assert!(notes.contains(part), "{part} in {notes}");
    }
    assert_eq!(reason(&eks, "init-platform"), Some("--init manual: yours to run"));
}

#[test]
fn skip_does_nothing_and_says_so() {
    let plan = deploy("docker").flag("init", "skip").flag("with_plugins", "true").plan();
    assert_eq!(ids(&plan), ["env-file", "deploy", "health"]);
    assert_eq!(
        (reason(&plan, "init"), reason(&plan, "with-plugins")),
        (Some("--init skip"), Some("--init skip"))
    );
}

#[test]
fn wishes_that_a_self_initialising_deploy_does_not_hear_are_not_dropped_in_silence() {
    let plan =
        complete_eks().flag("build_bootstrap", "true").slot("with_samples", false, "no samples").plan();
    assert!(reason(&plan, "build-bootstrap").unwrap().contains("--init manual"));
    assert!(reason(&plan, "with-samples").unwrap().contains("cannot be left out"));
}

#[test]
fn admin_credentials_reach_eks_but_not_a_first_boot() {
    let eks = complete_eks().flag("admin_email", "ann@acme.io").flag("admin_password", "hush-hush").plan();
    let env = &eks.command.as_ref().unwrap().env;
    assert_eq!(env["PLATFORM_PASSWORD"], EnvValue::Secret { secret: "admin_password".to_owned() });
    let ec2 = deploy("ec2").flag("admin_password", "hush-hush").plan();
    assert!(!ec2.command.as_ref().unwrap().env.contains_key("PLATFORM_PASSWORD"));
    assert!(reason(&ec2, "admin").unwrap().contains("--init manual"));
}

#[test]
fn mail_that_is_on_brings_the_ses_notes_and_mail_that_is_off_does_not() {
    let on = complete_eks().flag("alert_email", "ops@example.com").plan();
    assert!(step(&on, "ses").notes.iter().any(|note| note.ends_with("AWS mails to ops@example.com")));
    assert!(!ids(&complete_eks().flag("email", "false").plan()).contains(&"ses"));
}

/// The steps of the events bundle, or the notice that stands for them.
fn bundle(plan: &Plan) -> Vec<&str> {
    ids(plan).into_iter().filter(|id| id.ends_with("-token") || id.ends_with("events")).collect()
}

#[test]
fn the_events_bundle_runs_in_order_with_a_token_and_names_no_secret() {
    let plan = complete_eks().flag("with_events", "true").env("PLATFORM_TOKEN", "t0ken-canary").plan();
    assert_eq!(bundle(&plan), ["store-token", "ingest-token", "setup-events"]);
    let last = step(&plan, "setup-events");
    assert_eq!((last.kind, last.effect), (StepKind::Operator, Effect::CloudChange));
    assert_eq!(
        last.commands[0].text,
        "PLATFORM_BASE_URL=https://ci.example.com PLATFORM_TOKEN=*** \
         provision setup-events --scoped-ingest --region us-east-1 --yes"
    );
    assert!(!serde_json::to_string(&plan).unwrap().contains("t0ken-canary"));
}

#[test]
fn a_login_is_enough_unless_the_admin_is_registered_by_hand_later() {
    let login = || {
        let ask = complete_eks().flag("with_events", "true").flag("admin_email", "ops@example.com");
        ask.flag("admin_password", "b4ttery-h0rse")
    };
    assert_eq!(bundle(&login().plan()).len(), 3);
    assert_eq!(bundle(&login().flag("init", "manual").plan()), ["events"]);
}

#[test]
fn without_a_login_the_exact_commands_are_shown_in_order() {
    let plan = complete_eks().flag("with_events", "true").plan();
    assert_eq!(bundle(&plan), ["events"]);
    let notes = step(&plan, "events").notes.join("\n");
    let at = |part: &str| notes.find(part).unwrap_or_else(|| panic!("{part} in {notes}"));
    assert!(at("export PLATFORM_BASE_URL=https://ci.example.com\n") < at("provision store-token"));
    assert!(at("store-token --days 30 --region us-east-1\n") < at("--scope reporting:ingest"));
    assert!(at("--scope reporting:ingest") < at("provision setup-events --scoped-ingest --region us-east-1"));
}

#[test]
fn the_smoke_test_reads_the_reports_only_with_a_token() {
    let ask = || complete_eks().flag("with_smoke_test", "true");
    let probes = |ask: Ask| step(&ask.plan(), "smoke-test").probes.clone();
    assert_eq!(probes(ask()).len(), 1);
    let all = probes(ask().env("PLATFORM_TOKEN", "t"));
    assert_eq!((all.len(), all[0].bearer.as_deref()), (15, None));
    assert!(all[1..].iter().all(|probe| probe.bearer.as_deref() == Some("platform_token")));
    assert!(all[1..].iter().all(|probe| probe.url.starts_with("https://ci.example.com/api/reports/")));
}

#[test]
fn a_token_that_nothing_asks_for_is_no_part_of_the_plan() {
    let with = complete_eks().env("PLATFORM_TOKEN", "t").plan();
    assert_eq!(with.digest, complete_eks().plan().digest);
    assert!(with.inputs.iter().all(|input| input.name != "platform_token"));
}
