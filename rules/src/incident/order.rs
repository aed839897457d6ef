//! Brings events into the order they happened in, whichever way round the tool printed them.

use std::collections::HashMap;

use crate::event::StackEvent;
use crate::formats::Format;
use crate::status::Status;

/// How the events of a text stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The oldest first.
    OldestFirst,
    /// The newest first.
    NewestFirst,
    /// Some parts one way, some the other.
    Mixed,
}

impl Order {
    /// The name a diagnosis reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OldestFirst => "oldest-first",
            Self::NewestFirst => "newest-first",
            Self::Mixed => "mixed",
        }
    }
}

/// The events as they happened, and how they stood. Each block is judged by itself.
pub(crate) fn chronological(events: Vec<StackEvent>, blocks: &[Format]) -> (Vec<StackEvent>, Order) {
    let (mut newest, mut oldest) = (false, false);
    let mut sorted = Vec::with_capacity(events.len());
    for part in events.chunk_by(|a, b| a.block == b.block) {
        let reverse = is_newest_first(part, blocks[part[0].block]);
        newest |= reverse;
        oldest |= !reverse;
        if reverse {
            sorted.extend(part.iter().rev().cloned());
        } else {
            sorted.extend(part.iter().cloned());
        }
    }
    let order = match (newest, oldest) {
        (true, true) => Order::Mixed,
        (true, false) => Order::NewestFirst,
        _ => Order::OldestFirst,
    };
    (sorted, order)
}

fn is_newest_first(part: &[StackEvent], format: Format) -> bool {
    let (forward, backward) = by_time(part);
    if forward != backward {
        return backward > forward;
    }
    let (forward, backward) = by_status(part);
    if forward != backward { backward > forward } else { format.is_newest_first() }
}

/// How many neighbours stand in rising and in falling order of their time of day or date.
fn by_time(part: &[StackEvent]) -> (usize, usize) {
    let keys: Vec<String> = part.iter().filter_map(|event| time_key(event.time.as_deref()?)).collect();
    let comparable = |pair: &&[String]| pair[0].len() == pair[1].len();
    let pairs = keys.windows(2).filter(comparable);
    pairs.fold((0, 0), |(forward, backward), pair| match pair[0].cmp(&pair[1]) {
        std::cmp::Ordering::Less => (forward + 1, backward),
        std::cmp::Ordering::Greater => (forward, backward + 1),
        std::cmp::Ordering::Equal => (forward, backward),
    })
}

/// A time as text that sorts: its date where that is year first, then hours (of 24), minutes, seconds.
fn time_key(time: &str) -> Option<String> {
    let colon = time.find(':')?;
    let before = time[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
    let hour: u32 = time[before.len()..colon].parse().ok()?;
    let clock = &time[colon..];
    let length = clock.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(clock.len());
    let upper = time.to_ascii_uppercase();
    let hour = match (upper.contains("PM"), upper.contains("AM")) {
        (true, _) if hour < 12 => hour + 12,
        (_, true) if hour == 12 => 0,
        _ => hour,
    };
    let date = time.get(..10).filter(|date| date.as_bytes()[4] == b'-').unwrap_or_default();
    Some(format!("{date}{hour:02}{}", clock[..length].trim_end_matches('.')))
}

/// How often one resource's statuses go forward and backward through its life.
fn by_status(part: &[StackEvent]) -> (usize, usize) {
    let mut last: HashMap<(Option<&str>, &str), Status> = HashMap::new();
    let (mut forward, mut backward) = (0, 0);
    for event in part {
        let Some(id) = event.logical_id.as_deref() else { continue };
        let before = last.insert((event.stack.as_deref(), id), event.status);
        match before.map(|before| before.rank().cmp(&event.status.rank())) {
            Some(std::cmp::Ordering::Less) => forward += 1,
            Some(std::cmp::Ordering::Greater) => backward += 1,
            _ => {}
        }
    }
    (forward, backward)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_several_spellings_sort() {
        assert!(time_key("11:59:59 AM") < time_key("1:00:00 PM"));
        assert!(time_key("2026-03-01 09:00:00 UTC+0100") < time_key("2026-03-01 10:00:00 UTC+0100"));
        assert!(time_key("2026-03-01T09:00:00.100Z") < time_key("2026-03-01T09:00:00.200Z"));
        assert_eq!(time_key("yesterday"), None);
        assert_eq!(time_key("2026-03-01 \u{3700}9:00:00"), time_key("2026-03-01 9:00:00"));
    }
}
