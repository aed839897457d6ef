//! What a plan is bound to: the scripts as they are now, and which variables the children see.

use std::collections::BTreeMap;

use super::context::Context;
use crate::PlannerError;
use crate::catalog::Target;
use crate::plan::Binding;

/// The paths of a target, relative to the checkout, whose files an approval covers.
pub fn covered_paths(target: &Target) -> &[String] {
    &target.covers
}

/// The circumstances of a plan, apart from the account.
pub(super) fn binding(context: &Context<'_>) -> Result<Binding, PlannerError> {
    if let Some(name) = context.request.pass_env.iter().find(|name| !is_variable_pattern(name)) {
        return Err(PlannerError::InvalidValue {
            input: "pass_env".to_owned(),
            subject: format!("--pass-env {name}"),
            reason: "a variable's name is expected, or its beginning and *".to_owned(),
        });
    }
    let mut binding = Binding { passes: context.passes(), ..Binding::default() };
    // A clone brings its own files: those that are here now are not what would run.
    if !context.clones() && context.needs_checkout() {
        binding.files = context.request.facts.hashes.clone();
    }
    let passed = context.request.environment.keys().filter(|name| binding.lets_through(name));
    binding.passed = passed.cloned().collect();
    Ok(binding)
}

impl Context<'_> {
    /// Which variables reach the children, each once and in order, so that the digest does not depend on how often
    /// or where one is named.
    fn passes(&self) -> Vec<String> {
        let all = [self.catalog.passes(), &self.target.passes, &self.request.pass_env];
        let all: std::collections::BTreeSet<String> = all.into_iter().flatten().cloned().collect();
        all.into_iter().collect()
    }

    /// The operator's variables as the children see them.
    pub(super) fn inherited(&self) -> BTreeMap<String, String> {
        Binding { passes: self.passes(), ..Binding::default() }.trim(&self.request.environment)
    }
}

/// Whether a text is a variable's name, or a beginning of one that ends in `*`.
pub(crate) fn is_variable_pattern(text: &str) -> bool {
    let name = text.strip_suffix('*').unwrap_or(text);
    let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    !text.is_empty() && well_formed && !name.starts_with(|c: char| c.is_ascii_digit())
}
