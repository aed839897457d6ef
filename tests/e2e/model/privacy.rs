//! What leaves the machine, and when nothing does.

use super::server::{ModelServer, Reply};
use super::{env, known, opinion, unknown};
use crate::env::TestEnv;

const SECRET: &str = "hunter2-Zx9qLm4v";
const GUESS: &str = r#"{"text": "A guess it is.", "spans": []}"#;

/// A failure with secrets and identifiers in its reason.
const TELLING: &str = "\
10:00:01 AM | CREATE_FAILED | Custom::Seeder | Seeder | Received response status [FAILED] from custom resource. Message returned: login to https://db.corp.acme.example as ana@acme.example with password=Zq81hTT0pwLm failed for arn:aws:iam::111122223333:role/orchard-seeder, token hunter2-Zx9qLm4v
";

#[test]
fn what_is_shown_is_what_is_sent_byte_for_byte() {
    let server = ModelServer::saying(opinion(GUESS, "Look."));
    let env = env(&server).var("SEEDER_TOKEN", SECRET);
    let file = env.file("events.txt", TELLING);
    let file = file.to_str().expect("a text path");
    let shown = env.run(&["--diagnose", file, "--show-prompt"]);
    assert!(server.asked().is_empty(), "nothing is sent");
    env.run(&["--diagnose", file]);
    let sent = server.asked().pop().expect("one request");
    assert_eq!(shown.stdout, format!("{}\n", sent.raw));
    for gone in [SECRET, "Zq81hTT0pwLm", "ana@", "111122223333", "orchard-seeder", "db.corp", "PLANTED"] {
        assert!(!sent.raw.contains(gone), "{gone} left the machine: {}", sent.raw);
    }
    assert!(sent.raw.contains("Custom::Seeder"), "{}", sent.raw);
}

#[test]
fn identifiers_stand_in_the_answer_again() {
    let server = ModelServer::saying(opinion(
        r#"{"text": "The role hidden-name-1 is locked.", "spans": []}"#,
        "Look.",
    ));
    let env = env(&server);
    let file = env.file("events.txt", TELLING);
    let run = env.run(&["--diagnose", file.to_str().expect("a text path")]);
    assert!(run.stdout.contains("The role orchard-seeder is locked."), "{}", run.stdout);
}

#[test]
fn the_key_stands_in_its_header_only() {
    let server = ModelServer::saying(opinion(GUESS, "Look."));
    let env = env(&server).var("OPENAI_API_KEY", "sk-loopback-0123456789");
    env.run(&["--diagnose", &unknown(), "-vv"]).expect_code(4);
    let sent = server.asked().pop().expect("one request");
    assert_eq!(sent.headers["authorization"], "Bearer sk-loopback-0123456789");
    assert!(!sent.raw.contains("sk-loopback"));
}

#[test]
fn a_key_that_a_server_repeats_is_not_printed() {
    let error = r#"{"error": {"message": "Incorrect API key provided: sk-loopback-0123456789", "type": null, "param": null, "code": null}}"#;
    let server = ModelServer::playing(vec![Reply {
        status: Some(401),
        body: Some(error.to_owned()),
        ..Reply::default()
    }]);
    let env = env(&server).var("OPENAI_API_KEY", "sk-loopback-0123456789");
    let run = env.run(&["--diagnose", &unknown(), "-vv"]).expect_code(4);
    assert!(
        run.stderr.contains("Incorrect API key") && !run.stderr.contains("sk-loopback"),
        "{}",
        run.stderr
    );
}

#[test]
fn egress_keeps_requests_here() {
    let server = ModelServer::saying(opinion(GUESS, "Look."));
    let run = env(&server).run(&["--diagnose", &unknown(), "--llm-egress", "none"]).expect_code(4);
    assert!(run.stderr.contains("--llm-egress none"), "{}", run.stderr);
    assert!(server.asked().is_empty());
    env(&server).run(&["--diagnose", &unknown(), "--llm-egress", "local"]).expect_code(4);
    assert_eq!(server.asked().len(), 1);
    let away = TestEnv::new().var("OPENAI_BASE_URL", "http://192.0.2.1/v1").var("PROVISION_MODEL", "tiny");
    let run = away.run(&["--diagnose", &unknown(), "--llm-egress", "local"]).expect_code(4);
    assert!(run.stderr.contains("--llm-egress local keeps the request from 192.0.2.1"), "{}", run.stderr);
}

#[test]
fn a_redirect_is_not_followed() {
    let target = ModelServer::saying(opinion(GUESS, "Look."));
    let location = format!("{}/chat/completions", target.address());
    let redirect =
        Reply { status: Some(307), headers: [("location".to_owned(), location)].into(), ..Reply::default() };
    let server = ModelServer::playing(vec![Reply { body: Some(String::new()), ..redirect }]);
    env(&server).run(&["--diagnose", &unknown()]).expect_code(4);
    assert!(target.asked().is_empty());
}

#[test]
fn without_a_model_nothing_is_asked_and_nothing_said() {
    let run = TestEnv::new().run(&["--diagnose", &unknown()]).expect_code(4);
    assert_eq!(run.stderr, "");
    let json = TestEnv::new().run(&["--diagnose", &unknown(), "--json"]).expect_code(4);
    assert_eq!(json.stderr, "");
}

#[test]
fn what_is_kept_is_private_and_redacted() {
    use std::os::unix::fs::PermissionsExt;
    let server = ModelServer::saying(opinion(
        r#"{"text": "The token hunter2-Zx9qLm4v is old.", "spans": []}"#,
        "Look.",
    ));
    let env = env(&server).var("SEEDER_TOKEN", SECRET);
    env.run(&["--diagnose", &known()]).expect_code(3);
    let folder = env.home().join(".cache/provision/llm");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in std::fs::read_dir(&folder).expect("the cache") {
        let path = file.expect("an entry").path();
        assert_eq!(mode(&path), 0o600);
        assert!(!std::fs::read_to_string(&path).expect("text").contains(SECRET));
    }
}

#[test]
fn a_provider_or_template_that_is_none_is_a_usage_error() {
    let env = TestEnv::new();
    let run = env.run(&["--diagnose", &unknown(), "--ai-provider", "nobody"]).expect_code(2);
    assert!(run.stderr.contains("there are openai, anthropic, ollama"), "{}", run.stderr);
    let folder = env.dir().join("mine");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("diagnose.user.j2"), "{{ oops").expect("a file");
    let run = env.run(&["--diagnose", &unknown(), "--prompts", "mine"]).expect_code(2);
    assert!(run.stderr.contains("diagnose.user.j2"), "{}", run.stderr);
}

#[test]
fn templates_of_the_users_own_are_used() {
    let server = ModelServer::saying(opinion(GUESS, "Look."));
    let env = env(&server);
    let folder = env.dir().join("mine");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("diagnose.user.j2"), "In one word: {{ message }}").expect("a file");
    env.run(&["--diagnose", &unknown(), "--prompts", "mine"]).expect_code(4);
    assert!(server.asked().pop().expect("one request").prompt().contains("In one word: \""));
}
