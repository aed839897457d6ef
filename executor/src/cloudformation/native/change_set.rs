//! Makes a change set, waits until the service has worked it out, and reads what it would do.

use std::time::Duration;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{Capability, Change, ChangeSetStatus, ChangeSetType, Parameter, Tag};
use provision_planner::Secrets;
use provision_planner::plan::{EnvValue, StackPlan};
use tokio::time::sleep;

use super::preview::Preview;
use super::state::State;
use super::template::Body;
use super::{Engine, Stopped};
use crate::cloudformation::client::{Kind, Problem};
use crate::cloudformation::hooks;
use crate::error::ExecutorError;

/// How many nested change sets are read at most.
const MOST_NESTED: usize = 60;

/// What became of a request for a change set.
pub(super) enum Made {
    /// It can be executed.
    Ready(Preview),
    /// The stack is as the template says already.
    Unchanged,
}

impl Engine<'_> {
    /// Makes the change set of the plan and reads it.
    pub(super) async fn change_set(
        &self,
        template: &Body,
        secrets: &Secrets,
        current: Option<&State>,
    ) -> Result<Made, Stopped> {
        let creates = current.is_none_or(State::is_only_reviewed);
        let name = format!("provision-{}", self.token);
        let request = self
            .client
            .create_change_set()
            .stack_name(&self.stack.name)
            .change_set_name(&name)
            .change_set_type(if creates { ChangeSetType::Create } else { ChangeSetType::Update })
            .client_token(&self.token)
            .set_template_body(template.text())
            .set_template_url(template.url())
            .include_nested_stacks(true)
            .description("made by provision")
            .set_parameters(Some(parameters(self.stack, secrets, current)?))
            .set_capabilities(Some(
                self.stack.capabilities.iter().map(|name| Capability::from(name.as_str())).collect(),
            ))
            .set_tags(Some(tags(self.stack)));
        let made = self.or_interrupted(request.send()).await?;
        let id = match made {
            Ok(made) => made.id.unwrap_or(name),
            // The answer to an earlier try of this very request was lost.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_already_exists_exception()) => name,
            Err(error) => return Err(self.refused("CreateChangeSet", &Problem::of(&error))),
        };
        let first = self.worked_out(&id).await?;
        if is_empty(&first) {
            return Ok(Made::Unchanged);
        }
        if first.status() == Some(&ChangeSetStatus::Failed) {
            let reason = first.status_reason().unwrap_or("the change set failed without a reason");
            let text = self.with_hooks(reason, first.change_set_id().unwrap_or(&id)).await;
            return Err(Stopped::Failed { status: "change set FAILED".to_owned(), text });
        }
        let mut preview =
            Preview { stack: self.stack.name.clone(), creates, change_set: id, changes: Vec::new() };
        self.read(first, &mut preview).await?;
        preview.sort();
        Ok(Made::Ready(preview))
    }

    /// Lets the service look at the template before anything is made of it. Who may not ask that goes on: the change
    /// set finds the same mistakes later.
    pub(super) async fn validate(&self, template: &Body) -> Result<(), Stopped> {
        let request = self.client.validate_template();
        let request = request.set_template_body(template.text()).set_template_url(template.url());
        let Err(error) = self.or_interrupted(request.send()).await? else { return Ok(()) };
        let problem = Problem::of(&error);
        tracing::debug!(problem = problem.text, "ValidateTemplate");
        match problem.kind {
            Kind::Other | Kind::Missing => Err(self.refused("ValidateTemplate", &problem)),
            _ => Ok(()),
        }
    }

    /// Why a change set failed, with what hooks said where they refused it.
    async fn with_hooks(&self, reason: &str, id: &str) -> String {
        if !reason.to_lowercase().contains("hook") {
            return reason.to_owned();
        }
        match hooks::of_change_set(&self.client, id).await {
            Ok(lines) if !lines.is_empty() => lines.join("\n"),
            Ok(_) => reason.to_owned(),
            Err(problem) => {
                tracing::debug!(problem = problem.text, "what the hooks said cannot be read");
                reason.to_owned()
            }
        }
    }

    /// Waits until the service knows what the change set would do.
    async fn worked_out(&self, id: &str) -> Result<DescribeChangeSetOutput, Stopped> {
        let mut pause = Duration::from_millis(500);
        loop {
            let found = self.page(id, None).await?;
            let waiting = matches!(
                found.status(),
                Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) | None
            );
            if !waiting {
                return Ok(found);
            }
            self.or_interrupted(sleep(pause)).await?;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    async fn page(&self, id: &str, token: Option<String>) -> Result<DescribeChangeSetOutput, Stopped> {
        let request = self
            .client
            .describe_change_set()
            .stack_name(&self.stack.name)
            .change_set_name(id)
            .set_next_token(token);
        let page = self.or_interrupted(request.send()).await?;
        page.map_err(|error| self.refused("DescribeChangeSet", &Problem::of(&error)))
    }

    /// Reads every page of a change set, and of the change sets of the stacks nested in it.
    async fn read(&self, first: DescribeChangeSetOutput, preview: &mut Preview) -> Result<(), Stopped> {
        let mut queue = vec![(Vec::new(), Some(first), preview.change_set.clone())];
        let mut read = 0;
        while let Some((path, first, id)) = queue.pop() {
            read += 1;
            if read > MOST_NESTED {
                return Err(Stopped::Failed {
                    status: "change set too deep".to_owned(),
                    text: format!("more than {MOST_NESTED} nested change sets"),
                });
            }
            let mut next = match first {
                Some(page) => page,
                None => self.worked_out(&id).await?,
            };
            loop {
                let changes = next.changes.take().unwrap_or_default();
                queue.extend(changes.iter().filter_map(|change| nested(&path, change)));
                preview.extend(&path, changes);
                let Some(token) = next.next_token.take() else { break };
                next = self.page(&id, Some(token)).await?;
            }
        }
        Ok(())
    }

    /// Takes a change set back that will not be executed, and the empty stack that was made for it.
    pub(super) async fn discard(&self, preview: &Preview) {
        let request = self.client.delete_change_set().change_set_name(&preview.change_set);
        if let Err(error) = request.stack_name(&self.stack.name).send().await {
            tracing::debug!(problem = Problem::of(&error).text, "the change set stays");
        }
        if !preview.creates {
            return;
        }
        let state = super::state::describe(&self.client, &self.stack.name).await;
        if state.ok().flatten().is_some_and(|state| state.is_only_reviewed()) {
            let deleted = self.client.delete_stack().stack_name(&self.stack.name).send().await;
            tracing::debug!(ok = deleted.is_ok(), "the empty stack was taken back");
        }
    }
}

