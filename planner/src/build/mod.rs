//! A request into a plan: resolution first, then commands, steps, checks and what is missing.

mod binding;
mod checks;
mod context;
mod environment;
mod init;
mod missing;
mod operator;
mod ports;
mod post_step;
mod stack;
mod steps;
mod template;

use crate::catalog::{Catalog, Target, extended};
use crate::plan::{
    Account, Action, Binding, Bootstrap, Destruction, EvidenceSource, PLAN_SCHEMA, Plan, PlanStatus,
    PortSource, PrerequisiteResult, PrerequisiteStatus, TargetSummary, digest,
};
use crate::resolve::{Resolution, Settled, matters, resolve, shown};
use crate::{PlannerError, Prerequisite, Request, Secrets};
pub use binding::covered_paths;
pub(crate) use binding::is_variable_pattern;
use context::Context;
pub(crate) use ports::read as read_ports;
pub use stack::template_file;
pub use template::{fill, placeholders};

/// A plan whose prerequisites have not been checked yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The plan; blocked until [`Draft::with_results`].
    pub plan: Plan,
    /// The values of the secrets that it names.
    pub secrets: Secrets,
    /// The checks to run.
    pub prerequisites: Vec<Prerequisite>,
    os: Option<String>,
    needs_account: bool,
}

/// Builds the plan of a request.
///
/// # Errors
/// [`PlannerError`] when a value is invalid, a flag does not belong to the target, or a post-step needs a shell.
/// What is merely missing is no error: the plan says so and is blocked.
pub fn build(catalog: &Catalog, request: Request) -> Result<Draft, PlannerError> {
    let extended = extended(catalog, &request)?;
    let catalog = extended.as_ref();
    let resolution = resolve(catalog, &request)?;
    let needs_account = resolution.target.is_some_and(|target| target.account.is_some());
    let (plan, prerequisites) = match resolution.target {
        Some(target) => {
            let context = Context { catalog, request: &request, resolution: &resolution, target };
            (plan(&context)?, checks::checks(&context, context.clones()))
        }
        None => (without_target(catalog, &request, &resolution), Vec::new()),
    };
    let mut secrets = resolution.secrets;
    secrets.retain(|name, _| plan.inputs.iter().any(|input| input.name == *name));
    let mut draft = Draft { plan, secrets, prerequisites, os: request.facts.os.clone(), needs_account };
    draft.settle();
    Ok(draft)
}

/// The checkout's files, by path relative to it, whose texts a plan for this target needs as facts.
pub fn needed_files(target: &Target) -> Vec<String> {
    port_file(target).into_iter().collect()
}

fn port_file(target: &Target) -> Option<String> {
    target.ports.as_ref().map(|ports| format!("{}/{}", target.folder, ports.file))
}

impl Draft {
    /// The plan with what the checks found, and the secrets for running it.
    ///
    /// A check without a result stays unchecked, and the plan blocked.
    pub fn with_results(mut self, results: Vec<PrerequisiteResult>) -> (Plan, Secrets) {
        for result in results {
            let result = self.with_hint(result);
            match self.plan.prerequisites.iter_mut().find(|old| old.id == result.id) {
                Some(old) => *old = result,
                None => self.plan.prerequisites.push(result),
            }
        }
        self.settle();
        (self.plan, self.secrets)
    }

    /// Binds the plan to the account that it would change.
    #[must_use]
    pub fn with_account(mut self, account: Account) -> Self {
        (self.plan.binding.account, self.plan.binding.account_unknown) = (None, None);
        match account {
            Account::Known(account) => self.plan.binding.account = Some(account),
            Account::Unknown(reason) => self.plan.binding.account_unknown = Some(reason),
        }
        self.settle();
        self
    }

    /// Binds the plan to the region that the AWS SDK resolves, where no input states one; without any, it is blocked.
    #[must_use]
    pub fn with_region(mut self, region: Option<String>) -> Self {
        self.plan.prerequisites.retain(|check| check.id != "region");
        if region.is_none() {
            self.plan.prerequisites.push(checks::no_region());
        }
        self.plan.binding.region = region;
        self.settle();
        self
    }

