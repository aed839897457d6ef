//! The catalog: which targets there are, which inputs they take, and what they need. All of it is data.

mod check;
mod family;
mod input;
mod load;
mod operator;
mod target;

use include_dir::{Dir, include_dir};

pub(crate) use family::extended;
pub use input::{AbsentNote, Each, InputSpec};
pub use load::Load;
pub use operator::{Credentials, Operator, OperatorStep};
pub use target::{
    AccountKind, Actor, CommandSpec, Deploy, Health, Init, InitMode, InputUse, Loads, Native, Note, Notice,
    NoticePlace, ParameterSource, Pass, Place, PortFormat, Ports, PrerequisiteUse, Target, Teardown, When,
};

use crate::{PlannerError, Prerequisite};

static BUILTIN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/targets");

/// Every target, input, load, prerequisite and variable handed on that is known.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    targets: Vec<Target>,
    inputs: Vec<InputSpec>,
    loads: Vec<Load>,
    prerequisites: Vec<Prerequisite>,
    passes: Vec<String>,
    operator: Operator,
    reports: Vec<String>,
}

impl Catalog {
    /// The catalog the program comes with.
    ///
    /// # Errors
    /// [`PlannerError::Internal`] if an embedded file is at fault, which the tests rule out.
    pub fn builtin() -> Result<Self, PlannerError> {
        let files = BUILTIN.files().filter_map(|file| {
            let name = file.path().to_str()?;
            name.ends_with(".toml").then_some((name, file.contents_utf8()?))
        });
        let internal = |error: PlannerError| PlannerError::Internal { reason: error.to_string() };
        Self::default().with_files(files).map_err(internal)
    }

    /// This catalog with one more file: a target of its own, or one that replaces the target of the same id; a file
    /// named `_inputs.toml`, `_loads.toml` or `_prerequisites.toml` adds or replaces entries by name,
    /// `_environment.toml` adds variables that are handed on, and `_operator.toml` and `_probes.toml` replace what
    /// follows a deploy and what a smoke test reads.
    ///
    /// # Errors
    /// [`PlannerError::Catalog`] naming the file and, where possible, the line.
    pub fn overlay(self, file: &str, text: &str) -> Result<Self, PlannerError> {
        self.with_files([(file, text)])
    }

    /// This catalog with several more files, which may refer to one another in any order.
    ///
    /// # Errors
    /// As [`Catalog::overlay`].
    pub fn with_files<'a>(
        mut self,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, PlannerError> {
        let mut read = Vec::new();
        for (file, text) in files {
            load::merge(&mut self, file, text)?;
            read.push(file);
        }
        check::check(&self, &read)?;
        Ok(self)
    }

    /// Every target, sorted by id.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The target with this id.
    pub fn target(&self, id: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }

    /// Every input that some target takes, in the order of `--help`.
    pub fn inputs(&self) -> &[InputSpec] {
        &self.inputs
    }

    /// The input with this name.
    pub fn input(&self, name: &str) -> Option<&InputSpec> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The loads that an initialisation may run.
    pub fn loads(&self) -> &[Load] {
        &self.loads
    }

    /// The prerequisite with this id.
    pub fn prerequisite(&self, id: &str) -> Option<&Prerequisite> {
        self.prerequisites.iter().find(|prerequisite| prerequisite.id == id)
    }

    /// Every prerequisite.
    pub fn prerequisites(&self) -> &[Prerequisite] {
        &self.prerequisites
    }

    /// Which of the operator's variables every command sees.
    pub fn passes(&self) -> &[String] {
        &self.passes
    }

    /// The commands of this tool's own that may follow a deploy.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The routes below the platform's URL that a smoke test reads with a token.
    pub fn reports(&self) -> &[String] {
        &self.reports
    }

    /// Whether a target takes an input.
    pub fn takes(&self, target: &Target, input: &InputSpec) -> bool {
        let named = |used: &InputUse| used.name == input.name || input.family.as_ref() == Some(&used.name);
        (target.platform && !input.everywhere.is_empty()) || target.inputs.iter().any(named)
    }

    /// The ids of all targets that take an input.
    pub fn takers(&self, input: &InputSpec) -> Vec<&str> {
        let takers = self.targets.iter().filter(|target| self.takes(target, input));
        takers.map(|target| target.id.as_str()).collect()
    }

    /// The ids of all targets.
    pub fn ids(&self) -> Vec<&str> {
        self.targets.iter().map(|target| target.id.as_str()).collect()
    }
}
