//! `provision audit-stacks`: drift, partial scans, every page, throttling, outputs.

use serde_json::{Value, json};

use super::world::{Data, StackData, World};

fn entry(id: &str, region: &str, stack: &str) -> Value {
    json!({
        "pipelineId": id, "pipelineName": format!("{id}-pipeline"), "stackName": stack,
        "pipelineArn": format!("arn:aws:codepipeline:{region}:000000000000:{id}"), "region": region,
    })
}

fn world(registry: Vec<Value>, stacks: Vec<(&str, Vec<StackData>)>) -> World {
    let stacks = stacks.into_iter().map(|(region, stacks)| (region.to_owned(), stacks)).collect();
    World::new(Data { registry: Some((200, json!({ "data": registry }))), stacks, ..Data::default() })
}

fn drifted() -> World {
    let mut nested = StackData::tagged("orders-Nested-1A", "CREATE_COMPLETE", "orchard");
    nested.nested = true;
    let stacks = vec![
        StackData::tagged("orders", "UPDATE_COMPLETE", "orchard"),
        StackData::tagged("leftover", "CREATE_COMPLETE", "orchard"),
        StackData::plain("unrelated"),
        nested,
    ];
    let registry = vec![entry("p1", "us-east-1", "orders"), entry("p2", "us-east-1", "gone")];
    world(registry, vec![("us-east-1", stacks)])
}

