//! The deploy: run, and when it fails, find out why, fix, and run again within bounds.

use std::time::Duration;

use jiff::Timestamp;
use provision_planner::plan::{ApprovedPlan, Step};
use provision_rules::{Diagnosis, Status};
use serde_json::json;

use super::context::{Decision, Proposal};
use super::fix::History;
use super::report::{Outcome, StopReason};
use super::stack::Tried;
use super::steps::{declined, interrupted, not_started};
use super::{Ended, Runner};
use crate::event::Event;
use crate::evidence;
use crate::journal::RecordKind;
use crate::process::Tail;

/// Why there is no next try.
enum Stop {
    Reason(StopReason),
    Interrupted,
}

impl Runner<'_> {
    pub(super) async fn deploy(&mut self, step: &Step) -> Ended {
        let mut history = History::new(self.plan().retries, self.plan().max_minutes);
        loop {
            let current = self.current(step);
            let since = Timestamp::now();
            let (exit, tail, evidence) = match self.attempt(&current).await {
                Tried::Done => return Ok(()),
                Tried::Interrupted => return Err(interrupted(step)),
                Tried::Declined(reason) => return Err(declined(step, reason)),
                Tried::Broken(error) => return Err(not_started(step, error)),
                Tried::Failed { exit, tail, evidence } => (exit, tail, evidence),
            };
            let (diagnosis, not_visible) = self.explain(&tail, evidence, since).await;
            let stopped = match self.fix(&diagnosis, &mut history, step).await {
                Ok(()) => continue,
                Err(Stop::Interrupted) => return Err(interrupted(step)),
                Err(Stop::Reason(reason)) => reason,
            };
            self.tell(Event::RetryStopped(stopped.clone()));
            let (step, diagnosis) = (step.id.clone(), Box::new(diagnosis));
            return Err(Box::new(Outcome::DeployFailed { step, exit, diagnosis, stopped, not_visible }));
        }
    }

    /// The step as the plan has it now: a fix may have changed its command.
    fn current(&self, step: &Step) -> Step {
        let steps = &self.plan().steps;
        steps.iter().find(|other| other.id == step.id).unwrap_or(step).clone()
    }

    /// Diagnoses a failure from the stacks' events, where there are any, and from the output.
    /// What a follower read while it happened is taken before a reading afterwards: a rollback may have deleted it.
    pub(super) async fn explain(
        &self,
        tail: &Tail,
        followed: evidence::StackEvidence,
        since: Timestamp,
    ) -> (Diagnosis, Vec<String>) {
        let mut found = followed;
        if let Some(source) = self.plan().evidence.as_ref().filter(|_| found.events == 0) {
            tokio::select! {
                gathered = evidence::gather(source, since) => found = gathered,
                () = self.context.interrupt.reached(1) => {
                    found.not_visible.push("the stacks' events: interrupted".to_owned());
                }
            }
        }
        if self.plan().evidence.is_some() {
            let (stacks, not_visible) = (found.stacks.clone(), found.not_visible.clone());
            self.tell(Event::EvidenceGathered { stacks, events: found.events, not_visible });
        }
        let printed = (self.context.diagnose)(tail.text().as_bytes());
        let diagnosis = match found.events {
            0 => printed,
            _ => better((self.context.diagnose)(self.masker.text(&found.json).as_bytes()), printed),
        };
        self.tell(Event::Diagnosed(Box::new(diagnosis.clone())));
        (diagnosis, found.not_visible)
    }

    /// Applies the fix of a diagnosis, if there is one that may be applied.
    async fn fix(&mut self, diagnosis: &Diagnosis, history: &mut History, step: &Step) -> Result<(), Stop> {
        let replan = self.context.replan.clone();
        let proposal = history.propose(diagnosis, self.plan(), replan.as_ref()).map_err(Stop::Reason)?;
        self.tell(Event::FixProposed(Box::new(proposal.clone())));
        self.plan = self.approved(&proposal).await?;
        history.apply(&proposal);
        self.retries = history.retries;
        let changed: Vec<&str> = proposal.changes.iter().map(|change| change.input.as_str()).collect();
        let rule = proposal.verdict.rule.clone();
        self.record(
            RecordKind::Intent,
            &step.id,
            json!({ "retry": proposal.attempt, "rule": rule, "inputs": changed,
            "wait_seconds": proposal.wait.as_secs(), "digest": self.plan().digest, "plan": self.plan() }),
        );
        self.pause(&proposal).await?;
        self.tell(Event::FixApplied { attempt: proposal.attempt, of: proposal.of });
        Ok(())
    }

    /// Asks the arbiter and passes the changed plan through the gate.
    async fn approved(&self, proposal: &Proposal) -> Result<ApprovedPlan, Stop> {
        let decision = tokio::select! {
            decision = self.arbiter.consider(proposal) => decision,
            () = self.context.interrupt.reached(1) => return Err(Stop::Interrupted),
        };
        match decision {
            Decision::Decline => Err(Stop::Reason(StopReason::Declined)),
            Decision::Apply(approval) => {
                let shown = proposal.after.digest.clone();
                ApprovedPlan::new(proposal.after.clone(), &shown, &approval)
                    .map_err(|refusal| Stop::Reason(StopReason::Refused(refusal)))
            }
        }
    }

    async fn pause(&self, proposal: &Proposal) -> Result<(), Stop> {
        if proposal.wait == Duration::ZERO {
            return Ok(());
        }
        let until = Timestamp::now() + jiff::SignedDuration::try_from(proposal.wait).unwrap_or_default();
        self.tell(Event::Waiting { until, reason: proposal.verdict.cause.clone() });
        tokio::select! {
            () = tokio::time::sleep(proposal.wait) => Ok(()),
            () = self.context.interrupt.reached(1) => Err(Stop::Interrupted),
        }
    }
}

/// Of two diagnoses the one that knows the cause; events before output, since they are more exact.
fn better(events: Diagnosis, printed: Diagnosis) -> Diagnosis {
    let known =
        |diagnosis: &Diagnosis| diagnosis.verdict.as_ref().is_some_and(|verdict| verdict.rule.is_some());
    match (known(&events), known(&printed), events.status) {
        (true, _, _) | (false, false, Status::Failed) => events,
        _ => printed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A diagnosis by the rule of this id; `?` for an unknown cause, nothing for no failure.
    fn diagnosis(rule: &str) -> Diagnosis {
        let verdict = (!rule.is_empty()).then(|| {
            json!({ "rule": Some(rule).filter(|rule| *rule != "?"), "category": "unknown", "confidence": 0.5,
                "retryable": false, "cause": "", "fix": { "text": "", "kind": "none" }, "evidence": [],
                "root": { "logical_id": null, "resource_type": null, "line": 1, "text": "" } })
        });
        let status = if verdict.is_some() { "failed" } else { "healthy" };
        let noise =
            json!({ "cancelled": 0, "rollback": 0, "parent_echo": 0, "consequence": 0, "repeated": 0 });
        let source = json!({ "format": "log", "lines": 1, "events": 0, "stack": null, "operation": null, "order": null });
        let document = json!({ "schema": "provision.diagnosis/v1", "status": status, "verdict": verdict, "also": [],
            "noise": noise, "source": source });
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_known_cause_wins_and_events_win_over_output() {
        for (events, printed, expected) in
            [("a", "b", "a"), ("a", "", "a"), ("?", "b", "b"), ("", "b", "b"), ("", "", ""), ("", "?", "?")]
        {
            let chosen = better(diagnosis(events), diagnosis(printed));
            assert_eq!(chosen, diagnosis(expected), "{events} {printed}");
        }
    }
}