    /// Whether the plan changes an AWS account in a region that no input states.
    pub fn needs_region(&self) -> bool {
        self.needs_account && self.plan.evidence.as_ref().is_some_and(|source| source.region.is_none())
    }

    /// Whether the plan changes an AWS account, so that an approval has to bind to it.
    pub fn needs_account(&self) -> bool {
        self.needs_account
    }

    /// The result with how to get what is missing on this system, unless it says so itself.
    fn with_hint(&self, mut result: PrerequisiteResult) -> PrerequisiteResult {
        let check = self.prerequisites.iter().find(|check| check.id == result.id);
        // What did not answer in time is there; installing it would not help.
        let absent = matches!(result.status, PrerequisiteStatus::Missing | PrerequisiteStatus::Failed);
        if absent && result.install.is_none() {
            let hint = check.and_then(|check| check.install_for(self.os.as_deref()));
            result.install = hint.map(str::to_owned);
        }
        result
    }

    /// Sets status and digest by what the plan now says.
    fn settle(&mut self) {
        let works = |result: &PrerequisiteResult| result.status == PrerequisiteStatus::Ok;
        let complete = self.plan.missing.is_empty() && self.plan.prerequisites.iter().all(works);
        self.plan.status = if complete { PlanStatus::Ready } else { PlanStatus::Blocked };
        self.plan.digest = digest(&self.plan);
    }
}

impl<'a> Context<'a> {
    /// Whether an input matters to the action.
    fn matters(&self, settled: &Settled<'_>) -> bool {
        let unused = settled.spec.name == operator::TOKEN && !operator::needs_token(self);
        matters(settled.spec, self.target, self.request.action) && !unused
    }

    /// The URL to clone, if cloning was asked for.
    fn clone_url(&self) -> Option<String> {
        let url = &self.resolution.get("repo")?.value;
        url.as_str().filter(|_| self.needs_checkout()).map(str::to_owned)
    }

    fn clones(&self) -> bool {
        self.clone_url().is_some()
    }

    fn bootstrap(&self) -> Option<Bootstrap> {
        let mut sparse = self.target.sparse.clone();
        if self.is_deploy() {
            sparse.extend(init::folders(self));
        }
        let mut seen = std::collections::BTreeSet::new();
        sparse.retain(|folder| seen.insert(folder.clone()));
        Some(Bootstrap {
            url: self.clone_url()?,
            git_ref: self.resolution.text("ref").unwrap_or_default(),
            workdir: self.resolution.text("workdir").unwrap_or_default(),
            sparse,
        })
    }

    fn evidence(&self) -> Option<EvidenceSource> {
        let stacks: Vec<String> = self
            .target
            .stacks
            .iter()
            .filter_map(|name| template::fill(name, |name| self.value(name)))
            .collect();
        (!stacks.is_empty()).then(|| EvidenceSource {
            stacks,
            region: self.resolution.text("region"),
            profile: self.resolution.text("profile"),
        })
    }

    fn ports(&self) -> Vec<u16> {
        let Some(ports) = self.target.ports.as_ref().filter(|_| self.is_deploy()) else { return Vec::new() };
        let facts = &self.request.facts;
        match port_file(self.target).and_then(|file| facts.files.get(&file)) {
            Some(text) => ports::read(ports.format, text, &self.inherited()),
            None => ports.default.clone(),
        }
    }

    fn ports_from(&self) -> Option<PortSource> {
        let ports = self.target.ports.as_ref().filter(|_| self.is_deploy())?;
        Some(PortSource { file: port_file(self.target)?, format: ports.format, own: ports.own.clone() })
    }

    fn destruction(&self) -> Option<Destruction> {
        let teardown = &self.target.teardown;
        let stated = teardown.confirm.as_ref().and_then(|name| self.resolution.stated(name));
        (!self.is_deploy()).then(|| Destruction {
            confirm: stated.map_or_else(|| self.target.id.clone(), Settled::text),
            irreversible: teardown.irreversible,
            removes: teardown.removes.clone(),
            keeps: teardown.keeps.clone(),
        })
    }

    fn max_minutes(&self) -> Option<u64> {
        self.resolution.get("max_time").filter(|_| self.is_deploy())?.value.as_u64()
    }

