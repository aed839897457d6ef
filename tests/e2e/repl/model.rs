//! The model within a session: asked by `/ask` alone, offline for all the rest, and changing nothing.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::env::TestEnv;
use crate::model::server::{ModelServer, Reply};
use crate::screen::{Screen, copy_event};

const SES: &str = "ses-identity-exists.describe.json";
const UNKNOWN: &str = "nobody-knows.describe.json";

fn env(server: &ModelServer) -> TestEnv {
    let env = TestEnv::new().var("OPENAI_BASE_URL", server.address()).var("PROVISION_MODEL", "tiny");
    copy_event(&env, SES, "events.json");
    copy_event(&env, UNKNOWN, "unknown.json");
    env
}

fn ask(env: &TestEnv, lines: &str) -> crate::env::Run {
    env.run_with_input(&["repl"], lines.as_bytes())
}

#[test]
fn an_answer_is_shown_as_an_opinion_and_changes_nothing() {
    let server = ModelServer::saying("Delete the stack at once, then \u{1b}[2Jsay yes to everything.");
    let env = env(&server);
    let without = ask(&env, "/diagnose events.json\n/next\n/fix 1\n");
    assert!(server.asked().is_empty(), "only /ask asks");
    let with = ask(&env, "/diagnose events.json\n/ask should I retry?\n/next\n/fix 1\n");
    assert_eq!((with.code, server.asked().len()), (without.code, 1), "{with:?}");
    let (before, after) =
        with.stdout.split_once("Opinion of the model tiny, unverified\n").expect("the opinion");
    let (opinion, rest) = after.split_once('\n').expect("one line");
    assert_eq!(opinion.trim(), "Delete the stack at once, then \u{fffd}[2Jsay yes to everything.");
    assert_eq!(before.to_owned() + rest, without.stdout);
}

#[test]
fn the_question_and_the_incident_are_sent_without_secrets() {
    let server = ModelServer::saying("Maybe.");
    let env = env(&server).var("SEEDER_TOKEN", "hunter2-Zx9qLm4v");
    ask(&env, "/diagnose events.json\n/ask is hunter2-Zx9qLm4v or AKIAIOSFODNN7EXAMPLE the trouble?\n");
    let sent = server.asked().pop().expect("one request");
    assert!(!sent.raw.contains("hunter2") && !sent.raw.contains("AKIAIOSFODNN7"), "{}", sent.raw);
    assert!(
        sent.prompt().contains("SesIdentity") || sent.prompt().contains("SES::EmailIdentity"),
        "{}",
        sent.prompt()
    );
}

#[test]
fn what_would_be_sent_can_be_seen_first() {
    let server = ModelServer::saying("Maybe.");
    let env = env(&server);
    let shown = ask(&env, "/diagnose events.json > /dev/null\n/ask --show-prompt why?\n").stdout;
    assert!(server.asked().is_empty());
    ask(&env, "/diagnose events.json > /dev/null\n/ask why?\n");
    assert_eq!(shown, format!("{}\n", server.asked().pop().expect("one request").raw));
}

#[test]
fn no_trouble_of_a_server_is_a_failure_of_the_session() {
    for trouble in [
        Reply { status: Some(503), body: Some("{}".to_owned()), ..Reply::default() },
        Reply { content: Some(String::new()), ..Reply::default() },
        Reply { content: Some("half of it".to_owned()), cut_after: Some(1), ..Reply::default() },
    ] {
        let server = ModelServer::playing(vec![trouble]);
        let run = ask(&env(&server), "/ask why do stacks fail?\n/targets | head 1\n");
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("no answer from tiny: "), "{run:?}");
    }
}

#[test]
fn without_a_model_ask_says_how_to_name_one() {
    let run = ask(&TestEnv::new(), "/ask why?\n").expect_code(2);
    assert!(run.stderr.contains("there is no model to ask"), "{}", run.stderr);
    assert!(run.stderr.contains("everything but /ask works without"), "{}", run.stderr);
}

#[test]
fn control_c_gives_a_question_up_and_the_session_goes_on() {
    let server = ModelServer::playing(vec![Reply { hangs: true, ..Reply::default() }]);
    let env = env(&server).var("TERM", "xterm-256color").var("NO_COLOR", "1");
    let mut screen = Screen::repl(&env, 100);
    screen.shows("model on)>");
    screen.line("/diagnose unknown.json");
    screen.keys("/ask\r");
    screen.shows("asking tiny; Ctrl-C gives it up");
    while server.asked().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    screen.keys("\u{3}");
    screen.shows("interrupted");
    screen.line("/targets | head 1");
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
}

/// A listener that counts who comes.
fn nobody_may_come() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let came: Arc<AtomicUsize> = Arc::default();
    let counter = Arc::clone(&came);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            counter.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    (address, came)
}

#[test]
fn nothing_but_ask_touches_the_network() {
    let (address, came) = nobody_may_come();
    let mut env = TestEnv::new().var("TERM", "xterm-256color").var("NO_COLOR", "1");
    for name in ["OPENAI_BASE_URL", "AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        env.set_var(name, &address);
    }
    for (name, value) in [
        ("OPENAI_API_KEY", "sk-loopback-0123456789"),
        ("PROVISION_MODEL", "tiny"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "standin"),
        ("AWS_REGION", "us-east-1"),
    ] {
        env.set_var(name, value);
    }
    copy_event(&env, SES, "events.json");
    copy_event(&env, UNKNOWN, "unknown.json");
    let lines = "deploy to EKS in us-east-1 with email\nmake it public\nother region\n/set domain=ci.acme.example\n\
        /undo\n/missing\n/target\n/diagnose events.json\nwhy was the queue cancelled?\n/why SesIdentity\n/timeline\n\
        /graph\n/events failed\n/explain\n/rule\n/fix 1\n/next\n/diagnose unknown.json\n/incidents\n/compare\n\
        /export verdict.json\n/runs\n/help\n/targets\n/rules list > /dev/null\nwhat is this\n/new\n";
    let run = env.run_with_input(&["repl", "--keep-going"], lines.as_bytes());
    assert!(run.stdout.contains("It is the root because"), "{run:?}");
    let mut screen = Screen::repl(&env, 100);
    screen.keys("/set region=eu-w\t\t");
    screen.shows("region=eu-west-1");
    screen.keys("\u{15}");
    screen.line("events.json");
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
    assert_eq!(came.load(Ordering::SeqCst), 0, "somebody came");
    env.run_with_input(&["repl"], b"/ask why?\n").expect_code(0);
    assert!(came.load(Ordering::SeqCst) > 0, "the listener would have seen it");
}

#[test]
fn the_model_reads_open_slots_only_where_a_plan_is_shown_in_full() {
    let text =
        "EKS for us, it answers under ops.acme.example, the hosted zone being Z0ABCDEFGHIJ, three goes";
    let fill = serde_json::json!({"fills": [{"slot": "retries", "value": "3", "words": "three goes"}], "doubts": []});
    let server = ModelServer::saying(fill.to_string());
    let env = TestEnv::new().var("OPENAI_BASE_URL", server.address()).var("PROVISION_MODEL", "tiny");
    let run = env.run_with_input(&["repl"], format!("{text}\n/missing\n").as_bytes());
    assert!(server.asked().is_empty(), "{run:?}");
    let run = env.run_with_input(&["repl"], format!("{text}\n/plan\n").as_bytes());
    assert!(run.stdout.contains("\"three goes\""), "{}", run.stdout);
    assert_eq!(server.asked().len(), 1);
}
