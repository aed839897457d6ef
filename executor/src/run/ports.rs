//! Whether the host ports that a deploy binds are free, or held by the platform's own running stack.

use provision_planner::plan::{PortSource, Step, StepKind};

use super::steps::not_started;
use super::{Ended, Runner, commands};
use crate::error::ExecutorError;
use crate::event::Silent;
use crate::facts::{bound_ports, read_small};
use crate::health::{ProbeResult, Prober};
use crate::process::{self, Control, Invocation};

/// No file that ports are read from is larger, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// How long the command that tells whether the stack runs may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

impl Runner<'_> {
    /// Refuses a deploy whose ports somebody else listens on. The ports are read from the checkout as it is now: before
    /// a clone the plan can only assume them.
    pub(super) async fn ports_free(&self, step: &Step) -> Ended {
        if step.kind != StepKind::Deploy {
            return Ok(());
        }
        let ports = self.ports().map_err(|error| not_started(step, error))?;
        let taken = bound_ports(&ports);
        if taken.is_empty() || self.answers().await || self.runs_already().await {
            return Ok(());
        }
        let ports = taken.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        Err(not_started(step, ExecutorError::PortsTaken { ports }))
    }

    fn ports(&self) -> Result<Vec<u16>, ExecutorError> {
        let Some(source) = &self.plan().ports_from else { return Ok(self.plan().ports.clone()) };
        let text = read_small(&self.checkout().join(&source.file), MAX_FILE)?;
        Ok(text.map_or_else(|| self.plan().ports.clone(), |text| source.read(&text, &self.inherited)))
    }

    /// Whether the platform itself is what listens.
    async fn answers(&self) -> bool {
        let Some(probe) = &self.plan().health else { return false };
        match Prober::new(probe, &self.context.interrupt, &Silent, &|| false) {
            Ok(prober) => matches!(prober.once().await, Some(ProbeResult::Up { .. })),
            Err(_) => false,
        }
    }

    /// Whether a stack of one's own is there, by the target's own command: it prints something then.
    async fn runs_already(&self) -> bool {
        let Some(PortSource { own, .. }) = &self.plan().ports_from else { return false };
        let dir = self.plan().command.as_ref().map_or("", |command| command.dir.as_str());
        let Ok(dir) = commands::folder(&self.checkout(), dir) else { return false };
        if own.is_empty() {
            return false;
        }
        let invocation = Invocation { argv: own.clone(), dir, env: self.inherited.clone() };
        let control = Control { timeout: Some(PATIENCE), ..self.control() };
        let result = process::run(&invocation, &control, &|_| {}).await;
        result.is_ok_and(|result| {
            result.is_success() && result.tail.lines().any(|line| !line.trim().is_empty())
        })
    }
}
