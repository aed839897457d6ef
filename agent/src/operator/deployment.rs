//! Which deployment is meant: from flags, the configuration, and what this tool ran last.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use provision_executor::{self as executor, Names, RunLog};
use provision_planner::plan::{Action, Plan};
use provision_planner::{Catalog, Draft, Request};
use serde::Serialize;

use crate::commands::standing;
use crate::config::Config;
use crate::error::CommandError;
use crate::{facts, state};

/// Where the platform's workloads run in a cluster.
const NAMESPACE: &str = "pipeline-builder";
/// The inputs that tell one deployment of a target from another.
const IDENTITY: [&str; 3] = ["stack_name", "cluster_name", "region"];
/// The inputs that are taken from an earlier run where nobody gives them.
const REMEMBERED: [&str; 5] = ["domain", "hosted_zone_id", "email", "deploy_mode", "profile"];

/// Flags that name a deployment.
#[derive(Debug, Default, Clone, Args)]
pub struct DeploymentArgs {
    /// The target, such as eks. Default: that of the last run of this tool
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,

    /// The CloudFormation stack of an ec2 or stack deployment
    #[arg(long, value_name = "NAME")]
    pub stack_name: Option<String>,

    /// The cluster of an eks deployment
    #[arg(long, value_name = "NAME")]
    pub cluster_name: Option<String>,

    /// The platform's domain. Default: that of the last run for this deployment
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,

    /// The public hosted zone of the domain. Default: that of the last run for this deployment
    #[arg(long, value_name = "ID")]
    pub hosted_zone_id: Option<String>,

    /// The region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Where the platform's workloads run in a cluster
    #[arg(long, value_name = "NAME", default_value = NAMESPACE)]
    pub namespace: String,
}

/// A deployment that is there, or was.
#[derive(Debug)]
pub struct Deployment {
    /// The plan that would deploy it; it never runs.
    pub draft: Draft,
    /// Values for questions about it.
    pub names: Names,
    /// The environment for the tools.
    pub environment: BTreeMap<String, String>,
    /// The target's folder in the checkout, where there is one.
    pub folder: Option<PathBuf>,
    /// What this tool ran last for it.
    pub last: Option<LastRun>,
    /// The inputs that were taken from an earlier run.
    pub remembered: Vec<String>,
}

/// The last run of this tool for a deployment.
#[derive(Debug, Clone, Serialize)]
pub struct LastRun {
    /// Its id.
    pub id: String,
    /// What it did: deploy, teardown or change.
    pub action: String,
    /// When it began.
    pub at: Option<String>,
    /// How it ended: an outcome's short name, `running` or `unfinished`.
    pub status: String,
}

impl DeploymentArgs {
    fn flags(&self) -> BTreeMap<String, String> {
        let given = [
            ("target", &self.target),
            ("stack_name", &self.stack_name),
            ("cluster_name", &self.cluster_name),
            ("domain", &self.domain),
            ("hosted_zone_id", &self.hosted_zone_id),
            ("region", &self.region),
            ("profile", &self.profile),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect()
    }
}

impl Deployment {
    /// The deployment that flags, configuration and earlier runs name.
    ///
    /// # Errors
    /// A usage error when no target is named and nothing was run yet, or a value is wrong.
    pub fn find(args: &DeploymentArgs, catalog: &Catalog, config: &Config) -> Result<Self, CommandError> {
        let request = Request {
            flags: args.flags(),
            config: config.inputs(),
            environment: executor::variables(),
            pass_env: config.pass_env.clone(),
            ..Request::default()
        };
        Self::of(request, &args.namespace, catalog)
    }

    /// The deployment that a request is about, whatever it would do to it.
    ///
    /// # Errors
    /// As [`Deployment::find`].
    pub fn of_request(request: &Request, catalog: &Catalog) -> Result<Self, CommandError> {
        let request = Request { action: Action::Deploy, post_steps: Vec::new(), ..request.clone() };
        Self::of(request, NAMESPACE, catalog)
    }

    fn of(mut request: Request, namespace: &str, catalog: &Catalog) -> Result<Self, CommandError> {
        let runs = state::runs()?;
        let named = request.flags.contains_key("target");
        if !named && provision_planner::lookup(catalog, &request, "target").is_none() {
            let target =
                runs.iter().find_map(|log| deployed(log, catalog)).ok_or_else(|| CommandError::Usage {
                    message: "say which deployment is meant: --target NAME".to_owned(),
                    hint: Some(
                        "`provision targets` lists the targets; nothing was run here yet that would tell"
                            .to_owned(),
                    ),
                })?;
            request.flags.insert("target".to_owned(), target.to_owned());
        }
        request.facts = facts::gather(catalog, &request)?;
        let mut draft = provision_planner::build(catalog, request.clone())?;
        let earlier: Vec<(&RunLog, Plan)> = runs
            .iter()
            .filter(|log| is_of(log, &draft.plan))
            .filter_map(|log| Some((log, log.plan()?)))
            .filter(|(_, plan)| agrees(plan, &draft.plan))
            .collect();
        let remembered = remember(&mut request, &draft.plan, &earlier);
        if !remembered.is_empty() {
            draft = provision_planner::build(catalog, request.clone())?;
        }
        let last = earlier.first().map(|(log, _)| last_run(log));
        let names = names(&draft.plan, &request, namespace, catalog);
        let environment = draft.plan.binding.trim(&request.environment);
        let folder = folder(&draft.plan, catalog);
        Ok(Self { draft, names, environment, folder, last, remembered })
    }