#[test]
fn orphaned_and_missing_stacks_are_found_and_nothing_else() {
    let run = drifted().env.run(&["audit-stacks", "--region", "us-east-1", "--json"]).expect_code(1);
    let found = run.json();
    let findings: Vec<(&str, &str)> = found["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| (f["kind"].as_str().expect("a kind"), f["stack"].as_str().expect("a stack")))
        .collect();
    assert_eq!(findings, [("orphaned", "leftover"), ("missing", "gone")]);
    assert_eq!((&found["complete"], &found["matched"]), (&json!(true), &json!(1)));
}

#[test]
fn the_text_names_each_finding_and_what_to_do_next() {
    let run = drifted().env.run(&["audit-stacks", "--region", "us-east-1"]).expect_code(1);
    insta::assert_snapshot!(run.stdout, @r"
    ✗ drift: 1 orphaned, 1 missing (2 pipelines against 2 tagged stacks in 1 region)

    Orphaned stacks: live, but no pipeline of the registry belongs to them
      us-east-1  leftover  CREATE_COMPLETE  org orchard
      → delete the stack if its pipeline is gone for good, or deploy the pipeline again to register it

    Missing stacks: registered, but not live and usable
      us-east-1  gone  no such stack  pipeline p2-pipeline
      → deploy the pipeline again, or delete it in the dashboard if it is not wanted
    ");
}

#[test]
fn no_drift_is_exit_code_zero_and_one_line_for_cron() {
    let stacks = vec![StackData::tagged("orders", "CREATE_COMPLETE", "orchard")];
    let world = world(vec![entry("p1", "us-east-1", "orders")], vec![("us-east-1", stacks)]);
    let run = world.env.run(&["audit-stacks", "--summary"]).expect_code(0);
    assert_eq!(run.stdout, "no drift (1 pipeline against 1 tagged stack in 1 region)\n");
}

#[test]
fn a_denied_region_makes_the_answer_incomplete_and_says_which() {
    let world = drifted();
    world.data.lock().unwrap().denied.insert("eu-west-1".to_owned(), "AccessDenied".to_owned());
    let run = world
        .env
        .run(&["audit-stacks", "--region", "us-east-1", "--region", "eu-west-1", "--json"])
        .expect_code(2);
    let found = run.json();
    assert_eq!(found["complete"], json!(false));
    assert_eq!(found["problems"], json!(["region eu-west-1: AccessDenied: not allowed here"]));
    assert_eq!(found["findings"].as_array().map(Vec::len), Some(2), "what was read is still told");
}

#[test]
fn an_unreachable_registry_never_makes_stacks_look_orphaned() {
    let world = drifted();
    for (status, answer) in [(500, json!({})), (403, json!({ "message": "not your organisation" }))] {
        world.data.lock().unwrap().registry = Some((status, answer));
        let found = world.env.run(&["audit-stacks", "--json"]).expect_code(2).json();
        assert_eq!(found["findings"], json!([]));
        assert_eq!(found["complete"], json!(false));
    }
    world.data.lock().unwrap().registry = None;
    let run = world.env.run(&["audit-stacks"]).expect_code(2);
    assert!(run.stdout.contains("the answer is"), "{}", run.stdout);
}

#[test]
fn a_registry_that_sends_only_a_part_of_its_list_is_not_the_whole_answer() {
    let world = drifted();
    let part = json!({ "data": { "pipelines": [entry("p1", "us-east-1", "orders")], "total": 7 } });
    world.data.lock().unwrap().registry = Some((200, part));
    let found = world.env.run(&["audit-stacks", "--json"]).expect_code(2).json();
    assert!(found["problems"][0].as_str().is_some_and(|p| p.contains("only 1 pipelines of a longer list")));
}

#[test]
fn every_page_of_twenty_thousand_stacks_in_ten_regions_is_read_once() {
    let regions = [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-central-1",
        "ap-south-1",
        "sa-east-1",
    ];
    let many = |region: &str| {
        (0..2000)
            .map(|n| match n % 10 {
                0 => StackData::tagged(&format!("{region}-{n}"), "CREATE_COMPLETE", "orchard"),
                _ => StackData::plain(&format!("plain-{n}")),
            })
            .collect::<Vec<_>>()
    };
    let registry = regions.iter().flat_map(|region| {
        (0..200).map(move |n| entry(&format!("{region}{n}"), region, &format!("{region}-{}", n * 10)))
    });
    let world = world(registry.collect(), regions.iter().map(|region| (*region, many(region))).collect());
    let mut args = vec!["audit-stacks", "--json"];
    args.extend(regions.iter().flat_map(|region| ["--region", *region]));
    let found = world.env.run(&args).expect_code(0).json();
    assert_eq!(found["matched"], json!(2000));
    assert_eq!(world.asked("DescribeStacks"), 200, "20 pages of each of 10 regions");
}

#[test]
fn throttling_slows_the_scan_down_and_does_not_fail_it() {
    let world = drifted();
    world.data.lock().unwrap().throttle = 3;
    world.env.run(&["audit-stacks", "--region", "us-east-1"]).expect_code(1);
    assert_eq!(world.asked("DescribeStacks"), 4);
}

#[test]
fn one_organisation_is_asked_of_both_sides() {
    let world = drifted();
    let run = world.env.run(&["audit-stacks", "--org", "meadow", "--json"]);
    assert_eq!(run.json()["other_orgs"], json!(1), "{}", run.stdout);
}

#[test]
fn sarif_and_markdown_carry_every_finding() {
    let world = drifted();
    let log = world.env.run(&["audit-stacks", "--output", "sarif"]).expect_code(1).json();
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(2));
    let page = world.env.run(&["audit-stacks", "--output", "markdown"]).expect_code(1).stdout;
    assert!(page.contains("| orphaned | us-east-1 | leftover |"), "{page}");
}

#[test]
fn a_login_from_the_environment_is_exchanged_for_a_token_and_never_shown() {
    let world = drifted();
    let mut env = world.env;
    env.set_var("PLATFORM_TOKEN", "");
    env.set_var("PLATFORM_IDENTIFIER", "ops@orchard.example");
    env.set_var("PLATFORM_PASSWORD", "right");
    let run = env.run(&["audit-stacks", "-vv"]).expect_code(1);
    for secret in ["right", "c2lnbmF0dXJlLWNhbmFyeQ"] {
        assert!(!run.stderr.contains(secret) && !run.stdout.contains(secret));
    }
    env.set_var("PLATFORM_PASSWORD", "wrong-one");
    let run = env.run(&["audit-stacks"]).expect_code(2);
    assert!(run.stdout.contains("HTTP 401"), "{}", run.stdout);
}

#[test]
fn without_a_url_or_credentials_one_line_says_what_is_missing() {
    let mut env = drifted().env;
    env.set_var("PLATFORM_BASE_URL", "");
    let run = env.run(&["audit-stacks"]).expect_code(2);
    assert!(run.stderr.starts_with("error: the platform's URL is missing"), "{}", run.stderr);
    env.set_var("PLATFORM_BASE_URL", "http://127.0.0.1:9");
    env.set_var("PLATFORM_TOKEN", "");
    let run = env.run(&["audit-stacks"]).expect_code(2);
    assert!(run.stderr.starts_with("error: no credentials for the platform"), "{}", run.stderr);
}

#[test]
fn a_misspelt_region_is_refused_before_anything_is_asked() {
    let world = drifted();
    let run = world.env.run(&["audit-stacks", "--region", "us-esat-1"]).expect_code(2);
    assert!(run.stderr.contains("did you mean us-east-1"), "{}", run.stderr);
    assert_eq!(world.asked(""), 0);
}
