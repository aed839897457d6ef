//! The rules that come with the product, checked as a whole.

use provision_rules::Rulebook;

#[test]
fn every_rule_is_sound_and_wins_its_own_examples() {
    let book = Rulebook::builtin().expect("the signature files parse");
    let problems = book.problems();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
