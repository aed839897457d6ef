//! Small pieces that readers share: text at a pointer, lists, what the rules say, how a cluster was not seen.

use provision_rules::Diagnosis;
use serde_json::Value;

use super::finding::{Cause, Reading};
use super::reader::Surroundings;
use crate::ask::{Answer, Answers, text_at};
use crate::run::Diagnose;

/// What a GiB of a general purpose volume costs a month, in US dollars.
const GIB_MONTH: f64 = 0.08;

/// The text at a pointer; a dash where there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    text_at(value, pointer).map_or_else(|| "–".to_owned(), std::borrow::Cow::into_owned)
}

/// The list at a pointer.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What volumes of this size cost.
pub(super) fn storage_cost(gib: u64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let dollars = gib as f64 * GIB_MONTH;
    format!("{gib} GiB of volumes, about ${dollars:.0} a month")
}

/// What the rules make of a text.
pub(super) fn cause(diagnose: &Diagnose, text: &str) -> Option<Cause> {
    let diagnosis: Diagnosis = diagnose(text.as_bytes());
    let verdict = diagnosis.verdict?;
    verdict.rule.as_ref()?;
    Some(Cause { rule: verdict.rule, cause: verdict.cause, fix: verdict.fix.text })
}

/// The answer that a reading rests on, or the reading that says why there is none. `missing` is what an absent one
/// means.
pub(super) fn seen_or(
    answers: &Answers,
    id: &str,
    missing: impl FnOnce() -> Reading,
) -> Result<std::sync::Arc<Value>, Reading> {
    match answers.of(id) {
        Answer::Seen(document) => Ok(document),
        Answer::Absent => Err(missing()),
        Answer::Unseen(reason) => Err(Reading::unseen(reason)),
    }
}

/// What stands for objects of a cluster that kubectl does not know.
pub(super) fn no_context(surroundings: &Surroundings<'_>) -> Reading {
    let reading = Reading::unseen("kubectl has no context for this cluster");
    surroundings.context.iter().fold(reading, |reading, command| reading.with_next(command))
}
