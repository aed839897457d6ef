//! The stacks of an operation as a tree: what is done, what is under way since when, what failed.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::primitives::DateTime;

use crate::cloudformation::data;
use crate::cloudformation::record::Record;
use crate::event::{ResourceUnderWay, StackView};

/// Every stack seen in an operation, in the order of their appearance.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    stacks: Vec<Stack>,
}

#[derive(Debug)]
struct Stack {
    id: String,
    name: String,
    /// The stack it is nested in, and its logical id there.
    parent: Option<(String, String)>,
    status: String,
    begun: Option<DateTime>,
    ended: Option<DateTime>,
    resources: BTreeMap<String, Resource>,
}

#[derive(Debug)]
struct Resource {
    kind: String,
    status: String,
    begun: Option<DateTime>,
}

impl Tree {
    /// Takes in one event; returns how long what it ends took.
    pub(crate) fn apply(&mut self, record: &Record) -> Option<std::time::Duration> {
        if let Some(nested) = record.nested() {
            self.adopt(nested, &record.stack_id, &record.logical);
        }
        let stack = self.stack(&record.stack_id, &record.stack);
        if record.is_own() {
            stack.status.clone_from(&record.status);
            let running = is_running(&record.status);
            let before = stack.begun;
            if running && (stack.begun.is_none() || stack.ended.is_some()) {
                (stack.begun, stack.ended) = (record.time, None);
            }
            if !running {
                stack.ended = record.time;
            }
            return between(before, record.time).filter(|_| !running);
        }
        if record.logical.is_empty() || record.status.is_empty() {
            return None;
        }
        stack.resource(record)
    }

    /// How many resources of all stacks are done, and how many are known of.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let resources = || self.stacks.iter().flat_map(|stack| stack.resources.values());
        (resources().filter(|resource| !is_running(&resource.status)).count(), resources().count())
    }

    /// The stacks as they are, parents before their children.
    pub(crate) fn views(&self) -> Vec<StackView> {
        let mut views = Vec::new();
        for stack in self.stacks.iter().filter(|stack| self.parent_of(stack).is_none()) {
            self.collect(stack, 0, &mut views);
        }
        views
    }

    /// The statuses of a stack as its events tell them.
    pub(crate) fn is_finished(&self, id: &str) -> bool {
        self.stacks
            .iter()
            .any(|stack| stack.id == id && !stack.status.is_empty() && !is_running(&stack.status))
    }

    /// How deep a stack is nested.
    pub(crate) fn depth(&self, id: &str) -> usize {
        let mut depth = 0;
        let mut at = self.stacks.iter().find(|stack| stack.id == id);
        while let Some(parent) = at.and_then(|stack| self.parent_of(stack)) {
            depth += 1;
            at = Some(parent);
        }
        depth
    }

    fn collect(&self, stack: &Stack, depth: usize, views: &mut Vec<StackView>) {
        // Deeper than CloudFormation nests: a malformed answer must not recurse for ever.
        if depth > 16 {
            return;
        }
        views.push(stack.view(depth));
        let children = self.stacks.iter().filter(|child| {
            child.parent.as_ref().is_some_and(|(parent, _)| *parent == stack.id) && child.id != stack.id
        });
        children.for_each(|child| self.collect(child, depth + 1, views));
    }

    fn parent_of(&self, stack: &Stack) -> Option<&Stack> {
        let (parent, _) = stack.parent.as_ref()?;
        self.stacks.iter().find(|other| other.id == *parent && other.id != stack.id)
    }

    fn adopt(&mut self, child: &str, parent: &str, logical: &str) {
        let name = crate::cloudformation::record::short(child).to_owned();
        self.stack(child, &name).parent = Some((parent.to_owned(), logical.to_owned()));
    }

    fn stack(&mut self, id: &str, name: &str) -> &mut Stack {
        let at = self.stacks.iter().position(|stack| stack.id == id).unwrap_or_else(|| {
            self.stacks.push(Stack::new(id, name));
            self.stacks.len() - 1
        });
        &mut self.stacks[at]
    }
}

