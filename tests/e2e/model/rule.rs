//! Rules drafted by the model: taken only when the engine agrees.

use serde_json::json;

use super::server::{ModelServer, Reply};
use super::{env, event, known, unknown};
use crate::env::TestEnv;

fn draft(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut answer = json!({
        "title": "The winch's drum is out of true",
        "category": "internal-failure",
        "cause": "The drum of the winch is bent, and the provider refuses to lift with it.",
        "fix": "Have the drum trued, then run the deploy again.",
        "retryable": false,
        "literals": ["the drum is out of true by"],
        "another_hit": "Resource handler returned message: \"the drum is out of true by 11 mm\"",
        "near_misses": ["the drum is true, the rope is not"],
    });
    change(&mut answer);
    answer.to_string()
}

#[test]
fn a_rule_that_holds_is_printed_and_knows_the_failure() {
    let server = ModelServer::saying(draft(|_| {}));
    let env = env(&server);
    let events = event("");
    let run = env.run(&["rules", "new", "--from", &unknown(), "--ask", "--against", &events]).expect_code(0);
    assert!(run.stderr.contains("stay as they are"), "{}", run.stderr);
    std::fs::create_dir(env.dir().join("mine")).expect("a folder");
    env.file("mine/winch.toml", &run.stdout);
    let told = TestEnv::new().cwd(env.dir()).run(&["--diagnose", &unknown(), "--rules", "mine", "--json"]);
    assert_eq!(told.expect_code(3).json()["verdict"]["category"], "internal-failure");
    env.run(&["rules", "lint", "--rules", "mine"]).expect_code(0);
    env.run(&["rules", "test", "--rules", "mine"]).expect_code(0);
}

#[test]
fn a_rule_that_does_not_hold_goes_back_and_in_the_end_the_plain_draft_is_printed() {
    let plain = TestEnv::new().run(&["rules", "new", "--from", &unknown()]).expect_code(0).stdout;
    let wrong: [(&str, String); 6] = [
        ("does not stand in the message", draft(|rule| rule["literals"] = json!(["no such wording"]))),
        ("six characters", draft(|rule| rule["literals"] = json!(["drum"]))),
        ("near miss", draft(|rule| rule["near_misses"] = json!(["again the drum is out of true by 4 mm"]))),
        ("unknown variant", draft(|rule| rule["category"] = json!("winches"))),
        ("title", draft(|rule| rule["title"] = json!(""))),
        ("unknown field", draft(|rule| rule["commands"] = json!(["rm -rf /"]))),
    ];
    for (reason, answer) in wrong {
        let server = ModelServer::saying(answer);
        let run = env(&server).run(&["rules", "new", "--from", &unknown(), "--ask"]).expect_code(0);
        assert_eq!(run.stdout, plain, "{reason}");
        assert!(run.stderr.contains(reason), "{reason}: {}", run.stderr);
        assert_eq!(server.asked().len(), 3, "{reason}");
    }
}

#[test]
fn a_rule_that_would_move_another_verdict_is_refused() {
    let server = ModelServer::playing(vec![Reply { content: Some(draft(|_| {})), ..Reply::default() }]);
    let env = env(&server);
    let like = std::fs::read_to_string(unknown()).expect("the events").replace("by 3 mm", "by 4 mm");
    let other = env.file("other.json", like);
    let other = other.to_str().expect("a text path");
    let run = env.run(&["rules", "new", "--from", &unknown(), "--ask", "--against", other]).expect_code(0);
    assert!(run.stderr.contains("other.json would change"), "{}", run.stderr);
}

#[test]
fn a_known_failure_needs_no_rule_and_no_model() {
    let server = ModelServer::saying(draft(|_| {}));
    env(&server).run(&["rules", "new", "--from", &known(), "--ask"]).expect_code(2);
    assert!(server.asked().is_empty());
}
