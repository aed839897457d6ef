//! Events that a query has cut to a few values: lists of texts, or objects with keys of the asker's choice.

use crate::event::StackEvent;
use crate::formats::cells::{Field, is_name, is_time, is_type};
use crate::formats::json_value::{Member, Value};
use crate::status::Status;

/// How many values such a list has at most.
const MOST: usize = 10;

/// An event of a list of texts, each known by its looks, with the line each stands on.
pub(super) fn of_list(items: &[Value], lines: &[usize]) -> Option<StackEvent> {
    let texts: Vec<&str> = items.iter().map(text).collect::<Option<_>>()?;
    let statuses: Vec<usize> = (0..texts.len()).filter(|at| Status::exact(texts[*at]).is_some()).collect();
    let [at] = *statuses.as_slice() else { return None };
    let named = |index: &usize| is_name(texts[*index]) && !is_type(texts[*index]);
    let name = (0..at).rev().find(named).or_else(|| (at + 1..texts.len()).find(named))?;
    let mut event = StackEvent::new(Status::exact(texts[at])?, *lines.get(at)?);
    event.logical_id = Some(texts[name].to_owned());
    event.resource_type = texts.iter().find(|text| is_type(text)).map(|kind| (*kind).to_owned());
    event.time = texts.iter().find(|text| is_time(text)).map(|time| (*time).to_owned());
    let said = |index: &usize| texts[*index].contains(' ') && !is_time(texts[*index]);
    if let Some(reason) = (0..texts.len()).filter(said).max_by_key(|index| texts[*index].len()) {
        event.set_reason(texts[reason], lines[reason]);
    }
    (texts.len() <= MOST).then_some(event)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A failed event of an object, whose keys are named after the fields.
pub(super) fn of_object(members: &[Member], lines: (usize, usize)) -> Option<StackEvent> {
    let field = |wanted| members.iter().find(|member| named(&member.key) == Some(wanted));
    let value = |wanted| field(wanted).and_then(|member| text(&member.value));
    let status = value(Field::Status).and_then(Status::exact)?;
    let name = value(Field::LogicalId).filter(|name| is_name(name))?;
    let mut event = StackEvent::new(status, field(Field::Status)?.line);
    event.lines = lines;
    event.logical_id = Some(name.to_owned());
    event.resource_type = value(Field::Type).filter(|kind| is_type(kind)).map(str::to_owned);
    event.time = value(Field::Time).map(str::to_owned);
    if let Some(reason) = field(Field::Reason) {
        event.set_reason(text(&reason.value).unwrap_or_default(), reason.line);
    }
    (status.is_failed() || status.is_rollback()).then_some(event)
}

fn named(key: &str) -> Option<Field> {
    match key {
        "Id" | "id" | "Name" | "name" => Some(Field::LogicalId),
        _ => Field::named(key),
    }
}
