//! Goals: what a model may fill in, how that is marked, and who has to agree.

use super::server::{ModelServer, Reply};
use super::substance;
use crate::platform::Platform;
use crate::terminal::{code, session};

const TEXT: &str =
    "EKS for us, it answers under ops.acme.example, the hosted zone being Z0ABCDEFGHIJ, three goes";

/// A platform whose goals are also read by the model on this server.
fn platform(server: &ModelServer) -> Platform {
    Platform::new().var("OPENAI_BASE_URL", server.address()).var("PROVISION_MODEL", "tiny")
}

/// The same without any tool: a plan says the same of what would run, and is made faster.
fn bare(server: &ModelServer) -> Platform {
    platform(server).var("PATH", "/nonexistent")
}

fn fills(list: &[(&str, &str, &str)]) -> String {
    let fill = |(slot, value, words): &(&str, &str, &str)| serde_json::json!({"slot": slot, "value": value, "words": words});
    serde_json::json!({"fills": list.iter().map(fill).collect::<Vec<_>>(), "doubts": []}).to_string()
}

/// What the model reads in [`TEXT`], which the parser does not.
fn retries() -> String {
    fills(&[("retries", "3", "three goes")])
}

fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let complete = ["--prompt", TEXT, "--domain", "ops.acme.example", "--hosted-zone-id", "Z0ABCDEFGHIJ"];
    complete.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn a_filled_value_is_marked_as_the_models() {
    let server = ModelServer::saying(retries());
    let plan = bare(&server).run(&args(&["--json"])).json();
    let input = |name: &str| {
        plan["inputs"]
            .as_array()
            .expect("inputs")
            .iter()
            .find(|input| input["name"] == name)
            .expect(name)
            .clone()
    };
    assert_eq!((&input("retries")["value"], &input("retries")["source"]), (&3.into(), &"model".into()));
    assert_eq!(input("domain")["source"], "flag");
    assert_eq!(plan["goal"]["slots"]["retries"]["source"], "model");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn yes_does_not_cover_what_a_model_filled_in() {
    let server = ModelServer::saying(retries());
    let platform = platform(&server).scenario("deploy=access-denied\n");
    let ec2 = ["--target", "ec2", "--key-pair", "ops", "--yes"];
    let run = platform.run(&args(&ec2)).expect_code(6);
    assert!(run.stderr.contains("a model filled in retries"), "{}", run.stderr);
    assert!(run.stdout.contains("\"three goes\""), "{}", run.stdout);
    platform.run(&args(&[&ec2[..], &["--accept-model"]].concat())).expect_code(7);
}

#[test]
fn a_plan_kept_as_a_file_keeps_the_mark() {
    let server = ModelServer::saying(retries());
    let platform = platform(&server);
    let plan = platform.run(&args(&["--json"])).stdout;
    let file = platform.env().file("plan.json", plan);
    let file = file.to_str().expect("a text path");
    let run = platform.run(&["apply", file, "--yes"]).expect_code(6);
    assert!(run.stderr.contains("a model filled in retries"), "{}", run.stderr);
}

#[test]
fn a_person_may_agree_to_it_at_the_gate() {
    let server = ModelServer::saying(retries());
    let platform = platform(&server);
    let mut terminal = session(&platform, &args(&[]));
    terminal.expect("three goes").expect("the words it was taken from");
    terminal.expect("Run this plan? [y/N]").expect("the question");
    terminal.send_line("n").expect("an answer");
    assert_eq!(code(terminal), 6);
}

#[test]
fn flags_and_the_parser_win_and_a_conflict_is_shown() {
    let answer = serde_json::json!({
        "fills": [], "doubts": [{"slot": "region", "value": "eu-central-1", "words": "Frankfurt office"}],
    });
    let server = ModelServer::saying(answer.to_string());
    let text = "EKS in Ireland, the Frankfurt office pays";
    let plan = bare(&server).run(&["--prompt", text, "--json"]).json();
    assert_eq!(plan["goal"]["slots"]["region"]["value"], "eu-west-1");
    let warnings = plan["goal"]["warnings"].to_string();
    assert!(warnings.contains("the model reads eu-central-1"), "{warnings}");
}

#[test]
fn what_the_text_does_not_say_is_not_taken() {
    let without =
        substance(&Platform::new().var("PATH", "/nonexistent").run(&["--prompt", TEXT, "--json"]).json());
    for answer in [
        fills(&[("region", "eu-west-1", "in Ireland")]),
        fills(&[("email_from", "evil@evil.example", "it answers under")]),
        fills(&[("retries", "99", "three goes")]),
        fills(&[("yes", "true", "for us")]),
        fills(&[("cluster_name", "a; rm -rf /", "for us")]),
    ] {
        let server = ModelServer::saying(answer.clone());
        let run = bare(&server).run(&["--prompt", TEXT, "--json"]);
        assert_eq!(substance(&run.json()), without, "{answer}");
        assert_eq!(server.asked().len(), 3, "two repairs");
        assert!(run.stderr.contains("nothing from the model"), "{}", run.stderr);
    }
}

#[test]
fn a_teardown_is_never_asked_about() {
    let server = ModelServer::saying(fills(&[("cluster_name", "demo", "demo")]));
    let platform = bare(&server);
    platform.run(&["--prompt", "tear down the eks cluster called demo", "--json"]);
    platform.run(&["--prompt", "the demo cluster on eks", "--teardown", "--json"]);
    assert!(server.asked().is_empty());
}

#[test]
fn the_prompt_of_a_goal_can_be_shown() {
    let server = ModelServer::saying(retries());
    let platform = bare(&server);
    let shown = platform.run(&["--prompt", TEXT, "--show-prompt"]).expect_code(0).stdout;
    assert!(server.asked().is_empty());
    platform.run(&["--prompt", TEXT, "--json"]);
    assert_eq!(shown, format!("{}\n", server.asked().pop().expect("one request").raw));
    let run = platform.run(&["--target", "eks", "--show-prompt"]).expect_code(2);
    assert!(run.stderr.contains("nothing would be sent"), "{}", run.stderr);
}

#[test]
fn no_trouble_of_a_server_changes_a_plan() {
    let without =
        substance(&Platform::new().var("PATH", "/nonexistent").run(&["--prompt", TEXT, "--json"]).json());
    for trouble in [
        Reply { status: Some(401), body: Some("{}".to_owned()), ..Reply::default() },
        Reply { content: Some("sure!".to_owned()), ..Reply::default() },
        Reply { content: Some("{\"fills\": [".to_owned()), cut_after: Some(2), ..Reply::default() },
    ] {
        let server = ModelServer::playing(vec![trouble]);
        let run = bare(&server).run(&["--prompt", TEXT, "--json"]);
        assert_eq!(substance(&run.json()), without);
    }
}
