//! Follows stacks while something drives them: reads their events as they come, nested stacks and what a rollback will
//! delete included, and tells of them.

mod pace;
mod tree;

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout};

use super::client::{Kind, Problem};
use super::hooks;
use super::record::{self, Record, short};
use crate::event::{Event, HookObjection, StackChange};
use crate::evidence::{StackEvidence, matches, name_and_id};
pub(crate) use pace::Look;
use pace::Pace;
use tree::Tree;
pub(crate) use tree::is_running;

/// How many pages of one stack's new events are read at once at most.
const MOST_PAGES: usize = 20;
/// How many stacks are followed at most, nested ones included.
const MOST_STACKS: usize = 60;
/// How long between two looks for stacks that a pattern names: until the first is there, and afterwards.
const DISCOVERY: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(10)];
/// How old an event may be, by this machine's clock, to belong to what has just begun.
const FRESH: Duration = Duration::from_secs(5);

/// What a follower tells, and asks the meaning of failures.
pub(crate) struct Listener<'a> {
    /// The id of the step that drives the stacks.
    pub(crate) step: &'a str,
    /// Takes events.
    pub(crate) tell: &'a (dyn Fn(Event) + Send + Sync),
    /// Says what stack events mean.
    pub(crate) diagnose: &'a (dyn Fn(&str) -> provision_rules::Diagnosis + Send + Sync),
}

/// Which action tells the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// `DescribeEvents`, with operations, validations and hooks.
    Operations,
    /// `DescribeStackEvents`, which every endpoint has.
    Stacks,
}

/// A stack that is read again and again.
#[derive(Debug)]
struct Watched {
    /// The name or id it is asked for by.
    key: String,
    /// The id that a name turned out to have last.
    id: Option<String>,
}

/// Follows stacks. Dropping it ends that; what it read is kept until then.
pub(crate) struct Follower<'a> {
    client: Client,
    listener: Listener<'a>,
    /// Names with a `*` at their end, looked for again and again.
    patterns: Vec<String>,
    watched: Vec<Watched>,
    source: Source,
    since: Timestamp,
    records: Vec<Record>,
    seen: HashSet<String>,
    tree: Tree,
    pace: Pace,
    discovered: Option<Instant>,
    cause_told: bool,
    troubled: bool,
    hooks_hidden: bool,
}

impl<'a> Follower<'a> {
    /// A follower of the stacks that these names and patterns mean.
    pub(crate) fn new(client: Client, stacks: &[String], listener: Listener<'a>) -> Self {
        let (patterns, names): (Vec<_>, Vec<_>) =
            stacks.iter().cloned().partition(|name| name.ends_with('*'));
        Self {
            client,
            listener,
            patterns,
            watched: names.into_iter().map(|key| Watched { key, id: None }).collect(),
            source: Source::Operations,
            since: Timestamp::now(),
            records: Vec::new(),
            seen: HashSet::new(),
            tree: Tree::default(),
            pace: Pace::new(),
            discovered: None,
            cause_told: false,
            troubled: false,
            hooks_hidden: false,
        }
    }

    /// Takes everything that is there now for old news; only what comes after it is told.
    pub(crate) async fn skip_what_is_there(&mut self) -> Result<(), Problem> {
        self.skip(None).await
    }

    /// As [`Follower::skip_what_is_there`], but keeps events that are at most some seconds old: what is followed may
    /// have begun before the first look.
    async fn skip_what_is_old(&mut self) -> Result<(), Problem> {
        let fresh = self.since.checked_sub(FRESH).unwrap_or(self.since);
        self.skip(Some(fresh)).await
    }

    async fn skip(&mut self, older_than: Option<Timestamp>) -> Result<(), Problem> {
        for at in 0..self.watched.len() {
            let records = match self.unseen(&self.watched[at].key.clone()).await {
                Err(problem) if problem.is_missing() => continue,
                read => read?,
            };
            let old = |record: &&Record| match (older_than, record.time) {
                (Some(limit), Some(time)) => time.as_nanos() < limit.as_nanosecond(),
                _ => true,
            };
            self.seen.extend(records.iter().filter(old).map(|record| record.id.clone()));
            // Once deleted, it is known by its id only.
            self.watched[at].id = records.last().map(|record| record.stack_id.clone());
        }
        Ok(())
    }

    /// Takes what happened before the stack's latest operation for old news.
    pub(crate) async fn skip_earlier_operations(&mut self) -> Result<(), Problem> {
        for at in 0..self.watched.len() {
            let records = match self.unseen(&self.watched[at].key.clone()).await {
                Err(problem) if problem.is_missing() => continue,
                read => read?,
            };
            let begun = records.iter().rposition(Record::begins_operation).unwrap_or(0);
            self.seen.extend(records[..begun].iter().map(|record| record.id.clone()));
            self.watched[at].id = records.last().map(|record| record.stack_id.clone());
        }
        Ok(())
    }

