//! The catalog as a whole, and files laid over it.

use std::collections::BTreeSet;

use provision_planner::plan::Action;
use provision_planner::{Catalog, Request, build};
use regex::Regex;

use crate::support::builtin;

/// A target for somebody else's platform.
const SHOP: &str = r#"
id = "shop"
title = "Shop"
summary = "A shop on one machine"
deploys = ["web"]
folder = "ops/shop"
url = "https://{domain}"

[deploy]
argv = ["make", "up"]
effect = "local-write"

[teardown]
effect = "delete"
irreversible = true
removes = ["everything"]
keeps = []
commands = [{ argv = ["make", "down", "NAME={stack_name}"], in = "folder" }]

[health]
health = "/up"
ready = "/up"
timeout_seconds = 60
poll_seconds = 1
ready_grace_seconds = 5

[[prerequisite]]
id = "git"

[[input]]
name = "domain"
required = true
deploy = { flag = "--host" }

[[input]]
name = "stack_name"
"#;

fn overlay_error(file: &str, text: &str) -> String {
    let error = builtin().overlay(file, text).map(drop).expect_err("it should be refused");
    assert!(error.is_usage());
    let message = error.to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn names_and_flags_are_unique() {
    let catalog = builtin();
    let mut seen = BTreeSet::new();
    for input in catalog.inputs() {
        assert!(seen.insert(input.name.clone()), "{}", input.name);
        for flag in std::iter::once(&input.flag).chain(&input.negative) {
            assert!(seen.insert(flag.clone()), "{flag}");
        }
    }
}

#[test]
fn flags_are_spelt_like_their_names() {
    for input in builtin().inputs() {
        assert_eq!(input.flag, format!("--{}", input.name.replace('_', "-")));
        assert!(
            !input.help.is_empty() && !input.help.ends_with('.') && input.help.len() < 110,
            "{}",
            input.help
        );
    }
}

#[test]
fn every_input_is_taken_by_some_target_and_every_target_has_its_own_folder() {
    let catalog = builtin();
    assert_eq!(catalog.ids(), ["docker", "ec2", "eks", "events", "minikube", "renewal", "stack"]);
    for input in catalog.inputs() {
        assert!(!catalog.takers(input).is_empty(), "{}", input.name);
    }
    let folders: BTreeSet<&str> = catalog.targets().iter().map(|target| target.folder.as_str()).collect();
    assert_eq!(folders.len(), 5);
}

#[test]
fn every_prerequisite_is_used_checks_something_and_says_how_to_get_it() {
    let catalog = builtin();
    let used: BTreeSet<&str> = catalog
        .targets()
        .iter()
        .flat_map(|target| &target.prerequisites)
        .map(|used| used.id.as_str())
        .collect();
    for check in catalog.prerequisites() {
        assert!(used.contains(check.id.as_str()) || check.id == "git", "{} is used by nobody", check.id);
        assert!(!check.any.is_empty() && check.any.iter().all(|argv| !argv.is_empty()), "{}", check.id);
        for os in ["debian", "fedora", "macos", "any"] {
            assert!(check.install_for(Some(os)).is_some(), "{} on {os}", check.id);
        }
        let pattern = check.found.as_deref().unwrap_or_else(|| panic!("{} has no pattern", check.id));
        assert!(Regex::new(pattern).unwrap().captures_len() > 1, "{}", check.id);
    }
}

#[test]
fn the_patterns_read_what_the_tools_print() {
    let catalog = builtin();
    let cases = [
        ("docker", "20.10.24+dfsg1\n", "20.10.24+dfsg1"),
        ("compose", "2.24.5\n", "2.24.5"),
        ("yq", "yq (https://github.com/mikefarah/yq/) version v4.44.1\n", "4.44.1"),
        ("yq", "yq 3.1.0\n", "3.1.0"),
        ("openssl", "OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)\n", "3.0.17"),
        ("minikube", "v1.35.0\n", "1.35.0"),
        ("kubectl", "Client Version: v1.32.4\nKustomize Version: v5.5.0\n", "1.32.4"),
        ("envsubst", "envsubst (GNU gettext-runtime) 0.21\n", "0.21"),
        ("jq", "jq-1.6\n", "1.6"),
        ("aws", "aws-cli/2.17.4 Python/3.11.8 Linux/6.1 exe/x86_64\n", "2.17.4"),
        (
            "credentials",
            "123456789012\tarn:aws:iam::123456789012:user/ops/ann\n",
            "123456789012 user/ops/ann",
        ),
        (
            "credentials",
            "123456789012\tarn:aws-us-gov:sts::123456789012:assumed-role/Admin/ann@acme.io\n",
            "123456789012 assumed-role/Admin/ann@acme.io",
        ),
        ("eksctl", "0.207.0\n", "0.207.0"),
        ("eksctl", "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1\n", "7.88.1"),
        ("git", "git version 2.39.5\n", "2.39.5"),
    ];
    for (id, output, expected) in cases {
        let pattern = catalog.prerequisite(id).and_then(|check| check.found.clone()).unwrap();
        let regex = Regex::new(&pattern).unwrap();
        let captures = regex.captures(output).unwrap_or_else(|| panic!("{id}: {output}"));
        let found: Vec<&str> = captures.iter().skip(1).flatten().map(|group| group.as_str()).collect();
        assert_eq!(found.join(" "), expected, "{id}");
    }
}

#[test]
fn every_target_can_be_planned_both_ways() {
    let catalog = builtin();
    for target in catalog.ids() {
        for action in [Action::Deploy, Action::Teardown] {
            let flags = [("target".to_owned(), target.to_owned())].into();
            let draft = build(&catalog, Request { action, flags, ..Request::default() }).unwrap();
            assert!(!draft.plan.steps.is_empty(), "{target}");
        }
    }
}

#[test]
fn a_file_adds_a_target_that_can_be_planned_at_once() {
    let catalog = builtin().overlay("shop.toml", SHOP).unwrap();
    let mut flags = [("target".to_owned(), "shop".to_owned())].into();
    let request = Request { flags, ..Request::default() };
    assert_eq!(build(&catalog, request.clone()).unwrap().plan.missing, ["--domain"]);
    let plan = build(&catalog, request.with_override("domain", "shop.example")).unwrap().plan;
    assert_eq!(plan.command.unwrap().text, "(cd ops/shop && make up --host shop.example)");
    assert_eq!(plan.health.unwrap().health_url, "https://shop.example/up");
    flags = [("target".to_owned(), "shop".to_owned())].into();
    let down =
        build(&catalog, Request { action: Action::Teardown, flags, ..Request::default() }).unwrap().plan;
    assert_eq!(down.missing, ["--stack-name"], "a teardown never runs with a hole in its command");
}

#[test]
fn a_file_replaces_the_target_of_the_same_id() {
    let text = SHOP.replace("id = \"shop\"", "id = \"docker\"");
    let catalog = builtin().overlay("mine.toml", &text).unwrap();
    assert_eq!((catalog.targets().len(), catalog.target("docker").unwrap().title.as_str()), (7, "Shop"));
}

#[test]
fn shared_files_add_and_replace_entries_and_the_order_of_files_does_not_matter() {
    let inputs = r#"
[[input]]
name = "tier"
flag = "--tier"
type = { choice = ["gold", "tin"] }
heading = "Shop"
placeholder = "TIER"
help = "What customers get"
default = "tin"
"#;
    let shop =
        format!("{SHOP}\n[[input]]\nname = \"tier\"\ndeploy = {{ values = {{ gold = [\"--gold\"] }} }}\n");
    let catalog = builtin().with_files([("shop.toml", shop.as_str()), ("_inputs.toml", inputs)]).unwrap();
    let flags = [("target", "shop"), ("domain", "a.example"), ("tier", "gold")];
    let flags = flags.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let plan = build(&catalog, Request { flags, ..Request::default() }).unwrap().plan;
    assert!(plan.command.unwrap().text.ends_with("make up --host a.example --gold)"));
    assert!(Catalog::builtin().unwrap().input("tier").is_none());
}

#[test]
fn an_unknown_field_is_refused_with_file_line_and_the_near_name() {
    let message = overlay_error("shop.toml", &SHOP.replace("summary", "sumary"));
    assert!(message.starts_with("shop.toml:4: unknown field `sumary`"), "{message}");
    assert!(message.ends_with("did you mean `summary`?"), "{message}");
}

#[test]
fn names_that_lead_nowhere_are_refused_with_the_near_one() {
    let message = overlay_error("shop.toml", &SHOP.replace("name = \"domain\"", "name = \"domian\""));
    assert_eq!(message, "shop.toml: no input is named domian; did you mean domain?");
    let message = overlay_error("shop.toml", &SHOP.replace("id = \"git\"", "id = \"gti\""));
    assert_eq!(message, "shop.toml: no prerequisite is named gti; did you mean git?");
    let message = overlay_error("shop.toml", &SHOP.replace("{stack_name}", "{stack}"));
    assert!(message.starts_with("shop.toml: no input is named stack"), "{message}");
    let message = overlay_error("_input.toml", "");
    assert!(message.ends_with("did you mean _inputs.toml?"), "{message}");
}

#[test]
fn a_secret_in_an_argument_is_refused() {
    let flag = format!("{SHOP}\n[[input]]\nname = \"ghcr_token\"\ndeploy = {{ flag = \"--token\" }}\n");
    assert!(overlay_error("shop.toml", &flag).ends_with("through the environment only"));
    let argument = overlay_error("shop.toml", &SHOP.replace("{stack_name}", "{admin_password}"));
    assert_eq!(argument, "shop.toml: admin_password is a secret: it may not stand in an argument");
}

#[test]
fn what_could_leave_the_checkout_or_run_nothing_is_refused() {
    assert!(overlay_error("shop.toml", &SHOP.replace("ops/shop", "../shop")).contains("leaves the checkout"));
    assert!(overlay_error("shop.toml", &SHOP.replace("ops/shop", "/etc")).contains("leaves the checkout"));
    assert!(overlay_error("shop.toml", &SHOP.replace("[\"make\", \"up\"]", "[]")).contains("no program"));
}

#[test]
fn broken_files_are_refused_with_their_line() {
    assert!(overlay_error("shop.toml", "id = ").starts_with("shop.toml:1: "));
    assert!(overlay_error("shop.toml", "id = \"x\"\n\u{0}").starts_with("shop.toml:2: "));
    let flag =
        "[[input]]\nname = \"x\"\nflag = \"--region\"\ntype = \"boolean\"\nheading = \"X\"\nhelp = \"x\"\n";
    assert!(overlay_error("_inputs.toml", flag).contains("--region is malformed or taken twice"));
}
