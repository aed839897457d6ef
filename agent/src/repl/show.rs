//! Views of an incident as text: its timeline, its graph, its events, and several incidents side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use provision_rules::{HistoryEvent, Role};

use crate::render::{category, clip, columns, plural, retry};
use crate::repl::answers::seconds;
use crate::repl::incident::{Incident, time};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// Columns of a bar of the timeline.
const BAR: usize = 20;

/// One resource's way through the operation.
struct Life<'i> {
    id: &'i str,
    /// Seconds after the first event, where times are printed.
    from: Option<i64>,
    to: Option<i64>,
    last: &'i HistoryEvent,
    role: Option<Role>,
}

/// How each resource's time was spent, in the order they started.
pub fn timeline(incident: &Incident, width: usize) -> String {
    let lives = lives(incident);
    if lives.is_empty() {
        return no_events(incident);
    }
    let end = lives.iter().filter_map(|life| life.to).max().unwrap_or(0).max(1);
    let rows: Vec<[String; 5]> = lives.iter().map(|life| life_row(life, end, width)).collect();
    columns(&rows, 2)
}

fn no_events(incident: &Incident) -> String {
    format!("{} holds no stack events; the cause was found in its wording\n", safe(&incident.name))
}

fn lives(incident: &Incident) -> Vec<Life<'_>> {
    let events = &incident.history.events;
    let zero = events.iter().find_map(time);
    let after = |event| Some(time(event)?.duration_since(zero?).as_secs().max(0));
    let mut order: Vec<Life<'_>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        let Some(id) = event.logical_id.as_deref() else { continue };
        let place = *places.entry(id).or_insert_with(|| {
            order.push(Life { id, from: after(event), to: None, last: event, role: None });
            order.len() - 1
        });
        let life = &mut order[place];
        life.to = after(event).or(life.to);
        life.role = worse(life.role, event.role);
        life.last = event;
    }
    order
}

/// Of two roles the one that says more about a resource.
fn worse(one: Option<Role>, other: Option<Role>) -> Option<Role> {
    let rank = |role: &Role| match role {
        Role::Root => 0,
        Role::Cause => 1,
        Role::Consequence => 2,
        Role::Cancelled => 3,
        Role::RollbackEcho | Role::ParentEcho | Role::Repeated => 4,
    };
    one.into_iter().chain(other).min_by_key(rank)
}

fn life_row(life: &Life<'_>, end: i64, width: usize) -> [String; 5] {
    let start = life.from.map_or_else(String::new, |from| format!("+{}", seconds(from)));
    let took = life.from.zip(life.to).map_or_else(String::new, |(from, to)| seconds((to - from).max(0)));
    let bar = life.from.zip(life.to).filter(|_| width >= 80);
    let bar = bar.map_or_else(String::new, |(from, to)| paint(style(life.role), gauge(from, to, end)));
    [
        format!("{start:>9}"),
        format!("{took:>9}"),
        bar,
        paint(style(life.role), safe(life.id)),
        state(life.last, life.role),
    ]
}

fn gauge(from: i64, to: i64, end: i64) -> String {
    let scaled = |at: i64| usize::try_from(at * BAR as i64 / end).unwrap_or(0).min(BAR - 1);
    let (first, last) = (scaled(from), scaled(to).max(scaled(from)));
    format!("{}{}{}", "·".repeat(first), "━".repeat(last - first + 1), "·".repeat(BAR - 1 - last))
}

fn state(event: &HistoryEvent, role: Option<Role>) -> String {
    let status = event.status.as_deref().unwrap_or("FAILED");
    let label = role.map_or_else(String::new, |role| format!("  {}", paint(style(Some(role)), label(role))));
    format!("{}{label}", paint(DIM, status))
}

/// A role in words.
pub fn label(role: Role) -> &'static str {
    match role {
        Role::Root => "root",
        Role::Cause => "cause",
        Role::Consequence => "consequence",
        Role::Cancelled => "cancelled",
        Role::RollbackEcho => "rollback echo",
        Role::ParentEcho => "parent echo",
        Role::Repeated => "repeated",
    }
}

fn style(role: Option<Role>) -> anstyle::Style {
    match role {
        Some(Role::Root) => BAD,
        Some(Role::Cause) => WARN,
        Some(_) => DIM,
        None => GOOD,
    }
}

/// The stacks with what failed in them, and what each cause took down with it.
pub fn graph(incident: &Incident, width: usize) -> String {
    if incident.history.events.is_empty() {
        return no_events(incident);
    }
    let nested: BTreeSet<&str> = incident.history.nested.iter().map(|link| link.child.as_str()).collect();
    let stacks: BTreeSet<Option<&str>> =
        incident.history.events.iter().map(|event| event.stack.as_deref()).collect();
    let mut text = String::new();
    for stack in stacks.into_iter().filter(|stack| stack.is_none_or(|name| !nested.contains(name))) {
        branch(&mut text, incident, stack, 0, width);
    }
    text
}

