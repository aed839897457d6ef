//! What a teardown leaves behind: looked for, listed with the commands that remove it, never removed.

mod left;
mod spec;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

pub use left::{Left, NotSeen, Remains};

use crate::ask::{Answer, Answers, Asker, Names, chain, distinct, items, parsed};
use left::entry;
use spec::{Leftover, Leftovers};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(60);

const LEFTOVERS: &str = include_str!("../../data/leftovers.toml");

/// Looks for everything that a deployment of this target can leave behind.
///
/// `names` are the values that tell one deployment from another: region, stack or cluster, domain, zone, profile.
pub async fn remains(target: &str, names: &Names, environment: BTreeMap<String, String>) -> Remains {
    let kinds: Leftovers = parsed(LEFTOVERS);
    let profile = names.get("profile").map(str::to_owned);
    let asker = Asker::new(environment, profile, None, PATIENCE);
    let concerned = kinds.leftover.iter().filter(|kind| kind.targets.iter().any(|of| of == target));
    let looked = join_all(concerned.map(|kind| one(kind, names, &asker))).await;
    let mut found = Remains::default();
    for (left, unseen) in looked {
        for left in left {
            let known = found.left.iter().any(|other: &Left| other.is_same(&left));
            found.left.extend((!known).then_some(left));
        }
        found.not_seen.extend(unseen);
    }
    found
}

/// What is left of one kind, and why it may not be all.
async fn one(kind: &Leftover, names: &Names, asker: &Asker) -> (Vec<Left>, Option<NotSeen>) {
    let answers = chain(asker, &kind.ask, names).await;
    let mut left = Vec::new();
    for id in &kind.lists {
        let Answer::Seen(document) = answers.of(id) else { continue };
        let whole = [document.as_ref()];
        let listed = match kind.within.as_str() {
            "" => whole.to_vec(),
            list => items(&document, list, &kind.matching, &answers.names),
        };
        for item in listed {
            left.extend(entry(kind, item, &answers.names, asker).await);
        }
    }
    (left, unseen(kind, &answers))
}

fn unseen(kind: &Leftover, answers: &Answers) -> Option<NotSeen> {
    let reason = kind.lists.iter().find_map(|id| answers.why_not(id))?;
    Some(NotSeen { kind: kind.title.clone(), reason })
}

/// The IAM actions that looking takes, sorted.
pub fn actions() -> Vec<String> {
    let kinds: Leftovers = parsed(LEFTOVERS);
    distinct(kinds.leftover.into_iter().flat_map(Leftover::actions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_parse_only_read_and_say_how_they_are_removed() {
        let kinds: Leftovers = toml::from_str(LEFTOVERS).unwrap();
        assert!(kinds.leftover.len() > 15);
        for kind in &kinds.leftover {
            assert!(kind.by_type || !kind.remove.is_empty(), "{}", kind.id);
            assert!(kind.lists.iter().all(|id| kind.ask.iter().any(|ask| ask.id == *id)), "{}", kind.id);
            for ask in &kind.ask {
                let reads = ["describe-", "list-", "get-"].iter().any(|verb| ask.argv[2].starts_with(verb));
                assert!(reads && ask.allows.is_some(), "{:?}", ask.argv);
            }
        }
        let commands = spec::removals();
        assert!(commands.len() > 15 && commands.values().all(|argv| argv[0] == "aws"));
    }
}
