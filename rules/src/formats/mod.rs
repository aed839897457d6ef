//! Every supported output, read into one list of stack events.
//!
//! A log may hold several formats one after the other, so nothing is decided for the whole file: at each
//! line the readers are asked in order, and the first that knows what starts there takes its lines.
//! To add a format, write its reader and put it into [`READERS`].

mod ansible;
mod beanstalk;
mod cells;
mod console;
mod copilot;
mod eksctl;
mod json;
mod json_query;
mod json_value;
mod keyed;
mod listed;
mod loose;
mod rain;
mod rows;
mod serverless;
mod summary;
mod tailed;
mod terraform;
mod wrap;

use std::collections::BTreeMap;

use crate::decode::Line;
use crate::event::StackEvent;

/// What a text is, or which tool printed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// `describe-stack-events` JSON.
    StackEvents,
    /// `describe-events` JSON.
    Events,
    /// The AWS CLI with `--output text`.
    CliText,
    /// The AWS CLI with `--output table`.
    CliTable,
    /// Key and value lines: YAML, PowerShell lists, notifications.
    Keyed,
    /// A paste from the CloudFormation console.
    Console,
    /// The CDK's progress and its summary of failed resources.
    Cdk,
    /// SAM's event table.
    Sam,
    /// The Serverless Framework.
    Serverless,
    /// eksctl.
    Eksctl,
    /// AWS Copilot.
    Copilot,
    /// Elastic Beanstalk's CLI.
    Beanstalk,
    /// A tool's list of failed resources and reasons.
    Summary,
    /// No events, just text.
    Log,
}

impl Format {
    /// The name a diagnosis reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::StackEvents => "describe-stack-events",
            Self::Events => "describe-events",
            Self::CliText => "aws-cli-text",
            Self::CliTable => "aws-cli-table",
            Self::Keyed => "aws-cli-yaml",
            Self::Console => "console",
            Self::Cdk => "cdk",
            Self::Sam => "sam",
            Self::Serverless => "serverless",
            Self::Eksctl => "eksctl",
            Self::Copilot => "copilot",
            Self::Beanstalk => "beanstalk",
            Self::Summary => "summary",
            Self::Log => "log",
        }
    }

    /// Whether the tool prints the newest event first, where the events themselves do not tell.
    pub(crate) fn is_newest_first(self) -> bool {
        matches!(
            self,
            Self::StackEvents | Self::Events | Self::CliText | Self::CliTable | Self::Keyed | Self::Console
        ) || matches!(self, Self::Eksctl | Self::Summary)
    }
}

/// What a reader took.
pub(crate) struct Taken {
    /// The tool it recognised.
    pub(crate) format: Format,
    /// The events read, in the order they stand.
    pub(crate) events: Vec<StackEvent>,
    /// The first line, as an index, that is not taken.
    pub(crate) next: usize,
}

/// What readers know beyond the lines.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The columns of the last table header seen.
    pub(crate) header: Option<cells::Header>,
    /// JSON that failed to parse reaches to this line; values before it are not tried again.
    pub(crate) no_json_before: usize,
    /// Key and value lines without an event reach to this line; they are not tried again.
    pub(crate) no_keys_before: usize,
    /// How many lines were looked at for such runs.
    pub(crate) looked: usize,
    /// JSON of events that ends in the middle: the line and the events before it.
    pub(crate) truncated: Option<(usize, usize)>,
}

/// All events of a text.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The events in the order they stand.
    pub(crate) events: Vec<StackEvent>,
    /// For each block of events, its format.
    pub(crate) blocks: Vec<Format>,
    /// For each line, whether an event was read from it.
    pub(crate) used: Vec<bool>,
    /// JSON of events that ends in the middle: the line and the events before it.
    pub(crate) truncated: Option<(usize, usize)>,
}

type Reader = fn(&[Line<'_>], usize, &mut State) -> Option<Taken>;

const READERS: &[Reader] = &[
    json::read,
    keyed::read,
    eksctl::read,
    serverless::read,
    copilot::read,
    beanstalk::read,
    rain::read,
    terraform::read,
    listed::read,
    tailed::read,
    rows::read,
    console::read,
    summary::read,
    loose::read,
];

/// Reads all events of a text.
pub(crate) fn parse(lines: &[Line<'_>]) -> Parsed {
    parse_with(lines, &mut State::default())
}

fn parse_with(lines: &[Line<'_>], state: &mut State) -> Parsed {
    let mut parsed = Parsed { used: vec![false; lines.len()], ..Parsed::default() };
    let mut at = 0;
    while at < lines.len() {
        let taken = READERS.iter().find_map(|reader| reader(lines, at, state));
        let next = match taken {
            Some(taken) => parsed.take(taken, at, lines.len()),
            None => at + 1,
        };
        at = next.max(at + 1);
    }
    parsed.truncated = state.truncated;
    parsed
}

impl Parsed {
    fn take(&mut self, taken: Taken, at: usize, length: usize) -> usize {
        let next = taken.next.clamp(at + 1, length);
        if taken.events.is_empty() {
            return next;
        }
        if self.blocks.last() != Some(&taken.format) {
            self.blocks.push(taken.format);
        }
        let block = self.blocks.len() - 1;
        self.used[at..next].fill(true);
        self.events.extend(taken.events.into_iter().map(|event| StackEvent { block, ..event }));
        next
    }

    /// The format most events were read from.
    pub(crate) fn format(&self) -> Format {
        let mut counts: BTreeMap<Format, usize> = BTreeMap::new();
        for event in &self.events {
            *counts.entry(self.blocks[event.block]).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map_or(Format::Log, |(format, _)| format)
    }
}
