//! From bytes to the diagnosis: decode, read events, find the root, match rules, and say so.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::answer::{self, Place};
use crate::category::Category;
use crate::context;
use crate::decode::{self, Line};
use crate::error::RulesError;
use crate::formats::{self, Format, Parsed};
use crate::incident::{self, Failure, Incident, Label};
use crate::message::{self, Found};
use crate::permissions::{self, Policy};
use crate::rulebook::{Facts, Match, Rulebook};
use crate::signature::Tier;
use crate::template::Values;
use crate::verdict::{
    Candidate, DIAGNOSIS_SCHEMA, Diagnosis, Evidence, Noise, Root, Source, Status, Verdict,
};

/// How many causes besides the root are reported.
const ALSO: usize = 20;
/// How long a text in a verdict may be, in characters.
const TEXT: usize = 2000;

/// How to read the input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiagnoseOptions {
    /// Diagnose the whole events of a JSON document that ends in the middle, rather than refuse it.
    pub partial: bool,
}

impl DiagnoseOptions {
    /// Refuses events that end in the middle, unless they are wanted all the same.
    pub(crate) fn check(self, parsed: &Parsed) -> Result<(), RulesError> {
        match parsed.truncated {
            Some((line, events)) if !self.partial => Err(RulesError::Truncated { line, events }),
            _ => Ok(()),
        }
    }
}

/// Finds the root cause in a text: any supported output of a deploy, a stack's events, or one message.
///
/// # Errors
/// When the input cannot be read: empty, binary, damaged gzip, or JSON events cut off in the middle.
pub fn diagnose(input: &[u8], book: &Rulebook) -> Result<Diagnosis, RulesError> {
    diagnose_with(input, book, DiagnoseOptions::default())
}

/// As [`diagnose`], with options.
///
/// # Errors
/// As [`diagnose`].
pub fn diagnose_with(
    input: &[u8],
    book: &Rulebook,
    options: DiagnoseOptions,
) -> Result<Diagnosis, RulesError> {
    let text = decode::text(input)?;
    let found = of_lines(&decode::lines(&text), Cuts::default(), book, options)?;
    if found.verdict.is_none() && found.source.events == 0 && is_bare_document(&text) {
        return Err(RulesError::NoEvents);
    }
    Ok(found)
}

/// What is missing between lines that were picked from a large text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cuts {
    /// Lines that do not matter were let go, too many for the text to be one message.
    pub(crate) calm: bool,
    /// How many lines that matter were let go.
    pub(crate) left_out: usize,
}

/// As [`diagnose_with`], of clean lines.
///
/// # Errors
/// When JSON events are cut off in the middle.
pub(crate) fn of_lines(
    lines: &[Line<'_>],
    cuts: Cuts,
    book: &Rulebook,
    options: DiagnoseOptions,
) -> Result<Diagnosis, RulesError> {
    let mut parsed = formats::parse(lines);
    options.check(&parsed)?;
    let format = parsed.format();
    let incident = Incident::read(&mut parsed);
    Ok(Reading { lines, cuts, parsed: &parsed, format, incident: &incident, book }.diagnosis())
}

/// Whether a text is one JSON value and no line of a log, and says neither a message nor how anything stands: without
/// events there is nothing in it to judge.
fn is_bare_document(text: &str) -> bool {
    let message = |document: &Value| {
        ["message", "msg", "log", "text"].iter().any(|key| document.get(*key).is_some_and(Value::is_string))
    };
    text.trim_start().starts_with(['{', '['])
        && serde_json::from_str(text).is_ok_and(|document| !message(&document) && !says_status(&document))
}

/// Whether a member of a document, however deep, is a status.
fn says_status(document: &Value) -> bool {
    let is_status = |(key, value): (&String, &Value)| {
        value.is_string() && key.to_ascii_lowercase().ends_with("status") || says_status(value)
    };
    match document {
        Value::Object(object) => object.iter().any(is_status),
        Value::Array(values) => values.iter().any(says_status),
        _ => false,
    }
}

/// Everything a diagnosis is drawn from.
struct Reading<'r> {
    lines: &'r [Line<'r>],
    cuts: Cuts,
    parsed: &'r Parsed,
    /// What the text was read as; the events have left `parsed` by now.
    format: Format,
    incident: &'r Incident,
    book: &'r Rulebook,
}

