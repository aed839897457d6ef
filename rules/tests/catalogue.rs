//! The rules that come with the product, checked as a whole.

use provision_rules::Rulebook;

#[test]
fn every_rule_is_sound_and_wins_its_own_examples() {
    let book = Rulebook::builtin_with([]).expect("the signature files parse");
    let problems = book.problems();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn the_quick_catalogue_is_the_same_but_for_examples() {
    let quick = Rulebook::builtin();
    let full = Rulebook::builtin_with([]).expect("the signature files parse");
    let without = |book: &Rulebook| -> Vec<String> {
        let slim = |rule: &provision_rules::Signature| {
            let rule =
                provision_rules::Signature { hits: Vec::new(), near_misses: Vec::new(), ..rule.clone() };
            format!("{rule:?}")
        };
        let mut rules: Vec<String> = book.signatures().map(slim).collect();
        rules.sort();
        rules
    };
    assert_eq!(without(&quick), without(&full));
    assert!(quick.signatures().count() >= 250);
}
