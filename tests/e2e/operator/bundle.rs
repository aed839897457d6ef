//! What follows a deploy: the events bundle and the smoke test, on a target whose platform answers on loopback.

use std::path::Path;

use super::world::{Data, World, token};

/// A target that deploys nothing; its platform is the world's.
fn lab(url: &str) -> String {
    format!(
        r#"
id = "lab"
title = "Lab"
summary = "A platform on loopback"
deploys = ["nothing"]
folder = "deploy/lab"
url = "{url}"
passes = ["AWS_*"]

[deploy]
argv = ["true"]
effect = "local-write"

[teardown]
effect = "read"
irreversible = false
removes = []
keeps = []

[health]
health = "/health"
ready = "/ready"
timeout_seconds = 5
poll_seconds = 1
ready_grace_seconds = 5

[[input]]
name = "region"
default = "us-east-1"

[[input]]
name = "profile"

[[input]]
name = "with_events"
"#
    )
}

/// Puts the target and its checkout where the binary runs.
pub fn set_up(world: &World) {
    let dir = world.env.dir();
    for folder in ["deploy/bin", "deploy/lab", "targets"] {
        std::fs::create_dir_all(dir.join(folder)).expect("a folder");
    }
    std::fs::write(dir.join("targets/lab.toml"), lab(&world.url)).expect("the target can be written");
}

/// A deploy of it with everything that can follow.
pub const DEPLOY: [&str; 7] =
    ["--catalog", "targets", "--target", "lab", "--with-events", "--with-smoke-test", "--yes"];

fn world() -> World {
    let world = World::new(Data::default());
    set_up(&world);
    world
}

fn holds(folder: &Path, text: &str) -> bool {
    let grep = std::process::Command::new("grep").arg("-rqF").arg(text).arg(folder).status();
    grep.expect("grep runs").success()
}

#[test]
fn with_a_token_everything_is_a_step_of_the_plan() {
    let world = world();
    let plan = world.env.run(&[&DEPLOY[..], &["--json"]].concat()).expect_code(0).json();
    let steps: Vec<(&str, &str)> = (plan["steps"].as_array().expect("steps").iter())
        .map(|step| (step["id"].as_str().expect("an id"), step["effect"].as_str().expect("an effect")))
        .collect();
    let bundle =
        [("store-token", "cloud-change"), ("ingest-token", "cloud-change"), ("setup-events", "cloud-change")];
    assert_eq!(steps[2], ("smoke-test", "read"));
    assert_eq!(steps[3..], bundle);
    assert!(!plan.to_string().contains(&token("orchard")));
}

#[test]
fn the_first_command_that_fails_stops_the_rest_and_says_how_to_resume() {
    let world = world();
    world.change(|data| drop(data.denied.insert("us-east-1".to_owned(), "AccessDenied".to_owned())));
    let run = world.env.run(&DEPLOY).expect_code(8);
    for said in [
        "✓ smoke-test",
        "pipeline-builder/orchard/platform in us-east-1 created",
        "pipeline-builder/orchard/reporting-ingest in us-east-1 created, scope reporting:ingest",
        "the platform is up, but setup-events failed: exit code 7",
        "Resume with:",
        "PLATFORM_TOKEN=*** provision setup-events --scoped-ingest --region us-east-1 --yes",
    ] {
        assert!(run.stdout.contains(said), "{said} is missing:\n{}\n{}", run.stdout, run.stderr);
    }
    for canary in [&token("orchard"), "refresh-canary-7d1f"] {
        assert!(!run.stdout.contains(canary) && !run.stderr.contains(canary));
        assert!(!holds(world.env.home(), canary), "{canary} was written down");
    }
    assert!(holds(&world.env.home().join(".local/state/provision/runs"), "ingest-token"));
}

#[test]
fn without_a_login_the_exact_commands_are_shown_and_nothing_is_stored() {
    let mut world = world();
    world.env.set_var("PLATFORM_TOKEN", "");
    let run = world.env.run(&DEPLOY).expect_code(0);
    for said in [
        &format!("export PLATFORM_BASE_URL={}", world.url),
        "provision store-token --days 30 --region us-east-1",
        "provision store-token --days 30 --scope reporting:ingest --region us-east-1",
        "provision setup-events --scoped-ingest --region us-east-1 --yes",
    ] {
        assert!(run.stdout.contains(said), "{said} is missing:\n{}", run.stdout);
    }
    assert!(world.data.lock().unwrap().secrets.is_empty());
    assert_eq!(world.asked("/api/"), 0, "without a token only health is read");
}

#[test]
fn the_smoke_test_reads_every_report_and_names_what_is_wrong() {
    let world = world();
    let smoke = ["--catalog", "targets", "--target", "lab", "--with-smoke-test", "--yes"];
    let run = world.env.run(&smoke).expect_code(0);
    assert_eq!(run.stdout.matches("✓ GET ").count(), 15, "{}", run.stdout);
    assert_eq!(world.asked("GET /api/reports/"), 14);
    for (status, text, said) in [
        (503, "try later", "execution/errors: HTTP 503: try later"),
        (200, "<html>log in</html>", "execution/errors: HTTP 200, but the answer is not JSON"),
        (401, "{}", "execution/errors: HTTP 401"),
    ] {
        world.change(|data| {
            data.troubles = [("/api/reports/execution/errors".to_owned(), (status, text.to_owned()))].into();
        });
        let run = world.env.run(&smoke).expect_code(8);
        assert!(run.stdout.contains(said) && run.stdout.contains("1 of 15 answers"), "{}", run.stdout);
    }
}
