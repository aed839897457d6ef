//! Properties of the goal parser that hold for every text.

use proptest::prelude::*;
use provision_planner::goal::{Goal, parse};
use serde_json::Value;

/// Every name a slot may have; the list holds no confirmation, no command and no secret.
const SLOTS: [&str; 29] = [
    "action",
    "target",
    "region",
    "domain",
    "hosted_zone_id",
    "deploy_mode",
    "email",
    "email_from",
    "email_from_name",
    "alert_email",
    "skip_ses_identity",
    "key_pair",
    "instance_type",
    "stack_name",
    "cluster_name",
    "lean",
    "init",
    "with_plugins",
    "with_compliance",
    "with_samples",
    "with_all",
    "with_smoke_test",
    "with_events",
    "build_bootstrap",
    "retries",
    "repo",
    "ref",
    "workdir",
    "admin_email",
];

fn values(goal: &Goal) -> Vec<(String, Value)> {
    goal.slots.iter().map(|(name, slot)| (name.clone(), lower(&slot.value))).collect()
}

fn lower(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| text.to_ascii_lowercase().into())
}

/// One part of a goal: how it may be said, and what it states.
type Part = (&'static [&'static str], &'static str, &'static str);

const PARTS: [Part; 12] = [
    (&["eks", "on EKS", "managed kubernetes on aws"], "target", "eks"),
    (&["in eu-west-1", "in Ireland", "region: eu-west-1", "Ireland"], "region", "eu-west-1"),
    (&["with email", "email on", "mail enabled"], "email", "true"),
    (&["no samples", "without samples", "samples off", "samples: no"], "with_samples", "false"),
    (&["load the plugins", "plugins: yes", "with plugins"], "with_plugins", "true"),
    (&["retry 2 times", "2 retries", "retries=2"], "retries", "2"),
    (&["private", "vpn only", "not public"], "deploy_mode", "private"),
    (
        &["domain ci.fern.example", "domain=ci.fern.example", "at ci.fern.example"],
        "domain",
        "ci.fern.example",
    ),
    (&["zone Z0FERN123", "hosted zone id: Z0FERN123"], "hosted_zone_id", "Z0FERN123"),
    (&["alerts to ops@fern.example", "alert email: ops@fern.example"], "alert_email", "ops@fern.example"),
    (&["cluster fern-7", "cluster name: fern-7", "cluster called fern-7"], "cluster_name", "fern-7"),
    (&["tag v1.2.3", "ref = v1.2.3"], "ref", "v1.2.3"),
];

/// A text made of some of the parts, each said in one of its ways, with what it states.
fn goals() -> impl Strategy<Value = (String, Vec<(String, String)>)> {
    let picks = proptest::collection::vec(any::<(bool, prop::sample::Index)>(), PARTS.len());
    (picks, prop_oneof![Just(", "), Just("; "), Just("\n"), Just(". ")]).prop_map(|(picks, separator)| {
        let chosen: Vec<_> = picks.iter().zip(PARTS).filter(|((take, _), _)| *take).collect();
        let texts: Vec<&str> = chosen.iter().map(|((_, way), part)| *way.get(part.0)).collect();
        let mut slots: Vec<_> =
            chosen.iter().map(|(_, part)| (part.1.to_owned(), part.2.to_owned())).collect();
        slots.sort();
        (texts.join(separator), slots)
    })
}

fn plain(goal: &Goal) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let slots = goal.slots.iter().filter(|(name, _)| name.as_str() != "action");
    slots.map(|(name, slot)| (name.clone(), text(&slot.value))).collect()
}

/// Words that say nothing about a deployment, and marks that could confuse a reader of it.
fn noise() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("eks"),
        Just("not"),
        Just("maybe"),
        Just("later"),
        Just("\""),
        Just("`"),
        Just("("),
        Just("["),
        Just("x"),
        Just("]"),
        Just("~~"),
        Just("?"),
        Just(":"),
        Just("="),
        Just("->"),
        Just("--yes"),
        Just("--force"),
        Just("ghp_abcdefgh12345678"),
        Just("../.."),
        Just("$(id)"),
        Just("; rm -rf /"),
        Just("tear down"),
        Just("deploy"),
        Just("cluster"),
        Just("called"),
        Just("email"),
        Just("no"),
        Just("on"),
        Just("everything"),
        Just("except"),
        Just("samples"),
        Just("repo"),
        Just("file:///x"),
        Just("workdir"),
        Just("/a/../b"),
        Just("password hunter22"),
        Just("from"),
        Just("a@b.example"),
        Just("<"),
        Just(">"),
        Just("\n"),
        Just("- "),
        Just("ｅｋｓ"),
        Just("İ"),
        Just("ß"),
        Just("\u{200b}"),
        Just("é"),
        Just("🚀"),
    ];
    proptest::collection::vec(words, 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_always_the_same(text in "\\PC{0,120}") {
        prop_assert_eq!(parse(&text), parse(&text));
    }

    #[test]
    fn no_text_fills_a_slot_that_must_not_be_filled(text in noise()) {
        for (name, slot) in parse(&text).slots {
            prop_assert!(SLOTS.contains(&name.as_str()), "{}", name);
            let value = slot.value.as_str().unwrap_or("").to_owned();
            prop_assert!(!value.contains(|c| ";&|`$<>\n\\".contains(c)) && !value.contains("../"), "{}", value);
            prop_assert!(!value.contains("ghp_") && !value.contains("hunter22"), "{}", value);
        }
    }

    #[test]
    fn a_pasted_token_appears_nowhere_in_the_goal(before in noise(), after in noise()) {
        let text = format!("{before} ghp_s3cr3tS3cr3tS3cr3t {after}");
        let goal = parse(&text);
        prop_assert!(!serde_json::to_string(&goal).expect("JSON").contains("ghp_s3cr3t"));
        prop_assert!(!goal.warnings.is_empty());
    }

    #[test]
    fn wishes_listed_in_any_words_are_all_understood((text, slots) in goals()) {
        prop_assert_eq!(plain(&parse(&text)), slots, "{}", text);
    }

    #[test]
    fn letter_case_and_final_punctuation_do_not_matter((text, _) in goals(), end in "[.!]{0,2}") {
        let goal = values(&parse(&text));
        prop_assert_eq!(&goal, &values(&parse(&format!("{text}{end}"))), "{}", text);
        let shouted = text.split(' ').map(|word| if word.contains(['@', '/']) { word.to_owned() } else { word.to_uppercase() });
        prop_assert_eq!(&goal, &values(&parse(&shouted.collect::<Vec<_>>().join(" "))), "{}", text);
    }

    #[test]
    fn unrelated_sentences_change_nothing((text, _) in goals(), which in 0_usize..5) {
        let aside = ["Thanks a lot.", "The coffee machine is broken again.", "Have a nice weekend!", "Kim is on holiday.", "It rained all night."][which];
        let goal = values(&parse(&text));
        prop_assert_eq!(&goal, &values(&parse(&format!("{aside}\n{text}"))), "{}", text);
        prop_assert_eq!(&goal, &values(&parse(&format!("{text}\n{aside}"))), "{}", text);
    }

    #[test]
    fn what_was_understood_is_understood_again((text, _) in goals()) {
        let goal = parse(&text);
        let rendered: Vec<String> = plain(&goal).iter().map(|(name, value)| format!("{}: {value}", name.replace('_', " "))).collect();
        prop_assert_eq!(plain(&parse(&rendered.join("\n"))), plain(&goal), "{}", rendered.join("\n"));
    }
}