fn branch(text: &mut String, incident: &Incident, stack: Option<&str>, depth: usize, width: usize) {
    if depth > 20 {
        return;
    }
    let indent = "   ".repeat(depth);
    let name = stack.map_or_else(|| "a stack that is not named".to_owned(), safe);
    let _ = writeln!(text, "{indent}{}", paint(HEAD, name));
    let here: Vec<&HistoryEvent> =
        incident.history.events.iter().filter(|event| event.stack.as_deref() == stack).collect();
    let failed: Vec<&HistoryEvent> = here
        .iter()
        .copied()
        .filter(|event| event.role.is_some() && event.logical_id.as_deref() != stack)
        .collect();
    let (causes, others): (Vec<&HistoryEvent>, Vec<&HistoryEvent>) =
        failed.iter().copied().partition(|event| matches!(event.role, Some(Role::Root | Role::Cause)));
    for event in &causes {
        text.push_str(&leaf(event, &format!("{indent}├─ "), width));
    }
    for event in &others {
        let mark = if causes.is_empty() { "├─ " } else { "│   └─ " };
        text.push_str(&leaf(event, &format!("{indent}{mark}"), width));
    }
    let ids: BTreeSet<&str> = failed.iter().filter_map(|event| event.logical_id.as_deref()).collect();
    let all: BTreeSet<&str> =
        here.iter().filter_map(|event| event.logical_id.as_deref()).filter(|id| Some(*id) != stack).collect();
    let _ = writeln!(
        text,
        "{indent}└─ {}",
        paint(
            DIM,
            plural(all.len() - ids.len().min(all.len()), "resource did not fail", "resources did not fail")
        )
    );
    let children = incident.history.nested.iter().filter(|link| Some(link.parent.as_str()) == stack);
    for child in children {
        branch(text, incident, Some(&child.child), depth + 1, width);
    }
}

fn leaf(event: &HistoryEvent, lead: &str, width: usize) -> String {
    let role = event.role.map_or("", label);
    let id = safe(event.logical_id.as_deref().unwrap_or("an unnamed resource"));
    let head = format!("{lead}{} {id}", paint(style(event.role), role));
    let room = width.saturating_sub(crate::render::visible(&head) + 12);
    let reason = if room < 20 { String::new() } else { clip(&safe(&event.reason), room) };
    format!("{head}  {}\n", paint(DIM, format!("line {}  {reason}", event.line)))
}

/// The events that hold every one of the terms, one row each.
pub fn events(incident: &Incident, terms: &[String], width: usize) -> String {
    let found = matching(incident, terms);
    let mut text = String::new();
    for event in &found {
        text.push_str(&event_row(event, width));
    }
    let shown = plural(found.len(), "event", "events");
    let _ = writeln!(text, "{}", paint(DIM, format!("{shown} of {}", incident.history.events.len())));
    text
}

/// The events that hold every one of the terms, in any of their fields, labels included.
pub fn matching<'i>(incident: &'i Incident, terms: &[String]) -> Vec<&'i HistoryEvent> {
    let terms: Vec<String> = terms.iter().map(|term| term.to_lowercase()).collect();
    let holds = |event: &&HistoryEvent| {
        let fields = [&event.time, &event.stack, &event.logical_id, &event.resource_type, &event.status];
        let label = event.role.map_or("", label);
        let whole: Vec<&str> =
            fields.into_iter().flatten().map(String::as_str).chain([event.reason.as_str(), label]).collect();
        let whole = whole.join("\n").to_lowercase();
        terms.iter().all(|term| whole.contains(term) || (term == "failed" && event.role.is_some()))
    };
    incident.history.events.iter().filter(holds).collect()
}

fn event_row(event: &HistoryEvent, width: usize) -> String {
    let number = paint(DIM, format!("{:>6} │", event.line));
    let named = [&event.time, &event.logical_id, &event.resource_type];
    let subject: Vec<String> = named.into_iter().flatten().map(|part| safe(part)).collect();
    let mut text = format!("{number} {}  {}\n", subject.join("  "), state(event, event.role));
    if !event.reason.is_empty() {
        let _ = writeln!(
            text,
            "{}  {}",
            paint(DIM, "       │"),
            clip(&safe(&event.reason), width.saturating_sub(11))
        );
    }
    text
}

/// Two or more incidents side by side, and what they share.
pub fn comparison(incidents: &[&Incident], width: usize) -> String {
    let mut text = String::new();
    for incident in incidents {
        let _ = writeln!(text, "{}", paint(HEAD, safe(&incident.name)));
        text.push_str(&columns(&facts(incident, width), 2));
    }
    text + &shared(incidents)
}

