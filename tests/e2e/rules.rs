//! The rule commands, rules of one's own, and the catalogue page.

use crate::env::{Run, TestEnv, fixtures};

const OWN: &str = r#"
[[rule]]
id = "crane-drum"
title = "Crane out of true"
category = "internal-failure"
tier = "exact"
confidence = 0.99
literals = ["out of true by"]
patterns = ['the (?<part>\w+) is out of true by (?<play>\d+) mm']
cause = "The {part} of the crane has {play} mm of play."
fix = "Have the {part} trued."
hits = ["the drum is out of true by 3 mm", "Found: the jib is out of true by 11 mm"]
near_misses = ["the drum is true"]
"#;

/// An environment with these rules in `own/crane.toml`.
fn with_rules(rules: &str) -> TestEnv {
    let env = TestEnv::new();
    std::fs::create_dir(env.dir().join("own")).expect("a folder for the rules");
    env.file("own/crane.toml", rules);
    env
}

fn event(name: &str) -> String {
    fixtures().join("events").join(name).to_str().expect("a text path").to_owned()
}

/// One error line that names the file, the line and this; nothing on standard output.
fn refused(run: Run, place: &str, words: &str) {
    let run = run.expect_code(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with(&format!("error: {place}")), "{}", run.stderr);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn the_catalogue_page_is_fresh() {
    let page = TestEnv::new().run(&["rules", "list", "--output", "markdown"]).expect_code(0).stdout;
    let path = fixtures().join("../docs/rules.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the docs folder");
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == page,
        "docs/rules.md is stale: UPDATE_DOCS=1 cargo test -p provision --test e2e rules::"
    );
}

#[test]
fn the_list_has_every_rule_and_a_category_narrows_it() {
    let env = TestEnv::new();
    let all = env.run(&["rules", "list", "--json"]).expect_code(0).json();
    let all = all.as_array().expect("a list");
    assert!(all.len() >= 250, "only {} rules", all.len());
    let some = env.run(&["rules", "list", "--json", "--category", "capabilities"]).expect_code(0).json();
    let some = some.as_array().expect("a list");
    assert!(!some.is_empty() && some.iter().all(|rule| rule["category"] == "capabilities"));
    assert_eq!(some.len(), all.iter().filter(|rule| rule["category"] == "capabilities").count());
    let run = env.run(&["rules", "list", "--category", "capability"]).expect_code(2);
    assert!(run.stderr.contains("no such category") && run.stderr.contains("capabilities"), "{}", run.stderr);
}

#[test]
fn a_rule_is_shown_in_full_and_a_misspelt_id_gets_a_suggestion() {
    let env = TestEnv::new();
    let run = env.run(&["rules", "show", "ses-identity-exists"]).expect_code(0);
    for words in ["already-exists", "--skip-ses-identity", "literals", "hits", "near misses"] {
        assert!(run.stdout.contains(words), "{words} is not in:\n{}", run.stdout);
    }
    let run = env.run(&["rules", "show", "ses-identity-exist"]).expect_code(2);
    assert!(run.stderr.contains("did you mean ses-identity-exists"), "{}", run.stderr);
}

#[test]
fn the_built_in_rules_are_sound_and_win_their_examples() {
    let env = TestEnv::new();
    let run = env.run(&["rules", "lint", "--json"]).expect_code(0);
    assert_eq!(run.json()["problems"], serde_json::json!([]));
    let tried = env.run(&["rules", "test", "--json"]).expect_code(0).json();
    assert!(tried["hits"].as_u64() >= Some(500), "{tried}");
    assert_eq!(tried["failed"], serde_json::json!([]));
}

#[test]
fn a_rule_of_ones_own_makes_an_unknown_failure_a_known_one() {
    let env = with_rules(OWN);
    env.run(&["--diagnose", &event("nobody-knows.describe.json")]).expect_code(4);
    let run = env.run(&["--diagnose", &event("nobody-knows.describe.json"), "--rules", "own"]).expect_code(3);
    assert!(run.stdout.contains("The drum of the crane has 3 mm of play."), "{}", run.stdout);
    env.run(&["rules", "test", "--rules", "own"]).expect_code(0);
    env.run(&["rules", "show", "crane-drum", "--rules", "own"]).expect_code(0);
}

