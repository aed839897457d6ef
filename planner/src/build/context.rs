//! What the parts of a plan are built from: the request, its resolution, and the values of placeholders.

use std::collections::BTreeMap;

use serde_json::Value;

use super::template::{fill, fill_quoted};
use crate::Request;
use crate::catalog::{Catalog, CommandSpec, InputUse, Note, Pass, Place, Target};
use crate::plan::{Action, CommandLine, EnvValue};
use crate::resolve::{Resolution, Settled};

/// The parts of a plan for a known target.
pub(super) struct Context<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) request: &'a Request,
    pub(super) resolution: &'a Resolution<'a>,
    pub(super) target: &'a Target,
}

impl<'a> Context<'a> {
    pub(super) fn is_deploy(&self) -> bool {
        self.request.action == Action::Deploy
    }

    /// The value of a placeholder; a secret's is its mask.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        match name {
            "url" => self.url(),
            "target" => Some(self.target.id.clone()),
            _ => self.resolution.text(name),
        }
    }

    /// The platform's URL, once everything in it is known.
    pub(super) fn url(&self) -> Option<String> {
        fill(&self.target.url, |name| self.resolution.text(name)).filter(|url| !url.is_empty())
    }

    /// The lines whose conditions hold and whose values are known.
    pub(super) fn notes(&self, notes: &[Note]) -> Vec<String> {
        let holding = notes.iter().filter(|note| self.resolution.holds(&note.when));
        holding.filter_map(|note| fill_quoted(&note.text, |name| self.value(name))).collect()
    }

    /// What to say at a step about inputs without a value.
    pub(super) fn absences(&self, step: &str) -> Vec<String> {
        let absent = self.catalog.inputs().iter().filter(|spec| {
            self.catalog.takes(self.target, spec) && self.resolution.get(&spec.name).is_none()
        });
        let own = |name: &str| self.used(name).and_then(|used| used.absent.as_ref());
        absent
            .flat_map(|spec| spec.absent.iter().chain(own(&spec.name)))
            .filter(|absent| absent.step == step)
            .map(|absent| absent.note.clone())
            .collect()
    }

    pub(super) fn used(&self, name: &str) -> Option<&'a InputUse> {
        self.target.inputs.iter().find(|used| used.name == name)
    }

    /// How a settled input reaches the scripts of this action.
    fn pass(&self, settled: &Settled<'a>) -> Option<&'a Pass> {
        let used = self.used(&settled.spec.name)?;
        let pass = if self.is_deploy() { used.deploy.as_ref() } else { used.teardown.as_ref() };
        pass.filter(|pass| self.resolution.holds(&pass.when))
    }

    fn passed(&self) -> impl Iterator<Item = (&Settled<'a>, &'a Pass)> {
        self.resolution.inputs.iter().filter_map(|settled| Some((settled, self.pass(settled)?)))
    }

    /// The arguments that tell the entrypoint its inputs.
    pub(super) fn arguments(&self) -> Vec<String> {
        self.passed().flat_map(|(settled, pass)| arguments_of(settled, pass)).collect()
    }

    /// The variables that tell the scripts of this action their inputs.
    pub(super) fn variables(&self) -> BTreeMap<String, EnvValue> {
        let of = |settled: &Settled<'a>, pass: &'a Pass| {
            let value = env_value(settled);
            pass.environment.iter().map(move |name| (name.clone(), value.clone()))
        };
        self.passed().flat_map(|(settled, pass)| of(settled, pass)).collect()
    }

    /// The folder a command runs in, relative to the checkout.
    pub(super) fn folder(&self, place: Place) -> &'a str {
        match place {
            Place::Folder => &self.target.folder,
            Place::Checkout | Place::Anywhere => "",
        }
    }

    /// Program and arguments of a command; none while a placeholder has no value.
    pub(super) fn argv(&self, spec: &CommandSpec) -> Option<Vec<String>> {
        let filled = |words: &[String]| -> Option<Vec<String>> {
            words.iter().map(|word| fill(word, |name| self.value(name))).collect()
        };
        let inputs = if spec.inputs { self.arguments() } else { Vec::new() };
        Some([filled(&spec.argv)?, inputs, filled(&spec.tail)?].concat())
    }

    /// The variables a command states itself; one without a value is left out.
    pub(super) fn stated_env(&self, spec: &CommandSpec) -> BTreeMap<String, EnvValue> {
        let value = |text: &String| match self.secret(text) {
            Some(name) => Some(EnvValue::Secret { secret: name.to_owned() }),
            None => fill(text, |name| self.value(name)).map(EnvValue::Plain),
        };
        spec.env.iter().filter_map(|(name, text)| Some((name.clone(), value(text)?))).collect()
    }

    /// The secret input that a text consists of, if it is settled.
    fn secret(&self, text: &str) -> Option<&'a str> {
        let name = text.strip_prefix('{')?.strip_suffix('}')?;
        self.resolution
            .get(name)
            .filter(|settled| settled.spec.secret)
            .map(|settled| settled.spec.name.as_str())
    }

    /// Variables of the operator's shell, out of `names`, that are set and that the command does not set itself.
    pub(super) fn strays(&self, names: &[String], own: &BTreeMap<String, EnvValue>) -> Vec<String> {
        let stray = |name: &&String| self.request.environment.contains_key(*name) && !own.contains_key(*name);
        names.iter().filter(stray).cloned().collect()
    }

    /// Variables that would stand against an input that has a value.
    pub(super) fn displaced(&self) -> Vec<String> {
        let settled = self.resolution.inputs.iter().filter(|settled| self.matters(settled));
        settled.flat_map(|settled| settled.spec.instead.iter().cloned()).collect()
    }

    /// Variables of the operator's shell, out of `names`, with their values.
    pub(super) fn kept(&self, names: &[String]) -> BTreeMap<String, EnvValue> {
        let value = |name: &String| self.request.environment.get(name).cloned();
        names.iter().filter_map(|name| Some((name.clone(), EnvValue::Plain(value(name)?)))).collect()
    }

    /// Whether some command of this plan runs in the checkout.
    pub(super) fn needs_checkout(&self) -> bool {
        let native = self.native().is_some();
        (self.is_deploy() && self.target.platform)
            || (!native
                && self.target.teardown.commands.iter().any(|command| command.place != Place::Anywhere))
    }

    /// The entrypoint with all inputs that are known.
    pub(super) fn deploy_command(&self) -> CommandLine {
        let deploy = &self.target.deploy;
        let mut env = self.kept(&deploy.uses);
        env.extend(self.variables());
        let unset = self.strays(&[deploy.reads.clone(), self.displaced()].concat(), &env);
        CommandLine::new(&self.target.folder, [deploy.argv.clone(), self.arguments()].concat(), env, unset)
    }

    /// The teardown's commands, in order.
    pub(super) fn teardown_commands(&self) -> Vec<CommandLine> {
        let teardown = &self.target.teardown;
        let command = |spec: &CommandSpec| {
            let mut env = self.variables();
            env.extend(self.stated_env(spec));
            let unset = self.strays(&[teardown.reads.clone(), self.displaced()].concat(), &env);
            Some(CommandLine::new(self.folder(spec.place), self.argv(spec)?, env, unset))
        };
        teardown.commands.iter().filter_map(command).collect()
    }
}

fn arguments_of(settled: &Settled<'_>, pass: &Pass) -> Vec<String> {
    let text = settled.text();
    let mut arguments = pass.values.get(&text).cloned().unwrap_or_default();
    if let Some(flag) = &pass.flag {
        arguments.extend([flag.clone(), text]);
    }
    arguments
}

fn env_value(settled: &Settled<'_>) -> EnvValue {
    match (settled.spec.secret, &settled.value) {
        (true, _) => EnvValue::Secret { secret: settled.spec.name.clone() },
        (false, Value::String(text)) => EnvValue::Plain(text.clone()),
        (false, other) => EnvValue::Plain(other.to_string()),
    }
}
