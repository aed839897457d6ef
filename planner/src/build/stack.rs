//! The stack of a plan that deploys through CloudFormation's API.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::Context;
use super::template::fill;
use crate::catalog::{Catalog, Native, ParameterSource, Target};
use crate::plan::{EnvValue, StackPlan, TemplateFile, sha256};
use crate::request::Request;
use crate::resolve::{Settled, stated_text};
use crate::template::{MAX_BYTES, Parameter};

/// The file of the template that a request deploys, relative to the target's folder in the checkout, or to where it is
/// asked; nothing if it deploys none.
pub fn template_file(catalog: &Catalog, request: &Request, target: &Target) -> Option<String> {
    let native = target.native_for(catalog, request)?;
    fill(&native.template, |name| stated_text(catalog, target, request, name))
}

impl<'a> Context<'a> {
    /// How the target is deployed through the API, if it is.
    pub(super) fn native(&self) -> Option<&'a Native> {
        self.target.native.as_ref().filter(|native| self.resolution.holds(&native.when))
    }

    /// The template's file as the plan names it: below the target's folder, where it has one.
    pub(super) fn template_path(&self) -> Option<String> {
        let path = fill(&self.native()?.template, |name| self.resolution.text(name))?;
        let path = Path::new(&self.target.folder).join(path);
        Some(path.display().to_string())
    }

    /// The stack, once its name is known.
    pub(super) fn stack(&self) -> Option<StackPlan> {
        let native = self.native()?;
        let name = fill(&native.stack, |name| self.resolution.text(name))?;
        let (region, profile) = (self.resolution.text("region"), self.resolution.text("profile"));
        let bare = StackPlan { name, region, profile, ..StackPlan::default() };
        if !self.is_deploy() {
            return Some(bare);
        }
        Some(StackPlan {
            template: self.template(),
            template_bucket: self.template_bucket(),
            parameters: self.parameters(native),
            template_parameters: self.declared().into_iter().map(|parameter| parameter.name).collect(),
            choices: self.choices(),
            capabilities: self.capabilities(native),
            tags: self.entries("tag").map(|(key, settled)| (key, settled.text())).collect(),
            ..bare
        })
    }

    fn template(&self) -> Option<TemplateFile> {
        let text = self.request.facts.template.as_ref()?;
        Some(TemplateFile { path: self.template_path()?, digest: sha256(text.as_bytes()) })
    }

    /// Where the template is stored on its way, if it does not fit into a request.
    fn template_bucket(&self) -> Option<String> {
        let large = self.request.facts.template.as_ref().is_some_and(|text| text.len() > MAX_BYTES);
        self.resolution.text("template_bucket").filter(|_| large)
    }

    /// The parameters that somebody states, by flag or through an input that supplies one.
    fn parameters(&self, native: &Native) -> BTreeMap<String, EnvValue> {
        let stated =
            self.entries("param").filter(|(_, settled)| settled.source < crate::goal::Source::Default);
        let stated = stated.map(|(name, settled)| (name, plain_or_secret(settled, settled.text())));
        let supplied = native.parameters.iter().filter_map(|(name, source)| {
            let settled = self.resolution.get(&source.input)?;
            Some((name.clone(), plain_or_secret(settled, supplied_text(source, &settled.text()))))
        });
        stated.chain(supplied).collect()
    }

    /// All parameters; a template that does not parse was refused before.
    fn declared(&self) -> Vec<Parameter> {
        let text = self.request.facts.template.as_deref().unwrap_or_default();
        crate::template::parameters(text).unwrap_or_default()
    }

    fn choices(&self) -> BTreeMap<String, Vec<String>> {
        let some = self.declared().into_iter().filter(|parameter| !parameter.allowed.is_empty());
        some.map(|parameter| (parameter.name, parameter.allowed)).collect()
    }

    fn capabilities(&self, native: &Native) -> Vec<String> {
        let stated = self.entries("capability").filter(|(_, settled)| settled.text() == "true");
        let mut all: Vec<String> =
            native.capabilities.iter().cloned().chain(stated.map(|(key, _)| key)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The entries of a family, by key.
    fn entries(&self, family: &str) -> impl Iterator<Item = (String, &Settled<'a>)> {
        let of_family = move |settled: &&Settled<'a>| settled.spec.family.as_deref() == Some(family);
        let key = |settled: &Settled<'a>| settled.spec.name.split_once('.').map(|(_, key)| key.to_owned());
        self.resolution
            .inputs
            .iter()
            .filter(of_family)
            .filter_map(move |settled| Some((key(settled)?, settled)))
    }
}

fn supplied_text(source: &ParameterSource, value: &str) -> String {
    source.values.get(value).map_or(value, String::as_str).to_owned()
}

fn plain_or_secret(settled: &Settled<'_>, text: String) -> EnvValue {
    match settled.spec.secret {
        true => EnvValue::Secret { secret: settled.spec.name.clone() },
        false => EnvValue::Plain(text),
    }
}
