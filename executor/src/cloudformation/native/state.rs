//! A stack as it is now.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;

use crate::cloudformation::client::Problem;
use crate::event::StackOutput;

/// What is asked about a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    /// Whether it is protected against deletion.
    pub(crate) protected: bool,
    /// The names of its parameters.
    pub(crate) parameters: Vec<String>,
    pub(crate) outputs: Vec<StackOutput>,
}

impl State {
    /// Whether nothing of it was ever brought up, so that it can only be deleted.
    pub(crate) fn is_stillborn(&self) -> bool {
        matches!(self.status.as_str(), "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED")
    }

    /// Whether it holds nothing yet but change sets.
    pub(crate) fn is_only_reviewed(&self) -> bool {
        self.status == "REVIEW_IN_PROGRESS"
    }

    /// Whether its last operation ended well.
    pub(crate) fn is_well(&self) -> bool {
        matches!(self.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE")
    }
}

impl From<Stack> for State {
    fn from(stack: Stack) -> Self {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let output = |output: &aws_sdk_cloudformation::types::Output| StackOutput {
            key: text(output.output_key()),
            value: text(output.output_value()),
            description: output.description().map(str::to_owned),
        };
        let parameters = stack.parameters().iter().filter_map(|parameter| parameter.parameter_key());
        Self {
            id: text(stack.stack_id()),
            status: text(stack.stack_status().map(|status| status.as_str())),
            reason: stack.stack_status_reason().map(str::to_owned),
            protected: stack.enable_termination_protection().unwrap_or(false),
            parameters: parameters.map(str::to_owned).collect(),
            outputs: stack.outputs().iter().map(output).collect(),
        }
    }
}

/// The stack of that name or id; none if there is none, or only a deleted one of that name.
pub(crate) async fn describe(client: &Client, stack: &str) -> Result<Option<State>, Problem> {
    match client.describe_stacks().stack_name(stack).send().await {
        Ok(found) => Ok(found.stacks.unwrap_or_default().into_iter().next().map(State::from)),
        Err(error) => match Problem::of(&error) {
            problem if problem.is_missing() => Ok(None),
            problem => Err(problem),
        },
    }
}
