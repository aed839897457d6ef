//! Opinions about failures: where they stand, what is checked of them, and that they change nothing.

use super::server::{ModelServer, Reply};
use super::{env, known, opinion, recorded, unknown};
use crate::env::TestEnv;

const GUESS: &str = r#"{"text": "The handler has a bug.", "spans": []}"#;

#[test]
fn an_opinion_stands_below_the_answer_with_its_lines_checked() {
    let without = TestEnv::new().run(&["--diagnose", &known()]).expect_code(3).stdout;
    let server = ModelServer::saying(opinion(
        &format!(
            r#"{{"text": "The identity is there already.", "spans": [{{"line": 95, "words": "already exists"}}]}}, {GUESS}"#
        ),
        "List the identities of this region.",
    ));
    let run = env(&server).run(&["--diagnose", &known()]).expect_code(3);
    let added = run.stdout.strip_prefix(&without).expect("the rules' answer comes first, unchanged");
    insta::assert_snapshot!(added, @r#"
    Model   says tiny, an opinion that changes nothing above
            The identity is there already. (line 95)
            Hypothesis: The handler has a bug.
            Look next: List the identities of this region.
            It calls its confidence medium.
    "#);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn json_holds_the_opinion_beside_an_unchanged_verdict() {
    let server = ModelServer::saying(opinion(GUESS, "Look at the handler's log."));
    let mut with = env(&server).run(&["--diagnose", &unknown(), "--json"]).expect_code(4).json();
    assert_eq!(with["opinion"]["statements"][0]["text"], "The handler has a bug.");
    assert_eq!(with["opinion"]["model"], "tiny");
    with.as_object_mut().expect("an object").remove("opinion");
    assert_eq!(with, TestEnv::new().run(&["--diagnose", &unknown(), "--json"]).expect_code(4).json());
}

#[test]
fn a_server_without_a_named_model_is_not_asked() {
    let server = ModelServer::saying(opinion(GUESS, "Look."));
    let env =
        TestEnv::new().var("OPENAI_BASE_URL", server.address()).var("OPENAI_API_KEY", "sk-test-0123456789");
    let run = env.run(&["--diagnose", &unknown()]).expect_code(4);
    assert_eq!((run.stderr.as_str(), server.asked().len()), ("", 0));
    let run = env.run(&["--diagnose", &unknown(), "--ai-provider", "custom"]).expect_code(4);
    assert!(run.stderr.contains("custom has no default model; name one with --model"), "{}", run.stderr);
}

#[test]
fn an_answer_that_will_not_do_goes_back_with_what_is_wrong() {
    let say = |text: String| Reply { content: Some(text), ..Reply::default() };
    let server = ModelServer::playing(vec![
        say("The queue is broken.".to_owned()),
        say(r#"{"statements": "x"}"#.to_owned()),
        say(opinion(GUESS, "Look.")),
    ]);
    let run = env(&server).run(&["--diagnose", &unknown()]).expect_code(4);
    assert!(run.stdout.contains("Hypothesis: The handler has a bug."), "{}", run.stdout);
    let last = server.asked().pop().expect("three requests");
    assert_eq!(last.json()["messages"].as_array().map(Vec::len), Some(6));
    assert!(last.prompt().contains("it holds no JSON object"), "{}", last.prompt());
}

#[test]
fn two_repairs_are_all_there_are() {
    let server = ModelServer::saying("no");
    let run = env(&server).run(&["--diagnose", &unknown()]).expect_code(4);
    assert_eq!(server.asked().len(), 3);
    assert!(run.stderr.contains("no hypothesis from tiny: the answer is not usable"), "{}", run.stderr);
}

#[test]
fn the_same_question_is_asked_once() {
    let server = ModelServer::saying(opinion(GUESS, "Look."));
    let env = env(&server);
    let first = env.run(&["--diagnose", &unknown()]).expect_code(4);
    let second = env.run(&["--diagnose", &unknown()]).expect_code(4);
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(server.asked().len(), 1);
    env.run(&["--diagnose", &unknown(), "--no-cache"]).expect_code(4);
    assert_eq!(server.asked().len(), 2);
    env.run(&["--diagnose", &unknown(), "--model", "small"]).expect_code(4);
    assert_eq!(server.asked().len(), 3, "another model");
}

#[test]
fn answers_in_the_forms_of_several_servers_are_understood() {
    let mut read = 0;
    for entry in std::fs::read_dir(recorded()).expect("the recordings") {
        let path = entry.expect("an entry").path();
        let body = std::fs::read_to_string(&path).expect("text");
        let headers = [("content-type".to_owned(), "text/event-stream; charset=utf-8".to_owned())].into();
        let server = ModelServer::playing(vec![Reply { body: Some(body), headers, ..Reply::default() }]);
        let run = env(&server).run(&["--diagnose", &unknown()]).expect_code(4);
        assert!(run.stdout.contains("Hypothesis: The handler has a bug."), "{}: {run:?}", path.display());
        read += 1;
    }
    assert!(read >= 5, "only {read} recordings");
}

#[test]
fn the_check_says_what_works() {
    let server = ModelServer::saying(r#"{"word": "ready", "number": 7}"#);
    let report = env(&server).run(&["llm", "check", "--json"]).expect_code(0).json();
    let states: Vec<String> = report["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| format!("{} {}", step["name"].as_str().unwrap_or_default(), step["state"]))
        .collect();
    assert_eq!(
        states,
        [
            r#"configured "ok""#,
            r#"egress "ok""#,
            r#"reachable "ok""#,
            r#"model "ok""#,
            r#"structured answer "ok""#,
            r#"cost of this check "ok""#
        ]
    );
    assert!(report["steps"][2]["milliseconds"].is_number());
}

#[test]
fn the_check_says_what_does_not_work() {
    let server = ModelServer::saying("ready, 7");
    let run = env(&server).run(&["llm", "check", "--model", "missing"]).expect_code(1);
    assert!(run.stdout.contains("missing is not among its 2 models: tiny, small:latest"), "{}", run.stdout);
    assert!(run.stdout.contains("✗ structured answer"), "{}", run.stdout);
    let nobody = TestEnv::new().run(&["llm", "check"]).expect_code(1);
    assert!(nobody.stdout.contains("openai needs OPENAI_API_KEY"), "{}", nobody.stdout);
    let nowhere =
        TestEnv::new().var("OPENAI_BASE_URL", "http://127.0.0.1:9/v1").var("PROVISION_MODEL", "tiny");
    let report = nowhere.run(&["llm", "check", "--json"]).expect_code(1).json();
    assert_eq!(report["steps"][2]["state"], "failed");
}
