//! Answers about an incident, from its labels and lines alone; no model is asked.

use provision_rules::{Category, FixKind, HistoryEvent, Role, Verdict};

use crate::render::{category, clip, duration, plural, retry};
use crate::repl::incident::{Incident, time};
use crate::terminal::safe;

/// How much of a reason is quoted in a sentence, in columns.
const QUOTE: usize = 120;

/// An answer and the lines of the input that it rests on.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Sentences for people, one paragraph each.
    pub text: Vec<String>,
    /// Line numbers, in order, each once.
    pub lines: Vec<usize>,
}

impl Answer {
    fn say(text: impl Into<String>) -> Self {
        Self { text: vec![text.into()], lines: Vec::new() }
    }

    fn and(mut self, text: impl Into<String>) -> Self {
        self.text.push(text.into());
        self
    }

    fn at(mut self, lines: impl IntoIterator<Item = usize>) -> Self {
        self.lines.extend(lines);
        self.lines.sort_unstable();
        self.lines.dedup();
        self
    }
}

/// Answers one of the questions about an incident; nothing for a question it cannot answer.
pub fn about(incident: &Incident, intent: &str, subject: Option<&str>) -> Option<Answer> {
    if intent == "why-resource" {
        return resource(incident, subject.unwrap_or_default());
    }
    let Some(verdict) = &incident.diagnosis.verdict else { return Some(healthy(incident)) };
    Some(match intent {
        "why" => why(incident, verdict),
        "first" => first(incident, verdict),
        "others" => others(incident),
        "cancelled" => set_aside(incident),
        "next" => next(incident),
        "retry" => Answer::say(format!("Retry: {}.", retry(verdict)))
            .and(reason_to_retry(verdict))
            .at([verdict.root.line]),
        "destroys" => destroys(incident),
        "rule" => rule(verdict),
        "where" => place(verdict),
        "when" => when(incident),
        "count" => count(incident),
        "stack" => stack(incident),
        _ => return None,
    })
}

fn healthy(incident: &Incident) -> Answer {
    let read = plural(incident.diagnosis.source.events, "event", "events");
    Answer::say(format!("Nothing failed in {}: no failure found in {read}.", safe(&incident.name)))
}

/// What a verdict says in one sentence.
fn sentence(verdict: &Verdict) -> String {
    let root = &verdict.root;
    let who = root.logical_id.as_deref().map_or_else(String::new, |id| format!("{} failed: ", safe(id)));
    if verdict.rule.is_some() {
        return format!("{who}{}", safe(&verdict.cause));
    }
    format!("{who}no rule knows this failure. It said: \"{}\"", safe(&root.text))
}

fn why(incident: &Incident, verdict: &Verdict) -> Answer {
    let mut answer = Answer::say(sentence(verdict)).at([verdict.root.line]);
    if incident.root().is_some() {
        answer = answer.and(format!("It is the root because it is {}.", safe(&incident.explanation.why)));
    }
    match incident.diagnosis.also.len() {
        0 => answer,
        more => answer.and(format!(
            "{} beside it; \"what else failed?\" lists them.",
            plural(more, "independent cause stands", "independent causes stand")
        )),
    }
}

fn first(incident: &Incident, verdict: &Verdict) -> Answer {
    let Some(first) = incident.failures().next() else { return why(incident, verdict) };
    let answer = Answer::say(format!("{}{}.", told(first), at_time(first))).at([first.line]);
    if first.role == Some(Role::Root) {
        return answer.and(format!("That is the root. {}", sentence(verdict)));
    }
    let why = first.why.as_deref().unwrap_or("set aside");
    answer.and(format!("It is not the root: {why}. {}", sentence(verdict))).at([verdict.root.line])
}

/// An event in a few words: who failed how, and what it said.
fn told(event: &HistoryEvent) -> String {
    let who = event.logical_id.as_deref().unwrap_or("an unnamed resource");
    let status = event.status.as_deref().unwrap_or("failed");
    let reason = if event.reason.is_empty() { String::new() } else { format!(" with \"{}\"", quoted(event)) };
    format!("{}: {status}{reason}", safe(who))
}

/// What an event said, as far as a sentence has room for it.
fn quoted(event: &HistoryEvent) -> String {
    clip(&safe(&event.reason), QUOTE)
}

fn at_time(event: &HistoryEvent) -> String {
    event.time.as_deref().map_or_else(String::new, |time| format!(" at {}", safe(time)))
}

