//! A second language is data: Spanish goals, and a language given by the caller.

use provision_planner::goal::{Goal, Lexicon, parse, parse_with};
use serde_json::{Value, json};

fn slots(goal: &Goal) -> Value {
    goal.slots
        .iter()
        .map(|(name, slot)| (name.clone(), slot.value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn spanish_goals_are_understood() {
    for (text, wanted) in [
        (
            "Despliega en EKS en Irlanda con correo, sin ejemplos",
            json!({"action": "deploy", "target": "eks", "region": "eu-west-1", "email": true, "with_samples": false}),
        ),
        (
            "Quiero EC2 en Tokio, privado, tres reintentos",
            json!({"target": "ec2", "region": "ap-northeast-1", "deploy_mode": "private", "retries": 3}),
        ),
        (
            "Elimina el cluster de EKS llamado prueba-1",
            json!({"action": "teardown", "target": "eks", "cluster_name": "prueba-1"}),
        ),
        ("Ahora minikube, mas adelante EKS", json!({"target": "minikube"})),
    ] {
        assert_eq!(slots(&parse(text)), wanted, "{text}");
    }
}

#[test]
fn a_language_of_ones_own_needs_no_code() {
    let language = "language = \"nl\"\n[actions]\ndeploy = [\"uitrollen\"]\n[cues]\ndrop = [\"zonder\"]\n[toggles]\nemail = [\"post\"]\n[values.target]\neks = [\"eks\"]\n";
    let lexicon = Lexicon::from_toml([language]).expect("a valid language");
    assert_eq!(
        slots(&parse_with(&lexicon, "uitrollen: eks zonder post")),
        json!({"action": "deploy", "target": "eks", "email": false})
    );
}

#[test]
fn what_is_not_taken_is_reported_with_the_reason() {
    let goal = parse("EKS in eu-north-1; we may later move to eu-west-1");
    assert_eq!(slots(&goal), json!({"target": "eks", "region": "eu-north-1"}));
    let ignored: Vec<_> =
        goal.ignored.iter().map(|ignored| (ignored.words.as_str(), ignored.slot.as_deref())).collect();
    assert_eq!(ignored, [("eu-west-1", Some("region"))]);
    assert!(goal.ignored[0].reason.contains("later"), "{}", goal.ignored[0].reason);
}

#[test]
fn an_open_choice_is_reported_and_not_decided() {
    let goal = parse("deploy to eks or ec2");
    assert!(!goal.slots.contains_key("target"));
    assert_eq!(
        goal.unresolved.iter().map(|open| (&*open.slot, &*open.choices)).collect::<Vec<_>>(),
        [("target", &["eks".to_owned(), "ec2".to_owned()][..])]
    );
}

#[test]
fn a_pasted_token_is_masked_and_the_warning_says_how_to_pass_it() {
    let goal = parse("eks with ghcr token ghp_n0tar3alt0ken");
    assert_eq!(goal.text.as_deref(), Some("eks with ghcr token ***"));
    assert!(goal.warnings.iter().any(|warning| warning.contains("GHCR_TOKEN")));
}
