//! `provision store-token`: what is stored where, and that the token is seen nowhere else.

use serde_json::{Value, json};

use super::world::{Data, World, token};

fn stored(world: &World, name: &str) -> Vec<Value> {
    let data = world.data.lock().expect("no test panicked while it held the data");
    let values = data.secrets.get(name).cloned().unwrap_or_default();
    values.iter().map(|value| serde_json::from_str(value).expect("the secret is JSON")).collect()
}

#[test]
fn a_token_is_issued_and_stored_as_documented_and_a_second_one_is_a_new_version() {
    let world = World::new(Data::default());
    let first =
        world.env.run(&["store-token", "--days", "7", "--region", "eu-west-1", "--json"]).expect_code(0);
    let document = first.json();
    assert_eq!(document["secret"], "pipeline-builder/orchard/platform");
    assert_eq!(document["created"], true);
    let second = world.env.run(&["store-token", "--json"]).expect_code(0).json();
    assert_eq!(second["created"], false);
    let values = stored(&world, "pipeline-builder/orchard/platform");
    assert_eq!(values.len(), 2);
    assert_eq!(values[0]["username"], "orchard");
    assert_eq!(values[0]["password"], format!("{}-issued", token("orchard")));
    assert_eq!(values[0]["expiresIn"], 7 * 86400);
    assert_eq!(values[0]["expiresAt"], document["expires_at"]);
    for field in ["refreshToken", "platformUrl", "createdAt"] {
        assert!(values[0][field].is_string(), "{field}");
    }
}

#[test]
fn a_scope_goes_into_the_request_and_the_secrets_name() {
    let world = World::new(Data::default());
    world.env.run(&["store-token", "--scope", "reporting:ingest"]).expect_code(0);
    assert_eq!(stored(&world, "pipeline-builder/orchard/reporting-ingest").len(), 1);
    let data = world.data.lock().unwrap();
    assert!(data.bodies.contains(&(
        "/api/user/generate-token".to_owned(),
        json!({ "expiresIn": 30 * 86400, "scope": "reporting:ingest" })
    )));
}

#[test]
fn no_output_at_any_level_holds_a_token() {
    let world = World::new(Data::default());
    for args in
        [&["store-token", "-vv"][..], &["store-token", "--json", "-vv"], &["store-token", "--dry-run"]]
    {
        let run = world.env.run(args).expect_code(0);
        for canary in ["refresh-canary-7d1f", &token("orchard")] {
            assert!(!run.stdout.contains(canary) && !run.stderr.contains(canary), "{args:?}: {run:?}");
        }
    }
}

#[test]
fn a_dry_run_issues_and_stores_nothing() {
    let world = World::new(Data::default());
    let run = world.env.run(&["store-token", "--dry-run"]).expect_code(0);
    assert!(run.stdout.contains("pipeline-builder/orchard/platform in us-east-1. Nothing was changed."));
    assert_eq!(world.asked(""), 0);
}

#[test]
fn the_name_can_be_given_and_days_have_bounds() {
    let mut world = World::new(Data::default());
    world.env.set_var("PLATFORM_SECRET_NAME", "team/token");
    world.env.run(&["store-token"]).expect_code(0);
    assert_eq!(stored(&world, "team/token").len(), 1);
    for days in ["0", "366", "a-week"] {
        let run = world.env.run(&["store-token", "--days", days]).expect_code(2);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn a_platform_that_refuses_leaves_the_stored_token_alone() {
    let mut world = World::new(Data::default());
    world.env.set_var("PLATFORM_TOKEN", &format!("{}x", token("orchard")));
    let run = world.env.run(&["store-token"]).expect_code(1);
    assert!(run.stderr.contains("HTTP 401"), "{}", run.stderr);
    assert!(world.data.lock().unwrap().secrets.is_empty());
}

#[test]
fn a_schedule_is_planned_before_a_token_is_issued() {
    let world = World::new(Data::default());
    let run = world.env.run(&["store-token", "--schedule"]).expect_code(6);
    assert!(run.stdout.contains("pipeline-builder-renewal-platform"), "{}", run.stdout);
    assert!(run.stdout.contains("rate(15 days)"), "{}", run.stdout);
    assert!(world.data.lock().unwrap().secrets.is_empty());
    assert_eq!(world.asked("generate-token"), 0);
}

#[test]
fn a_dry_run_and_json_show_what_a_schedule_would_do_and_do_nothing() {
    let world = World::new(Data::default());
    for args in [
        &["--schedule", "--dry-run", "--yes"][..],
        &["--schedule", "--json"],
        &["--cron", "0 5 1 * ? *", "--dry-run"],
    ] {
        let run = world.env.run(&[&["store-token", "--days", "90"], args].concat()).expect_code(0);
        assert!(!run.stdout.contains(&token("orchard")), "{}", run.stdout);
        assert_eq!(world.asked("generate-token") + world.asked("ChangeSet"), 0, "{args:?}");
    }
    let document =
        world.env.run(&["store-token", "--cron", "cron(0 5 1 * ? *)", "--json"]).expect_code(0).json();
    assert_eq!(document["schedule"]["expression"], "cron(0 5 1 * ? *)");
    let plan = &document["schedule"]["plan"];
    assert_eq!(plan["stack"]["parameters"]["ScheduleExpression"], "cron(0 5 1 * ? *)");
    assert_eq!(plan["stack"]["parameters"]["IssuerSecretName"], "pipeline-builder/orchard/platform");
}

#[test]
fn a_token_with_a_scope_is_renewed_by_the_one_without() {
    let world = World::new(Data::default());
    let args = ["store-token", "--scope", "reporting:ingest", "--schedule", "--dry-run"];
    let run = world.env.run(&args).expect_code(5);
    assert!(run.stdout.contains("provision store-token --region us-east-1"), "{}", run.stdout);
    world.env.run(&["store-token"]).expect_code(0);
    let run = world.env.run(&args).expect_code(0);
    assert!(run.stdout.contains("pipeline-builder-renewal-reporting-ingest"), "{}", run.stdout);
}

#[test]
fn a_schedule_that_eventbridge_would_refuse_is_one_clear_line() {
    let world = World::new(Data::default());
    for (expression, said) in [
        ("0 5 1 * *", "EventBridge has six fields, not a crontab's five: cron(0 5 1 * ? *)"),
        ("rate(1 days)", "EventBridge wants rate(1 day)"),
        ("every month", "fields instead of six"),
        ("rate(40 days)", "a token of 30 days would expire before it is renewed"),
    ] {
        let run = world.env.run(&["store-token", "--cron", expression]).expect_code(2);
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(said), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
    assert_eq!(world.asked(""), 0);
}

#[test]
fn a_platform_that_is_slow_answers_in_time_and_one_that_answers_nonsense_is_named() {
    let world = World::new(Data::default());
    world.change(|data| data.slow = [("/api/user".to_owned(), std::time::Duration::from_secs(2))].into());
    world.env.run(&["store-token"]).expect_code(0);
    world.change(|data| data.slow.clear());
    for (status, text, said) in [
        (500, "oops", "HTTP 500"),
        (200, "<html>", "the answer is not JSON"),
        (200, "{\"data\":{}}", "the answer has no accessToken"),
    ] {
        world.change(|data| drop(data.troubles.insert("/api/user".to_owned(), (status, text.to_owned()))));
        let run = world.env.run(&["store-token"]).expect_code(1);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    assert_eq!(stored(&world, "pipeline-builder/orchard/platform").len(), 1);
}
