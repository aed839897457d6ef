//! Servers that let one down, and ceilings: the answer without the model, in time, with the same exit code.

use super::server::{ModelServer, Reply};
use super::{env, known, opinion, replies, unknown};
use crate::env::TestEnv;

#[test]
fn no_trouble_of_a_server_changes_an_answer() {
    let without = TestEnv::new().run(&["--diagnose", &known()]).expect_code(3).stdout;
    let troubles = replies("troubles.toml");
    assert!(troubles.len() >= 15, "only {} troubles", troubles.len());
    std::thread::scope(|scope| {
        for trouble in troubles {
            scope.spawn(|| changes_nothing(trouble, &without));
        }
    });
}

fn changes_nothing(trouble: Reply, without: &str) {
    let name = trouble.name.clone();
    let server = ModelServer::playing(vec![trouble]);
    let run = env(&server).run(&["--diagnose", &known(), "--llm-max-seconds", "5"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(3), without), "{name}: {}", run.stderr);
    assert!(run.stderr.contains("no hypothesis from tiny: "), "{name}: {}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{name}: {}", run.stderr);
    assert!(server.asked().len() <= 3, "{name}: asked {} times", server.asked().len());
}

#[test]
fn a_busy_server_is_asked_again() {
    let busy = Reply { status: Some(429), body: Some("{}".to_owned()), ..Reply::default() };
    let half = Reply { content: Some("{".repeat(100)), cut_after: Some(2), ..Reply::default() };
    let content = opinion(r#"{"text": "The handler has a bug.", "spans": []}"#, "Look.");
    let good = Reply { content: Some(content), ..Reply::default() };
    let server = ModelServer::playing(vec![busy, half, good]);
    let run = env(&server).run(&["--diagnose", &unknown()]).expect_code(4);
    assert!(run.stdout.contains("The handler has a bug."), "{run:?}");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_long_is() {
    let headers = [("retry-after".to_owned(), "3600".to_owned())].into();
    let busy = Reply { status: Some(429), headers, body: Some("{}".to_owned()), ..Reply::default() };
    let server = ModelServer::playing(vec![busy]);
    env(&server).run(&["--diagnose", &unknown()]).expect_code(4);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn ceilings_stop_a_question_before_it_is_asked() {
    let server = ModelServer::saying("never");
    for (flag, value, says) in [
        ("--llm-max-tokens", "100", "the ceiling of 100 tokens"),
        ("--llm-max-seconds", "0", "no answer within 0 s"),
    ] {
        let run = env(&server).run(&["--diagnose", &unknown(), flag, value]).expect_code(4);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
    let args = ["--diagnose", &unknown(), "--model", "gpt-4.1", "--llm-max-cost", "0.0001"];
    let run = env(&server).run(&args).expect_code(4);
    assert!(run.stderr.contains("the ceiling of 0.0001 USD"), "{}", run.stderr);
    assert!(server.asked().is_empty());
}

#[test]
fn repairs_count_against_the_ceiling() {
    let server = ModelServer::saying("no ".repeat(300));
    let run = env(&server).run(&["--diagnose", &unknown(), "--llm-max-tokens", "2400"]).expect_code(4);
    assert!(run.stderr.contains("ceiling") || run.stderr.contains("not usable"), "{}", run.stderr);
    let most =
        server.asked().iter().map(|request| request.json()["max_tokens"].as_u64().expect("a bound")).max();
    assert!(most <= Some(2400), "{most:?}");
}

#[test]
fn a_price_is_only_counted_where_it_is_known() {
    let server = ModelServer::saying(opinion(r#"{"text": "A guess it is.", "spans": []}"#, "Look."));
    let run = env(&server).run(&["--diagnose", &unknown(), "--llm-max-cost", "0"]).expect_code(4);
    assert!(run.stdout.contains("A guess it is."), "{run:?}");
}
