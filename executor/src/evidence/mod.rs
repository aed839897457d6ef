//! Reads the events of CloudFormation stacks: the reasons that a failed deploy's output does not show.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types::StackSummary;
use jiff::Timestamp;
use provision_planner::plan::EvidenceSource;
use tokio::time::{Instant, timeout};

use crate::cloudformation::client::{self, Kind, Patience};
use crate::cloudformation::hooks;
use crate::cloudformation::record::{self, Record, short};

/// How far this machine's clock may be behind the cloud's.
const CLOCK_SKEW: Duration = Duration::from_secs(120);
/// How long it may take to find out the region; off AWS, asking for it ends in nothing.
const SETUP: Duration = Duration::from_secs(10);
/// No further request is begun after this time.
const BUDGET: Duration = Duration::from_secs(30);
/// How many stacks are read at most, nested ones included.
const MOST_STACKS: usize = 40;
/// How many pages of one stack's events, and of the list of stacks, are read at most.
const MOST_PAGES: usize = 20;

/// What the stacks' events say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackEvidence {
    /// The events as the JSON of `aws cloudformation describe-stack-events`; empty if there are none.
    pub json: String,
    /// How many events that is.
    pub events: usize,
    /// The stacks they come from.
    pub stacks: Vec<String>,
    /// What could not be seen, and why.
    pub not_visible: Vec<String>,
}

/// Reads the events since `since` of the source's stacks and of the stacks nested in them.
///
/// Region, credentials and endpoint are what the AWS SDK resolves. Never fails: what could not be read is told in
/// [`StackEvidence::not_visible`]. Older events are left out: they belong to an operation that is not in question.
pub async fn gather(source: &EvidenceSource, since: Timestamp) -> StackEvidence {
    let client = client::new(source.region.as_deref(), source.profile.as_deref(), Patience::LOOK);
    let Ok(client) = timeout(SETUP, client).await else {
        let not_visible =
            vec!["the stacks' events: the AWS region could not be found out in time".to_owned()];
        return StackEvidence { not_visible, ..StackEvidence::default() };
    };
    let since = since.checked_sub(CLOCK_SKEW).unwrap_or(since);
    let mut reader = Reader::new(client, since);
    reader.roots(&source.stacks).await;
    reader.nested().await;
    reader.hooks().await;
    reader.evidence()
}

/// Reads the events of one stack, whole and with the stacks nested in it, as far back as the service keeps them.
///
/// A stack that was deleted is found by its name, the latest of that name first. As [`gather`], never fails.
pub async fn read_stack(name: &str, region: Option<&str>, profile: Option<&str>) -> StackEvidence {
    let text = |value: Option<&str>| value.map(str::to_owned);
    let source =
        EvidenceSource { stacks: vec![name.to_owned()], region: text(region), profile: text(profile) };
    gather(&source, Timestamp::UNIX_EPOCH).await
}

struct Reader {
    client: Client,
    since: Timestamp,
    deadline: Instant,
    events: Vec<Record>,
    stacks: Vec<String>,
    seen: HashSet<String>,
    queue: VecDeque<String>,
    not_visible: Vec<String>,
}

impl Reader {
    fn new(client: Client, since: Timestamp) -> Self {
        let (events, stacks, not_visible) = (Vec::new(), Vec::new(), Vec::new());
        let (seen, queue, deadline) = (HashSet::new(), VecDeque::new(), Instant::now() + BUDGET);
        Self { client, since, deadline, events, stacks, seen, queue, not_visible }
    }

    /// Reads the stacks that the patterns name; those with a `*`, and those already deleted, by the list of stacks.
    async fn roots(&mut self, patterns: &[String]) {
        let mut listed: Vec<&str> = Vec::new();
        for pattern in patterns {
            if pattern.ends_with('*') || self.stack(pattern).await == Read::Missing {
                listed.push(pattern);
            }
        }
        if listed.is_empty() {
            return;
        }
        let Some(touched) = self.touched_stacks().await else { return };
        for pattern in listed {
            let matching = touched.iter().filter(|(name, _)| matches(pattern, name));
            // Of deleted stacks of one name, only the latest is meant; the service lists it first.
            let most = if pattern.ends_with('*') { usize::MAX } else { 1 };
            let matching: Vec<_> = matching.take(most).collect();
            if matching.is_empty() {
                let whose = if self.since > Timestamp::UNIX_EPOCH { " was touched by this run" } else { "" };
                self.not_visible.push(format!("{pattern}: no such stack{whose}"));
            }
            self.queue.extend(matching.into_iter().map(|(_, id)| id.clone()));
        }
    }