type Queued = (Vec<String>, Option<DescribeChangeSetOutput>, String);

/// The change set of the stack nested in a changed resource.
fn nested(path: &[String], change: &Change) -> Option<Queued> {
    let change = change.resource_change()?;
    let id = change.change_set_id()?.to_owned();
    let path = path.iter().cloned().chain(change.logical_resource_id().map(str::to_owned)).collect();
    Some((path, None, id))
}

/// Whether a change set failed only because there is nothing to change.
fn is_empty(found: &DescribeChangeSetOutput) -> bool {
    let reason = found.status_reason().unwrap_or_default();
    let failed = found.status() == Some(&ChangeSetStatus::Failed);
    failed
        && (reason.contains("didn't contain changes")
            || reason.contains("No updates are to be performed")
            || reason.contains("does not contain changes"))
}

/// The stated parameters, and the stack's own values for those that nobody states.
fn parameters(
    stack: &StackPlan,
    secrets: &Secrets,
    current: Option<&State>,
) -> Result<Vec<Parameter>, Stopped> {
    let stated = stack.parameters.iter().map(|(name, value)| {
        let value = plain(value, secrets).map_err(Stopped::Broken)?;
        Ok(Parameter::builder().parameter_key(name).parameter_value(value).build())
    });
    let template = stack.template_parameters.iter();
    let had = |name: &&String| current.is_some_and(|state| state.parameters.contains(name));
    let kept = template.filter(had).filter(|name| !stack.parameters.contains_key(*name));
    let kept = kept.map(|name| Ok(Parameter::builder().parameter_key(name).use_previous_value(true).build()));
    stated.chain(kept).collect()
}

fn plain(value: &EnvValue, secrets: &Secrets) -> Result<String, ExecutorError> {
    match value {
        EnvValue::Plain(value) => Ok(value.clone()),
        EnvValue::Secret { secret } => match secrets.get(secret) {
            Some(secret) => Ok(secret.expose().to_owned()),
            None => Err(ExecutorError::SecretMissing { name: secret.clone() }),
        },
    }
}

fn tags(stack: &StackPlan) -> Vec<Tag> {
    stack.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
