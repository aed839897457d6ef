//! From events to the incident: which operation failed, what each failure is, and which one is the root.

mod labels;
mod operations;
mod order;
mod stacks;
mod wording;

use crate::event::StackEvent;
use crate::formats::{Format, Parsed};
use crate::verdict::Noise;

pub(crate) use labels::{Label, fingerprint};
pub(crate) use operations::Outcome;
pub(crate) use order::Order;
pub(crate) use wording::{
    beyond_nested, beyond_summary, failed_names, has_any, is_by_operator, is_cancelled, is_empty_handed,
    points_at_log, tells_failure,
};

/// A failed event with what it is.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// The event.
    pub(crate) event: StackEvent,
    /// What it is.
    pub(crate) label: Label,
    /// Why it is that, in a few words.
    pub(crate) why: &'static str,
    /// The part of its reason that may hold a cause.
    pub(crate) telling: String,
}

/// What went wrong, read from the events.
#[derive(Debug)]
pub(crate) struct Incident {
    /// The failures of the operations diagnosed, in the order they happened.
    pub(crate) failures: Vec<Failure>,
    /// The root, as an index into the failures.
    pub(crate) root: Option<usize>,
    /// Why that one is the root.
    pub(crate) why: &'static str,
    /// The order the events stood in.
    pub(crate) order: Order,
    /// The stack whose operation failed.
    pub(crate) stack: Option<String>,
    /// The operation that failed.
    pub(crate) operation: Option<&'static str>,
    /// What became of each stack's operations.
    pub(crate) operations: Vec<Outcome>,
    /// How many events there are.
    pub(crate) events: usize,
}

/// The events of a text in the order they happened, each with the stack it belongs to.
pub(crate) fn in_order(parsed: &Parsed) -> Vec<StackEvent> {
    ordered(parsed.events.clone(), &parsed.blocks).0
}

fn ordered(events: Vec<StackEvent>, blocks: &[Format]) -> (Vec<StackEvent>, Order) {
    let (mut events, order) = order::chronological(events, blocks);
    stacks::name(&mut events);
    (events, order)
}

impl Incident {
    /// Reads the incident from parsed events.
    pub(crate) fn read(parsed: &mut Parsed) -> Self {
        let events = std::mem::take(&mut parsed.events);
        let count = events.len();
        let (events, order) = ordered(events, &parsed.blocks);
        let (failed, operations) = operations::failed(&events);
        let failures = labels::label(&events, &failed);
        let (root, why) = choose(&failures);
        let stack = root
            .and_then(|at| failures[at].event.stack.clone())
            .or_else(|| failed.iter().find_map(|operation| operation.stack.clone()));
        let operation = root.map(|at| failures[at].operation(&failed));
        Self { failures, root, why, order, stack, operation, operations, events: count }
    }

    /// The causes other than the root, in the order they happened.
    pub(crate) fn other_causes(&self) -> impl Iterator<Item = &Failure> {
        let root = self.root;
        self.failures
            .iter()
            .enumerate()
            .filter(move |(at, failure)| failure.label == Label::Cause && Some(*at) != root)
            .map(|(_, failure)| failure)
    }

    /// Whether the root is a cause rather than the least bad of what is there.
    pub(crate) fn has_cause(&self) -> bool {
        self.root.is_some_and(|at| self.failures[at].label == Label::Cause)
    }

    /// Whether nothing is there but cancellations and summaries of a few pasted lines.
    pub(crate) fn is_only_noise(&self) -> bool {
        self.events <= 2
            && !self.failures.is_empty()
            && self.failures.iter().all(|failure| {
                let noise = matches!(failure.label, Label::Cancelled | Label::ParentEcho);
                noise && !failure.event.reason.is_empty()
            })
    }

    /// How many failures were set aside, by why.
    pub(crate) fn noise(&self) -> Noise {
        let count = |label| {
            let aside = |(at, failure): &(usize, &Failure)| failure.label == label && Some(*at) != self.root;
            self.failures.iter().enumerate().filter(aside).count()
        };
        Noise {
            cancelled: count(Label::Cancelled),
            rollback: count(Label::RollbackEcho),
            parent_echo: count(Label::ParentEcho),
            consequence: count(Label::Consequence),
            repeated: count(Label::Repeated),
        }
    }
}

impl Failure {
    /// The resource it is about: the one a stack's own event names as failed, else the event's.
    pub(crate) fn resource(&self) -> Option<String> {
        let mut names = failed_names(&self.event.reason);
        names.dedup();
        match names.pop() {
            Some(only) if names.is_empty() && self.event.is_own_stack() => Some(only),
            _ => self.event.logical_id.clone(),
        }
    }

    fn operation(&self, failed: &[operations::Operation]) -> &'static str {
        let own = failed.iter().filter(|operation| operation.stack == self.event.stack);
        let verb = own.chain(failed).find_map(|operation| operation.verb);
        verb.unwrap_or_else(|| self.event.status.operation())
    }
}

/// The root: the first cause that names something; then the first cause; then the most telling echo.
fn choose(failures: &[Failure]) -> (Option<usize>, &'static str) {
    let first = |wanted: &dyn Fn(&Failure) -> bool| failures.iter().position(wanted);
    let cause = |failure: &Failure| failure.label == Label::Cause;
    let choices: [(Option<usize>, &'static str); 7] = [
        (first(&|f| cause(f) && !is_empty_handed(&f.telling)), "the first failure with a reason of its own"),
        (first(&|f| cause(f)), "the first failure that is not a consequence of another"),
        (
            first(&|f| f.label == Label::ParentEcho && beyond_nested(&f.event.reason).is_some()),
            "the nested stack that failed; its own events are not in the text",
        ),
        (
            first(&|f| f.label == Label::RollbackEcho && !f.event.reason.is_empty()),
            "what made the rollback fail; the failure before it is not in the text",
        ),
        (
            first(&|f| f.label == Label::Consequence && !f.event.is_own_stack()),
            "the first resource that failed; no event carries a reason",
        ),
        (first(&|f| !f.event.reason.is_empty()), "the only failure with a reason"),
        (failures.first().map(|_| 0), "the only failure in the text"),
    ];
    choices.into_iter().find(|(at, _)| at.is_some()).unwrap_or((None, "nothing failed"))
}