    /// Looks until it is dropped, or until it turns out that nothing can be seen.
    pub(crate) async fn run(&mut self) {
        let mut begun = false;
        loop {
            let looked = match begun {
                true => self.look().await,
                false => self.skip_what_is_old().await.map(|()| Look::News),
            };
            begun |= looked.is_ok();
            match looked {
                Ok(look) => self.wait(look).await,
                Err(problem) if problem.is_passing() => {
                    self.trouble(&problem);
                    self.wait(Look::Refused).await;
                }
                Err(problem) => {
                    let reason = format!("the stacks' events: {}", problem.text);
                    (self.listener.tell)(Event::StackNotVisible {
                        step: self.listener.step.to_owned(),
                        reason,
                    });
                    return;
                }
            }
        }
    }

    /// Waits for as long as the outcome of a look asks for.
    pub(crate) async fn wait(&mut self, look: Look) {
        sleep(self.pace.after(look)).await;
    }

    /// As [`Follower::wait`], after a look that failed in passing.
    pub(crate) async fn wait_out(&mut self, problem: &Problem) {
        self.trouble(problem);
        self.wait(Look::Refused).await;
    }

    /// Says once that nothing is visible for a while.
    fn trouble(&mut self, problem: &Problem) {
        tracing::debug!(problem = problem.text, "the stacks' events cannot be read");
        if problem.kind != Kind::Throttled && !std::mem::replace(&mut self.troubled, true) {
            let reason = format!("the stacks' events at the moment: {}", problem.text);
            (self.listener.tell)(Event::StackNotVisible { step: self.listener.step.to_owned(), reason });
        }
    }

    /// Reads what is new in all stacks and tells of it.
    pub(crate) async fn look(&mut self) -> Result<Look, Problem> {
        self.discover().await?;
        let before = self.records.len();
        let mut at = 0;
        // Nested stacks are added while this goes on.
        while at < self.watched.len() {
            self.read(at).await?;
            at += 1;
        }
        self.troubled = false;
        self.name_cause();
        (self.listener.tell)(Event::StackProgress {
            step: self.listener.step.to_owned(),
            stacks: self.tree.views(),
            counts: self.tree.counts(),
        });
        Ok(if self.records.len() > before { Look::News } else { Look::Nothing })
    }

    /// One more look at the end, within a bound, for what came since the last one.
    pub(crate) async fn last_look(&mut self, bound: Duration) {
        // Stacks that came and went since the last look for them are looked for, too.
        self.discovered = None;
        if let Ok(Err(problem)) = timeout(bound, self.look()).await {
            tracing::debug!(problem = problem.text, "the last look at the stacks failed");
        }
    }

    /// Whether anything new was read.
    pub(crate) fn has_news(&self) -> bool {
        !self.records.is_empty()
    }

    /// What was read.
    pub(crate) fn evidence(&self) -> StackEvidence {
        let mut stacks: Vec<String> = Vec::new();
        for record in &self.records {
            if !stacks.contains(&record.stack) {
                stacks.push(record.stack.clone());
            }
        }
        StackEvidence {
            json: record::json(&self.records),
            events: self.records.len(),
            stacks,
            not_visible: Vec::new(),
        }
    }

    /// Looks for stacks that a pattern names, now and then.
    async fn discover(&mut self) -> Result<(), Problem> {
        let pause = DISCOVERY[usize::from(!self.watched.is_empty())];
        let due = self.discovered.is_none_or(|last| last.elapsed() >= pause);
        if self.patterns.is_empty() || !due {
            return Ok(());
        }
        self.discovered = Some(Instant::now());
        let since = self.since.checked_sub(FRESH).unwrap_or(self.since);
        let mut pages = self.client.list_stacks().into_paginator().send();
        for _ in 0..MOST_PAGES {
            let Some(page) = pages.next().await else { break };
            let stacks = page.map_err(|error| Problem::of(&error))?.stack_summaries.unwrap_or_default();
            for (name, id) in stacks.iter().filter_map(|stack| name_and_id(stack, since)) {
                if self.patterns.iter().any(|pattern| matches(pattern, &name)) {
                    self.watch(&id);
                }
            }
        }
        Ok(())
    }

    fn watch(&mut self, id: &str) {
        let known = |watched: &Watched| watched.key == id || watched.id.as_deref() == Some(id);
        if !self.watched.iter().any(known) && self.watched.len() < MOST_STACKS {
            self.watched.push(Watched { key: id.to_owned(), id: Some(id.to_owned()) });
        }
    }