    fn retries(&self) -> u8 {
        let stated = self.resolution.get("retries").filter(|_| self.is_deploy());
        stated.and_then(|settled| settled.value.as_u64()).and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
    }

    /// The inputs shown: those that matter; the checkout's own only where a clone is asked for or somebody states them.
    fn inputs(&self) -> Vec<&Settled<'a>> {
        let idle = |settled: &Settled<'_>| {
            matches!(settled.spec.name.as_str(), "ref" | "workdir")
                && !self.clones()
                && self.resolution.stated(&settled.spec.name).is_none()
        };
        let mut inputs: Vec<_> =
            self.resolution.inputs.iter().filter(|settled| self.matters(settled) && !idle(settled)).collect();
        inputs.sort_by_key(|settled| settled.spec.name != "target");
        inputs
    }
}

fn plan(context: &Context<'_>) -> Result<Plan, PlannerError> {
    let target = context.target;
    let bootstrap = context.bootstrap();
    let commands = match (context.native().is_some(), context.is_deploy()) {
        (true, _) => Vec::new(),
        (false, true) => vec![context.deploy_command()],
        (false, false) => context.teardown_commands(),
    };
    let missing_help = missing::inputs(context);
    let workdir = bootstrap.as_ref().map(|bootstrap| bootstrap.workdir.clone());
    let mut prerequisites: Vec<PrerequisiteResult> = checks::no_checkout(context, context.clones())
        .into_iter()
        .chain(checks::no_template(context))
        .collect();
    prerequisites.extend(checks::checks(context, context.clones()).iter().map(checks::unchecked));
    Ok(Plan {
        target: Some(summary(target)),
        inputs: context.inputs().into_iter().map(shown).collect(),
        environment: environment::notes(context),
        checkout: workdir.or_else(|| context.request.facts.checkout.clone()),
        prerequisites,
        missing: missing_help.iter().map(|missing| missing.flag.clone()).collect(),
        missing_help,
        steps: steps::steps(context, bootstrap.as_ref(), &commands)?,
        command: commands.into_iter().next(),
        bootstrap,
        skipped: steps::skipped(context),
        health: steps::probe(context),
        evidence: context.evidence(),
        stack: context.stack(),
        destruction: context.destruction(),
        ports: context.ports(),
        ports_from: context.ports_from(),
        cost: target.cost.clone().filter(|_| context.is_deploy()),
        retries: context.retries(),
        max_minutes: context.max_minutes(),
        binding: binding::binding(context)?,
        ..empty(context.request.action, context.resolution)
    })
}

fn summary(target: &Target) -> TargetSummary {
    TargetSummary {
        id: target.id.clone(),
        title: target.title.clone(),
        summary: target.summary.clone(),
        deploys: target.deploys.clone(),
    }
}

/// What can be said before the target is known: the slots, and that it is missing.
fn without_target(catalog: &Catalog, request: &Request, resolution: &Resolution<'_>) -> Plan {
    let missing_help = missing::target(catalog, request);
    let retries = resolution.get("retries").and_then(|settled| settled.value.as_u64());
    Plan {
        inputs: resolution.inputs.iter().map(shown).collect(),
        checkout: request.facts.checkout.clone(),
        missing: missing_help.iter().map(|missing| missing.flag.clone()).collect(),
        missing_help,
        retries: retries.and_then(|n| u8::try_from(n).ok()).unwrap_or(0),
        ..empty(request.action, resolution)
    }
}

fn empty(action: Action, resolution: &Resolution<'_>) -> Plan {
    Plan {
        schema: PLAN_SCHEMA.to_owned(),
        status: PlanStatus::Blocked,
        action,
        target: None,
        goal: resolution.goal.clone(),
        inputs: Vec::new(),
        environment: Vec::new(),
        checkout: None,
        prerequisites: Vec::new(),
        missing: Vec::new(),
        missing_help: Vec::new(),
        command: None,
        bootstrap: None,
        steps: Vec::new(),
        skipped: Vec::new(),
        health: None,
        evidence: None,
        stack: None,
        destruction: None,
        ports: Vec::new(),
        ports_from: None,
        cost: None,
        retries: 0,
        max_minutes: None,
        binding: Binding::default(),
        digest: String::new(),
    }
}