fn others(incident: &Incident) -> Answer {
    let mut answer = Answer::default();
    for (position, verdict) in incident.verdicts().enumerate() {
        let rank = if position == 0 { "the root" } else { "independent of it" };
        answer.text.push(format!("{}. {} ({rank})", position + 1, sentence(verdict)));
        answer.lines.push(verdict.root.line);
    }
    let noise =
        incident.failures().filter(|event| !matches!(event.role, Some(Role::Root | Role::Cause))).count();
    if noise > 0 {
        answer.text.push(format!(
            "{} set aside; \"what was cancelled?\" lists them.",
            plural(noise, "failed event was", "failed events were")
        ));
    }
    let lines = std::mem::take(&mut answer.lines);
    answer.at(lines)
}

fn set_aside(incident: &Incident) -> Answer {
    let aside = || incident.failures().filter(|event| !matches!(event.role, Some(Role::Root | Role::Cause)));
    let mut answer = Answer::default().at(aside().map(|event| event.line));
    for event in aside() {
        let who = event.logical_id.as_deref().unwrap_or("an unnamed resource");
        answer.text.push(format!("{}: {}", safe(who), event.why.as_deref().unwrap_or_default()));
    }
    answer.text.dedup();
    if answer.text.is_empty() {
        answer.and("Nothing was set aside: every failed event is a cause.")
    } else {
        answer
    }
}

/// What to do, fix by fix.
pub fn next(incident: &Incident) -> Answer {
    let mut answer = Answer::default();
    for (position, verdict) in incident.verdicts().enumerate() {
        answer = answer.at([verdict.root.line]);
        let number = position + 1;
        let known = !verdict.fix.text.is_empty();
        let text = if known { safe(&verdict.fix.text) } else { "no fix is known".to_owned() };
        answer.text.push(format!("{number}. {text}"));
        answer.text.push(format!("   retry: {}; {}", retry(verdict), how(verdict, number)));
        if let Some(command) = verdict.decide.as_ref().filter(|_| !known) {
            answer.text.push(format!("   what would decide it: {}", safe(command)));
        }
    }
    if answer.text.is_empty() { healthy(incident) } else { answer }
}

fn how(verdict: &Verdict, number: usize) -> String {
    match verdict.fix.kind {
        FixKind::Param => format!("/fix {number} puts it into the plan"),
        FixKind::Operator => format!("/fix {number} shows the commands"),
        FixKind::Wait | FixKind::Rerun => "/deploy runs the plan again".to_owned(),
        FixKind::None if verdict.rule.is_none() => "/explain says more, /ask asks a model".to_owned(),
        FixKind::None => "/rule and /explain say more".to_owned(),
    }
}

fn reason_to_retry(verdict: &Verdict) -> String {
    match (verdict.retryable, verdict.fix.wait_seconds) {
        (true, Some(seconds)) if seconds > 0 => {
            format!("The same run plausibly succeeds after about {}.", duration(seconds))
        }
        (true, _) => "The very same run, later, plausibly succeeds.".to_owned(),
        (false, _) if verdict.category == Category::Unknown => {
            "No rule knows this failure, so nothing speaks for a retry.".to_owned()
        }
        (false, _) => "Unchanged, the same run would fail the same way.".to_owned(),
    }
}

fn destroys(incident: &Incident) -> Answer {
    let mut answer = Answer::default();
    for (position, verdict) in incident.verdicts().enumerate() {
        let what = match verdict.fix.kind {
            FixKind::None => "there is nothing to run".to_owned(),
            FixKind::Wait | FixKind::Rerun => "it only runs the same thing again".to_owned(),
            FixKind::Param => "it changes one input of the plan; /fix --dry-run shows which".to_owned(),
            FixKind::Operator => {
                let deletes = verdict.fix.commands.iter().any(|command| command.contains("delete"));
                let warning = if deletes { "; a command of it deletes" } else { "" };
                format!("it is for you to run, nothing of it runs by itself{warning}")
            }
        };
        answer.text.push(format!("{}. {what}.", position + 1));
    }
    answer
}

fn rule(verdict: &Verdict) -> Answer {
    let said = match &verdict.rule {
        Some(rule) => format!(
            "Rule {rule} ({}), confidence {:.2}; /rule shows it.",
            category(verdict.category),
            verdict.confidence
        ),
        None if verdict.near.is_empty() => "No rule knows this failure, and none comes close.".to_owned(),
        None => {
            let near: Vec<String> =
                verdict.near.iter().map(|near| format!("{} {:.2}", near.rule, near.score)).collect();
            format!("No rule knows this failure; close are {}.", near.join(", "))
        }
    };
    Answer::say(said).at([verdict.root.line])
}