    /// Reads what is queued and what turns out to be nested in it.
    async fn nested(&mut self) {
        while let Some(stack) = self.queue.pop_front() {
            if self.seen.len() >= MOST_STACKS {
                self.not_visible.push(format!("{} more stacks", self.queue.len() + 1));
                return;
            }
            self.stack(&stack).await;
        }
    }

    /// Reads one stack by name or id.
    async fn stack(&mut self, stack: &str) -> Read {
        if !self.seen.insert(stack.to_owned()) {
            return Read::Done;
        }
        let first = self.events.len();
        let read = match self.pages(stack).await {
            Ok(()) => Read::Done,
            Err(problem) if problem.is_missing() => Read::Missing,
            Err(problem) => {
                self.not_visible.push(format!("{}: {}", short(stack), problem.text));
                Read::Done
            }
        };
        self.follow(first);
        read
    }

    async fn pages(&mut self, stack: &str) -> Result<(), client::Problem> {
        let request = self.client.describe_stack_events().stack_name(stack);
        let mut pages = request.into_paginator().send();
        for _ in 0..MOST_PAGES {
            if Instant::now() > self.deadline {
                return Err(client::Problem::new("not all events were read in time"));
            }
            let Some(page) = pages.next().await else { return Ok(()) };
            let events = page.map_err(|error| client::Problem::of(&error))?.stack_events.unwrap_or_default();
            let total = events.len();
            let recent = events.into_iter().map(Record::from);
            let recent = recent.take_while(|event| is_since(event.time.as_ref(), self.since));
            let before = self.events.len();
            self.events.extend(recent);
            // Events come newest first: the first older one ends this operation.
            if self.events.len() - before < total {
                return Ok(());
            }
        }
        Err(client::Problem::new("only the newest events were read"))
    }

    /// Notes the stack that the events from `first` on belong to, and queues the stacks nested in it.
    fn follow(&mut self, first: usize) {
        let new = &self.events[first..];
        let Some(event) = new.first() else { return };
        self.stacks.push(event.stack.clone());
        self.seen.insert(event.stack_id.clone());
        let ids = new.iter().filter_map(Record::nested);
        let unread: Vec<String> = ids.filter(|id| !self.seen.contains(*id)).map(str::to_owned).collect();
        self.queue.extend(unread);
    }

    /// Name and id of every stack that changed since then, deleted ones included; `None` if they cannot be listed.
    async fn touched_stacks(&mut self) -> Option<Vec<(String, String)>> {
        let mut pages = self.client.list_stacks().into_paginator().send();
        let mut touched = Vec::new();
        for _ in 0..MOST_PAGES {
            let page = match pages.next().await {
                Some(Ok(page)) if Instant::now() <= self.deadline => page,
                Some(Err(error)) => {
                    let reason = client::Problem::of(&error).text;
                    self.not_visible.push(format!("the list of stacks: {reason}"));
                    return None;
                }
                _ => break,
            };
            let stacks = page.stack_summaries.unwrap_or_default();
            touched.extend(stacks.into_iter().filter_map(|stack| name_and_id(&stack, self.since)));
        }
        Some(touched)
    }

    /// Reads what hooks said that found something wrong.
    async fn hooks(&mut self) {
        match hooks::explain(&self.client, &mut self.events).await {
            Err(problem) if problem.kind != Kind::Unsupported => {
                self.not_visible.push(format!("what the hooks said: {}", problem.text));
            }
            _ => {}
        }
    }

    fn evidence(mut self) -> StackEvidence {
        self.stacks.dedup();
        let events = self.events.len();
        let json = record::json(&self.events);
        StackEvidence { json, events, stacks: self.stacks, not_visible: self.not_visible }
    }
}

/// How reading one stack went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    /// Read, or told why not.
    Done,
    /// There is no stack of that name.
    Missing,
}

pub(crate) fn name_and_id(stack: &StackSummary, since: Timestamp) -> Option<(String, String)> {
    let times = [stack.creation_time(), stack.last_updated_time(), stack.deletion_time()];
    let touched = times.into_iter().any(|time| time.is_some() && is_since(time, since));
    touched.then_some((stack.stack_name()?.to_owned(), stack.stack_id()?.to_owned()))
}

/// An event without a time is kept: leaving it out could hide the cause.
fn is_since(time: Option<&DateTime>, since: Timestamp) -> bool {
    time.is_none_or(|time| time.secs() >= since.as_second())
}

/// Whether a stack's name fits a pattern: equal, or with the same beginning where the pattern ends in `*`.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_one_stack_or_all_with_a_beginning() {
        assert!(matches("eksctl-demo-*", "eksctl-demo-nodegroup-a"));
        assert!(!matches("eksctl-demo-*", "eksctl-demonstration"));
        assert!(matches("demo", "demo"));
        assert!(!matches("demo", "demo-2"));
    }
}