#[test]
fn a_bad_rule_file_is_refused_with_its_line() {
    let diagnose = |rules: &str| {
        with_rules(rules).run(&["--diagnose", &event("nobody-knows.describe.json"), "--rules", "own"])
    };
    refused(diagnose(&OWN.replace(r"(?<part>", "(?<part")), "own/crane.toml: line 9", "bad pattern");
    refused(diagnose(&OWN.replace("tier =", "teir =")), "own/crane.toml: line 6", "teir");
    refused(diagnose(&OWN.replace("crane-drum", "ses-identity-exists")), "own/crane.toml: line 3", "taken");
    refused(diagnose(&format!("{OWN}{OWN}")), "own/crane.toml: line 16", "taken");
    refused(diagnose(&OWN.replace("out of true by\"", "by\"")), "own/crane.toml: line 3", "shorter than 4");
    refused(diagnose(&OWN.replace("Crane out of true", "")), "own/crane.toml: line 3", "no title");
    refused(diagnose(&OWN.replace("{play}", "{plya}")), "own/crane.toml: line 3", "plya");
    refused(TestEnv::new().run(&["rules", "list", "--rules", "nowhere"]), "--rules nowhere", "");
}

#[test]
fn a_rule_that_misses_its_example_fails_the_test_and_the_lint() {
    let env = with_rules(&OWN.replace("hits = [\"the drum", "hits = [\"the rim is fine\", \"the drum"));
    let run = env.run(&["rules", "test", "--rules", "own"]).expect_code(1);
    assert!(run.stdout.contains("crane-drum: hit does not match: the rim is fine"), "{}", run.stdout);
    env.run(&["rules", "lint", "--rules", "own"]).expect_code(1);
}

#[test]
fn a_draft_is_refused_until_it_is_filled_in_and_then_knows_the_failure() {
    let failure = event("nobody-knows.describe.json");
    let draft = TestEnv::new().run(&["rules", "new", "--from", &failure]).expect_code(0).stdout;
    let run = with_rules(&draft).run(&["rules", "lint", "--rules", "own"]).expect_code(1);
    assert!(run.stdout.contains("still a draft"), "{}", run.stdout);
    let filled = draft
        .replace(
            "FILL IN: the same failure in other words or with other names",
            "the drum is out of true by 9 mm",
        )
        .replace("FILL IN: a text", "Something")
        .replace("FILL IN: ", "")
        .replace("\"unknown\"", "\"internal-failure\"");
    let env = with_rules(&filled);
    env.run(&["rules", "lint", "--rules", "own"]).expect_code(0);
    let found = env.run(&["--diagnose", &failure, "--rules", "own", "--json"]).expect_code(3).json();
    assert_eq!(found["verdict"]["category"], "internal-failure");
}

#[test]
fn nothing_is_drafted_for_a_known_failure_or_none() {
    let env = TestEnv::new();
    let run =
        env.run(&["rules", "new", "--from", &event("ses-identity-exists.describe.json")]).expect_code(2);
    assert!(run.stderr.contains("ses-identity-exists knows this failure"), "{}", run.stderr);
    let run = env.run(&["rules", "new", "--from", &event("healthy.cdk.log")]).expect_code(2);
    assert!(run.stderr.contains("no failure in it"), "{}", run.stderr);
}

#[test]
fn the_configuration_names_folders_of_rules() {
    let env = with_rules(OWN);
    env.file("provision.toml", "rules = [\"own\"]\n");
    let failure = event("nobody-knows.describe.json");
    env.run(&["--diagnose", &failure, "--config", "provision.toml"]).expect_code(3);
    env.run(&["rules", "show", "crane-drum", "--config", "provision.toml"]).expect_code(0);
    env.file("provision.toml", "rules = [\"nowhere\"]\n");
    let run = env.run(&["--diagnose", &failure, "--config", "provision.toml"]).expect_code(2);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
}

#[test]
fn a_rule_shows_its_title_effect_and_what_it_destroys() {
    let more = "effect = \"delete\"\ndestroys = \"the {part}\"\ndecide = \"crane-ctl look {part|PART}\"\n";
    let env = with_rules(&OWN.replace("tier = ", &format!("{more}tier = ")));
    let shown = env.run(&["rules", "show", "crane-drum", "--rules", "own"]).expect_code(0).stdout;
    for words in ["Crane out of true", "delete", "the {part}", "crane-ctl look"] {
        assert!(shown.contains(words), "{words} is not in:\n{shown}");
    }
    let told = env
        .run(&["--diagnose", &event("nobody-knows.describe.json"), "--rules", "own"])
        .expect_code(3)
        .stdout;
    assert!(told.contains("deletes something: the drum") && told.contains("crane-ctl look drum"), "{told}");
}