impl Reading<'_> {
    fn diagnosis(&self) -> Diagnosis {
        let verdict = self.verdict();
        let also = if verdict.is_some() && self.incident.has_cause() { self.also() } else { Vec::new() };
        Diagnosis {
            schema: DIAGNOSIS_SCHEMA.to_owned(),
            status: if verdict.is_some() { Status::Failed } else { Status::Healthy },
            policy: self.policy(verdict.iter().chain(&also)),
            noise: if verdict.is_some() { self.incident.noise() } else { Noise::default() },
            verdict,
            also,
            source: self.source(),
        }
    }

    /// The policy that allows what was refused anywhere in the incident.
    fn policy<'v>(&self, verdicts: impl Iterator<Item = &'v Verdict> + Clone) -> Option<Policy> {
        let has = |wanted: &[Category]| verdicts.clone().any(|verdict| wanted.contains(&verdict.category));
        if verdicts
            .clone()
            .all(|verdict| matches!(verdict.category, Category::EventualConsistency | Category::Credentials))
        {
            return None;
        }
        let told = verdicts.clone().map(|verdict| &*verdict.root.text);
        let failures = self.incident.failures.iter().filter(|failure| failure.label != Label::Cancelled);
        let reasons = failures.map(|failure| &*failure.event.reason);
        // a log may also tell of refusals that did no harm; only where one did, all are of interest
        let about_access = has(&[Category::AccessDenied, Category::PolicyBlocked]);
        let lines = if about_access { message::denied(self.lines, &self.parsed.used) } else { Vec::new() };
        permissions::policy(told.chain(reasons).chain(lines.iter().map(String::as_str)))
    }

    fn source(&self) -> Source {
        let incident = self.incident;
        Source {
            format: self.format.name().to_owned(),
            lines: self.lines.iter().rfind(|line| !line.text.is_empty()).map_or(0, |line| line.number),
            events: incident.events,
            stack: incident.stack.clone(),
            operation: incident.operation.map(str::to_owned),
            order: (incident.events > 0).then(|| incident.order.name().to_owned()),
            left_out: self.cuts.left_out,
        }
    }

    fn verdict(&self) -> Option<Verdict> {
        let in_text = || message::find(self.lines, &self.parsed.used, self.book, self.cuts.calm);
        let Some(root) = self.incident.root else {
            return in_text().map(|found| self.of_text(&found));
        };
        let failure = &self.incident.failures[root];
        let verdict = self.of_failure(failure);
        if self.incident.is_only_noise() {
            // a cancellation or summary by itself is no finding; an error next to it makes it one
            let Some(found) = in_text() else {
                // the API reports a failed stack as a fact; only pasted text may be a fragment of one
                let told_by_api = matches!(self.format, Format::StackEvents | Format::Events);
                return told_by_api.then_some(verdict);
            };
            return Some(if found.best.is_some() { self.with_text(verdict, &found) } else { verdict });
        }
        let settled = verdict.rule.is_some() && self.incident.has_cause();
        let weak = !settled || incident::points_at_log(&failure.event.reason);
        let better = if weak {
            self.better_in_text(&verdict)
        } else {
            (verdict.category == Category::StabilizationTimeout).then(|| self.stopped_task()).flatten()
        };
        Some(better.map_or(verdict.clone(), |found| self.with_text(verdict, &found)))
    }

    /// The resource that CloudFormation's summary of what failed names, if it names exactly one; some tools print
    /// descriptions instead of logical ids.
    fn only_one_named(&self) -> Option<String> {
        let lists = self.lines.iter().filter_map(|line| {
            // a list that goes on in the next line names at least what stands in this one
            let list = line.text.split_once("resource(s) failed to ")?.1.split_once(": [")?.1;
            list.split(']').next()
        });
        let names: BTreeSet<&str> = lists.flat_map(|names| names.split(',')).map(str::trim).collect();
        names.first().filter(|_| names.len() == 1).map(|name| (*name).to_owned())
    }

    /// A cause told outside the events, where the events only point at it.
    fn better_in_text(&self, verdict: &Verdict) -> Option<Found<'_>> {
        let found = message::elsewhere(self.lines, &self.parsed.used, self.book, verdict.rule.as_deref())?;
        let category = found.best.as_ref()?.rule.category;
        let echo = category == Category::CustomResource && verdict.category == category;
        (category != Category::Unknown && !echo).then_some(found)
    }

    /// Why a task stopped, which tools print below a service that never became stable.
    fn stopped_task(&self) -> Option<Found<'_>> {
        let found = message::stopped_task(self.lines, &self.parsed.used, self.book)?;
        let known = found.best.as_ref().filter(|best| best.rule.tier > Tier::General)?;
        (known.rule.category != Category::StabilizationTimeout).then_some(found)
    }

    fn with_text(&self, verdict: Verdict, found: &Found<'_>) -> Verdict {
        let told = self.of_text(found);
        let mut evidence = verdict.evidence;
        evidence.extend(told.evidence);
        let root = if verdict.root.logical_id.is_some() { verdict.root } else { told.root };
        Verdict { root, evidence, ..told }
    }

    fn of_failure(&self, failure: &Failure) -> Verdict {
        let event = &failure.event;
        let facts = Facts {
            text: &failure.telling,
            resource_type: event.resource_type.as_deref(),
            status: event.status.printed(),
        };
        // an exact rule tells a cancellation by a person, which is a cause
        let noise = |found: &Match<'_>| {
            matches!(found.rule.category, Category::NoChanges | Category::Cancelled)
                && found.rule.tier < Tier::Exact
        };
        let best = message::best(self.book, facts).filter(|best| !failure.telling.is_empty() && !noise(best));
        let root = Root {
            logical_id: failure
                .resource()
                .or_else(|| event.resource_type.is_none().then(|| self.only_one_named()).flatten()),
            resource_type: event.resource_type.clone(),
            line: event.reason_line,
            text: clip(if event.reason.is_empty() { event.status.name() } else { &event.reason }),
            status: event.status.printed().map(str::to_owned),
            stack: event.stack.clone(),
        };
        let place = self.place(root, event.lines, context::of_event(event));
        match best {
            Some(best) => {
                // a root that is only the least bad of what is there proves less
                let doubt = if failure.label == Label::Cause { 1.0 } else { 0.8 };
                answer::known(&best, best.confidence * doubt, place)
            }
            None => answer::unknown(self.near(facts), place),
        }
    }

    fn of_text(&self, found: &Found<'_>) -> Verdict {
        let line = self.lines[found.at].number;
        let root = Root { line, text: clip(&found.text), ..Root::default() };
        let mut facts = context::of_text(&found.text);
        facts.extend(self.incident.stack.clone().map(|stack| ("stack".to_owned(), stack)));
        let place = self.place(root, (line, line), facts);
        match &found.best {
            Some(best) => answer::known(best, best.confidence * 0.95, place),
            None => answer::unknown(self.near(Facts { text: &found.text, ..Facts::default() }), place),
        }
    }

    fn place(&self, root: Root, lines: (usize, usize), facts: Values) -> Place {
        let has_events = matches!(self.format, Format::StackEvents | Format::Events);
        Place { root, evidence: self.evidence(lines), facts, has_events }
    }

    /// Rules whose wording the text nearly has: they match when the type and status are left out.
    fn near(&self, facts: Facts<'_>) -> Vec<Candidate> {
        let found = self.book.matches(Facts { text: facts.text, ..Facts::default() });
        let near = found.iter().take(3);
        near.map(|found| Candidate {
            rule: found.rule.id.clone(),
            score: answer::round(found.confidence * 0.5),
        })
        .collect()
    }

    fn evidence(&self, (first, last): (usize, usize)) -> Vec<Evidence> {
        let from = self.lines.partition_point(|line| line.number < first);
        let here = self.lines[from..].iter().take_while(|line| line.number <= last).take(12);
        here.filter(|line| !line.text.trim().is_empty())
            .map(|line| Evidence { line: line.number, text: clip(line.text.trim()) })
            .collect()
    }

    /// The other independent causes, each once.
    fn also(&self) -> Vec<Verdict> {
        let mut seen: HashSet<String> = HashSet::new();
        if let Some(root) = self.incident.root {
            seen.insert(incident::fingerprint(&self.incident.failures[root].telling));
        }
        self.incident
            .other_causes()
            .filter(|failure| seen.insert(incident::fingerprint(&failure.telling)))
            .take(ALSO)
            .map(|failure| self.of_failure(failure))
            .collect()
    }
}

/// The text in one piece, at most [`TEXT`] characters of it.
fn clip(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}
