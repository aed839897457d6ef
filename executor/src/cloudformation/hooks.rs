//! What hooks said: an event names the hook, its result says which rule refused and what to change. Results are read
//! while the operation runs; what a rollback deletes takes its events along.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Annotation, AnnotationStatus, HookResultSummary, HookStatus, ListHookResultsTargetType,
};

use super::client::Problem;
use super::record::{Hook, Record};

/// How many results are asked for at most at once.
const MOST: usize = 20;

/// Adds what the hooks' results say to the events of hooks that found something wrong.
///
/// # Errors
/// Why some could not be read; their events stay as they were.
pub(crate) async fn explain(client: &Client, records: &mut [Record]) -> Result<(), Problem> {
    let mut unread = None;
    let unhappy = |record: &&mut Record| record.hook.as_ref().is_some_and(Hook::is_unhappy);
    for record in records.iter_mut().filter(unhappy).take(MOST) {
        let stack = record.stack_id.clone();
        let Some(hook) = &mut record.hook else { continue };
        match told(client, hook, &stack).await {
            Ok(Some(text)) => hook.reason = Some(worded(&hook.kind, &text)),
            Ok(None) => {}
            Err(problem) => unread = Some(problem),
        }
    }
    unread.map_or(Ok(()), Err)
}

/// What the hooks that refused a change set said, a line for each.
pub(crate) async fn of_change_set(client: &Client, id: &str) -> Result<Vec<String>, Problem> {
    let request = client.list_hook_results().target_type(ListHookResultsTargetType::ChangeSet).target_id(id);
    let found = request.send().await.map_err(|error| Problem::of(&error))?.hook_results.unwrap_or_default();
    let mut lines = Vec::new();
    for summary in found.iter().filter(|summary| is_failed(summary)).take(MOST) {
        let said = result(client, summary.hook_result_id()).await?.or(summary.hook_status_reason.clone());
        lines.push(worded(summary.type_name().unwrap_or("of the account"), &said.unwrap_or_default()));
    }
    Ok(lines)
}

/// What the result of a hook's invocation says; nothing where there is none.
async fn told(client: &Client, hook: &Hook, stack: &str) -> Result<Option<String>, Problem> {
    if hook.result.is_some() {
        return result(client, hook.result.as_deref()).await;
    }
    // Events by operation carry no id of the result: it is the latest of that hook about that stack.
    let request = client.list_hook_results().status(HookStatus::from(hook.status.as_str()));
    let found = request.send().await.map_err(|error| Problem::of(&error))?.hook_results.unwrap_or_default();
    let mine = |summary: &&HookResultSummary| {
        summary.type_name() == Some(hook.kind.as_str()) && summary.hook_execution_target() == Some(stack)
    };
    match found.iter().find(mine) {
        Some(summary) => result(client, summary.hook_result_id()).await,
        None => Ok(None),
    }
}

async fn result(client: &Client, id: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let found =
        client.get_hook_result().hook_result_id(id).send().await.map_err(|error| Problem::of(&error))?;
    let refused = found.annotations().iter().filter(|note| note.status() == Some(&AnnotationStatus::Failed));
    let notes = refused.filter_map(annotation);
    let parts: Vec<String> = found.hook_status_reason.clone().into_iter().chain(notes).collect();
    Ok((!parts.is_empty()).then(|| parts.join(" ")))
}

/// What a hook said, in the words that stack events have for it, and with its name.
fn worded(kind: &str, said: &str) -> String {
    format!("Hook {kind} failed with message: {}", said.trim_start_matches("Hook failed with message: "))
}

/// One rule that a hook applied: its name, what it found, and what to change.
fn annotation(note: &Annotation) -> Option<String> {
    let parts = [note.annotation_name(), note.status_message(), note.remediation_message()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(|part| part.trim_end_matches('.')).collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join(": ")))
}

fn is_failed(summary: &HookResultSummary) -> bool {
    let failed = summary.status().is_some_and(|status| status.as_str().ends_with("FAILED"));
    failed && summary.failure_mode().is_none_or(|mode| mode.as_str() != "WARN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_says_the_rule_its_finding_and_the_remedy_in_one_line() {
        let note =
            Annotation::builder().annotation_name("S3_BLOCK_PUBLIC").status_message("Bucket is public.");
        let note = note.remediation_message("Block public access.").build();
        let line = annotation(&note).unwrap();
        assert_eq!(line, "S3_BLOCK_PUBLIC: Bucket is public: Block public access.");
        assert_eq!(annotation(&Annotation::builder().build()), None);
    }
}