fn facts(incident: &Incident, width: usize) -> Vec<[String; 2]> {
    let source = &incident.diagnosis.source;
    let mut rows = vec![[paint(DIM, "stack"), safe(incident.subject())]];
    if let Some(operation) = &source.operation {
        rows.push([paint(DIM, "operation"), operation.clone()]);
    }
    let Some(verdict) = &incident.diagnosis.verdict else {
        rows.push([paint(DIM, "result"), "no failure".to_owned()]);
        return rows;
    };
    rows.push([
        paint(DIM, "root"),
        format!(
            "{}, line {}",
            safe(verdict.root.logical_id.as_deref().unwrap_or("(text)")),
            verdict.root.line
        ),
    ]);
    rows.push([paint(DIM, "cause"), clip(&safe(&verdict.cause), width.saturating_sub(14))]);
    rows.push([
        paint(DIM, "rule"),
        format!("{} · {}", verdict.rule.as_deref().unwrap_or("none"), category(verdict.category)),
    ]);
    rows.push([paint(DIM, "retry"), retry(verdict)]);
    rows
}

fn shared(incidents: &[&Incident]) -> String {
    let rules: BTreeSet<Option<&str>> = incidents
        .iter()
        .map(|incident| incident.diagnosis.verdict.as_ref().and_then(|verdict| verdict.rule.as_deref()))
        .collect();
    let same = match rules.first() {
        Some(Some(rule)) if rules.len() == 1 => format!("The same cause in all of them: {rule}."),
        _ if rules.len() == 1 => "No rule knows the cause of any of them.".to_owned(),
        _ => "The causes differ.".to_owned(),
    };
    let failed = |incident: &&Incident| -> BTreeSet<String> {
        incident.failures().filter_map(|event| event.logical_id.clone()).collect()
    };
    let common = incidents.iter().map(failed).reduce(|one, other| &one & &other).unwrap_or_default();
    let common = match common.len() {
        0 => "No resource failed in all of them.".to_owned(),
        _ => format!(
            "Failed in all of them: {}.",
            common.iter().map(|id| safe(id)).collect::<Vec<_>>().join(", ")
        ),
    };
    format!("{same} {common}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::incident::tests::{EVENTS, incident};
    use crate::terminal::plain;

    #[test]
    fn an_incident_is_seen_from_every_side() {
        let incident = incident(EVENTS);
        insta::assert_snapshot!(plain(&timeline(&incident, 100)), @r#"
        +0 s        9 s  ━━━━━━━━━━━━━━━━━━━━  shop         ROLLBACK_IN_PROGRESS  parent echo
        +2 s        0 s  ····━···············  LogBucket    CREATE_COMPLETE
        +6 s        0 s  ·············━······  SesIdentity  CREATE_FAILED  root
        +8 s        0 s  ·················━··  OrderQueue   CREATE_FAILED  cancelled
        "#);
        insta::assert_snapshot!(plain(&graph(&incident, 80)), @r#"
        shop
        ├─ root SesIdentity  line 3  Email identity mail.shop.example already exists.…
        │   └─ cancelled OrderQueue  line 2  Resource creation cancelled
        └─ 1 resource did not fail
        "#);
        insta::assert_snapshot!(plain(&events(&incident, &["queue".to_owned()], 80)), @r#"
             2 │ 2026-03-01 10:00:08 UTC+0000  OrderQueue  CREATE_FAILED  cancelled
               │  Resource creation cancelled
             1 │ 2026-03-01 10:00:09 UTC+0000  shop  ROLLBACK_IN_PROGRESS  parent echo
               │  The following resource(s) failed to create: [OrderQueue, SesIdentity…
        2 events of 5
        "#);
        insta::assert_snapshot!(plain(&events(&incident, &["failed".to_owned()], 40)), @r#"
             3 │ 2026-03-01 10:00:06 UTC+0000  SesIdentity  CREATE_FAILED  root
               │  Email identity mail.shop.exa…
             2 │ 2026-03-01 10:00:08 UTC+0000  OrderQueue  CREATE_FAILED  cancelled
               │  Resource creation cancelled
             1 │ 2026-03-01 10:00:09 UTC+0000  shop  ROLLBACK_IN_PROGRESS  parent echo
               │  The following resource(s) fa…
        3 events of 5
        "#);
    }

    #[test]
    fn incidents_are_compared_by_cause_and_by_resource() {
        let (one, healthy) = (incident(EVENTS), incident("all is well\n"));
        insta::assert_snapshot!(plain(&comparison(&[&one, &one], 80)), @r#"
        events.txt
          stack      shop
          operation  create
          root       SesIdentity, line 3
          cause      The SES identity mail.shop.example already exists in this account…
          rule       ses-identity-exists · already-exists
          retry      yes, with the fix, at once
        events.txt
          stack      shop
          operation  create
          root       SesIdentity, line 3
          cause      The SES identity mail.shop.example already exists in this account…
          rule       ses-identity-exists · already-exists
          retry      yes, with the fix, at once
        The same cause in all of them: ses-identity-exists. Failed in all of them: OrderQueue, SesIdentity, shop.
        "#);
        assert!(plain(&comparison(&[&one, &healthy], 80)).contains("The causes differ."));
    }
}