    /// The plan that would deploy it.
    pub fn plan(&self) -> &Plan {
        &self.draft.plan
    }

    /// The target's id.
    pub fn target(&self) -> &str {
        self.plan().target.as_ref().map_or("", |target| &target.id)
    }

    /// The name for people, such as `EKS · demo · us-east-1`.
    pub fn title(&self) -> String {
        let title = self.plan().target.as_ref().map_or("", |target| &target.title).to_owned();
        let names = IDENTITY.iter().filter_map(|name| self.names.get(name).map(str::to_owned));
        std::iter::once(title).chain(names).collect::<Vec<_>>().join(" · ")
    }

    /// The request of a run that changes it.
    pub fn request(&self, config: &Config) -> Request {
        Request {
            action: Action::Change,
            environment: self.environment.clone(),
            config: config.inputs(),
            ..Request::default()
        }
    }

    /// The environment for tools that talk to AWS, the profile included.
    pub fn tools(&self) -> BTreeMap<String, String> {
        let mut environment = self.environment.clone();
        if let Some(profile) = self.names.get("profile") {
            environment.insert("AWS_PROFILE".to_owned(), profile.to_owned());
        }
        environment
    }
}

/// The target of a run, if that is a deployment of its own: not a stack beside the platform.
fn deployed<'a>(log: &'a RunLog, catalog: &Catalog) -> Option<&'a str> {
    let known = |id: &&str| *id == "stack" || catalog.target(id).is_some_and(|target| target.platform);
    log.start("target").filter(known)
}

/// Whether a run was about this target.
fn is_of(log: &RunLog, plan: &Plan) -> bool {
    let target = plan.target.as_ref().map(|target| target.id.as_str());
    target.is_some() && log.start("target") == target
}

/// Whether a plan that ran was about the very deployment.
fn agrees(earlier: &Plan, plan: &Plan) -> bool {
    IDENTITY.iter().all(|name| match (value(earlier, name), value(plan, name)) {
        (Some(theirs), Some(ours)) => theirs == ours,
        _ => true,
    })
}

/// Takes from earlier runs what nobody gave, and says what that was.
fn remember(request: &mut Request, plan: &Plan, earlier: &[(&RunLog, Plan)]) -> Vec<String> {
    let mut remembered = Vec::new();
    for name in REMEMBERED {
        let stated = plan.inputs.iter().any(|input| {
            input.name == name
                && input.source != provision_planner::goal::Source::Default
                && !input.value.is_null()
        });
        let known = earlier.iter().find_map(|(_, plan)| value(plan, name)).filter(|_| !stated);
        if let Some(known) = known.filter(|known| value(plan, name).as_ref() != Some(known)) {
            request.flags.insert(name.to_owned(), known);
            remembered.push(name.to_owned());
        }
    }
    remembered
}

fn value(plan: &Plan, name: &str) -> Option<String> {
    let input = plan.inputs.iter().find(|input| input.name == name && !input.secret)?;
    match &input.value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The values of placeholders in questions: the inputs, and what follows from them.
fn names(plan: &Plan, request: &Request, namespace: &str, catalog: &Catalog) -> Names {
    let mut known: BTreeMap<String, String> = plan
        .inputs
        .iter()
        .filter_map(|input| Some((input.name.clone(), value(plan, &input.name)?)))
        .collect();
    let set = |name: &str| request.environment.get(name).filter(|value| !value.is_empty()).cloned();
    if let Some(region) = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")) {
        known.entry("region".to_owned()).or_insert(region);
    }
    let deployment = known.get("cluster_name").or_else(|| known.get("stack_name")).cloned();
    known.extend(deployment.map(|name| ("deployment".to_owned(), name)));
    known.insert("namespace".to_owned(), namespace.to_owned());
    let flags = catalog.inputs().iter().map(|input| (input.name.clone(), input.flag.clone())).collect();
    Names { known, flags }
}

fn folder(plan: &Plan, catalog: &Catalog) -> Option<PathBuf> {
    let target = catalog.target(&plan.target.as_ref()?.id)?;
    Some(PathBuf::from(plan.checkout.as_ref()?).join(&target.folder))
}

fn last_run(log: &RunLog) -> LastRun {
    LastRun {
        id: log.id.clone(),
        action: log.start("action").unwrap_or("run").to_owned(),
        at: log.records.first().map(|record| record.at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        status: standing(log).to_owned(),
    }
}