    /// Reads what is new in one stack.
    async fn read(&mut self, at: usize) -> Result<(), Problem> {
        let Watched { key, id } = &self.watched[at];
        let (key, id) = (key.clone(), id.clone());
        let by_id = id.as_deref() == Some(key.as_str());
        if by_id && at > 0 && self.tree.is_finished(&key) {
            return Ok(());
        }
        let records = match (self.unseen(&key).await, &id) {
            // A stack that was deleted in the meantime is still read by its id.
            (Err(problem), Some(id)) if problem.is_missing() && !by_id => self.unseen(id).await,
            (Err(problem), _) if problem.is_missing() => Ok(Vec::new()),
            (read, _) => read,
        }?;
        if let Some(record) = records.last() {
            self.watched[at].id = Some(record.stack_id.clone());
        }
        let mut new: Vec<Record> =
            records.into_iter().filter(|record| !self.seen.contains(&record.id)).collect();
        self.explain_hooks(&mut new).await;
        new.into_iter().for_each(|record| self.take(record));
        Ok(())
    }

    /// Reads what hooks said before a rollback deletes what they were asked about.
    async fn explain_hooks(&mut self, records: &mut [Record]) {
        let Err(problem) = hooks::explain(&self.client, records).await else { return };
        tracing::debug!(problem = problem.text, "what the hooks said cannot be read");
        if problem.kind != Kind::Unsupported && !std::mem::replace(&mut self.hooks_hidden, true) {
            let reason = format!("what the hooks said: {}", problem.text);
            (self.listener.tell)(Event::StackNotVisible { step: self.listener.step.to_owned(), reason });
        }
    }

    /// Takes in one new event.
    fn take(&mut self, record: Record) {
        if !self.seen.insert(record.id.clone()) {
            return;
        }
        let took = self.tree.apply(&record);
        if let Some(nested) = record.nested() {
            self.watch(nested);
        }
        (self.listener.tell)(Event::StackChanged(Box::new(StackChange {
            step: self.listener.step.to_owned(),
            stack: short(&record.stack_id).to_owned(),
            depth: self.tree.depth(&record.stack_id),
            own: record.is_own(),
            logical: record.logical.clone(),
            kind: record.kind.clone(),
            status: record.status.clone(),
            reason: record.reason.clone(),
            hook: record.hook.as_ref().filter(|hook| hook.is_unhappy()).map(|hook| HookObjection {
                kind: hook.kind.clone(),
                said: hook.reason.clone(),
                refuses: hook.refuses(),
            }),
            took,
            slow: took.is_some_and(|took| super::data::is_slow(&record.kind, &record.status, took)),
        })));
        self.records.push(record);
    }

    /// Names the cause as soon as an event shows one.
    fn name_cause(&mut self) {
        if self.cause_told || !self.records.iter().any(Record::may_be_cause) {
            return;
        }
        let found = (self.listener.diagnose)(&record::json(&self.records));
        let Some(verdict) = found.verdict else { return };
        self.cause_told = true;
        (self.listener.tell)(Event::StackCause {
            step: self.listener.step.to_owned(),
            verdict: Box::new(verdict),
        });
    }

    /// The events of a stack that were not seen yet, oldest first.
    async fn unseen(&mut self, stack: &str) -> Result<Vec<Record>, Problem> {
        if self.source == Source::Operations {
            match self.operations(stack).await {
                // Whatever else is wrong, the older action may do better: an endpoint without the newer one says so in
                // words of its own.
                Err(problem) if !matches!(problem.kind, Kind::Missing | Kind::Throttled) => {
                    tracing::debug!(problem = problem.text, "DescribeEvents is not to be had");
                    self.source = Source::Stacks;
                }
                read => return read,
            }
        }
        self.stack_events(stack).await
    }

    async fn operations(&self, stack: &str) -> Result<Vec<Record>, Problem> {
        let mut pages = self.client.describe_events().stack_name(stack).into_paginator().send();
        let mut new = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(page) = pages.next().await else { break };
            let events = page.map_err(|error| Problem::of(&error))?.operation_events.unwrap_or_default();
            if self.extend(&mut new, events.into_iter().map(Record::from)) {
                break;
            }
        }
        new.reverse();
        Ok(new)
    }

    async fn stack_events(&self, stack: &str) -> Result<Vec<Record>, Problem> {
        let mut pages = self.client.describe_stack_events().stack_name(stack).into_paginator().send();
        let mut new = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(page) = pages.next().await else { break };
            let events = page.map_err(|error| Problem::of(&error))?.stack_events.unwrap_or_default();
            if self.extend(&mut new, events.into_iter().map(Record::from)) {
                break;
            }
        }
        new.reverse();
        Ok(new)
    }

    /// Adds events, newest first, up to one that was seen before; whether there was one.
    fn extend(&self, new: &mut Vec<Record>, events: impl Iterator<Item = Record>) -> bool {
        for event in events {
            if self.seen.contains(&event.id) {
                return true;
            }
            new.push(event);
        }
        false
    }
}
