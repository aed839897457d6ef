//! Growing storage of a deployment that is there: a plan of its own, from data.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::build::fill;
use crate::plan::{
    Action, Binding, CommandLine, Effect, EnvValue, PLAN_SCHEMA, Plan, PlanStatus, Step, StepKind, Until,
    digest,
};

static GROWTH: LazyLock<Data> = LazyLock::new(|| {
    toml::from_str(include_str!("../storage/growth.toml")).expect("the tests hold that the file parses")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    strategy: Vec<Strategy>,
    volume: Steps,
    claim: Steps,
}

/// A way of loading plugins, and the data volume that it needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// Its name, such as `build_image`.
    pub id: String,
    /// The size of the data volume, in GiB.
    pub gib: u64,
    /// What it does, in one clause.
    pub note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    summary: String,
    step: Vec<StepSpec>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepSpec {
    id: String,
    title: String,
    effect: Effect,
    #[serde(default)]
    argv: Vec<String>,
    #[serde(default)]
    until: Option<Until>,
    #[serde(default)]
    notes: Vec<String>,
}

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grown {
    /// The data volume of an EC2 instance. Names: `volume`, `instance_id`, `from`, `gib`, `dollars`, `region`.
    Volume,
    /// A volume claim in a cluster. Names: `claim`, `context`, `namespace`, `from`, `gib`.
    Claim,
}

/// The ways of loading plugins, the smallest volume first.
pub fn strategies() -> &'static [Strategy] {
    &GROWTH.strategy
}

/// The plan that grows storage of a deployment: gated, run and journalled like any other.
///
/// `deployment` is a plan of the deployment itself, for its target, stacks and account. A step whose names are not all
/// among `names` is left out, which the plan's digest shows.
pub fn growth(grown: Grown, deployment: &Plan, names: &BTreeMap<String, String>) -> Plan {
    let data = match grown {
        Grown::Volume => &GROWTH.volume,
        Grown::Claim => &GROWTH.claim,
    };
    let value = |name: &str| names.get(name).cloned();
    let steps = data.step.iter().filter_map(|spec| step(spec, names)).collect();
    let mut target = deployment.target.clone();
    if let Some(target) = &mut target {
        target.summary = fill(&data.summary, value).unwrap_or_default();
    }
    let binding = Binding { files: BTreeMap::new(), ..deployment.binding.clone() };
    let mut plan = Plan {
        schema: PLAN_SCHEMA.to_owned(),
        status: PlanStatus::Ready,
        action: Action::Change,
        target,
        steps,
        binding,
        checkout: None,
        prerequisites: Vec::new(),
        missing: Vec::new(),
        missing_help: Vec::new(),
        environment: Vec::new(),
        command: None,
        bootstrap: None,
        skipped: Vec::new(),
        health: None,
        destruction: None,
        stack: None,
        ports: Vec::new(),
        ports_from: None,
        cost: None,
        retries: 0,
        max_minutes: None,
        ..deployment.clone()
    };
    plan.digest = digest(&plan);
    plan
}

fn step(spec: &StepSpec, names: &BTreeMap<String, String>) -> Option<Step> {
    let value = |name: &str| names.get(name).cloned();
    let filled =
        |texts: &[String]| texts.iter().map(|text| fill(text, value)).collect::<Option<Vec<String>>>();
    let argv = filled(&spec.argv)?;
    let until = match &spec.until {
        Some(until) => Some(Until { prints: filled(&until.prints)?, ..until.clone() }),
        None => None,
    };
    let kind = match (argv.is_empty(), &until) {
        (true, _) => StepKind::Notice,
        (false, Some(_)) => StepKind::Await,
        (false, None) => StepKind::PostStep,
    };
    let profile = names.get("profile").map(|name| ("AWS_PROFILE".to_owned(), EnvValue::Plain(name.clone())));
    let env: BTreeMap<String, EnvValue> = profile.into_iter().collect();
    let commands = (!argv.is_empty()).then(|| CommandLine::new("", argv, env, Vec::new()));
    Some(Step {
        id: spec.id.clone(),
        kind,
        effect: spec.effect,
        title: fill(&spec.title, value)?,
        commands: commands.into_iter().collect(),
        notes: filled(&spec.notes)?,
        probes: Vec::new(),
        until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_of_the_strategies_are_those_of_the_platforms_guide() {
        let sizes: Vec<(&str, u64)> = strategies().iter().map(|one| (one.id.as_str(), one.gib)).collect();
        assert_eq!(sizes, [("build_image", 200), ("prebuilt-cleanup", 250), ("prebuilt", 500)]);
    }

    #[test]
    fn a_step_is_filled_in_and_its_kind_follows_from_what_it_has() {
        let names = [
            ("volume", "vol-1"),
            ("from", "200"),
            ("gib", "500"),
            ("region", "us-east-1"),
            ("dollars", "24"),
            ("instance_id", "i-1"),
        ];
        let names: BTreeMap<String, String> =
            names.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let steps: Vec<Step> = GROWTH.volume.step.iter().filter_map(|spec| step(spec, &names)).collect();
        let kinds: Vec<StepKind> = steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, [StepKind::PostStep, StepKind::Await, StepKind::Notice]);
        assert!(steps[0].commands[0].text.starts_with("aws ec2 modify-volume --volume-id vol-1 --size 500"));
        assert!(steps[0].title.ends_with("about $24 a month more"), "{}", steps[0].title);
    }
}