fn place(verdict: &Verdict) -> Answer {
    let lines: Vec<usize> =
        verdict.evidence.iter().map(|line| line.line).chain([verdict.root.line]).collect();
    let quoted =
        verdict.evidence.iter().map(|line| format!("{}: {}", line.line, clip(&safe(&line.text), QUOTE)));
    Answer { text: quoted.collect(), lines: Vec::new() }.at(lines)
}

fn when(incident: &Incident) -> Answer {
    let Some(root) = incident.root().or_else(|| incident.failures().next()) else {
        return Answer::say("The text has no stack events, so it tells no time.");
    };
    let events = &incident.history.events;
    let span = events.iter().find_map(time).zip(events.iter().rev().find_map(time));
    let whole = span.map_or_else(String::new, |(from, to)| {
        format!(" The events span {}.", seconds(to.duration_since(from).as_secs()))
    });
    match (&root.time, span.zip(time(root))) {
        (None, _) => Answer::say("The events carry no times.").at([root.line]),
        (Some(at), Some(((from, _), failed))) => {
            let after = seconds(failed.duration_since(from).as_secs());
            Answer::say(format!("At {}, {after} after the first event.{whole}", safe(at))).at([root.line])
        }
        (Some(at), None) => Answer::say(format!("At {}.", safe(at))).at([root.line]),
    }
}

fn count(incident: &Incident) -> Answer {
    let of = |role| incident.with_role(role).count();
    let failed = incident.failures().count();
    Answer::say(format!(
        "{}, {failed} of them failed: {} root, {} other causes, {} cancelled, {} consequences, {} of the rollback, {} parent echoes, {} repeated.",
        plural(incident.history.events.len(), "event", "events"),
        of(Role::Root),
        of(Role::Cause),
        of(Role::Cancelled),
        of(Role::Consequence),
        of(Role::RollbackEcho),
        of(Role::ParentEcho),
        of(Role::Repeated),
    ))
}

fn stack(incident: &Incident) -> Answer {
    let source = &incident.diagnosis.source;
    let stack =
        source.stack.as_deref().map_or_else(|| "a stack that the text does not name".to_owned(), safe);
    let operation = source.operation.as_deref().unwrap_or("operation");
    Answer::say(format!(
        "The {operation} of {stack} failed; read from {} as {}.",
        safe(&incident.name),
        source.format
    ))
}

/// Why a resource is as it is; nothing when no resource is called so.
pub fn resource(incident: &Incident, words: &str) -> Option<Answer> {
    let found = incident.find(words);
    let answers = found.iter().take(5).map(|id| one_resource(incident, id));
    let mut all = answers.reduce(|mut all, next| {
        all.text.extend(next.text);
        all.at(next.lines)
    })?;
    if found.len() > 5 {
        all.text.push(format!(
            "And {} more: {}.",
            found.len() - 5,
            found[5..].iter().take(20).map(|id| safe(id)).collect::<Vec<_>>().join(", ")
        ));
    }
    Some(all)
}

fn one_resource(incident: &Incident, id: &str) -> Answer {
    let events = incident.events_of(id);
    let failed: Vec<&HistoryEvent> = events.iter().copied().filter(|event| event.role.is_some()).collect();
    let Some(telling) = failed.iter().copied().min_by_key(|event| rank(event)) else {
        let status = events.last().and_then(|event| event.status.as_deref()).unwrap_or("no status");
        return Answer::say(format!("{} did not fail; its last status is {status}.", safe(id)))
            .at(events.iter().map(|event| event.line));
    };
    let role = telling.role.unwrap_or(Role::Cause);
    Answer::say(format!("{}{}", safe(id), story(incident, telling, role))).at(lines(incident, &failed, role))
}

/// Which of a resource's failures says most.
fn rank(event: &HistoryEvent) -> u8 {
    match event.role {
        Some(Role::Root) => 0,
        Some(Role::Cause) => 1,
        Some(Role::Consequence) => 2,
        Some(Role::Cancelled) => 3,
        _ => 4,
    }
}

fn lines(incident: &Incident, failed: &[&HistoryEvent], role: Role) -> Vec<usize> {
    let own = failed.iter().map(|event| event.line);
    let root = incident.root().filter(|_| role != Role::Cause).map(|event| event.line);
    own.chain(root).collect()
}

