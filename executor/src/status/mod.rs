//! Looks at a deployment from outside, every part side by side and each with a time bound. Changes nothing.

mod certificate;
mod claims;
mod cluster;
mod containers;
mod dns;
mod finding;
mod health;
mod instance;
mod mail;
mod parts;
mod pods;
mod reader;
mod stack;
mod time;
mod volumes;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use provision_planner::plan::Plan;
use serde::Deserialize;

pub use finding::{Cause, Finding, Item, State};

use crate::ask::{Ask, Asker, Names, chain, distinct, parsed};
use crate::run::Diagnose;
use finding::Reading;
use reader::Surroundings;

/// The probes, in the order in which they are shown.
const PROBES: &str = include_str!("../../data/probes.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probes {
    probe: Vec<Probe>,
}

/// One part that is looked at by commands of the platform's tools.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    id: String,
    title: String,
    /// The targets that have the part.
    targets: Vec<String>,
    /// The reader of the answers.
    read: reader::Name,
    /// Inputs that have to have these values.
    #[serde(default)]
    when: BTreeMap<String, String>,
    /// What the part costs while it is there.
    #[serde(default)]
    costs: Option<String>,
    /// The command that makes kubectl know the cluster.
    #[serde(default)]
    context: Option<String>,
    ask: Vec<Ask>,
}

/// What is looked at, and with what.
pub struct Look<'a> {
    /// The plan of a deploy: which target, which stacks, which address.
    pub plan: &'a Plan,
    /// Values for the placeholders of the questions.
    pub names: &'a Names,
    /// The environment that the tools get.
    pub environment: BTreeMap<String, String>,
    /// The target's folder in the checkout, where there is one.
    pub folder: Option<PathBuf>,
    /// The rules, for what does not work.
    pub diagnose: &'a Diagnose,
    /// How long one question may take.
    pub patience: Duration,
}

impl Look<'_> {
    /// Looks at every part of the target.
    pub async fn all(&self) -> Vec<Finding> {
        let probes: Probes = parsed(PROBES);
        let target = self.plan.target.as_ref().map_or("", |target| target.id.as_str());
        let profile = self.names.get("profile").map(str::to_owned);
        let asker = Asker::new(self.environment.clone(), profile, self.folder.clone(), self.patience);
        let probes: Vec<&Probe> = probes.probe.iter().filter(|probe| self.concerns(probe, target)).collect();
        let asked = join_all(probes.iter().map(|probe| self.one(probe, &asker)));
        let (stacks, health, asked) = tokio::join!(stack::look(self.plan), health::look(self.plan), asked);
        stacks.into_iter().chain(health).chain(asked).collect()
    }

    fn concerns(&self, probe: &Probe, target: &str) -> bool {
        let holds = |(name, value): (&String, &String)| self.names.get(name) == Some(value);
        probe.targets.iter().any(|of| of == target) && probe.when.iter().all(holds)
    }

    async fn one(&self, probe: &Probe, asker: &Asker) -> Finding {
        let answers = chain(asker, &probe.ask, self.names).await;
        let context = probe.context.as_ref().and_then(|command| answers.names.fill(command));
        let surroundings = Surroundings { diagnose: self.diagnose, context };
        let mut reading = probe.read.read(&answers, &surroundings);
        if let Some(costs) = probe.costs.as_ref().filter(|_| reading.is_there()) {
            reading = reading.with_cost(costs);
        }
        reading.into_finding(&probe.id, &probe.title)
    }
}

impl Reading {
    /// Whether the part was seen to be there.
    fn is_there(&self) -> bool {
        matches!(self.state, State::Well | State::Attention)
    }
}

/// The IAM actions that the questions take, sorted.
pub fn actions() -> Vec<String> {
    let probes: Probes = parsed(PROBES);
    distinct(probes.probe.into_iter().flat_map(|probe| probe.ask).filter_map(|ask| ask.allows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probes_parse_and_only_read() {
        let probes: Probes = toml::from_str(PROBES).unwrap();
        assert!(probes.probe.len() > 8);
        let reads = ["describe-", "list-", "get-", "get", "config", "ps"];
        for ask in probes.probe.iter().flat_map(|probe| &probe.ask) {
            let reading = ask.argv.iter().any(|word| reads.iter().any(|verb| word.starts_with(verb)));
            assert!(reading, "{:?}", ask.argv);
            assert_eq!(ask.argv[0] == "aws", ask.allows.is_some(), "{:?}", ask.argv);
        }
    }
}
