//! What a look at one part of a deployment found: how it stands, what it says, and what to do.

use serde::Serialize;

/// How long a reason may be, in characters.
const LONGEST_REASON: usize = 300;

/// How something stands, from best to worst to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Well,
    /// Not there yet, or worth knowing; nothing is broken.
    Attention,
    /// Broken or missing.
    Wrong,
    /// Not seen, so nothing is known.
    Unseen,
}

/// One part of a deployment, such as its certificate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// A short id, such as `certificate`.
    pub id: String,
    /// The name for people.
    pub title: String,
    /// How it stands.
    pub state: State,
    /// What was seen, or why nothing was, in one line.
    pub summary: String,
    /// What is behind it: records, pods, volumes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// Commands that mend it or tell more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// What it costs, where it is there and costs money.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<String>,
}

/// One thing behind a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// What was seen of it.
    pub says: String,
    /// What the rules know about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// What the rules make of something that does not work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The rule; absent where none knows it.
    pub rule: Option<String>,
    /// The cause in one sentence.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// What a reader makes of the answers; the probe adds its id and title.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) state: State,
    pub(super) summary: String,
    pub(super) items: Vec<Item>,
    pub(super) next: Vec<String>,
    pub(super) costs: Vec<String>,
}

impl Reading {
    pub(super) fn new(state: State, summary: impl Into<String>) -> Self {
        Self { state, summary: summary.into(), items: Vec::new(), next: Vec::new(), costs: Vec::new() }
    }

    /// Nothing was seen, and why.
    pub(super) fn unseen(reason: impl Into<String>) -> Self {
        Self::new(State::Unseen, one_line(&reason.into()))
    }

    /// With what is behind it; the whole is no better than its worst part that was seen.
    pub(super) fn with_items(mut self, items: Vec<Item>) -> Self {
        let seen = items.iter().map(|item| item.state).filter(|state| *state != State::Unseen);
        self.state = seen.fold(self.state, Ord::max);
        self.items = items;
        self
    }

    pub(super) fn with_next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }

    pub(super) fn with_cost(mut self, cost: impl Into<String>) -> Self {
        self.costs.push(cost.into());
        self
    }

    pub(super) fn into_finding(self, id: &str, title: &str) -> Finding {
        Finding {
            id: id.to_owned(),
            title: title.to_owned(),
            state: self.state,
            summary: self.summary,
            items: self.items,
            next: self.next,
            costs: self.costs,
        }
    }
}

/// A reason in one line of bearable length.
fn one_line(reason: &str) -> String {
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Item {
    pub(super) fn new(name: impl Into<String>, state: State, says: impl Into<String>) -> Self {
        Self { name: name.into(), state, says: says.into(), cause: None }
    }
}