impl Stack {
    fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: None,
            status: String::new(),
            begun: None,
            ended: None,
            resources: BTreeMap::new(),
        }
    }

    fn resource(&mut self, record: &Record) -> Option<std::time::Duration> {
        let running = is_running(&record.status);
        let resource = self.resources.entry(record.logical.clone()).or_insert_with(|| Resource {
            kind: record.kind.clone(),
            status: String::new(),
            begun: None,
        });
        // A resource tells twice that it is in progress; its time counts from the first.
        if running && verb(&resource.status) != verb(&record.status) {
            resource.begun = record.time;
        }
        resource.status.clone_from(&record.status);
        between(resource.begun, record.time).filter(|_| !running)
    }

    fn view(&self, depth: usize) -> StackView {
        let running = self.resources.iter().filter(|(_, resource)| is_running(&resource.status));
        StackView {
            name: self.parent.as_ref().map_or_else(|| self.name.clone(), |(_, logical)| logical.clone()),
            depth,
            status: self.status.clone(),
            begun: self.begun.and_then(timestamp),
            took: between(self.begun, self.ended),
            done: self.resources.values().filter(|resource| !is_running(&resource.status)).count(),
            known: self.resources.len(),
            failed: self.resources.values().filter(|resource| resource.status.ends_with("_FAILED")).count(),
            running: running.map(|(logical, resource)| resource.under_way(logical)).collect(),
        }
    }
}

impl Resource {
    fn under_way(&self, logical: &str) -> ResourceUnderWay {
        ResourceUnderWay {
            logical: logical.to_owned(),
            kind: self.kind.clone(),
            status: self.status.clone(),
            begun: self.begun.and_then(timestamp),
            usual: data::usual(&self.kind, &self.status),
        }
    }
}

/// Whether a status says that something is under way.
pub(crate) fn is_running(status: &str) -> bool {
    status.ends_with("_IN_PROGRESS")
}

fn verb(status: &str) -> &str {
    status.split_once('_').map_or(status, |(verb, _)| verb)
}

fn timestamp(time: DateTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_nanosecond(time.as_nanos()).ok()
}

fn between(begun: Option<DateTime>, ended: Option<DateTime>) -> Option<std::time::Duration> {
    let (begun, ended) = (begun?.as_secs_f64(), ended?.as_secs_f64());
    std::time::Duration::try_from_secs_f64(ended - begun).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(stack: &str, logical: &str, physical: &str, kind: &str, status: &str, at: i64) -> Record {
        Record {
            stack_id: arn(stack),
            stack: stack.to_owned(),
            logical: logical.to_owned(),
            physical: physical.to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            time: Some(DateTime::from_secs(at)),
            ..Record::default()
        }
    }

    fn arn(stack: &str) -> String {
        format!("arn:aws:cloudformation:eu-west-1:000000000000:stack/{stack}/1")
    }

    const STACK: &str = crate::cloudformation::record::STACK;

    #[test]
    fn a_resource_counts_as_done_with_the_time_since_its_first_event() {
        let mut tree = Tree::default();
        for (status, at) in [("CREATE_IN_PROGRESS", 10), ("CREATE_IN_PROGRESS", 14)] {
            assert_eq!(tree.apply(&record("shop", "Queue", "", "AWS::SQS::Queue", status, at)), None);
        }
        let view = &tree.views()[0];
        assert_eq!((view.done, view.known, view.running[0].logical.as_str()), (0, 1, "Queue"));
        let took = tree.apply(&record("shop", "Queue", "", "AWS::SQS::Queue", "CREATE_COMPLETE", 70));
        assert_eq!((took.unwrap().as_secs(), tree.counts()), (60, (1, 1)));
    }

    #[test]
    fn a_nested_stack_stands_below_its_parent_under_its_logical_id() {
        let mut tree = Tree::default();
        tree.apply(&record("shop", "shop", &arn("shop"), STACK, "CREATE_IN_PROGRESS", 1));
        tree.apply(&record("shop", "Network", &arn("shop-Network-1"), STACK, "CREATE_IN_PROGRESS", 2));
        tree.apply(&record("shop-Network-1", "Vpc", "", "AWS::EC2::VPC", "CREATE_IN_PROGRESS", 3));
        let views = tree.views();
        let lines: Vec<(&str, usize)> = views.iter().map(|view| (view.name.as_str(), view.depth)).collect();
        assert_eq!(lines, [("shop", 0), ("Network", 1)]);
        assert_eq!(tree.depth(&arn("shop-Network-1")), 1);
    }

    #[test]
    fn a_stack_is_finished_when_its_own_event_says_so() {
        let mut tree = Tree::default();
        tree.apply(&record("shop", "shop", &arn("shop"), STACK, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", 1));
        assert!(!tree.is_finished(&arn("shop")));
        tree.apply(&record("shop", "shop", &arn("shop"), STACK, "UPDATE_COMPLETE", 31));
        assert!(tree.is_finished(&arn("shop")));
        assert_eq!(tree.views()[0].took.unwrap().as_secs(), 30);
    }
}