fn story(incident: &Incident, event: &HistoryEvent, role: Role) -> String {
    let after = after_root(incident, event);
    let said = if event.reason.is_empty() { String::new() } else { format!(", with \"{}\"", quoted(event)) };
    let verdict = incident.verdicts().find(|verdict| verdict.root.line == event.line);
    let cause =
        verdict.filter(|verdict| verdict.rule.is_some()).map(|verdict| format!(" {}", safe(&verdict.cause)));
    let cause = cause.unwrap_or_default();
    match role {
        Role::Root => format!(" is the root{said}.{cause}"),
        Role::Cause => format!(" is a cause of its own, independent of the root{said}.{cause}"),
        Role::Cancelled => format!(
            " failed{after}{said}: CloudFormation stops what is in flight once another resource fails. It has no cause of its own."
        ),
        Role::Consequence => format!(
            " failed{after}{said}: it follows from another failure ({}).",
            event.why.as_deref().unwrap_or_default()
        ),
        Role::RollbackEcho => format!(" failed{after}, while the stack was rolling back{said}."),
        Role::ParentEcho => {
            format!(" repeats what failed in it{said} ({}).", event.why.as_deref().unwrap_or_default())
        }
        Role::Repeated => format!("'s failure is told a second time{said}."),
    }
}

/// How long after the root, as far as the times tell.
fn after_root(incident: &Incident, event: &HistoryEvent) -> String {
    let Some(root) = incident.root().filter(|root| *root != event) else { return String::new() };
    let name = safe(root.logical_id.as_deref().unwrap_or("the root"));
    match time(event).zip(time(root)).map(|(event, root)| event.duration_since(root).as_secs()) {
        Some(0) => format!(" in the same second as {name}"),
        Some(after) if after > 0 => format!(" {} after {name}", seconds(after)),
        Some(before) => format!(" {} before {name}", seconds(-before)),
        None => format!(" beside {name}"),
    }
}

/// Seconds as `8 s`, `2 m 05 s` or `1 h 04 m`.
pub fn seconds(total: i64) -> String {
    match total {
        0..=59 => format!("{total} s"),
        60..=3599 => format!("{} m {:02} s", total / 60, total % 60),
        _ => format!("{} h {:02} m", total / 3600, total % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::incident::tests::{EVENTS, incident};

    fn answer(intent: &str, subject: Option<&str>) -> String {
        let answer = about(&incident(EVENTS), intent, subject).expect("an answer");
        format!("{}\nlines {:?}", answer.text.join("\n"), answer.lines)
    }

    #[test]
    fn a_cancelled_resource_is_explained_by_the_root_beside_it() {
        insta::assert_snapshot!(answer("why-resource", Some("queue")), @r#"
        OrderQueue failed 2 s after SesIdentity, with "Resource creation cancelled": CloudFormation stops what is in flight once another resource fails. It has no cause of its own.
        lines [2, 3]
        "#);
    }

    #[test]
    fn the_root_and_what_now_are_answered_from_the_verdict() {
        insta::assert_snapshot!(answer("why", None), @r#"
        SesIdentity failed: The SES identity mail.shop.example already exists in this account and region.
        It is the root because it is the first failure with a reason of its own.
        lines [3]
        "#);
        insta::assert_snapshot!(answer("first", None), @r#"
        SesIdentity: CREATE_FAILED with "Email identity mail.shop.example already exists. (Service: Ses, Status Code: 400)" at 2026-03-01 10:00:06 UTC+0000.
        That is the root. SesIdentity failed: The SES identity mail.shop.example already exists in this account and region.
        lines [3]
        "#);
        insta::assert_snapshot!(answer("next", None), @r#"
        1. Run again with --skip-ses-identity: the identity is reused, nothing is deleted. Outside this platform, import the identity into the stack or drop it from the template.
           retry: yes, with the fix, at once; /fix 1 puts it into the plan
        lines [3]
        "#);
        insta::assert_snapshot!(answer("retry", None), @r#"
        Retry: yes, with the fix, at once.
        Unchanged, the same run would fail the same way.
        lines [3]
        "#);
        insta::assert_snapshot!(answer("when", None), @r#"
        At 2026-03-01 10:00:06 UTC+0000, 6 s after the first event. The events span 9 s.
        lines [3]
        "#);
        insta::assert_snapshot!(answer("count", None), @r#"
        5 events, 3 of them failed: 1 root, 0 other causes, 1 cancelled, 0 consequences, 0 of the rollback, 1 parent echoes, 0 repeated.
        lines []
        "#);
        insta::assert_snapshot!(answer("cancelled", None), @r#"
        OrderQueue: cancelled because something else failed
        shop: names what failed, not why
        lines [1, 2]
        "#);
    }

    #[test]
    fn an_unknown_name_has_no_answer_and_a_healthy_one_says_so() {
        let incident = incident(EVENTS);
        assert_eq!(about(&incident, "why-resource", Some("lambda")), None);
        let bucket = about(&incident, "why-resource", Some("bucket")).expect("an answer");
        assert!(bucket.text[0].contains("did not fail"), "{bucket:?}");
    }
}
